"""Mu in a gap against closed forms: uncoupled bands, whose tails are Bessel functions, and a tilted mass."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ive

from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.physics.carriers.gap import REACH_KT, refined_tails, tails_of
from explorer.physics.carriers.triangle_count import counted
from explorer.physics.geometry.bloch import energies
from explorer.physics.integration.uniform.triangles import zone_triangles
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of
from explorer.results.density_sweep import chemical_potentials
from explorer.session.source import open_source

UP, DOWN = 0.30, 0.05
"""Hoppings of the bands above and below [eV]."""
EDGE, TOP = 0.9, 0.1
"""Edges of the gap [eV]."""
CELL = 3.0


def crystal(copies: int = 1) -> LatticeHamiltonian:
    """Bands EDGE + 2 t (2 - cos x - cos y) and TOP - the same: square, uncoupled, the upper one `copies` times."""
    count = 1 + copies
    bonds = HoppingList(CELL * np.eye(2), np.zeros((count, 2)))
    bonds.onsite(np.diag([TOP - 4 * DOWN] + copies * [EDGE + 4 * UP]))
    for step in ((1, 0), (0, 1)):
        bonds.add(step, np.diag([DOWN] + copies * [-UP]))
    return bonds.hamiltonian()


def log_tail(hopping: float, kT: float) -> float:
    """ln of int d2k/(2 pi)^2 exp(-2 t (2 - cos x - cos y) / kT)."""
    return float(2 * np.log(ive(0, 2 * hopping / kT)) - np.log(CELL**2))


@pytest.mark.parametrize("temperature", [0.5, 5.0, 50.0, 300.0])
@pytest.mark.parametrize("copies", [1, 2])
def test_the_balance_of_two_bands(temperature: float, copies: int) -> None:
    h = crystal(copies)
    kT = K_B * temperature
    right = 0.5 * (EDGE + TOP) + 0.5 * kT * (log_tail(DOWN, kT) - log_tail(UP, kT) - np.log(copies))
    tails, error = refined_tails(h, zone_of(h), 1, temperature)
    found = tails.balance(0.0, temperature)
    assert found == pytest.approx(right, abs=1e-5 * kT)
    assert error < 1e-4 * kT
    assert min(tails.above) - EDGE < REACH_KT * kT


@pytest.mark.parametrize("density", [1e-9, -1e-9, 1e-14, -1e-14, 1e-30])
def test_a_few_carriers_are_a_quadratic_equation(density: float) -> None:
    """N_e - N_h = n, N_e N_h as in the intrinsic case."""
    temperature = 120.0
    kT = K_B * temperature
    log_product = log_tail(UP, kT) + log_tail(DOWN, kT) - (EDGE - TOP) / kT
    electrons = 0.5 * density + np.sqrt(0.25 * density**2 + np.exp(log_product))
    if density < 0:  # without a difference of two large numbers
        electrons = np.exp(log_product) / (-0.5 * density + np.sqrt(0.25 * density**2 + np.exp(log_product)))
    right = EDGE + kT * (np.log(electrons) - log_tail(UP, kT))
    h = crystal()
    found = refined_tails(h, zone_of(h), 1, temperature)[0].balance(density, temperature)
    assert found == pytest.approx(right, abs=1e-5 * kT)


def test_where_mu_leaves_the_gap_the_count_decides() -> None:
    h = crystal()
    zone = zone_of(h)
    assert refined_tails(h, zone, 1, 300.0)[0].balance(0.5 / CELL**2, 300.0) is None
    assert tails_of(np.array([[0.0, 1.0], [0.5, 2.0]]), np.ones(2), 1).balance(0.0, 10.0) is None  # no gap
    assert tails_of(np.array([[0.0, 1.0]]), np.ones(2), 0).balance(0.0, 10.0) is None  # no band below


@pytest.mark.parametrize(("temperature", "right"), [(50.0, -0.15662), (5.0, -0.15671)])
def test_neutral_haldane_as_by_hand(temperature: float, right: float) -> None:
    """Printed before: -0.2487 +- 0.0032 and -0.3450 +- 0.0003 eV."""
    solved = chemical_potentials(open_source("haldane"), np.zeros(1), np.array([temperature]))
    assert solved.mu[0, 0] == pytest.approx(right, abs=5.1e-6)
    assert 0 <= solved.error[0, 0] < 1e-6


@pytest.mark.parametrize("temperature", [5.0, 50.0, 300.0])
def test_the_page_counts_tails_too(temperature: float) -> None:
    """From the mesh that is there: to k_B T, where the count of all electrons was off by the gap."""
    h = crystal()
    zone = zone_of(h)
    energy = energies(h, zone_triangles(zone, 48)[0])
    found = counted(energy, zone, 48, 1, (TOP, EDGE)).chemical_potential(0.0, temperature)
    kT = K_B * temperature
    assert found == pytest.approx(
        0.5 * (EDGE + TOP) + 0.5 * kT * (log_tail(DOWN, kT) - log_tail(UP, kT)), abs=1.5 * kT
    )
