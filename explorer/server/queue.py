"""Who comes while pages are being made waits in a queue that tells the place, and who comes to a full server is told.

A page is made on the event loop, in a good half second: of fifty visitors at once the last would look at nothing for
half a minute.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

MADE_AT_ONCE = 3
"""Pages that are made, or wait for the loop, before others are queued."""
ASKS_AGAIN_WITHIN_SECONDS = 15.0
"""Seconds after which a visitor in the queue who has not asked again is taken to have left."""
COOKIE = "om_place"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{seconds}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>OM explorer: {title}</title>
<style>body {{ font: 18px/1.5 system-ui, sans-serif; max-width: 34em; margin: 18vh auto; padding: 0 1em;
color-scheme: light dark; }} @media (prefers-color-scheme: dark) {{ body {{ background: #121212; color: #eee; }} }}
</style></head><body><h1>Orbital magnetization explorer</h1><p role="status">{words}</p></body></html>
"""


class Full(Exception):  # noqa: N818 - an answer, not an error
    """The page that is served instead, with its status and the seconds after which the browser asks again."""

    def __init__(self, status: int, title: str, words: str, seconds: int) -> None:
        super().__init__(title)
        self.status, self.seconds = status, seconds
        self.html = PAGE.format(title=escape(title), words=escape(words), seconds=seconds)


class Queue:
    """Of one process. sessions : pages that are open. most : pages that may be."""

    def __init__(
        self, sessions: Callable[[], int], most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sessions, self._most, self._clock = sessions, most, clock
        self._making = 0
        self._waiting: OrderedDict[str, float] = OrderedDict()

    @property
    def waiting(self) -> int:
        """Visitors who wait."""
        self._forget()
        return len(self._waiting)

    def _forget(self) -> None:
        late = self._clock() - ASKS_AGAIN_WITHIN_SECONDS
        for ticket in [t for t, asked in self._waiting.items() if asked < late]:
            del self._waiting[ticket]

    def ticket(self, given: str) -> str:
        """The visitor's place in the queue, by the cookie given, or a new one."""
        return given if given in self._waiting else secrets.token_urlsafe(12)

    @contextmanager
    def turn(self, ticket: str) -> Iterator[None]:
        """Make a page within; `Full` where it is not this visitor's turn."""
        self._forget()
        if self._sessions() + self._making >= self._most:
            self._waiting.pop(ticket, None)
            words = f"All {self._most} pages of this server are in use. This one opens by itself when one is free."
            raise Full(503, "full", words, 10)
        place = list(self._waiting).index(ticket) if ticket in self._waiting else len(self._waiting)
        if self._making + place >= MADE_AT_ONCE:
            self._waiting[ticket] = self._clock()
            words = f"You are number {place + 1} in the queue. The page opens by itself."
            raise Full(202, f"number {place + 1}", words, 1 + place // 4)
        self._waiting.pop(ticket, None)
        self._making += 1
        try:
            yield
        finally:
            self._making -= 1
