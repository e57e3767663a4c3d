"""Intrinsic and extrinsic responses side by side at the page's relaxation time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.live.frame import Frame
from explorer.physics.progress import Watch, part_of
from explorer.physics.responses import catalogue
from explorer.results.responses import inputs_of
from explorer.studies.at_state import StateValue, at_state
from explorer.studies.curves import ResponseCurve, vanishes
from explorer.studies.induced_moment import Part, response_parts
from explorer.studies.standing import Standing
from explorer.views.curve_quality import bars, standing
from explorer.views.figure_tab import FigureTab, text
from explorer.views.figures.layout import note_html, row, table_html, where
from explorer.views.figures.plots import BLUE, ORANGE, coefficient_plots
from explorer.views.text.numbers import scientific
from explorer.views.text.standing import component_html

NAMES = (("chi", "chi_extrinsic"), ("alpha", "alpha_extrinsic"))
"""Rows of the catalogue side by side."""


def _at_state(frame: Frame, watch: Watch | None = None) -> dict[str, StateValue]:
    """Those of `NAMES`, which every source has."""
    found = {name: at_state(frame, name, watch) for pair in NAMES for name in pair}
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, eq=False)
class Numbers:
    """The intrinsic and the extrinsic part over the curve's mu, and by their names at the state's own."""

    parts: tuple[Part, ...]
    at_state: dict[str, StateValue]
    nothing: bool
    """Whether the extrinsic one vanishes at every mu."""

    @property
    def intrinsic(self) -> ResponseCurve:
        """chi [nm/ohm], alpha [nA nm/K] over the curve's mu."""
        return self.parts[0].over_mu

    @property
    def extrinsic(self) -> ResponseCurve:
        """The curve of the extrinsic response at the state's relaxation time."""
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
        """Both responses over mu: from the mesh at once, with error bars once the hand rests."""
        shifted = catalogue.row("chi_extrinsic").integrand(inputs_of(frame.geometry.source))
        nothing = vanishes(frame.geometry, shifted, frame.curves.mu, frame.state.temperature)
        first = Numbers(response_parts(frame, spin=False), _at_state(frame), nothing)
        if frame.stage != "sharp":
            return first
        self.early(first)
        values = _at_state(frame, part_of(self.progress, 0.0, 0.2))
        self.early(Numbers(first.parts, values, nothing))
        parts = response_parts(frame, False, part_of(self.progress, 0.2, 1.0), sharpen=True)
        return Numbers(parts, values, nothing)

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
        rows = []
        for name, of_tau in NAMES:
            inner, outer = result.at_state[name], result.at_state[of_tau]
            for i in (0, 1):
                sizes = [abs(float(v.value[i])) for v in (inner, outer)]
                clear = all(v.standing[i] in (Standing.KNOWN, Standing.COARSE) for v in (inner, outer))
                equal = sizes[0] / sizes[1] * state.relaxation_time if clear else np.nan
                rows.append(
                    (
                        f"{inner.row.label}<sub>{'xy'[i]}</sub>",
                        component_html(inner, i),
                        component_html(outer, i),
                        inner.row.printed_unit,
                        scientific(equal, 3),
                    )
                )
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
