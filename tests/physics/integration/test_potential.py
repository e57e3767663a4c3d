"""Phi(mu, T): its numerical derivatives are chi and alpha, and obey Maxwell's relation."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.haldane import Haldane
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.potential import potential_parts, thermodynamic_potential
from explorer.physics.occupations import entropy, entropy_slope, fermi, fermi_slope, grand_potential
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.physics.zone.domain import zone_of

MU, KELVIN = np.array([-1.2, 0.4, 1.5]), np.array([150.0, 500.0])


@pytest.fixture(scope="module")
def bands():
    h = Haldane().hamiltonian()
    k, weights = zone_of(h).mesh(40)
    return band_geometry(h, k), weights


@pytest.mark.parametrize("integrand", [INTRINSIC, INTRINSIC_SEA], ids=["surface", "sea"])
def test_derivatives_are_the_sums_of_8_and_9(bands, integrand) -> None:
    g, w = bands
    found = thermodynamic_potential(g, w, MU, KELVIN, integrand)
    a, b = integrand.densities(g)
    for i, kelvin in enumerate(KELVIN):
        for j, mu in enumerate(MU):
            e = g.energy
            chi = (w * (fermi(e, mu, kelvin) * a + fermi_slope(e, mu, kelvin) * b)).sum(axis=(1, 2))
            alpha = (w * (entropy(e, mu, kelvin) * a + entropy_slope(e, mu, kelvin) * b)).sum(axis=(1, 2))
            scale = np.abs(found.chi).max(), np.abs(found.alpha).max()
            np.testing.assert_allclose(found.chi[i, j], integrand.chi_unit * chi, atol=1e-4 * scale[0])
            np.testing.assert_allclose(found.alpha[i, j], integrand.alpha_unit * alpha, atol=1e-3 * scale[1])


def test_full_states_are_summed_once(bands) -> None:
    """The running sums over full states against the plain double sum, at low temperature."""
    g, w = bands
    sea, surface = potential_parts(g, w, INTRINSIC, MU, np.array([5.0]))
    a, b = INTRINSIC.densities(g)
    for j, mu in enumerate(MU):
        plain = (w * grand_potential(g.energy, mu, 5.0) * a).sum(axis=(1, 2))
        edge = -(w * fermi(g.energy, mu, 5.0) * b).sum(axis=(1, 2))
        np.testing.assert_allclose(sea[0, j], plain, rtol=1e-9, atol=1e-12 * np.abs(sea).max())
        np.testing.assert_allclose(surface[0, j], edge, rtol=1e-9, atol=1e-12 * np.abs(surface).max())


def test_scale_of_phi(bands) -> None:
    """chi [nm/ohm] = dPhi/dmu [nA nm per eV, i.e. 1e-9 nm/ohm] since e < 0."""
    g, w = bands
    step, kelvin = 1e-3, np.array([500.0])
    high, low = (thermodynamic_potential(g, w, MU + s, kelvin) for s in (step, -step))
    slope = 1e-9 * (high.phi - low.phi) / (2 * step)
    middle = thermodynamic_potential(g, w, MU, kelvin)
    np.testing.assert_allclose(middle.chi, slope, rtol=1e-3, atol=1e-3 * np.abs(slope).max())


def test_maxwell(bands) -> None:
    """dchi/dT = e dalpha/dmu: in nm/(ohm K), e dalpha/dmu = -1e-9 dalpha[nA nm/K]/dmu[eV]."""
    g, w = bands
    mu, kelvin, h = np.array([1.5]), 500.0, 1e-3
    hot, cold = (thermodynamic_potential(g, w, mu, np.array([kelvin * (1 + s)])).chi for s in (h, -h))
    up, down = (thermodynamic_potential(g, w, mu + s, np.array([kelvin])).alpha for s in (h, -h))
    by_temperature = (hot - cold) / (2 * h * kelvin)
    np.testing.assert_allclose(by_temperature, -1e-9 * (up - down) / (2 * h), rtol=2e-3, atol=1e-15)
    assert np.abs(by_temperature).max() > 1e-12
