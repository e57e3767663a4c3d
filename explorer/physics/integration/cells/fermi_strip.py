r"""The thermal strip along a Fermi line that crosses a triangle, by quadrature along rays from one corner.

Where one corner $V$ lies on one side of $\mu$ and the opposite edge on the other, each ray $V + r\,(P(t) - V)$ to a
point of that edge crosses the line once. Along a ray the integrals of (8) and (9) are those over
$x=(\epsilon-\mu)/k_BT$ with the weights $f_0-\theta(-x)$, $-f_0'$, $s_0$ and $-x f_0'$, all taken at the Gauss nodes of
$-f_0'$; what is filled at $T=0$ is added by Gauss-Legendre. No sub-cell of the size of $k_BT/|v|$ is needed.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.integration.cells.triangle_polynomial import (
    DEGREE,
    polynomial_and_slopes,
    polynomial_at,
)
from explorer.physics.simd.lanes import LANES, Lanes, anywhere, fma, load, magnitude, splat, store, total

CLEAR = 12.0
"""Reduced energy that the corners must keep from mu at least; what the window has beyond them counts as error."""
NODES = 6
"""Gauss nodes of -f0', symmetric."""
NEWTON = 12
"""Steps after which a crossing counts as not found."""


def _logistic_rule(count: int) -> tuple[Floats, Floats]:
    """Nodes x (count,) and weights (4, count) for int weight(x) G(x) dx, exact for G of degree count - 1.

    Weights: f0 - theta(-x), -f0' (this one exact to degree 2 count - 1), s0/k_B and -x f0'.
    """
    points, shares = np.polynomial.legendre.leggauss(24)
    edges = np.arange(0.0, 61.0)
    half = (edges[:-1, None] + (points + 1) / 2).ravel()
    x = np.concatenate([-half[::-1], half])
    dx = np.tile(shares / 2, 60)
    dx = np.concatenate([dx[::-1], dx])
    decay = np.exp(-np.abs(x))
    peak = decay / (1 + decay) ** 2
    step = np.sign(x) * decay / (1 + decay)
    entropy = np.abs(x) * decay / (1 + decay) + np.log1p(decay)
    # Orthonormal polynomials of -f0' by Stieltjes: the nodes are the eigenvalues of their recurrence.
    basis, off = [np.ones_like(x)], list[float]()
    for n in range(1, count):
        p = x * basis[-1] - (off[-1] * basis[-2] if n > 1 else 0.0)
        norm = np.sqrt(np.sum(dx * peak * p * p))
        off.append(float(norm))
        basis.append(p / norm)
    nodes, vectors = np.linalg.eigh(np.diag(off, 1) + np.diag(off, -1))
    gauss = vectors[0] ** 2
    at_nodes = vectors / vectors[0]  # p_n(x_i)
    moments = [[np.sum(dx * w * p) for p in basis] for w in (step, peak, entropy, x * peak)]
    return nodes, np.asarray(gauss * (np.array(moments) @ at_nodes))


def _without(nodes: Floats, weights: Floats, left_out: tuple[int, ...]) -> Floats:
    """Weights (..., n) of the same functionals on some of their nodes only, exact to as many degrees as are left."""
    kept = [i for i in range(len(nodes)) if i not in left_out]
    scaled = nodes / np.abs(nodes).max()
    powers = np.array([scaled**d for d in range(len(kept))])
    out = np.zeros_like(weights)
    out[..., kept] = np.linalg.solve(powers[:, kept], (powers @ weights[..., None])[..., 0][..., None])[
        ..., 0
    ]
    return out


StripTables: TypeAlias = tuple[Floats, Floats, Floats, Floats, Floats, Floats]
"""What `strip_tables` gives."""


