"""Degenerate groups: which neighbouring levels are one (theory section 2)."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats, Integers


def group_levels(energy: Floats, tolerance: float, kramers_pairs: bool = False) -> Integers:
    """Number the groups of degenerate levels at each k from 0.

    Parameters
    ----------
    energy : (N, K) ascending along the first axis [eV].
    tolerance : levels closer than this to the one below join its group (chained) [eV].
    kramers_pairs : besides, levels (0,1), (2,3), ... are pairs whatever their splitting.

    Returns
    -------
    (N, K) group numbers.
    """
    opens = np.diff(energy, axis=0) > tolerance
    if kramers_pairs:
        if len(energy) % 2:
            raise ValueError(
                f"Kramers pairs need an even number of bands, this Hamiltonian has {len(energy)}"
            )
        opens[::2] = False
    groups = np.zeros(energy.shape, dtype=np.int64)
    np.cumsum(opens, axis=0, out=groups[1:])
    return groups


def group_mean(values: Floats, groups: Integers) -> Floats:
    """Mean over the group of each band: the trace over the group divided by its size; values (..., N, K)."""
    n, k = groups.shape
    label = (groups * k + np.arange(k)).ravel()
    size = np.bincount(label, minlength=n * k)
    flat = values.reshape(-1, n * k)
    mean = np.empty_like(flat)
    for row, out in zip(flat, mean, strict=True):
        out[:] = (np.bincount(label, row, minlength=n * k) / np.maximum(size, 1))[label]
    return mean.reshape(values.shape)
