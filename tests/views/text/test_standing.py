"""Zero, not allowed, not yet computed and not resolved are told apart in shape and word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.live.frame import Frame, frame_of, sharp_point
from explorer.physics.progress import UNATTENDED
from explorer.session.state import default_state
from explorer.studies.at_state import at_state
from explorer.studies.standing import Standing
from explorer.views.live.readouts import foot_html
from explorer.views.text.standing import MARKS, component_html, number_html


def sharp(frame: Frame) -> Frame:
    point = sharp_point(frame.geometry, frame.state, frame.curves, frame.point, UNATTENDED)
    return replace(frame, point=point, stage="sharp")


@pytest.fixture(scope="module")
def haldane() -> Frame:
    return sharp(frame_of(default_state("haldane"), 48))


def test_every_standing_has_a_shape_and_a_word_of_its_own() -> None:
    marked = [MARKS[s][:2] for s in Standing if MARKS[s][1]]
    assert len({shape for shape, _ in marked}) == len({word for _, word in marked}) == len(marked) == 5
    assert "not yet computed" in number_html(0.0, 0.0, Standing.PENDING)
    assert "0" not in number_html(0.0, 0.0, Standing.PENDING).split(">")[1]


def test_symmetry_and_extrinsic_can_only_say_one_number(haldane: Frame) -> None:
    """Symmetry said -2.09e-6 without a bar where Extrinsic said (-3.21788 +- 0.00066)e-6."""
    found = at_state(haldane, "chi_extrinsic", UNATTENDED)
    assert found is not None
    assert found.value[0] == pytest.approx(-3.21788e-6, abs=7e-10)
    assert found.error[0] == pytest.approx(6.6e-10, rel=0.1)
    assert found.standing == (Standing.KNOWN, Standing.FORBIDDEN)
    assert "not allowed" in component_html(found, 1)
    again = at_state(haldane, "chi_extrinsic")
    assert again is not None
    assert again.value.tolist() == found.value.tolist()


def test_a_spin_response_that_symmetry_forbids_is_zero_on_every_tab() -> None:
    """mos2: Symmetry printed 4.85e-8, the rounding of a sum over the mesh, where Spin printed 0."""
    frame = sharp(frame_of(default_state("mos2"), 24))
    found = at_state(frame, "spin", UNATTENDED)
    assert found is not None
    assert set(found.standing) == {Standing.FORBIDDEN}
    assert not found.value.any()


def test_the_badge_is_of_the_numbers_beside_it(haldane: Frame) -> None:
    """A bar of a thousandth of the curve's maximum that is a quarter of the value is not green."""

    def badge(share: float) -> str:
        p = haldane.point
        error = share * np.abs(p.chi).max() * np.ones(2)
        return foot_html(replace(haldane, point=replace(p, chi_error=error, converged=True)), ())["responses"]

    assert 'verdict good">converged' in badge(0.001)
    assert 'verdict bad">not converged: the error bar is 28 % of χ' in badge(0.28)
    assert 'verdict bad">χ not resolved' in badge(1.4)
    assert "not resolved" in badge(1.4).split("<table>")[1]
