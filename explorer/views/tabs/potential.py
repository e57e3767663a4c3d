"""The thermodynamic potential Phi(mu, T) from which both coefficients follow (theory section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Floats
from explorer.physics.progress import part_of
from explorer.physics.responses import catalogue
from explorer.results.responses import inputs_of
from explorer.studies.curves import UNRESOLVED, ResponseCurve, response_curve
from explorer.studies.mesh_slopes import mesh_potential
from explorer.studies.rounding import curves_vanish
from explorer.views.curve_quality import bars, standing
from explorer.views.figure_tab import FigureTab, text
from explorer.views.figures.layout import note_html, row
from explorer.views.figures.plots import BLUE, GREY, ORANGE, LinePlot, coefficient_plots
from explorer.views.text.numbers import scientific

ROW = catalogue.row("potential")


@dataclass(frozen=True, eq=False)
class Numbers:
    """Over mu (M,): Phi [nA nm], its slopes, what half the mesh differs by in them, and the responses, (M, 2)."""

    mu: Floats
    phi: Floats
    slopes: dict[str, Floats]
    unsure: dict[str, Floats]
    responses: ResponseCurve


def nothing(mu: Floats) -> Numbers:
    """Where Lambda cancels over the zone at every mu."""
    zero = np.zeros((mu.size, 2))
    both = {"chi": zero, "alpha": zero}
    return Numbers(mu, zero, both, both, ResponseCurve(mu, zero, zero, zero, zero, "zero"))


class PotentialView(FigureTab):
    """Phi_i, and its slopes against the responses."""

    key = "potential"
    intro = (
        "One potential carries both coefficients: Φ<sub>i</sub>(μ, T) = ∫ Σ g<sub>0</sub> Λ<sub>i</sub> with "
        "g<sub>0</sub> = −k<sub>B</sub>T ln(1 + e<sup>−(ε−μ)/k<sub>B</sub>T</sup>); "
        "χ<sub>i</sub> = −e ∂Φ<sub>i</sub>/∂μ, α<sub>i</sub> = −∂Φ<sub>i</sub>/∂T, hence Maxwell's relation "
        "∂χ/∂T = e ∂α/∂μ. Slopes are numerical, of Φ by triangles; the curves they meet are integrated apart."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Phi by triangles on the mesh, in the surface form; the responses beside it once the hand rests."""
        m, c, kelvin = frame.geometry, frame.curves, frame.state.temperature
        mu, sharpen = c.mu, frame.stage == "sharp"
        integrand = ROW.integrand(inputs_of(m.source))
        if curves_vanish(frame):
            return nothing(mu)
        found, unsure = mesh_potential(m, mu, kelvin, part_of(self.progress, 0, 0.5 if sharpen else 1))
        slopes = {name: getattr(found, name)[0] for name in unsure}
        rest = found.phi[0], slopes, {name: v[0] for name, v in unsure.items()}
        first = Numbers(mu, *rest, response_curve(m, integrand, mu, kelvin))
        if not sharpen:
            return first
        self.early(first)
        responses = response_curve(m, integrand, mu, kelvin, part_of(self.progress, 0.5, 1))
        return Numbers(mu, *rest, responses)

    def build(self) -> list[Any]:
        """Phi, and two pairs of slopes."""
        self._phi = LinePlot(
            "Potential Φ",
            "μ [eV]",
            f"Φ [{ROW.printed_unit}]",
            {"Φx": (BLUE, "solid"), "Φy": (ORANGE, "dashed")},
        )
        self._slopes = coefficient_plots(
            {"slope of Φ": (BLUE, "solid"), "response": (GREY, "dashed")}, bands=True
        )
        self._words = text()
        return [row(self._phi.pane, self._words), row(*(p.pane for p in self._slopes.values()))]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        r, mu = result, frame.state.mu
        self._phi.show(r.mu, {"Φx": r.phi[:, 0], "Φy": r.phi[:, 1]}, mu, float(np.abs(r.phi).max()))
        worst, missing = 0.0, 0
        for (name, i), plot in self._slopes.items():
            slope, response = r.slopes[name], getattr(r.responses, name)
            top = float(np.abs(response).max()) or 1.0
            lost = r.unsure[name][:, i] > UNRESOLVED * top
            other = bars(r.responses, name, i)
            plot.show(
                r.mu,
                {"slope of Φ": slope[:, i], "response": response[:, i]},
                mu,
                top,
                {"slope of Φ": (np.where(lost, np.nan, r.unsure[name][:, i]), lost), "response": other},
            )
            seen = ~lost & ~other[1]
            missing = max(missing, int(lost.sum()))
            worst = max(worst, float(np.abs(slope - response)[seen, i].max(initial=0.0)) / top)
        if curves_vanish(frame):
            self._words.object = note_html(
                "<b>The potential vanishes here at every μ</b>: see the tab Symmetry."
            )
            return
        left_out = (
            f"<b>At {missing} of {r.mu.size} μ this mesh is too coarse</b>: every other point of it says otherwise, "
            "and the slope is left out. "
        )
        self._words.object = note_html(
            f"Φ by triangles on {frame.geometry.mesh}² points, T = {frame.state.temperature:.4g} K; slopes and "
            f"responses differ by at most {scientific(worst, 2)} of the curves' maximum. "
            f"{left_out if missing else ''}That the derivatives of g<sub>0</sub> are f<sub>0</sub> and s<sub>0</sub> "
            "is an identity (a self-test); the difference shown is that of the two integrations."
        ) + standing(frame, [r.responses])
