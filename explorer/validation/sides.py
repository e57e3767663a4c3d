"""One side of a comparison of integrals: values with error bars, and how well they are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.many_bands import reached_points
from explorer.physics.integrand import Integrand
from explorer.physics.mott import mott_alpha
from explorer.validation.bench import Bench
from models.arrays import Bools, Floats

COARSER = 4
"""How many times fewer wave vectors the second run has where the first did not converge..."""
SAFETY = 2.0
"""... and the part of the change between them that counts as error bar."""


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


Run = Callable[[int], tuple[Floats, Floats, Bools]]
"""From a budget of wave vectors to value (M, 2), error bar (M, 2) and whether it was met (M,)."""


def settled(name: str, run: Run, evaluations: int) -> Side:
    """A side at a budget; where that does not suffice, the change from a quarter of it tells what is known."""
    value, bar, met = run(evaluations)
    if not met.all():
        before = run(max(1, evaluations // COARSER))[0]
        bar = np.where(met[:, None], bar, np.maximum(bar, SAFETY * np.abs(value - before)))
    return Side(name, value, bar, met, evaluations)


def direct_chi(b: Bench, integrand: Integrand, name: str) -> Side:
    """Chi of (8) by adaptive quadrature."""

    def run(evaluations: int) -> tuple[Floats, Floats, Bools]:
        r = b.response(integrand, evaluations)
        return r.chi[0], r.chi_error[0], np.asarray(r.converged[0])

    return settled(name, run, b.level.evaluations)


def direct_alpha(b: Bench, integrand: Integrand) -> Side:
    """Alpha of (9) by adaptive quadrature."""

    def run(evaluations: int) -> tuple[Floats, Floats, Bools]:
        r = b.response(integrand, evaluations)
        return r.alpha[0], r.alpha_error[0], np.asarray(r.converged[0])

    return settled("alpha of (9)", run, b.level.evaluations)


def mott_integral(b: Bench, integrand: Integrand) -> Side:
    """Alpha of (12)."""
    kelvin = np.array([b.kelvin])
    points = reached_points(b.h, b.integral_mu, kelvin, b.pool)

    def run(evaluations: int) -> tuple[Floats, Floats, Bools]:
        r = mott_alpha(
            b.h, integrand, b.integral_mu, kelvin, max_evaluations=evaluations, pool=b.pool, geometry=points
        )
        return r.alpha[0], r.error[0], np.repeat(r.complete, b.integral_mu.size)

    return settled("the Mott integral", run, b.level.evaluations)
