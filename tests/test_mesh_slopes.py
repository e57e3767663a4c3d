"""Slopes by differences over a mesh: right where the mesh resolves k_B T, and elsewhere said to be none."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.mesh_slopes import half_geometry, mesh_potential, mesh_slopes, too_coarse
from explorer.meshes import MeshGeometry, mesh_geometry
from explorer.physics.equilibrium import STREDA
from explorer.physics.integrand import INTRINSIC
from explorer.resolved_curves import response_curve
from explorer.session import default_state, opened


@pytest.fixture(scope="module")
def haldane() -> MeshGeometry:
    return mesh_geometry(opened(default_state("haldane")), 96)


def nothing(_: float) -> None:
    pass


@pytest.mark.parametrize(("kelvin", "few"), [(10.0, 45), (100.0, 45), (600.0, 0)])
def test_where_a_mesh_is_said_to_do_its_slopes_are_right(
    haldane: MeshGeometry, kelvin: float, few: int
) -> None:
    """To 3 % of the curve against adaptive quadrature; at 10 K only gaps are left, where mu meets no state."""
    mu = np.linspace(-3.0, 3.0, 61)
    lost = too_coarse(haldane, mu, kelvin)
    assert few <= lost.sum() < 61
    slope, unsure = mesh_slopes(haldane, mu, kelvin, nothing)
    right = response_curve(haldane, STREDA, mu, kelvin, nothing).chi[:, 0]
    assert np.abs(slope - right)[~lost].max() < 0.03 * np.abs(right).max()
    assert unsure.shape == mu.shape
    found, other = mesh_potential(haldane, mu, kelvin, nothing)
    right = response_curve(haldane, INTRINSIC, mu, kelvin, nothing).chi
    assert np.abs(found.chi[0] - right)[~lost].max() < 0.03 * np.abs(right).max()
    assert other["alpha"].shape == (1, 61, 2)
    if kelvin == 10.0:
        assert np.abs(found.chi[0] - right)[lost].max() > np.abs(right).max()


def test_half_of_a_mesh_has_the_weight_of_the_whole(haldane: MeshGeometry) -> None:
    half = half_geometry(haldane)
    assert half is not None
    assert half[1].sum() == pytest.approx(haldane.weights.sum(), rel=1e-12)
    assert half[0].k.shape[1] == 48 * 48
    assert half_geometry(mesh_geometry(haldane.source, 15)) is None
    assert np.isinf(mesh_slopes(mesh_geometry(haldane.source, 15), np.zeros(1), 300.0, nothing)[1]).all()
