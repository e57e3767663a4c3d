"""One line on a terminal that says how far a sweep is, how fast it goes and when it will end."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from math import isfinite
from types import TracebackType

from explorer.sweeps.run import Report


class Line:
    """Call it with a `Report`; silent unless stderr is a terminal. Ends its line at the end."""

    def __init__(self) -> None:
        self._shown = False

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            print(file=sys.stderr, flush=True)

    def __call__(self, report: Report) -> None:
        """Show it."""
        if sys.stderr.isatty():
            self._shown = True
            print(f"\r\033[K{words(report, datetime.now())}", end="", file=sys.stderr, flush=True)


def words(report: Report, now: datetime) -> str:
    """How far, how fast, and when it will end.

    >>> words(Report(50, 1, 100, 2.0, 4), datetime(2026, 1, 1, 12))
    '50 of 100 points, 1 failed, 2 a second on 4 workers, 0:00:25 left, ends at 12:00'
    """
    said = [f"{report.points} of {report.total} points"]
    if report.failed:
        said.append(f"{report.failed} failed")
    if report.rate > 0:
        slow = report.rate < 1
        pace = f"{1 / report.rate:.3g} s a point" if slow else f"{report.rate:.3g} a second"
        said.append(f"{pace} on {report.workers} workers")
    if isfinite(report.seconds_left) and report.points < report.total:
        end = now + timedelta(seconds=report.seconds_left)
        when = f"{end:%H:%M}" if end.date() == now.date() else f"{end:%Y-%m-%d %H:%M}"
        said += [f"{timedelta(seconds=round(report.seconds_left))} left", f"ends at {when}"]
    return ", ".join(said)
