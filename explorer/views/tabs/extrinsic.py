"""Intrinsic and extrinsic responses side by side at the page's relaxation time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.live.frame import Frame
from explorer.physics.responses import catalogue
from explorer.results.responses import inputs_of
from explorer.studies.curves import ResponseCurve, vanishes
from explorer.studies.induced_moment import Part, response_parts
from explorer.views.curve_quality import bars, standing
from explorer.views.figure_tab import FigureTab, text
from explorer.views.figures.layout import note_html, row, table_html, where
from explorer.views.figures.plots import BLUE, ORANGE, coefficient_plots
from explorer.views.text.numbers import scientific, with_error
from explorer.views.text.rounding import curves_vanish


@dataclass(frozen=True, eq=False)
class Numbers:
    """The intrinsic and the extrinsic part, each at mu and over the curve's mu."""

    parts: tuple[Part, ...]
    nothing: bool
    """Whether the extrinsic one vanishes at every mu."""

    @property
    def intrinsic(self) -> ResponseCurve:
        """chi [nm/ohm], alpha [nA nm/K] over the curve's mu."""
        return self.parts[0].over_mu

    @property
    def extrinsic(self) -> ResponseCurve:
        """The same of the extrinsic response at the state's relaxation time."""
        return self.parts[1].over_mu


class ExtrinsicView(FigureTab):
    """chi and alpha of both kinds over mu, and their sizes at mu."""

    key = "extrinsic"
    intro = (
        "Beside the intrinsic response, the Boltzmann one: the field or gradient shifts the Fermi line by τ (a slider "
        "in the sidebar), and the orbital moments of the two sides no longer cancel. It is even under time reversal, "
        "proportional to τ, and P or PT forbids it. Same units, same signs (e &lt; 0) and the same Mott relation."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Of the mesh at once; with error bars once the hand rests."""
        shifted = catalogue.row("chi_extrinsic").integrand(inputs_of(frame.geometry.source))
        nothing = vanishes(frame.geometry, shifted, frame.curves.mu, frame.state.temperature)
        first = Numbers(response_parts(frame, spin=False), nothing)
        if frame.stage != "sharp":
            return first
        self.early(first)
        return Numbers(response_parts(frame, False, self.progress, sharpen=True), nothing)

    def build(self) -> list[Any]:
        """Four plots: chi and alpha, x and y."""
        self._plots = coefficient_plots(
            {"intrinsic": (BLUE, "solid"), "extrinsic": (ORANGE, "dashed")}, bands=True
        )
        self._table = text()
        return [self._table, row(*(p.pane for p in self._plots.values()))]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        state, curves = frame.state, {"intrinsic": result.intrinsic, "extrinsic": result.extrinsic}
        for (name, i), plot in self._plots.items():
            values = {kind: getattr(c, name) for kind, c in curves.items()}
            plot.show(
                result.intrinsic.mu,
                {kind: v[:, i] for kind, v in values.items()},
                state.mu,
                max(float(np.abs(v).max()) for v in values.values()),
                {kind: bars(c, name, i) for kind, c in curves.items()},
            )
        forbidden = curves_vanish(frame)
        rows = []
        for name in ("chi", "alpha"):
            symbol, unit = catalogue.row(name).label, catalogue.row(name).printed_unit
            tops = [float(np.abs(getattr(c, name)).max()) for c in curves.values()]
            for i in (0, 1):
                found = [
                    (float(getattr(p, name)[i]), float(getattr(p, f"{name}_error")[i])) for p in result.parts
                ]
                cells = [
                    "0" if nothing else with_error(*pair, top)
                    for nothing, pair, top in zip((forbidden, result.nothing), found, tops, strict=True)
                ]
                resolved = not (forbidden or result.nothing) and all(abs(v) > e for v, e in found)
                equal = abs(found[0][0] / found[1][0]) * state.relaxation_time if resolved else np.nan
                rows.append((f"{symbol}<sub>{'xy'[i]}</sub>", *cells, unit, scientific(equal, 3)))
        self._table.object = (
            table_html(
                ("", "intrinsic", "extrinsic", "unit", "τ at which both are equal [ps]"),
                rows,
                where(state, tau=True),
            )
            + note_html(
                "<b>The extrinsic response vanishes at every μ here</b>: each band's moment cancels against its "
                "partner's at k or at −k, as P or PT demands (tab Symmetry)."
                if result.nothing
                else "A value below its error is not resolved."
                if result.extrinsic.known
                else "Its error in the table is the difference between triangles and the plain sum of the mesh."
            )
            + standing(frame, curves.values())
        )
