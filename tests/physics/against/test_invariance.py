"""No number depends on how a crystal is described: cell, axes, units, or what is put beside it without coupling.

Where uncoupled levels cross, the degeneracy tolerance makes one group of levels of different slopes: the trace of a
product of matrices is then not the product of the means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.geometry.bloch import energies
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.mott_integral import mott_alpha
from explorer.physics.kernels.rows import ROW_COUNT, ROWS, fill_products
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.results.uniform import uniform_responses
from tests.physics.kernels.kernel_comparison import dense
from tests.physics.kernels.test_large_matrices import large
from tests.physics.kernels.test_small_matrices import small
from tests.physics.random_hamiltonians import random_hamiltonian, random_unitary
from tests.physics.transformations import (
    direct_sum,
    flat_level,
    mixed,
    other_cell,
    scaled,
    supercell,
    turned,
)

KERNELS = pytest.mark.parametrize("geometry", [dense, small, large])
Geometry = Callable[..., BandGeometry]
Change = Callable[[LatticeHamiltonian, np.random.Generator], LatticeHamiltonian]


def crossings(one: LatticeHamiltonian, other: LatticeHamiltonian, count: int, seed: int) -> Floats:
    """Wave vectors (2, count) at which a band of one crystal crosses a band of the other, to rounding."""
    rng, found = np.random.default_rng(seed), []
    while len(found) < count:
        start, along = (one.reciprocal.T @ rng.uniform(-0.5, 0.5, 2) for _ in range(2))

        def apart(t: float, a: int, b: int, start: Floats = start, along: Floats = along) -> float:
            k = (start + t * along)[:, None]
            return float(energies(one, k)[a, 0] - energies(other, k)[b, 0])

        for a, b in np.ndindex(one.size, other.size):
            if apart(0.0, a, b) * apart(1.0, a, b) < 0:
                t = float(brentq(apart, 0.0, 1.0, (a, b), xtol=1e-15, rtol=1e-15))
                found.append(start + t * along)
                break
    return np.ascontiguousarray(np.array(found).T)


def total_of_parts(parts: list[BandGeometry], energy: Floats, reach: float) -> Floats:
    """Rows summed over all levels of all parts within reach of an energy at each k, (ROW_COUNT, K)."""
    out = np.zeros((ROW_COUNT, len(energy)))
    for g in parts:
        out += (g.values * (np.abs(g.energy - energy) < reach)).sum(axis=1)
    return out


@KERNELS
@pytest.mark.parametrize("dipoles", [False, True])
def test_levels_of_two_crystals_that_cross_are_worth_the_sum_of_both(
    geometry: Geometry, dipoles: bool
) -> None:
    """Orbitals of both mixed at random, so that the slopes inside a group are no diagonal matrix."""
    one, other = random_hamiltonian(2, 11, dipoles=dipoles), random_hamiltonian(3, 12, dipoles=dipoles)
    k = crossings(one, other, 12, seed=3)
    parts = [dense(h, k) for h in (one, other)]
    h = mixed(direct_sum(one, other), random_unitary(np.random.default_rng(4), 5)).with_levels(1e-8, False)
    g = geometry(h, k)
    met = np.diff(g.groups, axis=0) == 0
    assert met.any(axis=0).all()
    at = met.argmax(axis=0)
    energy = g.energy[at, np.arange(k.shape[1])]
    found = total_of_parts([g], energy, 1e-8)
    expected = total_of_parts(parts, energy, 1e-8)
    scale = np.abs(np.array([p.values for p in parts[:1]])).max(axis=(0, 2)) + np.abs(expected)
    assert (np.abs(found - expected) / scale).max() < 1e-9
    # What means would give is far from it: this is no test of rounding.
    means = g.values.copy()
    fill_products(means)
    lost = np.abs(means - g.values)[[ROWS["surface_x"], ROWS["flux_x"]]].max(axis=(1, 2))
    assert (lost > 1e-2 * np.abs(g.values[[ROWS["surface_x"], ROWS["flux_x"]]]).max(axis=(1, 2))).all()


def folded(h: LatticeHamiltonian, k: Floats, steps: tuple[int, int]) -> list[Floats]:
    """The wave vectors of the primitive crystal that a supercell of steps folds onto k."""
    return [k + (h.reciprocal.T @ [m / steps[0], n / steps[1]])[:, None] for m, n in np.ndindex(*steps)]


def wide(h: LatticeHamiltonian, steps: tuple[int, int]) -> LatticeHamiltonian:
    """Supercell of steps[0] x steps[1] cells."""
    swap = np.array([[0, 1], [1, 0]])
    once = supercell(h, steps[0]) if steps[0] > 1 else h
    return other_cell(supercell(other_cell(once, swap), steps[1]), swap) if steps[1] > 1 else once


@pytest.mark.parametrize("steps", [(2, 1), (3, 2)])
@pytest.mark.parametrize("dipoles", [False, True])
def test_folded_levels_that_cross(steps: tuple[int, int], dipoles: bool) -> None:
    """All levels of a supercell, those that cross among them, against those of the crystal at the folded k."""
    h = random_hamiltonian(2, 5, dipoles=dipoles)
    big = wide(h, steps).with_levels(1e-8, False)
    assert big.cell_area == pytest.approx(steps[0] * steps[1] * h.cell_area)
    aside = replace(h, hoppings=h.hoppings * np.exp(-2j * np.pi * h.vectors[:, 0] / steps[0])[:, None, None])
    k = crossings(h, aside, 6, seed=1)
    g = band_geometry(big, k)
    assert (g.groups[-1] < big.size - 1).all()
    parts = [dense(h, q) for q in folded(h, k, steps)]
    scale = np.array([np.abs(p.values).max(axis=(1, 2)) for p in parts]).max(axis=0)
    for n in range(big.size):
        found, expected = (total_of_parts(x, g.energy[n], 1e-8) for x in ([g], parts))
        assert (np.abs(found - expected).max(axis=1) / scale).max() < 1e-9


def run(
    h: LatticeHamiltonian, integrand: Integrand, mu: float, kelvin: float, rtol: float = 1e-3
) -> Response:
    return adaptive_response(h, integrand, mu, kelvin, rtol=rtol)


def within_bars(one: Response, other: Response, carried: Floats, factor: tuple[float, float]) -> bool:
    """Whether the second is the first as axes carry it (2, 2), times factors of chi and of alpha."""
    for name, times in zip(("chi", "alpha"), factor, strict=True):
        value, bar = getattr(one, name)[0, 0], getattr(one, f"{name}_error")[0, 0]
        image, image_bar = getattr(other, name)[0, 0], getattr(other, f"{name}_error")[0, 0]
        allowed = abs(times) * np.abs(carried) @ bar + image_bar
        if not (np.abs(times * carried @ value - image) <= allowed).all():
            return False
    return True


def beside(h: LatticeHamiltonian, rng: np.random.Generator) -> LatticeHamiltonian:
    """With an uncoupled flat level within the bands."""
    return direct_sum(h, flat_level(h, float(rng.uniform(-1, 1))))


IDENTITY = np.eye(2)
CELLS: dict[str, Change] = {
    "supercell 2 x 1": lambda h, rng: wide(h, (2, 1)),
    "supercell 3 x 2": lambda h, rng: wide(h, (3, 2)),
    "another primitive cell": lambda h, rng: other_cell(h, np.array([[1, 1], [0, 1]])),
    "a flat level beside it": beside,
    "other orbitals": lambda h, rng: mixed(beside(h, rng), random_unitary(rng, h.size + 1)),
}
"""Descriptions of which chi and alpha know nothing."""


def check_description(seed: int) -> None:
    """One random crystal at a random state, described otherwise."""
    rng = np.random.default_rng(1000 + seed)
    h = random_hamiltonian(int(rng.integers(2, 4)), 300 + seed, dipoles=bool(rng.integers(2)))
    mu, kelvin = float(rng.uniform(-1.5, 1.5)), float(10 ** rng.uniform(2.0, 3.3))
    integrand = (INTRINSIC, EXTRINSIC_PER_PICOSECOND)[seed % 2]
    carried, factor, at = IDENTITY, (1.0, 1.0), (mu, kelvin)
    kind = seed % 8
    if kind < len(CELLS):
        image = list(CELLS.values())[kind](h, rng)
    elif kind == 5:  # rotations and mirrors, x <-> y among them: chi -> det(g) g chi
        angle = rng.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        g = [turn, np.array([[0.0, 1.0], [1.0, 0.0]]), turn @ np.diag([1.0, -1.0])][int(rng.integers(3))]
        image, carried = turned(h, g), np.linalg.det(g) * g
    elif kind == 6:  # both spins, or two crystals: sums
        image, factor = direct_sum(h, h), (2.0, 2.0)
    else:  # chi is a length, alpha too; the extrinsic of both an energy more
        energy, length = 10 ** rng.uniform(-5, 3), 10 ** rng.uniform(-2, 4)
        image, at = scaled(h, energy, length), (energy * mu, energy * kelvin)
        more = energy if integrand is EXTRINSIC_PER_PICOSECOND else 1.0
        factor = (length * more, length * more)
    one, other = run(h, integrand, mu, kelvin), run(image, integrand, *at)
    assert one.converged.all()
    assert other.converged.all()
    assert within_bars(one, other, carried, factor)


@pytest.mark.parametrize("seed", range(8))
def test_a_random_crystal_described_otherwise(seed: int) -> None:
    check_description(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8, 100))
def test_a_hundred_random_crystals_described_otherwise(seed: int) -> None:
    check_description(seed)


def test_two_crystals_are_worth_the_sum_of_both() -> None:
    one, other = random_hamiltonian(2, 31), random_hamiltonian(2, 32)
    parts = [run(h, INTRINSIC, 0.3, 300.0) for h in (one, other)]
    both = run(direct_sum(one, other), INTRINSIC, 0.3, 300.0)
    for name in ("chi", "alpha"):
        expected, bars = (sum(getattr(p, f"{name}{what}") for p in parts) for what in ("", "_error"))
        away = np.abs(expected - getattr(both, name))
        assert (away <= bars + getattr(both, f"{name}_error")).all()


@pytest.mark.parametrize(("energy", "length"), [(1e-5, 1.0), (1e3, 1.0), (1.0, 1e-2), (1.0, 1e4)])
def test_meshes_and_their_curves_have_no_scale_of_their_own(energy: float, length: float) -> None:
    """Triangles, plain sums and the Mott integral of the curve: the same numbers to rounding."""
    h = random_hamiltonian(3, 41)
    image = scaled(h, energy, length)
    for method in ("sum", "triangle"):
        one, other = (
            uniform_responses(
                x, [INTRINSIC], np.array([0.3 * e]), np.array([600.0 * e]), mesh=40, method=method
            )[0]
            for x, e in ((h, 1.0), (image, energy))
        )
        for name in ("chi", "alpha"):
            np.testing.assert_allclose(getattr(other, name), length * getattr(one, name), rtol=1e-8)
    one, other = (
        mott_alpha(x, INTRINSIC, 0.3 * e, 600.0 * e, base=6) for x, e in ((h, 1.0), (image, energy))
    )
    assert one.complete.all()
    assert other.complete.all()
    bars = length * one.error + other.error
    assert (np.abs(length * one.alpha - other.alpha) <= bars + 1e-5 * np.abs(other.alpha).max()).all()
