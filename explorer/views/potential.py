"""The thermodynamic potential Phi(mu, T) from which both coefficients follow (theory section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import panel as pn

from explorer.frames import Frame
from explorer.physics.potential import Potential, thermodynamic_potential
from explorer.views.figures import BLUE, GREY, ORANGE, FigureTab, LinePlot, note_html, row
from explorer.views.foot import scientific
from models.arrays import Floats

CURVES = 41
"""Chemical potentials of the curves: each needs nine passes over the mesh."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """found : Phi and its derivatives. chi, alpha : (M, 2) of the live curves at the same mu."""

    found: Potential
    chi: Floats
    alpha: Floats


class PotentialView(FigureTab):
    """Phi_i, and its slopes against the responses."""

    key, title, order = "potential", "Potential", 80
    intro = (
        "One potential carries both coefficients: Φ<sub>i</sub>(μ, T) = ∫ Σ g<sub>0</sub> Λ<sub>i</sub> with "
        "g<sub>0</sub> = −k<sub>B</sub>T ln(1 + e<sup>−(ε−μ)/k<sub>B</sub>T</sup>); "
        "χ<sub>i</sub> = −e ∂Φ<sub>i</sub>/∂μ, α<sub>i</sub> = −∂Φ<sub>i</sub>/∂T, hence Maxwell's relation "
        "∂χ/∂T = e ∂α/∂μ. Slopes are numerical, of a plain sum; the curves they meet come from triangles."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Phi by a plain sum of the mesh, in the surface form."""
        m, c = frame.geometry, frame.curves
        step = max(1, (c.mu.size - 1) // (CURVES - 1))
        found = thermodynamic_potential(
            m.corners, m.weights, c.mu[::step], np.array([frame.state.temperature])
        )
        return Numbers(found, c.chi[::step], c.alpha_mott[::step])

    def build(self) -> list[Any]:
        """Phi, and two pairs of slopes."""
        self._phi = LinePlot(
            "Potential", "μ [eV]", "Φ [nA nm]", {"Φx": (BLUE, "solid"), "Φy": (ORANGE, "solid")}
        )
        pair = {"slope of Φ": (BLUE, "solid"), "response": (GREY, "dashed")}
        self._slopes = {
            (name, i): LinePlot(f"{s}{'xy'[i]}", "μ [eV]", f"{s}{'xy'[i]} [{unit}]", pair)
            for name, s, unit in (("chi", "χ", "nm/Ω"), ("alpha", "α", "nA nm/K"))
            for i in (0, 1)
        }
        self._note = pn.pane.HTML("", sizing_mode="stretch_width")
        return [row(self._phi.pane, *(p.pane for p in self._slopes.values())), self._note]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        p, mu = result.found, frame.state.mu
        self._phi.show(p.mu, {"Φx": p.phi[0, :, 0], "Φy": p.phi[0, :, 1]}, mu)
        worst = 0.0
        for (name, i), plot in self._slopes.items():
            top = float(np.abs(getattr(result, name)).max()) or 1.0
            slope, response = getattr(p, name)[0, :, i], getattr(result, name)[:, i]
            plot.show(p.mu, {"slope of Φ": slope, "response": response}, mu, top)
            worst = max(worst, float(np.abs(slope - response).max()) / top)
        self._note.object = note_html(
            f"Mesh of {frame.geometry.mesh}² points; slopes and responses differ by at most "
            f"{scientific(worst, 2)} of "
            "the curves' maximum. That the derivatives of g<sub>0</sub> are f<sub>0</sub> and "
            "s<sub>0</sub> is an "
            "identity (a self-test); the difference shown is that of the two integrations."
        )
