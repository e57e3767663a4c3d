"""Carriers counted by triangles and extrapolated, against an adaptive count and formulas by hand."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.meshes.mesh import mesh_geometry
from explorer.models.kit.arrays import Floats
from explorer.physics.carriers.triangle_count import COUNT, Count, counted
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.uniform.triangles import zone_triangles
from explorer.physics.zone.domain import zone_of
from explorer.session.source import open_source

MU = np.array([0.3, 0.43])


def count_of(name: str, n: int, bands: int = 1) -> Count:
    h = open_source(name).hamiltonian
    k, _, _ = zone_triangles(zone_of(h), n)
    return counted(band_geometry(h, k).energy, zone_of(h), n, bands, (0.2, 0.5))


def exact(name: str, kelvin: float, bands: int = 1) -> Floats:
    h = open_source(name).hamiltonian
    mu = np.concatenate([MU, [1e3]])
    found = adaptive_response(h, COUNT, mu, kelvin, rtol=1e-6, scale=(1.0, 1.0)).chi[0, :, 0]
    return np.asarray(found[:-1] - bands * found[-1] / h.size)


@pytest.mark.parametrize("kelvin", [10.0, 300.0])
@pytest.mark.parametrize(
    ("name", "bands", "off"), [("haldane", 1, 4e-4), ("cumnas", 2, 3e-3), ("tilted-dirac", 1, 2e-4)]
)
def test_density_of_a_mesh_is_that_of_the_zone(name: str, bands: int, off: float, kelvin: float) -> None:
    """Within its error at 96 points a side, and far closer than the plain sum on a disc (8 % off)."""
    count, true = count_of(name, 96, bands), exact(name, kelvin, bands)
    found = count.density(MU, kelvin)
    assert (np.abs(found - true) <= count.error(MU, kelvin)).all()
    np.testing.assert_allclose(found, true, rtol=off)


@pytest.mark.parametrize("kelvin", [10.0, 300.0])
@pytest.mark.parametrize("name", ["haldane", "tilted-dirac"])
def test_the_density_at_mu_is_the_one_asked_for(name: str, kelvin: float) -> None:
    count = count_of(name, 48)
    for near in (None, 0.25):
        for density in count.density(MU, kelvin):
            mu = count.chemical_potential(float(density), kelvin, near)
            assert float(count.density(mu, kelvin)) == pytest.approx(float(density), rel=1e-6)


def test_neutrality_in_a_gap_is_zero_and_mu_stays_in_it() -> None:
    count = count_of("haldane", 48)
    top, bottom = count.plain.energy[0].max(), count.plain.energy[1].min()
    assert abs(float(count.density(0.5 * (top + bottom), 10.0))) < 1e-12
    assert top < count.chemical_potential(0.0, 10.0) < bottom


def test_what_the_bands_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="out of reach"):
        count_of("haldane", 12).chemical_potential(1.0, 300.0)
    with pytest.raises(ValueError, match="an even mesh"):
        count_of("haldane", 13)


def test_mu_is_found_from_the_other_end_of_the_bands() -> None:
    """cumnas with 137e13 electrons, then as many holes: the first mu stayed, and the density was called held."""
    m = mesh_geometry(open_source("cumnas"), 48)
    most = 137e13 / 1e16
    top = m.count.chemical_potential(most, 100.0)
    bottom = m.count.chemical_potential(-most, 100.0, near=top)
    assert bottom < -2 < 2 < top
    assert m.count.density(bottom, 100.0) == pytest.approx(-most, rel=1e-6)
    assert m.count.chemical_potential(most, 100.0, near=bottom) == pytest.approx(top, abs=1e-6)
