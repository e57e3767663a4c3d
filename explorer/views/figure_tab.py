"""What tabs made of figures share: their column, their options, and the widgets that set them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Floats
from explorer.views import View
from explorer.views.explain import ExplainBar
from explorer.views.figures.data import archive, figures_in, netcdf
from explorer.views.figures.layout import controls_row, note_html
from explorer.views.sidebar.sliders import Sliders, slider_item


class FigureTab(View):
    """A view made of figures, built when the tab is first shown: an unopened tab costs nothing.

    A subclass builds panes and figures in `build`, gives them data in `show`, and lists its widgets in `controls`;
    what these set are fields of `self.options`, a frozen dataclass.
    """

    def layout(self) -> Any:
        """The tab's column; figures show once they are drawn into."""
        wide = {"sizing_mode": "stretch_width"}
        self._note = pn.pane.HTML("", **wide)
        self._figures = pn.Column(*self.build(), styles={"gap": "8px"}, visible=False, **wide)
        self._data = controls_row(
            self._download(self.data, "zip", "Data of these figures (CSV)"),
            self._download(self.netcdf, "nc", "NetCDF"),
        )
        self._data.visible = False
        return pn.Column(
            pn.pane.HTML(note_html(self.intro), **wide),
            ExplainBar(self.key, lambda anchor: self.session.read(anchor)),
            *self.controls(),
            self._note,
            self._figures,
            self._data,
            **wide,
        )

    def _download(self, make: Callable[[], BytesIO], ending: str, label: str) -> Any:
        button = pmui.FileDownload(
            callback=make, filename=f"{self.key}.{ending}", label=label, size="small", auto=True
        )
        button.variant = "outlined"  # given above it meets a default of Panel's own
        return button

    def draw(self, frame: Frame, result: Any) -> None:
        """New numbers, and nothing left to explain."""
        self._drawn = frame
        self.show(frame, result)
        self._note.object, self._figures.visible = "", True
        self._data.visible = bool(figures_in(self._figures))

    def explain(self, why: str) -> None:
        """Between controls and figures."""
        self._note.object = note_html(f"Not computed: {escape(why)}.")

    def data(self) -> BytesIO:
        """What the tab's figures show, as CSV files in a zip."""
        return archive(figures_in(self._figures), self._drawn)

    def netcdf(self) -> BytesIO:
        """The data of the tab as NetCDF, one group for each set of data."""
        return netcdf(figures_in(self._figures), self._drawn)

    def set_option(self, **changes: Any) -> None:
        """Change options, and compute with them."""
        changed = replace(self.options, **changes)
        if changed != self.options:
            self.options = changed
            self.refresh()

    def controls(self) -> list[Any]:
        """Widgets of the tab itself."""
        return []

    def build(self) -> list[Any]:
        """Figures and panes, called once."""
        raise TypeError(f"{type(self).__name__} must define build()")

    def show(self, frame: Frame, result: Any) -> None:
        """Replace their data."""
        raise TypeError(f"{type(self).__name__} must define show()")

    # -- widgets, each bound to one option

    def one_of(self, option: str, label: str, choices: Mapping[str, Any]) -> Any:
        """Buttons side by side, of which one is pressed."""
        buttons = pmui.RadioButtonGroup(
            label=label, options=dict(choices), value=getattr(self.options, option), size="small"
        )
        buttons.param.watch(lambda e: self.set_option(**{option: e.new}), "value")
        return buttons

    def switch(self, option: str, label: str) -> Any:
        """On or off."""
        widget = pmui.Switch(label=label, value=getattr(self.options, option))
        widget.param.watch(lambda e: self.set_option(**{option: bool(e.new)}), "value")
        return widget


LARGER = 2
"""Choice between x and y: whichever is larger."""


def component_of(choice: int, *values: Floats) -> int:
    """0 or 1 for x or y, as chosen or of the larger of the values (..., 2); x where they are alike."""
    if choice != LARGER:
        return choice
    x, y = (max(float(np.nanmax(np.abs(v[..., i]), initial=0.0)) for v in values) for i in (0, 1))
    return int(y > (1 + 1e-6) * x)


@dataclass(frozen=True)
class Dial:
    """A slider of a tab: `name` and `unit` are its label; its scale is logarithmic unless bounds reach zero."""

    name: str
    symbol: str
    unit: str
    bounds: tuple[float, float]
    default: float
    doc: str


def dials(found: Sequence[Dial], moved: Callable[[str, float], None]) -> Sliders:
    """Sliders as in the sidebar, as many side by side as there is room for; `moved` hears name and value."""

    def hear(data: dict[str, Any]) -> None:
        if "name" in data:
            moved(str(data["name"]), float(data["value"]))

    items = [
        slider_item(d.name, d.symbol, d.unit, d.doc, d.bounds, d.default, d.default, log=d.bounds[0] > 0)
        for d in found
    ]
    values = {d.name: d.default for d in found}
    return Sliders(hear, spec=[{"title": "", "items": items}], values=values, sizing_mode="stretch_width")


def text() -> Any:
    """A pane for words and tables."""
    return pn.pane.HTML("", sizing_mode="stretch_width")
