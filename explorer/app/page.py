"""One user's page: its state, and what joins sliders, engine, live picture and tabs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import panel as pn
import panel_material_ui as pmui
import param
from panel.util import edit_readonly

from explorer.app.address import Address, asked
from explorer.app.admission import EVERYTHING, Admission
from explorer.app.counts import COUNTS
from explorer.app.loop import EventLoop
from explorer.app.progress import Job, WorkBar
from explorer.app.sidebar import Sidebar
from explorer.app.sources import Sources
from explorer.app.tabs import LIVE, Tabs
from explorer.app.theme import BLANK, THEMES, Theme
from explorer.app.toasts import Toasts
from explorer.live.engine import Engine, Work
from explorer.models.files.source import is_file
from explorer.physics.carriers.filling import OutOfReachError
from explorer.session.query import as_of_now, from_query
from explorer.session.ranges import mu_reach, reaching
from explorer.session.source_name import ChangedError, SourceName
from explorer.session.state import CARRIERS_PER_CM2, State
from explorer.views.live.canvas import LiveCanvas
from explorer.views.text.prose import plain

if TYPE_CHECKING:
    from explorer.live.frame import Frame
    from explorer.views.live.writer import MessageWriter

NARROW_PIXELS = 700
"""Windows narrower than this [px] open with the sidebar closed."""
SECONDS_BETWEEN_LOOKS = 2.0
"""Seconds between looks at the file that is shown: who edits it is told that soon."""
SECONDS_BETWEEN_FOLLOWS = 0.1
"""Seconds between moves of the sliders that follow (mu or the density) during a drag; the last always comes."""
STAGES = {
    "kernels": "Loading the kernels (the first time they are compiled: ten seconds)",
    "draft": "Computing the first mesh",
    "mesh": "Computing the final mesh",
    "point": "Sharpening χ and α at μ",
    "curve": "Sharpening the curves",
    "integral": "Mott integral (12)",
}
"""Stages of the engine in words."""
SHARPENING = ("point", "curve", "integral")
"""Those that follow each other when no slider moves, and share one bar."""

THEME = {
    "typography": {"h3": {"fontSize": "clamp(0.9rem, 2.4vw, 1.5rem)"}},
    "components": {
        "MuiTab": {
            "styleOverrides": {"root": {"textTransform": "none", "minWidth": 0, "padding": "10px 8px"}}
        },
        "MuiButtonBase": {
            "styleOverrides": {
                "root": {"&.Mui-focusVisible": {"outline": "2px solid currentColor", "outlineOffset": "-2px"}}
            }
        },
        "MuiAppBar": {
            "styleOverrides": {
                "root": {
                    "& a": {"color": "inherit"},
                    "& a:focus-visible": {"outline": "2px solid currentColor", "outlineOffset": "2px"},
                }
            }
        },
        "MuiToggleButton": {"styleOverrides": {"root": {"textTransform": "none"}}},
    },
}
"""Letters as they are written (capital ones would turn α into A), a strip of tabs that mostly fits, a title that
leaves a telephone room for the work under way."""


OPEN: WeakSet[ExplorerPage] = WeakSet()
"""Pages of this process that are open."""


class Quiet(param.Parameterized):
    """What a page follows in place of `pn.state.busy`."""

    busy = param.Boolean(default=False)


class ExplorerPage:
    """Holds the state; every change goes through `change` or `become`."""

    def __init__(
        self, state: State, view: str = LIVE, admission: Admission = EVERYTHING, theme: str = ""
    ) -> None:
        self.state = state
        self.refused: str | None = None
        self._number = 0
        self._newest: Frame | None = None
        self._followed = 0.0
        self._sending = threading.Lock()
        self._page: pmui.Page | None = None
        self._width: float | None = None
        self._stands = False
        self._loop = EventLoop()
        self._sources = Sources(self, self._loop, admission, self._tell_opening)
        self._writer: MessageWriter | None = None
        self._toasts = Toasts()
        self._canvas = LiveCanvas(self._hear_canvas, sizing_mode="stretch_both", min_height=560)
        self._sidebar = Sidebar(self)
        self._tabs = Tabs(self, self._canvas, self._loop, self._report_view, self._turned, view)
        self._opened = state
        shown = "" if self._tabs.live else self._tabs.key
        self._address = Address(self._loop, state, shown, theme, self._went)
        self._theme = Theme(chosen=theme)
        self._theme.param.watch(lambda e: self._address.follow(self.state, theme=e.new), "chosen")
        self._engine = Engine(
            self._deliver,
            self._report,
            self._fail,
            watched=lambda: self._loop.watched,
            elsewhere=lambda: self._tabs.computing,
        )
        self._work = WorkBar(
            {"open": self._sources.close, "view": self._tabs.cancel, "engine": self._engine.cancel}
        )
        self._loop.every(SECONDS_BETWEEN_LOOKS, self._sources.look)
        # Once the page has been sent: the browser needs longer to build it than the engine for a first frame.
        self._loop.later(lambda: None if self._sources.opening else self._engine.submit(self.state))

    # -- what the parts ask for

    def change(self, parameters: dict[str, float] | None = None, **fields: Any) -> None:
        """Set fields of the state, and model parameters by name; a mu that is set lets go of a held density."""
        state = self.state
        if "mu" in fields:
            fields.setdefault("density", None)
        for name, value in (parameters or {}).items():
            state = state.with_parameter(name, value)
        self.become(replace(state, **fields))

    def become(self, state: State, move_sliders: bool = True) -> None:
        """Show another state, over the whole range of mu where its own asks for that."""
        state = reaching(state)
        if state == self.state:
            return
        before, self.state = self.state, state
        if before.source != state.source:
            self._sidebar.offer(state)
        elif move_sliders:
            self._sidebar.show(state)
        self._engine.submit(state)
        self._address.follow(state)

    def open(self, source: str) -> None:
        """Show another source, opened beside the event loop; why it cannot be is told as a toast."""
        self._sources.open(source)

    def go(self, query: dict[str, str], base: State | None) -> None:
        """Show what the address of a page asks for, opened beside the event loop."""
        self._sources.go(query, base)

    def wait_for(self, state: State) -> None:
        """What was waited for before a first frame is this, though it is what was to be shown already."""
        if state == self.state:
            self._engine.submit(state)

    def keep(self) -> None:
        """Show again what is on screen: what was asked for cannot be."""
        self._sidebar.offer(self.state)
        self._tabs.refresh()

    @property
    def tab(self) -> str:
        """Key of the open tab."""
        return self._tabs.key

    @property
    def dropped(self) -> Path | None:
        """Folder of the files that were dropped on this page."""
        return self._sidebar.dropped

    def read(self, anchor: str) -> None:
        """Open the theory at an equation or section."""
        self._tabs.read(anchor)

    def toast(self, text: str, kind: str = "warning") -> None:
        """Tell the user something, beside the picture."""
        self._tell(text, kind)

    def offer(self, text: str, label: str, act: Callable[[], None]) -> None:
        """Tell the user something, with a button that does what is due."""
        self._tell(text, "warning", label, act)

    def _tell(self, *said: Any) -> None:
        self._toasts.show(*said)
        self._loop.later(self._toasts.send)

    def close(self) -> None:
        """End the session's workers."""
        OPEN.discard(self)
        self._sources.close()
        self._engine.close()
        self._tabs.close()
        self._sidebar.close()

    def found_density(self) -> float:
        """Carriers of the newest frame [1e13/cm2]."""
        return self._newest.point.density / CARRIERS_PER_CM2 if self._newest is not None else 0.0

    def sidebar_opened(self, width: float) -> None:
        """The sliders stand, for the first time or in a drawer: where they are, and what they follow, is sent again."""
        self._loop.heard()
        self._sidebar.show(self.state)
        if self._newest is not None:
            self._follow(self._newest)
        if self._width is None:
            self._width = width
            self._make_room()

    def _make_room(self) -> None:
        """Where there is none, put the sidebar aside, once the whole page stands and has said how wide it is."""
        if (
            self._stands
            and self._width is not None
            and self._width < NARROW_PIXELS
            and self._page is not None
        ):
            self._page.sidebar_open = False

    def _stood(self) -> None:
        self._stands = True
        self._tabs.ready()
        self._make_room()

    def _turned(self, view: str) -> None:
        if view == LIVE and self._newest is not None:
            self._send(self._newest)
        self._address.follow(self.state, "" if view == LIVE else view)

    def _went(self, query: dict[str, str]) -> None:
        """Back or Forward: to what the address says now."""

        def arrived(state: State) -> None:
            self._address.went(query, state)
            self.become(state)
            self._tabs.turn(query.get("view", LIVE))

        self._sources.go(query, self._opened, arrived)

    def _hear_canvas(self, data: dict[str, Any]) -> None:
        if "drawn" in data:
            self._engine.acknowledge(int(data["drawn"]))
        elif "opened" in data:
            with self._sending:
                self._writer = None
            if self._newest is not None:
                self._send(self._newest)
        elif "mu" in data:
            low, high = mu_reach(self.state.source)
            self.change(mu=min(max(float(f"{float(data['mu']):.5g}"), low), high))
        elif "k" in data:
            kx, ky = data["k"]
            self.change(k=(round(float(kx), 6), round(float(ky), 6)))
        elif "view" in data:
            self._tabs.turn(str(data["view"]))
        elif "theory" in data:
            self.read(str(data["theory"]))

    # -- from the workers' threads to the browser

    def _deliver(self, frame: Frame) -> None:
        self._newest = frame
        self._send(frame)
        self._tabs.offer(frame)
        now = time.perf_counter()
        if frame.stage == "sharp" or now - self._followed > SECONDS_BETWEEN_FOLLOWS:
            self._followed = now
            self._loop.later(lambda: self._follow(frame))

    def _send(self, frame: Frame) -> None:
        with self._sending:
            self._number += 1
            if not self._tabs.live:
                self._engine.acknowledge(self._number)
                return
            if self._writer is None:
                from explorer.views.live.writer import (
                    MessageWriter,  # with the physics, which is loaded by now
                )

                self._writer = MessageWriter()
            COUNTS.frames += 1
            message = self._writer.write(frame, self._number, exact=frame.stage == "sharp")
        self._loop.bare(lambda: self._canvas.show(message))

    def _follow(self, frame: Frame) -> None:
        """Let mu follow a density that is held, else the density follow mu."""
        state = self.state
        if frame.state.density != state.density or frame.state.geometry_key != state.geometry_key:
            return
        if state.density is not None:
            self.state = replace(state, mu=frame.state.mu)
            self._sidebar.follow({"mu": frame.state.mu})
        elif frame.state.mu == state.mu:
            self._sidebar.follow({"n": self.found_density()})

    def _fail(self, error: Exception) -> None:
        self._loop.later(lambda: self._failed(error))

    def _failed(self, error: Exception) -> None:
        """Say so; a held density that a model's bands have no room for is let go, or no slider would do anything."""
        if isinstance(error, ChangedError):
            self._sources.changed(error)
        elif not isinstance(error, OutOfReachError):
            self.toast(str(error) or type(error).__name__, "error")
        elif self.state.density is not None:
            mu = self.state.mu if self._newest is None else self._newest.state.mu
            self.toast(f"{plain(str(error))}: it is no longer held, μ stays.")
            self._sidebar.follow({"hold": 0.0, "mu": mu})
            self.become(replace(self.state, density=None, mu=mu), move_sliders=False)

    def _report(self, work: Work) -> None:
        text, fraction = STAGES.get(work.stage, ""), work.fraction
        if work.stage in SHARPENING:
            # Of the whole: a stage that ends early does not take the bar back.
            n = SHARPENING.index(work.stage)
            text += f" ({n + 1} of {len(SHARPENING)})"
            fraction = None if fraction is None else (n + fraction) / len(SHARPENING)
        job = Job(text, fraction, work.elapsed) if text else Job()
        self._show_job("engine", job)

    def _report_view(self, text: str, fraction: float | None, elapsed: float) -> None:
        self._show_job("view", Job(text, fraction, elapsed))

    def _tell_opening(self, name: str) -> None:
        self._show_job("open", Job(f"Opening {name}") if name else Job())

    def _show_job(self, kind: str, job: Job) -> None:
        if job != self._work.job(kind):
            self._loop.later(lambda: self._work.show(kind, job))

    # -- what is served

    def view(self) -> pmui.Page:
        """The page to serve."""
        strip, *shown = self._tabs.parts()
        # What is below the strip scrolls: a page of one part that fills it has its own overflow hidden.
        below = pn.Column(*shown, self._toasts, sizing_mode="stretch_both", margin=0, scroll="y-auto")
        page = pmui.Page(
            title="Orbital magnetization explorer",
            sidebar=self._sidebar.parts(),
            header=[self._work.layout(), self._theme, self._address.bar],
            main=[pn.Column(strip, below, sizing_mode="stretch_both", margin=8)],
            sidebar_width=310,
            busy_indicator=None,
            theme_config=THEME,
            dark_theme=self._theme.chosen == "dark",
            raw_css=[] if self._theme.chosen == "light" else [BLANK],
            sizing_mode="stretch_both",
        )
        with edit_readonly(page):
            # A Page follows `pn.state.busy`: Panel would write that to the page at each message heard, walking every
            # model, 30 ms a tick; and the watcher, of an object that outlives all pages, would hold each for ever.
            # A value alone ends the writing; another reference removes the watcher, too.
            page.busy = Quiet().param.busy
        self._page = page
        self._tabs.dress(bool(page.dark_theme))
        pn.state.onload(self._stood)
        page.param.watch(lambda e: self._tabs.dress(bool(e.new)), "dark_theme")
        return page


def page(state: State | None = None, admission: Admission = EVERYTHING) -> pmui.Page:
    """A new page for the session that asks, in the state its URL names."""
    query = asked()
    if state is not None:  # of the time when the server started
        state, _ = as_of_now(state)
    # A file is opened beside the loop, and what the address asks of it is done then.
    later = is_file(SourceName.parse(query.get("model", "")).name)
    state, refused = from_query({} if later else query, state, admission.check)
    theme = query.get("theme", "")
    if theme not in ("", *THEMES):
        refused.append(f"theme={theme}: must be one of {', '.join(THEMES)}")
        theme = ""
    explorer = ExplorerPage(state, query.get("view", LIVE), admission, theme)
    OPEN.add(explorer)
    COUNTS.pages += 1
    pn.state.on_session_destroyed(lambda context: explorer.close())
    if refused:
        explorer.toast("; ".join(refused))
    if later:
        explorer.go(query, state)
    return explorer.view()
