"""From a `Frame` to the glyph data of the live panels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import contourpy
import numpy as np

from explorer.export.colour_scale import ColourScale, colour_bytes
from explorer.live.frame import Frame
from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.units import K_B, MOMENT_UNIT
from explorer.physics.zone.domain import Disc
from explorer.session.map_band import band_words
from explorer.session.ranges import mu_bounds
from explorer.session.state import State
from explorer.studies.rounding import curves_vanish, flat
from explorer.views.live.wire_format import Glyphs
from explorer.views.text.prose import minus

CONTOUR_POINTS = 100
"""Points per side of the mesh on which the Fermi contour is traced."""
FLOOR = 1e-10
"""Smallest residual drawn on the logarithmic axis; below it is rounding."""

COLOUR_TITLES = {
    "lambda_x": ("Λ<sub>x</sub>", "e/ħ Å³"),
    "lambda_y": ("Λ<sub>y</sub>", "e/ħ Å³"),
    "berry_curvature": ("Berry curvature", "Å²"),
    "orbital_moment": ("orbital moment", "μ_B"),
    "none": ("", ""),
}


def line_colour(g: BandGeometry, colour: str) -> Floats | None:
    """What the lines are coloured by, (N, K), in the unit of `COLOUR_TITLES`; None for plain lines."""
    if colour in ("lambda_x", "lambda_y"):
        i = "xy".index(colour[-1])
        return np.asarray(g.term1[i] + g.term2[i])
    if colour == "berry_curvature":
        return g.berry_curvature
    if colour == "orbital_moment":
        return g.orbital_moment * MOMENT_UNIT
    return None


def colour_range(values: Floats, scale: ColourScale) -> dict[str, float]:
    """Where the colours end, and the largest size of any value: beyond the end colours are clipped."""
    largest = max(float(values.max(initial=0.0)), -float(values.min(initial=0.0)))
    return {"limit": scale.follow(values), "largest": largest}


def path_glyphs(m: MeshGeometry, state: State, scale: ColourScale) -> tuple[dict[str, Any], Glyphs]:
    """Bands along the path: distance, energies of the bands within reach of the mu axis, colours."""
    low, high = mu_bounds(state.source)
    energy = m.path_bands.energy
    shown = (energy.max(axis=1) > low) & (energy.min(axis=1) < high)
    values = line_colour(m.path_bands, state.colour)
    title, unit = COLOUR_TITLES[state.colour]
    head: dict[str, Any] = {
        "corners": [
            [float(m.path.distance[i]), minus(t)] for i, t in zip(m.path.corners, m.path.labels, strict=True)
        ],
        "title": f"Bands, coloured by {title} [{unit}]" if title else "Bands",
        "unit": unit,
        "colour": values is not None,
    }
    glyphs: Glyphs = {"path_x": m.path.distance, "path_e": energy[shown]}
    if values is not None:
        head |= colour_range(values[shown], scale)
        glyphs["path_c"] = colour_bytes(values[shown], head["limit"])
    return head, glyphs


def map_glyphs(frame: Frame, scale: ColourScale) -> tuple[dict[str, Any], Glyphs]:
    """Both maps of Lambda, the outline of the zone and the Fermi contour."""
    m = frame.geometry
    colours = colour_range(frame.lambda_map, scale)
    which = band_words(frame.state.band, m.picture.energy, frame.state.mu)
    head: dict[str, Any] = {
        "n": m.mesh,
        "titles": [f"Λ<sub>{i}</sub>(k), {which} [e/ħ Å³]" for i in "xy"],
        "shifts": [[0.0, 0.0]],
    } | colours
    if isinstance(m.zone, Disc):
        head["cutoff"] = m.zone.cutoff
    else:
        b1, b2 = m.zone.reciprocal
        head["cell"] = [b1.tolist(), b2.tolist()]
        reach = np.abs(np.linalg.solve(m.zone.reciprocal.T, m.outline.T)).max()
        steps = (-1, 0) if reach <= 1 else (-2, -1, 0, 1)
        head["shifts"] = [(i * b1 + j * b2).tolist() for i in steps for j in steps]
    x, y = (colour_bytes(v, colours["limit"]) for v in frame.lambda_map)
    return head, {
        "map_x": x,
        "map_y": y,
        "outline": m.outline.ravel(),
        "contour": fermi_contour(m, frame.state.mu),
    }


class _FermiLines:
    """What follows the contours of each band of one mesh, made when first asked for: a drag of mu asks for many."""

    def __init__(self, m: MeshGeometry) -> None:
        self.lowest, self.highest = m.picture.energy.min(axis=1), m.picture.energy.max(axis=1)
        self._generators: dict[int, contourpy.ContourGenerator] = {}

    def crossed(self, m: MeshGeometry, mu: float) -> Iterator[contourpy.ContourGenerator]:
        """Contour generators of the bands within which mu lies."""
        for band in np.flatnonzero((self.lowest < mu) & (mu < self.highest)).tolist():
            if band not in self._generators:
                step = max(1, m.mesh // CONTOUR_POINTS)
                grid = m.picture.energy[band].reshape(m.mesh, m.mesh)[::step, ::step]
                if not isinstance(m.zone, Disc):
                    grid = np.pad(grid, ((0, 1), (0, 1)), mode="wrap")
                self._generators[band] = contourpy.contour_generator(z=grid)
            yield self._generators[band]


_lines: WeakKeyDictionary[MeshGeometry, _FermiLines] = WeakKeyDictionary()


def fermi_contour(m: MeshGeometry, mu: float) -> np.ndarray:
    """Lines e_n(k) = mu as flat (kx, ky) pairs, lines parted by NaN [1/angstrom]."""
    n = m.mesh
    step = max(1, n // CONTOUR_POINTS)
    if m not in _lines:
        _lines[m] = _FermiLines(m)
    lines: list[Floats] = []
    for band in _lines[m].crossed(m, mu):
        for line in band.lines(mu):
            t, s = (np.asarray(line).T * step) / n
            if isinstance(m.zone, Disc):
                k = m.zone.cutoff * (2 * np.stack([t, s]) * n / (n - 1) - 1)
            else:
                k = m.zone.wave_vectors(s, t)
            lines += [k.T, np.full((1, 2), np.nan)]
    return np.concatenate(lines).ravel().astype(np.float32) if lines else np.zeros(0, np.float32)


def curve_glyphs(frame: Frame) -> Glyphs:
    """The curves, (M, 2) turned to component first, and the residuals as decimal logarithms."""
    c = flat(frame.curves) if curves_vanish(frame) else frame.curves
    mott, low = (
        np.stack([np.interp(c.at, c.mu, a) for a in curve.T]) for curve in (c.alpha_mott, c.alpha_low)
    )
    top = float(np.abs(c.alpha_mott).max()) or np.inf

    def decades(difference: Floats) -> Floats:
        size = np.abs(difference) / top
        return np.log10(np.where(size > FLOOR, size, np.nan))

    return {
        "curve_mu": c.mu,
        "curve_at": c.at,
        "chi": c.chi.T,
        "chi_spread": c.chi_spread.T,
        "alpha_spread": c.alpha_spread.T,
        "settled": c.settled.astype(float),
        "chi_direct": c.chi_direct.T,
        "chi_error": c.chi_error.T,
        "alpha_mott": c.alpha_mott.T,
        "alpha_low": c.alpha_low.T,
        "alpha_direct": c.alpha_direct.T,
        "alpha_error": c.alpha_error.T,
        "residual_mott": decades(c.alpha_direct.T - c.alpha_integral.T),
        "residual_low": decades(mott - low),
    }


def state_head(state: State) -> dict[str, Any]:
    """mu, the thermal energy and the energy window."""
    return {
        "mu": state.mu,
        "kT": K_B * state.temperature,
        "window": list(mu_bounds(state.source)),
        "k": list(state.k) if state.k else None,
    }
