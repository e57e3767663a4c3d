"""Figures of the tabs beside the live one: built on first sight, in colours that read on light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    LinearAxis,
    LinearColorMapper,
    NoOverlap,
    Span,
    Title,
)
from bokeh.plotting import figure

from explorer.export.palette import MAP_COLOURS
from explorer.models.kit.arrays import Bools, Floats
from explorer.physics.zone.brillouin import brillouin_zone
from explorer.physics.zone.domain import Disc
from explorer.studies.standing import Standing
from explorer.views.figures.layout import boxed
from explorer.views.figures.svg import add_svg_tool
from explorer.views.figures.ticks import pointed, power_of_ten, ticks
from explorer.views.text.standing import MARKS, NOTHING

if TYPE_CHECKING:
    from explorer.meshes.mesh import MeshGeometry

BLUE, ORANGE, GREEN, PURPLE, GREY = "#2f8fd8", "#e07b39", "#37a169", "#b069d6", "#808690"
"""Line colours, at least 3:1 against white and against the dark page."""
RASTER = 181
"""Pixels per side of a map."""
VANISHED = 1e-7
"""Share of the scale below which a line is drawn as zero."""
FORBIDDEN = 1e-6
"""Share of its own error bars below which a line is zero by symmetry."""
LEGEND_WORDS = 20
"""Longest name of a line [letters] with which a legend has two columns: more does not fit a telephone."""
LEGEND_LINE = 24
"""Pixels that a line of a legend takes from a plot."""


def styled(plot: Any) -> Any:
    """Transparent ground and quiet lines; letters take the colour of the page's theme."""
    plot.background_fill_color = plot.border_fill_color = None
    plot.outline_line_color = GREY
    plot.outline_line_alpha = 0.4
    plot.grid.grid_line_color = GREY
    plot.grid.grid_line_alpha = 0.2
    plot.title.text_font_size = "13px"
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    add_svg_tool(plot)
    for axis in plot.axis:
        axis.major_label_policy = NoOverlap(min_distance=4)
        if isinstance(axis, LinearAxis):
            axis.formatter = ticks()
    return plot


