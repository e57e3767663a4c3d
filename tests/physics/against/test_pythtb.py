"""Against PythTB: its own H(k), eigenstates and Berry fluxes, on models entered hopping by hopping.

PythTB's convention 1 carries the orbital positions in the phases, as here; its Berry phase is -Im ln of the
product of overlaps, so that flux per area tends to Omega = -2 Im <n_x|n_y>. Flux and overlap are finite
differences of three sizes about k, extrapolated to zero size.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pythtb import tb_model, wf_array

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import band_geometry
from tests.physics.random_hamiltonians import random_hamiltonian, random_wave_vectors

STEP = 0.02
"""Largest size of a difference, in units of what the states vary on."""

HAMILTONIANS = {
    "haldane": Haldane().hamiltonian(),
    "haldane-trivial": Haldane(mass=1.2, flux=0.4).hamiltonian(),
    "random-2": random_hamiltonian(2, seed=81),
    "random-4": random_hamiltonian(4, seed=82),
    "random-5": random_hamiltonian(5, seed=83, reach=2),
}


def entered(h: LatticeHamiltonian) -> Any:
    """The same model in PythTB: every hopping once, its adjoint left to PythTB."""
    model = tb_model(2, 2, h.cell.tolist(), (h.positions @ np.linalg.inv(h.cell)).tolist())
    for (r1, r2), t in zip(h.vectors.tolist(), h.hoppings, strict=True):
        for i, j in np.ndindex(h.size, h.size):
            if (r1, r2) == (0, 0) and i == j:
                model.set_onsite(float(t[i, i].real), i)
            elif ((r1, r2) > (0, 0) or ((r1, r2) == (0, 0) and i < j)) and abs(t[i, j]) > 0:
                model.set_hop(complex(t[i, j]), i, j, [r1, r2])
    return model


def fractional(h: LatticeHamiltonian, k: Floats) -> Floats:
    return np.asarray(h.cell @ k / (2 * np.pi))


def square(model: Any, h: LatticeHamiltonian, k: Floats, side: float) -> Any:
    """PythTB's states on the four corners of a Cartesian square centred on k."""
    states = wf_array(model, [2, 2])
    for i, j in np.ndindex(2, 2):
        corner = k + side * (np.array([i, j]) - 0.5)
        states.solve_on_one_point(fractional(h, corner), [i, j])
    return states


def extrapolated(values: list[Floats]) -> Floats:
    """Value at zero size from sizes s, s/2, s/4 with an error even in s: of sixth order."""
    first = [(4 * fine - coarse) / 3 for coarse, fine in pairwise(values)]
    return np.asarray((16 * first[1] - first[0]) / 15)


def sizes(metric: Floats) -> list[float]:
    """Three sizes [1/angstrom], from the shortest distance on which states of this metric vary."""
    side = STEP / max(float(np.sqrt(np.abs(metric).max())), 1.0)
    return [side, side / 2, side / 4]


@pytest.fixture(params=HAMILTONIANS.values(), ids=HAMILTONIANS)
def h(request: pytest.FixtureRequest) -> LatticeHamiltonian:
    return request.param  # type: ignore[no-any-return]


def test_energies(h: LatticeHamiltonian) -> None:
    model, k = entered(h), random_wave_vectors(h, 20, seed=1)
    expected = np.array([model.solve_one(q) for q in fractional(h, k).T]).T
    assert np.abs(band_geometry(h, k).energy - expected).max() < 1e-12 * np.abs(expected).max()


def test_energies_of_a_spinful_model() -> None:
    h = CuMnAs(neel_angle=30.0, staggering=0.2).hamiltonian()
    model, k = entered(h), random_wave_vectors(h, 20, seed=2)
    expected = np.array([model.solve_one(q) for q in fractional(h, k).T]).T
    assert np.abs(band_geometry(h, k).energy - expected).max() < 1e-12 * np.abs(expected).max()


