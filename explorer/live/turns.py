"""Whose turn it is to compute: of those who wait, the session that has computed least of late.

A session that drags a large model pays with its own frames: it never holds the last place, so that whoever moves a
small one finds a place free, or free in the time of one small frame.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

HALF_LIFE = 5.0
"""Seconds after which half of what a session has computed is forgotten."""
HEAVY_SECONDS = 0.25
"""Seconds of late beyond which a session is heavy: a small model on the move stays below."""
_numbers = count()


class Share:
    """What one session has computed of late."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock, self._used, self._when = clock, 0.0, clock()
        self.place: int | None = None
        """Since when it waits, kept while newer states of the session take the place of older ones."""

    @property
    def used(self) -> float:
        """Seconds, those long ago counted less."""
        return float(self._used * 0.5 ** ((self._clock() - self._when) / HALF_LIFE))

    def add(self, seconds: float) -> None:
        """It has computed for so long."""
        self._used, self._when = self.used + seconds, self._clock()


class Turns:
    """Places to compute at. heavy_places : how many of them sessions may hold that are heavy."""

    def __init__(self, places: int = 2, heavy_places: int = 1) -> None:
        self._free, self._heavy_free = places, heavy_places
        self._wake = threading.Condition()
        self._waiting: list[Share] = []

    @contextmanager
    def turn(self, share: Share, ask: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Wait for a place and hold it; ask : raises where it is waited for no longer."""
        with self._wake:
            if share.place is None:
                share.place = next(_numbers)
            self._waiting.append(share)
            try:
                while not self._may(share):
                    self._wake.wait(0.02)
                    ask()
            finally:
                self._waiting.remove(share)
            heavy = share.used > HEAVY_SECONDS
            self._free -= 1
            self._heavy_free -= heavy
            share.place = None
        begun = time.perf_counter()
        try:
            yield
        finally:
            with self._wake:
                share.add(time.perf_counter() - begun)
                self._free += 1
                self._heavy_free += heavy
                self._wake.notify_all()

    def _may(self, share: Share) -> bool:
        if not self._free or (not self._heavy_free and share.used > HEAVY_SECONDS):
            return False
        able = [s for s in self._waiting if self._heavy_free or s.used <= HEAVY_SECONDS]
        return share is min(able, key=lambda s: (s.used > HEAVY_SECONDS, round(s.used, 1), s.place))


DRAFTS = Turns()
"""For the first frame of a state: what a hand waits for."""
REFINEMENTS = Turns()
"""For finer meshes, which may take seconds: no first frame waits for them."""
SHARPENING = Turns()
"""For adaptive quadratures."""