class LinePlot:
    """Several lines over one abscissa. lines : name -> (colour, dash), in the order of the legend.

    bands : whether the lines may have error bars, drawn as bands in their colour.
    """

    def __init__(
        self,
        title: str,
        x_label: str,
        y_label: str,
        lines: Mapping[str, tuple[str, str]],
        *,
        log: bool = False,
        log_x: bool | None = None,
        marker: bool = True,
        height: int = 280,
        bands: bool = False,
    ) -> None:
        self.names, self._log = list(lines), log
        self._bands = {name: (f"{name}, low", f"{name}, high") for name in lines} if bands else {}
        edges = [edge for pair in self._bands.values() for edge in pair]
        self.source = ColumnDataSource({"x": [], **{name: [] for name in [*lines, *edges]}})
        kinds = {
            "x_axis_type": "log" if (log if log_x is None else log_x) else "linear",
            "y_axis_type": "log" if log else "linear",
        }
        self.figure = figure(
            title=title,
            x_axis_label=x_label,
            y_axis_label=y_label,
            height=height,
            sizing_mode="stretch_width",
            tools="pan,box_zoom,wheel_zoom,reset,save",
            **kinds,
        )
        read = [(x_label, "$x{custom}"), (y_label, "$y{custom}")]
        self.figure.add_tools(HoverTool(tooltips=read, formatters={"$x": pointed(), "$y": pointed()}))
        for name, (low, high) in self._bands.items():
            self.figure.varea(
                "x", y1=low, y2=high, source=self.source, color=lines[name][0], alpha=0.3, legend_label=name
            )
        for name, (colour, dash) in lines.items():
            self.figure.line(
                "x", name, source=self.source, color=colour, line_dash=dash, line_width=2, legend_label=name
            )
        legend = self.figure.legend[0]
        legend.visible = len(lines) > 1
        self.figure.add_layout(legend, "above")
        legend.ncols = 2 if max(map(len, lines)) <= LEGEND_WORDS else 1
        self.figure.height += LEGEND_LINE * (-(-len(lines) // legend.ncols) - 1)
        legend.click_policy = "hide"
        legend.background_fill_alpha = 0.0
        legend.border_line_color = None
        legend.spacing = 0
        legend.label_text_font_size = "12px"
        legend.padding = 2
        self.mark = Span(
            dimension="height", line_color=GREY, line_dash="dotted", line_width=1.5, visible=marker
        )
        self.figure.add_layout(self.mark)
        styled(self.figure)

    def show(
        self,
        x: Floats,
        values: Mapping[str, Floats],
        at: float | None = None,
        scale: float = 0.0,
        errors: Mapping[str, tuple[Floats, Bools]] | None = None,
    ) -> None:
        """Replace the data; `at` is where the vertical mark stands.

        scale : size of what the lines belong to: beside it what is only rounding is drawn as zero. errors : by line the
        half width of its band, none where that is NaN, and where the line is left out, for it is not resolved there.
        """
        drawn = {name: np.asarray(values[name], dtype=float) for name in self.names}
        if scale > 0:
            nothing = all(not (np.abs(v) > VANISHED * scale).any() for v in drawn.values())
            drawn = {n: np.where(np.isfinite(v), 0.0, v) for n, v in drawn.items()} if nothing else drawn
            self.figure.y_range.update(min_interval=None, default_span=0.1 * scale)
        if self._log:
            self.figure.yaxis.ticker = _decades(np.concatenate(list(drawn.values())))
        edges: dict[str, Floats] = {}
        if self._bands:
            edges = self._edges(drawn, errors or {})
            for name, (_, lost) in (errors or {}).items():
                drawn[name] = np.where(lost, np.nan, drawn[name])
        self.source.data = {"x": x, **drawn, **edges}
        if at is not None:
            self.mark.location = at

    def _edges(
        self, drawn: Mapping[str, Floats], errors: Mapping[str, tuple[Floats, Bools]]
    ) -> dict[str, Floats]:
        """Lower and upper edges of the bands; what is not resolved at all does not set the scale of the rest.

        A line that is zero beside its own error bars everywhere is so by symmetry, not by chance: it has no band.
        """
        seen = {n: np.where(errors[n][1], 0.0, v) if n in errors else v for n, v in drawn.items()}
        top = 1.25 * max(float(np.nanmax(np.abs(v), initial=0.0)) for v in seen.values())
        edges: dict[str, Floats] = {}
        for name, pair in self._bands.items():
            wide = errors[name][0] if name in errors else np.zeros(1)
            widest = float(np.nanmax(wide, initial=0.0))
            if np.isfinite(widest) and not (np.abs(drawn[name]) > FORBIDDEN * widest).any():
                wide = np.zeros(1)
            for edge, sign in zip(pair, (-1.0, 1.0), strict=True):
                edges[edge] = np.clip(drawn[name] + sign * np.nan_to_num(wide, posinf=np.inf), -top, top)
        return edges

    @property
    def pane(self) -> Any:
        """The figure in a pane that shares a row with others and wraps."""
        return boxed(self.figure)


def _decades(values: Floats) -> FixedTicker:
    """Ticks of a logarithmic axis: each power of ten, or 1, 2 and 5 times it where there are few of them.

    Bokeh's own are those of a linear axis where an axis spans less than two decades.
    """
    size = np.log10(values[np.isfinite(values) & (values > 0)])
    low, high = (float(size.min()), float(size.max())) if size.size else (0.0, 1.0)
    steps = (1.0,) if high - low > 2.5 else (1.0, 2.0, 5.0)
    powers = range(int(np.floor(low)) - 1, int(np.ceil(high)) + 2)
    return FixedTicker(ticks=[step * 10.0**power for power in powers for step in steps])


def coefficient_plots(
    lines: Mapping[str, tuple[str, str]], bands: bool = False
) -> dict[tuple[str, int], LinePlot]:
    """A plot over mu of each component of chi and of alpha, by ("chi" or "alpha", component)."""
    return {
        (name, i): LinePlot(
            f"{symbol}{'xy'[i]}(μ)", "μ [eV]", f"{symbol}{'xy'[i]} [{unit}]", lines, bands=bands
        )
        for name, symbol, unit in (("chi", "χ", "nm/Ω"), ("alpha", "α", "nA nm/K"))
        for i in (0, 1)
    }


class MapPlot:
    """A signed quantity over the Brillouin zone, colours symmetric about zero."""

    def __init__(self, title: str, unit: str, height: int = 330) -> None:
        self.mapper = LinearColorMapper(
            palette=MAP_COLOURS[False], low=-1.0, high=1.0, nan_color="rgba(0,0,0,0)"
        )
        self.source = ColumnDataSource({"image": [], "x": [], "y": [], "dw": [], "dh": []})
        self.outline = ColumnDataSource({"x": [], "y": []})
        self.figure = figure(
            title=title,
            x_axis_label="kx [1/Å]",
            y_axis_label="ky [1/Å]",
            height=height,
            match_aspect=True,
            sizing_mode="stretch_width",
            tools="pan,box_zoom,wheel_zoom,reset,save",
        )
        read = [("k [1/Å]", "$x{custom}, $y{custom}"), (unit, "@image{custom}")]
        formats = {"$x": pointed(3), "$y": pointed(3), "@image": pointed()}
        self.figure.add_tools(HoverTool(tooltips=read, formatters=formats))
        self.figure.image("image", "x", "y", "dw", "dh", source=self.source, color_mapper=self.mapper)
        self.figure.line("x", "y", source=self.outline, color=GREY, line_width=1.5)
        bar = ColorBar(color_mapper=self.mapper, width=10, background_fill_alpha=0.0, formatter=ticks())
        self.figure.add_layout(bar, "right")
        self._clipped = Title(
            text=" ",
            align="right",
            text_font_size="11px",
            text_font_style="normal",
            standoff=0,
            text_alpha=0.8,
        )
        self.figure.add_layout(self._clipped, "below")
        self.figure.min_border_left = 62  # of the axis as it is with numbers: it is not measured again
        styled(self.figure)

    def show(self, raster: Raster, values: Floats | None, title: str, scale: Floats | float = 0.0) -> None:
        """values : (K,) on the picture's grid of the geometry that made the raster, None where there are none yet.

        title : with the unit. scale : size of what cancels in each value, one for all or (K,): beside it what is only
        rounding is drawn as zero.
        """
        pending = values is None
        values = np.zeros(raster.points) if values is None else values
        nothing = pending or bool((np.abs(values) <= VANISHED * scale).all())
        image = raster.image(np.zeros_like(values) if nothing else values)
        top = float(np.nanquantile(np.abs(image), 0.995)) or 1.0
        self.mapper.update(low=-top, high=top)
        largest = float(np.nanmax(np.abs(image)))
        x0, x1, y0, y1 = raster.extent
        self.source.data = {"image": [image], "x": [x0], "y": [y0], "dw": [x1 - x0], "dh": [y1 - y0]}
        closed = np.concatenate([raster.outline, raster.outline[:1]])
        self.outline.data = {"x": closed[:, 0], "y": closed[:, 1]}
        self.figure.title.text = title
        # Where colours end before the values do, both are said, as on the live page: below, where there is room.
        self._clipped.text = f"clipped, max {power_of_ten(largest)}" if largest > 1.005 * top else " "
        if nothing:
            shape, word, _ = MARKS[Standing.PENDING]
            self._clipped.text = f"{shape} {word}" if pending else NOTHING

    @property
    def pane(self) -> Any:
        """As of `LinePlot`."""
        return boxed(self.figure)


class Raster:
    """Pixels of the Brillouin zone (or disc) and the mesh point nearest to each."""

    def __init__(self, m: MeshGeometry) -> None:
        self.outline = m.outline
        low, high = m.outline.min(axis=0), m.outline.max(axis=0)
        self.extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
        x, y = np.meshgrid(*(np.linspace(a, b, RASTER) for a, b in zip(low, high, strict=True)))
        k = np.stack([x.ravel(), y.ravel()])
        n, self.points = m.mesh, m.mesh**2
        if isinstance(m.zone, Disc):
            column, row = np.clip(np.rint((k / m.zone.cutoff + 1) / 2 * (n - 1)).astype(int), 0, n - 1)
            self._index = row * n + column
            self._inside = np.hypot(*k) <= m.zone.cutoff
        else:
            fraction = np.linalg.solve(m.zone.reciprocal.T, k)
            i, j = np.rint(fraction * n).astype(int) % n
            self._index = i * n + j
            # inside the convex outline: on the same side of every edge
            corners = brillouin_zone(m.zone.reciprocal)
            edges = np.roll(corners, -1, axis=0) - corners
            side = edges[:, :1] * (k[1] - corners[:, 1:]) - edges[:, 1:] * (k[0] - corners[:, :1])
            self._inside = np.all(side >= -1e-9, axis=0) | np.all(side <= 1e-9, axis=0)

    def image(self, values: Floats) -> np.ndarray:
        """(RASTER, RASTER), NaN outside the zone."""
        return np.where(self._inside, values[self._index], np.nan).reshape(RASTER, RASTER).astype(np.float32)


def recolour(layout: Any, dark: bool) -> None:
    """Give the maps of a layout the colours of the page's theme, on the event loop."""
    for pane in layout.select(pn.pane.Bokeh):
        for mapper in pane.object.select({"type": LinearColorMapper}):
            mapper.palette = MAP_COLOURS[dark]
