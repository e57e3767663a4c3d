"""How a benchmark compares two pieces of work on a machine that does other things meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, its target, the median and the quartiles.

    at_most : whether the target is an upper bound; no target where it is None.
    """

    what: str
    target: float | None
    at_most: bool
    median: float
    low: float
    high: float
    detail: str = ""

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        met = self.target is None or bool(self.median <= self.target) is self.at_most
        goal = "" if self.target is None else f"{sign} {self.target:g}"
        verdict = "" if self.target is None else "met" if met else "MISSED"
        spread = f"({self.low:.3g} - {self.high:.3g})"
        return f"{self.what:<58}{goal:>8}  {self.median:>8.3g} {spread:<20}{verdict:<7} {self.detail}"


def ratio(
    what: str,
    one: Callable[[], object],
    other: Callable[[], object],
    *,
    target: float | None,
    at_most: bool = True,
    repeats: int = 9,
    clock: Callable[[], float] = time.thread_time,
    shares: tuple[float, float] = (1.0, 1.0),
    unit: str = "us per k",
) -> Row:
    """Time of `one` over time of `other`, alternately; each divided by its share, the k it did.

    The default clock counts the calling thread's own time, so that neighbours disturb through caches only.
    """
    one()
    other()
    times = np.empty((2, repeats))
    for r in range(repeats):
        for row, work in enumerate((one, other)):
            start = clock()
            work()
            times[row, r] = (clock() - start) / shares[row]
    quotients = times[0] / times[1]
    low, middle, high = np.percentile(quotients, (25, 50, 75))
    a, b = np.median(times, axis=1) * (1e6 if unit.startswith("us") else 1e3)
    return Row(what, target, at_most, middle, low, high, f"{a:.3g} / {b:.3g} {unit}")
