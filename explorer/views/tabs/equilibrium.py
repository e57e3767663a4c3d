"""Equilibrium magnetization, anomalous Hall and Nernst responses, Streda's relation, and their maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Bools, Floats
from explorer.physics.observables.equilibrium import EquilibriumMaps, equilibrium_maps
from explorer.physics.observables.equilibrium_curves import (
    EquilibriumCurves,
    equilibrium_curves,
    equilibrium_integrand,
)
from explorer.physics.progress import Watch
from explorer.physics.responses import catalogue
from explorer.results.responses import inputs_of
from explorer.session.map_band import band_words, shown_band
from explorer.studies.at_state import EQUILIBRIUM_RTOL, OF_EQUILIBRIUM, StateValue, at_state, equilibrium_at
from explorer.studies.curves import UNRESOLVED, ResponseCurve, response_curve, unresolved, vanishes
from explorer.studies.mesh_slopes import mesh_slopes
from explorer.studies.standing import Standing
from explorer.views.curve_quality import standing
from explorer.views.figure_tab import FigureTab, text
from explorer.views.figures.layout import clean, note_html, row, table_html, where
from explorer.views.figures.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, LinePlot, MapPlot, Raster
from explorer.views.text.numbers import scientific
from explorer.views.text.prose import raised
from explorer.views.text.standing import component_html, number_html

SLOPES = "dM/dμ, by differences"
FROM_HALL = "σxy/e + moments"


@dataclass(frozen=True, eq=False)
class Numbers:
    """All over mu (M,) and at the state's own, with their errors (NaN where not known).

    difference : dM/dmu of M by triangles [mu_B/(nm^2 eV)]; unsure : by how much every other point of the mesh differs.
    """

    mu: Floats
    over_mu: ResponseCurve
    curves: EquilibriumCurves
    errors: EquilibriumCurves
    own: EquilibriumCurves
    own_errors: EquilibriumCurves
    difference: Floats
    unsure: Floats
    nothing: bool
    at_state: dict[str, StateValue]
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
        """Equilibrium responses over mu: from the mesh at once, with error bars once the hand rests."""
        m, state = frame.geometry, frame.state
        mu = frame.curves.mu
        slopes = mesh_slopes(m, mu, state.temperature, self.progress)
        band = shown_band(state.band, m.picture.energy, state.mu)
        maps = equilibrium_maps(m.picture, state.mu, state.temperature, band)
        nothing = vanishes(
            m, catalogue.row("magnetization").integrand(inputs_of(m.source)), mu, state.temperature
        )
        raster = Raster(m)

        def numbers(progress: Watch | None) -> Numbers:
            values = {
                name: v for name in OF_EQUILIBRIUM if (v := at_state(frame, name, progress)) is not None
            }
            return Numbers(mu, *_curves(frame, progress), *slopes, nothing, values, maps, raster)

        first = numbers(None)
        if frame.stage != "sharp":
            return first
        self.early(first)
        return numbers(self.progress)

    def build(self) -> list[Any]:
        """Four curves and two maps."""
        solid, dashed = "solid", "dashed"
        self._m = LinePlot(
            "Equilibrium magnetization",
            "μ [eV]",
            f"M [{_unit('magnetization')}]",
            {"M": (BLUE, solid), "moments": (ORANGE, dashed), "curvature": (GREEN, "dotdash")},
            bands=True,
        )
        self._hall = LinePlot(
            "Anomalous Hall conductivity",
            "μ [eV]",
            f"σxy [{_unit('hall')}]",
            {"σxy": (BLUE, solid)},
            bands=True,
        )
        self._nernst = LinePlot(
            "Anomalous Nernst coefficient",
            "μ [eV]",
            f"αᴬxy [{_unit('nernst')}]",
            {"Mott integral": (BLUE, solid), "low T": (ORANGE, dashed)},
            bands=True,
        )
        self._streda = LinePlot(
            "Streda's relation",
            "μ [eV]",
            "dM/dμ [μB/(nm² eV)]",
            {SLOPES: (GREY, solid), FROM_HALL: (PURPLE, dashed)},
            bands=True,
        )
        self._omega = MapPlot("Berry curvature", "Å²")
        self._moment = MapPlot("Orbital moment", "μB")
        self._table = text()
        plots = (self._m, self._hall, self._nernst, self._streda)
        maps = row(self._omega.pane, self._moment.pane)
        return [self._table, row(*(p.pane for p in plots)), maps]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        r, at, c, e = result, frame.state.mu, result.curves, result.errors
        parts = 1.0 if r.nothing else float(max(np.abs(c.moment).max(), np.abs(c.edge).max()))
        self._lines(
            self._m,
            r,
            at,
            parts,
            {
                "M": (c.moment + c.edge, e.moment + e.edge),
                "moments": (c.moment, e.moment),
                "curvature": (c.edge, e.edge),
            },
        )
        self._lines(self._hall, r, at, 1.0, {"σxy": (c.sigma, e.sigma)})
        nernst = {"Mott integral": (c.nernst, e.nernst), "low T": (c.nernst_low, e.nernst_low)}
        self._lines(self._nernst, r, at, 1.0, nernst)
        self._lines(
            self._streda,
            r,
            at,
            1.0,
            {
                SLOPES: (r.difference, np.where(_lost_slopes(r), np.nan, r.unsure)),
                FROM_HALL: (c.slope, e.slope),
            },
            {SLOPES: _lost_slopes(r)},
        )
        which = band_words(frame.state.band, frame.geometry.picture.energy, at)
        for plot, values, title, size in (
            (self._omega, r.maps.curvature, f"Berry curvature Ω(k), {which} [Å²]", r.maps.curvature_size),
            (self._moment, r.maps.moment, f"Orbital moment m(k), {which} [μB]", r.maps.moment_size),
        ):
            plot.show(r.raster, values, title, size)
        o, w, total = r.own, r.own_errors, r.at_state["magnetization"]
        whole = [
            (
                f"{raised(v.row.label)}<sub>{v.row.components[0]}</sub>",
                component_html(v, 0),
                v.row.printed_unit,
            )
            for v in r.at_state.values()
        ]
        parts_of_m = [
            (
                name,
                number_html(clean(float(v[0]), 1.0), float(error[0]), total.standing[0]),
                total.row.printed_unit,
            )
            if total.standing[0] not in (Standing.ZERO, Standing.FORBIDDEN)
            else (name, component_html(total, 0), total.row.printed_unit)
            for name, v, error in (
                ("from moments", o.moment, w.moment),
                ("from curvature", o.edge, w.edge),
            )
        ]
        rows = [whole[0], *parts_of_m, *whole[1:]]
        self._table.object = table_html(("quantity", "value", "unit"), rows, where(frame.state)) + (
            note_html(
                "<b>All of this vanishes here at every μ</b>: time reversal or PT holds (tab Symmetry)."
            )
            if r.nothing
            else standing(frame, [r.over_mu]) + note_html(_streda_words(frame, r))
        )

    def _lines(
        self,
        plot: LinePlot,
        r: Numbers,
        at: float,
        scale: float,
        found: dict[str, tuple[Floats, Floats]],
        lost: dict[str, Bools] | None = None,
    ) -> None:
        wide = {
            name: (errors, (lost or {}).get(name, unresolved(values, errors)))
            for name, (values, errors) in found.items()
        }
        lines = {name: np.zeros_like(v) if r.nothing else v for name, (v, _) in found.items()}
        plot.show(r.mu, lines, at, scale, None if r.nothing else wide)


def _unit(name: str) -> str:
    """Unit of a response as axes have it."""
    return catalogue.row(name).printed_unit.replace("μ_B", "μB")


def _lost_slopes(r: Numbers) -> Bools:
    """Where differences over the mesh say nothing."""
    return np.asarray(r.unsure > UNRESOLVED * float(np.abs(r.curves.slope).max()))


def _curves(
    frame: Frame, progress: Watch | None
) -> tuple[ResponseCurve, EquilibriumCurves, EquilibriumCurves, EquilibriumCurves, EquilibriumCurves]:
    """Integrals over mu, the curves that follow with their errors, and the same at the state's own mu."""
    mu, kelvin = frame.curves.mu, frame.state.temperature
    zero, width = float(mu[0] + mu[-1]) / 2, float(mu[-1] - mu[0]) / 2
    integrand = equilibrium_integrand(zero, width)
    c = response_curve(frame.geometry, integrand, mu, kelvin, progress, rtol=EQUILIBRIUM_RTOL)
    found = equilibrium_curves(c.chi, c.alpha, mu, kelvin, zero, width)
    errors = equilibrium_curves(c.chi_error, c.alpha_error, mu, kelvin, zero, width, errors=True)
    _, own, own_errors = equilibrium_at(frame, progress)
    return c, found, errors, own, own_errors


def _streda_words(frame: Frame, r: Numbers) -> str:
    """How far the two sides of Streda's relation agree."""
    scale = float(np.abs(r.curves.slope).max()) or 1.0
    lost = _lost_slopes(r) | unresolved(r.curves.slope, r.errors.slope)
    gap = float(np.abs(r.difference - r.curves.slope)[~lost].max(initial=0.0)) / scale
    words = (
        f"Streda’s relation: dM/dμ by differences of M by triangles on {frame.geometry.mesh}² points, which share "
        f"no integration with the other side, differs from it by at most {scientific(gap, 2)} of its largest value"
    )
    if not lost.any():
        return words + "."
    return (
        f"{words}; at {int(lost.sum())} of {lost.size} μ that mesh is too coarse (every other point of it says "
        "otherwise), and the line is left out."
    )
