"""A saved picture is what the page shows: its scale, its clipping, its lines, its numbers, and where it comes from."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import pytest
from matplotlib.figure import Figure

from explorer.export import page
from explorer.export.colour_scale import ColourScale, colour_bytes
from explorer.export.palette import PALETTES
from explorer.export.pictures import draw
from explorer.export.screen_style import MAP_COLOURS, ScreenScale, colour_end, written
from explorer.live.frame import Frame, frame_of
from explorer.session.state import default_state


@pytest.fixture(scope="module")
def frame() -> Frame:
    return frame_of(default_state("haldane"), 32)


def drawn(result: object) -> Figure:
    figure = Figure(figsize=(9, 4.2))
    draw(result, figure)
    return figure


def words_of(figure: Figure) -> str:
    return figure._supxlabel.get_text() if figure._supxlabel else ""  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["curves", "bands", "zone_map"])
def test_a_caption_says_where_it_comes_from(frame: Frame, name: str) -> None:
    words = words_of(drawn(getattr(page, name)(frame))).replace("\n", " ")
    for part in (
        "haldane",
        "mass = 0.5",
        "flux = 1.2",
        "μ = 0.3 eV",
        "T = 100 K",
        "32 × 32",
        version("om-explorer"),
    ):
        assert part in words, part


def test_colours_are_the_bytes_of_the_page() -> None:
    values = np.linspace(-150.0, 150.0, 61)
    limit = ColourScale().follow(values)
    assert colour_end(values)[0] == limit
    expected = PALETTES["light"]["map"][colour_bytes(values, limit)]
    found = 255 * MAP_COLOURS(ScreenScale(limit)(np.clip(values, -limit, limit)))[:, :3]
    # the page rounds to its 255 colours, matplotlib to 256: at most one entry apart
    near = np.abs(np.diff(PALETTES["light"]["map"].astype(float), axis=0)).max() + 1
    assert np.abs(found - expected).max() <= near


def test_a_map_has_the_fermi_line_and_bands_have_mu(frame: Frame) -> None:
    maps = drawn(page.zone_map(frame)).axes[:2]
    assert all(any(type(c).__name__ == "QuadContourSet" for c in axes.collections) for axes in maps)
    (bands, _) = drawn(page.bands(frame)).axes
    assert [line.get_ydata()[0] for line in bands.lines] == [frame.state.mu] * len(bands.lines)
    assert len(bands.lines) == 1
    left, right = drawn(page.curves(frame)).axes
    for axes in (left, right):
        assert any(np.array_equal(line.get_xdata(), [frame.state.mu] * 2) for line in axes.lines)


def test_numbers_have_no_e() -> None:
    assert written(1.4e2) == "140"
    assert written(-2.5e-7) == "$-2.5\\cdot10^{-7}$"
    assert "e" not in written(3e12)


def test_a_curve_that_is_not_settled_is_pale(frame: Frame) -> None:
    left, _ = drawn(page.curves(frame)).axes
    assert {line.get_alpha() for line in left.lines if line.get_label().startswith("$")} == {0.4}
    assert "pale: not settled" in words_of(drawn(page.curves(frame)))
