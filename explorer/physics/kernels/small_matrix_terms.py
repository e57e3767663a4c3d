"""What small matrices sum into T1, T2 and curvature, eight wave vectors at a time; offsets as in `small_matrices`."""

from __future__ import annotations

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.simd.lanes import (
    LANES,
    add_conjugate_product,
    add_product,
    breadth,
    fma,
    load,
    pair,
    select,
    splat,
    store,
    store_pair,
)


@njit
def to_bands(w: Floats, hx: int, hy: int, u: int, bx: int, by: int, spare: int, n: int) -> None:
    """U^+ H_x U and U^+ H_y U for Hermitian H_x, H_y; spare: 4 n lanes."""
    row, column = 2 * breadth(n) * LANES, 2 * LANES
    hx, hy, u, bx, by, spare = hx * LANES, hy * LANES, u * LANES, bx * LANES, by * LANES, spare * LANES
    zero = splat(0.0)
    for j in range(n):
        for i in range(n):
            xr, xi, yr, yi = zero, zero, zero, zero
            for m in range(n):
                at, to = i * row + m * column, u + m * row + j * column
                ur, ui = pair(w, to)
                ar, ai = pair(w, hx + at)
                xr, xi = add_product(ar, ai, ur, ui, xr, xi)
                ar, ai = pair(w, hy + at)
                yr, yi = add_product(ar, ai, ur, ui, yr, yi)
            to = spare + 4 * i * LANES
            store_pair(w, to, xr, xi)
            store_pair(w, to + 2 * LANES, yr, yi)
        for i in range(j + 1):
            xr, xi, yr, yi = zero, zero, zero, zero
            for m in range(n):
                at, to = u + m * row + i * column, spare + 4 * m * LANES
                ur, ui = pair(w, at)
                ar, ai = pair(w, to)
                xr, xi = add_conjugate_product(ur, ui, ar, ai, xr, xi)
                ar, ai = load(w, to + 2 * LANES), load(w, to + 3 * LANES)
                yr, yi = add_conjugate_product(ur, ui, ar, ai, yr, yi)
            for base, r, s in ((bx, xr, xi), (by, yr, yi)):
                at = base + i * row + j * column
                store_pair(w, at, r, s)
                at = base + j * row + i * column
                store_pair(w, at, r, -s if i < j else s)


@njit
def perturbed(w: Floats, mean: int, groups: int, bx: int, by: int, x: int, n: int) -> None:
    """S to S B_x, S B_y (at x, x + 1 matrix) and S S B_x, S S B_y (at x + 2, x + 3 matrices)."""
    size = 2 * n * breadth(n) * LANES
    one, zero = splat(1.0), splat(0.0)
    for m in range(n):
        for j in range(n):
            same = load(w, (groups + m) * LANES) == load(w, (groups + j) * LANES)
            gap = load(w, (mean + j) * LANES) - load(w, (mean + m) * LANES)
            s = select(same, zero, one / select(same, one, gap))
            at = 2 * (m * breadth(n) + j) * LANES
            for part in range(2):
                to = x * LANES + at + part * LANES
                xx, yy = (
                    load(w, bx * LANES + at + part * LANES) * s,
                    load(w, by * LANES + at + part * LANES) * s,
                )
                store(w, to, xx)
                store(w, to + size, yy)
                store(w, to + 2 * size, xx * s)
                store(w, to + 3 * size, yy * s)


