"""Numbers as HTML: powers of ten, error bars."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from explorer.studies.rounding import ROUNDING_SHARE
from explorer.views.text.prose import minus

if TYPE_CHECKING:
    pass


MAX_DIGITS = 8
"""Digits of a number behind its point, at most."""


def scientific(value: float, digits: int = 4) -> str:
    """A number as HTML, in plain form between 1e-3 and 1e5, else as a power of ten."""
    if not isfinite(value):
        return "–"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        rounded = float(f"{value:.{digits}g}")  # 12000 as it is, not 1.2e+04
        return minus(f"{rounded:.{max(digits, 6)}g}")
    mantissa, power = f"{value:.{digits - 1}e}".split("e")  # rounded first: 9.6e-16 is 1e-15, not 10e-16
    return minus(f"{mantissa}·10<sup>{int(power)}</sup>")


def with_error(value: float, error: float, beside: float = 0.0) -> str:
    """Value and error bar with a common power of ten, rounded to the error's second digit; none where it has none.

    beside : size of what the value belongs to; what is rounding beside it is zero, the value or the error or both.
    """
    value, error = (0.0 if abs(v) <= ROUNDING_SHARE * beside else v for v in (value, error))
    if not isfinite(error):
        return scientific(value)
    size = max(abs(value), abs(error))
    if size == 0:
        return "0"
    power = floor(log10(size))
    scale = 10.0**power if not -3 <= power < 4 else 1.0
    if error < 0.5 * 10.0**-MAX_DIGITS * scale:
        return scientific(value, MAX_DIGITS)
    digits = max(0, min(MAX_DIGITS, 1 - floor(log10(error / scale))))
    rounded = round(value / scale, digits) + 0.0  # no minus sign before a zero
    body = minus(f"{rounded:.{digits}f} ± {error / scale:.{digits}f}")
    return body if scale == 1.0 else f"({body})·10<sup>{minus(str(power))}</sup>"
