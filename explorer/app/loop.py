"""The event loop of one page, from whichever thread: changes of one step leave in one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
from bokeh.document.events import DocumentChangedEvent
from panel.reactive import Syncable

DEBOUNCE_MILLISECONDS = 10
"""Milliseconds that Panel waits before it hears a widget; its default of 50 caps every widget at 14 per
second."""


def quicken_widgets() -> None:
    """Lower Panel's debounce of widgets (a private attribute, pinned and tested)."""
    Syncable._debounce = DEBOUNCE_MILLISECONDS  # noqa: SLF001


class EventLoop:
    """Bound to the document of the session that makes it; without a session everything happens at once."""

    def __init__(self) -> None:
        self._doc = pn.state.curdoc
        self._timers: dict[str, Any] = {}
        self._session: Any = None
        self._seen = self._spoken = False
        self._hosted = self.served
        if self.served:
            self._doc.on_change(self._changed)

    def _changed(self, event: DocumentChangedEvent) -> None:
        """Hear of any change of the document; those that a browser made name it."""
        if event.setter is not None:
            self.heard()

    def heard(self) -> None:
        """A browser that holds the document has spoken: changes are to be sent to it.

        Panel believes so from `document_ready` on, which comes when all figures are drawn, and drops what changes
        till then: after a model chosen in that second the sliders of the one before stayed.
        """
        if self.served and not self._spoken:
            self._spoken = True
            self._doc.remove_on_change(self._changed)
            # Connected: it sends. Loaded: what answers an event waits for the document's lock, which Bokeh insists on.
            pn.state._connected[self._doc] = pn.state._loaded[self._doc] = True  # noqa: SLF001

    @property
    def served(self) -> bool:
        """Whether a browser looks at the page."""
        return self._doc is not None and self._doc.session_context is not None

    @property
    def watched(self) -> bool:
        """Whether a browser is connected or still to come; a page that was closed lives on for some seconds."""
        if not self.served:
            return True
        context = self._doc.session_context
        if self._session is None:
            try:
                sessions = context.server_context.sessions
            except RuntimeError:  # another page opened or closed while they were listed
                return True
            self._session = next((s for s in sessions if s.id == context.id), None)
        connected = self._session is not None and self._session.connection_count > 0
        self._seen |= connected
        return connected or not self._seen

    def later(self, act: Callable[[], None]) -> None:
        """Run on the event loop, all changes in one message."""

        def held() -> None:
            # Bokeh's hold: Panel's drops what changes between the first picture and `document_ready`.
            self._doc.hold("combine")
            try:
                act()
            finally:
                self._doc.unhold()

        if self.served:
            self._doc.add_next_tick_callback(held)
        elif not self._hosted:  # a page that was served and is closed has nobody to tell
            act()

    def bare(self, act: Callable[[], None]) -> None:
        """Run on the event loop where there is a browser, without collecting: for one change of one model."""
        if self.served:
            self._doc.add_next_tick_callback(act)

    def every(self, seconds: float, act: Callable[[], None]) -> None:
        """Run again and again while there is a page; never without a browser."""
        if self.served:
            self._doc.add_periodic_callback(act, int(1000 * seconds))

    def after_rest(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Run once nothing has asked for the same name for so long; never without a browser."""
        if not self.served:
            return
        waiting = self._timers.pop(name, None)
        if waiting is not None:
            self._doc.remove_timeout_callback(waiting)

        def rested() -> None:
            self._timers.pop(name, None)
            act()

        self._timers[name] = self._doc.add_timeout_callback(rested, int(1000 * seconds))
