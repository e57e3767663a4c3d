"""Where the adaptive quadrature put its points, and what error bars it reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import panel as pn

from explorer.frames import Frame
from explorer.meshes import MeshGeometry
from explorer.physics.cells import BARYCENTRIC
from explorer.physics.zone import Disc
from explorer.truncation import Truncation, truncation
from explorer.views.figures import (
    BLUE,
    ORANGE,
    FigureTab,
    LinePlot,
    MapPlot,
    Raster,
    clean,
    note_html,
    row,
    table_html,
)
from explorer.views.foot import scientific
from models.arrays import Floats


@dataclass(frozen=True, eq=False)
class Numbers:
    """points : sampled wave vectors around each point of the picture's grid (K,), or None before there are any.

    truncation : chi against what cuts the model off, or None.
    """

    points: Floats | None
    raster: Raster
    truncation: Truncation | None


def point_counts(m: MeshGeometry, cells: Floats) -> Floats:
    """How many sampled wave vectors lie nearest to each point of the picture's grid, (K,).

    cells : (P, 3, 2) triangles of the unit square, as `Response.cells`.
    """
    points = np.einsum("qv,pvd->dpq", BARYCENTRIC, cells).reshape(2, -1)
    n = m.mesh
    if isinstance(m.zone, Disc):
        k = m.zone.wave_vectors(points[0], points[1])
        column, line = np.clip(np.rint((k / m.zone.cutoff + 1) / 2 * (n - 1)).astype(int), 0, n - 1)
        index = line * n + column
    else:
        i, j = np.rint(points * n).astype(int) % n
        index = i * n + j
    return np.bincount(index, minlength=n * n).astype(float)


class ConvergenceView(FigureTab):
    """Density of sampled points over the zone, beside what the map of Lambda shows."""

    key, title, order = "convergence", "Convergence", 100
    intro = (
        "Where the adaptive quadrature of χ and α at the chosen μ and T put its wave vectors: cells are refined where "
        "Λ is hot, where the Fermi line passes and where two bands nearly cross, until the error bar meets 10⁻³ of the "
        "curve's maximum. Where the bands are smooth it goes on on polynomials, which take no further wave vectors."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Counts of the cells that the frame carries."""
        cells = frame.point.cells
        counts = None if cells is None else point_counts(frame.geometry, cells)
        return Numbers(counts, Raster(frame.geometry), truncation(frame.state, self.ask))

    def build(self) -> list[Any]:
        """Two maps and a table."""
        self._points = MapPlot("Wave vectors", "log₁₀ (1 + points)")
        self._x = MapPlot("Λx", "e/ħ Å³")
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        lines = {"χx": (BLUE, "solid"), "χy": (ORANGE, "solid")}
        self._truncation = LinePlot("χ against the truncation of the model", "setting", "χ [nm/Ω]", lines)
        self._cut = pn.Column(
            self._truncation.pane, pn.pane.HTML(""), sizing_mode="stretch_width", visible=False
        )
        return [self._table, row(self._points.pane, self._x.pane), self._cut]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        p = frame.point
        if result.points is None:
            self._table.object = note_html("The adaptive quadrature has not run yet at this μ and T.")
            counts = np.zeros(frame.geometry.picture.k.shape[1])
        else:
            counts = result.points
            rows = []
            for name, value, error, unit in (
                ("χ", p.chi, p.chi_error, "nm/Ω"),
                ("α", p.alpha, p.alpha_error, "nA nm/K"),
            ):
                largest = float(np.abs(value).max())
                for i, axis in enumerate("xy"):
                    shown = scientific(clean(float(value[i]), largest))
                    rows.append((f"{name}<sub>{axis}</sub>", shown, scientific(float(error[i]), 2), unit))
            area = float((counts > np.median(counts)).mean())
            self._table.object = table_html(
                ("response", "value", "error bar", "unit"), rows,
                f"{p.evaluations} wave vectors, {'converged' if p.converged else 'not converged'}",
            ) + note_html(
                f"Refined beyond the median density on {100 * area:.0f} % of the zone; a mesh as fine as the densest "
                f"spot would take {counts.max() * counts.size:.2g} wave vectors."
            )  # fmt: skip
        self._points.show(result.raster, np.log10(1 + counts), "log₁₀ (1 + wave vectors per mesh point)")
        self._x.show(result.raster, frame.lambda_map[0], "Λx(k) as on the live page")
        self._cut.visible = result.truncation is not None
        if result.truncation is not None:
            self._show_truncation(result.truncation)

    def _show_truncation(self, t: Truncation) -> None:
        """Chi against plane-wave shells or the radius of the disc."""
        unit = f" [{t.unit}]" if t.unit else ""
        self._truncation.figure.xaxis.axis_label = f"{t.name}{unit}"
        self._truncation.show(t.settings, {"χx": t.chi[:, 0], "χy": t.chi[:, 1]}, t.present)
        sizes = ", ".join(str(n) for n in t.bands) if np.ptp(t.bands) else str(t.bands[0])
        self._cut[1].object = note_html(
            f"The model is cut off by <b>{t.name}</b> ({sizes} bands): from the present setting to the widest "
            f"χ changes by {100 * t.change:.2g} % of its largest component. Plain sums of {t.mesh}² points each."
        )