@njit
def add_first_order(w: Floats, bx: int, by: int, x: int, v: int, t: int, n: int) -> None:
    """T1, T2 without second derivatives of H, metric, curvature, moment of each column, to t (9 n lanes)."""
    row, column, size = 2 * breadth(n) * LANES, 2 * LANES, 2 * n * breadth(n) * LANES
    bx, by, x = bx * LANES, by * LANES, x * LANES
    zero = splat(0.0)
    for j in range(n):
        vx, vy = load(w, (v + j) * LANES), load(w, (v + n + j) * LANES)
        t1x, t1y, t2x, t2y = zero, zero, zero, zero
        gxx, gxy, gyy, curvature, moment = zero, zero, zero, zero, zero
        for m in range(n):
            # p = B_x X_x, q = B_x X_y, r = B_y X_x, s = B_y X_y at (m, j)
            pr, pi, qr, qi, rr, ri, sr, si = zero, zero, zero, zero, zero, zero, zero, zero
            for o in range(n):
                at, to = m * row + o * column, x + o * row + j * column
                ar, ai = pair(w, bx + at)
                br, bi = pair(w, by + at)
                cr, ci = pair(w, to)
                dr, di = pair(w, to + size)
                pr, pi = add_product(ar, ai, cr, ci, pr, pi)
                qr, qi = add_product(ar, ai, dr, di, qr, qi)
                rr, ri = add_product(br, bi, cr, ci, rr, ri)
                sr, si = add_product(br, bi, dr, di, sr, si)
            to = x + m * row + j * column
            cr, ci = pair(w, to)
            dr, di = pair(w, to + size)
            to += 2 * size
            zxr, zxi = pair(w, to)
            zyr, zyi = pair(w, to + size)
            # Twist (B_x + v_x)X_y - (B_y + v_y)X_x; half the symmetric ket; p and s less v X.
            ur, ui = qr - rr + vx * dr - vy * cr, qi - ri + vx * di - vy * ci
            kr, ki = qr + rr - vx * dr - vy * cr, qi + ri - vx * di - vy * ci
            pr, pi, sr, si = pr - vx * cr, pi - vx * ci, sr - vy * dr, si - vy * di
            t1x, t1y = fma(zxr, ur, fma(zxi, ui, t1x)), fma(zyr, ur, fma(zyi, ui, t1y))
            t2x = t2x + (zyr * pr + zyi * pi) - (zxr * kr + zxi * ki) * 0.5
            t2y = t2y + (zyr * kr + zyi * ki) * 0.5 - (zxr * sr + zxi * si)
            gxx, gyy = fma(cr, cr, fma(ci, ci, gxx)), fma(dr, dr, fma(di, di, gyy))
            gxy, curvature = fma(cr, dr, fma(ci, di, gxy)), curvature - (cr * di - ci * dr) * 2.0
            at = by + m * row + j * column
            br, bi = pair(w, at)
            moment = moment - (cr * bi - ci * br)
        store(w, (t + j) * LANES, t1x)
        store(w, (t + n + j) * LANES, t1y)
        store(w, (t + 2 * n + j) * LANES, t2x)
        store(w, (t + 3 * n + j) * LANES, t2y)
        store(w, (t + 4 * n + j) * LANES, gxx)
        store(w, (t + 5 * n + j) * LANES, gxy)
        store(w, (t + 6 * n + j) * LANES, gyy)
        store(w, (t + 7 * n + j) * LANES, curvature)
        store(w, (t + 8 * n + j) * LANES, moment)


@njit
def add_second_order(w: Floats, second: int, yx: int, u: int, z: int, t: int, n: int) -> None:
    """Add to T2 (t + 2 n, t + 3 n) the part of D_x D_x H, D_x D_y H, D_y D_y H and yx (negative: as xy)."""
    row, column, size = 2 * breadth(n) * LANES, 2 * LANES, 2 * n * breadth(n) * LANES
    second, yx, u, z = second * LANES, yx * LANES, u * LANES, z * LANES
    zero = splat(0.0)
    for j in range(n):
        t2x, t2y = zero, zero
        for o in range(n):
            pr, pi, qr, qi, rr, ri = zero, zero, zero, zero, zero, zero
            ar, ai, br, bi, cr, ci = zero, zero, zero, zero, zero, zero
            for m in range(n):
                to = m * row + j * column
                ur, ui = pair(w, u + to)
                xr, xi = pair(w, z + to)
                yr, yi = pair(w, z + size + to)
                at = o * row + m * column
                hr, hi = pair(w, second + at)
                pr, pi = add_product(hr, hi, ur, ui, pr, pi)
                at += size
                hr, hi = pair(w, second + at)
                qr, qi = add_product(hr, hi, ur, ui, qr, qi)
                at += size
                hr, hi = pair(w, second + at)
                rr, ri = add_product(hr, hi, ur, ui, rr, ri)
                at = u + o * row + m * column
                hr, hi = pair(w, at)
                ar, ai = add_product(hr, hi, xr, xi, ar, ai)
                br, bi = add_product(hr, hi, yr, yi, br, bi)
            if yx < 0:
                cr, ci = qr, qi
            else:
                for m in range(n):
                    to, at = u + m * row + j * column, yx + o * row + m * column
                    ur, ui = pair(w, to)
                    hr, hi = pair(w, at)
                    cr, ci = add_product(hr, hi, ur, ui, cr, ci)
            # a = U Z_x, b = U Z_y; p, q, c, r = D_x D_x H U, D_x D_y H U, D_y D_x H U, D_y D_y H U
            t2x = t2x + (br * pr + bi * pi) + (ar * (qr - cr - cr) + ai * (qi - ci - ci))
            t2y = t2y + (br * (qr + qr - cr) + bi * (qi + qi - ci)) - (ar * rr + ai * ri)
        for at, value in (((t + 2 * n + j) * LANES, t2x), ((t + 3 * n + j) * LANES, t2y)):
            store(w, at, fma(value, splat(0.5), load(w, at)))


@njit
def add_curvature(w: Floats, f: int, u: int, t: int, n: int) -> None:
    """Add <n|F|n> to the curvature of each column."""
    row, column = 2 * breadth(n) * LANES, 2 * LANES
    f, u = f * LANES, u * LANES
    for j in range(n):
        total = load(w, (t + j) * LANES)
        for o in range(n):
            r, s = splat(0.0), splat(0.0)
            for m in range(n):
                at, to = f + o * row + m * column, u + m * row + j * column
                hr, hi = pair(w, at)
                ur, ui = pair(w, to)
                r, s = add_product(hr, hi, ur, ui, r, s)
            to = u + o * row + j * column
            total = fma(load(w, to), r, fma(load(w, to + LANES), s, total))
        store(w, (t + j) * LANES, total)
