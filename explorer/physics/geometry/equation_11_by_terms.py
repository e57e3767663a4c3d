r"""Equation (11) taken apart: which pair of levels makes a hot spot, and which term and band makes chi.

At one k, with the sums of theory section 2 written out over groups of levels G, G' outside the group g of
the band,

    T1_i = sum_{m in G, m' in G'} Re <n_i|m> [ <m|H_x + v_x|m'><m'|n_y> - <m|H_y + v_y|m'><m'|n_x> ]
                                  / (e_g - e_m)

and T2 likewise through |n_ij> = S [ D_i D_j H |n> + (D_j H - v_j)|n_i> + (D_i H - v_i)|n_j> ], theory (2.10). Only
sums over whole groups are shown: inside a group the states are a matter of choice. v stands for the block of
D_iH inside g, which is the slope where g is degenerate at every k (`group_slopes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_levels, group_mean

TERMS = {
    "moment": "interband moment, first term of (11)",
    "pair": "velocity between the two levels, second term of (11)",
    "inertia": "second derivative of H, second term of (11)",
}
"""What the kinds of `PairTerm` are."""


@dataclass(frozen=True)
class PairTerm:
    """One term of L of a band.

    term : a key of `TERMS`. outer, inner : levels m and m', from 0, of the groups G and G' (equal where one
        level alone enters).
    energy : mean energies of the two groups less that of the band [eV].
    value : x and y component [e/hbar angstrom^3], per band of the group.
    """

    term: str
    outer: tuple[int, ...]
    inner: tuple[int, ...]
    energy: tuple[float, float]
    value: tuple[float, float]

    @property
    def size(self) -> float:
        """Length of the vector (x, y) [angstrom^3]."""
        return float(np.hypot(*self.value))


@dataclass(frozen=True, eq=False)
class Decomposition:
    """L of one band at one k, term by term, largest first.

    k : (2,) [1/angstrom]. levels : the bands of its group. energy : group mean [eV]. term1, term2 : (2,)
        totals
    [e/hbar angstrom^3], to which the values of `terms` sum.
    """

    k: Floats
    levels: tuple[int, ...]
    energy: float
    term1: Floats
    term2: Floats
    terms: tuple[PairTerm, ...]


def decompose(h: Hamiltonian, k: Floats, band: int) -> Decomposition:
    """The terms of (11) at k, (2,) [1/angstrom], for one band (from 0) or the degenerate group it belongs to.

    Raises
    ------
    ValueError : there is no such band.
    """
    if not 0 <= band < h.size:
        raise ValueError(f"band {band} of a Hamiltonian of {h.size} bands, numbered from 0")
    k = np.asarray(k, dtype=float).reshape(2, 1)
    E, first, second = _in_bands(h, k)
    labels = group_levels(E[:, None], h.degeneracy_tolerance, h.kramers_pairs)[:, 0]
    mean = group_mean(E[:, None], labels[:, None])[:, 0]
    own = np.flatnonzero(labels == labels[band])
    rest = labels != labels[band]
    S = np.where(rest, 1.0 / np.where(rest, mean[band] - mean, 1.0), 0.0)
    V = [b[np.ix_(own, own)] for b in first]
    X = [S[:, None] * b[:, own] for b in first]  # <m|n_i>, (N, g)
    Z = [(S[:, None] * x).conj() for x in X]

    def pairs(a: int, operator: Complexes, b: int) -> Floats:
        """Re sum_n Z_a[m, n] operator[m, m'] X_b[m', n], (N, N)."""
        return np.asarray((operator * np.einsum("mn,pn->mp", Z[a], X[b])).real / len(own))

    def alone(a: int, ket: Complexes) -> Floats:
        """Re sum_n Z_a[m, n] ket[m, n], (N,)."""
        return np.asarray((Z[a] * ket).real.sum(axis=1) / len(own))

    def single(a: int, ket: Complexes) -> Floats:
        return alone(a, ket[:, own])

    def inside(a: int, i: int, j: int) -> Floats:
        """Z_a . |n_j> V_i, where one level alone enters: on the diagonal, (N, N)."""
        return np.diag(alone(a, X[j] @ V[i]))

    def second_pairs(a: int, i: int, j: int) -> Floats:
        """The two velocity terms of Z_a . ket(i, j)."""
        return pairs(a, first[j], i) - inside(a, j, i) + pairs(a, first[i], j) - inside(a, i, j)

    def twist(a: int, i: int, j: int) -> Floats:
        return pairs(a, first[i], j) + inside(a, i, j)

    moment = np.array([twist(a, 0, 1) - twist(a, 1, 0) for a in (0, 1)])
    pair = 0.5 * np.array(
        [
            second_pairs(1, 0, 0) + second_pairs(0, 0, 1) - 2 * second_pairs(0, 1, 0),
            2 * second_pairs(1, 0, 1) - second_pairs(1, 1, 0) - second_pairs(0, 1, 1),
        ]
    )
    inertia = 0.5 * np.array(
        [
            single(1, second[0, 0]) + single(0, second[0, 1]) - 2 * single(0, second[1, 0]),
            2 * single(1, second[0, 1]) - single(1, second[1, 0]) - single(0, second[1, 1]),
        ]
    )

    groups = [tuple(int(i) for i in np.flatnonzero(labels == g)) for g in np.unique(labels[rest])]

    def distance(levels: tuple[int, ...]) -> float:
        return float(mean[levels[0]] - mean[band])

    terms = [
        PairTerm(name, outer, inner, (distance(outer), distance(inner)), (float(x), float(y)))
        for name, block in (("moment", moment), ("pair", pair))
        for outer, inner in product(groups, repeat=2)
        for x, y in [block[np.ix_((0, 1), outer, inner)].sum(axis=(1, 2))]
    ] + [
        PairTerm("inertia", one, one, (distance(one), distance(one)), (float(x), float(y)))
        for one in groups
        for x, y in [inertia[:, one].sum(axis=1)]
    ]
    return Decomposition(
        k[:, 0],
        tuple(int(i) for i in own),
        float(mean[band]),
        moment.sum(axis=(1, 2)),
        pair.sum(axis=(1, 2)) + inertia.sum(axis=1),
        tuple(sorted(terms, key=lambda t: -t.size)),
    )


def _in_bands(h: Hamiltonian, k: Floats) -> tuple[Floats, list[Complexes], dict[tuple[int, int], Complexes]]:
    """Energies (N,), D_i H and D_i D_j H in the eigenbasis at one k, with D_i O = d_i O - i [A_i, O]."""
    m = bloch_matrices(h, k)
    E, U = np.linalg.eigh(m.H[0])

    def to_bands(a: Complexes) -> Complexes:
        return np.asarray(U.conj().T @ a[0] @ U)

    def commutator(a: Complexes, b: Complexes) -> Complexes:
        return np.asarray(a @ b - b @ a)

    first = [to_bands(a) for a in m.first]
    xx, xy, yy = (to_bands(a) for a in m.second)
    second = {(0, 0): xx, (0, 1): xy, (1, 0): xy, (1, 1): yy}
    if m.connection is None or m.connection_first is None:
        return E, first, second
    H = np.diag(E)
    A = [to_bands(a) for a in m.connection]
    dA = dict(zip(product((0, 1), repeat=2), (to_bands(a) for a in m.connection_first), strict=True))
    covariant = [first[i] - 1j * commutator(A[i], H) for i in (0, 1)]
    for i, j in product((0, 1), repeat=2):
        second[i, j] = (
            second[i, j]
            - 1j * commutator(dA[i, j], H)
            - 1j * commutator(A[j], first[i])
            - 1j * commutator(A[i], covariant[j])
        )
    return E, covariant, second


def hottest(geometry: BandGeometry, band: int, count: int = 1) -> Integers:
    """Indices into k of the largest |L| of a band, largest first, (count,)."""
    size = np.hypot(*geometry.lambda_[:, band])
    return np.asarray(np.argsort(-size)[:count])
