r"""Integration inside one family of cells once its bands are smooth there: no more diagonalizations.

At low temperature the Fermi factors vary over $k_BT/|v|$, far finer than energies and densities do. Where a
polynomial fits these on the 64 points of a family (the misfit on the 64 points is the test), the family is refined
on the polynomial alone: sub-cells that a Fermi line cuts cleanly are integrated along rays (`fermi_strip`), the others
quartered, down to whatever $k_BT$ asks for, by the same rule and the same error estimate as the real cells.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.integration.cells.cells import BARYCENTRIC, RULE
from explorer.physics.integration.cells.fermi_strip import StripTables, strip_integral, strip_tables
from explorer.physics.integration.cells.triangle_polynomial import (
    FIT,
    POINTS,
    VALUES,
    fit_polynomial,
    polynomial_at,
)
from explorer.physics.simd.lanes import LANES, anywhere, fma, load, splat, total
from explorer.physics.simd.occupations import LOG_SERIES, lane_occupations

MAX_DEPTH = 14
FAR = 30.0
"""Reduced energy beyond which a sub-cell is taken as filled or empty: exp(-30) = 1e-13."""
UNSEEN = 0.15
"""Gap that the rule's points leave, relative to the longest edge."""
BLIND = 2.0
"""Change of an energy over that gap, in units of k_B T, from which on the points can miss the Fermi line.

With 4 the difference of two such quadratures says too little: one error of alpha in forty was above its bar.
"""


@njit
def _cell(
    corners: Floats,
    share: float,
    bary: Floats,
    rule: Floats,
    coefficients: Floats,
    centre: float,
    width: float,
    unseen: float,
    log_series: Floats,
    value: Floats,
) -> int:
    """Value (2 C,) of one band on a sub-cell that is `share` of the family; bary flat (3 x 16).

    Returns 0 where the occupations are constant (the value is then exact), 1 where they vary, 2 where besides
    they may do so between the points. A cell whose quarters will be blind too is not evaluated.
    """
    components = (coefficients.shape[0] - 1) // 2
    (ax, ay), (bx, by), (cx, cy) = (
        (3.0 * corners[0, 0] - 1.0, 3.0 * corners[0, 1] - 1.0),
        (3.0 * corners[1, 0] - 1.0, 3.0 * corners[1, 1] - 1.0),
        (3.0 * corners[2, 0] - 1.0, 3.0 * corners[2, 1] - 1.0),
    )
    a, b, c = load(bary, 0), load(bary, POINTS), load(bary, 2 * POINTS)
    x1, y1 = fma(a, splat(ax), fma(b, splat(bx), c * cx)), fma(a, splat(ay), fma(b, splat(by), c * cy))
    a, b, c = load(bary, LANES), load(bary, POINTS + LANES), load(bary, 2 * POINTS + LANES)
    x2, y2 = fma(a, splat(ax), fma(b, splat(bx), c * cx)), fma(a, splat(ay), fma(b, splat(by), c * cy))
    e1, e2 = polynomial_at(coefficients, 0, x1, y1), polynomial_at(coefficients, 0, x2, y2)
    value[:] = 0.0
    top, bottom = centre + FAR * width + unseen, centre - FAR * width - unseen
    if not (anywhere(e1 < top) or anywhere(e2 < top)):
        return 0
    w1, w2 = load(rule, 0) * share, load(rule, LANES) * share
    if not (anywhere(e1 > bottom) or anywhere(e2 > bottom)):
        for o in range(components):
            a1, a2 = polynomial_at(coefficients, 1 + o, x1, y1), polynomial_at(coefficients, 1 + o, x2, y2)
            value[o] = total(fma(w1, a1, w2 * a2))
        return 0
    state = 1
    if unseen > BLIND * width:
        top, bottom = centre + 10.0 * width + unseen, centre - 10.0 * width - unseen
        if (anywhere(e1 < top) or anywhere(e2 < top)) and (anywhere(e1 > bottom) or anywhere(e2 > bottom)):
            if unseen > 2.0 * BLIND * width:
                return 2
            state = 2
    r1, r2 = (e1 - centre) / width, (e2 - centre) / width
    f1, slope1, s1 = lane_occupations(r1, log_series)
    f2, slope2, s2 = lane_occupations(r2, log_series)
    f1, f2, s1, s2 = f1 * w1, f2 * w2, s1 * w1, s2 * w2
    slope1, slope2 = slope1 * w1 / width, slope2 * w2 / width
    for o in range(components):
        a1, a2 = polynomial_at(coefficients, 1 + o, x1, y1), polynomial_at(coefficients, 1 + o, x2, y2)
        row = 1 + components + o
        b1, b2 = (
            slope1 * polynomial_at(coefficients, row, x1, y1),
            slope2 * polynomial_at(coefficients, row, x2, y2),
        )
        value[o] = total(fma(f1, a1, f2 * a2) + b1 + b2)
        value[components + o] = total(fma(s1, a1, s2 * a2) + fma(r1, b1, r2 * b2))
    return state


