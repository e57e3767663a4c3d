"""A map of nothing yet, a map of zeros, and one whose hottest k is no measure of the rest."""

from __future__ import annotations

import numpy as np

from explorer.live.frame import frame_of
from explorer.session.state import default_state
from explorer.views.figures.plots import MapPlot, Raster


def said(values: np.ndarray | None, scale: np.ndarray | float) -> str:
    frame = frame_of(default_state("haldane"), 12)
    plot = MapPlot("Orbital moment", "μB")
    plot.show(Raster(frame.geometry), values, "m(k)", scale)
    return str(plot._clipped.text)


def test_what_is_not_computed_is_not_zero() -> None:
    nothing = np.zeros(144)
    assert said(None, 1.0) == "… not yet computed"
    assert said(nothing, 1.0) == "zero at every k"


def test_a_near_crossing_elsewhere_hides_no_moment() -> None:
    """tbg: a band of -78 mu_B was "zero at every k" beside the metric of a near-crossing of others, 1e12 times it."""
    values, size = np.full(144, -78.0), np.full(144, 100.0)
    size[3] = 1e12
    assert said(values, size) != "zero at every k"
    assert said(1e-9 * values, size) == "zero at every k"
