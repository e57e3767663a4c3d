"""What figures show beside the numbers they are given."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from explorer.live.frame import frame_of
from explorer.session.state import default_state
from explorer.views.figures import ticks as module
from explorer.views.figures.layout import table_html
from explorer.views.figures.plots import LinePlot, MapPlot, Raster

X = np.linspace(0.0, 1.0, 5)


def test_examples() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("size", "banded"), [(1e-9, False), (1e-3, True)])
def test_what_symmetry_forbids_has_no_band(size: float, banded: bool) -> None:
    """Zero beside its own error bars at every mu is no chance; a thousandth of them, at one mu, is no symmetry."""
    error, none = np.linspace(1.0, 2.0, 5), np.zeros(5, dtype=bool)
    plot = LinePlot("", "μ [eV]", "χ", {"a": ("#000000", "solid")}, bands=True)
    plot.show(X, {"a": size * np.eye(5)[2]}, errors={"a": (error, none)})
    low, high = plot.source.data["a, low"], plot.source.data["a, high"]
    assert bool((high - low > 0).any()) is banded


def test_a_line_that_is_not_known_at_all_keeps_what_its_band_says() -> None:
    plot = LinePlot("", "μ [eV]", "χ", dict.fromkeys("ab", ("#000000", "solid")), bands=True)
    endless = np.full(5, np.inf), np.zeros(5, dtype=bool)
    plot.show(X, {"a": np.zeros(5), "b": np.ones(5)}, errors={"a": endless})
    np.testing.assert_allclose(plot.source.data["a, high"], 1.25)


def test_only_numbers_with_error_bars_may_be_broken() -> None:
    html = table_html(("", "m", "χ"), [("row", "1, 2", "(1.0 ± 0.1)·10<sup>−6</sup>")], "caption")
    assert "<td>1, 2</td><td class=long>(1.0 ±&nbsp;0.1)·10<sup>−6</sup></td>" in html


def test_where_colours_end_before_the_values_is_said_below_the_map_and_not_in_its_title() -> None:
    m = frame_of(default_state("haldane"), 24).geometry
    values = np.zeros(m.picture.k.shape[1])
    values[7] = -2.5e7
    plot, raster = MapPlot("a map", "1"), Raster(m)
    (words,) = (t for t in plot.figure.below if type(t).__name__ == "Title")
    plot.show(raster, values, "a map [1]")
    assert (plot.figure.title.text, words.text) == ("a map [1]", "clipped, max 2.5·10⁷")
    plot.show(raster, np.ones_like(values), "a map [1]")
    assert words.text == " "
