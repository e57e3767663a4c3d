"""Table I: what symmetry leaves, by hand and against computed sums over the zone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.arrays import Floats
from explorer.models.kit.model import Model
from explorer.models.kit.plane import rotation
from explorer.models.kit.spin_half import PAULI
from explorer.models.kit.symmetry import Symmetry
from explorer.models.tilted_dirac import TiltedDirac
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.occupations import fermi, fermi_slope
from explorer.physics.responses.catalogue import kinds
from explorer.physics.symmetry.allowed_components import Action, spin_action, symmetry_table
from explorer.physics.symmetry.report import SymmetryReport, symmetry_report
from explorer.physics.zone.domain import zone_of

ONE = np.eye(2, dtype=complex)
M_X, M_Y, C2 = np.diag([-1.0, 1.0]), np.diag([1.0, -1.0]), -np.eye(2)
C3, C4 = rotation(2 * np.pi / 3), rotation(np.pi / 2)
T = Symmetry("T", np.eye(2), 1j * PAULI[1], antiunitary=True)
P = Symmetry("P", C2, ONE)
PT = Symmetry("PT", C2, 1j * PAULI[1], antiunitary=True)


def turn(angle: float) -> Symmetry:
    spinor = np.diag(np.exp([-0.5j * angle, 0.5j * angle]))
    return Symmetry(f"C({np.degrees(angle):.0f})", rotation(angle), spinor)


def directions(symmetries: list[Symmetry]) -> dict[str, str]:
    return {row.kind.name: row.direction for row in symmetry_table(kinds(), symmetries)}


@pytest.mark.parametrize(
    ("symmetries", "intrinsic", "extrinsic", "equilibrium"),
    [
        ([], "all", "all", "allowed"),
        ([T], "none", "all", "none"),
        ([P], "none", "none", "allowed"),
        ([PT], "all", "none", "none"),
        ([P, T], "none", "none", "none"),
        ([Symmetry("M_x", M_X, ONE)], "x only", "x only", "none"),
        ([Symmetry("M_x T", M_X, ONE, True)], "y only", "x only", "allowed"),
        ([Symmetry("C2y", M_X, ONE)], "x only", "x only", "none"),
        ([PT, Symmetry("C2y", M_X, ONE)], "x only", "none", "none"),
        ([Symmetry("M_x", M_X, ONE), Symmetry("M_y", M_Y, ONE)], "none", "none", "none"),
        ([Symmetry("C3", C3, ONE)], "none", "none", "allowed"),
        ([Symmetry("C4 T", C4, ONE, True)], "none", "none", "none"),
        ([Symmetry("M_45", -C4 @ M_X, ONE)], "along 135°", "along 135°", "none"),
    ],
)
def test_table_one_by_hand(
    symmetries: list[Symmetry], intrinsic: str, extrinsic: str, equilibrium: str
) -> None:
    found = directions(symmetries)
    assert found["intrinsic"] == intrinsic
    assert found["extrinsic"] == extrinsic
    assert found["equilibrium magnetization"] == equilibrium
    assert found["anomalous Hall and Nernst"] == equilibrium


def test_the_operation_to_blame_is_named() -> None:
    mirror = Symmetry("M_x T", M_X, ONE, antiunitary=True)
    other = Symmetry("M_y T", M_Y, ONE, antiunitary=True)
    intrinsic = symmetry_table(kinds(), [mirror])[0]
    assert intrinsic.forbidden_by == (("M_x T",), ())
    both = symmetry_table(kinds(), [mirror, other])[0]
    assert both.forbidden_by == (("M_x T",), ("M_y T",))


def test_blame_falls_on_operations_together_where_none_forbids_alone() -> None:
    """Mirrors at 45 degrees and at 15 degrees each leave one oblique direction; together they leave none."""

    def mirror(angle: float) -> Symmetry:
        return Symmetry("m", rotation(2 * np.radians(angle)) @ M_Y, ONE)

    row = symmetry_table(kinds(), [mirror(45.0), mirror(15.0)])[0]
    assert row.direction == "none"
    assert row.forbidden_by == (("together",), ("together",))


def test_projector_leaves_only_the_allowed_direction() -> None:
    row = symmetry_table(kinds(), [Symmetry("M_45", -C4 @ M_X, ONE)])[0]
    assert np.allclose(row.projector(), [[0.5, -0.5], [-0.5, 0.5]])
    assert row.rank == 1
    assert row.allowed == (True, True)


def test_spin_of_inversion_and_of_the_twofold_axis_differ() -> None:
    """One operation to the plane, two to spin: P leaves an axial vector alone, C2z reverses s_x and s_y."""
    assert np.allclose(spin_action(P, PAULI), np.eye(3))
    assert np.allclose(spin_action(turn(np.pi), PAULI), np.diag([-1.0, -1.0, 1.0]))
    assert np.allclose(spin_action(T, PAULI), -np.eye(3))
    quarter = spin_action(turn(np.pi / 2), PAULI)
    assert np.allclose(quarter, [[0, -1, 0], [1, 0, 0], [0, 0, 1]])  # like positions: x to y
    equilibrium = {s.name: symmetry_table(kinds(), [s], PAULI)[4].direction for s in (P, turn(np.pi))}
    assert equilibrium == {"P": "all", "C(180)": "z only"}


def test_rashba_edelstein_effect_is_one_antisymmetric_number() -> None:
    """4mm and T: s_x E_y = -s_y E_x, extrinsic only."""
    crystal = [turn(np.pi / 2), Symmetry("M_x", M_X, PAULI[0]), T]
    rows = {row.kind.name: row for row in symmetry_table(kinds(), crystal, PAULI)}
    extrinsic = rows["spin, extrinsic"]
    assert extrinsic.rank == 1
    assert extrinsic.direction == "s_x E_y, s_y E_x (1 independent)"
    assert extrinsic.basis[0, 1] == pytest.approx(-extrinsic.basis[0, 2])
    assert rows["spin, intrinsic"].direction == "none"
    assert rows["equilibrium spin"].direction == "none"


def test_spin_without_spin_matrices_is_refused() -> None:
    with pytest.raises(ValueError, match="not known without spin matrices"):
        _ = Action("P", C2, False).on_spin
    leaving = Symmetry("U", np.eye(2), np.kron(ONE, ONE)[[0, 2, 1, 3]])
    spin = np.array([np.kron(np.diag([1, 0]), s) for s in PAULI])
    with pytest.raises(ValueError, match="does not carry spin into spin"):
        spin_action(leaving, spin)


# Computed sums. Meshes are symmetric: n x n with Gamma for the lattices, 24 directions for the disc.
CASES: list[tuple[type[Model], dict[str, float], float, int]] = [
    (CuMnAs, {}, 0.3, 24),
    (CuMnAs, {"neel_angle": 45.0}, 0.3, 24),
    (CuMnAs, {"neel_angle": 30.0}, 0.3, 24),
    (CuMnAs, {"neel_angle": 90.0, "neel_tilt": -20.0}, 0.3, 24),
    (CuMnAs, {"neel_tilt": 90.0}, 0.8, 24),
    (CuMnAs, {"staggering": 0.15}, 0.3, 24),
    (CuMnAs, {"exchange": 0.0, "staggering": 0.15}, 0.3, 24),
    (Haldane, {}, 0.6, 24),
    (Haldane, {"anisotropy": 0.0}, 0.6, 24),
    (Haldane, {"mass": 0.0}, 0.6, 24),
    (Haldane, {"flux": 0.0}, 0.6, 24),
    (TiltedDirac, {}, 0.2, 24),
    (TiltedDirac, {"tilt_angle": 30.0}, 0.2, 24),
    (TiltedDirac, {"tilt": 0.0}, 0.2, 24),
    (TiltedDirac, {"mass": 0.0}, 0.2, 24),
]


def sums(model: Model, mu: float, mesh: int) -> tuple[dict[str, Floats], dict[str, float]]:
    """Responses by a plain sum, and the sum of the moduli of what is added (what rounding compares to)."""
    h = model.hamiltonian()
    k, weights = zone_of(h).mesh(mesh)
    g = band_geometry(h, k)
    f, slope = fermi(g.energy, mu, 800.0), fermi_slope(g.energy, mu, 800.0)
    terms = {
        "intrinsic, T1": g.term1 * f,
        "intrinsic, T2": g.term2 * f,
        "intrinsic, surface": g.surface_density * slope,
        "extrinsic": g.velocity * g.orbital_moment * slope,
        "equilibrium magnetization": (g.orbital_moment * f)[None],
        "anomalous Hall and Nernst": (g.berry_curvature * f)[None],
    }
    total = {name: (t * weights).sum(axis=(1, 2)) for name, t in terms.items()}
    return total, {name: float((np.abs(t) * weights).sum()) for name, t in terms.items()}


def report_of(model: Model) -> SymmetryReport:
    return symmetry_report(model.hamiltonian(), kinds(), model.symmetries(), model.spin())


@pytest.mark.parametrize(("model", "parameters", "mu", "mesh"), CASES)
def test_forbidden_components_of_the_zone_sums_vanish(
    model: type[Model], parameters: dict[str, float], mu: float, mesh: int
) -> None:
    instance = model(**parameters)
    report = report_of(instance)
    assert all(c.holds for c in report.checks)
    total, size = sums(instance, mu, mesh)
    for name, found in total.items():
        row = report.row(name.split(", T")[0].split(", s")[0])
        outside = found - row.projector() @ found
        assert np.abs(outside).max() <= 1e-11 * size[name] + 1e-15, name


@pytest.mark.parametrize(
    ("model", "parameters", "mu", "names"),
    [
        (CuMnAs, {}, 0.3, ["intrinsic, T1", "intrinsic, surface"]),
        (CuMnAs, {"staggering": 0.15}, 0.3, ["intrinsic, T1", "extrinsic", "anomalous Hall and Nernst"]),
        (Haldane, {}, 0.6, ["intrinsic, T1", "extrinsic", "equilibrium magnetization"]),
        (TiltedDirac, {}, 0.2, ["intrinsic, T1", "intrinsic, surface", "extrinsic"]),
    ],
)
def test_allowed_components_are_there(
    model: type[Model], parameters: dict[str, float], mu: float, names: list[str]
) -> None:
    """So that the test above is not one of zeros."""
    instance = model(**parameters)
    total, size = sums(instance, mu, 24)
    report = report_of(instance)
    for name in names:
        row = report.row(name.split(", T")[0].split(", s")[0])
        for value, allowed in zip(total[name], row.allowed, strict=True):
            assert not allowed or abs(value) > 1e-4 * size[name], name


def spin_sums(model: Any, mu: float, mesh: int) -> dict[str, Floats]:
    """Spin responses from eigenvectors of non-degenerate bands, as (C,) in the order of the table.

    Equilibrium <s_i>; extrinsic -sum f0' v_j <s_i>; intrinsic 2 Re sum f0 s_nm A_mn / (e_n - e_m).
    """
    h = model.hamiltonian()
    k, weights = zone_of(h).mesh(mesh)
    m = bloch_matrices(h, k)
    e, u = np.linalg.eigh(m.H)
    s = np.einsum("kin,aij,kjm->aknm", u.conj(), model.spin(), u)
    v = np.einsum("kin,akij,kjm->aknm", u.conj(), np.asarray(m.first), u)
    gap = e[:, :, None] - e[:, None, :]  # e_n - e_m
    safe = np.where(np.eye(h.size, dtype=bool), np.inf, gap)
    f, slope = fermi(e, mu, 800.0), fermi_slope(e, mu, 800.0)
    # A_mn = i <m|H_j|n> / (e_n - e_m)
    intrinsic = 2 * np.einsum("k,kn,aknm,bkmn,knm->ab", weights, f, s, 1j * v, 1 / safe**2).real
    extrinsic = np.einsum("k,kn,aknn,bknn->ab", weights, slope, s.real, v.real)
    return {
        "equilibrium spin": np.einsum("k,kn,aknn->a", weights, f, s.real),
        "spin, intrinsic": intrinsic.ravel(),
        "spin, extrinsic": extrinsic.ravel(),
    }


@pytest.mark.parametrize(
    "parameters",
    [
        {"staggering": 0.15},
        {"staggering": 0.15, "neel_tilt": 0.0},
        {"staggering": 0.15, "neel_tilt": 90.0},
        {"staggering": 0.15, "neel_angle": 90.0},
    ],
)
def test_forbidden_spin_responses_vanish_and_allowed_ones_do_not(parameters: dict[str, float]) -> None:
    model = CuMnAs(**parameters)
    report = report_of(model)
    for name, found in spin_sums(model, 0.3, 24).items():
        row = report.row(name)
        scale = np.abs(found).max()
        assert scale > 1e-5 if row.rank else scale < 1e-12, name
        assert np.abs(found - row.projector() @ found).max() < 1e-10 * max(scale, 1e-3), name
        for value, allowed in zip(found, row.allowed, strict=True):
            assert not allowed or abs(value) > 1e-7, name


def test_a_response_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no response 'thermal Hall'"):
        report_of(Haldane()).row("thermal Hall")
