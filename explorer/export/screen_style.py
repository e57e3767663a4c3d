"""What a saved picture has of the page: colours and their scale, numbers, and a caption of where it comes from."""

from __future__ import annotations

from importlib.metadata import version
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import FuncNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from explorer.export.colour_scale import SHARPNESS, ColourScale
from explorer.export.palette import PALETTES
from explorer.models.kit.arrays import Floats
from explorer.session.source import Source

MAP_COLOURS = ListedColormap(PALETTES["light"]["map"] / 255.0, name="map")
LINE_COLOURS = ListedColormap(PALETTES["light"]["line"] / 255.0, name="line")
X_COLOUR, Y_COLOUR, MU_COLOUR, CONTOUR_COLOUR = "#0a5fa8", "#c2460a", "#14833b", "#111418"
"""Of the x and the y component, of mu, and of Fermi lines: the page's light theme (assets/live/colour.js)."""
CAPTION_LETTERS = 185
"""Letters of a line of a caption."""
PALE = 0.4
"""Strength of a line that may still move."""


class ScreenScale(FuncNorm):
    """asinh(SHARPNESS v / limit), as on the page: linear about zero, logarithmic beyond."""

    def __init__(self, limit: float) -> None:
        sharp = SHARPNESS / limit
        super().__init__(
            (lambda v: np.arcsinh(np.asarray(v) * sharp), lambda s: np.sinh(np.asarray(s)) / sharp),
            vmin=-limit,
            vmax=limit,
        )


def colour_end(values: Floats) -> tuple[float, tuple[str, str]]:
    """Where the colours end, as on the page, and how their bar says so: words, and which ends point."""
    limit, largest = ColourScale().follow(values), float(np.abs(values).max(initial=0.0))
    if largest <= 1.005 * limit:
        return limit, ("", "neither")
    return limit, (f"\nclipped at {written(limit)}, max {written(largest)}", "both")


def bar_of(figure: Figure, drawn: Any, axes: Any, label: str, limit: float, extend: str) -> None:
    """A bar of colours with a handful of ticks."""
    bar = figure.colorbar(drawn, ax=axes, label=label, extend=extend)
    steps = [0.01, 0.1, 1.0]
    bar.set_ticks([*(-limit * s for s in reversed(steps)), 0.0, *(limit * s for s in steps)])
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: written(v)))
    bar.minorticks_off()


def written(value: float, digits: int = 2) -> str:
    """A number as the page writes it: no 1.4e+02.

    >>> written(140.0), written(1.4e7), written(-0.00021), written(0.0)
    ('140', '$1.4\\\\cdot10^{7}$', '$-2.1\\\\cdot10^{-4}$', '0')
    """
    rounded = float(f"{value:.{digits}g}")
    if rounded == 0 or 1e-3 <= abs(rounded) < 1e5:
        return f"{rounded:.7g}".replace("-", "\N{MINUS SIGN}")
    mantissa, power = f"{rounded:.{digits - 1}e}".split("e")
    return f"${float(mantissa):g}\\cdot10^{{{int(power)}}}$"


def plain_ticks(axes: Axes) -> None:
    """Ticks of the vertical axis as the page writes them."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: written(v, 4)))


def caption(figure: Figure, source: Source, mu: float | None, temperature: float | None, method: str) -> None:
    """Below a picture: source, parameters, mu, T, method and version."""
    at = [] if mu is None else [f"μ = {mu:.6g} eV"]
    at += [] if temperature is None else [f"T = {temperature:.6g} K"]
    values = ", ".join(f"{name} = {value:.6g}" for name, value in source.parameters.items())
    parts = [source.name, values, ", ".join(at), method, f"om-explorer {version('om-explorer')}"]
    words = fill("; ".join(part for part in parts if part), CAPTION_LETTERS, break_on_hyphens=False)
    figure.supxlabel(words, fontsize=6.5, x=0.01, ha="left", parse_math=False)
