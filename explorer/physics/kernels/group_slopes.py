r"""Groups whose members part at first order in k: what the mean slope leaves out of (11), eight wave vectors at a time.

In the trace over a group g the place of $v^n$ belongs to the block $V_i=P_g\,D_iH\,P_g$,

$$T1_i=\mathrm{Re}\sum_{n\in g}\langle n_i|S\Big[H_x|n_y\rangle+\sum_{n'\in g}|n'_y\rangle V_x^{n'n}
  -(x\leftrightarrow y)\Big],$$

and likewise that of $v_i|n_j\rangle$ in $|n_{ij}\rangle$. For a level that is degenerate at every k, $V_i=v_i$, and
this is theory (2.4) and (2.5); else theory (2.6). Levels that only meet, at a point of high symmetry or by accident
within the tolerance, have other V: then the trace with V is the limit of the sum over the levels before they meet,
and the first terms of all bands cancel at each k; with the mean slope neither is so. Traces of products with V are
rows of their own,

$$\tfrac12\epsilon_{jl}\mathrm{Tr}(V_jG_{il}),\quad \mathrm{Tr}(V_i\mu),\qquad
  G_{il}^{nn'}=\tfrac12(\langle n_i|n'_l\rangle+\langle n_l|n'_i\rangle),\quad
  \mu^{nn'}=\tfrac1{2i}(\langle n_x|H-\epsilon|n'_y\rangle-\langle n_y|H-\epsilon|n'_x\rangle),$$

to which V - v adds here.
"""

from __future__ import annotations

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.kernels.rows import ROWS
from explorer.physics.simd.lanes import (
    LANES,
    Lanes,
    add_conjugate_product,
    anywhere,
    breadth,
    load,
    magnitude,
    pair,
    select,
    splat,
    store,
)

NEGLIGIBLE = 1e-12
"""V - v below this share of the largest slope is rounding."""

PRODUCTS = ROWS["surface_x"] - ROWS["t1_x"]
"""Rows from T1_x to the first trace of a product."""


@njit
def add_group_slopes(w: Floats, bx: int, by: int, x: int, v: int, groups: int, t: int, n: int) -> None:
    """Add to T1 and T2 what V - v contributes, and write what it adds to the traces of products.

    All arguments but w and n are offsets in lanes. bx, by : D_iH in the band basis. x : S B_x, S B_y, S S B_x, S S B_y.
    v : mean slopes (2 n). t : T1_x, T1_y, T2_x, T2_y (4 n), five other traces, then the four that are written.
    """
    for i in range(PRODUCTS * n, (PRODUCTS + 4) * n):
        store(w, (t + i) * LANES, splat(0.0))
    limit = splat(0.0)
    for i in range(2 * n):
        slope = magnitude(load(w, (v + i) * LANES))
        limit = select(slope > limit, slope, limit)
    limit = limit * NEGLIGIBLE
    for j in range(n):
        # Groups are made of neighbours: from j downwards and upwards until no wave vector is left.
        p = j - 1
        while p >= 0 and _add_element(w, bx, by, x, v, groups, t, n, j, p, limit):
            p -= 1
        p = j
        while p < n and _add_element(w, bx, by, x, v, groups, t, n, j, p, limit):
            p += 1


