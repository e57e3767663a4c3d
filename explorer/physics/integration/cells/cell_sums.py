"""Chi and alpha summed over cells of sixteen points each, and whether the points may have missed something."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.integration.cells.cell_polynomial import (
    BLIND,
    UNSEEN,
)
from explorer.physics.integration.uniform.plain_sum import NEGLIGIBLE, occupation

WINDOW = 12.0
"""Reduced energy within which the occupations still vary."""

Samples: TypeAlias = tuple[Floats, Floats, Floats, Floats, Floats, Floats, Bools]
"""The first seven arguments of `cell_sums`, on the points of some cells."""


@njit
def cell_sums(
    energy: Floats,
    speed: Floats,
    sea: Floats,
    surface: Floats,
    weights: Floats,
    reach: Floats,
    hidden: Bools,
    cells: Integers,
    mu: Floats,
    kT: Floats,
    tolerance: float,
    value: Floats,
    blind: Bools,
) -> None:
    """Value of each (cell, mu, kT) job and whether its points may have missed something.

    energy, speed (N, P, 16); sea, surface (C, N, P, 16); weights (P, 16); reach (P,); hidden (N, P) of
    `near_crossings`; cells, mu, kT (J,); tolerance : of degenerate levels; value (J, 2 C): chi then alpha; blind (J,).
    """
    components, bands = sea.shape[0], sea.shape[1]
    points = energy.shape[2]
    for job in range(cells.size):
        p = cells[job]
        centre, width = mu[job], kT[job]
        bottom, top = centre - WINDOW * width, centre + WINDOW * width
        lowest_below, highest_below, fastest_below = -np.inf, -np.inf, 0.0
        for n in range(bands):
            lowest, highest, fastest, closest, widest = np.inf, -np.inf, 0.0, np.inf, 0.0
            for q in range(points):
                e = energy[n, p, q]
                lowest, highest = min(lowest, e), max(highest, e)
                fastest = max(fastest, speed[n, p, q])
                if n > 0:
                    gap = e - energy[n - 1, p, q]
                    closest, widest = min(closest, gap), max(widest, gap)
                x = (e - centre) / width
                if x > NEGLIGIBLE:
                    continue
                w = weights[p, q]
                if x < -NEGLIGIBLE:
                    for c in range(components):
                        value[job, c] += w * sea[c, n, p, q]
                    continue
                f, slope, s = occupation(x, width)
                for c in range(components):
                    value[job, c] += w * (f * sea[c, n, p, q] + slope * surface[c, n, p, q])
                    value[job, components + c] += w * (s * sea[c, n, p, q] + x * slope * surface[c, n, p, q])
            unseen = UNSEEN * fastest * reach[p]
            # -f0' is a needle between points further apart than a few k_B T, on every side of the Fermi line.
            if unseen > BLIND * width and lowest - unseen < top and highest + unseen > bottom:
                blind[job] = True
            if n > 0:
                # Two bands of which mu may part the one from the other, closer than the points resolve.
                change = 2.0 * UNSEEN * (fastest + fastest_below) * reach[p]
                straddles = (
                    lowest_below - change < top
                    and highest + change > bottom
                    and lowest - change < top
                    and highest_below + change > bottom
                )
                sharp = change > 0.5 * width or hidden[n - 1, p]
                if straddles and closest < change and sharp and widest > tolerance:
                    blind[job] = True
            lowest_below, highest_below, fastest_below = lowest, highest, fastest
