"""Carrier density against the massive Dirac cone by hand, and mu solved from it."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.haldane import Haldane
from explorer.physics.carriers.filling import PER_CM2, Filling, neutral_bands
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.zone.domain import zone_of
from tests.physics.observables.test_equilibrium import CUTOFF, GAP, SPEED, massive_dirac, on_mesh


@pytest.fixture(scope="module")
def haldane() -> Filling:
    h = Haldane().hamiltonian()
    k, weights = zone_of(h).mesh(48)
    g = band_geometry(h, k)
    return Filling(g.energy, weights, neutral_bands(g.energy, weights, 0.0))


def test_massive_dirac_by_hand() -> None:
    """n = (mu^2 - Delta^2)/(4 pi v^2) above the gap, with the Sommerfeld term of a linear DOS."""
    g, weights = on_mesh(massive_dirac(), 200)
    f = Filling(g.energy, weights, 1)
    kelvin, mu = 40.0, 0.5
    kT = 8.617333262e-5 * kelvin
    expected = (mu**2 - GAP**2 + np.pi**2 / 3 * kT**2) / (4 * np.pi * SPEED**2)
    assert float(f.density(mu, kelvin)) == pytest.approx(expected, rel=1e-3)
    assert float(f.density(-mu, kelvin)) == pytest.approx(-expected, rel=1e-3)
    assert f.bounds == pytest.approx((-(CUTOFF**2) / (4 * np.pi), CUTOFF**2 / (4 * np.pi)), rel=1e-9)


def test_neutrality_and_whole_bands(haldane: Filling) -> None:
    assert haldane.bands == 1
    area = Haldane().hamiltonian().cell_area
    assert haldane.bounds == pytest.approx((-1 / area, 1 / area))
    assert abs(float(haldane.density(0.0, 20.0))) < 1e-12
    assert float(haldane.density(40.0, 300.0)) == pytest.approx(1 / area)


@pytest.mark.parametrize("kelvin", [2.0, 77.0, 900.0])
@pytest.mark.parametrize("share", [-0.97, -0.3, -1e-5, 1e-7, 0.02, 0.6, 0.999])
def test_mu_solves_for_the_density(haldane: Filling, share: float, kelvin: float) -> None:
    density = share * haldane.bounds[1]
    mu = haldane.chemical_potential(density, kelvin)
    assert float(haldane.density(mu, kelvin)) == pytest.approx(density, rel=1e-6)


def test_density_rises_with_mu_and_small_ones_keep_their_digits(haldane: Filling) -> None:
    mu = np.linspace(-4, 4, 60).reshape(6, 10)
    n = haldane.density(mu, 300.0)
    assert n.shape == (6, 10)
    assert np.all(np.diff(n.ravel()) > 0)
    # deep in the gap: a thousand electrons per cm2, far below any experiment, are still resolved
    middle = haldane.chemical_potential(1e3 / PER_CM2, 300.0)
    assert float(haldane.density(middle, 300.0)) * PER_CM2 == pytest.approx(1e3, rel=1e-3)


def test_bad_input(haldane: Filling) -> None:
    with pytest.raises(ValueError, match="out of reach"):
        haldane.chemical_potential(1.0, 300.0)
    with pytest.raises(ValueError, match="3 filled bands"):
        Filling(haldane.energy, haldane.weights, 3)
