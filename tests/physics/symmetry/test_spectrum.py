"""Symmetry read off the spectrum, for Hamiltonians that declare none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.cri3 import CrI3Conduction
from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.model import Model
from explorer.models.tilted_dirac import TiltedDirac
from explorer.physics.responses.catalogue import INTRINSIC_KIND, kinds
from explorer.physics.symmetry.report import symmetry_report
from explorer.physics.symmetry.spectrum import (
    candidate_images,
    expected_in_spectrum,
    pairing_residual,
    spectral_evidence,
)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (np.eye(2), 7),
        (np.diag([1.0, 1.3]), 3),
        (np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]]), 11),
        (np.array([[1.0, 0.0], [-0.5, np.sqrt(3) / 2]]), 11),
        (np.array([[1.0, 0.0], [0.23, 0.87]]), 1),
        (np.array([[1.0, 0.0], [0.2, 1.0]]) @ np.diag([1.0, 1.1]), 1),
    ],
)
def test_candidates_are_the_point_group_of_the_lattice(cell: np.ndarray, count: int) -> None:
    h = replace(Haldane().hamiltonian(), cell=cell)
    images = candidate_images(h)
    assert len(images) == count
    for W in images:
        assert np.allclose(W @ W.T, np.eye(2))
        coordinates = cell @ W.T @ np.linalg.inv(cell)
        assert np.allclose(coordinates, np.round(coordinates), atol=1e-9)


@pytest.mark.parametrize(
    ("model", "parameters", "direction"),
    [
        (Haldane, {}, "y only"),
        (Haldane, {"anisotropy": 0.0}, "none"),
        (Haldane, {"flux": 0.0}, "none"),
        (CuMnAs, {}, "x only"),
        (CuMnAs, {"neel_angle": 45.0}, "along 45°"),
        (CuMnAs, {"neel_angle": 30.0}, "all"),
        (TiltedDirac, {}, "y only"),
        (TiltedDirac, {"v_y": 2.0, "tilt_angle": 30.0}, "all"),
        (CrI3Conduction, {}, "x only"),
    ],
)
def test_spectrum_suggests_what_the_operations_prove(
    model: type[Model], parameters: dict[str, float], direction: str
) -> None:
    instance = model(**parameters)
    h = instance.hamiltonian()
    assert expected_in_spectrum(INTRINSIC_KIND, spectral_evidence(h)).direction == direction
    assert symmetry_report(h, kinds(), instance.symmetries()).row("intrinsic").direction == direction


def test_evidence_names_both_readings() -> None:
    held = [e for e in spectral_evidence(Haldane().hamiltonian()) if e.holds]
    assert [e.readings for e in held] == [("M_y", "M_x T")]
    assert held[0].residual < 1e-12
    lost = [e for e in spectral_evidence(Haldane().hamiltonian()) if not e.holds]
    assert min(e.residual for e in lost) > 1e-2


def test_a_report_without_declared_operations_says_evidence_only() -> None:
    report = symmetry_report(CuMnAs().hamiltonian(), kinds(), ())
    assert report.group.name == "1"
    assert report.row("intrinsic").direction == "all"  # nothing is proved
    assert report.suggested is not None
    assert report.suggested.direction == "x only"
    assert report.suggested.forbidden_by[1] == ("M_x or M_y T",)
    assert report.pairing is not None
    assert report.pairing < 1e-12
    declared = symmetry_report(CuMnAs().hamiltonian(), kinds(), CuMnAs().symmetries())
    assert declared.evidence == ()
    assert declared.suggested is None


def test_an_odd_number_of_levels_has_no_pairs() -> None:
    h = TiltedDirac().hamiltonian()
    odd = replace(h, matrices=np.pad(h.matrices, ((0, 0), (0, 1), (0, 1))))
    assert pairing_residual(odd) == float("inf")
