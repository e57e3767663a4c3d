"""The threads of this process that compute: those a hand waits for, and those that come after."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")

COUNT = max(1, os.cpu_count() or 1)

NICENESS = 10
"""Niceness of the threads that sharpen, 0 to 19: a drag on any page, and the browser that draws it, go first."""


def compute_with(count: int) -> None:
    """From now on pools of this process share their work among that many threads, the caller's among them.

    Of several processes that compute side by side each should have one.
    """
    global COUNT
    COUNT = max(1, count)


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere the priority would be the whole process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class Sharing(ThreadPoolExecutor):
    """A pool in whose `map` the caller's thread works too, instead of waiting to be woken.

    To wake a thread takes up to a millisecond, a third of what a frame takes; so there is one thread less than cores.
    """

    def __init__(self, name: str = "shares") -> None:
        super().__init__(max(1, COUNT - 1), thread_name_prefix=name)

    def map(
        self,
        fn: Callable[..., Any],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
        buffersize: int | None = None,
    ) -> Iterator[Any]:
        """Results in the order of the items, handed out one at a time.

        What has not begun when the iterator is closed never is.
        """
        todo = deque(enumerate(zip(*iterables, strict=False)))
        results: list[Future[Any]] = [Future() for _ in todo]

        def step() -> bool:
            try:
                i, arguments = todo.popleft()
            except IndexError:
                return False
            try:
                results[i].set_result(fn(*arguments))
            except BaseException as problem:
                results[i].set_exception(problem)
            return True

        def drain() -> None:
            while step():
                pass

        for _ in range(min(COUNT, len(results)) - 1):
            self.submit(drain)

        def ordered() -> Iterator[Any]:
            try:
                for result in results:
                    while not result.done() and step():
                        pass
                    yield result.result(timeout)
            finally:
                todo.clear()

        return ordered()


BLOCKS = Sharing("blocks")
"""Threads that share the blocks of k that a frame waits for, of all sessions."""

BEHIND = ThreadPoolExecutor(COUNT, thread_name_prefix="behind", initializer=_step_back)
"""Threads for what takes seconds after all else is on screen: their shares never stand before a drag's."""


class WatchedPool:
    """A pool seen through a callback that is asked before each share of work, and stops the whole by raising.

    Few shares are handed over at a time, so that stages of several pages take turns in the pool.
    """

    def __init__(self, watch: Callable[[], None], pool: ThreadPoolExecutor = BEHIND) -> None:
        self._watch, self._pool = watch, pool

    def map(self, work: Callable[..., T], /, *items: Iterable[Any]) -> Iterator[T]:
        """Results in the order of the items; what has not begun when the callback raises is never begun."""
        self._watch()
        under_way: deque[Future[T]] = deque()
        waiting = zip(*items, strict=False)
        try:
            while True:
                under_way.extend(
                    self._pool.submit(work, *i) for i in islice(waiting, 2 * COUNT - len(under_way))
                )
                if not under_way:
                    return
                while not under_way[0].done():
                    # Asked while waiting too: the shares may queue behind those of another stage.
                    wait([under_way[0]], timeout=0.01)
                    self._watch()
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
