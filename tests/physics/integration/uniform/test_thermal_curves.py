"""The fast stage against the plain functions: 1e-9 of the largest value."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.meshes.mesh import MeshGeometry, mesh_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.integration.uniform.thermal_curves import MeshSums, potential, thermal_curves
from explorer.physics.occupations import fermi
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.session.source import open_source

MU = np.linspace(-1.2, 1.2, 9)


@pytest.fixture(scope="module", params=["haldane", "cumnas", "tilted-dirac"])
def mesh(request: pytest.FixtureRequest) -> MeshGeometry:
    return mesh_geometry(open_source(request.param), 24)


def close(found: np.ndarray, wanted: np.ndarray, tolerance: float = 1e-9) -> None:
    assert np.abs(found - wanted).max() <= tolerance * np.abs(wanted).max()


@pytest.mark.parametrize("temperature", [3.0, 100.0, 900.0])
def test_thermal_curves(mesh: MeshGeometry, temperature: float) -> None:
    kelvin = np.array([temperature])
    chi, alpha, low = thermal_curves(mesh.curve, MU, temperature)
    close(chi, mesh.curve.chi(MU, kelvin)[0])
    close(alpha, mesh.curve.alpha(MU, kelvin)[0], 1e-8)
    close(low, mesh.curve.alpha_low_temperature(MU, kelvin)[0], 2e-3)  # that one takes a difference


@pytest.mark.parametrize("temperature", [100.0, 900.0])
def test_chi_is_the_slope_of_the_potential(mesh: MeshGeometry, temperature: float) -> None:
    step = 1e-3 * 8.617e-5 * temperature
    chi = thermal_curves(mesh.curve, MU, temperature)[0]
    up, down = (potential(mesh.curve, MU + d, temperature) for d in (step, -step))
    close(-(up - down) / (2 * step), chi, 1e-5)


@pytest.mark.parametrize("temperature", [3.0, 100.0, 900.0])
def test_one_pass_sums(mesh: MeshGeometry, temperature: float) -> None:
    sums, kelvin = MeshSums.of(mesh.corners, mesh.weights), np.array([temperature])
    found = [sums.at(float(mu), temperature) for mu in MU]
    chi, alpha = plain_sum(mesh.corners, mesh.weights, INTRINSIC, MU, kelvin)
    sea, _ = plain_sum(mesh.corners, mesh.weights, INTRINSIC_SEA, MU, kelvin)
    close(np.array([f[1] for f in found]), chi[0])
    close(np.array([f[2] for f in found]), alpha[0])
    close(np.array([f[3] for f in found]), sea[0])
    for mu, (picture, *_, count) in zip(MU, found, strict=True):
        f = fermi(mesh.corners.energy, mu, temperature)
        close(picture, (f * mesh.corners.lambda_).sum(axis=1))
        assert count == pytest.approx(float((f @ mesh.weights).sum()), rel=1e-9, abs=1e-15)


def test_temperature_must_be_positive(mesh: MeshGeometry) -> None:
    with pytest.raises(ValueError, match="above 0 K"):
        thermal_curves(mesh.curve, MU, 0.0)
    with pytest.raises(ValueError, match="above 0 K"):
        mesh.sums.at(0.0, -1.0)
