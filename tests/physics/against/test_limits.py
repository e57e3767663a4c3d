"""What must vanish, what must not depend on the description, and the closed form of two bands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.models.kit.plane import rotation
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.geometry.bloch import bloch_matrices, displacements
from explorer.physics.geometry.equation_11_gauge_free import geometry_block
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.kernels.rows import TERM1, TERM2
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.physics.zone.domain import zone_of
from tests.physics.random_hamiltonians import random_hamiltonian, random_unitary, random_wave_vectors
from tests.physics.transformations import mixed, moved_home, supercell, symmetrised, turned

MU, KELVIN = np.linspace(-2.0, 2.0, 9), np.array([600.0])
EXACT = 1e-9
"""Relative, between sums over the same points in two descriptions."""
WITH_AND_WITHOUT_DIPOLES = pytest.mark.parametrize("dipoles", [False, True], ids=["points", "dipoles"])


def responses(h: LatticeHamiltonian, integrand: Integrand = INTRINSIC, mesh: int = 24) -> Floats:
    """(chi, alpha) on a fixed mesh, (2, M, 2)."""
    k, weights = zone_of(h).mesh(mesh)
    chi, alpha = plain_sum(band_geometry(h, k), weights, integrand, MU, KELVIN)
    return np.array([chi[0], alpha[0]])


def same(computed: Floats, expected: Floats, tolerance: float = EXACT) -> bool:
    return float(np.abs(computed - expected).max()) < tolerance * float(np.abs(expected).max())


def well_separated(h: LatticeHamiltonian) -> LatticeHamiltonian:
    """Levels pulled 3 eV apart: the sea form of T2 then converges at once (section 2: why not otherwise)."""
    hoppings = h.hoppings.copy()
    hoppings[len(hoppings) // 2] += np.diag(3.0 * np.arange(h.size))
    return replace(h, hoppings=hoppings)


# --- what must vanish


def test_sea_form_of_close_bands_needs_the_surface_form() -> None:
    """The case that theory section 2 warns of: crossings of filled bands leave a residue on a mesh of 48."""
    h = random_hamiltonian(4, seed=31)
    k, weights = zone_of(h).mesh(48)
    g = band_geometry(h, k)
    above = np.array([g.energy.max() + 2.0])
    surface, sea = (
        np.abs(plain_sum(g, weights, i, above, KELVIN)[0]).max() for i in (INTRINSIC, INTRINSIC_SEA)
    )
    assert surface < 1e-9 * sea


@WITH_AND_WITHOUT_DIPOLES
@pytest.mark.parametrize("integrand", [INTRINSIC, INTRINSIC_SEA], ids=["surface", "sea"])
def test_all_bands_filled_give_nothing(integrand: Integrand, dipoles: bool) -> None:
    h = well_separated(random_hamiltonian(4, seed=31, dipoles=dipoles))
    k, weights = zone_of(h).mesh(48)
    g = band_geometry(h, k)
    above = np.array([g.energy.max() + 2.0])
    chi, alpha = plain_sum(g, weights, integrand, above, np.array([300.0]))
    metallic = plain_sum(g, weights, integrand, np.linspace(g.energy.min(), g.energy.max(), 9), KELVIN)
    assert np.abs(chi).max() < 1e-9 * np.abs(metallic[0]).max()
    assert np.abs(alpha).max() < 1e-9 * np.abs(metallic[1]).max()


@WITH_AND_WITHOUT_DIPOLES
def test_the_first_term_of_all_bands_cancels_at_each_k(dipoles: bool) -> None:
    h = random_hamiltonian(5, seed=32, dipoles=dipoles)
    term1 = band_geometry(h, random_wave_vectors(h, 20, seed=6)).term1
    assert np.abs(term1.sum(axis=1)).max() < 1e-10 * np.abs(term1).max()


@WITH_AND_WITHOUT_DIPOLES
@pytest.mark.parametrize(("inversion", "reversal"), [(True, False), (False, True)], ids=["P", "T"])
def test_inversion_or_time_reversal_leaves_no_response(
    inversion: bool, reversal: bool, dipoles: bool
) -> None:
    h = random_hamiltonian(4, seed=33, dipoles=dipoles)
    kept = responses(symmetrised(h, inversion=inversion, reversal=reversal))
    broken = responses(h)
    for forbidden, allowed in zip(kept, broken, strict=True):
        assert np.abs(forbidden).max() < 1e-9 * np.abs(allowed).max()


@WITH_AND_WITHOUT_DIPOLES
def test_their_product_leaves_the_response_and_no_curvature(dipoles: bool) -> None:
    h = random_hamiltonian(4, seed=34, dipoles=dipoles)
    both = symmetrised(h, inversion=True, reversal=True)
    g, free = (band_geometry(x, random_wave_vectors(h, 10, seed=7)) for x in (both, h))
    assert np.abs(g.berry_curvature).max() < 1e-9 * np.abs(free.berry_curvature).max()
    assert np.abs(g.orbital_moment).max() < 1e-9 * np.abs(free.orbital_moment).max()
    assert np.abs(responses(both)).max() > 1e-2 * np.abs(responses(h)).max()


@WITH_AND_WITHOUT_DIPOLES
def test_second_term_of_a_filled_set_integrates_to_zero(dipoles: bool) -> None:
    h = random_hamiltonian(3, seed=3, dipoles=dipoles)
    k, weights = zone_of(h).mesh(80)
    g = band_geometry(h, k)
    assert g.energy[1].min() - g.energy[0].max() > 0.3
    term2 = g.term2[:, 0]
    assert np.abs(term2 @ weights).max() < 1e-7 * (np.abs(term2) @ weights).max()


# --- what must not depend on the description


def assert_same_geometry(one: BandGeometry, two: BandGeometry, tolerance: float = EXACT) -> None:
    for row in range(len(one.values)):
        assert same(two.values[row], one.values[row], tolerance)


@WITH_AND_WITHOUT_DIPOLES
def test_home_cells_are_a_matter_of_bookkeeping(dipoles: bool) -> None:
    h = random_hamiltonian(3, seed=35, dipoles=dipoles)
    k = random_wave_vectors(h, 12, seed=8)
    other = moved_home(moved_home(h, 0, (1, 0)), 2, (-1, 2))
    assert np.abs(other.positions - h.positions).max() > 1.0
    assert_same_geometry(band_geometry(h, k), band_geometry(other, k))
    assert same(responses(other), responses(h))


@WITH_AND_WITHOUT_DIPOLES
def test_origin_of_space(dipoles: bool) -> None:
    h = random_hamiltonian(3, seed=36, dipoles=dipoles)
    k = random_wave_vectors(h, 12, seed=9)
    away = replace(h, positions=h.positions + np.array([0.7, -1.9]))
    assert_same_geometry(band_geometry(h, k), band_geometry(away, k))


def test_orbital_positions_are_physics() -> None:
    """Leaving one orbital's position out changes L (theory section 2): the tests above are not empty."""
    h = random_hamiltonian(3, seed=35)
    positions = h.positions.copy()
    positions[0] = 0.0
    k = random_wave_vectors(h, 12, seed=8)
    flat = replace(h, positions=positions)
    assert not same(band_geometry(flat, k).lambda_, band_geometry(h, k).lambda_, 1e-2)


