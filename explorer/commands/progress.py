"""A progress bar on stderr for work that takes longer than half a second, where a person watches."""

from __future__ import annotations

import sys
import time
from types import TracebackType

SECONDS_WITHOUT_BAR = 0.5
"""Seconds without a bar."""
BAR_CHARACTERS = 30


class Bar:
    """Call it with the finished fraction; silent unless stderr is a terminal. Clears itself at the end."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shown = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, fraction: float) -> None:
        """Show the fraction, between 0 and 1."""
        if not sys.stderr.isatty() or time.monotonic() - self._start < SECONDS_WITHOUT_BAR:
            return
        self._shown = True
        done = round(BAR_CHARACTERS * min(max(fraction, 0.0), 1.0))
        bar = "#" * done + "." * (BAR_CHARACTERS - done)
        print(f"\r[{bar}] {100 * fraction:3.0f} %", end="", file=sys.stderr, flush=True)
