"""Which group of bands to keep: those that mu reaches, up to the widest direct gaps nearby."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.units import K_B

REACH = 25.0
"""Distance from mu, in units of k_B T, from which on a band counts as full or empty: exp(-25) is 1e-11."""
MOST_BANDS = 16
"""Largest group: the work of a wave vector grows as the cube."""
BEYOND = 8
"""Bands on either side of those in reach among which a gap is looked for."""
SMALL_GROUPS = 0.7
"""Power of the number of bands that a wider gap must outweigh."""
LEAST_GAP = 0.02
"""Direct gap over the width of the group below which no smooth group is worth a try."""


def reach(energy: Floats, mu: Floats, kelvin: float) -> slice:
    """Bands that are neither full nor empty at every mu [eV].

    energy : (N, n, n) on a uniform mesh; what a level changes from point to point is allowed for between them.
    """
    between = 0.5 * np.max(
        [np.abs(np.roll(energy, 1, axis=a) - energy).max(axis=(1, 2)) for a in (1, 2)], axis=0
    )
    far = REACH * K_B * kelvin
    top = np.maximum.accumulate(energy.max(axis=(1, 2)) + between)
    bottom = np.minimum.accumulate((energy.min(axis=(1, 2)) - between)[::-1])[::-1]
    first = int(np.searchsorted(top, float(np.min(mu)) - far, "left"))
    last = int(np.searchsorted(bottom, float(np.max(mu)) + far, "right"))
    return slice(min(first, len(energy) - 1), max(last, first + 1))


def groups_around(energy: Floats, bands: slice) -> list[slice]:
    """Groups of at most `MOST_BANDS` that hold a range of bands, the most promising first.

    energy : (N, n, n) [eV]. A group is the better, the wider the direct gaps above and below it and the fewer its
    bands.
    """
    count = len(energy)
    gap = np.full(count + 1, np.inf)  # below band i
    gap[1:-1] = (energy[1:] - energy[:-1]).min(axis=(1, 2))
    found = []
    for start in range(max(0, bands.start - BEYOND), bands.start + 1):
        for stop in range(bands.stop, min(count, bands.stop + BEYOND) + 1):
            size = stop - start
            if size > min(MOST_BANDS, count - 1):
                continue
            least = min(gap[start], gap[stop])
            width = float(energy[start:stop].max() - energy[start:stop].min()) or 1.0
            if least > LEAST_GAP * width:
                found.append((least / size**SMALL_GROUPS, slice(start, stop)))
    return [group for _, group in sorted(found, key=lambda f: -f[0])]
