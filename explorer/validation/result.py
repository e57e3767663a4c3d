"""What a check returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats


@dataclass(frozen=True)
class CheckResult:
    """One relation. value : its residual, in `unit`, to be compared with `tolerance`.

    passed : None where the relation could not be tested, both numbers then are none. kind : "physics" or
    "self-test". meaning : what is compared with what, or why nothing is.
    """

    name: str
    value: float
    tolerance: float
    unit: str
    passed: bool | None
    kind: str
    meaning: str


def result(name: str, value: float, tolerance: float, unit: str, kind: str, meaning: str) -> CheckResult:
    """A check with its verdict: passed where value <= tolerance (not where value is not a number)."""
    return CheckResult(name, value, tolerance, unit, bool(value <= tolerance), kind, meaning)


def not_compared(name: str, kind: str, why: str) -> CheckResult:
    """A relation that could not be tested, and why."""
    return CheckResult(name, float("nan"), float("nan"), "", None, kind, f"not compared: {why}")


def relative(computed: Floats, expected: Floats, floor: float = 0.0) -> float:
    """Largest difference over the largest entry, or over `floor` where symmetry leaves only rounding."""
    scale = max(float(np.abs(expected).max(initial=0.0)), floor)
    return float(np.abs(computed - expected).max(initial=0.0)) / scale if scale > 0 else 0.0
