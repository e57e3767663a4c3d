"""alpha(T) of the scaling tab against sums over meshes that resolve k_B T, and against its low-temperature law."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.meshes.mesh import MeshGeometry, mesh_geometry
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.progress import UNATTENDED, Unattended
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.session.state import default_state, opened
from explorer.studies.alpha_of_temperature import alpha_of_temperature

TEMPERATURES = np.geomspace(1.0, 1000.0, 90)


def mesh_of(source: str, n: int) -> MeshGeometry:
    return mesh_geometry(opened(default_state(source)), n)


@pytest.mark.parametrize(("integrand", "component"), [(INTRINSIC, 1), (EXTRINSIC_PER_PICOSECOND, 0)])
def test_haldane_at_all_temperatures(integrand: Integrand, component: int) -> None:
    """Against 600 x 600 points at 100 K, to the tolerance asked for; at low T a straight line to the same point.

    Triangles on 96 x 96 points are off by a factor of 26 below 30 K, and in sign.
    """
    mu, m = default_state("haldane").mu, mesh_of("haldane", 24)
    alpha = alpha_of_temperature(m, integrand, mu, TEMPERATURES, UNATTENDED)[:, component]
    k, weights = m.zone.mesh(600)
    g = band_geometry(m.source.hamiltonian, k)
    at = int(np.abs(TEMPERATURES - 100.0).argmin())
    fine = plain_sum(g, weights, integrand, np.array([mu]), TEMPERATURES[at : at + 1])[1][0, 0, component]
    assert alpha[at] == pytest.approx(fine, rel=0.03)
    slope = alpha / TEMPERATURES
    assert slope[0] == pytest.approx(slope[at // 3], rel=0.05)
    assert 0.5 < slope[0] / slope[at] < 2.0


def test_forbidden_components_are_nothing_and_results_are_kept() -> None:
    mu, m = default_state("cumnas").mu, mesh_of("cumnas", 24)
    alpha = alpha_of_temperature(m, INTRINSIC, mu, TEMPERATURES, UNATTENDED)
    assert np.all(alpha[:, 1] == 0)
    assert np.all(alpha[:, 0] > 0)
    assert alpha_of_temperature(m, INTRINSIC, mu, TEMPERATURES, UNATTENDED) is alpha


def test_of_many_bands_only_what_half_the_mesh_confirms() -> None:
    """48 bands on 8 x 8 points: nothing at 1 K, something at 1000 K where k_B T spans the flat bands."""
    state = replace(default_state("tbg")).with_parameter("shells", 2.0).with_parameter("valley", 0.0)
    m = mesh_geometry(opened(state), 8)
    assert m.source.hamiltonian.size > 32
    alpha = alpha_of_temperature(m, EXTRINSIC_PER_PICOSECOND, state.mu, TEMPERATURES, UNATTENDED)
    assert np.isnan(alpha[0]).any()
    assert np.isfinite(alpha).any()


def test_it_stops_when_told() -> None:
    class Stop(Exception):  # noqa: N818 - not an error
        pass

    class Stopped(Unattended):
        def ask(self) -> None:
            raise Stop

    with pytest.raises(Stop):
        alpha_of_temperature(mesh_of("haldane", 24), INTRINSIC, 0.3, TEMPERATURES, Stopped())


@pytest.mark.parametrize("source", ["mnbi2te4", "honeycomb-afm"])
def test_what_pt_cancels_within_each_pair_is_not_integrated(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.studies.alpha_of_temperature.adaptive", None)
    mu, m = default_state(source).mu, mesh_of(source, 12)
    assert not alpha_of_temperature(m, EXTRINSIC_PER_PICOSECOND, mu, TEMPERATURES, UNATTENDED).any()