def test_berry_curvature_is_flux_per_area(h: LatticeHamiltonian) -> None:
    model, k = entered(h), random_wave_vectors(h, 6, seed=3)
    g = band_geometry(h, k)
    for point, q in enumerate(k.T):
        squares = [(square(model, h, q, s), s) for s in sizes(g.metric[..., point])]
        scale = np.abs(g.berry_curvature[:, point]).max()
        for band in range(h.size):
            flux = extrapolated([corners.berry_flux([band]) / s**2 for corners, s in squares])
            assert abs(flux - g.berry_curvature[band, point]) < 1e-6 * scale


def overlap_metric(model: Any, h: LatticeHamiltonian, k: Floats, side: float, direction: Floats) -> Floats:
    """(1 - |<u(k - d/2)|u(k + d/2)>|^2)/|d|^2 of each band from PythTB's states: d.G.d."""
    left, right = (
        model.solve_one(fractional(h, k + s * side * direction), eig_vectors=True)[1] for s in (-0.5, 0.5)
    )
    link = np.einsum("bi,bi->b", np.conj(left), right)
    return np.asarray((1 - np.abs(link) ** 2) / side**2)


def test_quantum_metric_is_the_distance_of_neighbours(h: LatticeHamiltonian) -> None:
    model, k = entered(h), random_wave_vectors(h, 6, seed=4)
    g = band_geometry(h, k)
    directions: dict[tuple[float, float], Floats] = {
        (1.0, 0.0): g.metric[0],
        (0.0, 1.0): g.metric[2],
        (1.0, 1.0): g.metric[0] + 2 * g.metric[1] + g.metric[2],
    }
    for point, q in enumerate(k.T):
        scale = np.abs(g.metric[:, :, point]).max()
        for direction, expected in directions.items():
            distance = extrapolated(
                [overlap_metric(model, h, q, s, np.array(direction)) for s in sizes(g.metric[..., point])]
            )
            assert np.abs(distance - expected[:, point]).max() < 1e-6 * scale


def test_orbital_moment_from_their_matrices(h: LatticeHamiltonian) -> None:
    """Im <n_x|(H - e_n)|n_y> by differences of PythTB's H(k): sum over its own states."""
    model, k = entered(h), random_wave_vectors(h, 6, seed=5)
    g = band_geometry(h, k)

    def slope(q: Floats, axis: Floats) -> Complexes:
        ends = ((model._gen_ham(fractional(h, q + sign * s * axis)) for sign in (1, -1)) for s in steps)
        return extrapolated([(up - down) / (2 * s) for (up, down), s in zip(ends, steps, strict=True)])

    steps = [0.02, 0.01, 0.005]
    for point, q in enumerate(k.T):
        energy, states = model.solve_one(fractional(h, q), eig_vectors=True)
        slopes = [states.conj() @ slope(q, axis) @ states.T for axis in np.eye(2)]
        for n in range(h.size):
            others = [m for m in range(h.size) if m != n]
            expected = sum((slopes[0][n, m] * slopes[1][m, n]).imag / (energy[m] - energy[n]) for m in others)
            scale = np.abs(g.orbital_moment[:, point]).max()
            assert abs(g.orbital_moment[n, point] - expected) < 1e-6 * scale


def test_chern_number_of_haldane() -> None:
    """PythTB's total flux of the filled band is 2 pi times an integer, and ours is the same one."""
    h = Haldane(anisotropy=0.1, mass=0.1).hamiltonian()
    n = 41
    states = wf_array(entered(h), [n, n])
    states.solve_on_grid([0.0, 0.0])
    flux = float(states.berry_flux([0]))
    k = h.reciprocal.T @ np.stack(np.meshgrid(*2 * (np.arange(n - 1) / (n - 1),), indexing="ij")).reshape(
        2, -1
    )
    area = abs(np.linalg.det(h.reciprocal)) / k.shape[1]
    orientation = np.sign(np.linalg.det(h.cell))
    ours = float(band_geometry(h, k).berry_curvature[0].sum() * area)
    assert abs(flux) == pytest.approx(2 * np.pi, rel=1e-9)
    assert ours == pytest.approx(orientation * flux, rel=1e-6)
