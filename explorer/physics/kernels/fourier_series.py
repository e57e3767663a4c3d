r"""H(k) and its k-derivatives, eight wave vectors at a time, from terms that are not zero.

A `Series` is a list of real or complex functions of k, the elements $i \le j$ of H or the coefficients of
Dirac matrices, each a short sum $\sum_R (a_R\cos k\cdot D_R + b_R\sin k\cdot D_R)$ over half of the lattice vectors
or $\sum_{pq} t_{pq}\,k_x^p k_y^q$. On a lattice the phases of all R follow from those of the two lattice vectors by
multiplication, so a wave vector costs two sines and two cosines wherever it lies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.simd.lanes import (
    LANES,
    Lanes,
    fma,
    load,
    nearest,
    pair,
    select,
    splat,
    store,
    store_pair,
)

FIELDS = 6
"""f, f_x, f_y, f_xx, f_xy, f_yy."""


class Series(NamedTuple):
    """Functions of k as arrays for the kernels.

    polynomial : whether the basis is k_x^p k_y^q instead of phases.
    cell : (2, 2) lattice vectors as rows [angstrom].
    steps : (B, 3) per basis function its integers (R1, R2) or (p, q), and the number of its shift (0: none).
    shifts : (S, 2) vectors that phases carry besides R [angstrom]; the first is zero.
    reach : (2,) largest |R1|, |R2| or p, q.
    weights : (B, 5) x, y, xx, xy, yy of the displacement of each basis function [angstrom].
    start, terms, coefficient : function f sums basis functions terms[start[f]:start[f+1]] times coefficient[...]:
        of powers (T, 2) real and imaginary part, on a lattice (T, 4) re a, im a, re b, im b; of real functions
        (T, 1) and (T, 2) a, b.
    dipole_start, dipole_terms, dipole_coefficient : the same for the connection, (T, 8): x then y.
    delta : (F, 2) displacement common to all terms of f and left out of its phases [angstrom].
    """

    polynomial: bool
    cell: Floats
    steps: Integers
    shifts: Floats
    reach: Integers
    weights: Floats
    start: Integers
    terms: Integers
    coefficient: Floats
    dipole_start: Integers
    dipole_terms: Integers
    dipole_coefficient: Floats
    delta: Floats


def second_weights(d: Floats) -> Floats:
    """x, y, xx, xy, yy of displacements (B, 2)."""
    x, y = d.T
    return np.ascontiguousarray(np.stack([x, y, x * x, x * y, y * y], axis=1))


def compressed(table: Floats) -> tuple[Integers, Integers, Floats]:
    """Rows of terms that are not zero: start (F+1,), index (T,) and the coefficients (T, C) of a table (F, B, C)."""
    row, index = np.nonzero((table != 0).any(axis=2))
    start = np.searchsorted(row, np.arange(len(table) + 1))
    return start.astype(np.int64), index.astype(np.int64), np.ascontiguousarray(table[row, index])


def half_of(vectors: Integers) -> tuple[Integers, Integers]:
    """Which of the vectors (R, 2) stand for themselves and their opposites, and the opposite of each of these.

    The opposite is -1 where a vector stands for itself alone: R = 0, one without opposite, a second one like it.
    """
    number = {(int(p), int(q)): at for at, (p, q) in enumerate(vectors)}
    kept, opposite = list[int](), list[int]()
    for at, (p, q) in enumerate(vectors):
        other = number.get((-int(p), -int(q)), -1)
        alone = other in (-1, at) or number[int(p), int(q)] != at
        if alone or (p, q) > (0, 0):
            kept.append(at)
            opposite.append(-1 if alone else other)
    return np.array(kept, dtype=np.int64), np.array(opposite, dtype=np.int64)


def waves(matrices: Complexes, kept: Integers, opposite: Integers) -> Floats:
    r"""Coefficients of $\sum_R t_R e^{ik\cdot R}=\sum_{half}(a\cos k\cdot R+b\sin k\cdot R)$, re a, im a, re b, im b.

    matrices : (R, F) t of every vector. kept, opposite : of `half_of`. Returns (F, half, 4).
    """
    here = matrices[kept]
    there = np.where((opposite < 0)[:, None], 0.0, matrices[opposite])
    a, b = here + there, 1j * (here - there)
    return np.stack([a.real, a.imag, b.real, b.imag], axis=-1).transpose(1, 0, 2)


def room(series: Series) -> int:
    """Lanes that `basis` needs at its `at`, the basis functions included."""
    r1, r2 = (int(r) for r in series.reach)
    if series.polynomial:
        return (r1 + 1) + (r2 + 1) + FIELDS * len(series.steps)
    return 2 * (2 * r1 + 1) + 2 * (2 * r2 + 1) + 2 * len(series.shifts) + 2 * len(series.steps)


@njit
def aligned(count: int) -> Floats:
    """Room for `count` lanes that starts on a cache line."""
    memory = np.empty((count + 1) * LANES)
    skip = (-(memory.ctypes.data // 8)) % LANES
    return memory[skip : skip + count * LANES]


_TWO_OVER_PI = 0.6366197723675814
# pi/2 in three parts of 33 bits (fdlibm).
_P1, _P2, _P3 = 1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21
_S = (
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
_C = (
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)


@njit
def cos_sin(x: Lanes, w: Floats, at: int) -> None:
    """Cosine to w[at], sine to w[at+1] (in lanes); fdlibm's polynomials, good to 1 ulp for |x| < 1e5."""
    turn = nearest(x * _TWO_OVER_PI)
    y = fma(turn, splat(-_P1), x)
    y = fma(turn, splat(-_P2), y)
    y = fma(turn, splat(-_P3), y)
    z = y * y
    s = fma(z, splat(_S[5]), splat(_S[4]))
    s = fma(s, z, splat(_S[3]))
    s = fma(s, z, splat(_S[2]))
    s = fma(s, z, splat(_S[1]))
    s = fma(s, z, splat(_S[0]))
    s = fma(s * z, y, y)
    c = fma(z, splat(_C[5]), splat(_C[4]))
    c = fma(c, z, splat(_C[3]))
    c = fma(c, z, splat(_C[2]))
    c = fma(c, z, splat(_C[1]))
    c = fma(c, z, splat(_C[0]))
    c = fma(c * z, z, fma(z, splat(-0.5), splat(1.0)))
    # turn modulo 4, in -2..2: odd quarters exchange the two, signs follow.
    quarter = fma(nearest(turn * 0.25), splat(-4.0), turn)
    square = quarter * quarter
    odd = square == 1.0
    half = square > 2.0
    cosine = select(odd, s * -quarter, select(half, -c, c))
    sine = select(odd, c * quarter, select(half, -s, s))
    store_pair(w, at * LANES, cosine, sine)


