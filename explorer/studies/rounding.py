"""What of chi and alpha is only rounding beside the terms that cancel in it, and is shown as zero."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT

if TYPE_CHECKING:
    from explorer.live.frame import Curves, Frame, Point

ROUNDING_SHARE = 1e-9
"""Share of the terms, or of a curve's maximum, up to which a number is rounding."""
PAIRS = (("chi", CHI_UNIT), ("alpha", ALPHA_UNIT))


def terms(frame: Frame) -> float:
    """Integral of |Lambda| over the zone [angstrom], in either component: what cancels where chi vanishes."""
    return float(np.abs(frame.lambda_map).mean() * frame.geometry.weights.sum())


def without_rounding(frame: Frame) -> Point:
    """The frame's point with zeros, error bars included, where both are rounding or the curves vanish."""
    if curves_vanish(frame):
        zero = np.zeros(2)
        return replace(frame.point, chi=zero, alpha=zero, chi_error=zero, alpha_error=zero)
    p, curves = frame.point, {"chi": frame.curves.chi, "alpha": frame.curves.alpha_mott}
    size, cleaned = terms(frame), dict[str, Any]()
    for name, unit in PAIRS:
        value, error = getattr(p, name), getattr(p, f"{name}_error")
        nothing = ROUNDING_SHARE * max(size * abs(unit), float(np.abs(curves[name]).max(initial=0.0)))
        kept = (np.abs(value) > nothing) | (error > nothing)
        cleaned |= {name: np.where(kept, value, 0.0), f"{name}_error": np.where(kept, error, 0.0)}
    return replace(p, **cleaned)


def chi_rounding(frame: Frame) -> float:
    """Size up to which chi is rounding beside the terms that cancel in it [nm/ohm]."""
    return ROUNDING_SHARE * terms(frame) * CHI_UNIT


def curves_vanish(frame: Frame) -> bool:
    """Whether chi is rounding at every mu: forbidden by symmetry, or without any state to carry it."""
    return float(np.abs(frame.curves.chi).max(initial=0.0)) <= chi_rounding(frame)


def flat(c: Curves) -> Curves:
    """Curves that vanish, as zeros; what is not there yet stays NaN."""

    def zero(values: Floats) -> Floats:
        return np.where(np.isfinite(values), 0.0, values)

    names = "chi", "alpha_mott", "alpha_low", "chi_direct", "alpha_direct", "chi_error", "alpha_error"
    zeros: dict[str, Any] = {name: zero(getattr(c, name)) for name in names}
    return replace(c, **zeros)
