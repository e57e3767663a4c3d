r"""Triangular cells of the unit square for adaptive quadrature, their rule and their refinement.

Cells are refined into four by the midpoints of their edges, which keeps every point-group operation of the
lattice: an error that is equal by symmetry refines equally, so components that vanish by symmetry cancel to
rounding even on an adapted mesh.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.integration.uniform.triangles import diagonals
from explorer.physics.zone.domain import Zone


def _orbit(weight: float, *barycentric: float) -> list[tuple[float, float, float, float]]:
    a, b, c = barycentric
    seats = {(a, b, c), (b, c, a), (c, a, b), (a, c, b), (c, b, a), (b, a, c)}
    return [(*s, weight) for s in sorted(seats)]


def _degree_eight() -> tuple[Floats, Floats]:
    """Sixteen points, exact to degree 8 [D. A. Dunavant, Int. J. Numer. Meth. Eng. 21, 1129 (1985)]."""
    third = 1 / 3
    p, q, r = 0.081414823414554, 0.658861384496480, 0.898905543365938
    s, t = 0.008394777409958, 0.263112829634638
    table = (
        _orbit(0.144315607677787, third, third, third)[:1]
        + _orbit(0.095091634267285, p, (1 - p) / 2, (1 - p) / 2)
        + _orbit(0.103217370534718, q, (1 - q) / 2, (1 - q) / 2)
        + _orbit(0.032458497623198, r, (1 - r) / 2, (1 - r) / 2)
        + _orbit(0.027230314174435, s, t, 1 - s - t)
    )
    rule = np.array(table)
    return rule[:, :3], rule[:, 3] / rule[:, 3].sum()


BARYCENTRIC, RULE = _degree_eight()
"""(16, 3) and (16,); the weights sum to one."""


def base_cells(zone: Zone, n: int) -> Floats:
    """Triangles that tile the unit square, (P, 3 corners, 2): n x n squares, split as the point group wants.

    Along the shorter diagonal, or, where both are equal, into four triangles at the centre.
    """
    s, t = (a.ravel() / n for a in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    h = 1.0 / n
    p00, p10, p01, p11 = (np.stack([s + a, t + b], axis=1) for a, b in ((0, 0), (h, 0), (0, h), (h, h)))
    middle = np.stack([s + h / 2, t + h / 2], axis=1)
    pick = diagonals(zone)
    if pick > 0:
        corners = [(p00, p10, p11), (p00, p01, p11)]
    elif pick < 0:
        corners = [(p10, p00, p01), (p10, p11, p01)]
    else:
        corners = [(p00, p10, middle), (p10, p11, middle), (p11, p01, middle), (p01, p00, middle)]
    return np.concatenate([np.stack(c, axis=1) for c in corners])


def split(cells: Floats) -> Floats:
    """Each cell into four by its edge midpoints: (P, 3, 2) to (P, 4, 3, 2)."""
    a, b, c = cells[:, 0], cells[:, 1], cells[:, 2]
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    return np.stack(
        [np.stack(v, axis=1) for v in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))], axis=1
    )


def quadrature_points(zone: Zone, cells: Floats) -> tuple[Floats, Floats, Floats]:
    """Points and weights of the rule on each cell.

    Returns
    -------
    k : (2, P, 16) [1/angstrom]; weights : (P, 16) d2k/(2 pi)^2 [1/angstrom^2]; reach : (P,) longest edge in
    k [1/angstrom].
    """
    points = np.einsum("qv,pvd->dpq", BARYCENTRIC, cells)
    a, b, c = cells[:, 0], cells[:, 1], cells[:, 2]
    area = 0.5 * np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    weights = area[:, None] * RULE * zone.jacobian(points[0], points[1]) / (4 * np.pi**2)
    corners = zone.wave_vectors(cells[..., 0], cells[..., 1])
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=2), axis=0)
    return zone.wave_vectors(points[0], points[1]), weights, edges.max(axis=1)
