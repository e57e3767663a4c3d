r"""Equation (11) for large matrices: matrix products by BLAS, one wave vector after another.

What is not a product of two N x N matrices is one pass over memory. Of second derivatives and $B_iX_j$ only
the overlaps of columns with $Z_j$ are wanted (`small_matrices`), so H_ij is multiplied by U from one
side only; commutators of Hermitian matrices are one product and its adjoint; $D_yD_xH - D_xD_yH = i[F,H]$
needs F in the band basis alone. 13 products a wave vector, 25 with position matrices; of a few bands see
`few_bands`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock, local

import numpy as np
from threadpoolctl import ThreadpoolController

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.kernels.few_bands import SHARE, column_room, few_bands
from explorer.physics.kernels.fourier_series import Series, aligned, basis, dipole_element, element, room
from explorer.physics.kernels.overlaps import band_overlaps, level_groups, perturbed_states
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.simd.lanes import LANES, load

_lock = Lock()
_limits: list[object] = []
_users = 0
_own = local()


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to the caller's thread: the threads of the pool share the wave vectors, not a product."""
    global _users
    with _lock:
        _users += 1
        if _users == 1:
            _limits.append(_controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _limits.pop().restore_original_limits()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _Room:
    """Arrays that every wave vector uses again: large ones are slow to get from the system.

    fields : (8, 6, N, N) H and its derivatives at eight k, upper triangles until they are completed.
    connection : (8, N, 6, N) d_x A_x, A_x, d_x A_y, A_y, d_y A_y, d_y A_x side by side, or empty.
    stack : D_x H, D_y H, D_x D_x H, D_x D_y H, D_y D_y H, and F where there are position matrices.
    """

    fields: Complexes
    connection: Complexes
    stack: Complexes
    right: Complexes
    product: Complexes
    adjoint: Complexes
    bands: Complexes
    X: Complexes
    Z: Complexes
    BX: Complexes
    UZ: Complexes
    values: Floats
    groups: Integers


def _room(n: int, dipoles: bool) -> _Room:
    def get(*shape: int) -> Complexes:
        return np.empty(shape, dtype=complex)

    rows = 6 if dipoles else 5
    return _Room(
        *eight_matrices(n, dipoles),
        get(rows, n, n),
        get(rows, n, n),
        get(n, n),
        get(n, n),
        get(3 if dipoles else 2, n, n),
        get(n, 2, n),
        get(n, 2, n),
        get(2, n, 2, n),
        get(n, 2, n),
        np.empty((ROW_COUNT, n, LANES)),
        np.empty((n, LANES), dtype=np.int64),
    )


def eight_matrices(n: int, dipoles: bool) -> tuple[Complexes, Complexes]:
    """Room for `fill_matrices`: fields (8, 6, N, N) and connection (8, N, 6, N), or (8, N, 0, N) without."""
    return _eight(6, n, n), _eight(n, 6 if dipoles else 0, n)


def _eight(*shape: int) -> Complexes:
    """One array for each of eight k, eight cache lines apart modulo a page: else they push each other out."""
    size = int(np.prod(shape))
    line, page = 4, 256  # complex numbers
    stride = -(-size // line) * line
    stride += (8 * line - stride) % page
    return np.empty((LANES, stride), dtype=complex)[:, :size].reshape(LANES, *shape)


def large_geometry(
    series: Series,
    n: int,
    k: Floats,
    tolerance: float,
    kramers_pairs: bool,
    values: Floats,
    groups: Integers,
    part: slice,
    window: slice,
) -> None:
    """Fill values (ROW_COUNT, N, K) and groups (N, K) at k[:, part]; rows as `ROWS`.

    Outside `window`, a range of bands, only energies and groups are meant; sums over states run over all all the same.
    """
    dipoles = len(series.dipole_terms) > 0
    shape = (n, dipoles)
    if getattr(_own, "shape", None) != shape:
        _own.shape, _own.room = shape, _room(n, dipoles)
    w: _Room = _own.room
    space = room(series)
    for first in range(part.start, part.stop, LANES):
        last = min(first + LANES, part.stop)
        fill_matrices(k, series, space, w.fields, w.connection, first, last)
        for q in range(last - first):
            energy, U = np.linalg.eigh(w.fields[q, 0], UPLO="U")
            np.conjugate(U.T, out=w.adjoint)
            w.groups[:, q] = number = level_groups(energy, tolerance, kramers_pairs)
            # A group that the window cuts is computed whole.
            columns = slice(
                int(np.searchsorted(number, number[window.start], "left")),
                int(np.searchsorted(number, number[window.stop - 1], "right")),
            )
            if SHARE * (columns.stop - columns.start) <= n:
                _few(energy, U, number, w.fields[q], w.connection[q], columns, w, q)
                continue
            stack = w.stack
            if dipoles:
                _covariant(w.fields[q], w.connection[q], w)
            else:
                stack = w.fields[q, 1:]
                for matrix in stack:
                    complete(matrix)
            _one(energy, U, number, stack, columns, w, q)
        values[..., first:last] = w.values[..., : last - first]
        groups[:, first:last] = w.groups[:, : last - first]


def _few(
    energy: Floats,
    U: Complexes,
    number: Integers,
    fields: Complexes,
    connection: Complexes,
    columns: slice,
    w: _Room,
    at: int,
) -> None:
    """`few_bands` of a range of bands at one k, to lane `at`."""
    for matrix in fields:
        complete(matrix)
    for place in range(connection.shape[1]):
        complete(connection[:, place])
    n, c = len(U), columns.stop - columns.start
    space = getattr(_own, "columns", None)
    if space is None or space.X.shape != (n, 2, c):
        space = _own.columns = column_room(n, c)
    few_bands(energy, U, w.adjoint, number, fields, connection, columns.start, space, w.values, at)


def _one(
    energy: Floats, U: Complexes, number: Integers, stack: Complexes, columns: slice, w: _Room, at: int
) -> None:
    """Geometry of a range of bands at one k from the eigenstates and D_x H .. D_y D_y H, F, to lane `at`."""
    n, first, c = len(U), columns.start, columns.stop - columns.start
    bands, right = w.bands, w.right[0]
    for matrix, band in zip((stack[0], stack[1], stack[-1]), bands, strict=False):
        np.matmul(matrix, U, out=right)
        _hermitian_product(w.adjoint, right, band)
    second = _head(w.right, 3, n, c)
    np.matmul(stack[2:5].reshape(3 * n, n), U[:, columns], out=second.reshape(3 * n, c))
    X, Z, BX, UZ = _head(w.X, n, 2, c), _head(w.Z, n, 2, c), _head(w.BX, 2, n, 2, c), _head(w.UZ, n, 2, c)
    velocity = perturbed_states(energy, number, bands, first, first, X, Z)
    np.matmul(bands[:2].reshape(2 * n, n), X.reshape(n, 2 * c), out=BX.reshape(2 * n, 2 * c))
    np.matmul(U, Z.reshape(n, 2 * c), out=UZ.reshape(n, 2 * c))
    band_overlaps(energy, number, velocity, bands, first, first, X, Z, Z, BX, UZ, second, w.values, at)


def _head(memory: Complexes, *shape: int) -> Complexes:
    """An array of the given shape at the start of a larger one."""
    return memory.reshape(-1)[: int(np.prod(shape))].reshape(shape)


def _hermitian_product(left: Complexes, right: Complexes, out: Complexes) -> None:
    """Three quarters of a product that is known to be Hermitian; the last quarter is their adjoint."""
    half = len(left) // 2
    np.matmul(left[:half], right, out=out[:half])
    np.matmul(left[half:], right[:, half:], out=out[half:, half:])
    np.conjugate(out[:half, half:].T, out=out[half:, :half])


def _covariant(fields: Complexes, connection: Complexes, w: _Room) -> None:
    """Fill w.stack; uses w.right and w.product."""
    n = fields.shape[1]
    side, stack, right, product = connection.reshape(n, 6 * n), w.stack, w.right, w.product
    for matrix in fields[:3]:
        complete(matrix)
    for place in range(5):
        complete(connection[:, place])
    H = fields[0]
    A_x, A_y = side[:, n : 2 * n], side[:, 3 * n : 4 * n]
    for axis, A in ((1, A_x), (2, A_y)):
        np.matmul(A, H, out=product)
        _less_commutator(fields[axis], product, stack[axis - 1])
    # D_i D_j H = H_ij - i[d_i A_j, H] - i[A_j, H_i] - i[A_i, D_j H]: one product two or three matrices wide.
    right[0] = H
    np.add(fields[1], stack[0], out=right[1])
    np.matmul(side[:, : 2 * n], right[:2].reshape(2 * n, n), out=product)
    _less_commutator(fields[3], product, stack[2])
    right[0], right[1], right[2] = stack[1], H, fields[1]
    np.matmul(side[:, n : 4 * n], right[:3].reshape(3 * n, n), out=product)
    _less_commutator(fields[4], product, stack[3])
    right[0] += fields[2]
    np.matmul(side[:, 3 * n : 5 * n], right[:2].reshape(2 * n, n), out=product)
    _less_commutator(fields[5], product, stack[4])
    np.subtract(connection[:, 2], connection[:, 5], out=right[0])
    np.matmul(A_x, A_y, out=product)
    _less_commutator(right[0], product, stack[5])


@njit
def complete(matrix: Complexes) -> None:
    """The lower triangle of a Hermitian matrix from the upper one."""
    n = len(matrix)
    for i in range(n):
        for j in range(i + 1, n):
            matrix[j, i] = matrix[i, j].conjugate()


@njit
def _less_commutator(plain: Complexes, product: Complexes, out: Complexes) -> None:
    """Out = plain - i (product - product^+), Hermitian; of plain the upper triangle is read."""
    n = len(plain)
    for i in range(n):
        for j in range(i, n):
            a, b = product[i, j], product[j, i]
            value = plain[i, j] + complex(a.imag + b.imag, b.real - a.real)
            out[i, j] = value
            out[j, i] = value.conjugate()


@njit
def fill_matrices(
    k: Floats, series: Series, space: int, fields: Complexes, connection: Complexes, first: int, last: int
) -> None:
    """Upper triangles of H and its derivatives, and of the connection and its, at k[:, first:last]."""
    n = fields.shape[2]
    w = aligned(space + 12)
    edge = aligned(2)
    for lane in range(LANES):
        edge[lane] = k[0, min(first + lane, last - 1)]
        edge[LANES + lane] = k[1, min(first + lane, last - 1)]
    phases = basis(load(edge, 0), load(edge, LANES), series, w, 0)
    # A_x, A_y, d_x A_x, d_x A_y, d_y A_x, d_y A_y go where products want them side by side.
    place = (1, 3, 0, 2, 5, 4)
    f = 0
    for i in range(n):
        for j in range(i, n):
            element(series, f, w, phases, space)
            for lane in range(last - first):
                for field in range(6):
                    at = (space + 2 * field) * LANES + lane
                    fields[lane, field, i, j] = complex(w[at], w[at + LANES] if i < j else 0.0)
            if connection.shape[2] > 0:
                dipole_element(series, f, w, phases, space)
                for lane in range(last - first):
                    for field in range(6):
                        at = (space + 2 * field) * LANES + lane
                        connection[lane, i, place[field], j] = complex(w[at], w[at + LANES] if i < j else 0.0)
            f += 1
