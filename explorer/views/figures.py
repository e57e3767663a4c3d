"""Figures of the tabs beside the live one: built on first sight, in colours that read on light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from bokeh.models import ColorBar, ColumnDataSource, LinearColorMapper, Span
from bokeh.plotting import figure

from explorer.brillouin import brillouin_zone
from explorer.frames import Frame
from explorer.meshes import MeshGeometry
from explorer.physics.zone import Disc
from explorer.views import View
from explorer.views.figure_data import archive, figures_in
from models.arrays import Floats

BLUE, ORANGE, GREEN, PURPLE, GREY = "#2f8fd8", "#e07b39", "#37a169", "#b069d6", "#808690"
"""Line colours, at least 3:1 against white and against the dark page."""
DIVERGING = [
    "#2166ac",
    "#4393c3",
    "#92c5de",
    "#d1e5f0",
    "#f7f7f7",
    "#fddbc7",
    "#f4a582",
    "#d6604d",
    "#b2182b",
]
"""Blue to red through white, ColorBrewer RdBu; interpolated to 255 steps."""
RASTER = 181
"""Pixels per side of a map."""


def _palette(steps: int = 255) -> list[str]:
    nodes = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in DIVERGING], dtype=float)
    at = np.linspace(0, len(nodes) - 1, steps)
    rgb = np.stack([np.interp(at, np.arange(len(nodes)), nodes[:, c]) for c in range(3)], axis=1)
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb.round().astype(int)]


PALETTE = _palette()


def styled(plot: Any) -> Any:
    """Transparent ground and middle greys: legible whichever theme the page has."""
    plot.background_fill_color = plot.border_fill_color = None
    plot.outline_line_color = GREY
    plot.outline_line_alpha = 0.4
    plot.title.text_color = GREY
    plot.title.text_font_size = "13px"
    for axis in plot.axis:
        axis.axis_label_text_color = axis.major_label_text_color = GREY
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = GREY
        axis.axis_label_text_font_style = "normal"
    plot.grid.grid_line_color = GREY
    plot.grid.grid_line_alpha = 0.2
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    return plot


class LinePlot:
    """Several lines over one abscissa. lines : name -> (colour, dash), in the order of the legend."""

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
    ) -> None:
        self.names = list(lines)
        self.source = ColumnDataSource({"x": [], **{name: [] for name in lines}})
        kinds = {"x_axis_type": "log" if (log if log_x is None else log_x) else "linear",
                 "y_axis_type": "log" if log else "linear"}  # fmt: skip
        self.figure = figure(
            title=title, x_axis_label=x_label, y_axis_label=y_label, height=height,
            sizing_mode="stretch_width", tools="pan,box_zoom,wheel_zoom,reset,save,hover",
            tooltips=[(x_label, "$x{0.[0000]}"), (y_label, "$y{0.[000]e+0}")], **kinds,
        )  # fmt: skip
        for name, (colour, dash) in lines.items():
            self.figure.line(
                "x", name, source=self.source, color=colour, line_dash=dash, line_width=2, legend_label=name
            )
        legend = self.figure.legend
        self.figure.add_layout(legend[0], "above")
        legend.ncols = min(2, len(lines))
        legend.click_policy = "hide"
        legend.background_fill_alpha = 0.0
        legend.border_line_color = None
        legend.label_text_color = GREY
        legend.label_text_font_size = "11px"
        legend.spacing = 0
        legend.padding = 2
        self.mark = Span(
            dimension="height", line_color=GREY, line_dash="dotted", line_width=1.5, visible=marker
        )
        self.figure.add_layout(self.mark)
        styled(self.figure)

    def show(
        self, x: Floats, values: Mapping[str, Floats], at: float | None = None, scale: float = 0.0
    ) -> None:
        """Replace the data; `at` is where the vertical mark stands.

        scale : size of what the lines belong to; the axis never shows less than a millionth of it, so that
            a component
        that vanishes is drawn as zero and not as rounding.
        """
        if scale > 0:
            self.figure.y_range.min_interval = 1e-6 * scale
        self.source.data = {"x": x, **{name: np.asarray(values[name], dtype=float) for name in self.names}}
        if at is not None:
            self.mark.location = at

    @property
    def pane(self) -> Any:
        """The figure in a pane that shares a row with others and wraps."""
        return boxed(self.figure)


class MapPlot:
    """A signed quantity over the Brillouin zone, colour range symmetric about zero."""

    def __init__(self, title: str, unit: str, height: int = 330) -> None:
        self.mapper = LinearColorMapper(palette=PALETTE, low=-1.0, high=1.0, nan_color="rgba(0,0,0,0)")
        self.source = ColumnDataSource({"image": [], "x": [], "y": [], "dw": [], "dh": []})
        self.outline = ColumnDataSource({"x": [], "y": []})
        self.title = title
        self.figure = figure(
            title=title, x_axis_label="kx [1/Å]", y_axis_label="ky [1/Å]", height=height, match_aspect=True,
            sizing_mode="stretch_width", tools="pan,box_zoom,wheel_zoom,reset,save,hover",
            tooltips=[("k [1/Å]", "$x{0.000}, $y{0.000}"), (unit, "@image{0.[000]e+0}")],
        )  # fmt: skip
        self.figure.image("image", "x", "y", "dw", "dh", source=self.source, color_mapper=self.mapper)
        self.figure.line("x", "y", source=self.outline, color=GREY, line_width=1.5)
        bar = ColorBar(color_mapper=self.mapper, title=unit, width=10, background_fill_alpha=0.0)
        bar.major_label_text_color = bar.title_text_color = GREY
        self.figure.add_layout(bar, "right")
        styled(self.figure)

    def show(self, raster: Raster, values: Floats, title: str) -> None:
        """values : (K,) on the picture's grid of the geometry that made the raster."""
        image = raster.image(values)
        top = float(np.nanquantile(np.abs(image), 0.995)) or 1.0
        self.mapper.update(low=-top, high=top)
        x0, x1, y0, y1 = raster.extent
        self.source.data = {"image": [image], "x": [x0], "y": [y0], "dw": [x1 - x0], "dh": [y1 - y0]}
        closed = np.concatenate([raster.outline, raster.outline[:1]])
        self.outline.data = {"x": closed[:, 0], "y": closed[:, 1]}
        self.figure.title.text = title

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
        n = m.mesh
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