@njit
def _times(w: Floats, a: int, b: int, out: int) -> None:
    """Complex product of w[a] and w[b] to w[out], each two lanes."""
    ar, ai = pair(w, a * LANES)
    br, bi = pair(w, b * LANES)
    store_pair(w, out * LANES, fma(ar, br, -(ai * bi)), fma(ar, bi, ai * br))


@njit
def _powers(x: Lanes, reach: int, w: Floats, at: int) -> None:
    """exp(i p x) for p = -reach..reach."""
    middle = at + 2 * reach
    store_pair(w, middle * LANES, splat(1.0), splat(0.0))
    if reach > 0:
        cos_sin(x, w, middle + 2)
    for p in range(2, reach + 1):
        # Doubling keeps the error of high powers at the logarithm of p.
        half = p // 2
        _times(w, middle + 2 * half, middle + 2 * (p - half), middle + 2 * p)
    for p in range(1, reach + 1):
        store_pair(
            w,
            (middle - 2 * p) * LANES,
            load(w, (middle + 2 * p) * LANES),
            -load(w, (middle + 2 * p + 1) * LANES),
        )


@njit
def basis(kx: Lanes, ky: Lanes, series: Series, w: Floats, at: int) -> int:
    """Basis functions at eight k to w, returns where they start (in lanes).

    Phases: real and imaginary part of each. Polynomials: value and five derivatives of each.
    """
    r1, r2 = series.reach[0], series.reach[1]
    if series.polynomial:
        return _monomials(kx, ky, series.steps, r1, r2, w, at)
    a = series.cell
    one, two = at, at + 2 * (2 * r1 + 1)
    shift = two + 2 * (2 * r2 + 1)
    out: int = shift + 2 * len(series.shifts)
    _powers(fma(kx, splat(a[0, 0]), ky * a[0, 1]), r1, w, one)
    _powers(fma(kx, splat(a[1, 0]), ky * a[1, 1]), r2, w, two)
    for s in range(1, len(series.shifts)):
        cos_sin(fma(kx, splat(series.shifts[s, 0]), ky * series.shifts[s, 1]), w, shift + 2 * s)
    for b in range(len(series.steps)):
        p, q, s = series.steps[b, 0], series.steps[b, 1], series.steps[b, 2]
        _times(w, one + 2 * (r1 + p), two + 2 * (r2 + q), out + 2 * b)
        if s > 0:
            _times(w, out + 2 * b, shift + 2 * s, out + 2 * b)
    return out