@njit
def _refine(
    coefficients: Floats,
    bary: Floats,
    rule: Floats,
    centre: float,
    width: float,
    unseen: float,
    log_series: Floats,
    strip: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
    budget: float,
    want: Floats,
    value: Floats,
    signed: Floats,
    squared: Floats,
) -> bool:
    """Integrate one band of a family on its polynomials: adds to value, signed and squared (2 C,).

    budget : squared error, relative to want, allowed for the family. What is refined lies along a line, so a
    sub-cell may use the share of its length.
    """
    outputs = value.size
    stack = np.empty((4 * MAX_DEPTH + 8, 3, 2))
    depth = np.empty(4 * MAX_DEPTH + 8, dtype=np.int64)
    own = np.empty((4 * MAX_DEPTH + 8, outputs))
    child = np.empty((4, 3, 2))
    part = np.empty((4, outputs))
    state = np.empty(4, dtype=np.int64)
    stack[0] = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    depth[0] = 0
    if _cell(stack[0], 1.0, bary, rule, coefficients, centre, width, unseen, log_series, own[0]) == 0:
        for o in range(outputs):
            value[o] += own[0, o]
        return True
    top = 1
    complete = True
    whole, off = np.empty(outputs), np.empty(outputs)
    work = np.empty(20 * outputs + 16)
    while top > 0:
        top -= 1
        level = depth[top]
        if strip_integral(
            stack[top],
            0.25**level,
            coefficients,
            centre,
            width,
            unseen * 0.5**level,
            *strip,
            work,
            whole,
            off,
        ):
            worst = 0.0
            for o in range(outputs):
                worst = max(worst, (off[o] / want[o]) ** 2)
            if worst <= budget * 0.5**level:
                for o in range(outputs):
                    value[o] += whole[o]
                    signed[o] += off[o]
                    squared[o] += off[o] ** 2
                continue
        for d in range(2):
            a, b, c = stack[top, 0, d], stack[top, 1, d], stack[top, 2, d]
            ab, bc, ca = 0.5 * (a + b), 0.5 * (b + c), 0.5 * (c + a)
            child[0, 0, d], child[0, 1, d], child[0, 2, d] = a, ab, ca
            child[1, 0, d], child[1, 1, d], child[1, 2, d] = ab, b, bc
            child[2, 0, d], child[2, 1, d], child[2, 2, d] = ca, bc, c
            child[3, 0, d], child[3, 1, d], child[3, 2, d] = ab, bc, ca
        blind = False
        for i in range(4):
            state[i] = _cell(
                child[i],
                0.25 ** (level + 1),
                bary,
                rule,
                coefficients,
                centre,
                width,
                unseen * 0.5 ** (level + 1),
                log_series,
                part[i],
            )
            blind = blind or state[i] == 2
        worst = 0.0
        for o in range(outputs):
            difference = part[0, o] + part[1, o] + part[2, o] + part[3, o] - own[top, o]
            worst = max(worst, (difference / want[o]) ** 2)
        crude = worst > budget * 0.5 ** (level + 1)
        if level == MAX_DEPTH and crude:
            complete = False
        if (blind or crude) and level < MAX_DEPTH:
            for i in range(4):
                if state[i] == 0:
                    for o in range(outputs):
                        value[o] += part[i, o]
                else:
                    stack[top] = child[i]
                    depth[top] = level + 1
                    own[top] = part[i]
                    top += 1
            continue
        for o in range(outputs):
            fine = part[0, o] + part[1, o] + part[2, o] + part[3, o]
            value[o] += fine
            signed[o] += fine - own[top, o]
            squared[o] += (fine - own[top, o]) ** 2
    return complete


