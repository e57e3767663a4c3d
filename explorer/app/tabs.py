"""The tabs: the live one and one for each view; one place that holds the open view, filled piece by piece.

What changes in a part of the page while the browser builds that part, the browser does not see, or loses figures over.
So whatever fills the place ends with a `Beacon`, which speaks once everything before it has been built, and nothing
changes until it has spoken: neither the content, numbers and all, nor newer numbers, nor which view the place holds,
however fast the tabs are changed. Before the whole page stands (the browser's `document_ready`) nothing changes
either: till then Panel drops what is collected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui
import param

from explorer.app.loop import EventLoop
from explorer.views import VIEWS, Entry, Session, View
from explorer.views.browser import script
from explorer.views.figures.layout import note_html
from explorer.views.figures.plots import recolour
from explorer.views.host import Report, ViewHost

if TYPE_CHECKING:
    from explorer.live.frame import Frame

LIVE, THEORY = "live", "theory"
"""Keys of two tabs in URLs."""


class Beacon(pn.custom.JSComponent):
    """Tells when it, and all before it in its column, has been built; see assets/live/beacon.js."""

    stands = param.Boolean(default=False, doc="Set by the browser")

    _esm = script("mend", "page", "names", "beacon")

    def __init__(self, **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)


class Slot:
    """What one tab shows: a few words, until there is something to show."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.filled = self._dark = False
        words = note_html(view.intro) + note_html("Computing …")
        self.content: Any = pn.pane.HTML(words, sizing_mode="stretch_width")

    def fill(self) -> None:
        """The view's own layout in place of the words."""
        self.content, self.filled = self.view.layout(), True

    def dress(self, dark: bool) -> None:
        """Maps in the colours of the page's theme."""
        if self.filled and dark != self._dark:
            self._dark = dark
            recolour(self.content, dark)


class Place:
    """Where the open view stands. Its column is filled only when all it holds has been built."""

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._holds: Slot | None = None
        self._wanted: Slot | None = None
        self._held: Callable[[], None] | None = None
        self._stands = self._ready = self._dark = False
        self._beacon: Beacon
        self.column = pn.Column(self._new_beacon(), sizing_mode="stretch_width", visible=False, margin=0)

    def _new_beacon(self) -> Beacon:
        beacon = self._beacon = Beacon()
        # Not at once: outside of the loop Bokeh refuses changes of its models.
        beacon.param.watch(lambda _: self._loop.later(lambda: self._stood(beacon)), "stands")
        return beacon

    def open(self, slot: Slot | None) -> None:
        """Hold this one, or none, as soon as that may be."""
        self._wanted, self._held = slot, None
        if slot is not None or not self._stands:
            self.column.visible = slot is not None
        self._settle()

    def show(self, slot: Slot, act: Callable[[], None]) -> None:
        """Let `act` change what the open view shows, as soon as that may be; only the newest act is kept."""
        if slot is self._wanted:
            self._held = act
            self._settle()

    def dress(self, dark: bool) -> None:
        """Show maps in the colours of a dark page, or of a light one, as soon as that may be."""
        self._dark = dark
        self._settle()

    def ready(self) -> None:
        """The whole page stands in the browser."""
        self._ready = True
        self._settle()

    def _stood(self, beacon: Beacon) -> None:
        if beacon is self._beacon:
            self._stands = True
            self._settle()

    def _settle(self) -> None:
        """Do what is due, if it may be done."""
        slot, act = self._wanted, self._held
        if not (self._ready and self._stands):
            return
        new = slot is not self._holds
        if slot is not None and act is not None and (not slot.filled or not new):
            if not slot.filled:
                slot.fill()
                new = True
            self._held = None
            act()
        if slot is not None:
            slot.dress(self._dark)
        if new:
            self._holds, self._stands = slot, False
            self.column.objects = [*([] if slot is None else [slot.content]), self._new_beacon()]


class Tabs:
    """Live first, then the views in their order; computes for the one that is open.

    live : content of the first tab. first : key of the tab to open with. turned : hears the key of the tab that is
    opened. report : as of `ViewHost`.
    """

    def __init__(
        self,
        session: Session,
        live: Any,
        loop: EventLoop,
        report: Report,
        turned: Callable[[str], None],
        first: str,
    ) -> None:
        self._session, self._loop, self._heard, self._live = session, loop, turned, live
        self._host = ViewHost(self._present, self._fail, report)
        self._slots: dict[str, Slot] = {}
        self._keys = [LIVE, *(entry.key for entry in VIEWS)]
        self._place = Place(loop)
        titles = "Live", *(entry.title for entry in VIEWS)
        self._strip = pmui.Tabs(
            *((title, pn.Spacer(height=0)) for title in titles),
            active=self._keys.index(first) if first in self._keys else 0,
            height=50,
            margin=0,
            sizing_mode="stretch_width",
        )
        self._strip.param.watch(lambda _: self._turned(), "active")
        if first not in self._keys:
            session.toast(f"no view {first}; one of {', '.join(self._keys)}")
        self._open()

    def parts(self) -> list[Any]:
        """From top to bottom: the strip, the live picture, and the place of all else."""
        return [self._strip, self._live, self._place.column]

    @property
    def live(self) -> bool:
        """Whether the live tab is the open one."""
        return bool(self._strip.active == 0)

    @property
    def key(self) -> str:
        """Key of the open tab, as in URLs."""
        return self._keys[int(self._strip.active)]

    def ready(self) -> None:
        """The whole page stands in the browser."""
        self._place.ready()

    def dress(self, dark: bool) -> None:
        """The page's theme is dark, or is not."""
        self._loop.later(lambda: self._place.dress(dark))

    def turn(self, key: str) -> None:
        """Open a tab by its key."""
        if key in self._keys:
            self._strip.active = self._keys.index(key)

    def read(self, anchor: str) -> None:
        """Open the theory at an equation or section."""
        view: Any = self._slot(next(entry for entry in VIEWS if entry.key == THEORY)).view
        view.go(anchor)
        self.turn(THEORY)

    @property
    def computing(self) -> bool:
        """Whether the open tab computes."""
        return self._host.computing

    def offer(self, frame: Frame) -> None:
        """A new frame, from any thread."""
        self._host.offer(frame)

    def refresh(self) -> None:
        """Compute the open tab again."""
        self._host.refresh()

    def cancel(self) -> None:
        """Stop what is computed for the open tab."""
        self._host.cancel()

    def close(self) -> None:
        """End the worker."""
        self._host.close()

    def _turned(self) -> None:
        self._loop.later(self._open)
        self._heard(self._keys[self._strip.active])

    def _open(self) -> None:
        slot = None if self.live else self._slot(VIEWS[self._strip.active - 1])
        self._place.open(slot)
        self._live.visible = self.live
        self._host.show(None if slot is None else slot.view)

    def _slot(self, entry: Entry) -> Slot:
        """That of a view, which is loaded when its tab is first opened."""
        if entry.key not in self._slots:
            self._slots[entry.key] = Slot(entry.load()(self._session, self._host.refresh))
        return self._slots[entry.key]

    def _present(self, view: View, act: Callable[[], None]) -> None:
        """From the host's thread: change what a view shows, if its tab is still open."""
        slot = self._slots[view.key]
        self._loop.later(lambda: self._place.show(slot, act))

    def _fail(self, text: str) -> None:
        self._loop.later(lambda: self._session.toast(text, "error"))
