r"""Equation (11) at each k without gauge and without finite differences, for any number of bands.

Plain linear algebra on blocks of k: the definition the fast kernels are tested against. Perturbed states of
theory (2.1), (2.2) and (2.10), metric and curvature of theory (2.3) and (2.12), T1 of theory (2.4), T2 of
theory (2.5) and (2.11), orbital moment of theory (4.1). All in the eigenbasis:
$B_i = U^\dagger D_iH\,U$ with $D_iO=\partial_iO-i[A_i,O]$, theory (2.9);
$X_i = S\circ B_i$ holds $|n_i\rangle$ as its columns, $S_{mn}=1/(e_g-e_m)$ for m outside the group g of n,
$Z_i=S\circ X_i$.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.physics.geometry.bloch import BlochMatrices
from explorer.physics.geometry.degenerate_groups import group_levels, group_mean
from explorer.physics.kernels.rows import ROW_COUNT, ROWS, TERM1


def _dagger(a: Complexes) -> Complexes:
    return np.conj(np.swapaxes(a, -1, -2))


def _overlap(a: Complexes, b: Complexes) -> Complexes:
    """<a_n|b_n> for the columns n."""
    return np.asarray(np.einsum("kmn,kmn->kn", a.conj(), b))


@dataclass(frozen=True, eq=False)
class Perturbed:
    """States and their derivatives at K wave vectors in the basis of the bands, theory (2.1), (2.2), (2.9) and (2.10).

    energy (K, N) [eV], states U (K, N, N), groups (N, K). B, V, X, Z : D_iH, its blocks inside the groups, |n_i> and
    S|n_i> as columns, i = x, y. S (K, N, N). mean : (2, N, K) slopes. second : D_iD_jH. ket : |n_ij> = S ket.
    twist : [(H_x + V_x)|n_y> - (H_y + V_y)|n_x>]. curl : F = d_xA_y - d_yA_x - i[A_x, A_y], None without positions.
    """

    energy: Floats
    states: Complexes
    groups: Integers
    S: Floats
    B: list[Complexes]
    V: list[Complexes]
    X: list[Complexes]
    Z: list[Complexes]
    mean: Floats
    second: dict[tuple[int, int], Complexes]
    ket: dict[tuple[int, int], Complexes]
    twist: Complexes
    curl: Complexes | None


def perturbed(m: BlochMatrices, tolerance: float, kramers_pairs: bool) -> Perturbed:
    """Everything of first and second order in the displacement of k, from the matrices of `bloch_matrices`."""
    E, U = np.linalg.eigh(m.H)
    groups = group_levels(E.T, tolerance, kramers_pairs)
    mean = group_mean(np.ascontiguousarray(E.T), groups).T
    same = groups.T[:, :, None] == groups.T[:, None, :]
    gap = mean[:, None, :] - mean[:, :, None]  # of group means: S of two groups differs in sign alone
    S = np.where(same, 0.0, 1.0 / np.where(same, 1.0, gap))

    def to_bands(a: Complexes) -> Complexes:
        return np.asarray(_dagger(U) @ a @ U)

    first = [to_bands(a) for a in m.first]
    xx, xy, yy = (to_bands(a) for a in m.second)
    second = {(0, 0): xx, (0, 1): xy, (1, 0): xy, (1, 1): yy}
    covariant = first
    F = None
    if m.connection is not None and m.connection_first is not None:
        level_gap = E[:, None, :] - E[:, :, None]  # [A, H]_mn = A_mn (e_n - e_m)
        A = [to_bands(a) for a in m.connection]
        dA = dict(zip(product((0, 1), repeat=2), (to_bands(a) for a in m.connection_first), strict=True))
        covariant = [first[i] - 1j * A[i] * level_gap for i in (0, 1)]
        for i, j in product((0, 1), repeat=2):  # D_i D_j H
            inner = A[j] @ first[i]
            outer = A[i] @ covariant[j]
            second[i, j] = (
                second[i, j]
                - 1j * dA[i, j] * level_gap
                - 1j * (inner - _dagger(inner))
                - 1j * (outer - _dagger(outer))
            )
        both = A[0] @ A[1]
        F = dA[0, 1] - dA[1, 0] - 1j * (both - _dagger(both))

    B = covariant
    v = [group_mean(np.ascontiguousarray(np.einsum("knn->nk", b).real), groups).T for b in B]
    V = [
        np.where(same, b, 0.0) for b in B
    ]  # slopes inside the groups: v where these are degenerate at every k
    X = [S * b for b in B]
    Z = [S * x for x in X]
    BX = {(i, j): B[i] @ X[j] for i, j in product((0, 1), repeat=2)}
    # n_ij as S * ket(i, j); Z carries the S of |n_ij> when contracted with X.
    ket = {
        (i, j): second[i, j] + BX[j, i] - X[i] @ V[j] + BX[i, j] - X[j] @ V[i]
        for i, j in product((0, 1), repeat=2)
    }
    twist = BX[0, 1] + X[1] @ V[0] - BX[1, 0] - X[0] @ V[1]
    return Perturbed(E, U, groups, S, B, V, X, Z, np.array([v_i.T for v_i in v]), second, ket, twist, F)


def geometry_block(m: BlochMatrices, tolerance: float, kramers_pairs: bool) -> Floats:
    """Geometry of all bands from the matrices of `bloch_matrices`.

    Returns
    -------
    (ROW_COUNT, N, K), rows as in `ROWS`: energy [eV]; velocity de/dk [eV angstrom]; T1 and T2 of (11)
    [angstrom^3, times e/hbar]; quantum metric [angstrom^2]; Berry curvature [angstrom^2], the Wannier-space
    term <n|F|n> included; Im <n_x|(H - e_n)|n_y> [eV angstrom^2]; the traces of metric and of moment with the slopes
    inside the group, theory (2.6). Traces over the group, per band.
    """
    p = perturbed(m, tolerance, kramers_pairs)
    groups, B, V, X, Z, ket, twist, F = p.groups, p.B, p.V, p.X, p.Z, p.ket, p.twist, p.curl

    def re(a: Complexes, b: Complexes) -> Floats:
        return np.asarray(_overlap(a, b).real.T)

    t2_x = 0.5 * (re(Z[1], ket[0, 0]) + re(Z[0], ket[0, 1]) - 2 * re(Z[0], ket[1, 0]))
    t2_y = 0.5 * (2 * re(Z[1], ket[0, 1]) - re(Z[1], ket[1, 0]) - re(Z[0], ket[1, 1]))
    curvature = -2 * _overlap(X[0], X[1]).imag.T
    if F is not None:
        curvature = curvature + np.einsum("knn->nk", F).real
    # (H - e_n)|n_y> = -B_y|n> outside the group
    moment = -_overlap(X[0], B[1]).imag.T
    # Matrices inside the groups, and their traces with the slopes there.
    metric = {
        (i, j): 0.5 * (_dagger(X[i]) @ X[j] + _dagger(X[j]) @ X[i]) for i, j in product((0, 1), repeat=2)
    }
    moments = 0.5j * (_dagger(X[0]) @ B[1] - _dagger(X[1]) @ B[0])

    def traced_with(slope: Complexes, matrix: Complexes) -> Floats:
        return np.asarray(np.einsum("kpj,kjp->jk", slope, matrix).real)

    traced = np.array(
        [
            re(Z[0], twist),
            re(Z[1], twist),
            t2_x,
            t2_y,
            re(X[0], X[0]),
            re(X[0], X[1]),
            re(X[1], X[1]),
            curvature,
            moment,
            *(0.5 * (traced_with(V[0], metric[i, 1]) - traced_with(V[1], metric[i, 0])) for i in (0, 1)),
            *(traced_with(v_i, moments) for v_i in V),
        ]
    )
    out = np.empty((ROW_COUNT, *groups.shape))
    out[ROWS["energy"]], out[ROWS["v_x"]], out[ROWS["v_y"]] = p.energy.T, *p.mean
    out[TERM1.start :] = group_mean(traced, groups)
    return out
