"""One side of a comparison of integrals: values with error bars, and how well they are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Bools, Floats
from explorer.physics.integration.mott_integral import mott_alpha
from explorer.physics.responses.integrand import Integrand
from explorer.validation.bench import Bench

COARSER = 4
"""How many times fewer wave vectors the second run has where the first did not converge."""
SAFETY = 2.0
"""Error bar of a side that did not converge, over the change between its two runs."""


@dataclass(frozen=True, eq=False)
class Side:
    """value, bar : (M, 2). met : (M,) whether the integrator met its own tolerance. evaluations : its budget."""

    name: str
    value: Floats
    bar: Floats
    met: Bools
    evaluations: int

    @property
    def shortfall(self) -> str:
        """What did not converge, in words."""
        missed = f" at {(~self.met).sum()} of {self.met.size} chemical potentials" if self.met.any() else ""
        return f"{self.name} not converged within {self.evaluations} wave vectors{missed}"


Run = Callable[[int], tuple[Floats, Floats, Bools, int]]
"""From a budget of wave vectors to value (M, 2), error bar (M, 2), whether it was met (M,) and what was spent."""


def settled(name: str, run: Run, evaluations: int) -> Side:
    """A side at a budget; where that does not suffice, the change from a quarter of it tells what is known.

    Where the run of a quarter went as far, the finest cells ended both: nothing tells what is left, as at the tip of
    a tilted massless cone, where chi is infinite.
    """
    value, bar, met, spent = run(evaluations)
    if not met.all():
        before, _, _, earlier = run(max(1, evaluations // COARSER))
        change = SAFETY * np.abs(value - before) if earlier < spent else np.full_like(value, np.inf)
        bar = np.where(met[:, None], bar, np.maximum(bar, change))
    return Side(name, value, bar, met, evaluations)


def direct_chi(b: Bench, integrand: Integrand, name: str) -> Side:
    """Chi of (8) by adaptive quadrature."""

    def run(evaluations: int) -> tuple[Floats, Floats, Bools, int]:
        r = b.response(integrand, evaluations)
        return r.chi[0], r.chi_error[0], np.asarray(r.converged[0]), r.evaluations

    return settled(name, run, b.level.evaluations)


def direct_alpha(b: Bench, integrand: Integrand) -> Side:
    """Alpha of (9) by adaptive quadrature."""

    def run(evaluations: int) -> tuple[Floats, Floats, Bools, int]:
        r = b.response(integrand, evaluations)
        return r.alpha[0], r.alpha_error[0], np.asarray(r.converged[0]), r.evaluations

    return settled("alpha of (9)", run, b.level.evaluations)


def mott_integral(b: Bench, integrand: Integrand) -> Side:
    """Alpha of (12)."""

    def run(evaluations: int) -> tuple[Floats, Floats, Bools, int]:
        r = mott_alpha(
            b.h,
            integrand,
            b.integral_mu,
            b.kelvin,
            rtol=b.rtol,
            base=b.base,
            max_evaluations=evaluations,
            pool=b.pool,
            geometry=b.reached,
            operations=b.operations,
        )
        return r.alpha[0], r.error[0], r.complete[0], r.evaluations

    return settled("the Mott integral", run, b.level.evaluations)
