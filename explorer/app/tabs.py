"""The tabs: the live one and one for each view, changed only when the browser says that they stand.

What changes in a part of the page while the browser builds that part, the browser does not see. So the last piece of
each tab is a `Beacon`, which speaks once everything before it has been built. On its word a tab gets its content,
numbers and all, in one message; on the word of the beacon that came with the content, newer numbers. Before the
whole page stands (the browser's `document_ready`) nothing changes: till then Panel drops what is collected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from explorer.app.loop import EventLoop
from explorer.frames import Frame
from explorer.views import Session, View, views
from explorer.views.figures import note_html
from explorer.views.host import Report, ViewHost
from explorer.views.live import script

LIVE = "live"
"""Key of the live tab in URLs."""


class Beacon(pn.custom.JSComponent):
    """Says `turn` once it, and all before it in its column, stands in the browser; see assets/live/beacon.js."""

    turn = param.Integer(default=0, doc="How many tabs had been opened when this one was, last")

    _esm = script("beacon")

    def __init__(self, hear: Callable[[int], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._hear = hear

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self._hear(int(data["opened"]))


class Slot:
    """One tab's place: a few words and a beacon until there is something to show."""

    def __init__(self, view: View, heard: Callable[[Slot, int], None]) -> None:
        self.view = view
        self.stands = False
        self._heard = heard
        self._filled = False
        self._held: Callable[[], None] | None = None
        self.beacon = self._new_beacon(0)
        words = pn.pane.HTML(note_html(view.intro) + note_html("Computing …"), sizing_mode="stretch_width")
        self.column = pn.Column(words, self.beacon, sizing_mode="stretch_width")

    def _new_beacon(self, turn: int) -> Beacon:
        return Beacon(lambda turn: self._heard(self, turn), turn=turn)

    def rebuilt(self, turn: int) -> None:
        """The browser builds the tab anew: nothing may change until its beacon says this turn."""
        self.stands, self._held, self.beacon.turn = False, None, turn

    def stood(self) -> None:
        """The beacon has spoken: what waits is shown."""
        self.stands = True
        held, self._held = self._held, None
        if held is not None:
            self.show(held)

    def show(self, act: Callable[[], None]) -> None:
        """Let `act` change what the view shows, now or when the tab stands; only the newest act is kept."""
        if not self.stands:
            self._held = act
        elif self._filled:
            act()
        else:
            layout = self.view.layout()
            act()
            self._filled, self.stands = True, False
            self.beacon = self._new_beacon(self.beacon.turn)
            self.column.objects = [layout, self.beacon]


class Tabs:
    """Live first, then the views in their order; computes for the one that is open.

    live : content of the first tab. first : key of the tab to open with. turned : hears the key of the tab that is
    opened. report : as of `ViewHost`.
    """

    def __init__(
        self, session: Session, live: Any, loop: EventLoop, report: Report, turned: Callable[[str], None],
        first: str,
    ) -> None:  # fmt: skip
        self._session, self._loop, self._heard = session, loop, turned
        self._host = ViewHost(self._present, self._fail, report)
        self._slots = [Slot(view(session, self._host.refresh), self._stood) for view in views()]
        self._keys = [LIVE, *(slot.view.key for slot in self._slots)]
        self._turn = 0
        self._ready = False
        self._early: tuple[Slot, int] | None = None
        self.body = pmui.Tabs(
            ("Live", live), *((slot.view.title, slot.column) for slot in self._slots),
            active=self._keys.index(first) if first in self._keys else 0,
            sizing_mode="stretch_both", dynamic=True,
        )  # fmt: skip
        self.body.param.watch(lambda _: self._turned(), "active")
        if first not in self._keys:
            session.toast(f"no view {first}; one of {', '.join(self._keys)}")
        self._rebuilt()

    @property
    def live(self) -> bool:
        """Whether the live tab is the open one."""
        return bool(self.body.active == 0)

    def ready(self) -> None:
        """The whole page stands in the browser."""
        self._ready = True
        if self._early is not None:
            self._stood(*self._early)

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

    def _open(self) -> Slot | None:
        return None if self.live else self._slots[self.body.active - 1]

    def _turned(self) -> None:
        self._rebuilt()
        self._heard(self._keys[self.body.active])

    def _rebuilt(self) -> None:
        self._turn += 1
        slot = self._open()
        if slot is not None:
            slot.rebuilt(self._turn)
        self._host.show(None if slot is None else slot.view)

    def _stood(self, slot: Slot, turn: int) -> None:
        """A beacon's word; one of an earlier turn is of a tab that has been taken down since."""
        if not self._ready:
            self._early = slot, turn
        elif turn == self._turn and slot is self._open():
            slot.stood()

    def _present(self, view: View, act: Callable[[], None]) -> None:
        """From the host's thread: change what a view shows, if its tab is still open."""

        def shown() -> None:
            slot = self._open()
            if slot is not None and slot.view is view:
                slot.show(act)

        self._loop.later(shown)

    def _fail(self, text: str) -> None:
        self._loop.later(lambda: self._session.toast(text, "error"))
