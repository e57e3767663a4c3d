r"""Geometry of the bands that mu reaches, interpolated from nodes, with what the interpolation is off by.

Nodes on n x n points give the matrices of `matrices`; in one smooth gauge they are interpolated and the small problem
is solved at any k. How far that is off is not seen by any quadrature, so it is measured: at points drawn with the
weight of what a response sums there, against the full kernel. n grows until that is a tenth of the wanted error, and
twice what is found joins the error bars.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.geometry.bloch import energies
from explorer.physics.kernels.large_matrices import one_blas_thread
from explorer.physics.kernels.rows import ROW_COUNT, ROWS
from explorer.physics.progress import Pool, Progress, part_of
from explorer.physics.reduction.gauge import Patches, interpolated_matrices, patches
from explorer.physics.reduction.kernel import reduced_bands
from explorer.physics.reduction.matrices import FILLED, NAMES, Nodes, adjoint, nodes
from explorer.physics.reduction.window import groups_around, reach
from explorer.physics.units import K_B

FILLED_ROWS = {"t1_x": "T1_x", "t1_y": "T1_y", "curvature": "Omega"}
"""Rows of a geometry of which the sum over the filled bands is among `FILLED`."""
LEAST_BANDS = 24
"""Smallest matrix for which a reduction pays."""
LOOK = 12
"""Points a side of the mesh on which the group is chosen."""
MESHES = (12, 16, 24, 32, 48)
"""Points a side of the nodes' mesh, tried in turn."""
LEAST_OVERLAP = 0.05
"""Least singular value of the gauge's overlap with its reference below which there is no smooth gauge."""
CHECKS, CANDIDATES = 32, 4096
"""Points at which the interpolation is held against the full kernel, and points among which they are drawn."""
SHARE = 0.1
"""Error of the interpolation over the error wanted of the response, at most."""
ENERGY_SHARE = 2e-3
"""Error of an energy over k_B T, at most."""
GROUPS_TRIED = 2
WINDOW = 12.0
"""Distance from mu, in units of k_B T, within which bands count in the check."""
HOPE = 1.3
"""Mesh that the errors so far call for, over the finest one, up to which that one is tried."""
SEED = 11
"""Seed of the check points: the same run gives the same bars."""
POINTS_AT_ONCE = 16384
"""Points of patches in one share of work, about."""


@dataclass(eq=False)
class Kept:
    """What is known of one Hamiltonian.

    nodes : by start and stop of their group. groups : interpolations by start, stop and points a side. levels : of
    every band on `LOOK` x `LOOK` points, (N, LOOK, LOOK) [eV].
    """

    nodes: MutableMapping[tuple[int, int], Nodes] = field(default_factory=dict)
    groups: dict[tuple[int, int, int], ReducedBands] = field(default_factory=dict)
    levels: Floats | None = None


@dataclass(frozen=True, eq=False)
class Check:
    """The interpolation beside the full kernel at points (K,) of weights (K,), of the same bands."""

    exact: BandGeometry
    reduced: BandGeometry
    weights: Floats

    def misfit(
        self, densities: Callable[[BandGeometry], tuple[Floats, Floats]], low: float, high: float
    ) -> float:
        """Error of a response's densities relative to their size, of bands between two energies [eV]."""
        near = (self.exact.energy > low) & (self.exact.energy < high)
        found = 0.0
        for exact, reduced in zip(densities(self.exact), densities(self.reduced), strict=True):
            size = (np.abs(exact) * near).sum(axis=(0, 1)) @ self.weights
            off = (np.abs(exact - reduced) * near).sum(axis=(0, 1)) @ self.weights
            found = max(found, float(off / size) if size > 0 else 0.0)
        return found

    @property
    def energy_misfit(self) -> float:
        """Largest error of an energy [eV]."""
        return float(np.abs(self.exact.energy - self.reduced.energy).max())


