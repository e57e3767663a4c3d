"""The numbers under the live panels, in HTML: responses with error bars, magnetization, checks."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from explorer.physics.observables.induced_magnetization import induced_error, induced_magnetization
from explorer.physics.responses.kubo import NOTICEABLE
from explorer.physics.responses.row import ALPHA, CHI
from explorer.session.quantities import FIELD, FIELD_ANGLE, GRADIENT, GRADIENT_ANGLE, MU, TEMPERATURE
from explorer.studies.at_state import KUBO_NAME, StateValue, at_state
from explorer.studies.curves import UNRESOLVED
from explorer.studies.rounding import ROUNDING_SHARE, curves_vanish, without_rounding
from explorer.views.text.numbers import scientific, with_error
from explorer.views.text.prose import minus
from explorer.views.text.standing import mark_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.live.checks import Check
    from explorer.live.frame import Frame, Point


STAGES = {"draft": "coarse mesh", "mesh": "mesh", "sharp": "adaptive"}


def verdict(kind: str, text: str) -> str:
    """A verdict as a pill: its words say it, the colour repeats it."""
    return f'<span class="verdict {kind}">{escape(text)}</span>'


def foot_html(frame: Frame, checks: tuple[Check, ...]) -> dict[str, str]:
    """The cards under the panels by name."""
    p = without_rounding(frame)
    if curves_vanish(frame):
        checks = tuple(
            replace(c, value=nan, kind="open", words=VANISH) if c.key in COMPARED else c for c in checks
        )
    return {
        "responses": _responses(frame, p),
        "magnetization": _magnetization(frame, p),
        "checks": _checks(checks),
    }


COMPARED, VANISH = ("mott", "low_mott", "sea_surface"), "both sides vanish"
"""Checks that have nothing to compare where chi and alpha vanish at every mu, and what they say then."""


def _standing(frame: Frame, point: Point, found: Sequence[StateValue]) -> str:
    """The badge: of the numbers beside it, whatever the curve's maximum is."""
    if curves_vanish(frame):
        return verdict("good", "zero at every μ: see the tab Symmetry")
    if not point.adaptive:
        return verdict("open", f"not converged: {STAGES[frame.stage]} of {frame.geometry.mesh}², sharpening")
    if not point.converged:
        return verdict("bad", "not converged: error bar above 10⁻³ of the curve")
    worst = [(r.row.label, _worst(r)) for r in found]
    label, share = max(worst, key=lambda pair: pair[1])
    if share >= 1:
        return verdict("bad", f"{label} not resolved: not above its error bar")
    if share > UNRESOLVED:
        return verdict("bad", f"not converged: the error bar is {100 * share:.0f} % of {label}")
    return verdict("good", "converged: adaptive, to 10⁻³ of the curve")


def _worst(found: StateValue) -> float:
    """Largest error bar over the largest component."""
    largest, bar = float(np.abs(found.value).max()), float(found.error.max())
    return bar / largest if largest > 0 else float(bar > 0)


def _row(name: str, value: str, unit: str, about: str = "") -> str:
    return f"<tr><th scope=row>{name}</th><td class=n>{value}</td><td class=unit{about}>{unit}</td></tr>"


def _component(found: StateValue, i: int) -> str:
    """A row of one component; what is to be known of it stands behind the unit."""
    name, standing = f"{found.row.label}<sub>{'xy'[i]}</sub>", found.standing[i]
    about = f" data-response={found.row.name} data-component={'xy'[i]} data-standing={standing.value}"
    number = with_error(float(found.value[i]), float(found.error[i]))
    return _row(name, number, found.row.printed_unit + mark_html(standing, brief=True), about)


