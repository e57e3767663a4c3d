"""What symmetry forbids is shown as zero, what is small is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.live.checks import checklist
from explorer.live.frame import Frame, frame_of, sharp_curves, sharp_point
from explorer.physics.progress import UNATTENDED
from explorer.physics.units import CHI_UNIT
from explorer.session.state import NEAREST, default_state
from explorer.studies.induced_moment import response_parts
from explorer.studies.rounding import curves_vanish, terms, without_rounding
from explorer.views.live.glyphs import curve_glyphs
from explorer.views.live.readouts import foot_html
from explorer.views.tabs.potential import PotentialView
from tests.views.tabs.test_all_tabs import opened


@pytest.fixture(scope="module")
def forbidden() -> Frame:
    """Time reversal holds: chi and alpha vanish."""
    return frame_of(default_state("mos2"), mesh=36)


@pytest.fixture(scope="module")
def allowed() -> Frame:
    return frame_of(default_state("haldane"), mesh=36)


def test_what_cancels_is_zero_with_its_error_bar(forbidden: Frame) -> None:
    assert np.abs(forbidden.curves.chi).max() > 0, "rounding, which is what this is about"
    assert curves_vanish(forbidden)
    point = without_rounding(forbidden)
    for values in (point.chi, point.alpha, point.chi_error, point.alpha_error):
        assert np.array_equal(values, [0.0, 0.0])
    cards = foot_html(forbidden, checklist(forbidden))
    assert cards["responses"].count("<td class=n>0</td>") == 4
    assert "<td class=n>0</td><td class=unit>μ<sub>B</sub>/nm²" in cards["magnetization"]
    assert "zero at every" in cards["responses"]
    assert "converged" not in cards["responses"], "nothing is left to converge"
    assert cards["checks"].count("both sides vanish") == 3


def test_curves_that_vanish_are_drawn_as_zeros(forbidden: Frame) -> None:
    drawn = curve_glyphs(forbidden)
    assert not drawn["chi"].any()
    assert not drawn["alpha_mott"].any()
    assert np.isnan(drawn["chi_direct"]).all(), "not computed yet"
    assert np.isnan(drawn["residual_low"]).all()


def test_what_is_allowed_stays_whichever_band_the_map_shows(allowed: Frame) -> None:
    for frame in (allowed, replace(allowed, state=replace(allowed.state, band=NEAREST))):
        assert not curves_vanish(frame)
        point = without_rounding(frame)
        assert point.chi[1] == frame.point.chi[1]
        assert point.chi[0] == 0.0, "the mirror forbids x"
        np.testing.assert_array_equal(curve_glyphs(frame)["chi"], frame.curves.chi.T)


def test_a_value_that_is_small_but_not_rounding_is_kept(allowed: Frame) -> None:
    small = 1e-6 * float(np.abs(allowed.curves.chi).max())
    point = replace(allowed.point, chi=np.array([small, 1.0]), chi_error=np.zeros(2))
    kept = without_rounding(replace(allowed, point=point))
    assert kept.chi[0] == small


def test_what_cancels_is_integrated_in_no_time(forbidden: Frame) -> None:
    f = forbidden
    point = sharp_point(f.geometry, f.state, f.curves, f.point, UNATTENDED)
    assert point.converged
    assert point.evaluations < 100_000, "of a thousandth of rounding there were six million, and no end"
    assert np.abs(point.chi).max() < 1e-9 * terms(f) * CHI_UNIT
    sharp = replace(f, point=point, stage="sharp")
    assert foot_html(sharp, checklist(sharp))["responses"].count("<td class=n>0</td>") == 4
    curves = sharp_curves(f.geometry, f.state, f.curves, UNATTENDED)
    assert curves.adaptive
    assert not curves.chi_direct.any()
    assert not curves.alpha_integral.any()


def test_what_is_small_is_integrated(allowed: Frame) -> None:
    curves = sharp_curves(allowed.geometry, allowed.state, allowed.curves, UNATTENDED)
    assert np.abs(curves.chi_direct).max() > 1e3 * curves.chi_error.max() > 0
    assert not np.isfinite(curves.alpha_integral).any(), "still to come"


def test_a_potential_that_cancels_is_drawn_as_zero(forbidden: Frame) -> None:
    view, result, _ = opened(PotentialView, forbidden)
    assert np.array_equal(result.phi, np.zeros_like(result.phi))
    assert "vanishes here" in view._words.object
    assert not view._phi.source.data["Φx"].any()


@pytest.mark.parametrize(("angle", "there"), [(0.0, True), (90.0, False)])
def test_what_a_field_does_not_induce_is_zero(angle: float, there: bool) -> None:
    frame = frame_of(replace(default_state("cumnas"), field=1e4, field_angle=angle, gradient=0.0), mesh=36)
    for part in response_parts(frame, spin=True):
        allowed = there and part.mechanism == "intrinsic"
        assert (part.induced.electric != 0.0) is allowed
        assert part.induced.thermal == 0.0
