"""The live picture as HoloViews elements, for notebooks and for saving as PNG or SVG. Not the page's own
path.

>>> import holoviews as hv
>>> from explorer.live.frame import frame_of
>>> from explorer.session.state import default_state
>>> frame = frame_of(default_state("haldane"), mesh=24)
>>> layout = frame_elements(frame)
>>> [type(part).__name__ for part in layout]
['Overlay', 'Overlay', 'Overlay', 'Overlay', 'Overlay']
"""

from __future__ import annotations

import holoviews as hv
import numpy as np

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Floats
from explorer.physics.zone.domain import Disc
from explorer.session.ranges import mu_bounds
from explorer.views.live.glyphs import fermi_contour

PIXELS = 240
"""Pixels per side of a map."""


def frame_elements(frame: Frame) -> hv.Layout:
    """Bands, both maps, chi and alpha of a frame, in three columns."""
    parts = [band_elements(frame), *(map_elements(frame, i) for i in (0, 1)), *curve_elements(frame)]
    return hv.Layout(parts).cols(3)


def band_elements(frame: Frame) -> hv.Overlay:
    """Bands along the path with mu; distance in 1/angstrom, energy in eV."""
    m, (low, high) = frame.geometry, mu_bounds(frame.state.source)
    distance = hv.Dimension("distance", unit="1/Å")
    energy = hv.Dimension("energy", unit="eV", range=(low, high))
    shown = [e for e in m.path_bands.energy if e.max() > low and e.min() < high]
    lines = hv.Overlay([hv.Curve((m.path.distance, e), distance, energy) for e in shown])
    return lines * hv.HLine(frame.state.mu)


def map_elements(frame: Frame, component: int) -> hv.Overlay:
    """Map of Lambda_x (0) or Lambda_y (1) on a Cartesian grid, NaN outside the zone, with the Fermi
    contour."""
    m = frame.geometry
    (left, bottom), (right, top) = m.outline.min(axis=0), m.outline.max(axis=0)
    x, y = np.linspace(left, right, PIXELS), np.linspace(bottom, top, PIXELS)
    kx, ky = np.meshgrid(x, y)
    values = _sampled(frame, frame.lambda_map[component], np.stack([kx, ky]))
    values[~_inside(m.outline, kx, ky)] = np.nan
    dimensions = [hv.Dimension("k_x", unit="1/Å"), hv.Dimension("k_y", unit="1/Å")]
    size = float(np.nanpercentile(np.abs(values), 99)) or 1.0
    value = hv.Dimension(f"Lambda_{'xy'[component]}", unit="e/ħ Å³", range=(-size, size))
    lines = np.split(fermi_contour(m, frame.state.mu).reshape(-1, 2), 1)[0]
    return (
        hv.QuadMesh((x, y, values), dimensions, value)
        * hv.Path([m.outline], dimensions)
        * hv.Path([lines], dimensions)
    )


def curve_elements(frame: Frame) -> tuple[hv.Overlay, hv.Overlay]:
    """chi(mu) in nm/ohm and alpha(mu) in nA nm/K with what is known of the direct side and its error bars."""
    c, mu = frame.curves, hv.Dimension("mu", unit="eV")

    def overlay(name: str, unit: str, lines: Floats, direct: Floats, error: Floats) -> hv.Overlay:
        value = hv.Dimension(name, unit=unit)
        parts: list[hv.Element] = [
            hv.Curve((c.mu, lines[:, i]), mu, value, label=f"{name}_{'xy'[i]}") for i in (0, 1)
        ]
        if c.adaptive:
            bar = hv.Dimension(f"{name}_error", unit=unit)
            parts += [hv.ErrorBars((c.at, direct[:, i], error[:, i]), mu, [value, bar]) for i in (0, 1)]
        return hv.Overlay(parts)

    return (
        overlay("chi", "nm/Ω", c.chi, c.chi_direct, c.chi_error),
        overlay("alpha", "nA nm/K", c.alpha_mott, c.alpha_direct, c.alpha_error),
    )


def _sampled(frame: Frame, values: Floats, k: Floats) -> Floats:
    """Nearest point of the picture's mesh at Cartesian k (2, ...)."""
    m = frame.geometry
    grid = values.reshape(m.mesh, m.mesh)
    if isinstance(m.zone, Disc):
        j, i = np.clip(np.rint((k / m.zone.cutoff + 1) / 2 * (m.mesh - 1)).astype(int), 0, m.mesh - 1)
    else:
        s, t = np.linalg.solve(m.zone.reciprocal.T, k.reshape(2, -1)).reshape(k.shape)
        i, j = (np.rint(f * m.mesh).astype(int) % m.mesh for f in (s, t))
    return np.asarray(grid[i, j], dtype=float)


def _inside(outline: Floats, x: Floats, y: Floats) -> np.ndarray:
    """Whether points lie in a convex polygon given anticlockwise."""
    inside = np.ones(x.shape, dtype=bool)
    for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        inside &= (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= 0
    return inside
