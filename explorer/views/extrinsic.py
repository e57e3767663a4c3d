"""Intrinsic and extrinsic responses side by side at the page's relaxation time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.frames import Frame
from explorer.mesh_responses import Part, mesh_curve, response_parts
from explorer.physics.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.live import thermal_curves
from explorer.views.figures import (
    BLUE,
    ORANGE,
    VANISHED,
    coefficient_plots,
    note_html,
    row,
    table_html,
    where,
)
from explorer.views.foot import scientific, with_error
from explorer.views.rounding import curves_vanish
from explorer.views.tab import FigureTab, text
from models.arrays import Floats

NOTHING = 1e-13
"""chi per picosecond [nm/ohm] below which an extrinsic response is rounding: those that exist are above 1e-9."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """chi [nm/ohm], alpha [nA nm/K] of the extrinsic response over the curve's mu, (M, 2); both parts at mu."""

    chi: Floats
    alpha: Floats
    parts: tuple[Part, ...]


class ExtrinsicView(FigureTab):
    """chi and alpha of both kinds over mu, and their sizes at mu."""

    key = "extrinsic"
    intro = (
        "Beside the intrinsic response, the Boltzmann one: the field or gradient shifts the Fermi line by τ (a slider "
        "in the sidebar), and the orbital moments of the two sides no longer cancel. It is even under time reversal, "
        "proportional to τ, and P or PT forbids it. Same units, same signs (e &lt; 0) and the same Mott relation."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Both kinds by triangles; at the state's mu a plain sum of the same mesh gives the spread."""
        tau = frame.state.relaxation_time
        curve = mesh_curve(frame.geometry, EXTRINSIC_PER_PICOSECOND)
        chi, alpha, _ = thermal_curves(curve, frame.curves.mu, frame.state.temperature)
        return Numbers(tau * chi, tau * alpha, response_parts(frame, spin=False))

    def build(self) -> list[Any]:
        """Four plots: chi and alpha, x and y."""
        self._plots = coefficient_plots({"intrinsic": (BLUE, "solid"), "extrinsic": (ORANGE, "dashed")})
        self._table = text()
        return [self._table, row(*(p.pane for p in self._plots.values()))]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        c, state = frame.curves, frame.state
        pairs = {"chi": (c.chi, result.chi), "alpha": (c.alpha_mott, result.alpha)}
        for (name, i), plot in self._plots.items():
            inner, outer = pairs[name]
            scale = max(float(np.abs(inner).max()), float(np.abs(outer).max()))
            plot.show(c.mu, {"intrinsic": inner[:, i], "extrinsic": outer[:, i]}, state.mu, scale)
        nothing = float(np.abs(result.chi).max()) < NOTHING * state.relaxation_time
        forbidden = curves_vanish(frame)
        rows = []
        for name, symbol, unit in (("chi", "χ", "nm/Ω"), ("alpha", "α", "nA nm/K")):
            tops = [float(np.abs(v).max()) for v in pairs[name]]
            for i in (0, 1):
                found = [
                    (float(getattr(p, name)[i]), float(getattr(p, f"{name}_error")[i])) for p in result.parts
                ]
                void = (
                    forbidden or abs(found[0][0]) < VANISHED * tops[0],
                    nothing or abs(found[1][0]) < VANISHED * tops[1],
                )
                cells = ["0" if v else with_error(*pair) for v, pair in zip(void, found, strict=True)]
                resolved = not any(void) and abs(found[1][0]) > found[1][1]
                equal = abs(found[0][0] / found[1][0]) * state.relaxation_time if resolved else np.nan
                rows.append((f"{symbol}<sub>{'xy'[i]}</sub>", *cells, unit, scientific(equal, 3)))
        self._table.object = table_html(
            ("", "intrinsic", "extrinsic", "unit", "τ at which both are equal [ps]"), rows, where(state, tau=True)
        ) + note_html(
            "<b>The extrinsic response vanishes at every μ here</b>: each band's moment cancels against its partner's "
            "at k or at −k, as P or PT demands (tab Symmetry)." if nothing else
            f"Extrinsic on the mesh of {frame.geometry.mesh}² points: its error is the difference between triangles "
            "and the plain sum, so a value below its error is not resolved."
        )  # fmt: skip
