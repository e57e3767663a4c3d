"""Checks of integrals that share no wave vectors: sea against surface form, and the Mott relation (12)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from explorer.physics.integrand import INTRINSIC, INTRINSIC_SEA
from explorer.physics.mott import mott_alpha
from explorer.physics.zone import Disc, zone_of
from explorer.validation.bench import KELVIN, Bench
from explorer.validation.result import CheckResult, result
from explorer.validation.sums import without_cancellation
from models.arrays import Bools, Floats

INTEGRAL_TOLERANCE = 1e-3
"""Relative to the curve's maximum; above it only as far as the error bars of both sides reach."""


def sea_and_surface(b: Bench) -> Iterator[CheckResult]:
    """Chi of (8) in its two forms, each converged on its own points.

    On a disc the sea form carries a term of the cutoff's edge (theory section 2): nothing to compare.
    """
    if isinstance(zone_of(b.h), Disc) or not b.level.evaluations:
        return
    surface, sea = b.adaptive, b.integrated(INTRINSIC_SEA)
    yield from compared(
        "sea = surface form", sea.chi[0] - surface.chi[0], surface.chi[0],
        surface.chi_error[0] + sea.chi_error[0], surface.converged[0] & sea.converged[0], natural_sizes(b)[0],
        "chi with the second term of (11) over the sea and on the Fermi line, adaptive quadrature each",
    )  # fmt: skip


def mott(b: Bench) -> Iterator[CheckResult]:
    """Alpha of (9) by adaptive quadrature against (12) over the T = 0 curve."""
    if not b.level.evaluations:
        return
    integral = mott_alpha(
        b.h, INTRINSIC, b.chemical_potentials, KELVIN, max_evaluations=b.level.evaluations, pool=b.pool
    )
    yield from compared(
        "Mott (12)", b.adaptive.alpha[0] - integral.alpha[0], b.adaptive.alpha[0],
        b.adaptive.alpha_error[0] + integral.error[0], b.adaptive.converged[0] & integral.complete[0],
        natural_sizes(b)[1],
        "alpha of (9) by adaptive quadrature against the Mott integral over the T = 0 curve",
    )  # fmt: skip


def natural_sizes(b: Bench) -> tuple[float, float]:
    """Sizes of chi and alpha if nothing cancelled, from the bench's mesh."""
    g, weights = b.mesh
    return without_cancellation(b, g, weights, INTRINSIC, b.chemical_potentials)


def compared(
    name: str, difference: Floats, curve: Floats, bars: Floats, usable: Bools, natural: float, meaning: str
) -> Iterator[CheckResult]:
    """One check from the chemical potentials where both sides are converged; none where there are none.

    difference, curve, bars : (M, 2). usable : (M,). natural : size without cancellation; where the curve is
    below a thousandth of it, the difference counts relative to that.
    """
    if not usable.any():
        return
    size = max(float(np.abs(curve).max()), 1e-3 * natural)
    tolerance = max(INTEGRAL_TOLERANCE, float(bars[usable].max()) / size)
    where = f"{meaning}; at the {usable.sum()} of {usable.size} chemical potentials where both are converged"
    yield result(name, float(np.abs(difference[usable]).max()) / size, tolerance, "", "physics", where)