def boxed(plot: Any) -> Any:
    """A figure in a pane."""
    return pn.pane.Bokeh(plot, sizing_mode="stretch_width")


def row(*items: Any) -> Any:
    """Figures and tables side by side where there is room, below each other where there is not."""
    columns = "repeat(auto-fit, minmax(min(100%, max(440px, 36%)), 1fr))"  # at most two
    style = {"display": "grid", "grid-template-columns": columns, "gap": "12px", "align-items": "start"}
    return pn.Column(*items, sizing_mode="stretch_width", styles=style)


def controls_row(*widgets: Any) -> Any:
    """Widgets one after the other, wrapping."""
    return pn.FlexBox(*widgets, sizing_mode="stretch_width", align_items="center", gap="4px")


def table_html(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """A table; cells are HTML already, head and caption are text."""
    top = "".join(f"<th scope=col style='text-align:left;padding:2px 10px'>{escape(h)}</th>" for h in head)
    body = "".join(
        "<tr>" + "".join(f"<td style='padding:2px 10px'>{c}</td>" for c in cells) + "</tr>" for cells in rows
    )
    return (
        f"<table style='border-collapse:collapse;font-variant-numeric:tabular-nums'>"
        f"<caption style='text-align:left;font-weight:600;padding:4px "
        f"10px'>{escape(caption)}</caption><tr>{top}</tr>{body}</table>"
    )


def clean(value: float, scale: float) -> float:
    """Zero where a value is rounding beside the scale of what it belongs to."""
    return 0.0 if abs(value) < 1e-9 * scale else value


def note_html(text: str) -> str:
    """A paragraph of explanation; `text` is HTML."""
    return f"<p style='max-width:90ch;line-height:1.45;opacity:.85;margin:6px 2px'>{text}</p>"


class FigureTab(View):
    """A view made of figures, built when the tab is first shown: an unopened tab costs nothing."""

    def layout(self) -> Any:
        """The tab's column; figures show once they are drawn into."""
        self._note = pn.pane.HTML("", sizing_mode="stretch_width")
        self._figures = pn.Column(
            *self.build(), sizing_mode="stretch_width", styles={"gap": "8px"}, visible=False
        )
        self._data = pmui.FileDownload(
            callback=self.data, filename=f"{self.key}.zip", label="Data of these figures (CSV)",
            size="small", auto=True, visible=False,
        )  # fmt: skip
        return pn.Column(
            pn.pane.HTML(note_html(self.intro), sizing_mode="stretch_width"), *self.controls(), self._note,
            self._figures, self._data, sizing_mode="stretch_width", scroll="y-auto", max_height=2400,
        )  # fmt: skip

    def draw(self, frame: Frame, result: Any) -> None:
        """New numbers, and nothing left to explain."""
        self._drawn = frame
        self.show(frame, result)
        self._note.object, self._figures.visible, self._data.visible = "", True, True

    def explain(self, why: str) -> None:
        """Between controls and figures."""
        self._note.object = note_html(f"Not computed: {escape(why)}.")

    def data(self) -> BytesIO:
        """What the tab's figures show, as CSV files in a zip."""
        return archive(figures_in(self._figures), self._drawn)

    def controls(self) -> list[Any]:
        """Widgets of the tab itself."""
        return []

    def build(self) -> list[Any]:
        """Figures and panes, called once."""
        raise TypeError(f"{type(self).__name__} must define build()")

    def show(self, frame: Frame, result: Any) -> None:
        """Replace their data."""
        raise TypeError(f"{type(self).__name__} must define show()")
