r"""Equation (11) for small matrices, eight wave vectors at a time, with or without position matrices.

The algebra of `equation_11_gauge_free` without its intermediate matrices: with $X_i = S\circ B_i$,
$Z_i = S\circ X_i$ only the diagonals of $Z_j^\dagger D_iD_jH$ and $Z_j^\dagger B_iX_j$ are
formed, column by column.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, PolynomialHamiltonian
from explorer.physics.compiled import njit
from explorer.physics.kernels.covariant_derivatives import covariant_derivatives
from explorer.physics.kernels.fourier_series import (
    Series,
    aligned,
    basis,
    compressed,
    dipole_element,
    element,
    half_of,
    room,
    second_weights,
    waves,
)
from explorer.physics.kernels.group_slopes import add_group_slopes
from explorer.physics.kernels.jacobi import diagonalise
from explorer.physics.kernels.rows import ROW_COUNT, ROWS
from explorer.physics.kernels.small_matrix_terms import (
    add_curvature,
    add_first_order,
    add_second_order,
    perturbed,
    to_bands,
)
from explorer.physics.simd.lanes import (
    LANES,
    anywhere,
    breadth,
    fma,
    load,
    select,
    splat,
    store,
    store_integers,
    store_pair,
)

V_X, V_Y, T1_X = ROWS["v_x"], ROWS["v_y"], ROWS["t1_x"]
G_XX, G_XY, G_YY, MOMENT = ROWS["g_xx"], ROWS["g_xy"], ROWS["g_yy"], ROWS["moment"]
SURFACE_X, SURFACE_Y, FLUX_X, FLUX_Y = ROWS["surface_x"], ROWS["surface_y"], ROWS["flux_x"], ROWS["flux_y"]


def element_series(h: Hamiltonian) -> Series:
    """The elements i <= j of H, row by row, as functions of k; and those of the connection."""
    n = h.size
    i, j = np.triu_indices(n)
    none = np.zeros(len(i) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((0, 8))
    if isinstance(h, PolynomialHamiltonian):
        elements = h.matrices[:, i, j].T
        start, index, terms = compressed(np.stack([elements.real, elements.imag], axis=-1))
        powers = np.column_stack([h.powers, np.zeros(len(h.powers), dtype=np.int64)])
        return Series(
            True,
            np.eye(2),
            np.ascontiguousarray(powers, dtype=np.int64),
            np.zeros((1, 2)),
            h.powers.max(axis=0, initial=0).astype(np.int64),
            np.zeros((len(powers), 5)),
            start,
            index,
            terms,
            *none,
            np.zeros((len(i), 2)),
        )
    half = half_of(h.vectors)
    vectors = h.vectors[half[0]]
    steps = np.column_stack([vectors, np.zeros(len(vectors), dtype=np.int64)])
    start, index, terms = compressed(waves(h.hoppings[:, i, j], *half))
    dipole = none
    if h.dipoles is not None:
        along = [waves(h.dipoles[:, axis, i, j], *half) for axis in range(2)]
        dipole = compressed(np.concatenate(along, axis=-1))
    tau = h.positions
    return Series(
        False,
        np.ascontiguousarray(h.cell, dtype=float),
        np.ascontiguousarray(steps, dtype=np.int64),
        np.zeros((1, 2)),
        np.abs(h.vectors).max(axis=0, initial=0).astype(np.int64),
        second_weights(vectors @ h.cell),
        start,
        index,
        terms,
        *dipole,
        np.ascontiguousarray(tau[j] - tau[i]),
    )


def small_geometry(
    series: Series,
    k: Floats,
    tolerance: float,
    kramers_pairs: bool,
    values: Floats,
    groups: Integers,
    part: slice,
) -> None:
    """Fill values (ROW_COUNT, N, K) and groups (N, K), C-contiguous, at k[:, part]; rows as `ROWS`."""
    _kernel(
        k,
        series,
        tolerance,
        kramers_pairs,
        room(series),
        values.reshape(-1),
        groups.reshape(-1),
        values.shape[1],
        part.start,
        part.stop,
    )


@njit
def _fill(w: Floats, series: Series, phases: int, buffer: int, h: int, a: int, n: int) -> None:
    """H and its derivatives to h, and those of the connection to a, as full matrices."""
    dipoles = len(series.dipole_terms) > 0
    row, column, size = 2 * breadth(n) * LANES, 2 * LANES, 2 * n * breadth(n) * LANES
    f = 0
    for i in range(n):
        for j in range(i, n):
            for kind in range(2 if dipoles else 1):
                if kind == 0:
                    element(series, f, w, phases, buffer)
                else:
                    dipole_element(series, f, w, phases, buffer)
                base = (h if kind == 0 else a) * LANES
                for field in range(6):
                    x = load(w, (buffer + 2 * field) * LANES)
                    y = load(w, (buffer + 2 * field + 1) * LANES) if i < j else splat(0.0)
                    at = base + field * size + i * row + j * column
                    store_pair(w, at, x, y)
                    at = base + field * size + j * row + i * column
                    store_pair(w, at, x, -y)
            f += 1


@njit
def number_groups(w: Floats, e: int, groups: int, n: int, tolerance: float, pairs: bool) -> None:
    """Group numbers as `degenerate_groups.group_levels`."""
    number = splat(0.0)
    store(w, groups * LANES, number)
    for i in range(1, n):
        if not (pairs and i % 2 == 1):
            gap = load(w, (e + i) * LANES) - load(w, (e + i - 1) * LANES)
            number = number + select(gap > tolerance, splat(1.0), splat(0.0))
        store(w, (groups + i) * LANES, number)


@njit
def group_means(w: Floats, values: int, groups: int, n: int, out: int) -> None:
    """Mean over each group of n values."""
    one, zero = splat(1.0), splat(0.0)
    total, count = zero, zero
    for i in range(n):
        # Running sums that start anew with each group; then the last of a group tells the others.
        keep = zero
        if i > 0:
            keep = select(load(w, (groups + i) * LANES) == load(w, (groups + i - 1) * LANES), one, zero)
        total, count = fma(keep, total, load(w, (values + i) * LANES)), fma(keep, count, one)
        store(w, (out + i) * LANES, total / count)
    for i in range(n - 2, -1, -1):
        same = load(w, (groups + i) * LANES) == load(w, (groups + i + 1) * LANES)
        at = (out + i) * LANES
        store(w, at, select(same, load(w, at + LANES), load(w, at)))


@njit
def _means(w: Floats, values: int, groups: int, n: int, out: int, grouped: bool) -> None:
    """`group_means`, or the values themselves where no two bands are one group."""
    if grouped:
        group_means(w, values, groups, n, out)
        return
    for i in range(n):
        store(w, (out + i) * LANES, load(w, (values + i) * LANES))


@njit
def _fill_products(w: Floats, rows: int, n: int) -> None:
    """The rows that are products of others where all members of a group have one slope."""
    for i in range(n):
        vx, vy = load(w, (rows + V_X * n + i) * LANES), load(w, (rows + V_Y * n + i) * LANES)
        xx, xy = load(w, (rows + G_XX * n + i) * LANES), load(w, (rows + G_XY * n + i) * LANES)
        yy, moment = load(w, (rows + G_YY * n + i) * LANES), load(w, (rows + MOMENT * n + i) * LANES)
        store(w, (rows + SURFACE_X * n + i) * LANES, (vx * xy - vy * xx) * 0.5)
        store(w, (rows + SURFACE_Y * n + i) * LANES, (vx * yy - vy * xy) * 0.5)
        store(w, (rows + FLUX_X * n + i) * LANES, vx * moment)
        store(w, (rows + FLUX_Y * n + i) * LANES, vy * moment)


@njit
def _kernel(
    k: Floats,
    series: Series,
    tolerance: float,
    pairs: bool,
    space: int,
    values: Floats,
    groups: Integers,
    n: int,
    start: int,
    stop: int,
) -> None:
    count = k.shape[1]
    dipoles = len(series.dipole_terms) > 0
    size = 2 * n * breadth(n)
    buffer = space
    h = buffer + 12
    u = h + 6 * size
    bands = u + size  # B_x, B_y, X_x, X_y, Z_x, Z_y
    level = bands + 6 * size  # energy, mean, group
    trace = (
        level + 3 * n
    )  # v_x, v_y, nine traces, then what the slopes inside the groups add to the last four rows
    rows = trace + (ROW_COUNT - 1) * n
    spare = rows + ROW_COUNT * n
    a = spare + 4 * n
    extra = a + 6 * size
    w = aligned(extra + 3 * size if dipoles else a)
    kx, ky = k[0], k[1]
    edge = aligned(2)
    for first in range(start, stop, LANES):
        filled = min(LANES, stop - first)
        if filled == LANES:
            x, y = load(kx, first), load(ky, first)
        else:
            for lane in range(LANES):
                edge[lane] = kx[min(first + lane, stop - 1)]
                edge[LANES + lane] = ky[min(first + lane, stop - 1)]
            x, y = load(edge, 0), load(edge, LANES)
        phases = basis(x, y, series, w, 0)
        _fill(w, series, phases, buffer, h, a, n)
        yx = -1
        if dipoles:
            covariant_derivatives(w, h, a, extra, n)
            yx = extra
        diagonalise(w, h, u, level, n)
        number_groups(w, level, level + 2 * n, n, tolerance, pairs)
        grouped = anywhere(load(w, (level + 3 * n - 1) * LANES) < n - 1.0)
        _means(w, level, level + 2 * n, n, level + n, grouped)
        to_bands(w, h + size, h + 2 * size, u, bands, bands + size, spare, n)
        for i in range(n):
            store(w, (trace + i) * LANES, load(w, (bands + 2 * (i * breadth(n) + i)) * LANES))
            store(w, (trace + n + i) * LANES, load(w, (bands + size + 2 * (i * breadth(n) + i)) * LANES))
            store(w, (rows + i) * LANES, load(w, (level + i) * LANES))
        _means(w, trace, level + 2 * n, n, rows + V_X * n, grouped)
        _means(w, trace + n, level + 2 * n, n, rows + V_Y * n, grouped)
        perturbed(w, level + n, level + 2 * n, bands, bands + size, bands + 2 * size, n)
        add_first_order(w, bands, bands + size, bands + 2 * size, rows + n, trace + 2 * n, n)
        if grouped:
            add_group_slopes(
                w, bands, bands + size, bands + 2 * size, rows + n, level + 2 * n, trace + 2 * n, n
            )
        add_second_order(w, h + 3 * size, yx, u, bands + 4 * size, trace + 2 * n, n)
        if dipoles:
            add_curvature(w, extra + size, u, trace + 9 * n, n)
        for row in range(T1_X, SURFACE_X):
            _means(w, trace + (row - 1) * n, level + 2 * n, n, rows + row * n, grouped)
        _fill_products(w, rows, n)
        if grouped:
            for row in range(SURFACE_X, ROW_COUNT):
                group_means(w, trace + (row - 1) * n, level + 2 * n, n, spare)
                for i in range(n):
                    at = (rows + row * n + i) * LANES
                    store(w, at, load(w, at) + load(w, (spare + i) * LANES))
        for line in range(ROW_COUNT * n):
            at, to = (rows + line) * LANES, line * count + first
            if filled == LANES:
                store(values, to, load(w, at))
            else:
                for lane in range(filled):
                    values[to + lane] = w[at + lane]
        for i in range(n):
            at, to = (level + 2 * n + i) * LANES, i * count + first
            if filled == LANES:
                store_integers(groups, to, load(w, at))
            else:
                for lane in range(filled):
                    groups[to + lane] = int(w[at + lane])
