r"""Covariant derivatives of H where there are position matrices, eight k at a time, theory (2.9).

$D_iO = \partial_iO - i[A_i,O]$, $D_iD_jH = H_{ij} - i[\partial_iA_j,H] - i[A_j,H_i] - i[A_i,D_jH]$, and
$D_yD_xH = D_xD_yH + i[F,H]$ with $F = \partial_xA_y - \partial_yA_x - i[A_x,A_y]$. All in the orbital basis,
where a commutator of Hermitian matrices is one product and its adjoint.
"""

from __future__ import annotations

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.simd.lanes import LANES, add_product, breadth, fma, load, pair, splat, store, store_pair


@njit
def add_commutator(w: Floats, p: int, q: int, out: int, n: int, sign: float) -> None:
    """Out += sign i [P, Q] for Hermitian P, Q, out (offsets in lanes)."""
    row, column = 2 * breadth(n) * LANES, 2 * LANES
    p, q, out = p * LANES, q * LANES, out * LANES
    zero = splat(0.0)
    for i in range(n):
        for j in range(i, n):
            r, s = zero, zero
            for m in range(n):
                # (P Q)_ij - conj (P Q)_ji = sum_m P_im Q_mj - Q_im P_mj
                at, to = i * row + m * column, m * row + j * column
                ar, ai = pair(w, p + at)
                br, bi = pair(w, q + to)
                r, s = add_product(ar, ai, br, bi, r, s)
                ar, ai = pair(w, q + at)
                br, bi = pair(w, p + to)
                r, s = add_product(-ar, -ai, br, bi, r, s)
            to = out + i * row + j * column
            r, s = fma(s, splat(-sign), load(w, to)), fma(r, splat(sign), load(w, to + LANES))
            store_pair(w, to, r, s)
            to = out + j * row + i * column
            store_pair(w, to, r, -s if i < j else s)


@njit
def combine(w: Floats, a: int, b: int, out: int, n: int, sign: float) -> None:
    """Out = A + sign B."""
    for at in range(0, 2 * n * breadth(n) * LANES, LANES):
        store(w, out * LANES + at, fma(load(w, b * LANES + at), splat(sign), load(w, a * LANES + at)))


@njit
def covariant_derivatives(w: Floats, h: int, a: int, out: int, n: int) -> None:
    """Turn derivatives into covariant ones, in place.

    From h: H, H_x, H_y, H_xx, H_xy, H_yy, and from a: A_x, A_y, d_x A_x, d_x A_y, d_y A_x, d_y A_y, each of
    2 n breadth(n) lanes. H_x .. H_yy become D_x H, D_y H, D_x D_x H, D_x D_y H, D_y D_y H. To out: D_y D_x H, then F,
    then room for one matrix.
    """
    size = 2 * n * breadth(n)
    hx, hy, xx, xy, yy = h + size, h + 2 * size, h + 3 * size, h + 4 * size, h + 5 * size
    ax, ay, dxax, dxay, dyax, dyay = a, a + size, a + 2 * size, a + 3 * size, a + 4 * size, a + 5 * size
    yx, f, spare = out, out + size, out + 2 * size
    add_commutator(w, dxax, h, xx, n, -1.0)
    add_commutator(w, dxay, h, xy, n, -1.0)
    add_commutator(w, dyay, h, yy, n, -1.0)
    add_commutator(w, ay, hx, xy, n, -1.0)
    combine(w, hx, hx, spare, n, 0.0)
    add_commutator(w, ax, h, hx, n, -1.0)
    combine(w, spare, hx, spare, n, 1.0)
    add_commutator(w, ax, spare, xx, n, -1.0)
    combine(w, hy, hy, spare, n, 0.0)
    add_commutator(w, ay, h, hy, n, -1.0)
    combine(w, spare, hy, spare, n, 1.0)
    add_commutator(w, ay, spare, yy, n, -1.0)
    add_commutator(w, ax, hy, xy, n, -1.0)
    combine(w, dxay, dyax, f, n, -1.0)
    add_commutator(w, ax, ay, f, n, -1.0)
    combine(w, xy, xy, yx, n, 0.0)
    add_commutator(w, f, h, yx, n, 1.0)
