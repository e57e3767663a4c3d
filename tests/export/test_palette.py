"""Colours of maps: zero is the page's own, both signs are equally light, and the browser draws the same ones."""

from __future__ import annotations

import json

import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv

from explorer.export.palette import MAP_COLOURS, PALETTES, ZERO, palettes_script, srgb
from explorer.views.live.canvas import LiveCanvas

GROUND = {"light": 255, "dark": 18}
"""Of the page in either theme, each channel."""


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance of WCAG 2, which knows nothing of OKLab."""
    channel = rgb / 255.0
    linear = np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def test_oklab_of_known_colours() -> None:
    # Lightness, chroma and hue of sRGB red, green, blue as CSS Color 4 prints them.
    known = [
        (0.62796, 0.25768, 29.23),
        (0.86644, 0.29483, 142.50),
        (0.45201, 0.31321, 264.05),
        (1.0, 0.0, 0.0),
    ]
    found = srgb(*np.array(known).T)
    assert np.abs(found.astype(int) - [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]).max() <= 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_zero_is_the_page_and_large_stands_out(theme: str) -> None:
    palette = PALETTES[theme]["map"].astype(float)
    assert np.abs(palette[ZERO] - GROUND[theme]).max() < 25
    assert np.ptp(palette[ZERO]) <= 2, "grey"
    page, ends = luminance(np.full(3, GROUND[theme])), luminance(palette[[1, 255]])
    contrast = (np.maximum(page, ends) + 0.05) / (np.minimum(page, ends) + 0.05)
    assert contrast.min() > 7
    light = luminance(palette[1:])
    rising = 1 if theme == "dark" else -1
    assert (rising * np.diff(light[127:]) > -0.004).all()
    assert (rising * np.diff(light[127::-1]) > -0.004).all()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_signs_are_equally_light_and_of_their_own_colour(theme: str) -> None:
    palette = PALETTES[theme]["map"]
    below, above = palette[1:ZERO][::-1], palette[ZERO + 1 :]
    assert np.abs(np.sqrt(luminance(below)) - np.sqrt(luminance(above))).max() < 0.12
    coloured = slice(30, None)
    for half, blue in ((below, True), (above, False)):
        hue = rgb_to_hsv(half[coloured] / 255.0)[:, 0] * 360
        assert ((hue > 190) & (hue < 280)).all() if blue else ((hue < 60) | (hue > 330)).all()


def test_tabs_and_the_live_picture_have_the_same_colours() -> None:
    sent = json.loads(palettes_script().removeprefix("const PALETTES = "))
    for dark, theme in ((False, "light"), (True, "dark")):
        bytes_ = sent[theme]["map"]
        assert [f"#{bytes_[i : i + 6]}" for i in range(6, 6 * 256, 6)] == MAP_COLOURS[dark]
        assert len(MAP_COLOURS[dark]) == 255
    assert LiveCanvas._esm.startswith(palettes_script())
