"""Which kernel computes the geometry of a Hamiltonian; prepared once, kept as long as the Hamiltonian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from explorer.physics.bloch import bloch_matrices
from explorer.physics.lambda_dense import geometry_block
from explorer.physics.lambda_small import element_series, small_geometry
from explorer.physics.lambda_two_level import two_level, two_level_geometry
from explorer.physics.lanes import LANES
from explorer.physics.levels import group_levels
from models.arrays import Floats, Integers
from models.hamiltonian import Hamiltonian

SMALL = 24
"""Largest matrix whose eigenvectors come faster from rotations of eight at a time than from LAPACK."""


@dataclass(frozen=True)
class Kernel:
    """Geometry of one Hamiltonian.

    fill : writes values (12, N, K) and groups (N, K) at the wave vectors k[:, part].
    block : wave vectors that make a worthwhile piece of work.
    """

    name: str
    fill: Callable[[Floats, Floats, Integers, slice], None]
    block: int


_kernels: WeakKeyDictionary[Hamiltonian, Kernel] = WeakKeyDictionary()


def kernel_of(h: Hamiltonian) -> Kernel:
    """The fastest kernel that is exact for h."""
    found = _kernels.get(h)
    if found is None:
        found = _kernels[h] = _prepare(h)
    return found


def _prepare(h: Hamiltonian) -> Kernel:
    tolerance, pairs = float(h.degeneracy_tolerance), bool(h.kramers_pairs)
    if pairs and h.size % 2:
        raise ValueError(f"Kramers pairs need an even number of bands, this Hamiltonian has {h.size}")
    levels = two_level(h)
    if levels is not None:

        def closed(k: Floats, values: Floats, groups: Integers, part: slice) -> None:
            two_level_geometry(levels, k, tolerance, pairs, values, groups, part)

        return Kernel("two levels", closed, 4096)
    if h.size <= SMALL:
        series = element_series(h)

        def small(k: Floats, values: Floats, groups: Integers, part: slice) -> None:
            small_geometry(series, k, tolerance, pairs, values, groups, part)

        return Kernel("small", small, max(LANES, 65536 // h.size**3 * LANES))

    def dense(k: Floats, values: Floats, groups: Integers, part: slice) -> None:
        values[..., part] = geometry_block(bloch_matrices(h, k[:, part]), tolerance, pairs)
        groups[:, part] = group_levels(values[0, :, part], tolerance, pairs)

    return Kernel("dense", dense, 8)
