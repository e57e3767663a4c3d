"""Slopes by differences of what triangles make of a mesh, against adaptive quadrature."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.meshes.mesh import MeshGeometry, mesh_geometry
from explorer.physics.progress import UNATTENDED
from explorer.physics.responses.equilibrium_moment import STREDA
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.session.state import default_state, opened
from explorer.studies.curves import response_curve
from explorer.studies.mesh_slopes import half_geometry, mesh_potential, mesh_slopes


@pytest.fixture(scope="module")
def haldane() -> MeshGeometry:
    return mesh_geometry(opened(default_state("haldane")), 96)


@pytest.mark.parametrize("kelvin", [10.0, 100.0, 600.0])
def test_slopes_are_the_responses_at_any_temperature(haldane: MeshGeometry, kelvin: float) -> None:
    """Against adaptive quadrature, where every other point of the mesh agrees to a tenth: nearly everywhere."""
    mu = np.linspace(-3.0, 3.0, 241)
    slope, unsure = mesh_slopes(haldane, mu, kelvin, UNATTENDED)
    right = response_curve(haldane, STREDA, mu, kelvin, UNATTENDED).chi[:, 0]
    sure = unsure < 0.1 * np.abs(right).max()
    assert sure.sum() > 200
    assert np.abs(slope - right)[sure].max() < 0.05 * np.abs(right).max()
    found, other = mesh_potential(haldane, mu, kelvin, UNATTENDED)
    adaptive = response_curve(haldane, INTRINSIC, mu, kelvin, UNATTENDED)
    for name, right in (("chi", adaptive.chi), ("alpha", adaptive.alpha)):
        sure = other[name][0] < 0.1 * np.abs(right).max()
        # At 10 K alpha, the slope of a curve by triangles, is sharper than this mesh in much of the metal.
        assert sure[:, 1].sum() > (140 if kelvin > 10.0 or name == "chi" else 80)
        assert np.abs(getattr(found, name)[0] - right)[sure].max() < 0.1 * np.abs(right).max()


def test_half_of_a_mesh_has_the_weight_of_the_whole(haldane: MeshGeometry) -> None:
    half = half_geometry(haldane)
    assert half is not None
    assert half[1].sum() == pytest.approx(haldane.weights.sum(), rel=1e-12)
    assert half[0].k.shape[1] == 48 * 48
    assert half_geometry(mesh_geometry(haldane.source, 15)) is None
    assert np.isinf(mesh_slopes(mesh_geometry(haldane.source, 15), np.zeros(1), 300.0, UNATTENDED)[1]).all()
