r"""What a group of M bands needs of all others, as M x M matrices that are smooth in k.

P is a group of bands with gaps above and below, Q the others, $B_i=D_iH$ in the band basis (covariant, so position
matrices are in it), $X_i=S B_i$ from P into Q with $S=1/(\epsilon_P-\epsilon_Q)$, $Z_i=S X_i$, and
$\{A\}=(A+A^\dagger)/2$. Nothing below has a small denominator while the gaps are open:

    G_ij = X_i^+ X_j                      D_ij = B_i^PQ X_j                     N_ij = Z_i^+ X_j
    Y_i  = { N_iy B_x^PP - N_ix B_y^PP + Z_i^+ (B_x^QQ X_y - B_y^QQ X_x) }
    F    = d_x A_y - d_y A_x - i [A_x, A_y]   inside P (position matrices only)

`kernel` diagonalises $h=\mathrm{diag}(\epsilon_P)$, rotated and interpolated, and takes from these all that the full
problem would give. Over a set of filled bands the sums of $T1_i$, $\Omega$ and $m-\epsilon\,\Omega$ are traces of the
same matrices for that set. Every formula is held against the full kernel in tests/physics/reduction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import blocks
from explorer.physics.kernels.direct_matrices import DirectMatrices, DirectSeries
from explorer.physics.kernels.large_matrices import one_blas_thread
from explorer.physics.progress import Pool, Progress

HERMITIAN = ("h", "B_x", "B_y", "G_xx", "G_yy", "Y_x", "Y_y", "F")
GENERAL = ("G_xy", "D_xy", "D_yx")
NAMES = HERMITIAN + GENERAL
"""Of the matrices, in the order in which they are kept."""
FILLED = ("T1_x", "T1_y", "Omega", "m - e Omega")
"""Sums over the filled bands below a group, in the units of a `BandGeometry`'s rows."""
AT_ONCE = 8
"""Nodes that a thread takes at a time."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """Matrices of the bands start to stop at K wave vectors.

    window : the bands. k : (2, K) [1/angstrom]. energy : (N, K) of all bands [eV].
    states : (K, N, M) eigenvectors without the phases of the orbital positions, so periodic in k.
    matrices : (K, 11, M, M), `NAMES`, in the basis of the states [eV, angstrom].
    filled : (4, K), `FILLED` summed over the bands below the window.
    """

    window: slice
    k: Floats
    energy: Floats
    states: Complexes
    matrices: Complexes
    filled: Floats

    def joined(self, other: Nodes) -> Nodes:
        """These nodes and others of the same bands."""
        return Nodes(
            self.window,
            np.concatenate([self.k, other.k], axis=1),
            np.concatenate([self.energy, other.energy], axis=1),
            np.concatenate([self.states, other.states]),
            np.concatenate([self.matrices, other.matrices]),
            np.concatenate([self.filled, other.filled], axis=1),
        )

    def chosen(self, at: list[int]) -> Nodes:
        """Some of these nodes, in the order asked for."""
        return Nodes(
            self.window,
            self.k[:, at],
            self.energy[:, at],
            self.states[at],
            self.matrices[at],
            self.filled[:, at],
        )


def adjoint(a: Complexes) -> Complexes:
    """Conjugate transpose of the last two axes."""
    return np.asarray(a.conj().swapaxes(-1, -2))


def hermitian_part(a: Complexes) -> Complexes:
    """Half the sum with the adjoint."""
    return np.asarray(0.5 * (a + adjoint(a)))


class _Levels:
    """All levels at one k: energies, eigenvectors U, and products of D_iH with columns of states."""

    def __init__(self, at: DirectMatrices) -> None:
        self.at = at
        self.energy, self.U = np.linalg.eigh(at.H)
        self.adjoint = np.ascontiguousarray(self.U.conj().T)

    def slopes(self, columns: slice) -> list[Complexes]:
        """D_xH and D_yH in the band basis, (N, M) each: all rows, some columns."""
        V, e = np.ascontiguousarray(self.U[:, columns]), self.energy
        found = [self.adjoint @ (first @ V) for first in self.at.first]
        if self.at.connection is None:
            return found
        gaps = e[columns][None, :] - e[:, None]
        return [
            b - 1j * (self.adjoint @ (A @ V)) * gaps for b, A in zip(found, self.at.connection, strict=True)
        ]

    def outer_slope(self, i: int, others: Complexes, e: Floats, x: Complexes) -> Complexes:
        """D_iH between the other bands (N, Q), of energies e, times x (Q, M)."""
        y, left = others @ x, others.conj().T
        found = left @ (self.at.first[i] @ y)
        if self.at.connection is not None:
            A = self.at.connection[i]
            found += 1j * (e[:, None] * (left @ (A @ y)) - left @ (A @ (others @ (e[:, None] * x))))
        return np.asarray(found)

    def group(self, columns: slice) -> dict[str, Complexes]:
        """The matrices of a group of bands in the basis of its states."""
        inside = np.zeros(len(self.energy), dtype=bool)
        inside[columns] = True
        others, e = np.ascontiguousarray(self.U[:, ~inside]), self.energy[~inside]
        gap = self.energy[columns][None, :] - e[:, None]
        full = self.slopes(columns)
        B = [hermitian_part(b[inside]) for b in full]
        B_out = [b[~inside] for b in full]
        X = [b / gap for b in B_out]
        Z = [x / gap for x in X]
        G = [[adjoint(X[i]) @ X[j] for j in (0, 1)] for i in (0, 1)]
        N = [[adjoint(Z[i]) @ X[j] for j in (0, 1)] for i in (0, 1)]
        twist = self.outer_slope(0, others, e, X[1]) - self.outer_slope(1, others, e, X[0])
        Y = [hermitian_part(N[i][1] @ B[0] - N[i][0] @ B[1] + adjoint(Z[i]) @ twist) for i in (0, 1)]
        return {
            "h": np.diag(self.energy[columns]).astype(complex),
            "B_x": B[0],
            "B_y": B[1],
            "G_xx": G[0][0],
            "G_yy": G[1][1],
            "Y_x": Y[0],
            "Y_y": Y[1],
            "F": self.connection_curvature(columns),
            "G_xy": G[0][1],
            "D_xy": adjoint(B_out[0]) @ X[1],
            "D_yx": adjoint(B_out[1]) @ X[0],
        }

    def connection_curvature(self, columns: slice) -> Complexes:
        """F inside a group; zero without position matrices."""
        V = np.ascontiguousarray(self.U[:, columns])
        if self.at.connection is None or self.at.curl is None:
            return np.zeros((V.shape[1], V.shape[1]), dtype=complex)
        r = [A @ V for A in self.at.connection]
        return hermitian_part(
            adjoint(V) @ (self.at.curl @ V) - 1j * (adjoint(r[0]) @ r[1] - adjoint(r[1]) @ r[0])
        )

    def filled(self, count: int) -> Floats:
        """`FILLED` of the lowest bands, by those above where these are fewer: of all bands T1 sums to zero."""
        n = len(self.energy)
        if count == 0:
            return np.zeros(len(FILLED))
        below = 2 * count <= n
        m = self.group(slice(0, count) if below else slice(count, n))
        e, curl = np.diagonal(m["h"]).real, -2 * np.diagonal(m["G_xy"]).imag
        moment = 2 * np.diagonal(m["G_xy"]).imag * e + np.diagonal(m["D_yx"]).imag
        sums = np.array([np.trace(m["Y_x"]).real, np.trace(m["Y_y"]).real, curl.sum(), moment.sum()])
        sums *= 1.0 if below else -1.0
        F = np.diagonal(self.connection_curvature(slice(0, count))).real
        sums[2] += F.sum()
        sums[3] -= (F * self.energy[:count]).sum()
        return sums


def nodes(
    h: LatticeHamiltonian,
    k: Floats,
    window: slice,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Nodes:
    """The matrices of a group of bands at k (2, K) [1/angstrom].

    window : start and stop of the group; levels on either side must not touch it. progress :
    called with the finished fraction.
    """
    start, stop, series = window.start, window.stop, DirectSeries(h)
    count, size, inner = k.shape[1], h.size, stop - start
    energy, filled = np.empty((size, count)), np.empty((len(FILLED), count))
    states = np.empty((count, size, inner), dtype=complex)
    matrices = np.empty((count, len(NAMES), inner, inner), dtype=complex)

    def work(part: slice) -> None:
        for q, at in zip(range(part.start, part.stop), series.at(k[:, part]), strict=True):
            levels = _Levels(at)
            found = levels.group(window)
            energy[:, q], states[q] = levels.energy, levels.U[:, window]
            matrices[q] = [found[name] for name in NAMES]
            filled[:, q] = levels.filled(start)

    parts = list(blocks(count, AT_ONCE))
    with one_blas_thread():
        for done, _ in enumerate(pool.map(work, parts) if pool else map(work, parts), start=1):
            if progress:
                progress(done / len(parts))
    return Nodes(window, k, energy, states, matrices, filled)
