"""Polynomials that stand for energies and densities inside one family of cells, fitted to its 64 points."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.integration.cells.cells import BARYCENTRIC, RULE, split
from explorer.physics.simd.lanes import Lanes, fma, splat

DEGREE = 8
POINTS = len(RULE)
FAMILY = 4 * POINTS


def monomials(u: Floats, v: Floats) -> Floats:
    """(points, terms) of the shifted, scaled barycentric coordinates x = 3 u - 1, y = 3 v - 1."""
    x, y = 3 * u - 1, 3 * v - 1
    return np.stack([x**p * y**q for p in range(DEGREE + 1) for q in range(DEGREE + 1 - p)], axis=-1)


_REFERENCE = np.array([[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]])
_NODES = np.einsum("qv,cvd->cqd", BARYCENTRIC, split(_REFERENCE)[0]).reshape(FAMILY, 2)
VALUES: Floats = monomials(_NODES[:, 0], _NODES[:, 1])
"""Monomials at the family's points, (64, terms)."""
FIT: Floats = np.asarray(np.linalg.pinv(VALUES), dtype=float)
"""Least-squares coefficients of samples at the family's points, (terms, 64)."""


@njit(fastmath={"reassoc", "contract"})
def fit_polynomial(samples: Floats, fit: Floats, values: Floats, out: Floats) -> float:
    """Coefficients of 64 samples into out (terms,); returns the largest misfit."""
    for t in range(out.size):
        total = 0.0
        for q in range(samples.size):
            total += fit[t, q] * samples[q]
        out[t] = total
    worst = 0.0
    for q in range(samples.size):
        total = 0.0
        for t in range(out.size):
            total += values[q, t] * out[t]
        worst = max(worst, abs(total - samples[q]))
    return worst


@njit
def polynomial_at(coefficients: Floats, row: int, x: Lanes, y: Lanes) -> Lanes:
    """One row's polynomial at eight points, by Horner in y within Horner in x."""
    t = coefficients.shape[1]
    outer = splat(0.0)
    for p in range(DEGREE, -1, -1):
        inner = splat(0.0)
        for _ in range(DEGREE + 1 - p):
            t -= 1
            inner = fma(inner, y, splat(coefficients[row, t]))
        outer = fma(outer, x, inner)
    return outer


@njit
def polynomial_and_slopes(coefficients: Floats, row: int, x: Lanes, y: Lanes) -> tuple[Lanes, Lanes, Lanes]:
    """One row's polynomial at eight points and its derivatives by x and by y."""
    t = coefficients.shape[1]
    outer, by_x, by_y = splat(0.0), splat(0.0), splat(0.0)
    for p in range(DEGREE, -1, -1):
        inner, slope = splat(0.0), splat(0.0)
        for _ in range(DEGREE + 1 - p):
            t -= 1
            slope = fma(slope, y, inner)
            inner = fma(inner, y, splat(coefficients[row, t]))
        by_x = fma(by_x, x, outer)
        by_y = fma(by_y, x, slope)
        outer = fma(outer, x, inner)
    return outer, by_x, by_y