class ReducedBands:
    """A group of bands of one Hamiltonian; called as `band_geometry`.

    window : the bands, from 0. n : points a side of the nodes' mesh. energy : (N, n, n) of all bands at the nodes.
    filled : `FILLED` summed over the bands below, mean over the zone, (4,), and filled_error its change from the mesh
    of every other node. check : how far the interpolation is off.
    """

    def __init__(self, h: LatticeHamiltonian, found: Nodes, n: int) -> None:
        self.window, self.n, self.pairs = found.window, n, _paired(h, found)
        self.energy = found.energy.reshape(-1, n, n)
        sums = found.filled.reshape(-1, n, n)
        self.filled = sums.mean(axis=(1, 2))
        self.filled_error = np.abs(self.filled - sums[:, ::2, ::2].mean(axis=(1, 2)))
        self._cell = np.asarray(h.cell, dtype=float)
        self._patches: Patches = patches(found, n)
        self.check: Check | None = None

    def filled_density(
        self, densities: Callable[[BandGeometry], tuple[Floats, Floats]]
    ) -> tuple[Floats, Floats]:
        """Sea density of a response summed over the filled bands below, mean over the zone, and its error, (C,) each.

        NaN where the response sums more of them than `FILLED` holds.
        """
        found = []
        for sums in (self.filled, self.filled_error):
            values = np.full((ROW_COUNT, 1, 1), np.nan)
            for row, name in FILLED_ROWS.items():
                values[ROWS[row]] = sums[FILLED.index(name)]
            found.append(
                densities(BandGeometry(np.zeros((2, 1)), values, np.zeros((1, 1), dtype=np.int64)))[0]
            )
        return found[0][:, 0, 0], np.abs(found[1][:, 0, 0])

    def checked(self, check: Check) -> ReducedBands:
        """The same group with another check: of other energies, or of another response."""
        found = copy(self)
        found.check = check
        return found

    @property
    def overlap(self) -> float:
        """Least singular value of the gauge's overlap with its reference: 0 where no smooth gauge exists."""
        return self._patches.overlap

    def __call__(
        self,
        h: Hamiltonian,
        k: Floats,
        *,
        pool: Pool | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> BandGeometry:
        """Geometry of the group at k (2, K), rows as of the full kernel; the second term of (11) is not there (NaN).

        h : of whose tolerance the degenerate groups are.
        """
        k = np.ascontiguousarray(k, dtype=float)
        s, t = self._fractions(k)
        order, starts = self._by_patch(s, t)
        size, count = self._patches.size, self._patches.count
        values = np.full((ROW_COUNT, size, k.shape[1]), np.nan)
        groups = np.empty((size, k.shape[1]), dtype=np.int64)

        def work(part: slice) -> None:
            reduced_bands(
                self._patches.table,
                count,
                s,
                t,
                order,
                starts,
                size,
                float(h.degeneracy_tolerance),
                self.pairs,
                values,
                groups,
                part.start,
                part.stop,
            )

        parts = _shares(starts, k.shape[1])
        for done, _ in enumerate(pool.map(work, parts) if pool else map(work, parts), start=1):
            if progress:
                progress(done / len(parts))
        return BandGeometry(k, values, groups)

    def velocities(self, k: Floats) -> tuple[Floats, Complexes]:
        """Levels (K, M) and D_iH in their basis (2, K, M, M) at k (2, K), as of `near_crossings.Velocities`."""
        s, t = self._fractions(k)
        m = interpolated_matrices(self._patches, s, t)
        energy, states = np.linalg.eigh(m[:, NAMES.index("h")])
        slopes = [adjoint(states) @ m[:, NAMES.index(name)] @ states for name in ("B_x", "B_y")]
        return energy, np.stack(slopes)

    def _fractions(self, k: Floats) -> tuple[Floats, Floats]:
        """Coordinates of k (2, K) in the unit square, (K,) each."""
        s, t = self._cell @ k / (2 * np.pi)
        return s - np.floor(s), t - np.floor(t)

    def _by_patch(self, s: Floats, t: Floats) -> tuple[Integers, Integers]:
        """Numbers of the points (s, t) patch by patch, and where each patch begins among them."""
        count = self._patches.count
        row, column = (np.minimum((x * count).astype(np.int64), count - 1) for x in (s, t))
        patch = row * count + column
        order = np.argsort(patch, kind="stable")
        starts = np.searchsorted(patch[order], np.arange(count * count + 1))
        return order.astype(np.int64), starts.astype(np.int64)


def _paired(h: LatticeHamiltonian, found: Nodes) -> bool:
    """Whether the group's levels are pairs at every node, as where PT holds."""
    inside = found.energy[found.window]
    if h.kramers_pairs:
        return True
    if len(inside) % 2:
        return False
    return bool((inside[1::2] - inside[::2]).max() <= h.degeneracy_tolerance)


def _shares(starts: Integers, points: int) -> list[slice]:
    """Ranges of patches of about `POINTS_AT_ONCE` points, or a sixth of all, each."""
    size = max(1, min(POINTS_AT_ONCE, -(-points // 6)))
    edges = np.unique(np.searchsorted(starts, np.arange(0, points + size, size)))
    edges[0], edges[-1] = 0, len(starts) - 1
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]


def reduce_bands(
    h: Hamiltonian,
    mu: Floats,
    kelvin: Floats,
    densities: Callable[[BandGeometry], tuple[Floats, Floats]],
    wanted: float,
    *,
    kept: Kept | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> ReducedBands | None:
    """The group of bands that mu (M,) [eV] reaches at temperatures (T,) [K], as accurate as wanted, or None.

    densities : sea and surface density of a response, by which the check points are drawn and judged. wanted : error
    of the response relative to its size. kept : nodes from before, by group; what is computed is left there. None
    where no gaps isolate a small group, where it has no smooth gauge (a Chern number), or where `MESHES` end before
    the error is small enough.
    """
    if not isinstance(h, LatticeHamiltonian) or h.size < LEAST_BANDS:
        return None
    mu, kelvin = np.atleast_1d(mu), np.atleast_1d(kelvin)
    kept = kept or Kept()
    if kept.levels is None:
        steps = np.arange(LOOK) / LOOK
        with one_blas_thread():
            kept.levels = energies(h, _wave_vectors(h, steps, steps)).reshape(-1, LOOK, LOOK)
    bands = reach(kept.levels, mu, float(kelvin.max()))
    for group in groups_around(kept.levels, bands)[:GROUPS_TRIED]:
        found = _of_group(h, group, mu, kelvin, densities, wanted, kept, pool, progress)
        if found is not None:
            return found
    return None


def _of_group(
    h: LatticeHamiltonian,
    group: slice,
    mu: Floats,
    kelvin: Floats,
    densities: Callable[[BandGeometry], tuple[Floats, Floats]],
    wanted: float,
    kept: Kept,
    pool: Pool | None,
    progress: Progress | None,
) -> ReducedBands | None:
    """One group, on meshes of nodes until the check is met; None where it will not be."""
    far = WINDOW * K_B * float(kelvin.max())
    low, high = float(mu.min()) - far, float(mu.max()) + far
    key = group.start, group.stop
    found: Nodes | None = kept.nodes.get(key)
    drawn: tuple[BandGeometry, Floats] | None = None
    tried: list[tuple[int, float]] = []
    n: int | None = MESHES[0] if found is None else int(np.sqrt(found.k.shape[1]))
    while n is not None:
        if found is None or found.k.shape[1] != n * n:
            kept.nodes[key] = found = _grown(h, group, found, n, pool, _told(progress, found, n))
        if (*key, n) not in kept.groups:
            kept.groups[(*key, n)] = ReducedBands(h, found, n)
        reduced = kept.groups[(*key, n)]
        if reduced.overlap < LEAST_OVERLAP:
            return None
        if drawn is None:
            k, weights = _drawn(h, reduced, densities, low, high, pool)
            drawn = band_geometry(h, k, pool=pool, bands=group), weights
        check = Check(drawn[0], reduced(h, drawn[0].k, pool=pool), drawn[1])
        # Both as shares of what is allowed.
        off = check.misfit(densities, low, high) / (SHARE * wanted)
        off = max(off, check.energy_misfit / (ENERGY_SHARE * K_B * float(kelvin.min())))
        if off <= 1:
            return reduced.checked(check)
        tried.append((n, off))
        n = _next_mesh(tried)
    return None


def _told(progress: Progress | None, before: Nodes | None, n: int) -> Progress | None:
    """Progress of the nodes of one mesh as progress of all meshes, of which there are usually three."""
    if progress is None:
        return None
    done = 0 if before is None else before.k.shape[1]
    expected = max(MESHES[2], n) ** 2
    return part_of(progress, min(1.0, done / expected), min(1.0, n * n / expected))


def _next_mesh(tried: list[tuple[int, float]]) -> int | None:
    """The next mesh, from those that were tried and their errors over the one allowed, which fall exponentially.

    >>> _next_mesh([(12, 100.0)]), _next_mesh([(12, 100.0), (16, 10.0)]), _next_mesh([(12, 100.0), (16, 99.0)])
    (16, 24, None)
    """
    n, off = tried[-1]
    finer = [m for m in MESHES if m > n]
    if len(tried) == 1 or not finer:
        return finer[0] if finer else None
    rate = np.log(tried[-2][1] / off) / (n - tried[-2][0])
    needed = n + np.log(off) / rate if rate > 0 else np.inf
    return next((m for m in finer if m >= needed), finer[-1] if needed < HOPE * finer[-1] else None)


def _grown(
    h: LatticeHamiltonian,
    group: slice,
    before: Nodes | None,
    n: int,
    pool: Pool | None,
    progress: Progress | None,
) -> Nodes:
    """Nodes on n x n points; those that an earlier mesh has are taken from there."""
    steps = np.arange(n) / n
    k = _wave_vectors(h, steps, steps)
    if before is None:
        return nodes(h, k, group, pool, progress)
    there = {key: at for at, key in enumerate(_keys(h, before.k))}
    own = _keys(h, k)
    new = [at for at, key in enumerate(own) if key not in there]
    both = before.joined(nodes(h, k[:, new], group, pool, progress))
    there |= {own[at]: before.k.shape[1] + place for place, at in enumerate(new)}
    return both.chosen([there[key] for key in own])


def _keys(h: LatticeHamiltonian, k: Floats) -> list[tuple[int, int]]:
    """Whole numbers that stand for the points of all meshes."""
    finest = int(np.lcm.reduce(MESHES))
    st = np.rint(np.asarray(h.cell) @ k / (2 * np.pi) * finest).astype(int) % finest
    return [(int(a), int(b)) for a, b in st.T]


def _wave_vectors(h: LatticeHamiltonian, s: Floats, t: Floats) -> Floats:
    """k (2, S T) at every s and t of the unit square, s slow."""
    grid = np.stack(np.meshgrid(s, t, indexing="ij")).reshape(2, -1)
    return np.ascontiguousarray(h.reciprocal.T @ grid)


def _drawn(
    h: LatticeHamiltonian,
    reduced: ReducedBands,
    densities: Callable[[BandGeometry], tuple[Floats, Floats]],
    low: float,
    high: float,
    pool: Pool | None,
) -> tuple[Floats, Floats]:
    """Check points (2, CHECKS), half by what a response sums there, half by plain chance; and 1 / probability."""
    rng = np.random.default_rng(SEED)
    k = np.ascontiguousarray(h.reciprocal.T @ rng.random((2, CANDIDATES)))
    g = reduced(h, k, pool=pool)
    near = (g.energy > low) & (g.energy < high)
    probability = np.full(CANDIDATES, 0.5)
    parts = [(np.abs(d) * near).sum(axis=(0, 1)) for d in densities(g)]
    for part in parts:
        total = part.sum()
        probability += (part / total if total > 0 else np.full(CANDIDATES, 1 / CANDIDATES)) * CANDIDATES / 4
    probability /= probability.sum()
    chosen = rng.choice(CANDIDATES, CHECKS, replace=False, p=probability)
    return np.ascontiguousarray(k[:, chosen]), 1 / probability[chosen]
