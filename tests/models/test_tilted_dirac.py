r"""The tilted massive Dirac cone against formulas worked out by hand.

H = h0 + d.sigma, h0 = w.k + c k^2, d = (v_x k_x, v_y k_y, m). Write a = v_x^2, b = v_y^2,
D = |d|, D^2 = a k_x^2 + b k_y^2 + m^2, and +- for the upper and lower band.

Energies and slopes.    e = h0 +- D,    de/dk_x = w_x + 2 c k_x +- a k_x / D, the same for y with b.

Metric.    G_il = (1/4) d_i n . d_l n with n = d/D, hence G_il = (d_i d . d_l d - d_i D d_l D) / 4 D^2:
    G_xx = a (b k_y^2 + m^2) / 4 D^4,  G_yy = b (a k_x^2 + m^2) / 4 D^4,  G_xy = -a b k_x k_y / 4 D^4.

Curvature.    With A = <u|i d u> and Omega = d_x A_y - d_y A_x, the upper band of d.sigma has
    Omega = -(1/2) n . (d_x n x d_y n) = -(1/2) d . (d_x d x d_y d) / D^3,
    d_x d x d_y d = (0, 0, v_x v_y):  Omega_+- = -+ m v_x v_y / 2 D^3.

Moment.    |n_y> lies in the other band m, (H - e_n)|n_y> = (e_m - e_n)|n_y> = -+ 2 D |n_y>, and
    Im <n_x|n_y> = -Omega/2:  Im <n_x|(H - e_n)|n_y> = +- D Omega_+- = -m v_x v_y / 2 D^2 for both bands.

T1.    S|m> = |m>/(e_n - e_m) = +-|m>/2D, and <m|H_x|m> + v_x^n = v_x^m + v_x^n = 2 d_x h0. With
    T1_i = Re <n_i| S [(H_x + v_x)|n_y> - (H_y + v_y)|n_x>] and Re <n_i|m><m|n_l> = G_il:
    T1_i = +- (1/D) (d_x h0 G_iy - d_y h0 G_ix).

T2.    T2_i = (1/2)(d_x G_iy - d_y G_ix).
    d_x G_xy = -a b k_y / 4 D^4 + a^2 b k_x^2 k_y / D^6,
    d_y G_xx = a b k_y / 2 D^4 - a b k_y (b k_y^2 + m^2) / D^6;
    the difference is a b k_y (-3/4 + 1) / D^4, so T2_x = a b k_y / 8 D^4, and by x <-> y (which reverses the
    curl) T2_y = -a b k_x / 8 D^4. Both bands alike.

Gap.    Lower band filled, w along x, c = 0, v_x = v_y = v: the surface form leaves T1 alone,
    chi_y = (e^2/hbar) int d2k/(2 pi)^2 (-w G_yy / D).  The angle averages a k_x^2 to v^2 k^2 / 2, and with
    k dk = D dD / v^2:  chi_y = -(w / 16 pi) int_|m|^Dc dD (D^2 + m^2) / D^4
    = -(w / 16 pi) (4/3|m| - 1/Dc - m^2/3 Dc^3),  Dc^2 = v^2 k_c^2 + m^2; without cutoff -w / (12 pi |m|).
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from explorer.models.kit.arrays import Floats
from explorer.models.tilted_dirac import TiltedDirac
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.symmetry.operations import verify
from explorer.physics.units import CHI_UNIT
from explorer.physics.zone.domain import zone_of
from tests.models.parameter_sets import parameter_sets

POINTS = np.random.default_rng(3).uniform(-0.4, 0.4, (2, 60))
SETS = [
    {},
    {"v_y": 1.7, "tilt_angle": 35.0, "curvature": 2.0},
    {"v_x": 1.1, "v_y": 4.0, "tilt": 5.0, "tilt_angle": -120.0, "mass": -0.3, "curvature": -3.0},
]


def by_hand(model: TiltedDirac, k: Floats) -> dict[str, Floats]:
    """The formulas of this module's head; two bands on the axis before k."""
    kx, ky = k
    a, b, m = model.v_x**2, model.v_y**2, model.mass
    angle, c = np.radians(model.tilt_angle), model.curvature
    w = model.tilt * np.array([np.cos(angle), np.sin(angle)])
    D = np.sqrt(a * kx**2 + b * ky**2 + m**2)
    s = np.array([[-1.0], [1.0]])
    h0 = w[0] * kx + w[1] * ky + c * (kx**2 + ky**2)
    h0_x, h0_y = w[0] + 2 * c * kx, w[1] + 2 * c * ky
    both = np.ones((2, 1))
    gxx, gyy = a * (b * ky**2 + m**2) / (4 * D**4), b * (a * kx**2 + m**2) / (4 * D**4)
    gxy = -a * b * kx * ky / (4 * D**4)
    return {
        "energy": h0 + s * D,
        "velocity": np.array([h0_x + s * a * kx / D, h0_y + s * b * ky / D]),
        "metric": np.array([both * gxx, both * gxy, both * gyy]),
        "berry_curvature": -s * m * model.v_x * model.v_y / (2 * D**3),
        "orbital_moment": -both * m * model.v_x * model.v_y / (2 * D**2),
        "term1": np.array([s * (h0_x * gxy - h0_y * gxx) / D, s * (h0_x * gyy - h0_y * gxy) / D]),
        "term2": np.array([both * a * b * ky / (8 * D**4), -both * a * b * kx / (8 * D**4)]),
    }


