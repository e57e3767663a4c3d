"""Verification of declared operations, and the point groups they generate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.cri3 import CrI3Conduction
from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.hamiltonian import HoppingList, PolynomialHamiltonian
from explorer.models.kit.plane import rotation
from explorer.models.kit.symmetry import Symmetry
from explorer.models.tilted_dirac import TiltedDirac
from explorer.physics.symmetry.operations import (
    covariant_matrices,
    magnetic_point_group,
    plane_name,
    sample_wave_vectors,
    verify,
)

ONE = np.eye(2, dtype=complex)
M_X, M_Y, C2 = np.diag([-1.0, 1.0]), np.diag([1.0, -1.0]), -np.eye(2)
C3, C4, C6 = (rotation(2 * np.pi / n) for n in (3, 4, 6))


def operation(rotated: np.ndarray, antiunitary: bool = False) -> Symmetry:
    return Symmetry("any", rotated, ONE, antiunitary)


def test_full_phases_make_one_hopping_by_hand() -> None:
    """<A|H|R B> = t alone: H_AB(k) = t exp(i k.(R + tau_B - tau_A))."""
    bonds = HoppingList(np.diag([2.0, 3.0]), np.array([[0.0, 0.0], [0.5, 0.25]]))
    bonds.add((1, 0), [[0.0, 0.7], [0.0, 0.0]])
    k = np.array([[0.3], [-0.8]])
    H, A = covariant_matrices(bonds.hamiltonian(), k)
    assert H[0, 0, 1] == pytest.approx(0.7 * np.exp(1j * (0.3 * 2.5 - 0.8 * 0.25)), abs=1e-14)
    assert A is None


def test_an_operation_that_does_not_hold_is_found_out() -> None:
    h = Haldane().hamiltonian()
    false = [
        operation(M_X),  # the flux circulates the other way
        operation(C3),  # one bond differs
        operation(np.eye(2), antiunitary=True),
        Symmetry("C2z", C2, np.array([[0, 1], [1, 0]], dtype=complex)),  # the mass differs
    ]
    for check in verify(h, false):
        assert not check.holds
        assert check.residual > 0.05


def test_the_residual_is_the_broken_term() -> None:
    """P exchanges A and B: of a staggered potential it leaves +Delta against -Delta."""
    model = CuMnAs(exchange=0.0, staggering=0.3)
    swap = next(s for s in CuMnAs(exchange=0.0).symmetries() if s.name == "P")
    (check,) = verify(model.hamiltonian(), [swap])
    assert check.residual == pytest.approx(0.6, abs=1e-12)


def test_the_wrong_matrix_fails() -> None:
    (axis,) = (s for s in CuMnAs().symmetries() if s.name == "C2y")
    wrong = replace(axis, matrix=np.eye(4, dtype=complex))
    right, failing = verify(CuMnAs().hamiltonian(), [axis, wrong])
    assert right.holds
    assert not failing.holds


def test_orbital_positions_belong_to_the_operation() -> None:
    """The threefold axis through A carries B to another cell, which only the right positions can know."""
    h = Haldane(anisotropy=0.0).hamiltonian()
    threefold = [s for s in Haldane(anisotropy=0.0).symmetries() if s.name == "C3z"]
    assert verify(h, threefold)[0].holds
    misplaced = replace(h, positions=h.positions + np.array([[0.0, 0.0], [0.3, 0.0]]))
    assert not verify(misplaced, threefold)[0].holds


def test_position_matrices_are_tested_too() -> None:
    model = CrI3Conduction()
    h = model.hamiltonian()
    assert h.dipoles is not None
    honest = verify(h, model.symmetries())
    assert all(c.holds and c.connection_residual < 1e-6 for c in honest)
    bent = replace(h, dipoles=h.dipoles + 0.05 * h.vectors.any(axis=1)[:, None, None, None])
    assert max(c.connection_residual for c in verify(bent, model.symmetries())) > 0.01


def test_malformed_operations_are_refused() -> None:
    h = TiltedDirac().hamiltonian()
    with pytest.raises(ValueError, match="must be unitary, 2 x 2"):
        verify(h, [Symmetry("big", C2, np.eye(4, dtype=complex))])
    with pytest.raises(ValueError, match="must be unitary"):
        verify(h, [Symmetry("scaled", C2, 2 * ONE)])
    with pytest.raises(ValueError, match="must be orthogonal"):
        verify(h, [Symmetry("sheared", np.array([[1.0, 0.5], [0.0, 1.0]]), ONE)])


def test_sampled_wave_vectors_lie_where_the_model_is_meant() -> None:
    h = TiltedDirac(cutoff=0.2).hamiltonian()
    assert isinstance(h, PolynomialHamiltonian)
    assert np.linalg.norm(sample_wave_vectors(h, 200), axis=0).max() < 0.2


@pytest.mark.parametrize(
    ("generators", "symbol", "order"),
    [
        ([], "1", 1),
        ([operation(np.eye(2), True)], "1'", 2),
        ([operation(C2)], "2", 2),
        ([operation(C2, True)], "2'", 2),
        ([operation(M_X)], "m", 2),
        ([operation(M_X, True)], "m'", 2),
        ([operation(M_X), operation(np.eye(2), True)], "m1'", 4),
        ([operation(C2), operation(M_X)], "2mm", 4),
        ([operation(C2, True), operation(M_Y, True)], "2'mm'", 4),
        ([operation(C2), operation(M_X, True)], "2m'm'", 4),
        ([operation(C3)], "3", 3),
        ([operation(C3), operation(M_X)], "3m", 6),
        ([operation(C3), operation(M_X, True)], "3m'", 6),
        ([operation(C3), operation(np.eye(2), True)], "31'", 6),
        ([operation(C4)], "4", 4),
        ([operation(C4, True)], "4'", 4),
        ([operation(C4), operation(M_X)], "4mm", 8),
        ([operation(C4, True), operation(M_X)], "4'mm'", 8),
        ([operation(C4), operation(M_X, True)], "4m'm'", 8),
        ([operation(C6), operation(M_X)], "6mm", 12),
        ([operation(C6, True), operation(M_X)], "6'mm'", 12),
        ([operation(C6), operation(M_X, True)], "6m'm'", 12),
        ([operation(C6), operation(M_X), operation(np.eye(2), True)], "6mm1'", 24),
    ],
)
def test_point_groups_by_name(generators: list[Symmetry], symbol: str, order: int) -> None:
    group = magnetic_point_group(generators)
    assert group.name == symbol
    assert group.order == order
    assert group.contains(np.eye(2), False)
    for g in generators:
        assert group.contains(g.rotation, g.antiunitary)
    for a in group.elements:
        for b in group.elements:
            assert group.contains(a.rotation @ b.rotation, a.antiunitary != b.antiunitary)


def test_a_rotation_by_no_fraction_of_a_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="do not close"):
        magnetic_point_group([operation(rotation(1.0))])


@pytest.mark.parametrize(
    ("matrix", "name"),
    [
        (np.eye(2), "E"),
        (C2, "C2"),
        (C3, "C3"),
        (C3.T, "C3^-1"),
        (C4.T, "C4^-1"),
        (M_X, "M_x"),
        (M_Y, "M_y"),
        (np.array([[0.0, -1.0], [-1.0, 0.0]]), "M_45°"),
        (rotation(2.0), "C(114.6°)"),
    ],
)
def test_names_in_the_plane(matrix: np.ndarray, name: str) -> None:
    assert plane_name(matrix) == name