def strip_tables() -> StripTables:
    """Constant arguments of `strip_integral`: thermal nodes, their fine and coarse weights, outer nodes with fine and
    coarse weights, inner nodes and weights.
    """
    nodes, fine = _logistic_rule(NODES)
    coarse = _without(nodes, fine, (0, NODES - 1))
    t, shares = np.polynomial.legendre.leggauss(LANES)
    rough = _without(t, shares[None] / 2, (2, 5))[0]
    s, inner = np.polynomial.legendre.leggauss((DEGREE + 3) // 2)
    flat = np.stack([(t + 1) / 2, shares / 2, rough]).ravel()
    return nodes, fine, coarse, np.ascontiguousarray(flat), (s + 1) / 2, inner / 2


@njit
def _crossing(
    coefficients: Floats,
    target: float,
    tolerance: float,
    sign: float,
    vx: Lanes,
    vy: Lanes,
    dx: Lanes,
    dy: Lanes,
    r: Lanes,
) -> tuple[Lanes, Lanes, bool]:
    """Where eight rays reach an energy, by Newton from r: (r, slope along the ray, whether all do inside)."""
    slope = splat(0.0)
    for _ in range(NEWTON):
        e, by_x, by_y = polynomial_and_slopes(coefficients, 0, fma(dx, r, vx), fma(dy, r, vy))
        slope = by_x * dx + by_y * dy
        r = r - (e - target) / slope
        if not anywhere(magnitude(e - target) > tolerance):
            inside = total(r) >= 0.0  # False for NaN too
            inside = inside and not (anywhere(r < 0.0) or anywhere(r > 1.0) or anywhere(slope * sign < 0.0))
            return r, slope * sign, inside
    return r, slope, False


@njit
def strip_integral(
    corners: Floats,
    share: float,
    coefficients: Floats,
    centre: float,
    width: float,
    unseen: float,
    nodes: Floats,
    fine: Floats,
    coarse: Floats,
    outer: Floats,
    inner: Floats,
    inner_shares: Floats,
    work: Floats,
    value: Floats,
    difference: Floats,
) -> bool:
    """Value (2 C,) of one band on a triangle that its Fermi line cuts cleanly, and its difference from lower orders.

    corners (3, 2) barycentric in the family, of which the triangle is `share`; coefficients (1 + 2 C, terms) of
    energy, sea and surface densities; unseen : change of the energy that may hide between the points of a rule.
    work (40 C + 16,) is scratch. Returns False, with nothing of use in the outputs, where the strip leaves the
    triangle elsewhere than through two edges.
    """
    components = (coefficients.shape[0] - 1) // 2
    outputs = 2 * components
    for i in range(LANES):
        work[i] = 3.0 * corners[i % 3, 0] - 1.0
        work[LANES + i] = 3.0 * corners[i % 3, 1] - 1.0
    corner_energies = polynomial_at(coefficients, 0, load(work, 0), load(work, LANES)) - centre
    ax, ay, bx, by, cx, cy = work[0], work[8], work[1], work[9], work[2], work[10]
    store(work, 0, corner_energies)
    a, b, c = work[0], work[1], work[2]
    if abs(a) < CLEAR * width or abs(b) < CLEAR * width or abs(c) < CLEAR * width:
        return False
    # The corner that is alone on its side of mu comes first.
    if (a > 0) == (b > 0):
        if (b > 0) == (c > 0):
            return False
        a, ax, ay, cx, cy = c, cx, cy, ax, ay
    elif (a > 0) == (c > 0):
        a, ax, ay, bx, by = b, bx, by, ax, ay
    sign = 1.0 if a < 0 else -1.0  # of the energy's change along the rays
    t = load(outer, 0)
    vx, vy = splat(ax), splat(ay)
    dx, dy = fma(t, splat(cx - bx), splat(bx - ax)), fma(t, splat(cy - by), splat(by - ay))
    far = (polynomial_at(coefficients, 0, vx + dx, vy + dy) - centre) * sign
    if anywhere(far < CLEAR * width + 0.6 * unseen):
        return False
    # Nowhere near mu may the energy run back along a ray.
    for i in range(1, 5):
        r = splat(0.25 * i)
        e, by_x, by_y = polynomial_and_slopes(coefficients, 0, fma(dx, r, vx), fma(dy, r, vy))
        runs_back = (by_x * dx + by_y * dy) * sign < 0.0
        if anywhere(runs_back & (magnitude(e - centre) < CLEAR * width + 2.0 * unseen)):
            return False
    start = abs(a)
    tolerance = 1e-7 * width
    line, slope, found = _crossing(
        coefficients, centre, tolerance, sign, vx, vy, dx, dy, splat(start) / (far + start)
    )
    if not found:
        return False
    for i in range(2 * outputs + components):
        store(work, LANES * i, splat(0.0))
    for i in range(nodes.size):
        guess = line + splat(nodes[i] * width * sign) / slope
        r, steep, found = _crossing(
            coefficients, centre + nodes[i] * width, tolerance, sign, vx, vy, dx, dy, guess
        )
        if not found:
            return False
        x, y = fma(dx, r, vx), fma(dy, r, vy)
        measure = 2.0 * r / steep
        for o in range(components):
            sea = polynomial_at(coefficients, 1 + o, x, y) * measure * width
            surface = polynomial_at(coefficients, 1 + components + o, x, y) * measure
            p, q = LANES * o, LANES * (components + o)
            store(work, p, load(work, p) + sea * fine[0, i] + surface * fine[1, i])
            store(work, q, load(work, q) + sea * fine[2, i] + surface * fine[3, i])
            p, q = p + LANES * outputs, q + LANES * outputs
            store(work, p, load(work, p) + sea * coarse[0, i] + surface * coarse[1, i])
            store(work, q, load(work, q) + sea * coarse[2, i] + surface * coarse[3, i])
            p = LANES * (2 * outputs + o)
            store(work, p, load(work, p) + (magnitude(sea) + magnitude(surface)) / nodes.size)
    # What is filled at T = 0: from the lone corner to the line, or from there on.
    base, length = (splat(0.0), line) if sign > 0 else (line, splat(1.0) - line)
    for i in range(inner.size):
        r = fma(length, splat(inner[i]), base)
        x, y = fma(dx, r, vx), fma(dy, r, vy)
        measure = r * length * (2.0 * inner_shares[i])
        for o in range(components):
            sea = polynomial_at(coefficients, 1 + o, x, y) * measure
            p, q = LANES * o, LANES * (outputs + o)
            store(work, p, load(work, p) + sea)
            store(work, q, load(work, q) + sea)
    clear = min(abs(a), abs(b), abs(c)) / width
    beyond = (1.0 + clear) * np.exp(-clear)
    for o in range(outputs):
        value[o] = share * total(load(work, LANES * o) * load(outer, LANES))
        lower = share * total(load(work, LANES * (outputs + o)) * load(outer, 2 * LANES))
        difference[o] = value[o] - lower
    for o in range(components):
        tail = beyond * share * total(load(work, LANES * (2 * outputs + o)) * load(outer, LANES))
        difference[o] += tail if difference[o] > 0 else -tail
        difference[components + o] += tail if difference[components + o] > 0 else -tail
    return True
