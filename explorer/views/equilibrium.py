"""Equilibrium magnetization, anomalous Hall and Nernst responses, Streda's relation, and their maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.frames import Frame
from explorer.mesh_responses import mesh_curve
from explorer.physics.equilibrium import HALL, STREDA, EquilibriumMaps, equilibrium_maps, magnetization
from explorer.physics.live import thermal_curves
from explorer.physics.units import K_B
from explorer.shown_band import band_words, shown_band
from explorer.views.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    LinePlot,
    MapPlot,
    Raster,
    clean,
    note_html,
    row,
    table_html,
    where,
)
from explorer.views.foot import scientific
from explorer.views.tab import FigureTab, text
from models.arrays import Floats

SLOPES = "dM/dμ, by differences"
FROM_HALL = "σxy/e + moments"


@dataclass(frozen=True, eq=False)
class Numbers:
    """Over mu and, last, at the state's own, (M + 1,): parts of M [mu_B/nm^2], dM/dmu two ways, sigma [e^2/h], Nernst
    [nA/K]."""

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

    key = "equilibrium"
    intro = (
        "Without any field: orbital magnetization <i>M</i><sub>z</sub> from the moments of the occupied states and "
        "from their Berry curvature (edge currents); anomalous Hall conductivity σ<sub>xy</sub> and Nernst "
        "coefficient α<sup>A</sup><sub>xy</sub> (j<sub>x</sub> = α<sup>A</sup><sub>xy</sub>·(−∂<sub>y</sub>T)), "
        "e &lt; 0. All vanish where time reversal or PT holds."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Curves by triangles, M by a plain sum of the same mesh."""
        m, state = frame.geometry, frame.state
        mu, kelvin = np.append(frame.curves.mu, state.mu), np.array([state.temperature])
        sigma, nernst, low = (v[:, 0] for v in thermal_curves(mesh_curve(m, HALL), mu, state.temperature))
        streda = thermal_curves(mesh_curve(m, STREDA), mu, state.temperature)[0][:, 0]
        self.ask(0.3)
        found = magnetization(m.corners, m.weights, mu, kelvin)
        self.ask(0.6)
        step = 0.1 * K_B * state.temperature
        moved = magnetization(m.corners, m.weights, np.concatenate([mu - step, mu + step]), kelvin).total[0]
        below, above = np.split(moved, 2)
        band = shown_band(state.band, m.picture.energy, state.mu)
        return Numbers(
            mu, found.moment[0], found.edge[0], (above - below) / (2 * step), streda, sigma, nernst, low,
            equilibrium_maps(m.picture, state.mu, state.temperature, band), Raster(m),
        )  # fmt: skip

    def build(self) -> list[Any]:
        """Four curves and two maps."""
        solid, dashed = "solid", "dashed"
        self._m = LinePlot(
            "Equilibrium magnetization", "μ [eV]", "M [μB/nm²]",
            {"M": (BLUE, solid), "moments": (ORANGE, dashed), "curvature": (GREEN, "dotdash")},
        )  # fmt: skip
        self._hall = LinePlot("Anomalous Hall conductivity", "μ [eV]", "σxy [e²/h]", {"σxy": (BLUE, solid)})
        self._nernst = LinePlot(
            "Anomalous Nernst coefficient", "μ [eV]", "αᴬxy [nA/K]",
            {"Mott integral": (BLUE, solid), "low T": (ORANGE, dashed)},
        )  # fmt: skip
        self._streda = LinePlot(
            "Streda's relation",
            "μ [eV]",
            "dM/dμ [μB/(nm² eV)]",
            {SLOPES: (GREY, solid), FROM_HALL: (PURPLE, dashed)},
        )
        self._omega = MapPlot("Berry curvature", "Å²")
        self._moment = MapPlot("Orbital moment", "μB")
        self._table = text()
        plots = (self._m, self._hall, self._nernst, self._streda)
        maps = row(self._omega.pane, self._moment.pane)
        return [self._table, row(*(p.pane for p in plots)), maps]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        r, at = result, frame.state.mu
        mu, total = r.mu[:-1], r.moment + r.edge
        parts = float(max(np.abs(r.moment).max(), np.abs(r.edge).max()))
        self._m.show(mu, {"M": total[:-1], "moments": r.moment[:-1], "curvature": r.edge[:-1]}, at, parts)
        self._hall.show(mu, {"σxy": r.sigma[:-1]}, at, 1.0)
        self._nernst.show(mu, {"Mott integral": r.nernst[:-1], "low T": r.nernst_low[:-1]}, at, 1.0)
        self._streda.show(mu, {SLOPES: r.difference[:-1], FROM_HALL: r.streda[:-1]}, at, 1.0)
        which = band_words(frame.state.band, frame.geometry.picture.energy, at)
        self._omega.show(r.raster, r.maps.curvature, f"Berry curvature Ω(k), {which} [Å²]")
        self._moment.show(r.raster, r.maps.moment, f"Orbital moment m(k), {which} [μB]")
        rows = [
            (name, scientific(clean(float(values[-1]), 1.0)), unit)
            for name, values, unit in (
                ("M<sub>z</sub>", total, "μ_B/nm²"), ("from moments", r.moment, "μ_B/nm²"),
                ("from curvature", r.edge, "μ_B/nm²"), ("σ<sub>xy</sub>", r.sigma, "e²/h"),
                ("α<sup>A</sup><sub>xy</sub>", r.nernst, "nA/K"),
            )
        ]  # fmt: skip
        scale = float(np.abs(r.streda).max())
        self._table.object = table_html(("quantity", "value", "unit"), rows, where(frame.state)) + note_html(
            "<b>All of this vanishes here at every μ</b>: time reversal or PT holds (tab Symmetry)."
            if scale < NOTHING else
            f"Mesh of {frame.geometry.mesh}² points, no error bar: the two sides of Streda's relation, which share no "
            f"integration, differ by at most {scientific(float(np.abs(r.difference - r.streda).max()) / scale, 2)} of "
            "its largest value."
        )  # fmt: skip


NOTHING = 1e-7
"""dM/dmu [mu_B/(nm^2 eV)] below which there is nothing but rounding: what exists is of the order of 1."""
