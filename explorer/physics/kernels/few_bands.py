r"""Equation (11) of a few bands of a large matrix: matrices only ever multiply the columns of these bands.

With V the states of the bands, $\epsilon$ their energies, $a_i = A_iV$, $g_{ij} = (\partial_iA_j)V$ and
$HV = V\epsilon$,

$$D_iHV = H_iV - i\,a_i\epsilon + i\,Ha_i,$$
$$D_iD_jHV = H_{ij}V - i\,g_{ij}\epsilon + iH(g_{ij}+iA_ja_i) + A_ja_i\,\epsilon + i(H_ia_j+H_ja_i)
  - iA_jD_iHV - iA_iD_jHV,$$

(theory (2.9), written out), and $D_iH|n_j\rangle$ likewise. The states $|n_j\rangle$ are sums over all others:
the eigenvectors are all wanted, the matrices $U^\dagger D_iH\,U$ and $D_iD_jH$ are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.kernels.overlaps import band_overlaps, perturbed_states

SHARE = 3
"""At most one band in so many: beyond that whole matrices are faster."""


@dataclass(frozen=True)
class ColumnRoom:
    """Arrays for C columns, used again at every wave vector.

    plain : (5, N, C) H_x V .. H_yy V. connected : (N, 6, C) connections in the order of `large_matrices`, times V.
    a, d, X, Z, EX, UX, UZ, UEX : (N, 2, C). mixed : (N, 3, C). B, BV : (3, N, C) with D_x H, D_y H and F.
    """

    plain: Complexes
    connected: Complexes
    a: Complexes
    d: Complexes
    mixed: Complexes
    right: Complexes
    BV: Complexes
    B: Complexes
    X: Complexes
    Z: Complexes
    EX: Complexes
    UX: Complexes
    UZ: Complexes
    UEX: Complexes


def column_room(n: int, c: int) -> ColumnRoom:
    """Room for c of n bands."""
    shapes = [(5, n, c), (n, 6, c), (n, 2, c), (n, 2, c), (n, 3, c), (3, n, c), (3, n, c), (3, n, c)]
    return ColumnRoom(*(np.empty(s, dtype=complex) for s in [*shapes, *[(n, 2, c)] * 6]))


def few_bands(
    energy: Floats,
    U: Complexes,
    adjoint: Complexes,
    number: Integers,
    fields: Complexes,
    connection: Complexes,
    first: int,
    w: ColumnRoom,
    values: Floats,
    at: int,
) -> None:
    """Write the geometry of the C bands from `first` at one k to lane `at` of values (ROW_COUNT, N, ..).

    energy, U, adjoint : levels, eigenvectors and their adjoint. number : groups (N,); the bands are whole groups.
    fields : (6, N, N) H and its derivatives; connection : (N, 6, N) as in `large_matrices`, or empty.
    """
    n, c = len(U), w.X.shape[2]
    levels = energy[first : first + c]
    V = np.ascontiguousarray(U[:, first : first + c])
    dipoles = connection.size > 0
    rows = 3 if dipoles else 2
    np.matmul(fields[1:].reshape(5 * n, n), V, out=w.plain.reshape(5 * n, c))
    right = w.plain[2:]
    if dipoles:
        right = w.right
        _covariant_columns(levels, V, fields, connection, w)
    else:
        w.BV[:2] = w.plain[:2]
    np.matmul(adjoint, w.BV[:rows], out=w.B[:rows])
    B = w.B[:rows]
    velocity = perturbed_states(energy, number, B, first, 0, w.X, w.Z)
    np.matmul(U, w.X.reshape(n, 2 * c), out=w.UX.reshape(n, 2 * c))
    np.matmul(U, w.Z.reshape(n, 2 * c), out=w.UZ.reshape(n, 2 * c))
    BX = np.matmul(fields[1:3].reshape(2 * n, n), w.UX.reshape(n, 2 * c)).reshape(2, n, 2, c)
    if dipoles:
        _add_connection(energy, U, fields[0], connection, BX, w)
    band_overlaps(energy, number, velocity, B, first, 0, w.X, w.Z, w.UZ, BX, w.UZ, right, values, at)


def _covariant_columns(
    levels: Floats, V: Complexes, fields: Complexes, connection: Complexes, w: ColumnRoom
) -> None:
    """Fill w.BV with D_x H V, D_y H V, F V, and w.right with D_x D_x H V, D_x D_y H V, D_y D_y H V."""
    n, c = V.shape
    H = fields[0]
    np.matmul(connection.reshape(6 * n, n), V, out=w.connected.reshape(6 * n, c))
    w.a[:, 0], w.a[:, 1] = w.connected[:, 1], w.connected[:, 3]
    a = w.a.reshape(n, 2 * c)
    of_a = np.matmul(fields[:3].reshape(3 * n, n), a).reshape(3, n, 2, c)
    connected_a = _by_both(connection, a, c)
    _first(levels, w.plain, w.connected, of_a, connected_a, w.d, w.BV, w.mixed)
    connected_d = _by_both(connection, w.d.reshape(n, 2 * c), c)
    of_mixed = np.matmul(H, w.mixed.reshape(n, 3 * c)).reshape(n, 3, c)
    _second(levels, w.plain, w.connected, of_a, connected_a, connected_d, of_mixed, w.right)


def _by_both(connection: Complexes, columns: Complexes, c: int) -> Complexes:
    """A_x and A_y times (N, 2 C) columns, (2, N, 2, C)."""
    n = len(columns)
    out = np.empty((2, n, 2 * c), dtype=complex)
    np.matmul(connection[:, 1], columns, out=out[0])
    np.matmul(connection[:, 3], columns, out=out[1])
    return out.reshape(2, n, 2, c)


def _add_connection(
    energy: Floats, U: Complexes, H: Complexes, connection: Complexes, BX: Complexes, w: ColumnRoom
) -> None:
    """Make D_iH|n_j> of H_i|n_j>, BX (2, N, 2, C)."""
    n, c = len(U), w.X.shape[2]
    np.multiply(energy[:, None, None], w.X, out=w.EX)
    np.matmul(U, w.EX.reshape(n, 2 * c), out=w.UEX.reshape(n, 2 * c))
    inner = _by_both(connection, w.UX.reshape(n, 2 * c), c)
    outer = _by_both(connection, w.UEX.reshape(n, 2 * c), c)
    _add_times_i(np.matmul(H, inner.reshape(2, n, 2 * c)).reshape(-1), outer.reshape(-1), BX.reshape(-1))


@njit
def _add_times_i(plus: Complexes, minus: Complexes, out: Complexes) -> None:
    """Out += i (plus - minus)."""
    for m in range(len(out)):
        out[m] += 1j * (plus[m] - minus[m])


@njit
def _first(
    levels: Floats,
    plain: Complexes,
    connected: Complexes,
    of_a: Complexes,
    connected_a: Complexes,
    d: Complexes,
    BV: Complexes,
    mixed: Complexes,
) -> None:
    """D_iHV to d and BV, FV to BV, and g_ij + i A_j a_i of ij = xx, xy, yy to mixed.

    of_a[0], of_a[i] : H a_j, H_i a_j. connected_a[i, :, j] : A_i a_j.
    """
    n, c = d.shape[0], d.shape[2]
    for m in range(n):
        for j in range(c):
            for i in range(2):
                a = connected[m, 1 + 2 * i, j]
                d[m, i, j] = plain[i, m, j] + 1j * (of_a[0, m, i, j] - a * levels[j])
                BV[i, m, j] = d[m, i, j]
            xy, yx = connected_a[0, m, 1, j], connected_a[1, m, 0, j]
            BV[2, m, j] = connected[m, 2, j] - connected[m, 5, j] - 1j * (xy - yx)
            mixed[m, 0, j] = connected[m, 0, j] + 1j * connected_a[0, m, 0, j]
            mixed[m, 1, j] = connected[m, 2, j] + 1j * yx
            mixed[m, 2, j] = connected[m, 4, j] + 1j * connected_a[1, m, 1, j]


@njit
def _second(
    levels: Floats,
    plain: Complexes,
    connected: Complexes,
    of_a: Complexes,
    connected_a: Complexes,
    connected_d: Complexes,
    of_mixed: Complexes,
    right: Complexes,
) -> None:
    """D_iD_jHV of ij = xx, xy, yy to right; arguments as in `_first`, connected_d[i, :, j] : A_i D_jHV."""
    n, c = right.shape[1], right.shape[2]
    for row, i, j in ((0, 0, 0), (1, 0, 1), (2, 1, 1)):
        place = 2 * row
        for m in range(n):
            for b in range(c):
                turned = (
                    of_mixed[m, row, b]
                    - connected[m, place, b] * levels[b]
                    + of_a[1 + i, m, j, b]
                    + of_a[1 + j, m, i, b]
                    - connected_d[j, m, i, b]
                    - connected_d[i, m, j, b]
                )
                right[row, m, b] = plain[2 + row, m, b] + connected_a[j, m, i, b] * levels[b] + 1j * turned
