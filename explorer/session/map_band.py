"""Which band the maps show: the sum over occupied states, one band, or the band nearest mu, which follows mu."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.session.state import NEAREST, OCCUPIED

SAME_LEVEL_EV = 1e-9
"""Distances closer than this [eV] are equal: of a Kramers pair the lower band is taken."""


def nearest_band(energy: Floats, mu: float) -> int:
    r"""The band whose range of energies holds mu, or comes closest to it, counted from 0.

    Of several that hold it, the one of the smallest mean $|\epsilon_n(k) - \mu|$ over the wave vectors.

    energy : (N, K) on a mesh of the zone; mu : [eV].
    """
    outside = np.maximum(energy.min(axis=1) - mu, mu - energy.max(axis=1)).clip(min=0.0)
    candidates = np.flatnonzero(outside <= outside.min() + SAME_LEVEL_EV)
    if len(candidates) > 1:
        distance = np.abs(energy[candidates] - mu).mean(axis=1)
        candidates = candidates[distance <= distance.min() + SAME_LEVEL_EV]
    return int(candidates[0])


def shown_band(choice: int, energy: Floats, mu: float) -> int | None:
    """The band, counted from 0, that a `State.band` stands for among these energies (N, K); None for the sum."""
    if choice == OCCUPIED:
        return None
    return nearest_band(energy, mu) if choice == NEAREST else min(choice, len(energy)) - 1


def band_words(choice: int, energy: Floats, mu: float) -> str:
    """Which band the maps show, in words, counted from 1."""
    band = shown_band(choice, energy, mu)
    if band is None:
        return "occupied states"
    return f"band {band + 1}, nearest μ" if choice == NEAREST else f"band {band + 1}"
