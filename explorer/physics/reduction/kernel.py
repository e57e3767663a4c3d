r"""The M x M problem, eight wave vectors at a time: interpolated, diagonalised, the outer part beside the inner.

With $X_i = S B_i$, $Z_i = S X_i$ inside the group of bands, $V_i$ the blocks of $B_i$ inside degenerate groups g,
and the outer matrices of `matrices` (index o) rotated into the eigenbasis,

    G_ij = X_i^+ X_j + Go_ij,      m = i/2 (X_x^+ B_y - h.c.) + {i D_yx^+},      Omega = i (G_xy - G_xy^+) + F
    T1_i = Re tr_g [ Z_i^+ (B_x X_y + X_y V_x - B_y X_x - X_x V_y + D_xy - D_yx) + Go_ix X_y - Go_iy X_x + Y_i ]

and the products of the slope with metric and moment are traces of products of matrices.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.kernels.fourier_series import aligned
from explorer.physics.kernels.jacobi import diagonalise
from explorer.physics.kernels.rows import ROWS
from explorer.physics.kernels.small_matrices import group_means, number_groups
from explorer.physics.kernels.small_matrix_terms import perturbed, to_bands
from explorer.physics.reduction.gauge import DEGREE
from explorer.physics.reduction.matrices import GENERAL, HERMITIAN
from explorer.physics.simd.lanes import (
    LANES,
    add_conjugate_product,
    add_product,
    anywhere,
    breadth,
    fma,
    load,
    pair,
    select,
    splat,
    store,
    store_pair,
)

RESULTS = (
    "energy",
    "v_x",
    "v_y",
    "t1_x",
    "t1_y",
    "g_xx",
    "g_xy",
    "g_yy",
    "curvature",
    "moment",
    "surface_x",
    "surface_y",
    "flux_x",
    "flux_y",
)
"""Rows of a `BandGeometry` that the kernel gives, per band the mean over its degenerate group."""
ROW = np.array([ROWS[name] for name in RESULTS])
H, BX, BY, GXX, GYY, YX, YY, F, GXY, DXY, DYX = range(len(HERMITIAN) + len(GENERAL))
HERMITIAN_COUNT, MATRICES = len(HERMITIAN), len(HERMITIAN) + len(GENERAL)
TERMS = (DEGREE + 1) ** 2


@njit
def _interpolate(w: Floats, table: Floats, weights: Floats, out: int) -> None:
    """Features (F, TERMS) times weights (TERMS, 8) to F lanes at out."""
    count = table.shape[0]
    for f in range(0, count - 3, 4):
        a, b, c, d = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
        for g in range(table.shape[1]):
            x = load(weights, g * LANES)
            a = fma(x, splat(table[f, g]), a)
            b = fma(x, splat(table[f + 1, g]), b)
            c = fma(x, splat(table[f + 2, g]), c)
            d = fma(x, splat(table[f + 3, g]), d)
        store_pair(w, (out + f) * LANES, a, b)
        store_pair(w, (out + f + 2) * LANES, c, d)
    for f in range(count - count % 4, count):
        a = splat(0.0)
        for g in range(table.shape[1]):
            a = fma(load(weights, g * LANES), splat(table[f, g]), a)
        store(w, (out + f) * LANES, a)


@njit
def _unpack(w: Floats, features: int, out: int, n: int) -> None:
    """Matrices, one after the other, from their features."""
    size, row, column = 2 * n * breadth(n), 2 * breadth(n) * LANES, 2 * LANES
    f = features * LANES
    for m in range(MATRICES):
        base = (out + m * size) * LANES
        for i in range(n):
            for j in range(i if m < HERMITIAN_COUNT else 0, n):
                x, y = pair(w, f)
                f += 2 * LANES
                if m < HERMITIAN_COUNT:
                    store_pair(w, base + j * row + i * column, x, -y)
                    if i == j:
                        y = splat(0.0)
                store_pair(w, base + i * row + j * column, x, y)


@njit
def _rotated(w: Floats, a: int, u: int, out: int, spare: int, n: int) -> None:
    """U^+ A U of any matrix; spare: 2 n lanes."""
    row, column = 2 * breadth(n) * LANES, 2 * LANES
    a, u, out, spare = a * LANES, u * LANES, out * LANES, spare * LANES
    for j in range(n):
        for i in range(n):
            r, s = splat(0.0), splat(0.0)
            for m in range(n):
                ar, ai = pair(w, a + i * row + m * column)
                br, bi = pair(w, u + m * row + j * column)
                r, s = add_product(ar, ai, br, bi, r, s)
            store_pair(w, spare + i * column, r, s)
        for i in range(n):
            r, s = splat(0.0), splat(0.0)
            for m in range(n):
                ar, ai = pair(w, u + m * row + i * column)
                br, bi = pair(w, spare + m * column)
                r, s = add_conjugate_product(ar, ai, br, bi, r, s)
            store_pair(w, out + i * row + j * column, r, s)


@njit
def _diagonal(w: Floats, a: int, u: int, out: int, n: int) -> None:
    """Diagonal of U^+ A U of a Hermitian matrix, to n lanes."""
    row, column = 2 * breadth(n) * LANES, 2 * LANES
    a, u = a * LANES, u * LANES
    for j in range(n):
        total = splat(0.0)
        for i in range(n):
            r, s = splat(0.0), splat(0.0)
            for m in range(n):
                ar, ai = pair(w, a + i * row + m * column)
                br, bi = pair(w, u + m * row + j * column)
                r, s = add_product(ar, ai, br, bi, r, s)
            ur, ui = pair(w, u + i * row + j * column)
            total = fma(ur, r, fma(ui, s, total))
        store(w, (out + j) * LANES, total)


@njit
def _first_term(w: Floats, bx: int, by: int, x: int, outer: int, groups: int, t: int, n: int) -> None:
    """Add to the lanes at t (2 n) the first term of (11) of each column, without Y; x : X_x, X_y, Z_x, Z_y.

    outer : rotated Go_xx, Go_yy, Go_xy, D_xy, D_yx.
    """
    row, column, size = 2 * breadth(n) * LANES, 2 * LANES, 2 * n * breadth(n) * LANES
    bx, by, x, outer = bx * LANES, by * LANES, x * LANES, outer * LANES
    gxx, gyy, gxy, dxy, dyx = outer, outer + size, outer + 2 * size, outer + 3 * size, outer + 4 * size
    one, zero = splat(1.0), splat(0.0)
    for j in range(n):
        tx, ty = load(w, (t + j) * LANES), load(w, (t + n + j) * LANES)
        own = load(w, (groups + j) * LANES)
        for m in range(n):
            at = m * row + j * column
            ur, ui = pair(w, dxy + at)
            ar, ai = pair(w, dyx + at)
            ur, ui = ur - ar, ui - ai
            for o in range(n):
                to = o * row + j * column
                ar, ai = pair(w, bx + m * row + o * column)
                br, bi = pair(w, by + m * row + o * column)
                cr, ci = pair(w, x + to)
                dr, di = pair(w, x + size + to)
                ur, ui = add_product(ar, ai, dr, di, ur, ui)
                ur, ui = add_product(-br, -bi, cr, ci, ur, ui)
                same = load(w, (groups + o) * LANES) == own
                if anywhere(same):
                    inside = select(same, one, zero)
                    ar, ai = pair(w, x + m * row + o * column)
                    br, bi = pair(w, x + size + m * row + o * column)
                    cr, ci = pair(w, bx + to)
                    dr, di = pair(w, by + to)
                    ur, ui = add_product(br, bi, cr * inside, ci * inside, ur, ui)
                    ur, ui = add_product(-ar, -ai, dr * inside, di * inside, ur, ui)
            zr, zi = pair(w, x + 2 * size + at)
            tx = fma(zr, ur, fma(zi, ui, tx))
            zr, zi = pair(w, x + 3 * size + at)
            ty = fma(zr, ur, fma(zi, ui, ty))
            # Go_ix X_y - Go_iy X_x, of which Go_yx is the adjoint of Go_xy
            cr, ci = pair(w, x + at)
            dr, di = pair(w, x + size + at)
            back = j * row + m * column
            ar, ai = pair(w, gxx + back)
            br, bi = pair(w, gxy + back)
            tx = tx + (ar * dr - ai * di) - (br * cr - bi * ci)
            ar, ai = pair(w, gxy + at)
            br, bi = pair(w, gyy + back)
            ty = ty + (ar * dr + ai * di) - (br * cr - bi * ci)
        store(w, (t + j) * LANES, tx)
        store(w, (t + n + j) * LANES, ty)


@njit
def _products(w: Floats, bx: int, by: int, x: int, outer: int, groups: int, t: int, n: int) -> None:
    """Metric (3), i (G_xy - G_xy^+) and moment, then products of the slope with metric and moment (4): 9 n lanes at t.

    Curvature and moment of a column stand alone; the products sum over the columns of its group.
    """
    row, column, size = 2 * breadth(n) * LANES, 2 * LANES, 2 * n * breadth(n) * LANES
    bx, by, x, outer = bx * LANES, by * LANES, x * LANES, outer * LANES
    gxx, gyy, gxy, dyx = outer, outer + size, outer + 2 * size, outer + 4 * size
    zero = splat(0.0)
    for j in range(n):
        own = load(w, (groups + j) * LANES)
        sx, sy, mx, my = zero, zero, zero, zero
        for o in range(n):
            same = load(w, (groups + o) * LANES) == own
            if not anywhere(same):
                continue
            at, back = o * row + j * column, j * row + o * column
            # at (o, j): Hermitian parts of G_xx, G_xy, G_yy, and the moment
            xxr, xxi = pair(w, gxx + at)
            yyr, yyi = pair(w, gyy + at)
            ar, ai = pair(w, gxy + at)
            br, bi = pair(w, gxy + back)
            xyr, xyi = 0.5 * (ar + br), 0.5 * (ai - bi)
            curl = bi + bi  # of the diagonal only
            ar, ai = pair(w, dyx + back)
            br, bi = pair(w, dyx + at)
            mr, mi = 0.5 * (ai + bi), 0.5 * (ar - br)
            for m in range(n):
                to, other = m * row + j * column, m * row + o * column
                cr, ci = pair(w, x + to)
                dr, di = pair(w, x + size + to)
                er, ei = pair(w, x + other)
                fr, fi = pair(w, x + size + other)
                xxr, xxi = add_conjugate_product(er, ei, cr, ci, xxr, xxi)
                yyr, yyi = add_conjugate_product(fr, fi, dr, di, yyr, yyi)
                pr, pi = add_conjugate_product(er, ei, dr, di, zero, zero)
                qr, qi = add_conjugate_product(fr, fi, cr, ci, zero, zero)
                xyr, xyi = xyr + 0.5 * (pr + qr), xyi + 0.5 * (pi + qi)
                curl = curl + pi + pi
                # i/2 (X_x^+ B_y - B_y^+ X_x)
                ar, ai = pair(w, by + to)
                br, bi = pair(w, by + other)
                pr, pi = add_conjugate_product(er, ei, ar, ai, zero, zero)
                qr, qi = add_conjugate_product(br, bi, cr, ci, zero, zero)
                mr, mi = mr - 0.5 * (pi - qi), mi + 0.5 * (pr - qr)
            if o == j:
                store(w, (t + j) * LANES, xxr)
                store(w, (t + n + j) * LANES, xyr)
                store(w, (t + 2 * n + j) * LANES, yyr)
                store(w, (t + 3 * n + j) * LANES, -curl)
                store(w, (t + 4 * n + j) * LANES, mr)
            vr, vi = pair(w, bx + back)
            ur, ui = pair(w, by + back)
            px = vr * xyr - vi * xyi - (ur * xxr - ui * xxi)
            py = vr * yyr - vi * yyi - (ur * xyr - ui * xyi)
            sx, sy = sx + select(same, px, zero), sy + select(same, py, zero)
            mx, my = mx + select(same, vr * mr - vi * mi, zero), my + select(same, ur * mr - ui * mi, zero)
        store(w, (t + 5 * n + j) * LANES, 0.5 * sx)
        store(w, (t + 6 * n + j) * LANES, 0.5 * sy)
        store(w, (t + 7 * n + j) * LANES, mx)
        store(w, (t + 8 * n + j) * LANES, my)


@njit
def _lagrange(x: float, out: Floats, lane: int, offset: int) -> None:
    """Values at x in (0, 1) of the polynomials that are 1 at one of DEGREE + 1 even points."""
    for i in range(DEGREE + 1):
        value = 1.0
        for j in range(DEGREE + 1):
            if i != j:
                value *= (x * DEGREE - j) / (i - j)
        out[(offset + i) * LANES + lane] = value


@njit
def reduced_bands(
    table: Floats,
    count: int,
    s: Floats,
    t: Floats,
    order: Integers,
    starts: Integers,
    n: int,
    tolerance: float,
    pairs: bool,
    values: Floats,
    groups: Integers,
    first: int,
    last: int,
) -> None:
    """Fill the rows `RESULTS` of values (ROW_COUNT, M, K), and groups (M, K).

    s, t : (K,) points of the unit square. order : (K,) the points patch by patch; starts : (count^2 + 1,) where each
    patch begins in it. Patches first to last are done. tolerance [eV] and pairs as of the Hamiltonian.
    """
    size = 2 * n * breadth(n)
    features = table.shape[1]
    h = features
    u = h + MATRICES * size
    bands = u + size
    outer = bands + 6 * size
    level = outer + 5 * size
    trace = level + 3 * n
    rows = trace + 13 * n
    spare = rows + 14 * n
    w = aligned(spare + 4 * n)
    along = aligned(2 * (DEGREE + 1))
    weights = aligned(TERMS)
    for patch in range(first, last):
        px, py = patch // count, patch % count
        for begin in range(starts[patch], starts[patch + 1], LANES):
            end = min(begin + LANES, starts[patch + 1])
            for lane in range(LANES):
                at = order[min(begin + lane, end - 1)]
                _lagrange(s[at] * count - px, along, lane, 0)
                _lagrange(t[at] * count - py, along, lane, DEGREE + 1)
            for i in range(DEGREE + 1):
                for j in range(DEGREE + 1):
                    x, y = load(along, i * LANES), load(along, (DEGREE + 1 + j) * LANES)
                    store(weights, (i * (DEGREE + 1) + j) * LANES, x * y)
            _interpolate(w, table[patch], weights, 0)
            _unpack(w, 0, h, n)
            diagonalise(w, h + H * size, u, level, n)
            number_groups(w, level, level + 2 * n, n, tolerance, pairs)
            group_means(w, level, level + 2 * n, n, level + n)
            to_bands(w, h + BX * size, h + BY * size, u, bands, bands + size, spare, n)
            perturbed(w, level + n, level + 2 * n, bands, bands + size, bands + 2 * size, n)
            to_bands(w, h + GXX * size, h + GYY * size, u, outer, outer + size, spare, n)
            _rotated(w, h + GXY * size, u, outer + 2 * size, spare, n)
            _rotated(w, h + DXY * size, u, outer + 3 * size, spare, n)
            _rotated(w, h + DYX * size, u, outer + 4 * size, spare, n)
            for i in range(n):
                store(w, (rows + i) * LANES, load(w, (level + i) * LANES))
                at = 2 * (i * breadth(n) + i)
                store(w, (trace + i) * LANES, load(w, (bands + at) * LANES))
                store(w, (trace + n + i) * LANES, load(w, (bands + size + at) * LANES))
            _diagonal(w, h + YX * size, u, trace + 2 * n, n)
            _diagonal(w, h + YY * size, u, trace + 3 * n, n)
            _first_term(w, bands, bands + size, bands + 2 * size, outer, level + 2 * n, trace + 2 * n, n)
            _products(w, bands, bands + size, bands + 2 * size, outer, level + 2 * n, trace + 4 * n, n)
            _diagonal(w, h + F * size, u, spare, n)
            for i in range(n):
                at = (trace + 7 * n + i) * LANES
                store(w, at, load(w, at) + load(w, (spare + i) * LANES))
            for r in range(13):
                group_means(w, trace + r * n, level + 2 * n, n, rows + (1 + r) * n)
            for lane in range(end - begin):
                at = order[begin + lane]
                for i in range(n):
                    for r in range(14):
                        values[ROW[r], i, at] = w[(rows + r * n + i) * LANES + lane]
                    groups[i, at] = int(w[(level + 2 * n + i) * LANES + lane])