@njit
def _monomials(kx: Lanes, ky: Lanes, steps: Integers, r1: int, r2: int, w: Floats, at: int) -> int:
    one, two = at, at + r1 + 1
    out = two + r2 + 1
    store(w, one * LANES, splat(1.0))
    store(w, two * LANES, splat(1.0))
    for p in range(1, r1 + 1):
        store(w, (one + p) * LANES, load(w, (one + p - 1) * LANES) * kx)
    for q in range(1, r2 + 1):
        store(w, (two + q) * LANES, load(w, (two + q - 1) * LANES) * ky)
    for b in range(len(steps)):
        p, q = steps[b, 0], steps[b, 1]
        # Below the lowest power the factor is zero, whatever stands in the place of the power.
        x0, x1, x2 = (
            load(w, (one + p) * LANES),
            load(w, (one + max(p - 1, 0)) * LANES),
            load(w, (one + max(p - 2, 0)) * LANES),
        )
        y0, y1, y2 = (
            load(w, (two + q) * LANES),
            load(w, (two + max(q - 1, 0)) * LANES),
            load(w, (two + max(q - 2, 0)) * LANES),
        )
        to = (out + FIELDS * b) * LANES
        store_pair(w, to, x0 * y0, x1 * y0 * float(p))
        store_pair(w, to + 2 * LANES, x0 * y1 * float(q), x2 * y0 * float(p * (p - 1)))
        store_pair(w, to + 4 * LANES, x1 * y1 * float(p * q), x0 * y2 * float(q * (q - 1)))
    return out


@njit
def element(series: Series, f: int, w: Floats, phases: int, to: int) -> None:
    """The complex function f and its derivatives: w[to], 6 fields of (re, im)."""
    first, last = series.start[f], series.start[f + 1]
    zero = splat(0.0)
    r, rx, ry, rxx, rxy, ryy = zero, zero, zero, zero, zero, zero
    i, ix, iy, ixx, ixy, iyy = zero, zero, zero, zero, zero, zero
    if series.polynomial:
        for t in range(first, last):
            b = (phases + FIELDS * series.terms[t]) * LANES
            tr, ti = splat(series.coefficient[t, 0]), splat(series.coefficient[t, 1])
            v = load(w, b)
            r, i = fma(tr, v, r), fma(ti, v, i)
            v = load(w, b + LANES)
            rx, ix = fma(tr, v, rx), fma(ti, v, ix)
            v = load(w, b + 2 * LANES)
            ry, iy = fma(tr, v, ry), fma(ti, v, iy)
            v = load(w, b + 3 * LANES)
            rxx, ixx = fma(tr, v, rxx), fma(ti, v, ixx)
            v = load(w, b + 4 * LANES)
            rxy, ixy = fma(tr, v, rxy), fma(ti, v, ixy)
            v = load(w, b + 5 * LANES)
            ryy, iyy = fma(tr, v, ryy), fma(ti, v, iyy)
    else:
        for t in range(first, last):
            b = series.terms[t]
            c, s = pair(w, (phases + 2 * b) * LANES)
            ar, ai = splat(series.coefficient[t, 0]), splat(series.coefficient[t, 1])
            br, bi = splat(series.coefficient[t, 2]), splat(series.coefficient[t, 3])
            # u + iv = a cos + b sin, and its derivative by the angle.
            u, v = fma(ar, c, br * s), fma(ai, c, bi * s)
            du, dv = fma(br, c, -(ar * s)), fma(bi, c, -(ai * s))
            x, y, xx, xy, yy = (
                splat(series.weights[b, 0]),
                splat(series.weights[b, 1]),
                splat(series.weights[b, 2]),
                splat(series.weights[b, 3]),
                splat(series.weights[b, 4]),
            )
            r, i = r + u, i + v
            rx, ix = fma(x, du, rx), fma(x, dv, ix)
            ry, iy = fma(y, du, ry), fma(y, dv, iy)
            rxx, ixx = fma(xx, u, rxx), fma(xx, v, ixx)
            rxy, ixy = fma(xy, u, rxy), fma(xy, v, ixy)
            ryy, iyy = fma(yy, u, ryy), fma(yy, v, iyy)
        rxx, ixx, rxy, ixy, ryy, iyy = -rxx, -ixx, -rxy, -ixy, -ryy, -iyy
        dx, dy = splat(series.delta[f, 0]), splat(series.delta[f, 1])
        # The displacement delta left out of the phases: d -> d + i delta.
        rxx, ixx = fma(dx, -(ix + ix) - dx * r, rxx), fma(dx, rx + rx - dx * i, ixx)
        ryy, iyy = fma(dy, -(iy + iy) - dy * r, ryy), fma(dy, ry + ry - dy * i, iyy)
        rxy, ixy = rxy - dx * iy - dy * ix - dx * dy * r, ixy + dx * ry + dy * rx - dx * dy * i
        rx, ix = fma(-dx, i, rx), fma(dx, r, ix)
        ry, iy = fma(-dy, i, ry), fma(dy, r, iy)
    to *= LANES
    store_pair(w, to, r, i)
    store_pair(w, to + 2 * LANES, rx, ix)
    store_pair(w, to + 4 * LANES, ry, iy)
    store_pair(w, to + 6 * LANES, rxx, ixx)
    store_pair(w, to + 8 * LANES, rxy, ixy)
    store_pair(w, to + 10 * LANES, ryy, iyy)


