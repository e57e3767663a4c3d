"""Which kernel computes the geometry of a Hamiltonian; prepared once, kept as long as the Hamiltonian."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.kernels.large_matrices import large_geometry, one_blas_thread
from explorer.physics.kernels.small_matrices import element_series, small_geometry
from explorer.physics.kernels.two_level import two_level, two_level_geometry
from explorer.physics.kernels.uncoupled import merge, restricted, uncoupled_parts
from explorer.physics.simd.lanes import LANES

SMALL = 46
"""Largest matrix whose eigenvectors come faster from rotations of eight at a time than from LAPACK."""

PARTS_FROM = 8
"""Smallest matrix of which uncoupled parts come faster one by one."""


@dataclass(frozen=True)
class Kernel:
    """Geometry of one Hamiltonian.

    fill : writes values (ROW_COUNT, N, K), rows as `rows.ROWS`, and groups (N, K) at the wave vectors k[:, part];
        outside a range of bands the values need not be right.
    block : wave vectors that make a worthwhile piece of work, about a millisecond; a multiple of `LANES`.
    guard : what must hold around all calls of `fill`.
    """

    name: str
    fill: Callable[[Floats, Floats, Integers, slice, slice], None]
    block: int
    guard: Callable[[], AbstractContextManager[None]] = nullcontext


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

        def closed(k: Floats, values: Floats, groups: Integers, part: slice, window: slice) -> None:
            two_level_geometry(levels, k, tolerance, pairs, values, groups, part)

        return Kernel("two levels", closed, 8192)
    parts = [] if pairs or h.size < PARTS_FROM else uncoupled_parts(h)
    if len(parts) > 1:
        return _of_parts(h, parts)
    return _coupled(h)


def _coupled(h: Hamiltonian) -> Kernel:
    """For a matrix of any structure."""
    tolerance, pairs = float(h.degeneracy_tolerance), bool(h.kramers_pairs)
    series = element_series(h)
    if h.size <= SMALL:

        def small(k: Floats, values: Floats, groups: Integers, part: slice, window: slice) -> None:
            small_geometry(series, k, tolerance, pairs, values, groups, part)

        return Kernel("small", small, min(8192, max(1, 16384 // h.size**3) * LANES))
    size = h.size  # the functions kept here must not keep h alive

    def large(k: Floats, values: Floats, groups: Integers, part: slice, window: slice) -> None:
        large_geometry(series, size, k, tolerance, pairs, values, groups, part, window)

    return Kernel("large", large, LANES, one_blas_thread)


def _of_parts(h: Hamiltonian, parts: list[Integers]) -> Kernel:
    """Each part by its own kernel; where levels of several nearly meet the whole matrix decides which are one."""
    kernels = [_prepare(restricted(h, orbitals)) for orbitals in parts]
    sizes, size, tolerance = [len(orbitals) for orbitals in parts], h.size, float(h.degeneracy_tolerance)
    part_of = np.repeat(np.arange(len(parts)), sizes)
    ends = np.cumsum([0, *sizes])
    whole = _coupled(h)

    def fill(k: Floats, values: Floats, groups: Integers, part: slice, window: slice) -> None:
        here = np.ascontiguousarray(k[:, part])
        count = here.shape[1]
        every, numbers = np.empty((len(values), size, count)), np.empty((size, count), dtype=np.int64)
        for kernel, n, first in zip(kernels, sizes, ends[:-1], strict=True):
            own, number = np.empty((len(values), n, count)), np.empty((n, count), dtype=np.int64)
            kernel.fill(here, own, number, slice(0, count), slice(0, n))
            every[:, first : first + n], numbers[first : first + n] = own, number
        unlike = merge(every, numbers, part_of, tolerance, values[..., part], groups[:, part])
        if unlike.any():
            at = part.start + np.flatnonzero(unlike)
            again, number = np.empty((len(values), size, len(at))), np.empty((size, len(at)), dtype=np.int64)
            whole.fill(np.ascontiguousarray(k[:, at]), again, number, slice(0, len(at)), window)
            values[..., at], groups[:, at] = again, number

    large = any(kernel.guard is one_blas_thread for kernel in (whole, *kernels))
    block = min(kernel.block for kernel in kernels)
    return Kernel("parts", fill, block, one_blas_thread if large else nullcontext)
