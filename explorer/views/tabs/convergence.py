"""Where the adaptive quadrature put its points, and what error bars it reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.live.frame import Frame
from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Floats
from explorer.physics.integration.cells.cells import split
from explorer.physics.responses.row import ALPHA, CHI
from explorer.physics.zone.domain import Disc
from explorer.studies.at_state import at_state
from explorer.studies.truncation import Truncation, truncation
from explorer.views.figure_tab import FigureTab, text
from explorer.views.figures.layout import note_html, row, table_html, where
from explorer.views.figures.plots import MapPlot, Raster
from explorer.views.figures.truncation_plot import TruncationPlot
from explorer.views.text.numbers import scientific
from explorer.views.text.standing import component_html

BINS = 48
"""Bins per side of the zone in which sampled wave vectors are counted at most: finer ones show the quadrature's."""
BESIDE = 1e-9 * np.array([[1, 1, -1, -1], [1, -1, 1, -1]])[:, :, None]
"""(2, 4, 1), steps from a place: what lies on the border of bins counts in equal parts for them."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """density : sampled wave vectors per area over their mean, on the picture's grid (K,); None before there are any.

    truncation : chi against what cuts the model off, or None.
    """

    density: Floats | None
    raster: Raster
    truncation: Truncation | None


def point_density(m: MeshGeometry, cells: Floats) -> Floats:
    """Sampled wave vectors per area over their mean, around each point of the picture's grid, (K,).

    cells : (P, 3, 2) triangles of the unit square, as `Response.cells`. The wave vectors of a triangle count evenly
    over it, in at most `BINS` x `BINS` equal bins of the reciprocal cell into which the coarsest triangles divide, or
    of the square around a disc: a zone that was not refined is even.
    """
    n = m.mesh
    most = min(BINS, n)
    coarsest = min(most, round(1 / float(np.ptp(cells[..., 0], axis=1).max())))
    finer = int(np.log2(most / coarsest))
    bins, parts = most if isinstance(m.zone, Disc) else coarsest * 2**finer, cells
    for _ in range(finer):
        parts = split(parts).reshape(-1, 3, 2)
    points = (parts.mean(axis=1).T[:, None] + BESIDE).reshape(2, -1)
    if isinstance(m.zone, Disc):
        x, y = (m.zone.wave_vectors(points[0], points[1]) / m.zone.cutoff + 1) / 2
        place, axis = np.stack([y, x]), np.linspace(0, 1, n)
        area = np.pi / 4
    else:
        place, axis = points % 1.0, np.arange(n) / n
        area = 1.0
    bin_of = np.clip((place * bins).astype(int), 0, bins - 1)
    counts = np.bincount(bin_of[0] * bins + bin_of[1], minlength=bins * bins)
    at = np.minimum((axis * bins).astype(int), bins - 1)
    first, second = np.meshgrid(at, at, indexing="ij")
    return np.asarray(counts[(first * bins + second).ravel()] * (area * bins * bins / points.shape[1]))


class ConvergenceView(FigureTab):
    """Density of sampled points over the zone, beside what the map of Lambda shows."""

    key = "convergence"
    intro = (
        "Where the adaptive quadrature of χ and α at the chosen μ and T put its wave vectors: cells are refined where "
        "Λ is hot, where the Fermi line passes and where two bands nearly cross, until the error bar meets 10⁻³ of the "
        "curve's maximum. Where the bands are smooth it continues with polynomials, which take no further wave vectors."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Counts of the cells that the frame carries."""
        cells = frame.point.cells
        density = None if cells is None else point_density(frame.geometry, cells)
        return Numbers(density, Raster(frame.geometry), truncation(frame.state, self.progress))

    def build(self) -> list[Any]:
        """Maps, a table, and what cuts the model off."""
        self._points = MapPlot("Wave vectors", "log₁₀ (density / mean)")
        self._x, self._y = MapPlot("Λx", "e/ħ Å³"), MapPlot("Λy", "e/ħ Å³")
        self._table = text()
        self._truncation = TruncationPlot()
        maps = row(self._points.pane, self._table, self._x.pane, self._y.pane)
        return [maps, self._truncation.pane]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        p, density = frame.point, result.density
        if density is None:
            self._table.object = note_html(
                "<b>The adaptive quadrature has not run yet at this μ and T</b>: it begins when no slider moves, and "
                "its progress is shown at the head of the page."
            )
        else:
            found = [v for name in (CHI, ALPHA) if (v := at_state(frame, name)) is not None]
            rows = [
                (f"{v.row.label}<sub>{axis}</sub>", component_html(v, i), v.row.printed_unit)
                for v in found
                for i, axis in enumerate("xy")
            ]
            verdict = "converged" if p.converged else "not converged: it stopped at its budget"
            self._table.object = table_html(
                ("response", "value and error bar", "unit"),
                rows,
                f"{where(frame.state)}: {p.evaluations} wave vectors, {verdict}",
            ) + note_html(
                "Where the map is above zero they stand closer than on average, at most "
                f"{density.max():.2g} times; a mesh as fine as that everywhere would take "
                f"{scientific(float(density.max()) * p.evaluations, 2)} of them."
            )
        logarithm = None if density is None else np.log10(np.maximum(density, 1e-2))
        self._points.show(result.raster, logarithm, "log₁₀ (wave vectors per area / their mean)")
        for plot, values, axis in ((self._x, frame.lambda_map[0], "x"), (self._y, frame.lambda_map[1], "y")):
            plot.show(result.raster, values, f"Λ{axis}(k) as on the live page [e/ħ Å³]")
        self._truncation.show(result.truncation)