@pytest.mark.parametrize("parameters", SETS)
def test_every_quantity_agrees_with_the_formulas_by_hand(parameters: dict[str, float]) -> None:
    model = TiltedDirac(**parameters)
    g = band_geometry(model.hamiltonian(), POINTS)
    for name, expected in by_hand(model, POINTS).items():
        found = getattr(g, name)
        assert found.shape == expected.shape, name
        assert np.abs(found - expected).max() < 1e-10 * np.abs(expected).max(), name


@pytest.mark.parametrize("mass", [0.1, -0.25])
def test_chi_in_the_gap_is_the_closed_form(mass: float) -> None:
    model = TiltedDirac(mass=mass)
    h = model.hamiltonian()
    k, weights = zone_of(h).mesh(96)
    chi, _ = plain_sum(band_geometry(h, k), weights, INTRINSIC, np.array([0.0]), np.array([20.0]))
    edge = np.hypot(model.v_x * model.cutoff, mass)
    m = abs(mass)
    closed = -model.tilt / (16 * np.pi) * (4 / (3 * m) - 1 / edge - m**2 / (3 * edge**3))
    assert chi[0, 0, 1] == pytest.approx(closed * CHI_UNIT, rel=1e-6)
    assert abs(chi[0, 0, 0]) < 1e-12 * abs(chi[0, 0, 1])


def test_chi_in_the_gap_tends_to_the_limit_without_cutoff() -> None:
    model = TiltedDirac(cutoff=2.0)
    edge = np.hypot(model.v_x * 2.0, model.mass)
    h = model.hamiltonian()
    k, weights = zone_of(h).mesh(160)
    chi, _ = plain_sum(band_geometry(h, k), weights, INTRINSIC, np.array([0.0]), np.array([20.0]))
    limit = -model.tilt / (12 * np.pi * model.mass) * CHI_UNIT
    assert chi[0, 0, 1] == pytest.approx(limit, rel=model.mass / edge)


@settings(max_examples=60, deadline=None)
@given(parameter_sets(TiltedDirac))
def test_declared_symmetries_hold_at_any_parameters(parameters: dict[str, float]) -> None:
    model = TiltedDirac(**parameters)
    for check in verify(model.hamiltonian(), model.symmetries()):
        assert check.holds, (check.symmetry.name, check.residual)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, {"M_x T"}),
        ({"tilt_angle": 90.0}, {"M_y T"}),
        ({"tilt_angle": 30.0}, {"M_w T"}),
        ({"tilt_angle": 30.0, "v_y": 2.0}, set()),
        ({"tilt": 0.0}, {"M_x T", "M_y T", "C2z", "C4z"}),
        ({"tilt": 0.0, "v_y": 2.0}, {"M_x T", "M_y T", "C2z"}),
        ({"mass": 0.0}, {"M_x T", "C2z T"}),
        ({"mass": 0.0, "tilt": 0.0, "v_y": 2.0}, {"M_x T", "M_y T", "C2z", "C2z T", "T"}),
    ],
)
def test_operations_come_and_go_with_the_parameters(parameters: dict[str, float], names: set[str]) -> None:
    assert {s.name for s in TiltedDirac(**parameters).symmetries()} == names
