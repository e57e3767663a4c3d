"""Units of what is read, the field of a disc, and the two sensitivities."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.physics.observables.experiment import (
    KERR_PER_MAGNETIZATION,
    VACUUM_PERMEABILITY,
    flake_reading,
    stray_field,
    symmetric_sensitivity,
    with_tolerance,
)
from explorer.physics.observables.induced_magnetization import (
    in_plane,
    induced_curve,
    induced_error,
    induced_magnetization,
)
from explorer.physics.units import BOHR_MAGNETON, MAGNETIZATION_UNIT


def test_the_papers_estimate() -> None:
    """1e-4 nm/ohm in 1e4 V/m gives about 1e-4 mu_B/nm^2 (theory section 5)."""
    found = induced_magnetization(np.array([1e-4, 0.0]), np.zeros(2), np.array([1e4, 0.0]), np.zeros(2))
    assert found.total == pytest.approx(1e-9)
    assert found.in_muB_per_nm2 == pytest.approx(1.08e-4, rel=0.01)


def test_signs_of_the_three_drives() -> None:
    """dM = chi (E - grad mu/e) - alpha grad T, e < 0: grad mu of 1 eV/m acts as 1 V/m."""
    chi, alpha = np.array([2e-4, -1e-4]), np.array([3.0, 1.0])
    e, t = np.array([100.0, 50.0]), np.array([1e3, -2e3])
    found = induced_magnetization(chi, alpha, e, t)
    assert found.electric == pytest.approx((2e-4 * 100 - 1e-4 * 50) * 1e-9)
    assert found.thermal == pytest.approx(-(3.0 * 1e3 - 1.0 * 2e3) * 1e-18)
    assert found.total == found.electric + found.thermal
    chemical = induced_magnetization(chi, alpha, np.zeros(2), np.zeros(2), potential_gradient=e)
    assert chemical.electric == pytest.approx(found.electric)


def test_over_many_mu_it_is_that_of_each_and_what_no_field_asks_for_may_be_unknown() -> None:
    rng = np.random.default_rng(7)
    chi, alpha = rng.normal(size=(2, 5, 2))
    e, t = in_plane(2e4, 70.0), in_plane(3e6, -20.0)
    curve = induced_curve(chi, alpha, e, t).total
    each = [induced_magnetization(c, a, e, t).total for c, a in zip(chi, alpha, strict=True)]
    np.testing.assert_allclose(curve, each, rtol=1e-14)
    unknown = np.full((5, 2), np.nan)
    np.testing.assert_array_equal(induced_curve(chi, unknown, e, 0 * t).thermal, 0.0)
    assert np.isnan(induced_curve(chi, unknown, e, t).total).all()


@pytest.mark.parametrize("degrees", [0.0, 45.0, 135.0, -45.0, 180.0])
def test_errors_of_the_components_do_not_cancel_in_any_direction(degrees: float) -> None:
    """At 135 degrees the same error of both components would come to nothing if it had a sign."""
    wrong, e = np.array([2e-6, 2e-6]), in_plane(1e4, degrees)
    bar = float(induced_error(wrong, np.zeros(2), e, np.zeros(2)).total)
    assert bar == pytest.approx(2e-11 * np.abs(in_plane(1.0, degrees)).sum())
    corners = [induced_magnetization(wrong * s, np.zeros(2), e, np.zeros(2)).total for s in ((1, 1), (1, -1))]
    assert bar == pytest.approx(max(map(abs, corners)))
    thermal = induced_error(np.zeros(2), wrong, np.zeros(2), in_plane(1e5, degrees))
    assert float(thermal.thermal) > 0


def test_stray_field_against_biot_savart() -> None:
    """The edge current of a uniform sheet, summed numerically over the circle."""
    current, radius, height = 1e-9, 5e-6, 2e-6
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    at = radius * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    along = radius * (angle[1] - angle[0]) * np.stack([-np.sin(angle), np.cos(angle), 0 * angle], axis=1)
    to_point = np.array([0, 0, height]) - at
    field = (
        VACUUM_PERMEABILITY
        / (4 * np.pi)
        * current
        * np.cross(along, to_point)
        / np.hypot(radius, height) ** 3
    )
    assert float(stray_field(current, radius, height)) == pytest.approx(field.sum(axis=0)[2], rel=1e-9)
    far = float(stray_field(current, radius, 1e-3))  # dipole: mu_0 m/(2 pi z^3)
    moment = current * np.pi * radius**2
    assert far == pytest.approx(VACUUM_PERMEABILITY * moment / (2 * np.pi * 1e-9), rel=1e-3)
    with pytest.raises(ValueError, match="radius"):
        stray_field(1.0, 0.0, 1.0)


def test_flake() -> None:
    found = flake_reading(MAGNETIZATION_UNIT, 1e-6, 50e-9)
    assert found.moment_muB == pytest.approx(np.pi * 1e6)  # mu_B/nm^2 over the area in nm^2
    assert found.moment == pytest.approx(found.moment_muB * BOHR_MAGNETON)
    in_its_plane = float(stray_field(MAGNETIZATION_UNIT, 1e-6, 0.0))
    assert in_its_plane == pytest.approx(VACUUM_PERMEABILITY * MAGNETIZATION_UNIT / 2e-6)
    assert 0 < found.field < in_its_plane
    assert found.kerr == KERR_PER_MAGNETIZATION
    cri3 = flake_reading(6.0 / 0.4084 * MAGNETIZATION_UNIT, 1e-6, 1e-7)
    assert cri3.kerr == pytest.approx(5e-3)


def test_chi_against_the_tolerance() -> None:
    """PT pairs: a plateau over many decades of tolerance, the pairs merged throughout."""
    h = CuMnAs().hamiltonian()
    steps: list[float] = []
    tolerances = np.geomspace(1e-8, 1e-3, 4)
    found = symmetric_sensitivity(with_tolerance(h), tolerances, 0.6, 300.0, mesh=16, progress=steps.append)
    assert np.allclose(found.groups, 2)
    np.testing.assert_allclose(found.chi, found.chi[:1].repeat(4, axis=0), rtol=1e-6, atol=1e-12)
    assert np.abs(found.chi).max() > 1e-8
    assert steps == [0.25, 0.5, 0.75, 1.0]


def test_chi_against_a_small_pt_breaking() -> None:
    """Below the tolerance nothing changes; above it the pairs are two bands, another physical case."""
    strengths = np.array([0.0, 1e-9, 1e-2])
    found = symmetric_sensitivity(
        lambda s: CuMnAs(staggering=s).hamiltonian(), strengths, 0.6, 300.0, mesh=16
    )
    assert found.groups[0] == found.groups[1] == pytest.approx(2)
    assert found.groups[2] > 3.5
    np.testing.assert_allclose(found.chi[1], found.chi[0], rtol=1e-6, atol=1e-12)
    assert np.isfinite(found.chi).all()
    assert np.isfinite(found.alpha).all()


def test_single_bands_do_not_care() -> None:
    h = Haldane().hamiltonian()
    found = symmetric_sensitivity(with_tolerance(h), [1e-9, 1e-5], 1.0, 300.0, mesh=16)
    np.testing.assert_array_equal(found.chi[0], found.chi[1])
