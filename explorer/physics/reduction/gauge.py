"""One smooth, periodic gauge of a group of bands for the whole zone, and the group's matrices on a fine mesh in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.physics.reduction.matrices import GENERAL, HERMITIAN, Nodes, adjoint

DEGREE = 6
"""Of the polynomials in a patch, along each direction."""
OVERSAMPLING = 2.5
"""Points of the fine mesh over those of the nodes' mesh, along each direction, at least."""


@dataclass(frozen=True, eq=False)
class Patches:
    """Matrices of a group of bands as polynomials, patch by patch, over the unit square of the zone.

    count : patches a side. size : M. table : (count^2, features, (DEGREE + 1)^2) values at the nodes of each patch;
    features are the real numbers of the matrices as `features` lists them.
    overlap : least singular value of the gauge's overlap with its reference, over all nodes.
    """

    count: int
    size: int
    table: Floats
    overlap: float


def features(matrices: Complexes) -> Floats:
    """Real numbers that make up the matrices (..., 11, M, M): (..., F).

    Of the Hermitian ones the elements i <= j, of the others all, row by row: real and imaginary part.
    """
    m = matrices.shape[-1]
    i, j = np.triu_indices(m)
    lead = matrices.shape[:-3]
    upper = matrices[..., : len(HERMITIAN), i, j].reshape(*lead, -1)
    rest = matrices[..., len(HERMITIAN) :, :, :].reshape(*lead, len(GENERAL) * m * m)
    both = np.concatenate([upper, rest], axis=-1)
    return np.ascontiguousarray(np.stack([both.real, both.imag], axis=-1).reshape(*lead, -1))


def in_smooth_gauge(nodes: Nodes) -> tuple[Complexes, float]:
    """The nodes' matrices in the gauge nearest to one reference, and how near that is at worst.

    The reference are the M states that fill most of the group's mean projector over the zone. Where a Chern number,
    or a group that wanders through its orbitals, leaves no smooth gauge, the least singular value comes near to 0.
    """
    V = nodes.states
    mean = np.einsum("kam,kbm->ab", V, V.conj(), optimize=True) / len(V)
    reference = np.linalg.eigh(mean)[1][:, -V.shape[2] :]
    left, overlap, right = np.linalg.svd(adjoint(V) @ reference)
    turn = (left @ right)[:, None]
    return adjoint(turn) @ nodes.matrices @ turn, float(overlap.min())


def patches(nodes: Nodes, n: int) -> Patches:
    """Polynomial patches from nodes at (i/n, j/n), i the slow index, by way of their Fourier series."""
    matrices, overlap = in_smooth_gauge(nodes)
    values = features(matrices)
    count = int(np.ceil(OVERSAMPLING * n / DEGREE))
    fine = _finer(values.reshape(n, n, -1), count * DEGREE)
    inside = np.arange(DEGREE + 1)
    at = (np.arange(count)[:, None] * DEGREE + inside) % (count * DEGREE)
    table = fine[at[:, None, :, None], at[None, :, None, :]]  # (count, count, 7, 7, F)
    table = table.reshape(count * count, len(inside) ** 2, -1).swapaxes(1, 2)
    return Patches(count, nodes.matrices.shape[-1], np.ascontiguousarray(table), overlap)


def _finer(values: Floats, m: int) -> Floats:
    """Periodic values (n, n, F) on a finer mesh (m, m, F), by their Fourier series, one direction after the other."""
    for axis in (0, 1):
        n = values.shape[axis]
        series = np.moveaxis(np.fft.rfft(values, axis=axis), axis, 0)
        if n % 2 == 0:
            series[-1] *= 0.5  # half of it belongs to the frequency -n/2
        wide = np.zeros((m // 2 + 1, *series.shape[1:]), dtype=complex)
        wide[: len(series)] = series
        values = np.moveaxis(np.fft.irfft(wide, n=m, axis=0) * (m / n), 0, axis)
    return values


def interpolated_matrices(p: Patches, s: Floats, t: Floats) -> Complexes:
    """The matrices (K, 11, M, M) at points (s, t) of the unit square, (K,) each."""
    x, y = np.asarray(s) * p.count, np.asarray(t) * p.count
    row, column = (np.minimum(a.astype(int), p.count - 1) for a in (x, y))
    weights = (_lagrange(x - row)[:, :, None] * _lagrange(y - column)[:, None, :]).reshape(len(row), -1)
    values = np.einsum("kfg,kg->kf", p.table[row * p.count + column], weights)
    both = values[:, ::2] + 1j * values[:, 1::2]
    m = p.size
    i, j = np.triu_indices(m)
    found = np.empty((len(both), len(HERMITIAN) + len(GENERAL), m, m), dtype=complex)
    upper = both[:, : len(HERMITIAN) * len(i)].reshape(len(both), len(HERMITIAN), -1)
    found[:, : len(HERMITIAN), j, i] = upper.conj()
    found[:, : len(HERMITIAN), i, j] = upper
    found[:, len(HERMITIAN) :] = both[:, len(HERMITIAN) * len(i) :].reshape(len(both), len(GENERAL), m, m)
    return found


def _lagrange(x: Floats) -> Floats:
    """Values at x (K,) in [0, 1] of the polynomials that are 1 at one of DEGREE + 1 even points, (K, DEGREE + 1)."""
    i = np.arange(DEGREE + 1)
    factors = (x[:, None, None] * DEGREE - i) / np.where(i[:, None] == i, 1, i[:, None] - i)
    factors[:, i, i] = 1.0
    return np.asarray(factors.prod(axis=2))
