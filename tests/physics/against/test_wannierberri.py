"""Against WannierBerri on random Hamiltonians and two models, band by band and in responses, to 1e-10 or 1e-7."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import constants
from wannierberri.calculators import static, tabulate

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.arrays import Floats
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.observables.equilibrium import magnetization
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.extrinsic import extrinsic
from explorer.physics.units import BOHR_MAGNETON, HBAR, MOMENT_UNIT
from tests.physics.against.wannierberri_runs import (
    GME_TO_CHI,
    HEIGHT,
    TAU,
    Both,
    deviation,
    levels_between,
    load,
    thermal,
)
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian

EXACT = 1e-10
"""Relative to the largest entry, where no constant of nature enters."""
CONSTANTS = 1e-7
"""The same, where SciPy's constants (newer than CODATA 2018) enter."""
COLD = np.array([1e-4])
"""[K]: a step function between the levels of a mesh."""

HAMILTONIANS = {
    "haldane": Haldane().hamiltonian(),
    "cumnas": CuMnAs(neel_angle=20.0).hamiltonian(),
    "random-2": random_hamiltonian(2, seed=71),
    "random-5": random_hamiltonian(5, seed=72, reach=2),
    "random-pairs": in_kramers_pairs(random_hamiltonian(3, seed=73), seed=73),
    "random-3-dipoles": random_hamiltonian(3, seed=74, dipoles=True),
    "random-6-dipoles": random_hamiltonian(6, seed=75, dipoles=True, reach=2),
    "random-pairs-dipoles": in_kramers_pairs(random_hamiltonian(2, seed=76, dipoles=True), seed=76),
}


@pytest.fixture(params=HAMILTONIANS.values(), ids=HAMILTONIANS)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Both:
    return load(request.param, tmp_path)


@pytest.fixture(params=[x for x in HAMILTONIANS if "dipoles" not in x])
def points(request: pytest.FixtureRequest, tmp_path: Path) -> Both:
    return load(HAMILTONIANS[request.param], tmp_path)


# --- band by band


def test_energies_and_velocities(both: Both) -> None:
    assert deviation(both.geometry.energy, both.data.E_K.T) < EXACT
    assert deviation(both.geometry.velocity, both.table(tabulate.Velocity, external=False)[:2]) < EXACT


def test_berry_curvature_position_matrices_included(both: Both) -> None:
    expected = both.table(tabulate.BerryCurvature, external=both.dipoles)[2]
    scale = max(np.abs(expected).max(), np.abs(both.geometry.metric).max())  # zero where PT holds
    assert np.abs(both.geometry.berry_curvature - expected).max() < EXACT * scale


def test_metric_and_moment_of_point_orbitals(points: Both) -> None:
    assert deviation(points.geometry.metric, points.metric()) < EXACT
    moment = points.moment()
    scale = max(np.abs(moment).max(), MOMENT_UNIT * np.abs(points.geometry.metric).max())
    assert np.abs(MOMENT_UNIT * points.geometry.orbital_moment - moment).max() < CONSTANTS * scale


def test_wannier_space_metric_and_moment_from_their_matrices(both: Both) -> None:
    metric, moment = both.wannier_space()
    assert deviation(both.geometry.metric, metric) < EXACT
    scale = max(np.abs(moment).max(), np.abs(metric).max())
    assert np.abs(both.geometry.orbital_moment - moment).max() < EXACT * scale


# --- responses on the same mesh


def test_anomalous_hall_conductivity(both: Both) -> None:
    mu = levels_between(both.geometry)
    sheet = both.hall(mu, external=both.dipoles) / (constants.e**2 / constants.h)
    sigma, _ = plain_sum(both.geometry, both.weights, HALL, mu, COLD)
    scale = max(np.abs(sigma).max(), 1e-3)  # zero where PT holds
    assert np.abs(sigma[0, :, 0] - sheet).max() < CONSTANTS * scale


