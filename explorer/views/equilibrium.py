"""Equilibrium magnetization, anomalous Hall and Nernst responses, Streda's relation, and their maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import panel as pn

from explorer.frames import Frame
from explorer.physics.equilibrium import HALL, STREDA, EquilibriumMaps, equilibrium_maps, magnetization
from explorer.physics.thermal import ZeroTemperatureCurve
from explorer.physics.triangles import energy_nodes, triangle_curve
from explorer.physics.units import K_B
from explorer.session import OCCUPIED
from explorer.views.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    FigureTab,
    LinePlot,
    MapPlot,
    Raster,
    note_html,
    row,
    table_html,
)
from explorer.views.foot import scientific
from models.arrays import Floats


@dataclass(frozen=True, eq=False)
class Numbers:
    """Over mu (M,): parts of M [mu_B/nm^2], dM/dmu two ways, sigma [e^2/h], Nernst [nA/K]."""

    mu: Floats
    moment: Floats
    edge: Floats
    difference: Floats
    streda: Floats
    sigma: Floats
    nernst: Floats
    nernst_low: Floats
    maps: EquilibriumMaps
    raster: Raster


class EquilibriumView(FigureTab):
    """M(mu, T), sigma_xy, alpha_xy, Streda; Omega(k) and m(k)."""

    key, title, order = "equilibrium", "Equilibrium and Hall", 20
    intro = (
        "Without any field: orbital magnetization <i>M</i><sub>z</sub> from the moments of the "
        "occupied states and "
        "from their Berry curvature (edge currents); anomalous Hall conductivity σ<sub>xy</sub> and Nernst "
        "coefficient α<sup>A</sup><sub>xy</sub> (j<sub>x</sub> = "
        "α<sup>A</sup><sub>xy</sub>·(−∂<sub>y</sub>T)), "
        "e &lt; 0. All vanish where time reversal or PT holds."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Curves by triangles, M by a plain sum of the same mesh."""
        m, state = frame.geometry, frame.state
        mu, kelvin = frame.curves.mu, np.array([state.temperature])
        nodes = energy_nodes(m.corners.energy, max(100, 3 * m.mesh), np.array([state.mu]), state.temperature)

        def curve(integrand: Any) -> ZeroTemperatureCurve:
            return triangle_curve(m.corners, m.triangles, m.triangle_weights, integrand, nodes)

        hall, streda = curve(HALL), curve(STREDA)
        found = magnetization(m.corners, m.weights, mu, kelvin)
        step = 0.1 * K_B * state.temperature
        moved = magnetization(m.corners, m.weights, np.concatenate([mu - step, mu + step]), kelvin).total[0]
        below, above = np.split(moved, 2)
        band = None if state.band == OCCUPIED else state.band - 1
        return Numbers(
            mu, found.moment[0], found.edge[0], (above - below) / (2 * step),
            streda.chi(mu, kelvin)[0, :, 0], hall.chi(mu, kelvin)[0, :, 0], hall.alpha(mu, kelvin)[0, :, 0],
            hall.alpha_low_temperature(mu, kelvin)[0, :, 0],
            equilibrium_maps(m.picture, state.mu, state.temperature, band), Raster(m),
        )  # fmt: skip

    def build(self) -> list[Any]:
        """Four curves and two maps."""
        solid, dashed = "solid", "dashed"
        self._m = LinePlot(
            "Equilibrium magnetization",
            "μ [eV]",
            "M [μ_B/nm²]",
            {"M": (BLUE, solid), "moments": (ORANGE, dashed), "curvature": (GREEN, dashed)},
        )
        self._hall = LinePlot("Anomalous Hall conductivity", "μ [eV]", "σxy [e²/h]", {"σxy": (BLUE, solid)})
        self._nernst = LinePlot(
            "Anomalous Nernst coefficient",
            "μ [eV]",
            "αxy [nA/K]",
            {"αxy, Mott integral": (BLUE, solid), "αxy, low T": (ORANGE, dashed)},
        )
        self._streda = LinePlot(
            "Streda's relation",
            "μ [eV]",
            "[μ_B/(nm² eV)]",
            {"dM/dμ, difference of M": (GREY, solid), "σxy/e + moments at μ": (PURPLE, dashed)},
        )
        self._omega = MapPlot("Berry curvature", "Å²")
        self._moment = MapPlot("Orbital moment", "μ_B")
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        plots = (self._m, self._hall, self._nernst, self._streda)
        maps = row(self._omega.pane, self._moment.pane)
        return [self._table, row(*(p.pane for p in plots)), maps]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        r, mu = result, frame.state.mu
        self._m.show(r.mu, {"M": r.moment + r.edge, "moments": r.moment, "curvature": r.edge}, mu)
        self._hall.show(r.mu, {"σxy": r.sigma}, mu)
        self._nernst.show(r.mu, {"αxy, Mott integral": r.nernst, "αxy, low T": r.nernst_low}, mu)
        self._streda.show(
            r.mu, {"dM/dμ, difference of M": r.difference, "σxy/e + moments at μ": r.streda}, mu
        )
        which = "occupied states" if frame.state.band == OCCUPIED else f"band {frame.state.band}"
        self._omega.show(r.raster, r.maps.curvature, f"Berry curvature Ω(k), {which} [Å²]")
        self._moment.show(r.raster, r.maps.moment, f"Orbital moment m(k), {which} [μ_B]")
        rows = [
            (name, scientific(float(np.interp(mu, r.mu, values))), unit)
            for name, values, unit in (
                ("M<sub>z</sub>", r.moment + r.edge, "μ_B/nm²"), ("of it moments", r.moment, "μ_B/nm²"),
                ("of it curvature", r.edge, "μ_B/nm²"), ("σ<sub>xy</sub>", r.sigma, "e²/h"),
                ("α<sup>A</sup><sub>xy</sub>", r.nernst, "nA/K"),
            )
        ]  # fmt: skip
        scale = float(np.abs(r.streda).max()) or 1.0
        away = float(np.abs(r.difference - r.streda).max()) / scale
        self._table.object = table_html(
            ("quantity", "value", "unit"), rows, f"At μ = {mu:.4g} eV, T = {frame.state.temperature:.4g} K"
        ) + note_html(
            f"Mesh of {frame.geometry.mesh}² points, no error bar: the two sides of Streda's "
            f"relation, which share "
            f"no integration, differ by at most {scientific(away, 2)} of its largest value."
        )
