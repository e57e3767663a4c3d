"""The page: a session of the explorer, from the sliders through the engine to the views."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import urlencode

import panel as pn
import panel_material_ui as pmui
from panel.reactive import Syncable
from panel.util import edit_readonly

from explorer.engine import Engine, Work
from explorer.frames import Frame
from explorer.session import (
    COLOURS,
    DENSITY_UNIT,
    OCCUPIED,
    State,
    default_state,
    from_query,
    opened,
    source_model,
    to_query,
)
from explorer.views import View, views
from explorer.views.controls import Sliders, density_values, slider_spec, slider_values
from explorer.views.host import ViewHost
from explorer.views.live import Direct, LiveCanvas, MessageWriter
from explorer.views.open_file import FileOpener
from explorer.views.source_report import is_wannier_file
from models.base import catalogue

DEBOUNCE = 10
"""Milliseconds that Panel waits before it hears a widget; its default of 50 caps every widget at 14 per
second."""

NARROW = 700
"""Windows narrower than this [px] open with the sidebar closed."""

FOLLOW = 0.1
"""Seconds between moves of the sliders that follow (mu or the density) during a drag; the last always comes."""

URL_REST = 0.4
"""Seconds of rest before the address follows the sliders."""

GREETING_DELAY = 700
"""Milliseconds from the first picture to a message about the address."""

TAB_DELAY = 700
"""Milliseconds from building a tab to drawing into it."""

BAND_CHOICES = 24
"""Single bands on offer at most."""

log = logging.getLogger(__name__)


def quicken_widgets() -> None:
    """Lower Panel's debounce of widgets (a private attribute, pinned and tested)."""
    Syncable._debounce = DEBOUNCE


class LiveSliders(Direct, Sliders):
    """Sliders whose numbered messages, one per move, go around Panel's bookkeeping."""

    _hot = "n"