@WITH_AND_WITHOUT_DIPOLES
def test_wave_vectors_count_modulo_the_reciprocal_lattice(dipoles: bool) -> None:
    h = random_hamiltonian(4, seed=37, dipoles=dipoles)
    k = random_wave_vectors(h, 12, seed=10)
    image = k + (2 * h.reciprocal[0] - 3 * h.reciprocal[1])[:, None]
    assert_same_geometry(band_geometry(h, k), band_geometry(h, image))


@WITH_AND_WITHOUT_DIPOLES
def test_orbitals_mixed_across_places_and_cells(dipoles: bool) -> None:
    """Point orbitals rewritten as combinations of orbitals at other places and in other cells: the position
    matrices that come with them must give back every number, <n|F|n> of the curvature included."""
    h = random_hamiltonian(3, seed=38, dipoles=dipoles)
    k = random_wave_vectors(h, 12, seed=11)
    rng = np.random.default_rng(38)
    other = mixed(h, random_unitary(rng, 3))
    other = mixed(moved_home(other, 1, (1, -1)), random_unitary(rng, 3))
    assert np.abs(other.dipoles).max() > 0.1
    assert_same_geometry(band_geometry(h, k), band_geometry(other, k))
    assert same(responses(other), responses(h))


@WITH_AND_WITHOUT_DIPOLES
@pytest.mark.parametrize("q", [2, 3])
def test_a_supercell_has_the_same_response_per_area(q: int, dipoles: bool) -> None:
    h = random_hamiltonian(2, seed=39, dipoles=dipoles)
    big = supercell(h, q)
    n = 24
    s, t = np.meshgrid(np.arange(n // q) * q / n, np.arange(n) / n, indexing="ij")
    zone = zone_of(big)
    weights = np.full(s.size, zone.area / (4 * np.pi**2 * s.size))
    g = band_geometry(big, zone.wave_vectors(s.ravel(), t.ravel()))
    chi, alpha = plain_sum(g, weights, INTRINSIC_SEA, MU, KELVIN)
    expected = responses(h, INTRINSIC_SEA, n)
    assert same(chi[0], expected[0])
    assert same(alpha[0], expected[1])


OPERATIONS = {
    "turn": rotation(0.61),
    "mirror": np.diag([-1.0, 1.0]),
    "glide off axis": rotation(1.1) @ np.diag([1.0, -1.0]),
    "half turn": -np.eye(2),
}


@WITH_AND_WITHOUT_DIPOLES
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_turning_the_crystal_turns_chi(operation: Floats, dipoles: bool) -> None:
    """chi -> det(g) g chi: a vector in the plane times M_z (theory section 4)."""
    h = random_hamiltonian(3, seed=40, dipoles=dipoles)
    other = turned(h, operation)
    sign = np.linalg.det(operation)
    assert same(responses(other), sign * responses(h) @ operation.T)
    k = random_wave_vectors(h, 6, seed=12)
    one, two = band_geometry(h, k), band_geometry(other, operation @ k)
    for name in ("term1", "term2"):
        here, there = getattr(one, name), getattr(two, name)
        assert same(there, sign * np.einsum("ab,bnk->ank", operation, here))
    assert same(two.berry_curvature, sign * one.berry_curvature)
    assert same(two.orbital_moment, sign * one.orbital_moment)


def test_reversing_time_reverses_chi() -> None:
    h = random_hamiltonian(3, seed=41, dipoles=True)
    other = replace(h, hoppings=h.hoppings.conj(), dipoles=h.dipoles.conj())
    assert same(responses(other), -responses(h))


@pytest.mark.parametrize(("factor", "shift"), [(2.5, 0.0), (1.0, 0.8)])
def test_units_of_energy_and_length(factor: float, shift: float) -> None:
    """L has dimension length^3 and none of energy; a common energy shift does nothing."""
    h = random_hamiltonian(3, seed=42)
    k = random_wave_vectors(h, 6, seed=13)
    hoppings = factor * h.hoppings
    hoppings[len(hoppings) // 2] += shift * np.eye(3)
    other = LatticeHamiltonian(1.7 * h.cell, 1.7 * h.positions, h.vectors, hoppings)
    assert same(band_geometry(other, k / 1.7).lambda_, 1.7**3 * band_geometry(h, k).lambda_)


# --- two bands


def pauli_series(h: LatticeHamiltonian, k: Floats) -> list[Floats]:
    """(h0, d), first and second derivatives at one k from H = h0 + d.sigma, phases written out: 6 of (4,)."""
    d = displacements(h)
    phase = h.hoppings * np.exp(1j * np.tensordot(k, d, axes=1))
    sigma = np.array([np.eye(2), [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], np.diag([1, -1])])
    factors = [1.0, 1j * d[0], 1j * d[1], -d[0] * d[0], -d[0] * d[1], -d[1] * d[1]]
    return [np.einsum("aij,ji->a", sigma, (f * phase).sum(axis=0)).real / 2 for f in factors]


def two_band_closed_form(h: LatticeHamiltonian, k: Floats) -> tuple[Floats, Floats]:
    r"""T1 and T2 of the lower and upper band, (2, 2) each [angstrom^3].

    With one other band, sum over m' in (11) leaves v^n + v^m = 2 dh0, e_n - e_m = +-2|d|, and
    A_i^{nm} A_j^{mn} has real part G_ij = d_i n . d_j n / 4 for the unit vector n = d/|d|, so
    T1_i = +-(d_x h0 G_iy - d_y h0 G_ix)/|d| and T2_i = eps_jl d_j G_il / 2, the same for both bands.
    """
    h_0, h_x, h_y, h_xx, h_xy, h_yy = pauli_series(h, k)
    d, d_i, d_ij = h_0[1:], [h_x[1:], h_y[1:]], [[h_xx[1:], h_xy[1:]], [h_xy[1:], h_yy[1:]]]
    size = np.linalg.norm(d)
    n = d / size
    size_i = [n @ x for x in d_i]
    n_i = [(d_i[i] - n * size_i[i]) / size for i in (0, 1)]

    def n_ij(i: int, j: int) -> Floats:
        size_ij = n_i[j] @ d_i[i] + n @ d_ij[i][j]
        return np.asarray((d_ij[i][j] - n_i[j] * size_i[i] - n * size_ij - n_i[i] * size_i[j]) / size)

    G = np.array([[n_i[i] @ n_i[j] for j in (0, 1)] for i in (0, 1)]) / 4

    def dG(a: int, i: int, j: int) -> float:
        return float(n_ij(i, a) @ n_i[j] + n_i[i] @ n_ij(j, a)) / 4

    upper = np.array([h_x[0] * G[i, 1] - h_y[0] * G[i, 0] for i in (0, 1)]) / size
    curl = np.array([dG(0, i, 1) - dG(1, i, 0) for i in (0, 1)]) / 2
    return np.stack([-upper, upper], axis=1), np.stack([curl, curl], axis=1)


@pytest.mark.parametrize("seed", range(5))
def test_two_bands_closed_form(seed: int) -> None:
    h = random_hamiltonian(2, seed=50 + seed)
    k = random_wave_vectors(h, 20, seed=seed)
    dense = geometry_block(bloch_matrices(h, k), h.degeneracy_tolerance, False)
    term1, term2 = (
        np.stack(x, axis=-1) for x in zip(*(two_band_closed_form(h, q) for q in k.T), strict=True)
    )
    for values in (dense, band_geometry(h, k).values):  # the general kernel, and whichever is fastest
        assert same(values[TERM1], term1, 1e-10)
        assert same(values[TERM2], term2, 1e-10)
