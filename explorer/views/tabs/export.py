"""Everything that is drawn, as data and as pictures, and every response at mu and T."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from explorer.export.formats import FORMATS, Format
from explorer.live.frame import Frame
from explorer.physics.responses.row import POTENTIAL
from explorer.results.response_sweep import ResponseSweep
from explorer.studies.at_state import OF_EQUILIBRIUM, at_state
from explorer.studies.responses_at_state import responses_at_state
from explorer.views import View
from explorer.views.figure_tab import text
from explorer.views.figures.layout import controls_row, note_html, table_html, where
from explorer.views.text.numbers import with_error
from explorer.views.text.prose import minus, prose, raised
from explorer.views.text.standing import component_html

WHAT = {
    "curves": "χ(μ) and α(μ), with the numbers at μ and T",
    "bands": "Bands along the path, with Λ, metric, curvature, moment",
    "zone_map": "Λ over the Brillouin zone",
}
"""Functions of `explorer.export.page` and what they give."""


class ExportView(View):
    """Download buttons for the newest frame."""

    key = "export"

    def __init__(self, session: Any, refresh: Callable[[], None]) -> None:
        super().__init__(session, refresh)
        self._frame: Frame | None = None
        self._found: ResponseSweep | None = None

    def layout(self) -> Any:
        """One row of buttons for each thing drawn."""
        self._about = pn.pane.HTML("", sizing_mode="stretch_width")
        rows = []
        for name, title in WHAT.items():
            buttons = [self._button(name, f) for f in FORMATS]
            rows += [pn.pane.HTML(f"<h3 style='margin:10px 2px 0'>{title}</h3>"), controls_row(*buttons)]
        mesh = pmui.FileDownload(
            callback=self._mesh, filename="geometry.nc", label="NetCDF", size="small", auto=True
        )
        rows += [
            pn.pane.HTML("<h3 style='margin:10px 2px 0'>Geometry of every band on the mesh</h3>"),
            controls_row(mesh),
        ]
        self._responses = text()
        self._response_buttons = [
            pmui.FileDownload(
                callback=lambda ending=form.ending: self._response_file(ending),
                filename=f"responses{form.ending}",
                label=form.label,
                size="small",
                auto=True,
            )
            for form in FORMATS
            if not form.picture
        ]
        self._response_row = controls_row(*self._response_buttons)
        self._response_row.visible = False
        rows += [
            pn.pane.HTML("<h3 style='margin:10px 2px 0'>Every response at μ and T</h3>"),
            self._responses,
            self._response_row,
        ]
        self._buttons = {b.filename: b for row in rows if isinstance(row, pn.FlexBox) for b in row}
        return pn.Column(self._about, *rows, sizing_mode="stretch_width")

    def compute(self, frame: Frame) -> ResponseSweep | str:
        """Every response once the hand rests, or why there is none; other files are made when asked for."""
        if frame.stage != "sharp":
            return "Computed once the sliders rest."
        try:
            return responses_at_state(frame, self.progress)
        except ValueError as error:
            return f"Not computed: {error}."

    def draw(self, frame: Frame, result: ResponseSweep | str) -> None:
        """Keep the frame, list the responses, say what would be saved."""
        self._frame = frame
        self._found = result if isinstance(result, ResponseSweep) else None
        self._responses.object = note_html(result) if isinstance(result, str) else _listed(frame, result)
        self._response_row.visible = self._found is not None
        for original, button in self._buttons.items():
            button.filename = f"{file_stem(frame)}-{original}"
        s = frame.state
        self._about.object = note_html(
            f"What is on screen now: {escape(frame.geometry.source.model.title)}, μ = {minus(f'{s.mu:.5g}')} eV, "
            f"T = {s.temperature:.5g} K, mesh {frame.geometry.mesh}². CSV and NetCDF carry units, the parameters, a "
            "hash of the Hamiltonian and the versions that computed. Figures of the other tabs: tools beside a figure "
            "save it as PNG or SVG, buttons at the foot of a tab save its data as CSV or NetCDF. The same from Python: "
            "<code>import explorer; explorer.compute(...)</code>, as xarray."
        )

    def _button(self, name: str, form: Format) -> Any:
        return pmui.FileDownload(
            callback=lambda: self.file(name, form.ending),
            filename=f"{name}{form.ending}",
            label=form.label,
            size="small",
            auto=True,
        )

    def file(self, name: str, suffix: str) -> io.BytesIO:
        """One file of the newest frame; ValueError before the first."""
        # matplotlib and xarray take a second to import: only when a file is asked for
        from explorer.export import page as drawn

        return io.BytesIO(drawn.saved(getattr(drawn, name)(self._shown()), suffix))

    def _response_file(self, suffix: str) -> io.BytesIO:
        from explorer.export import page as drawn

        if self._found is None:
            raise ValueError("nothing has been computed yet")
        return io.BytesIO(drawn.saved(self._found, suffix))

    def _mesh(self) -> io.BytesIO:
        from explorer.export import page as drawn

        return io.BytesIO(drawn.mesh_netcdf(self._shown()))

    def _shown(self) -> Frame:
        if self._frame is None:
            raise ValueError("nothing has been drawn yet")
        return self._frame


def _listed(frame: Frame, result: ResponseSweep) -> str:
    """A table of every response with its error bar."""
    rows = []
    for v in result.values.values():
        shown = (
            at_state(frame, v.row.name)
            if v.row.coefficient != POTENTIAL or v.row.name in OF_EQUILIBRIUM
            else None
        )
        cells = []
        for i, c in enumerate(v.row.components):
            bare = with_error(float(v.value[0, 0, i]), float(v.error[0, 0, i]), float(np.abs(v.value).max()))
            number = bare if shown is None else component_html(shown, i)
            cells.append((f"{c}: " if len(v.row.components) > 1 else "") + number)
        rows.append((raised(v.row.label), "<br>".join(cells), v.row.printed_unit, prose(v.row.title)))
    caption = where(frame.state, tau=True)
    lacking = (
        note_html(f"Not of this source: {escape('; '.join(result.left_out))}.") if result.left_out else ""
    )
    return table_html(("", "value", "unit", "response"), rows, caption) + lacking


def file_stem(frame: Frame) -> str:
    """A name for files of a frame's source."""
    return re.sub(r"[^\w.-]+", "_", Path(frame.state.source.split("#")[0]).name)