class ExplorerPage:
    """One user's page. Holds the state; every change goes through `change` or `become`."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.refused: str | None = None
        self._greeting = ""
        self._doc = pn.state.curdoc
        self._writer = MessageWriter()
        self._number = 0
        self._address: Any = None
        self._page: pmui.Page | None = None
        self._newest: Frame | None = None
        self._followed = 0.0
        self._lock = threading.Lock()
        self._canvas = LiveCanvas(self._hear_canvas, sizing_mode="stretch_both", min_height=560)
        self._sliders = LiveSliders(
            self._hear_slider,
            spec=slider_spec(state),
            values=slider_values(state),
            sizing_mode="stretch_width",
        )
        self._host = ViewHost(self._later, lambda text: self._later(lambda: self.toast(text, "error")))
        self._engine = Engine(
            self._deliver, self._report, lambda text: self._later(lambda: self.toast(text, "error"))
        )
        self._work_shown = False
        self._views: list[View | None] = [None, *(v(self, self._host.refresh) for v in views())]
        self._build()
        self._engine.submit(state)

    # -- the user's side ------------------------------------------------------------------------------------

    def change(self, parameters: dict[str, float] | None = None, **fields: Any) -> None:
        """Set fields of the state, and model parameters by name; ValueErrors become toasts.

        A mu that is set lets go of a density that was held.
        """
        state = self.state
        if "mu" in fields:
            fields.setdefault("density", None)
        for name, value in (parameters or {}).items():
            state = state.with_parameter(name, value)
        self.become(replace(state, **fields))

    def become(self, state: State, move_sliders: bool = True) -> None:
        """Show another state."""
        if state == self.state:
            return
        before, self.state = self.state, state
        if before.source != state.source:
            self._offer_source()
        elif move_sliders:
            self._sliders.values = slider_values(state)
        self._engine.submit(state)
        self._write_address_soon()

    def toast(self, text: str, kind: str = "warning") -> None:
        """Tell the user something, beside the picture."""
        log.info("%s: %s", kind, text)
        if pn.state.notifications is not None:
            getattr(pn.state.notifications, kind)(text, duration=15000)

    def greet(self, text: str) -> None:
        """Tell the user something once the page stands: what is sent before that, Panel drops."""
        self._greeting = text

    def close(self) -> None:
        """End the session's workers."""
        self._engine.close()
        self._host.close()
        self._opener.close()

    # -- messages from the browser --------------------------------------------------------------------------

    def _hear_slider(self, data: dict[str, Any]) -> None:
        if "refused" in data:
            self.toast(str(data["refused"]))
            return
        if "opened" in data:
            if self._newest is not None:
                self._follow(self._newest)
            return
        name, value = str(data["name"]), float(data["value"])
        fields = {
            "T": "temperature",
            "E": "field",
            "E_angle": "field_angle",
            "gradT": "gradient",
            "gradT_angle": "gradient_angle",
        }
        known = dict(self.state.parameters)
        if name in ("n", "hold"):
            # hold without a value: what the newest frame found
            found = self._newest.point.density / DENSITY_UNIT if self._newest is not None else 0.0
            held = value if name == "n" else float(f"{found:.8g}") if value else None
            self.become(replace(self.state, density=held), move_sliders=False)
            self._sliders.follow(density_values(self.state) if name == "hold" else {"hold": 1.0})
        elif name == "mu":
            if self.state.density is not None:
                self._sliders.follow({"hold": 0.0})
            self.become(replace(self.state, mu=value, density=None), move_sliders=False)
        elif name in fields:
            self.become(replace(self.state, **{fields[name]: value}), move_sliders=False)  # type: ignore[arg-type]
        elif name in known:
            self.become(self.state.with_parameter(name, value), move_sliders=False)

    def _hear_canvas(self, data: dict[str, Any]) -> None:
        if "drawn" in data:
            self._engine.acknowledge(int(data["drawn"]))
            if self._greeting and self._doc is not None:
                text, self._greeting = self._greeting, ""
                self._doc.add_timeout_callback(lambda: self.toast(text), GREETING_DELAY)
        elif "opened" in data:
            if float(data["opened"]) < NARROW and self._page is not None:
                self._later(self._close_sidebar)
            with self._lock:
                self._writer.forget()
            if self._newest is not None:
                self._send(self._newest)
        elif "mu" in data:
            self.change(mu=float(f"{float(data['mu']):.5g}"))
        elif "k" in data:
            kx, ky = data["k"]
            self.change(k=(round(float(kx), 6), round(float(ky), 6)))

    def _close_sidebar(self) -> None:
        # Written to the Bokeh model: Panel drops what a parameter sends before its `document_ready`.
        for model, _ in self._page._models.values() if self._page is not None else ():
            model.data.sidebar_open = False

    # -- frames: from the worker's thread to the browser
    # ------------------------------------------------------

    def _deliver(self, frame: Frame) -> None:
        self._newest = frame
        self._send(frame)
        self._host.offer(frame)
        now = time.perf_counter()
        if frame.stage == "sharp" or now - self._followed > FOLLOW:
            self._followed = now
            self._later(lambda: self._follow(frame))

    def _follow(self, frame: Frame) -> None:
        """Let mu follow a density that is held, else the density follow mu."""
        state = self.state
        if frame.state.density == state.density and frame.state.geometry_key == state.geometry_key:
            if state.density is not None:
                self.state = replace(state, mu=frame.state.mu)
                self._sliders.follow({"mu": frame.state.mu})
            elif frame.state.mu == state.mu:
                self._sliders.follow({"n": frame.point.density / DENSITY_UNIT})

    def _send(self, frame: Frame) -> None:
        with self._lock:
            self._number += 1
            message = self._writer.write(frame, self._number, exact=frame.stage == "sharp")
        if self._doc is not None and self._doc.session_context is not None:
            self._doc.add_next_tick_callback(lambda: self._canvas.show(message))

    def _report(self, work: Work) -> None:
        if work.stage or self._work_shown:
            self._work_shown = bool(work.stage)
            self._later(lambda: self._show_work(work))

    def _show_work(self, work: Work) -> None:
        names = {
            "draft": "Computing the first mesh",
            "mesh": "Computing the final mesh",
            "point": "Sharpening χ and α at μ",
            "curve": "Sharpening the curves",
            "integral": "Mott integral (12)",
        }
        self._progress.visible = bool(work.stage)
        self._progress.value = int(100 * work.fraction)
        self._progress_text.object = (
            f"{names.get(work.stage, '')} … {100 * work.fraction:.0f} %" if work.stage else ""
        )
        self._cancel.visible = work.elapsed > 3.0

    def _later(self, act: Callable[[], None]) -> None:
        """Run on the event loop of this page, all its changes in one message."""

        def held() -> None:
            # Bokeh's hold: Panel's drops what changes between the first picture and `document_ready`.
            doc.hold("combine")
            try:
                act()
            finally:
                doc.unhold()

        doc = self._doc
        if doc is None or doc.session_context is None:
            act()
        else:
            doc.add_next_tick_callback(held)

    # -- the page's parts
    # -------------------------------------------------------------------------------------

    def _build(self) -> None:
        known = {cls.title: key for key, cls in catalogue().items()}
        if self.state.source not in known.values():
            known[source_model(self.state.source).title] = self.state.source
        self._source = pmui.Select(
            label="Model", options=known, value=self.state.source, sizing_mode="stretch_width"
        )
        self._source.param.watch(lambda e: self._choose(e.new), "value")
        self._preset = pmui.Select(
            label="Preset", options=["Defaults"], value="Defaults", sizing_mode="stretch_width"
        )
        self._preset.param.watch(lambda e: self._choose_preset(e.new), "value")
        self._band = pmui.Select(label="Maps show", options={}, sizing_mode="stretch_width")
        self._band.param.watch(lambda e: self.change(band=int(e.new)), "value")
        self._colour = pmui.Select(
            label="Bands coloured by",
            value=self.state.colour,
            sizing_mode="stretch_width",
            options=dict(
                zip(("Λx", "Λy", "Berry curvature", "orbital moment", "nothing"), COLOURS, strict=True)
            ),
        )
        self._colour.param.watch(lambda e: self.change(colour=e.new), "value")
        self._opener = FileOpener(self._choose, lambda text: self.toast(text))
        self._about = pn.pane.Markdown("", sizing_mode="stretch_width", margin=(0, 14))
        self._formula = pn.pane.LaTeX(
            "",
            renderer="mathjax",
            sizing_mode="stretch_width",
            margin=(0, 14),
            styles={"overflow-x": "auto", "overflow-y": "hidden", "font-size": "13px"},
        )
        self._reference = pn.pane.HTML(
            "", sizing_mode="stretch_width", margin=(6, 14), styles={"opacity": "0.8"}
        )
        self._progress_text = pn.pane.HTML(
            "", margin=(0, 8), styles={"color": "white", "white-space": "nowrap"}
        )
        self._progress = pmui.LinearProgress(
            value=0, variant="determinate", visible=False, width=140, margin=(8, 8)
        )
        self._cancel = pmui.Button(
            label="Cancel", variant="outlined", size="small", color="light", visible=False, margin=0
        )
        self._cancel.on_click(lambda _: self._engine.cancel())
        self._fill_source()

    def _fill_source(self) -> None:
        """Everything in the sidebar that belongs to one source."""
        model = source_model(self.state.source)
        bands = range(1, min(opened(self.state).hamiltonian.size, BAND_CHOICES) + 1)
        self._preset.options = ["Defaults", *model.presets]
        self._preset.visible = bool(model.presets)
        self._band.options = {"Sum over occupied states": OCCUPIED} | {f"Band {n}": n for n in bands}
        self._band.value = self.state.band
        self._about.object = model.physics
        self._formula.object = f"$${model.formula}$$"
        self._reference.object = escape(model.reference)

    def _offer_source(self) -> None:
        self._sliders.param.update(spec=slider_spec(self.state), values=slider_values(self.state))
        self._fill_source()
        if self._source.value != self.state.source:
            if self.state.source not in self._source.options.values():
                title = source_model(self.state.source).title
                self._source.options = self._source.options | {title: self.state.source}
            self._source.value = self.state.source

    def _choose(self, source: str) -> None:
        if source == self.state.source:
            return
        try:
            self.become(default_state(source))
            self.refused = None
        except (ValueError, OSError) as error:
            self.refused = source
            hint = " (the tab Source file says what was read)" if is_wannier_file(source) else ""
            self.toast(f"{error}{hint}", "error")
            self._source.value = self.state.source
            self._host.refresh()

    def open(self, source: str) -> None:
        """Show another source; why it cannot be opened is told as a toast."""
        self._choose(source)

    def _choose_preset(self, name: str) -> None:
        plain = default_state(self.state.source)
        state = replace(self.state, parameters=plain.parameters)
        for parameter, value in source_model(self.state.source).presets.get(name, {}).items():
            state = state.with_parameter(parameter, value)
        self.become(state)

    def _write_address_soon(self) -> None:
        """Let the address follow once the hand rests: each write costs the browser as much as a frame."""
        if self._doc is None or self._doc.session_context is None:
            return
        if self._address is not None:
            self._doc.remove_timeout_callback(self._address)
        self._address = self._doc.add_timeout_callback(self._write_address, int(1000 * URL_REST))

    def _write_address(self) -> None:
        self._address = None
        if pn.state.location is not None:
            pn.state.location.search = "?" + urlencode(to_query(self.state))

    def _open_tab(self, index: int) -> None:
        view = self._views[index]
        if view is not None and not self._slots[index - 1].objects:
            try:
                self._slots[index - 1].objects = [view.layout()]
            except (ValueError, ArithmeticError) as error:
                self.toast(f"{view.title}: {error}", "error")
                return
            if self._doc is not None:
                # What is drawn into a tab before the browser has built it is lost.
                self._doc.add_timeout_callback(lambda: self._show_tab(index), TAB_DELAY)
                return
        self._host.show(view)

    def _show_tab(self, index: int) -> None:
        if self._tabs.active == index:
            self._host.show(self._views[index])

    def open_view(self, key: str) -> None:
        """Open the tab that a URL names (`?view=hall`)."""
        keys = ["live", *(v.key for v in self._views if v is not None)]
        if key in keys:
            self._tabs.active = keys.index(key)
        else:
            self.toast(f"no view {key}; one of {', '.join(keys)}")

    def view(self) -> pmui.Page:
        """The page to serve."""
        body: Any = self._canvas
        if len(self._views) > 1:
            # Tabs are built when first opened: the first picture does not wait for their figures.
            self._slots = [pmui.Column(sizing_mode="stretch_width") for _ in self._views[1:]]
            titles = [v.title for v in self._views if v is not None]
            body = pmui.Tabs(
                ("Live", self._canvas),
                *zip(titles, self._slots, strict=True),
                sizing_mode="stretch_both",
                dynamic=True,
            )
            body.param.watch(lambda e: self._open_tab(e.new), "active")
            self._tabs = body
        page = pmui.Page(
            title="Orbital magnetization explorer",
            sidebar=[
                self._source,
                self._preset,
                self._sliders,
                self._band,
                self._colour,
                self._opener.layout(),
                self._about,
                self._formula,
                self._reference,
            ],
            header=[
                pmui.Row(
                    pn.Spacer(sizing_mode="stretch_width"),
                    self._progress_text,
                    self._progress,
                    self._cancel,
                    sizing_mode="stretch_width",
                    align="center",
                )
            ],
            main=[pmui.Column(body, sizing_mode="stretch_both", margin=8)],
            sidebar_width=310,
            busy_indicator=None,
            sizing_mode="stretch_both",
        )
        with edit_readonly(page):
            # Panel would write its busy flag to the page at each message heard, walking every model: 30 ms a
            # tick.
            page.busy = False
        self._page = page
        self._canvas.dark = bool(page.dark_theme)
        page.param.watch(lambda e: setattr(self._canvas, "dark", bool(e.new)), "dark_theme")
        return page


def page(state: State | None = None) -> pmui.Page:
    """A new page for the session that asks, in the state its URL names."""
    query = {k: v[0].decode() for k, v in pn.state.session_args.items() if v}
    state, refused = from_query(query, state)
    explorer = ExplorerPage(state)
    pn.state.on_session_destroyed(lambda context: explorer.close())
    shown = explorer.view()
    if query.get("view"):
        pn.state.onload(lambda: explorer.open_view(query["view"]))
    if refused:
        explorer.greet("; ".join(refused))
    return shown
