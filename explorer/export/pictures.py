"""Results as pictures, PNG or SVG, without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch, Polygon

from explorer.disk.replaced import replaced
from explorer.export.screen_style import (
    CONTOUR_COLOUR,
    LINE_COLOURS,
    MAP_COLOURS,
    ScreenScale,
    bar_of,
    caption,
    colour_end,
)
from explorer.models.kit.arrays import Floats
from explorer.physics.zone.brillouin import brillouin_zone
from explorer.physics.zone.domain import Disc
from explorer.results.bands_and_maps import Bands, LambdaMap
from explorer.results.response_map import ResponseMap

LAMBDA_LABEL = r"$\Lambda_{}$ ($e\,\hbar^{{-1}}\,$Å$^3$)"
DOTS_PER_INCH = 200


def write_picture(result: Any, path: Path) -> None:
    """Draw a result and write it as .png or .svg."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    draw(result, figure)
    canvas = FigureCanvasSVG(figure) if path.suffix.lower() == ".svg" else FigureCanvasAgg(figure)
    with replaced(path) as draft:
        canvas.print_figure(draft, dpi=DOTS_PER_INCH, format=path.suffix[1:].lower())


@singledispatch
def draw(result: Any, figure: Figure) -> None:
    """Draw a result into a figure."""
    raise TypeError(f"{type(result).__name__} has no picture")


@draw.register
def _(result: LambdaMap, figure: Figure) -> None:
    figure.suptitle(_map_title(result))
    labels = [LAMBDA_LABEL.format(name) for name in "xy"]
    _draw_maps(figure, result, result.values, labels)
    _map_caption(figure, result)


@draw.register
def _(result: ResponseMap, figure: Figure) -> None:
    row, found = result.row, result.zone_map
    at = "" if found.band is None else f", μ = {found.mu:g} eV, T = {found.temperature:g} K"
    unit = f"{row.printed_unit} Å²".replace("μ_B", "$\\mu_B$")
    names = [f"${row.latex}$ {c}" if len(row.components) > 1 else f"${row.latex}$" for c in row.components]
    _draw_many_maps(figure, found, result.values, names, f"contribution of a wave vector ({unit})")
    figure.suptitle(f"{_map_title(found)}{at}\n{row.title}", wrap=True)
    _map_caption(figure, found)


def _map_caption(figure: Figure, result: LambdaMap) -> None:
    caption(figure, result.source, result.mu, result.temperature, f"mesh of {result.mesh} × {result.mesh}")


def _map_title(result: LambdaMap) -> str:
    """Source, bands, and what their occupation depends on."""
    what = f"{result.source.model.title}: {result.words.replace('nearest mu', 'nearest μ')}"
    if result.band is None:
        what += f", μ = {result.mu:g} eV, T = {result.temperature:g} K"
    elif result.nearest:
        what += f" = {result.mu:g} eV"
    return what


def _draw_maps(figure: Figure, result: LambdaMap, values: Floats, labels: Sequence[str]) -> None:
    """One map a component over the zone, on one palette."""
    size, clipped = colour_end(values)
    for axes, component, label in zip(figure.subplots(1, len(labels)), values, labels, strict=True):
        _fill_zone(axes, result, component, size)
        _label_axes(axes)
        bar_of(figure, axes.collections[0], axes, label + clipped[0], size, clipped[1])


def _draw_many_maps(
    figure: Figure, result: LambdaMap, values: Floats, names: Sequence[str], unit: str
) -> None:
    """One map a component over the zone, three in a row, with one bar for all."""
    size, clipped = colour_end(values)
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    figure.set_size_inches(3.4 * columns + 1.6, 3.4 * rows + 0.6)
    drawn = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, component, name in zip(drawn, values, names, strict=False):
        _fill_zone(axes, result, component, size)
        _label_axes(axes)
        axes.set_title(name)
    for axes in drawn[len(names) :]:
        axes.set_axis_off()
    bar = drawn[0].collections[0]
    bar_of(figure, bar, list(drawn), unit + clipped[0], size, clipped[1])


def _label_axes(axes: Axes) -> None:
    axes.set(aspect="equal", xlabel="$k_x$ (1/Å)", ylabel="$k_y$ (1/Å)")


