"""Checks of integrals that share no wave vectors: sea against surface form, and the Mott relation (12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from explorer.physics.cost import MANY_BANDS
from explorer.physics.responses.catalogue import MOTT, judged_by
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.physics.zone.domain import Disc, zone_of
from explorer.validation.bench import Bench
from explorer.validation.result import CheckResult, not_compared, result
from explorer.validation.sides import Side, direct_alpha, direct_chi, mott_integral
from explorer.validation.sums import without_cancellation

INTEGRAL_TOLERANCE = 1e-3
"""Relative to the curve's maximum; above it only as far as the error bars of both sides reach."""
WIDEST_BAR = 0.05
"""Sum of both error bars, relative to the curve's maximum, beyond which agreement would say nothing."""


def sea_and_surface(b: Bench) -> Iterator[CheckResult]:
    """Chi of (8) in its two forms, each converged on its own points.

    On a disc the sea form carries a term of the cutoff's edge (theory section 2): nothing to compare.
    """
    name = "sea = surface form"
    if not b.level.evaluations:
        return
    if isinstance(zone_of(b.h), Disc):
        yield not_compared(name, "physics", "on a disc the sea form carries a term of the disc's edge")
        return
    surface, sea = direct_chi(b, INTRINSIC, "surface form"), direct_chi(b, INTRINSIC_SEA, "sea form")
    yield compared(
        name,
        (surface, sea),
        natural_sizes(b)[0],
        "chi with the second term of (11) over the sea and on the Fermi line, adaptive quadrature each",
    )


def mott(b: Bench) -> Iterator[CheckResult]:
    """Alpha of (9) by adaptive quadrature against (12) over the T = 0 curve, and other responses that it judges."""
    if not b.level.evaluations:
        return
    for row in (r for r in judged_by(MOTT) if not r.missing(b.inputs)):
        integrand = row.integrand(b.inputs)
        yield compared(
            MOTT if integrand is INTRINSIC else f"{MOTT}, {row.name}",
            (direct_alpha(b, integrand), mott_integral(b, integrand)),
            natural_sizes(b, integrand)[1],
            "alpha of (9) by adaptive quadrature against the Mott integral over the T = 0 curve",
        )


def natural_sizes(b: Bench, integrand: Integrand = INTRINSIC) -> tuple[float, float]:
    """Sizes of chi and alpha if nothing cancelled, from the bench's mesh; of large crystals without the full bands."""
    g, weights = b.mesh
    if b.h.size > MANY_BANDS:
        g = b.reached(b.h, g.k, pool=b.pool)
    return without_cancellation(b, g, weights, integrand, b.integral_mu, b.kelvin)


def compared(name: str, sides: Sequence[Side], natural: float, meaning: str) -> CheckResult:
    """One check from the chemical potentials where both sides are known well enough; what is not is said.

    natural : size without cancellation; where the curve is below a thousandth of it, the difference counts relative
    to that.
    """
    first, second = sides
    # Where a side has no finite bar, chi itself may be infinite: the curve's size is that of the rest.
    known = np.isfinite(first.bar + second.bar).all(axis=1)
    size = max(float(np.abs(first.value[known]).max(initial=0.0)), 1e-3 * natural)
    bars = (first.bar + second.bar) / size
    # What an integrator met may be relative to a size of its own, as where near-crossings swell the sea form.
    usable = bars.max(axis=1) <= WIDEST_BAR
    if not usable.any():
        failed = " and ".join(s.shortfall for s in sides if not s.met.all())
        return not_compared(name, "physics", failed or f"error bars above {WIDEST_BAR:.0%} of the curve")
    tolerance = max(INTEGRAL_TOLERANCE, float(bars[usable].max()))
    where = f"{meaning}; at {usable.sum()} of {usable.size} chemical potentials"
    where += "".join(f"; {s.shortfall}" for s in sides if not s.met.all())
    away = float(np.abs(first.value - second.value)[usable].max()) / size
    return result(name, away, tolerance, "", "physics", where)