@njit
def _fit_band(
    energy: Floats,
    sea: Floats,
    surface: Floats,
    first: int,
    n: int,
    measure: Floats,
    fit: Floats,
    values: Floats,
    samples: Floats,
    coefficients: Floats,
    misfit: Floats,
) -> None:
    """Coefficients (1 + 2 C, terms) of one band of the family whose children begin at `first`, and their misfits.

    misfit (1 + 2 C, 2): misfit and largest modulus of the energy, and of sea and surface densities times measure.
    """
    components, points = sea.shape[0], energy.shape[2]
    for q in range(samples.size):
        samples[q] = energy[n, first + q // points, q % points]
    misfit[0, 0] = fit_polynomial(samples, fit, values, coefficients[0])
    for row in range(2 * components):
        largest = 0.0
        for q in range(samples.size):
            if row < components:
                here = sea[row, n, first + q // points, q % points]
            else:
                here = surface[row - components, n, first + q // points, q % points]
            samples[q] = here * measure[q]
            largest = max(largest, abs(samples[q]))
        misfit[1 + row, 0] = fit_polynomial(samples, fit, values, coefficients[1 + row])
        misfit[1 + row, 1] = largest


@njit
def integrate_families(
    energy: Floats,
    speed: Floats,
    sea: Floats,
    surface: Floats,
    weights: Floats,
    reach: Floats,
    family: Integers,
    mu: Floats,
    kT: Floats,
    budget: Floats,
    want: Floats,
    bary: Floats,
    rule: Floats,
    fit: Floats,
    values: Floats,
    log_series: Floats,
    strip: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
    value: Floats,
    signed: Floats,
    squared: Floats,
    done: Bools,
) -> None:
    """Integrate (family, mu, kT) jobs on polynomials where these fit; jobs of one family in a row share its fits.

    energy, speed (N, 4 P, 16), sea, surface (C, N, 4 P, 16), weights (4 P, 16), reach (4 P,): the children's
    points, children of one family in a row. family, mu, kT, budget (J,), want (J, 2 C): a family may spend a
    squared error of `budget`, relative to want, on misfits and as much on quadrature. Out: value, signed, squared
    (J, 2 C), misfits included, and done (J,), False where a polynomial does not fit (nothing is then to be
    taken from the other outputs).
    """
    components, bands = sea.shape[0], sea.shape[1]
    points = rule.size
    size = 4 * points
    samples, measure = np.empty(size), np.empty(size)
    coefficients = np.empty((bands, 1 + 2 * components, fit.shape[0]))
    misfits = np.empty((bands, 1 + 2 * components, 2))
    scrap = np.empty(fit.shape[0])
    filled, wrong_filled = np.zeros((components, size)), np.zeros(components)
    lowest, highest, unseen = np.empty(bands), np.empty(bands), np.empty(bands)
    fitted, active, full, was_full = (
        np.zeros(bands, dtype=np.bool_),
        np.empty(bands, dtype=np.bool_),
        np.empty(bands, dtype=np.bool_),
        np.empty(bands, dtype=np.bool_),
    )
    misfit = np.empty(2 * components)
    before = -1
    for job in range(family.size):
        first = 4 * family[job]
        centre, width = mu[job], kT[job]
        same = family[job] == before
        if not same:
            before = family[job]
            edge = 2.0 * reach[first]
            for q in range(size):
                measure[q] = 4.0 * weights[first + q // points, q % points] / rule[q % points]
            for n in range(bands):
                fitted[n] = False
                low, high, fastest = np.inf, -np.inf, 0.0
                for q in range(size):
                    e = energy[n, first + q // points, q % points]
                    low, high = min(low, e), max(high, e)
                    fastest = max(fastest, speed[n, first + q // points, q % points])
                lowest[n], highest[n], unseen[n] = low, high, UNSEEN * fastest * edge
        for n in range(bands):
            above = lowest[n] - 0.5 * unseen[n] > centre + FAR * width
            full[n] = not above and highest[n] + 0.5 * unseen[n] < centre - FAR * width
            active[n] = not (above or full[n])
            same = same and full[n] == was_full[n]
            was_full[n] = full[n]
        if not same:
            filled[:] = 0.0
            for n in range(bands):
                if full[n]:
                    for c in range(components):
                        for q in range(size):
                            filled[c, q] += sea[c, n, first + q // points, q % points] * measure[q]
            for c in range(components):
                wrong_filled[c] = fit_polynomial(filled[c], fit, values, scrap)
        misfit[:components] = wrong_filled
        misfit[components:] = 0.0
        for n in range(bands):
            if not active[n]:
                continue
            if not fitted[n]:
                fitted[n] = True
                _fit_band(
                    energy, sea, surface, first, n, measure, fit, values, samples, coefficients[n], misfits[n]
                )
            # How much of the family lies within d of an energy is at most about `density` d; a misfit of the
            # energy moves the Fermi line, and varies itself over an eighth of the family.
            spread = max(highest[n] - lowest[n], 1e-30)
            density, bend = min(0.25 / width, 2.0 / spread), min(1.0 / width, 8.0 / spread)
            wrong_energy = misfits[n, 0, 0]
            for c in range(components):
                wrong_sea, largest_sea = misfits[n, 1 + c]
                wrong_surface, largest_surface = misfits[n, 1 + components + c]
                moved = density * (wrong_surface + wrong_energy * (largest_sea + bend * largest_surface))
                misfit[c] += wrong_sea + moved
                misfit[components + c] += min(0.7, 3.3 * width * density) * wrong_sea + moved
        worst = 0.0
        for o in range(2 * components):
            worst = max(worst, (misfit[o] / want[job, o]) ** 2)
        fits = worst <= budget[job]
        for n in range(bands):
            if fits and active[n]:
                fits = _refine(
                    coefficients[n],
                    bary,
                    rule,
                    centre,
                    width,
                    unseen[n],
                    log_series,
                    strip,
                    budget[job],
                    want[job],
                    value[job],
                    signed[job],
                    squared[job],
                )
        for c in range(components):
            for q in range(size):
                value[job, c] += 0.25 * rule[q % points] * filled[c, q]
        for o in range(2 * components):
            squared[job, o] += misfit[o] ** 2
        done[job] = fits


@cache
def polynomial_tables() -> tuple[Floats, Floats, Floats, Floats, Floats, StripTables]:
    """Constant arguments bary, rule, fit, values, log_series, strip of `integrate_families`."""
    flat: Floats = np.ascontiguousarray(BARYCENTRIC.T).ravel()
    return flat, RULE, np.asarray(FIT, float), VALUES, LOG_SERIES, strip_tables()
