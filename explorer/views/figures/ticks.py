"""Numbers on figures as the rest of the page writes them: −0.25, 2·10⁻⁶."""

from __future__ import annotations

from typing import Any

from bokeh.models import CustomJSHover, CustomJSTickFormatter

from explorer.views.text.prose import RAISED, minus

WRITTEN = """
    function written(value) {
        const size = Math.abs(value)
        if (size === 0 || (size >= 1e-3 && size < 1e5)) { return String(value).replace("-", "−") }
        const [digits, power] = value.toExponential().replaceAll("-", "−").replace("+", "").split("e")
        const raised = [...power].map((c) => c === "−" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]).join("")
        return `${digits}·10${raised}`
    }
"""


def ticks() -> Any:
    """For the numbers of an axis."""
    return CustomJSTickFormatter(
        code=WRITTEN
        + """
        const largest = Math.max(...ticks.map(Math.abs))
        return Math.abs(tick) <= 1e-9 * largest ? "0" : written(Number(tick.toPrecision(6)))
    """
    )


def pointed(digits: int = 4) -> Any:
    """For what a pointer is at: so many digits."""
    return CustomJSHover(code=f"{WRITTEN}\nreturn written(Number(value.toPrecision({digits})))")


def power_of_ten(value: float) -> str:
    """Two digits of a number.

    >>> power_of_ten(17312345), power_of_ten(418), power_of_ten(0.00123)
    ('1.7·10⁷', '420', '0.0012')
    """
    rounded = float(f"{value:.2g}")
    if rounded == 0 or 1e-3 <= abs(rounded) < 1e5:
        return minus(f"{rounded:.7g}")
    digits, power = f"{rounded:.1e}".split("e")
    return minus(f"{float(digits):g}·10{str(int(power)).translate(RAISED)}")
