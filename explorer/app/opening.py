"""Sources are opened in threads beside the event loop: a large file is nobody's wait but its own visitor's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from explorer.app.loop import EventLoop
from explorer.session.ranges import density_bounds, is_widened, mu_reach, reaching
from explorer.session.state import State, band_count

_THREADS = ThreadPoolExecutor(4, thread_name_prefix="open")
"""Sources opened at the same time, of all sessions; each session opens one at a time."""

log = logging.getLogger(__name__)


def prepared(state: State) -> State:
    """The state, over the range of mu that it needs; all that the page asks of its source is known afterwards."""
    state = reaching(state)
    mu_reach(state.source), is_widened(state.source), density_bounds(state.source)
    band_count(state.source, state.parameters)
    return state


@dataclass(frozen=True)
class _Wish:
    work: Callable[[], Any]
    then: Callable[[Any], None]
    fail: Callable[[Exception], None]


class Opener:
    """Of one session: the newest wish is opened, one at a time; what it leads to runs on the event loop.

    told : hears what is opened, "" at rest.
    """

    def __init__(self, loop: EventLoop, told: Callable[[str], None]) -> None:
        self._loop, self._told = loop, told
        self._lock = threading.Lock()
        self._next: _Wish | None = None
        self._working = False

    @property
    def busy(self) -> bool:
        """Whether a source is being opened."""
        return self._working

    def open(
        self,
        name: str,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        fail: Callable[[Exception], None],
    ) -> None:
        """Do the work in a thread, then one of the two on the loop; at once where no browser is served."""
        wish = _Wish(work, then, fail)
        if not self._loop.served:
            self._end(wish, *_done(work))
            return
        self._told(name)
        with self._lock:
            self._next = wish
            if self._working:
                return
            self._working = True
        _THREADS.submit(self._run)

    def close(self) -> None:
        """Forget what was to be opened."""
        with self._lock:
            self._next = None

    def _run(self) -> None:
        while True:
            with self._lock:
                wish, self._next = self._next, None
                if wish is None:
                    self._working = False
                    self._told("")
                    return
            self._loop.later(partial(self._end, wish, *_done(wish.work)))

    def _end(self, wish: _Wish, found: Any, problem: Exception | None) -> None:
        if self._next is not None:
            return  # a newer wish has come
        if problem is None:
            wish.then(found)
        else:
            wish.fail(problem)


def _done(work: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return work(), None
    except (ValueError, OSError) as problem:
        return None, problem
    except Exception as problem:  # a visitor must hear of it, whatever it is
        log.exception("a source could not be opened")
        return None, ValueError(f"internal error ({type(problem).__name__}), details in the server's log")
