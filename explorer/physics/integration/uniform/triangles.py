r"""The zero-temperature curve by linear interpolation in triangles.

In a triangle with corner energies $e_1\le e_2\le e_3$ the filled part at $\eta$ is a triangle at corner 1 (below
$e_2$) or what a triangle at corner 3 leaves (above), and a linear density integrates to the mean of its three corners
times the area [G. Lehmann and M. Taut, Phys. Status Solidi B 54, 469 (1972)]. No energy is binned: the cumulative
sums are evaluated at the nodes themselves.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.progress import Pool
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc, Zone


def mesh_triangles(zone: Zone, n: int) -> tuple[Integers, Floats]:
    """Triangles of the n x n mesh of a reciprocal cell, as corner indices (P, 3) and weights (P,).

    Each cell is split along its shorter diagonal; where both are equal (rectangular cells) it is split both
    ways with half the weight, so the triangulation keeps the point group (theory section 2). Weights are
    d2k/(2 pi)^2 [1/angstrom^2] and sum to the zone.
    """
    if isinstance(zone, Disc):
        raise TypeError("a disc has triangles of its own: disc_triangles")
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))

    def corner(di: int, dj: int) -> Integers:
        return np.asarray(((i + di) % n) * n + (j + dj) % n)

    p00, p10, p01, p11 = corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)
    rising = [np.stack([p00, p10, p11], axis=1), np.stack([p00, p01, p11], axis=1)]
    falling = [np.stack([p10, p00, p01], axis=1), np.stack([p10, p11, p01], axis=1)]
    pick = diagonals(zone)
    triangles = np.concatenate((rising if pick >= 0 else []) + (falling if pick <= 0 else []))
    return triangles, np.full(len(triangles), zone.area / (4 * np.pi**2) / len(triangles))


def diagonals(zone: Zone) -> int:
    """Which diagonal of a cell is shorter: 1 from (0,0) to (1,1), -1 the other one, 0 both alike."""
    if isinstance(zone, Disc):
        return 0
    b1, b2 = zone.reciprocal
    overlap = float(b1 @ b2) / zone.area
    return 0 if abs(overlap) < 1e-6 else (-1 if overlap > 0 else 1)


def disc_triangles(zone: Disc, n: int) -> tuple[Floats, Integers, Floats]:
    """Nodes k (2, n*(n+1)), triangles (P, 3) and weights of a polar mesh: n rings of n spokes, split both ways."""
    s, t = np.meshgrid(np.arange(n + 1) / n, np.arange(n) / n, indexing="ij")
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))

    def corner(di: int, dj: int) -> Integers:
        return np.asarray((i + di) * n + (j + dj) % n)

    p00, p10, p01, p11 = corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)
    triangles = np.concatenate(
        [np.stack(c, axis=1) for c in ((p00, p10, p11), (p00, p01, p11), (p10, p00, p01), (p10, p11, p01))]
    )
    k = zone.wave_vectors(s.ravel(), t.ravel())
    a, b, c = (k[:, triangles[:, q]] for q in range(3))
    area = 0.5 * np.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
    return k, triangles, area / (4 * np.pi**2) / 2


def zone_triangles(zone: Zone, n: int) -> tuple[Floats, Integers, Floats]:
    """Nodes k (2, K), triangles (P, 3) and weights (P,) of either kind of zone."""
    if isinstance(zone, Disc):
        return disc_triangles(zone, n)
    return zone.mesh(n)[0], *mesh_triangles(zone, n)


@njit
def add_triangles(
    energy: Floats,
    density: Floats,
    triangles: Integers,
    weights: Floats,
    nodes: Floats,
    inside: Floats,
    steps: Floats,
) -> None:
    """Cumulative sums of D densities of one band: partial fillings into `inside`, full ones into `steps`.

    energy (K,), density (D, K); inside and steps (E, D): A(node e) = inside[e] + sum_{e' <= e} steps[e'].
    """
    count = nodes.size
    depth = density.shape[0]
    for p in range(triangles.shape[0]):
        i, j, k = triangles[p, 0], triangles[p, 1], triangles[p, 2]
        if energy[i] > energy[j]:
            i, j = j, i
        if energy[j] > energy[k]:
            j, k = k, j
        if energy[i] > energy[j]:
            i, j = j, i
        e1, e2, e3 = energy[i], energy[j], energy[k]
        first = np.searchsorted(nodes, e1, side="right")
        if first == count:
            continue
        w = weights[p] / 3.0
        e = first
        while e < count and nodes[e] < e3:
            eta = nodes[e]
            if eta < e2:
                t2 = (eta - e1) / (e2 - e1)
                t3 = (eta - e1) / (e3 - e1)
                fill = w * t2 * t3
                for d in range(depth):
                    a = density[d, i]
                    inside[e, d] += fill * (3 * a + t2 * (density[d, j] - a) + t3 * (density[d, k] - a))
            else:
                t1 = (e3 - eta) / (e3 - e1)
                t2 = (e3 - eta) / (e3 - e2)
                hole = w * t1 * t2
                for d in range(depth):
                    a = density[d, k]
                    inside[e, d] += w * (density[d, i] + density[d, j] + a) - hole * (
                        3 * a + t1 * (density[d, i] - a) + t2 * (density[d, j] - a)
                    )
            e += 1
        if e < count:
            for d in range(depth):
                steps[e, d] += w * (density[d, i] + density[d, j] + density[d, k])


def triangle_curve(
    g: BandGeometry,
    triangles: Integers,
    weights: Floats,
    integrand: Integrand,
    nodes: Floats,
    pool: Pool | None = None,
) -> ZeroTemperatureCurve:
    """chi(eta; T = 0) of all bands from a geometry whose points are the corners of triangles.

    Parameters
    ----------
    g : geometry at K points; triangles : (P, 3) indices into them; weights : (P,) [1/angstrom^2].
    integrand : which response.
    nodes : (E,) ascending energies [eV]; the band range is added by `energy_nodes`.
    """
    sea, surface = integrand.densities(g)
    both = np.concatenate([sea, surface])
    depth = len(both)

    def one(bands: slice) -> Floats:
        inside, steps = np.zeros((2, nodes.size, depth))
        density = np.ascontiguousarray(both[:, bands].sum(axis=1))
        add_triangles(
            np.ascontiguousarray(g.energy[bands.start]), density, triangles, weights, nodes, inside, steps
        )
        return inside + np.cumsum(steps, axis=0)

    levels = _levels(g.energy)
    total = sum(pool.map(one, levels) if pool else map(one, levels), np.zeros((nodes.size, depth)))
    half = depth // 2
    return ZeroTemperatureCurve(integrand, nodes, total[:, :half].T.copy(), total[:, half:].T.copy())


def _levels(energy: Floats) -> list[slice]:
    """Bands (N, K) that are one level at every k but for rounding, as those of a crystal with PT symmetry."""
    apart = np.abs(np.diff(energy, axis=0)).max(axis=1) > 1e-13 * np.abs(energy).max()
    edges = [0, *(1 + np.flatnonzero(apart)), len(energy)]
    return [slice(int(first), int(last)) for first, last in pairwise(edges)]


def energy_nodes(
    energy: Floats, count: int, mu: Floats | None = None, temperature: float | None = None
) -> Floats:
    """Nodes over the band range: `count` equidistant ones, the band edges, and k_B T / 16 around each mu.

    energy : (N, K) [eV]; mu : (M,) [eV] with temperature [K], or None.
    """
    low, high = float(energy.min()), float(energy.max())
    span = (high - low) or abs(high) or 1.0
    pad = 1e-9 * span
    edges = np.concatenate([energy.min(axis=1), energy.max(axis=1)])
    parts = [np.linspace(low - pad, high + pad, count), edges]
    if mu is not None and temperature is not None:
        kT = K_B * temperature
        offsets = kT * np.concatenate([np.arange(-12, 12.01, 1 / 16), [-30, -24, -18, -15, 15, 18, 24, 30]])
        parts.append((np.atleast_1d(mu)[:, None] + offsets).ravel())
    nodes = np.unique(np.concatenate(parts))
    nodes = nodes[(nodes >= low - pad) & (nodes <= high + pad)]
    keep = np.concatenate([[True], np.diff(nodes) > 1e-12 * span])
    return np.asarray(nodes[keep])