@njit
def _add_element(
    w: Floats, bx: int, by: int, x: int, v: int, groups: int, t: int, n: int, j: int, p: int, limit: Lanes
) -> bool:
    """The element (p, j) of V - v; returns whether the two bands are one group anywhere."""
    column, row, size = 2 * LANES, 2 * breadth(n) * LANES, 2 * n * breadth(n) * LANES
    same = load(w, (groups + j) * LANES) == load(w, (groups + p) * LANES)
    if not anywhere(same):
        return False
    at = p * row + j * column
    xr, xi = pair(w, bx * LANES + at)
    yr, yi = pair(w, by * LANES + at)
    if p == j:
        xr, yr = xr - load(w, (v + j) * LANES), yr - load(w, (v + n + j) * LANES)
    zero = splat(0.0)
    away = magnitude(xr) + magnitude(xi) + magnitude(yr) + magnitude(yi)
    if not anywhere(select(same, away, zero) > limit):
        return True
    xr, xi, yr, yi = (
        select(same, xr, zero),
        select(same, xi, zero),
        select(same, yr, zero),
        select(same, yi, zero),
    )
    for a in range(2):
        # <Z_a|X_x> and <Z_a|X_y> between the columns j and p, then each times the elements of both blocks.
        cxr, cxi, cyr, cyi = zero, zero, zero, zero
        for m in range(n):
            to, of = x * LANES + m * row + j * column, x * LANES + m * row + p * column
            zr, zi = pair(w, to + (2 + a) * size)
            r, s = pair(w, of)
            cxr, cxi = add_conjugate_product(zr, zi, r, s, cxr, cxi)
            r, s = pair(w, of + size)
            cyr, cyi = add_conjugate_product(zr, zi, r, s, cyr, cyi)
        xx, xy = cxr * xr - cxi * xi, cxr * yr - cxi * yi
        yx, yy = cyr * xr - cyi * xi, cyr * yr - cyi * yi
        at = (t + a * n + j) * LANES
        store(w, at, load(w, at) + yx - xy)
        t2x, t2y = (t + 2 * n + j) * LANES, (t + 3 * n + j) * LANES
        both = (xy + yx) * 0.5
        store(w, t2x, load(w, t2x) + (both if a == 0 else -xx))
        store(w, t2y, load(w, t2y) + (yy if a == 0 else -both))
    _add_products(w, bx, by, x, t, n, j, p, xr, xi, yr, yi)
    return True


@njit
def _add_products(
    w: Floats,
    bx: int,
    by: int,
    x: int,
    t: int,
    n: int,
    j: int,
    p: int,
    xr: Lanes,
    xi: Lanes,
    yr: Lanes,
    yi: Lanes,
) -> None:
    """The element (p, j) of V_x - v_x and V_y - v_y times those (j, p) of the metric and of the moment."""
    column, row, size = 2 * LANES, 2 * breadth(n) * LANES, 2 * n * breadth(n) * LANES
    zero = splat(0.0)
    # Metric xx, xy + yx, yy; <j_x|B_y p> - <j_y|B_x p>.
    ar, ai, br, bi, cr, ci, mr, mi = zero, zero, zero, zero, zero, zero, zero, zero
    for m in range(n):
        to, of = m * row + j * column, m * row + p * column
        jxr, jxi = pair(w, x * LANES + to)
        jyr, jyi = pair(w, x * LANES + size + to)
        pxr, pxi = pair(w, x * LANES + of)
        pyr, pyi = pair(w, x * LANES + size + of)
        ar, ai = add_conjugate_product(jxr, jxi, pxr, pxi, ar, ai)
        br, bi = add_conjugate_product(jxr, jxi, pyr, pyi, br, bi)
        br, bi = add_conjugate_product(jyr, jyi, pxr, pxi, br, bi)
        cr, ci = add_conjugate_product(jyr, jyi, pyr, pyi, cr, ci)
        r, s = pair(w, by * LANES + of)
        mr, mi = add_conjugate_product(jxr, jxi, r, s, mr, mi)
        r, s = pair(w, bx * LANES + of)
        mr, mi = add_conjugate_product(-jyr, -jyi, r, s, mr, mi)
    # Outside the group (H - e)|p_i> = -B_i|p>: the moment is i/2 times (mr, mi).
    xxy, yxy = (xr * br - xi * bi) * 0.5, (yr * br - yi * bi) * 0.5
    sums = (
        (xxy - (yr * ar - yi * ai)) * 0.5,
        ((xr * cr - xi * ci) - yxy) * 0.5,
        (xr * mi + xi * mr) * -0.5,
        (yr * mi + yi * mr) * -0.5,
    )
    for i in range(4):
        at = (t + (PRODUCTS + i) * n + j) * LANES
        store(w, at, load(w, at) + sums[i])
