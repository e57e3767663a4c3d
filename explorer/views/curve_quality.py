"""How far curves over mu are right, in words, and what of them is drawn: no line where its error bar is too large."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Bools, Floats
from explorer.studies.curves import UNRESOLVED, ResponseCurve, unresolved
from explorer.views.figures.layout import note_html
from explorer.views.text.numbers import scientific

Bars = tuple[Floats, Bools]
"""Half widths of a band, and where its line is left out, (M,) each."""


def bars(curve: ResponseCurve, name: str, component: int) -> Bars:
    """Half width of the band about one component of a curve's "chi" or "alpha", and where its line is left out."""
    values, errors = getattr(curve, name), getattr(curve, f"{name}_error")
    return errors[:, component], unresolved(values, errors)[:, component]


def standing(frame: Frame, curves: Iterable[ResponseCurve], alpha: bool = True) -> str:
    """A paragraph on curves drawn together. alpha : whether theirs is drawn, too."""
    drawn, mesh = list(curves), frame.geometry.mesh
    if not all(c.known for c in drawn):
        return note_html(
            f"<b>Curves not converged</b>: of the mesh of {mesh}² points, without error bars; at low temperature they "
            "are noise. While the sliders rest they are computed with error bars."
        )
    found = [(c.chi, c.chi_error) for c in drawn] + [(c.alpha, c.alpha_error) for c in drawn if alpha]
    lost = np.array([unresolved(*pair).any(axis=1) for pair in found]).any(axis=0)
    worst = max(_largest_bar(*pair) for pair in found)
    how = (
        f"Curves of the mesh of {mesh}² points; the bands are what every other point of it makes of them. "
        if any(c.method == "halves" for c in drawn)
        else "Curves by adaptive quadrature at each of their points. "
    )
    if lost.any():
        how += (
            f"<b>Not converged at {int(lost.sum())} of {lost.size} μ</b>: where an error bar is above "
            f"{100 * UNRESOLVED:.0f} % of its curve’s largest value the line is left out, and only the band shown. "
        )
    return note_html(
        how + f"Error bars of the lines drawn are below {scientific(100 * worst, 2)} % of the largest value."
    )


def _largest_bar(values: Floats, errors: Floats) -> float:
    """Largest error bar drawn beside the largest value."""
    kept = ~unresolved(values, errors)
    top = float(np.abs(values[kept]).max(initial=0.0))
    return float(errors[kept].max(initial=0.0)) / top if top > 0 else 0.0
