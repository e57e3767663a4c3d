"""What is drawn of a curve that is right in places, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from explorer.live.frame import frame_of
from explorer.session.state import default_state
from explorer.studies.curves import ResponseCurve
from explorer.views.curve_quality import bars, standing
from explorer.views.figures.plots import LinePlot
from explorer.views.tabs.extrinsic import ExtrinsicView

MU = np.linspace(0.0, 1.0, 5)


def curve(error: float, method: str = "adaptive") -> ResponseCurve:
    """chi of 1 with an error in its middle; its second component a thousandth with the same error."""
    chi, errors = np.ones((5, 2)) * [1.0, 1e-3], np.full((5, 2), 1e-4)
    errors[2] = error
    return ResponseCurve(MU, chi, chi, errors, errors, method)


def test_a_line_is_left_out_where_its_error_is_a_tenth_of_the_largest_value_of_all_components() -> None:
    for component in (0, 1):
        width, lost = bars(curve(0.11), "chi", component)
        np.testing.assert_array_equal(lost, [False, False, True, False, False])
        assert width[2] == 0.11
        assert not bars(curve(0.09), "chi", component)[1].any()


def test_a_band_shows_what_the_line_does_not_and_does_not_set_the_scale() -> None:
    plot = LinePlot("", "μ [eV]", "χ", {"a": ("#000000", "solid"), "b": ("#ff0000", "solid")}, bands=True)
    c = curve(50.0)
    plot.show(MU, {"a": c.chi[:, 0], "b": 2 * c.chi[:, 0]}, errors={"a": bars(c, "chi", 0)})
    data = plot.source.data
    assert np.isnan(data["a"][2])
    assert np.isfinite(np.delete(data["a"], 2)).all()
    np.testing.assert_allclose(data["a, low"], [0.9999, 0.9999, -2.5, 0.9999, 0.9999])
    np.testing.assert_allclose(data["a, high"], [1.0001, 1.0001, 2.5, 1.0001, 1.0001])
    np.testing.assert_array_equal(data["b, high"], data["b"])
    unknown = np.full(5, np.nan), np.zeros(5, dtype=bool)
    plot.show(MU, {"a": c.chi[:, 0], "b": c.chi[:, 0]}, errors={"a": unknown})
    np.testing.assert_array_equal(plot.source.data["a, low"], c.chi[:, 0])


def test_words_tell_what_the_curves_are_and_how_many_mu_are_missing() -> None:
    frame = frame_of(replace(default_state("haldane"), temperature=300.0), 12)
    assert "Not converged at 1 of 5 μ" in standing(frame, [curve(0.2)])
    assert "error bars of" not in standing(frame, [curve(0.2, "mesh")]).lower()
    good = standing(frame, [curve(1e-4)])
    assert "Not converged" not in good
    assert "below 0.01 % of the largest value" in good
    assert "every other point" in standing(frame, [curve(1e-4, "halves")])


def test_of_many_bands_the_tab_says_what_half_its_mesh_makes_of_it() -> None:
    state = default_state("tbg").with_parameter("shells", 2.0).with_parameter("valley", 0.0)
    frame = replace(frame_of(replace(state, temperature=1.0), 8), stage="sharp")
    view: Any = ExtrinsicView(None, lambda: None)  # type: ignore[arg-type]
    view.layout()
    view.draw(frame, view.compute(frame))
    assert "every other point of it" in view._table.object
    assert "Not converged at" in view._table.object
    assert any(np.isnan(plot.source.data["extrinsic"]).any() for plot in view._plots.values())
