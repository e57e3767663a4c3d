"""The thermodynamic potential Phi(mu, T) from which both coefficients follow (theory section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.frames import Frame
from explorer.physics.potential import thermodynamic_potential
from explorer.views.figures import BLUE, GREY, ORANGE, LinePlot, coefficient_plots, note_html, row
from explorer.views.foot import scientific
from explorer.views.tab import FigureTab, text
from models.arrays import Floats

CURVES = 71
"""Chemical potentials of the curves: each needs nine passes over the mesh, ..."""
SHARE = 12
"""... this many at a time."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """Over mu (M,): Phi [nA nm], its slopes, and chi [nm/ohm] and alpha [nA nm/K] of the live curves, (M, 2)."""

    mu: Floats
    phi: Floats
    slopes: dict[str, Floats]
    responses: dict[str, Floats]


class PotentialView(FigureTab):
    """Phi_i, and its slopes against the responses."""

    key = "potential"
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
        mu, kelvin = c.mu[::step], np.array([frame.state.temperature])
        found = []
        for start in range(0, mu.size, SHARE):
            self.ask(start / mu.size)
            found.append(thermodynamic_potential(m.corners, m.weights, mu[start : start + SHARE], kelvin))
        phi, chi, alpha = (
            np.concatenate([getattr(part, name)[0] for part in found]) for name in ("phi", "chi", "alpha")
        )
        slopes = {"chi": chi, "alpha": alpha}
        return Numbers(mu, phi, slopes, {"chi": c.chi[::step], "alpha": c.alpha_mott[::step]})

    def build(self) -> list[Any]:
        """Phi, and two pairs of slopes."""
        self._phi = LinePlot(
            "Potential Φ", "μ [eV]", "Φ [nA nm]", {"Φx": (BLUE, "solid"), "Φy": (ORANGE, "dashed")}
        )
        self._slopes = coefficient_plots({"slope of Φ": (BLUE, "solid"), "response": (GREY, "dashed")})
        self._words = text()
        return [row(self._phi.pane, self._words), row(*(p.pane for p in self._slopes.values()))]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        r, mu = result, frame.state.mu
        self._phi.show(r.mu, {"Φx": r.phi[:, 0], "Φy": r.phi[:, 1]}, mu, float(np.abs(r.phi).max()))
        worst = 0.0
        for (name, i), plot in self._slopes.items():
            slope, response = r.slopes[name], r.responses[name]
            top = float(np.abs(response).max()) or 1.0
            plot.show(r.mu, {"slope of Φ": slope[:, i], "response": response[:, i]}, mu, top)
            worst = max(worst, float(np.abs(slope - response)[:, i].max()) / top)
        self._words.object = note_html(
            f"Mesh of {frame.geometry.mesh}² points, T = {frame.state.temperature:.4g} K; slopes and responses differ "
            f"by at most {scientific(worst, 2)} of the curves' maximum. That the derivatives of g<sub>0</sub> are "
            "f<sub>0</sub> and s<sub>0</sub> is an identity (a self-test); the difference shown is that of the two "
            "integrations."
        )
