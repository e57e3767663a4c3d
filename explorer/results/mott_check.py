"""The residual of the Mott relation (12), within a budget: a check is not to cost more than the answer it checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import process_time

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.physics.integration.mott_integral import MottAlpha
from explorer.physics.responses.integrand import Response

AT_LEAST = 4.0
"""Processor time that a check may always take [s]; not the clock's time, which other work on the machine stretches."""
TOO_DEAR = "would take longer than the answer itself; --checks full computes it"
NOTHING_TO_COMPARE = "nothing to compare, alpha is not above its error bars"
NOT_RESOLVED = "needs more wave vectors"
NOT_ASKED = "not asked for (--checks none)"


class OutOfTimeError(Exception):
    """Raised by `Clock` inside a computation whose time is over."""


class Clock:
    """Processor time that a check may take, from the first look at it: what is compiled before that is no work."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.start = seconds, float("nan")

    @property
    def spent(self) -> float:
        """Time since the first look [s]."""
        return 0.0 if np.isnan(self.start) else process_time() - self.start

    def __call__(self) -> None:
        """OutOfTimeError where the time is over."""
        now = process_time()
        if np.isnan(self.start):
            self.start = now
        elif now - self.start > self.seconds:
            raise OutOfTimeError


Integral = Callable[[Floats, Clock | None], MottAlpha]
"""From chemical potentials (M,) and what ends the work to the Mott integral at them, for every temperature."""


@dataclass(frozen=True, eq=False)
class MottCheck:
    """residual : of alpha over its largest value, NaN if nothing is compared. complete : (T, M), where it could be.

    why_not : in words, "" where there is a residual.
    """

    residual: float
    complete: Bools
    why_not: str = ""


def absent(response: Response, why: str) -> MottCheck:
    """No check, and why."""
    return MottCheck(float("nan"), np.zeros(response.converged.shape, dtype=bool), why)


def mott_check(response: Response, integral: Integral, seconds: float | None) -> MottCheck:
    """Hold alpha of a response against the Mott integral, at as many mu as `seconds` allow, the largest alpha first.

    seconds : None for all, whatever it takes.
    """
    try:
        other = integral(response.mu, None) if seconds is None else _within(seconds, response, integral)
    except OutOfTimeError:
        return absent(response, TOO_DEAR)
    if not other.complete.any():
        return absent(response, NOT_RESOLVED)
    residual = mott_residual(response, other)
    return MottCheck(residual, other.complete, NOTHING_TO_COMPARE if np.isnan(residual) else "")


def mott_residual(response: Response, other: MottAlpha) -> float:
    """Largest |alpha - other| over the largest |alpha| of all mu, where the integral is complete.

    NaN where it is nowhere, and where neither side is above error bars that met their tolerance: noise over noise is
    no residual. What is zero by symmetry on both sides has none to find.
    """
    known = other.complete
    if not known.any():
        return float("nan")
    size = max(float(np.abs(response.alpha).max()), float(np.abs(other.alpha[known]).max()))
    if size == 0:
        return 0.0
    bars = response.alpha_error + np.where(known[..., None], other.error, 0.0)
    if size <= float(bars.max()) and response.converged.all():
        return float("nan")
    return float(np.abs(response.alpha - other.alpha)[known].max()) / size


def _within(seconds: float, response: Response, integral: Integral) -> MottAlpha:
    """The integral at all mu where they fit into the time, by the first of them, else at those that do."""
    clock = Clock(seconds)
    count = response.mu.size
    if count == 1:
        return integral(response.mu, clock)
    largest = np.abs(response.alpha).max(axis=2)
    order = np.argsort(-(largest / np.maximum(largest.max(axis=1, keepdims=True), 1e-300)).max(axis=0))
    first = integral(response.mu[order[:1]], clock)
    spent = clock.spent
    more = int((seconds - spent) / max(spent, 1e-6))
    if more >= count:
        return integral(response.mu, None)
    found = _spread(first, order[:1], count)
    if more > 0:
        try:
            rest = order[1 : 1 + more]
            return _joined(found, _spread(integral(response.mu[rest], clock), rest, count))
        except OutOfTimeError:
            pass
    return found


def _spread(part: MottAlpha, at: Integers, count: int) -> MottAlpha:
    """An integral at some mu as one over all, not complete elsewhere."""
    temperatures, _, components = part.alpha.shape

    def whole(values: Floats) -> Floats:
        found = np.zeros((temperatures, count, components))
        found[:, at] = values
        return found

    complete = np.zeros((temperatures, count), dtype=bool)
    complete[:, at] = part.complete
    return MottAlpha(
        whole(part.alpha), whole(part.error), whole(part.low_temperature), complete, part.evaluations
    )


def _joined(one: MottAlpha, other: MottAlpha) -> MottAlpha:
    """Two integrals that are complete at different mu."""
    here = other.complete[..., None]
    return replace(
        one,
        alpha=np.where(here, other.alpha, one.alpha),
        error=np.where(here, other.error, one.error),
        low_temperature=np.where(here, other.low_temperature, one.low_temperature),
        complete=one.complete | other.complete,
        evaluations=one.evaluations + other.evaluations,
    )
