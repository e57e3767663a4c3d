"""Who computes the tasks of a sweep: processes of this machine, each with one thread."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Protocol


class DiedError(Exception):
    """The process that computed a task is gone: killed, or out of memory."""


class Workers(Protocol):
    """Processes that compute tasks."""

    @property
    def count(self) -> int:
        """How many tasks are computed side by side."""

    @property
    def room(self) -> int:
        """How many more tasks would be begun soon."""

    def start(self, key: int, function: Callable[..., Any], *arguments: Any) -> None:
        """Compute a task; its outcome comes back under the key."""

    def finished(self, seconds: float) -> list[tuple[int, Any]]:
        """Outcomes by key, or the exceptions they ended with, `DiedError` among them; waits so long for the first."""

    def close(self) -> None:
        """End the processes, whatever they compute."""


class Processes:
    """Spawned processes of this machine. A death ends the one task that died, and another process takes its place."""

    def __init__(self, count: int) -> None:
        self._idle = [_executor() for _ in range(count)]
        self._busy: dict[Future[Any], tuple[int, ProcessPoolExecutor]] = {}
        self._count = count

    @property
    def count(self) -> int:
        """How many processes there are."""
        return self._count

    @property
    def room(self) -> int:
        """How many of them have nothing to do."""
        return len(self._idle)

    def start(self, key: int, function: Callable[..., Any], *arguments: Any) -> None:
        """Compute a task in a process that has nothing to do."""
        executor = self._idle.pop()
        with _without_main():
            future = executor.submit(function, *arguments)
        self._busy[future] = key, executor

    def finished(self, seconds: float) -> list[tuple[int, Any]]:
        """Outcomes by key; waits so long for the first."""
        done, _ = wait(self._busy, timeout=seconds, return_when=FIRST_COMPLETED)
        found: list[tuple[int, Any]] = []
        for future in done:
            key, executor = self._busy.pop(future)
            problem = future.exception()
            if isinstance(problem, BrokenProcessPool):
                executor.shutdown(wait=False)
                executor, problem = _executor(), DiedError(str(problem))
            self._idle.append(executor)
            found.append((key, problem or future.result()))
        return found

    def close(self) -> None:
        """End the processes, whatever they compute."""
        for executor in (*self._idle, *(executor for _, executor in self._busy.values())):
            for process in list((executor._processes or {}).values()):  # noqa: SLF001 - public from Python 3.14
                process.kill()
            executor.shutdown(wait=True, cancel_futures=True)
        self._idle, self._busy = [], {}


def _executor() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Let Ctrl-C to the command, which ends its workers, and end where the command is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        assert parent is not None
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


_main = threading.Lock()


@contextmanager
def _without_main() -> Iterator[None]:
    """Start a process that does not run the user's script again: tasks need nothing of it, and it may have no guard."""
    with _main:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = script
