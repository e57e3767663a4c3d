"""The residual of the Mott relation (12), within a budget: a check is not to cost more than the answer it checks.

The budget is of work that is counted, not timed: whether there is a residual, and which mu it covers, is the same on
every machine however busy it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.cost import in_a_moment
from explorer.physics.integration.mott_integral import MottAlpha
from explorer.physics.responses.integrand import Response

AT_LEAST = 4.0
"""Work that a check may always take, in moments: about as many seconds of the processor."""
SUB_TRIANGLES_IN_A_MOMENT = 6e7
"""What `add_resolved_families` counts in about a second of one core: 5e7 to 1e8 of two bands and of four."""
TOO_DEAR = "would take longer than the answer itself; --checks full computes it"
NOTHING_TO_COMPARE = "nothing to compare, alpha is not above its error bars"
NOT_RESOLVED = "needs more wave vectors"
NOT_ASKED = "not asked for (--checks none)"


class OutOfWorkError(Exception):
    """Raised by `Budget` inside a computation that has used it up."""


def in_moments(h: Hamiltonian, wave_vectors: int, sub_triangles: int = 0) -> float:
    """Work in moments, each about a second of the processor."""
    return wave_vectors / in_a_moment(h) + sub_triangles / SUB_TRIANGLES_IN_A_MOMENT


class Budget:
    """Work that a check may take, in moments as of `in_moments`."""

    def __init__(self, allowed: float) -> None:
        self.allowed, self.spent = allowed, 0.0

    def spend(self, moments: float) -> None:
        """Count it; OutOfWorkError where that is more than allowed."""
        self.spent += moments
        if self.spent > self.allowed:
            raise OutOfWorkError


Integral = Callable[[Floats, Budget | None], MottAlpha]
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


def mott_check(response: Response, integral: Integral, allowed: float | None) -> MottCheck:
    """Hold alpha of a response against the Mott integral, at as many mu as the work allows, the largest alpha first.

    allowed : moments of work; None for all mu, whatever it takes.
    """
    try:
        other = integral(response.mu, None) if allowed is None else _within(allowed, response, integral)
    except OutOfWorkError:
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


def _within(allowed: float, response: Response, integral: Integral) -> MottAlpha:
    """The integral at all mu where they fit into the work, by the first of them, else at those that do."""
    budget = Budget(allowed)
    count = response.mu.size
    if count == 1:
        return integral(response.mu, budget)
    largest = np.abs(response.alpha).max(axis=2)
    order = np.argsort(-(largest / np.maximum(largest.max(axis=1, keepdims=True), 1e-300)).max(axis=0))
    first = integral(response.mu[order[:1]], budget)
    more = int(min(count, (allowed - budget.spent) / budget.spent)) if budget.spent > 0 else count
    if more >= count:
        return integral(response.mu, None)
    found = _spread(first, order[:1], count)
    if more > 0:
        try:
            rest = order[1 : 1 + more]
            return _joined(found, _spread(integral(response.mu[rest], budget), rest, count))
        except OutOfWorkError:
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