def _fill_zone(axes: Axes, result: LambdaMap, values: Floats, size: float) -> None:
    """One map over the first Brillouin zone or the disc, with its outline."""
    n = result.mesh
    kx, ky = result.geometry.k.reshape(2, n, n)
    style: dict[str, Any] = {"cmap": MAP_COLOURS, "norm": ScreenScale(size)}
    level: dict[str, Any] = {"levels": [result.mu], "colors": CONTOUR_COLOUR, "linewidths": 0.9}
    crossed = [e.reshape(n, n) for e in result.geometry.energy if e.min() < result.mu < e.max()]
    style |= {"shading": "gouraud", "rasterized": True}
    if isinstance(result.zone, Disc):
        # The angle is periodic: its first spoke once more closes the gap.
        around = [np.concatenate([a, a[:, :1]], axis=1) for a in (kx, ky, values)]
        axes.pcolormesh(*around, **style)
        for e in crossed:
            axes.contour(*around[:2], np.concatenate([e, e[:, :1]], axis=1), **level)
        outline: Patch = Circle((0.0, 0.0), result.zone.cutoff, fill=False)
        reach = np.array([[-1.0, -1.0], [1.0, 1.0]]) * result.zone.cutoff
    else:
        b1, b2 = result.zone.reciprocal
        corners = reach = brillouin_zone(result.zone.reciprocal)
        outline = Polygon(corners, closed=True, fill=False)
        closed = np.pad(values, ((0, 1), (0, 1)), mode="wrap")
        s, t = np.meshgrid(np.arange(n + 1) / n, np.arange(n + 1) / n, indexing="ij")
        # Copies of the reciprocal cell under the zone, clipped to it below.
        fractions = corners @ np.linalg.inv(result.zone.reciprocal)
        low, high = np.floor(fractions.min(axis=0) + 1e-9), np.ceil(fractions.max(axis=0) - 1e-9)
        for i in np.arange(low[0], high[0]):
            for j in np.arange(low[1], high[1]):
                shift = ((s + i)[..., None] * b1 + (t + j)[..., None] * b2).transpose(2, 0, 1)
                axes.pcolormesh(shift[0], shift[1], closed, **style)
                for e in crossed:
                    axes.contour(shift[0], shift[1], np.pad(e, ((0, 1), (0, 1)), mode="wrap"), **level)
    outline.set(edgecolor="0.3", linewidth=1)
    axes.add_patch(outline)
    for drawn in axes.collections:
        drawn.set_clip_path(outline)
    margin = 0.04 * np.ptp(reach, axis=0)
    axes.set_xlim(reach[:, 0].min() - margin[0], reach[:, 0].max() + margin[0])
    axes.set_ylim(reach[:, 1].min() - margin[1], reach[:, 1].max() + margin[1])


@draw.register
def _(result: Bands, figure: Figure) -> None:
    figure.suptitle(result.source.model.title)
    limit, clipped = colour_end(result.geometry.lambda_)
    for axes, values, name in zip(
        figure.subplots(1, 2, sharey=True), result.geometry.lambda_, "xy", strict=True
    ):
        lines = coloured_bands(axes, result, values, limit)
        axes.autoscale_view()
        axes.set_ylabel("energy (eV)")
        bar_of(figure, lines, axes, LAMBDA_LABEL.format(name) + clipped[0], limit, clipped[1])
    caption(figure, result.source, None, None, "bands along the path")


def coloured_bands(axes: Axes, result: Bands, values: Floats | None, limit: float) -> LineCollection:
    """Bands along the path into axes, coloured by values (N, K) up to a limit as on the page, or in one colour."""
    path, g = result.path, result.geometry
    lines: LineCollection
    for n, energy in enumerate(g.energy):
        points = np.stack([path.distance, energy], axis=1)
        pieces = np.stack([points[:-1], points[1:]], axis=1)
        if values is None:
            lines = LineCollection(list(pieces), colors=CONTOUR_COLOUR)
        else:
            colour = (values[n, :-1] + values[n, 1:]) / 2
            lines = LineCollection(list(pieces), array=colour, cmap=LINE_COLOURS, norm=ScreenScale(limit))
        axes.add_collection(lines)
    axes.set_xlim(path.distance[0], path.distance[-1])
    axes.set_xticks(path.distance[path.corners], path.labels)
    axes.grid(axis="x", color="0.8")
    return lines
