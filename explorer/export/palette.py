"""Diverging colours for signed quantities, the same on every map of the page.

Zero is the colour of the page, near white in the light theme and near black in the dark one, so that what stands out
is what is large; blue below, orange and red above, even in lightness (OKLab of B. Ottosson, 2020).
"""

from __future__ import annotations

import json

import numpy as np

from explorer.models.kit.arrays import Floats

ZERO, STEPS = 128, 127
"""Entry of zero in a palette of 256, and entries on either side of it."""
TO_CONES = np.array(
    [[0.3963377774, 0.2158037573], [-0.1055613458, -0.0638541728], [-0.0894841775, -1.2914855480]]
)
TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def srgb(lightness: Floats, chroma: Floats, hue: Floats) -> np.ndarray:
    """Colours (..., 3), 0 ... 255, of OKLab lightness, chroma and hue [degrees]; clipped to what screens show."""
    angle = np.radians(hue)
    cones = (
        lightness[..., None]
        + chroma[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1) @ TO_CONES.T
    )
    linear = np.clip(cones**3 @ TO_RGB.T, 0.0, 1.0)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(255 * curved), dtype=np.uint8)


def diverging(centre: float, end: float, chroma: float) -> np.ndarray:
    """256 colours (256, 3) from lightness `end` through `centre`, at entry `ZERO`, to `end`."""
    t = np.clip((np.arange(256) - ZERO) / STEPS, -1.0, 1.0)
    size = np.abs(t)
    grey = np.minimum(1.0, 6 * size)
    colourful = chroma * np.sin(np.pi * np.minimum(1.0, 0.12 + 0.55 * size)) * grey
    # The hues drift so that the ends stay saturated.
    hue = np.where(t < 0, 250 + 18 * size, 62 - 34 * size)
    return srgb(centre + (end - centre) * size, colourful, hue)


PALETTES = {
    "light": {"map": diverging(0.975, 0.36, 0.17), "line": diverging(0.70, 0.42, 0.19)},
    "dark": {"map": diverging(0.24, 0.86, 0.15), "line": diverging(0.52, 0.84, 0.16)},
}
"""By theme: of maps, and of lines, whose zero is to be seen against the page."""


def hex_colours(palette: np.ndarray) -> list[str]:
    """The entries on both sides of zero and zero itself, as `#rrggbb`."""
    return [f"#{bytes(colour).hex()}" for colour in palette[ZERO - STEPS :]]


MAP_COLOURS = {dark: hex_colours(PALETTES["dark" if dark else "light"]["map"]) for dark in (False, True)}
"""Colours of maps, for a page that is dark or not."""


def palettes_script() -> str:
    """The palettes as a constant of JavaScript, `PALETTES[theme][use]`: bytes of red, green and blue in hexadecimal."""
    text = {theme: {use: p.tobytes().hex() for use, p in uses.items()} for theme, uses in PALETTES.items()}
    return f"const PALETTES = {json.dumps(text)}"
