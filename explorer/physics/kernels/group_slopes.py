r"""Groups whose members part at first order in k: what the mean slope leaves out of (11), eight wave vectors at a time.

In the trace over a group g the place of $v^n$ belongs to the block $V_i=P_g\,D_iH\,P_g$,

$$T1_i=\mathrm{Re}\sum_{n\in g}\langle n_i|S\Big[H_x|n_y\rangle+\sum_{n'\in g}|n'_y\rangle V_x^{n'n}
  -(x\leftrightarrow y)\Big],$$

and likewise that of $v_i|n_j\rangle$ in $|n_{ij}\rangle$. For a level that is degenerate at every k, $V_i=v_i$, and
this is theory (2.4) and (2.5); else theory (2.6). Levels that only meet, at a point of high symmetry or by accident
within the tolerance, have
other V: then the trace with V is the limit of the sum over the levels before they meet, and the first terms of all
bands cancel at each k; with the mean slope neither is so.
"""

from __future__ import annotations

from numba import njit

from explorer.physics.simd.lanes import (
    LANES,
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


@njit(nogil=True, cache=True, error_model="numpy")
def add_group_slopes(w, bx, by, x, v, groups, t, n):  # type: ignore[no-untyped-def]
    """Add to T1 and T2 what V - v contributes; all arguments but w and n are offsets in lanes.

    bx, by : D_iH in the band basis. x : S B_x, S B_y, S S B_x, S S B_y. v : mean slopes (2 n). t : T1_x, T1_y, T2_x,
    T2_y (4 n).
    """
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


@njit(nogil=True, cache=True, error_model="numpy")
def _add_element(w, bx, by, x, v, groups, t, n, j, p, limit):  # type: ignore[no-untyped-def]
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
    return True
