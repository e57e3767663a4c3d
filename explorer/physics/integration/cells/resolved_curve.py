"""The T = 0 integrals of families of cells on two nested grids of sub-triangles, for `mott_integral`."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.integration.cells.triangle_polynomial import DEGREE, fit_polynomial
from explorer.physics.integration.uniform.triangles import add_triangles

WINDOW = 20.0
"""Half width of the thermal window in units of k_B T: -f0' is 2e-9 of its maximum there."""
GRID = 8
"""Sub-triangles per edge of a piece."""
MIN_DEPTH, MAX_DEPTH = 2, 12
"""Times at least and at most that a cell is quartered before it is cut into sub-triangles."""
RISE = 1.0
"""Change of the energy across a sub-triangle, in units of k_B T, down to which cells are cut."""


@njit
def _at(corners: Floats, local: Floats, coefficients: Floats, out: Floats) -> None:
    """Polynomials (R, terms) at points (Q, 2) local to a sub-cell with reference corners (3, 2): out[:, :Q]."""
    for q in range(local.shape[0]):
        a, b = local[q, 0], local[q, 1]
        c = 1.0 - a - b
        x = 3.0 * (a * corners[0, 0] + b * corners[1, 0] + c * corners[2, 0]) - 1.0
        y = 3.0 * (a * corners[0, 1] + b * corners[1, 1] + c * corners[2, 1]) - 1.0
        for r in range(coefficients.shape[0]):
            out[r, q] = 0.0
        t, power_x = 0, 1.0
        for p in range(DEGREE + 1):
            term = power_x
            for _ in range(DEGREE + 1 - p):
                for r in range(coefficients.shape[0]):
                    out[r, q] += coefficients[r, t] * term
                term *= y
                t += 1
            power_x *= x


@njit
def add_resolved_families(
    energy: Floats,
    speed: Floats,
    densities: Floats,
    weights: Floats,
    reach: Floats,
    mu: Floats,
    windows: Floats,
    kT: float,
    misfit: Floats,
    floor: Floats,
    fit: Floats,
    values: Floats,
    rule: Floats,
    fine: Floats,
    fine_triangles: Integers,
    coarse: Floats,
    coarse_triangles: Integers,
    nodes: Floats,
    sums: Floats,
    done: Bools,
    last: bool,
    unresolved: Bools,
) -> int:
    """Cut families down to the windows, put the pieces on grids and add them to the cumulative sums.

    energy, speed (N, 4 P, 16), densities (2 C, N, 4 P, 16), weights (4 P, 16), reach (4 P,), windows (W, 2)
    ascending. misfit (2,): that is let pass, of an energy [eV] and of a density relative to its largest value; floor
    (2 C,): of a density times its cell's weight. sums: (2 grids, inside
    and steps, E, 2 C). done (P,): False where a polynomial does not fit (the family then adds nothing), unless
    `last`. unresolved (M,): set where a family that does not fit is added all the same within reach of mu (M,).

    Returns the work done: sub-triangles, and nodes that these cut, as many as a level line can meet.
    """
    work = 0
    bands, points = energy.shape[0], rule.size
    depth = densities.shape[0]
    size = 4 * points
    samples, measure = np.empty(size), np.empty(size)
    coefficients = np.empty((bands, 1 + depth, fit.shape[0]))
    crossing = np.empty(bands, dtype=np.bool_)
    stack, level = np.empty((4 * MAX_DEPTH + 8, 3, 2)), np.empty(4 * MAX_DEPTH + 8, dtype=np.int64)
    values_at = np.empty((1 + depth, fine.shape[0]))
    probe = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.5, 0.5], [0.0, 0.5], [0.5, 0.0]])
    grids = (fine, coarse)
    triangles = (fine_triangles, coarse_triangles)
    for family in range(done.size):
        first = 4 * family
        for q in range(size):
            measure[q] = 4.0 * weights[first + q // points, q % points] / rule[q % points]
        fits = True
        for n in range(bands):
            fitted = True
            lowest, highest = np.inf, -np.inf
            for q in range(size):
                samples[q] = energy[n, first + q // points, q % points]
                lowest, highest = min(lowest, samples[q]), max(highest, samples[q])
            margin = 0.5 * (highest - lowest)
            crossing[n] = False
            for w in range(windows.shape[0]):
                if lowest - margin < windows[w, 1] and highest + margin > windows[w, 0]:
                    crossing[n] = True
            if not crossing[n]:
                continue
            if fit_polynomial(samples, fit, values, coefficients[n, 0]) > misfit[0]:
                fitted = False
            for d in range(depth):
                largest = 0.0
                for q in range(size):
                    samples[q] = densities[d, n, first + q // points, q % points] * measure[q]
                    largest = max(largest, abs(samples[q]))
                allowed = misfit[1] * largest + floor[d]
                if fit_polynomial(samples, fit, values, coefficients[n, 1 + d]) > allowed:
                    fitted = False
            fits = fits and fitted
            if last and not fitted:
                for m in range(mu.size):
                    if lowest - margin < mu[m] + WINDOW * kT and highest + margin > mu[m] - WINDOW * kT:
                        unresolved[m] = True
        done[family] = fits or last
        if not done[family]:
            continue
        for n in range(bands):
            if not crossing[n]:
                continue
            fastest = 0.0
            for q in range(size):
                fastest = max(fastest, speed[n, first + q // points, q % points])
            depth_wanted, rise = 0, fastest * 2.0 * reach[first] / GRID
            while (rise > RISE * kT or depth_wanted < MIN_DEPTH) and depth_wanted < MAX_DEPTH:
                rise *= 0.5
                depth_wanted += 1
            top = 1
            stack[0] = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
            level[0] = 0
            while top > 0:
                top -= 1
                corners = stack[top].copy()
                here = level[top]
                _at(corners, probe, coefficients[n, :1], values_at)
                lowest, highest = values_at[0, :6].min(), values_at[0, :6].max()
                margin = 0.5 * (highest - lowest)
                touches = False
                for w in range(windows.shape[0]):
                    if lowest - margin < windows[w, 1] and highest + margin > windows[w, 0]:
                        touches = True
                if not touches:
                    continue
                if here == depth_wanted:
                    between = np.searchsorted(nodes, highest) - np.searchsorted(nodes, lowest)
                    for g in range(2):
                        count = grids[g].shape[0]
                        edge = GRID >> g
                        work += edge * (edge + 2 * between)
                        _at(corners, grids[g], coefficients[n], values_at)
                        share = np.full(triangles[g].shape[0], 0.25**here / triangles[g].shape[0])
                        add_triangles(
                            values_at[0, :count],
                            values_at[1:, :count],
                            triangles[g],
                            share,
                            nodes,
                            sums[g, 0],
                            sums[g, 1],
                        )
                    continue
                for child in range(4):
                    for corner in range(3):
                        for d in range(2):
                            if child == 3:
                                stack[top, corner, d] = 0.5 * (
                                    corners[corner, d] + corners[(corner + 1) % 3, d]
                                )
                            else:
                                stack[top, corner, d] = 0.5 * (corners[corner, d] + corners[child, d])
                    level[top] = here + 1
                    top += 1
    return work


Tables: TypeAlias = tuple[
    Floats, Floats, float, Floats, Floats, Floats, Floats, Floats, Floats, Integers, Floats, Integers, Floats
]
"""The arguments of `add_resolved_families` from mu to the nodes."""
