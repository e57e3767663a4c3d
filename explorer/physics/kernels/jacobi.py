"""Eigenvectors of small Hermitian matrices by Jacobi rotations, eight matrices at a time.

Eight lanes go through the same rotations; one that has converged rotates by nothing. Matrices are flat:
element (i, j) of the matrix that starts at lane `a` is the pair of lanes a + 2 (i breadth(n) + j).
"""

from __future__ import annotations

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.simd.lanes import (
    LANES,
    Lanes,
    anywhere,
    breadth,
    fma,
    load,
    magnitude,
    pair,
    select,
    splat,
    square_root,
    store,
    store_pair,
    with_sign,
)

MAX_SWEEPS = 40
_ROUNDING = 1e-32
"""Squared size, relative to the matrix, of an element that counts as zero."""


@njit
def _rotate(w: Floats, a: int, b: int, c: Lanes, sr: Lanes, si: Lanes) -> None:
    """(x, y) -> (c x - conj(s) y, s x + c y) for the complex numbers at a and b."""
    xr, xi = pair(w, a)
    yr, yi = pair(w, b)
    store_pair(w, a, fma(c, xr, -fma(sr, yr, si * yi)), fma(c, xi, fma(si, yr, -(sr * yi))))
    store_pair(w, b, fma(c, yr, fma(sr, xr, -(si * xi))), fma(c, yi, fma(sr, xi, si * xr)))


@njit
def diagonalise(w: Floats, a: int, u: int, e: int, n: int) -> None:
    """Eigenvectors as columns to u, ascending eigenvalues to e; the upper triangle at a is destroyed."""
    row = 2 * breadth(n) * LANES
    a, u, e = a * LANES, u * LANES, e * LANES
    norm = splat(0.0)
    for i in range(n):
        for j in range(n):
            store(w, u + i * row + 2 * j * LANES, splat(1.0 if i == j else 0.0))
            store(w, u + i * row + (2 * j + 1) * LANES, splat(0.0))
        for j in range(i, n):
            x, y = load(w, a + i * row + 2 * j * LANES), load(w, a + i * row + (2 * j + 1) * LANES)
            norm = fma(x, x, fma(y, y, norm))
    small = norm * _ROUNDING
    for _ in range(MAX_SWEEPS):
        busy = False
        for p in range(n - 1):
            for q in range(p + 1, n):
                pq = a + p * row + 2 * q * LANES
                x, y = pair(w, pq)
                size = fma(x, x, y * y)
                if anywhere(size > small):
                    busy = True
                    _annihilate(w, a, u, p, q, n, x, y, size)
        if not busy:
            break
    for i in range(n):
        store(w, e + i * LANES, load(w, a + i * row + 2 * i * LANES))
    _sort(w, u, e, n)


@njit
def _annihilate(w: Floats, a: int, u: int, p: int, q: int, n: int, x: Lanes, y: Lanes, size: Lanes) -> None:
    """Rotate columns p < q so that element (p, q) = x + iy, of square `size`, vanishes."""
    row = 2 * breadth(n) * LANES
    column = 2 * LANES
    pp, qq, pq = a + p * row + p * column, a + q * row + q * column, a + p * row + q * column
    alpha, beta = load(w, pp), load(w, qq)
    apart = beta - alpha
    # tan = 2 a_pq sgn / (|d| + sqrt(d^2 + 4 |a_pq|^2)); the tiny number makes 0/0 a rotation by nothing.
    below = magnitude(apart) + square_root(fma(apart, apart, size * 4.0)) + 1e-300
    scale = with_sign(splat(2.0), apart) / below
    tr, ti = x * scale, y * scale
    c = splat(1.0) / square_root(fma(tr, tr, fma(ti, ti, splat(1.0))))
    sr, si = c * tr, c * ti
    shift = size * scale
    store(w, pp, alpha - shift)
    store(w, qq, beta + shift)
    store_pair(w, pq, splat(0.0), splat(0.0))
    for m in range(p):
        _rotate(w, a + m * row + p * column, a + m * row + q * column, c, sr, si)
    for m in range(p + 1, q):
        # (p, m) is the conjugate of (m, p).
        at, to = a + p * row + m * column, a + m * row + q * column
        xr, xi = pair(w, at)
        yr, yi = pair(w, to)
        store_pair(w, at, fma(c, xr, -fma(sr, yr, si * yi)), fma(c, xi, fma(sr, yi, -(si * yr))))
        store_pair(w, to, fma(c, yr, fma(sr, xr, si * xi)), fma(c, yi, fma(si, xr, -(sr * xi))))
    for m in range(q + 1, n):
        _rotate(w, a + p * row + m * column, a + q * row + m * column, c, sr, -si)
    for m in range(n):
        _rotate(w, u + m * row + p * column, u + m * row + q * column, c, sr, si)


@njit
def _sort(w: Floats, u: int, e: int, n: int) -> None:
    """Exchange columns lane by lane until the eigenvalues ascend."""
    row = 2 * breadth(n) * LANES
    for last in range(n - 1, 0, -1):
        for j in range(last):
            low, high = load(w, e + j * LANES), load(w, e + (j + 1) * LANES)
            swap = low > high
            if anywhere(swap):
                store(w, e + j * LANES, select(swap, high, low))
                store(w, e + (j + 1) * LANES, select(swap, low, high))
                for m in range(n):
                    at = u + m * row + 2 * j * LANES
                    for part in range(2):
                        left, right = at + part * LANES, at + (2 + part) * LANES
                        x, y = load(w, left), load(w, right)
                        store(w, left, select(swap, y, x))
                        store(w, right, select(swap, x, y))
