"""The address of the page: read when it opens, written when the hand rests, followed back and forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import panel as pn
import param

from explorer.app.loop import EventLoop
from explorer.session.query import to_query
from explorer.session.source_name import SourceName
from explorer.session.state import State
from explorer.session.uploads import is_dropped
from explorer.views.browser import script

SECONDS_BEFORE_ADDRESS = 0.4
"""Seconds of rest before the address follows the sliders: each write costs the browser as much as a frame."""


def asked() -> dict[str, str]:
    """What the address of the session that is being opened says."""
    return {
        key: values[0].decode(errors="replace") for key, values in pn.state.session_args.items() if values
    }


class AddressBar(pn.custom.JSComponent):
    """That of the browser; see assets/live/address.js. went : hears the query that Back or Forward led to."""

    entry = param.Dict(
        default={},
        doc="search: the query, with its mark; left: that of the entry to add it to, None to write over that one",
    )

    _esm = script("address")

    def __init__(self, went: Callable[[dict[str, str]], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._went = went

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self._went(dict(parse_qsl(str(data["search"]).removeprefix("?"), keep_blank_values=True)))


class Address:
    """Follows the state, the tab that is open, and the theme where it is chosen.

    Back leads to the tab or the source before; what sliders did between is one entry. opened : what the page was opened
    with; its view, "" for the live one; its theme, as of `explorer.app.theme`. went : as of `AddressBar`.
    """

    def __init__(
        self, loop: EventLoop, opened: State, view: str, theme: str, went: Callable[[dict[str, str]], None]
    ) -> None:
        self.bar = AddressBar(went)
        self._loop = loop
        self._state, self._view, self._theme = opened, view, theme
        self._written = opened.source, view

    def follow(self, state: State | None = None, view: str | None = None, theme: str | None = None) -> None:
        """Write this: a tab or a source at once, else once the hand rests; what is None stays as it was."""
        left = self.search()
        self._state = self._state if state is None else state
        self._view = self._view if view is None else view
        self._theme = self._theme if theme is None else theme
        here = self._state.source, self._view
        if here == self._written:
            self._loop.after_rest("address", SECONDS_BEFORE_ADDRESS, lambda: self._write(self.search()))
        else:
            # Two tabs within one rest are two entries: were they one, Back would leave the page.
            self._written, search = here, self.search()
            self._loop.later(lambda: self._write(search, left))

    def search(self) -> str:
        """What the address is to say, with its mark."""
        more = {"view": self._view, "theme": self._theme}
        # A file that was dropped is of this page alone: its name is nobody else's, and its place leads nowhere.
        state = {} if is_dropped(SourceName.parse(self._state.source).path) else to_query(self._state)
        query = state | {key: value for key, value in more.items() if value}
        return "?" + urlencode(query)

    def _write(self, search: str, left: str | None = None) -> None:
        self.bar.entry = {"search": search, "left": left}

    def went(self, query: Mapping[str, str], state: State) -> None:
        """The browser is at this entry already, in this state: nothing is a step from there yet."""
        self._state, self._view = state, query.get("view", "")
        self._written = state.source, self._view