@njit
def dipole_element(series: Series, f: int, w: Floats, phases: int, to: int) -> None:
    """Element f of A_x, A_y, d_x A_x, d_x A_y, d_y A_x, d_y A_y: w[to], 6 fields of (re, im)."""
    dx, dy = splat(series.delta[f, 0]), splat(series.delta[f, 1])
    for a in range(2):
        zero = splat(0.0)
        r, i, rx, ix, ry, iy = zero, zero, zero, zero, zero, zero
        for t in range(series.dipole_start[f], series.dipole_start[f + 1]):
            b = series.dipole_terms[t]
            c, s = pair(w, (phases + 2 * b) * LANES)
            ar, ai, br, bi = (
                splat(series.dipole_coefficient[t, 4 * a]),
                splat(series.dipole_coefficient[t, 4 * a + 1]),
                splat(series.dipole_coefficient[t, 4 * a + 2]),
                splat(series.dipole_coefficient[t, 4 * a + 3]),
            )
            r, i = fma(ar, c, fma(br, s, r)), fma(ai, c, fma(bi, s, i))
            du, dv = fma(br, c, -(ar * s)), fma(bi, c, -(ai * s))
            x, y = splat(series.weights[b, 0]), splat(series.weights[b, 1])
            rx, ix = fma(x, du, rx), fma(x, dv, ix)
            ry, iy = fma(y, du, ry), fma(y, dv, iy)
        rx, ix = fma(-dx, i, rx), fma(dx, r, ix)
        ry, iy = fma(-dy, i, ry), fma(dy, r, iy)
        base = (to + 2 * a) * LANES
        store_pair(w, base, r, i)
        store_pair(w, base + 4 * LANES, rx, ix)
        store_pair(w, base + 8 * LANES, ry, iy)


@njit
def real_function(series: Series, f: int, w: Floats, phases: int, to: int) -> None:
    """Real part of the function f and its derivatives: w[to], 6 fields."""
    zero = splat(0.0)
    r, rx, ry, rxx, rxy, ryy = zero, zero, zero, zero, zero, zero
    if series.polynomial:
        for t in range(series.start[f], series.start[f + 1]):
            b = (phases + FIELDS * series.terms[t]) * LANES
            tr = splat(series.coefficient[t, 0])
            r, rx = fma(tr, load(w, b), r), fma(tr, load(w, b + LANES), rx)
            ry, rxx = fma(tr, load(w, b + 2 * LANES), ry), fma(tr, load(w, b + 3 * LANES), rxx)
            rxy, ryy = fma(tr, load(w, b + 4 * LANES), rxy), fma(tr, load(w, b + 5 * LANES), ryy)
    else:
        for t in range(series.start[f], series.start[f + 1]):
            b = series.terms[t]
            c, s = pair(w, (phases + 2 * b) * LANES)
            even, odd = splat(series.coefficient[t, 0]), splat(series.coefficient[t, 1])
            u, du = fma(even, c, odd * s), fma(odd, c, -(even * s))
            r = r + u
            rx, ry = fma(splat(series.weights[b, 0]), du, rx), fma(splat(series.weights[b, 1]), du, ry)
            rxx, rxy = fma(splat(-series.weights[b, 2]), u, rxx), fma(splat(-series.weights[b, 3]), u, rxy)
            ryy = fma(splat(-series.weights[b, 4]), u, ryy)
    to *= LANES
    store_pair(w, to, r, rx)
    store_pair(w, to + 2 * LANES, ry, rxx)
    store_pair(w, to + 4 * LANES, rxy, ryy)