def _responses(frame: Frame, p: Point) -> str:
    s = frame.state
    found = [value for name in (CHI, ALPHA) if (value := at_state(frame, name)) is not None]
    rows = "".join(_component(r, i) for r in found if r.row.name == CHI for i in (0, 1)) + _kubo(frame)
    rows += "".join(_component(r, i) for r in found if r.row.name == ALPHA for i in (0, 1))
    where = minus(f"{MU.words(s.mu)}, {TEMPERATURE.words(s.temperature)}")
    share = frame.geometry.source.model.share
    where += f"; {share}" if share else ""
    return f"<h3>Responses <small>{where}</small>{_standing(frame, p, found)}</h3><table>{rows}</table>"


def _kubo(frame: Frame) -> str:
    """One line below chi: what the Kubo literature calls by the same name, and where that is another number."""
    other, chi = at_state(frame, KUBO_NAME), at_state(frame, CHI)
    if other is None or chi is None or not chi.value.any():
        return ""
    apart = np.abs(frame.point.second) / 3
    numbers = ", ".join(with_error(float(v), float(e)) for v, e in zip(other.value, other.error, strict=True))
    marked = bool((apart > np.maximum(NOTICEABLE * np.abs(chi.value), frame.point.second_error / 3)).any())
    words = f"{KUBO_WORDS}; χ − χ^K = X₂/3"
    larger = other.standing[int(np.abs(other.value).argmax())]
    mark = (
        f' <span class="verdict open" title="{escape(KUBO_MARK, quote=True)}">differs by more than a tenth</span>'
        if marked
        else ""
    )
    return (
        f'<tr class=kubo title="{escape(words, quote=True)}" data-response={KUBO_NAME}><th scope=row>χ<sup>K</sup></th>'
        f"<td colspan=2>({numbers}) {other.row.printed_unit}{mark_html(larger, brief=True)}{mark}"
        f'<p class="note">{escape(KUBO_WORDS)}.</p></td></tr>'
    )


KUBO_WORDS = "the same Kubo response, counted by another multipole convention: T2 with 2/3"
KUBO_MARK = (
    "|X₂|/3 is above a tenth of |χ|: a comparison with Kubo literature must say which of the two is meant"
)


def _magnetization(frame: Frame, p: Point) -> str:
    s = frame.state
    band = 1e16 * float(frame.geometry.weights.sum())  # states of one band [1/cm2]
    carriers = p.density if abs(p.density) > ROUNDING_SHARE * band else 0.0
    induced = induced_magnetization(p.chi, p.alpha, *s.fields).in_muB_per_nm2
    error = float(induced_error(p.chi_error, p.alpha_error, *s.fields).in_muB_per_nm2)
    return (
        "<h3>Induced magnetization</h3><table>"
        + _row("δM<sub>z</sub>", with_error(induced, error), "μ<sub>B</sub>/nm²")
        + _row("E", scientific(s.field), f"{FIELD.unit} at {s.field_angle:.4g}{FIELD_ANGLE.unit}")
        + _row(
            "∇T", scientific(s.gradient), f"{GRADIENT.unit} at {s.gradient_angle:.4g}{GRADIENT_ANGLE.unit}"
        )
        + _row("n − n<sub>0</sub>", scientific(carriers, 3), "cm⁻²")
        + (_row("μ", with_error(s.mu, p.mu_error), f"{MU.unit}, solved for n") if p.mu_error else "")
        + "</table>"
        '<p class="note">δM = χ·(E − ∇μ/e) − α·∇T, positive along +z; e &lt; 0 is the electron’s charge; '
        "angles from +x, ∇T towards the hot side. "
        f"n<sub>0</sub>: the electrons of {p.neutral} filled band{'s' * (p.neutral != 1)}.</p>"
    )


def _checks(checks: tuple[Check, ...]) -> str:
    rows = "".join(
        f'<tr title="{escape(c.meaning, quote=True)}" data-check="{c.key}"><th scope=row>{c.title}</th>'
        f"<td class=n>{scientific(c.value, 2)}</td><td>{verdict(c.kind, c.words)}</td></tr>"
        for c in checks
    )
    return f"<h3>Checks <small>relative to the curve’s maximum</small></h3><table>{rows}</table>"
