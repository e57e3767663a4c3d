"""Haldane's model: topology and symmetry over its parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from explorer.models.haldane import Haldane
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.symmetry.operations import verify
from explorer.physics.zone.domain import zone_of
from tests.models.parameter_sets import parameter_sets


def chern_number(model: Haldane, mesh: int = 60) -> float:
    """Of the lower band: integral of Omega over 2 pi."""
    h = model.hamiltonian()
    k, weights = zone_of(h).mesh(mesh)
    return float(2 * np.pi * (weights * band_geometry(h, k).berry_curvature[0]).sum())


def chern_number_by_links(model: Haldane, mesh: int = 24) -> float:
    """The same from overlaps around plaquettes: <u(k)|u(k + dk)> = exp(-i A dk)."""
    h = model.hamiltonian()
    k, _ = zone_of(h).mesh(mesh)
    u = np.linalg.eigh(bloch_matrices(h, k).H)[1][:, :, 0].reshape(mesh, mesh, 2)
    right, up = np.roll(u, -1, axis=0), np.roll(u, -1, axis=1)
    corner = np.roll(right, -1, axis=1)

    def link(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a.conj() * b).sum(axis=-1)

    around = link(u, right) * link(right, corner) * link(corner, up) * link(up, u)
    handed = np.sign(np.linalg.det(h.reciprocal))
    return float(-handed * np.angle(around).sum() / (2 * np.pi))


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({}, 1),
        ({"flux": -1.2}, 1),
        ({"anisotropy": 0.0, "mass": 0.6}, 1),  # below 3 sqrt(3) t2 sin(flux) = 0.7265
        ({"anisotropy": 0.0, "mass": 0.85}, 0),
        ({"mass": 1.2, "flux": 0.4}, 0),
        ({"flux": 0.0}, 0),
    ],
)
def test_chern_number(parameters: dict[str, float], size: int) -> None:
    model = Haldane(**parameters)
    found = chern_number(model)
    assert found == pytest.approx(chern_number_by_links(model), abs=1e-3)
    assert abs(round(found)) == size


def test_chern_number_follows_the_sign_of_the_flux() -> None:
    assert round(chern_number(Haldane(flux=1.2))) == -round(chern_number(Haldane(flux=-1.2)))


@settings(max_examples=60, deadline=None)
@given(parameter_sets(Haldane))
def test_declared_symmetries_hold_at_any_parameters(parameters: dict[str, float]) -> None:
    model = Haldane(**parameters)
    for check in verify(model.hamiltonian(), model.symmetries()):
        assert check.holds, (check.symmetry.name, check.residual)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, {"M_x T"}),
        ({"anisotropy": 0.0}, {"M_x T", "C3z"}),
        ({"flux": 0.0}, {"M_x T", "M_x", "T"}),
        ({"flux": np.pi}, {"M_x T", "M_x", "T"}),
        ({"mass": 0.0}, {"M_x T", "C2z"}),
        ({"mass": 0.0, "anisotropy": 0.0, "t2": 0.0}, {"M_x T", "M_x", "T", "C3z", "C2z"}),
    ],
)
def test_operations_come_and_go_with_the_parameters(parameters: dict[str, float], names: set[str]) -> None:
    assert {s.name for s in Haldane(**parameters).symmetries()} == names
