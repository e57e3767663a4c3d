"""Projections of a crystal."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from explorer.studies.crystal import Structure
from explorer.views.figures.layout import boxed
from explorer.views.figures.plots import BLUE, GREY, ORANGE, PURPLE, styled

AXES = "xyz"
SIZES = {"Cr": 13, "I": 10}


def projection(s: Structure, across: int, up: int, title: str, height: int = 330) -> Any:
    """Atoms, bonds and cell seen along the third axis. across, up : 0, 1, 2 for x, y, z."""
    p = figure(
        title=title,
        x_axis_label=f"{AXES[across]} [Å]",
        y_axis_label=f"{AXES[up]} [Å]",
        height=height,
        match_aspect=True,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,reset,save,hover",
        tooltips=[("atom", "@name"), ("x, y, z [Å]", "@x{0.00}, @y{0.00}, @z{0.00}")],
    )
    many = s.repeated(2)
    ends = many.bonds()
    p.multi_line(
        [b[:, across].tolist() for b in ends],
        [b[:, up].tolist() for b in ends],
        color=GREY,
        line_width=1.5,
        alpha=0.6,
    )
    depth = 3 - across - up
    order = np.argsort(
        many.positions[:, depth] * (1 if depth == 2 else -1)
    )  # what is nearest to the eye is drawn last
    x, y, z = many.positions[order].T
    moments = many.moments[order]
    symbols = [many.symbols[i] for i in order]
    colour = [
        PURPLE if a == "I" else ORANGE if m > 0 else BLUE for a, m in zip(symbols, moments, strict=True)
    ]
    names = [
        a if m == 0 else f"{a}, moment {'up' if m > 0 else 'down'}"
        for a, m in zip(symbols, moments, strict=True)
    ]
    sizes = [SIZES.get(a, 10) for a in symbols]
    # A moment's direction is a shape, too: not everybody tells the colours apart.
    shapes = ["circle" if m == 0 else "triangle" if m > 0 else "inverted_triangle" for m in moments.tolist()]
    data = {"x": x, "y": y, "z": z, "colour": colour, "name": names, "size": sizes, "shape": shapes}
    p.scatter(
        AXES[across],
        AXES[up],
        source=ColumnDataSource(data),
        size="size",
        color="colour",
        marker="shape",
        line_color=GREY,
        line_width=0.5,
    )
    a, b = s.cell[0], s.cell[1]
    if up == 1:
        corners = np.array([0 * a, a, a + b, b, 0 * a])
        p.line(corners[:, 0], corners[:, 1], color=GREY, line_dash="dashed", line_width=1.5)
    return boxed(styled(p))
