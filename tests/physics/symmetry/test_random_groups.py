"""What Table I allows, against crystals made at random from their symmetry alone.

Orbitals s and p with spin on one site, every hopping to the neighbours at random and averaged over a magnetic group
of the square or hexagonal crystal: nothing but the group is left, so every response that the table allows must be
there, every other must cancel over the star of a wave vector, and tied components must be tied.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.models.kit.point_operations import PointOperation, layer_operations
from explorer.models.kit.spin_half import PAULI, TIME_REVERSAL
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.occupations import fermi, fermi_slope
from explorer.physics.responses.catalogue import kinds, rows
from explorer.physics.responses.row import Inputs
from explorer.physics.responses.spin_edelstein import spin_geometry
from explorer.physics.symmetry.allowed_components import symmetry_table
from explorer.physics.units import K_B

ABSENT, PRESENT = 1e-7, 1e-5
CELLS = {4: 3.0 * np.eye(2), 6: 3.0 * np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])}
SPIN: Complexes = np.array([np.kron(np.eye(4), s) for s in PAULI])
Operation = tuple[Floats, bool, Complexes]
"""On positions (3, 3), with T or not, on the orbitals (8, 8)."""


def operation(g: PointOperation, reversal: bool) -> Operation:
    orbitals = np.eye(4)
    orbitals[1:, 1:] = g.polar
    matrix = np.kron(orbitals, g.spin @ TIME_REVERSAL if reversal else g.spin)
    return g.polar, reversal, matrix.astype(np.complex128)


def group(generators: list[Operation]) -> list[Operation]:
    found = [(np.eye(3), False, np.eye(8, dtype=complex))]
    for a, t, u in found:  # grows while it is walked
        for b, s, v in generators:
            new = (b @ a, s != t, v @ (u.conj() if s else u))
            if not any(new[1] == o[1] and np.allclose(new[0], o[0]) for o in found):
                found.append(new)
    return found


def crystal(fold: int, elements: list[Operation], rng: np.random.Generator) -> LatticeHamiltonian:
    cell = CELLS[fold]
    vectors = [v for v in product(range(-2, 3), repeat=2) if np.linalg.norm(np.array(v) @ cell) < 5.3]
    at = {v: i for i, v in enumerate(vectors)}
    raw = rng.normal(size=(2, len(vectors), 8, 8))
    hoppings = raw[0] + 1j * raw[1]
    hoppings += hoppings[[at[-i, -j] for i, j in vectors]].conj().transpose(0, 2, 1)
    kept = np.zeros_like(hoppings)
    for turn, reversal, u in elements:
        moved = np.round(np.array(vectors) @ cell @ turn[:2, :2].T @ np.linalg.inv(cell)).astype(int)
        image = u @ (hoppings.conj() if reversal else hoppings) @ u.conj().T
        kept[[at[int(i), int(j)] for i, j in moved]] += image / len(elements)
    return LatticeHamiltonian(cell, np.zeros((8, 2)), np.array(vectors), kept)


def sums(h: LatticeHamiltonian, k: Floats) -> dict[str, tuple[Floats, float]]:
    """Every response summed over k, (C,), and the scale of its terms."""
    g, s = band_geometry(h, k), spin_geometry(h, SPIN, k)
    width, mu = float(np.ptp(g.energy)), float(np.median(g.energy)) + 0.3
    kelvin = width / 8 / K_B
    f, slope = fermi(g.energy, mu, kelvin), fermi_slope(g.energy, mu, kelvin)
    stretch, speed = g.metric[0] + g.metric[2], np.abs(g.velocity).mean(axis=0)

    def of(terms: Floats, scale: Floats) -> tuple[Floats, float]:
        return terms.sum(axis=(-2, -1)), float(np.abs(scale).sum())

    written_out = {
        "intrinsic": of(f * g.lambda_, f * np.abs(g.lambda_).sum(axis=0)),
        "extrinsic": of(slope * g.velocity * g.orbital_moment, slope * speed * stretch * width),
        "equilibrium magnetization": of((f * g.orbital_moment)[None], f * stretch * width),
        "anomalous Hall and Nernst": of((f * g.berry_curvature)[None], f * stretch),
        "equilibrium spin": of(f * s.expectation, f),
        "spin, intrinsic": of(f * s.interband, f * np.sqrt(stretch) / width),
        "spin, extrinsic": of(slope * s.flux, slope * speed),
    }
    for row in rows():
        if row.kind.name not in written_out:
            integrand = row.integrand(Inputs(h, SPIN))
            (sea, surface), (a, b) = integrand.densities(g), integrand.natural_sizes(g)
            at_sea, at_line = np.any(sea != 0), np.any(surface != 0)
            written_out[row.kind.name] = of(f * sea + slope * surface, at_sea * f * a + at_line * slope * b)
    return written_out


@pytest.mark.parametrize("seed", range(60))
def test_the_table_is_what_random_crystals_have(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fold = 4 if seed % 2 else 6
    candidates = [operation(g, t) for g in layer_operations(fold) for t in (False, True)][1:]
    chosen = rng.integers(len(candidates), size=rng.integers(1, 4))
    elements = group([candidates[i] for i in chosen])
    h = crystal(fold, elements, rng)
    k = rng.uniform(-1.0, 1.0, (2, 3))
    star = np.concatenate([(-1 if t else 1) * turn[:2, :2] @ k for turn, t, _ in elements], axis=1)
    found = sums(h, np.ascontiguousarray(star))
    for row in symmetry_table(kinds(), [Symmetry("g", g[:2, :2], u, t) for g, t, u in elements[1:]], SPIN):
        value, scale = found[row.kind.name]
        allowed = np.array(row.allowed)
        assert np.all(np.abs(value[allowed]) > PRESENT * scale), row.kind.name
        assert np.abs(row.projector() @ value - value).max() < ABSENT * scale, row.kind.name
