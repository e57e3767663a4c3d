"""The address of the page: read when it opens, written when the hand rests."""

from __future__ import annotations

from urllib.parse import urlencode

import panel as pn

from explorer.app.loop import EventLoop
from explorer.session import State, to_query

REST = 0.4
"""Seconds of rest before the address follows the sliders: each write costs the browser as much as a frame."""


def asked() -> dict[str, str]:
    """What the address of the session that is being opened says."""
    return {key: values[0].decode() for key, values in pn.state.session_args.items() if values}


class Address:
    """Follows the state, the tab that is open, and the theme where it is chosen.

    view : the tab that the page opens with, "" for the live one. theme : as of `explorer.app.theme`.
    """

    def __init__(self, loop: EventLoop, view: str = "", theme: str = "") -> None:
        self._loop = loop
        self._state: State | None = None
        self._view, self._theme = view, theme

    def follow(self, state: State | None = None, view: str | None = None, theme: str | None = None) -> None:
        """Write this soon; what is None stays as it was."""
        self._state = self._state if state is None else state
        self._view = self._view if view is None else view
        self._theme = self._theme if theme is None else theme
        self._loop.after_rest("address", REST, self._write)

    def _write(self) -> None:
        if pn.state.location is None or self._state is None:
            return
        query = to_query(self._state)
        if self._view:
            query["view"] = self._view
        if self._theme:
            query["theme"] = self._theme
        pn.state.location.search = "?" + urlencode(query)
