"""The sum over all states that a search for mu asks for again and again, in one pass."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit

VANISHED = 200.0
"""|x| beyond which exp(-|x|) counts no electron of any crystal."""


@njit
def carriers(energy: Floats, weights: Floats, bands: int, mu: float, kT: float) -> float:
    """Electrons in the bands above neutrality less holes in those below; see `filling.Filling`."""
    total = 0.0
    for n in range(energy.shape[0]):
        sign = 1.0 if n >= bands else -1.0
        for k in range(energy.shape[1]):
            x = sign * (energy[n, k] - mu) / kT
            if x < VANISHED:
                total += sign * weights[k] / (1.0 + np.exp(x))
    return total
