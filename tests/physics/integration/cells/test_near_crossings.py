"""Avoided crossings narrower than the points of a cell: their half gap from afar, and the integral over them."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.honeycomb_antiferromagnet import HoneycombAntiferromagnet
from explorer.models.kit.hamiltonian import PolynomialHamiltonian
from explorer.models.kit.point_operations import PAULI
from explorer.models.mos2 import MoS2
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.cells.near_crossings import half_gap, hidden_crossings
from explorer.physics.responses.intrinsic import INTRINSIC
from tests.physics.random_hamiltonians import (
    in_kramers_pairs,
    random_hamiltonian,
    random_unitary,
    random_wave_vectors,
)
from tests.physics.transformations import mixed


def avoided(half: float, copies: int = 1) -> PolynomialHamiltonian:
    """0.7 k_y + 2 k_x sigma_z + delta sigma_x, each level `copies` times, in a basis of its own."""
    turn = random_unitary(np.random.default_rng(4), 2 * copies)
    terms = [half * PAULI[0], 2.0 * PAULI[2], 0.7 * np.eye(2)]
    matrices = np.array([turn.conj().T @ np.kron(t, np.eye(copies)) @ turn for t in terms])
    return PolynomialHamiltonian(np.array([[0, 0], [1, 0], [0, 1]]), matrices, 1.0)


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("half", [1e-4, 3e-2])
def test_the_half_gap_shows_from_afar(half: float, copies: int) -> None:
    k = np.array([[0.3, -0.02, 1e-4], [0.1, 0.5, -0.4]])
    assert half_gap(avoided(half, copies), k, np.full(3, copies - 1)) == pytest.approx(half, rel=1e-8)


def test_bands_that_do_not_couple_have_none() -> None:
    k = np.array([[0.3, -0.02], [0.1, 0.5]])
    assert np.abs(half_gap(avoided(0.0), k, np.zeros(2, dtype=int))).max() < 1e-15


def test_position_matrices_are_part_of_the_coupling() -> None:
    h = random_hamiltonian(3, seed=38)
    other = mixed(h, random_unitary(np.random.default_rng(38), 3))
    k, band = random_wave_vectors(h, 8, seed=1), np.arange(8) % 2
    assert half_gap(other, k, band) == pytest.approx(half_gap(h, k, band), rel=1e-9)
    doubled = half_gap(in_kramers_pairs(h, seed=2), k, 2 * band + 1)
    assert doubled == pytest.approx(half_gap(h, k, band), rel=1e-9)


@pytest.mark.parametrize(("half", "found"), [(1e-3, True), (1e-9, False), (0.2, False)])
def test_only_what_the_points_cannot_resolve_and_what_couples_is_hidden(half: float, found: bool) -> None:
    h = avoided(half)
    k = np.array([[[-0.04, -0.03, 0.05]], [[0.0, 0.02, -0.01]]])
    energy = np.linalg.eigvalsh(bloch_matrices(h, k.reshape(2, -1)).H).T.reshape(2, 1, 3)
    hidden = hidden_crossings(h, k, energy, np.full((1, 1), 0.3), -0.1, 0.1)
    assert hidden.tolist() == [[found], [False]]
    assert not hidden_crossings(h, k, energy, np.full((1, 1), 0.3), 1.0, 2.0).any()


def test_error_bars_hold_over_avoided_crossings_narrower_than_the_temperature() -> None:
    """Layers and spins that hardly couple: gaps far below k_B T = 26 meV make most of chi. Cells too coarse for
    them used to give -4.466(24) and -2.768(28) where -4.722(3) is right."""
    h = HoneycombAntiferromagnet(
        t=0.0298,
        soc=0.02,
        rashba=-0.0722,
        exchange=0.2876,
        interlayer=0.0166,
        decay=0.2303,
        shift=0.0756,
        bias=-0.2689,
        polar=71.87,
        azimuth=68.73,
        lattice_constant=12.0,
    ).hamiltonian()
    runs = [adaptive_response(h, INTRINSIC, -0.352, 300.0, base=base) for base in (12, 23)]
    assert all(r.converged.all() for r in runs)
    apart = np.abs(runs[0].chi - runs[1].chi)
    assert (apart <= runs[0].chi_error + runs[1].chi_error).all()
    assert apart.max() < 2e-3 * np.abs(runs[0].chi).max()


def test_bands_of_opposite_spin_that_cross_cost_nothing() -> None:
    # Spin along z is conserved: lines of crossings without coupling run through the zone.
    r = adaptive_response(MoS2().hamiltonian(), INTRINSIC, MoS2.default_mu, 300.0)
    assert r.converged.all()
    assert r.evaluations < 100_000


def test_a_range_of_bands_is_found_among_all() -> None:
    """The crossing of two bands, below and above which others lie that are not handed over."""
    lone = avoided(1e-3, copies=2)
    matrices = np.zeros((3, 10, 10), complex)
    matrices[:, 3:7, 3:7] = lone.matrices
    matrices[0, range(3), range(3)], matrices[0, range(7, 10), range(7, 10)] = -9.0, 9.0
    turn = random_unitary(np.random.default_rng(6), 10)
    h = PolynomialHamiltonian(lone.powers, turn.conj().T @ matrices @ turn, 1.0)
    k = np.array([[[-0.04, -0.03, 0.05]], [[0.0, 0.02, -0.01]]])
    energy = np.linalg.eigvalsh(bloch_matrices(h, k.reshape(2, -1)).H).T.reshape(10, 1, 3)
    whole = hidden_crossings(h, k, energy, np.full((9, 1), 0.3), -0.1, 0.1)
    part = hidden_crossings(h, k, energy[3:7], np.full((3, 1), 0.3), -0.1, 0.1)
    assert whole[:, 0].nonzero()[0].tolist() == [4]
    assert part[:, 0].nonzero()[0].tolist() == [1]
