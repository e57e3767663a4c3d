"""Which images of the Wannier functions make up one layer, where the cell's boundary cuts through it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.models.files.wannier90.data import WannierData, home
from explorer.models.kit.arrays import Floats, Integers


def layer_offsets(data: WannierData, axis: int) -> Integers:
    """Lattice steps n_j along `axis` that bring each function into the layer of the first, (N,).

    The functions are joined one at a time by the largest hopping left (a maximum spanning tree); hoppings
    along R_axis then have n_j = n_i + R_axis. All zero where nothing couples across the boundary.
    """
    size = np.abs(data.hoppings)
    best = size.argmax(axis=0)
    strength = np.take_along_axis(size, best[None], axis=0)[0]
    step = data.vectors[best, axis]  # from i to j
    n = data.size
    offsets = np.zeros(n, dtype=np.int64)
    joined = np.zeros(n, dtype=bool)
    reach, parent = np.full(n, -1.0), np.zeros(n, dtype=np.int64)
    reach[0] = 0.0
    for _ in range(n):
        j = int(np.where(joined, -2.0, reach).argmax())
        i = int(parent[j])
        if reach[j] > 0:
            offsets[j] = offsets[i] + step[i, j]
        joined[j] = True
        closer = ~joined & (strength[j] > reach)
        reach[closer], parent[closer] = strength[j][closer], j
    return offsets


def moved(data: WannierData, axis: int, offsets: Integers) -> WannierData:
    """The same crystal with function j replaced by its image n_j lattice vectors further along `axis`."""
    if not offsets.any():
        return data
    shift = offsets[None, :] - offsets[:, None]
    index: dict[tuple[int, ...], int] = {}
    target = np.empty((len(data.vectors), len(np.unique(shift))), dtype=np.int64)
    steps = np.unique(shift)
    for r, vector in enumerate(data.vectors):
        for s, step in enumerate(steps):
            new = vector.copy()
            new[axis] -= step
            target[r, s] = index.setdefault(tuple(new.tolist()), len(index))
    vectors = np.array(list(index), dtype=np.int64)
    n = data.size
    hoppings = np.zeros((len(vectors), n, n), complex)
    positions = None if data.positions is None else np.zeros((len(vectors), 3, n, n), complex)
    for s, step in enumerate(steps):
        here = shift == step
        hoppings[target[:, s]] += np.where(here, data.hoppings, 0.0)
        if positions is not None and data.positions is not None:
            positions[target[:, s]] += np.where(here, data.positions, 0.0)
    travel: Floats = offsets[:, None] * data.cell[axis]
    if positions is not None:
        each = np.arange(n)
        positions[home(vectors)][:, each, each] += travel.T
    centres = None if data.centres is None else data.centres + travel
    return replace(data, vectors=vectors, hoppings=hoppings, positions=positions, centres=centres)