def test_equilibrium_magnetization(points: Both) -> None:
    mu = levels_between(points.geometry)
    computed = magnetization(points.geometry, points.weights, mu, COLD).total[0]
    scale = max(np.abs(computed).max(), 1e-3)
    assert np.abs(computed - points.magnetization(mu)).max() < CONSTANTS * scale


def test_kinetic_response_on_a_window(tmp_path: Path) -> None:
    """The Fermi-surface GME as WannierBerri bins it: an average over E_F +- dE.

    It weighs states off E_F by H + G - 2 E_F Omega, in our unit Im <n_x|(H - e)|n_y> - (e - E_F) Omega: the
    second part is taken from our own curvature.
    """
    both = load(random_hamiltonian(3, seed=77), tmp_path, mesh=24)
    g, mu = both.geometry, np.linspace(-1.0, 1.0, 6)
    step = mu[1] - mu[0]
    expected = both.integral(static.GME_orb_FermiSurf, mu)[:, :2, 2] * GME_TO_CHI
    response = extrinsic(TAU)
    assert response.surface is not None

    def window(density: Floats, unit: float) -> Floats:
        inside = (g.energy > mu[:, None, None] - step) & (g.energy <= mu[:, None, None] + step)
        return np.asarray(np.einsum("mnk,cnk,k->mc", inside, density, both.weights) * unit / (2 * step))

    computed = window(response.surface(g), response.chi_unit)
    off_level = np.array(
        [
            window(g.velocity * (g.energy - e) * g.berry_curvature, response.chi_unit)[i]
            for i, e in enumerate(mu)
        ]
    )
    assert deviation(computed - off_level, expected) < CONSTANTS
    assert deviation(computed, expected) > 1e-3


@pytest.mark.parametrize("name", ["haldane", "random-2", "random-5", "random-pairs"])  # PT forbids the rest
def test_kinetic_response_at_a_temperature(name: str, tmp_path: Path) -> None:
    """chi_ext and alpha_ext from WannierBerri's velocities and moments, in SI, against our integrand."""
    both = load(HAMILTONIANS[name], tmp_path)
    velocity = both.table(tabulate.Velocity, external=False)[:2]
    flux = velocity * both.moment() * BOHR_MAGNETON
    mu, kelvin = np.linspace(-1.0, 1.0, 5), 700.0
    chi, alpha = plain_sum(both.geometry, both.weights, extrinsic(TAU), mu, np.array([kelvin]))
    k_area = thermal(flux, both, mu, kelvin, slope=True) * 1e10  # A per m of height
    assert deviation(chi[0], k_area * GME_TO_CHI / (HEIGHT * 1e-10)) < CONSTANTS
    above = [(both.geometry.energy - m) * flux for m in mu]
    heat = np.concatenate(
        [thermal(density, both, mu[[i]], kelvin, slope=True) for i, density in enumerate(above)]
    )
    # (tau/T) int (e - mu) (-f0') v m with v = d_i e/hbar: from A m^2/(angstrom K) to nA nm/K.
    assert deviation(alpha[0], heat * TAU / HBAR / kelvin * 1e28) < CONSTANTS


def test_kinetic_response_from_the_sea(tmp_path: Path) -> None:
    """-int f0 d_i m of WannierBerri's covariant derivative of the moment: our surface form by parts."""
    both = load(random_hamiltonian(2, seed=71), tmp_path, mesh=28)
    slope = both.table(tabulate.DerOrbitalMoment, external=False)[2, :2]  # d_i m_z
    mu, kelvin = np.linspace(-1.5, 1.5, 5), 3000.0
    unit = BOHR_MAGNETON * 1e10 * GME_TO_CHI / (HEIGHT * 1e-10)
    expected = thermal(slope, both, mu, kelvin, slope=False) * unit
    computed, _ = plain_sum(both.geometry, both.weights, extrinsic(TAU), mu, np.array([kelvin]))
    assert deviation(computed[0], expected) < 1e-6
