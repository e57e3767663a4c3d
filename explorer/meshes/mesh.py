"""The expensive stage: the geometry of a source on a mesh and along its path, computed once and shared."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from explorer.meshes.disk_store import STORE, kept_geometry
from explorer.meshes.reachable_bands import kept_bands
from explorer.models.kit.arrays import Floats, Integers
from explorer.physics.carriers.filling import Filling, neutral_bands
from explorer.physics.carriers.triangle_count import Count, counted
from explorer.physics.cost import MANY_BANDS
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.uniform.thermal_curves import MeshSums
from explorer.physics.integration.uniform.triangles import (
    disc_triangles,
    energy_nodes,
    mesh_triangles,
    triangle_curve,
)
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.progress import Progress, part_of
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.zone.brillouin import brillouin_zone
from explorer.physics.zone.domain import Disc, ReciprocalCell, Zone, zone_of
from explorer.physics.zone.path import SampledPath, sample_path
from explorer.session.ranges import mu_bounds
from explorer.session.source import Source
from explorer.threads import BLOCKS

PATH_POINTS = 240
"""Wave vectors of the band-structure path; a third of it for large matrices."""
COARSE_START_BANDS = 24
"""Matrices from this size on start with the coarsest mesh, before any time has been measured."""
LADDER = (12, 16, 24, 36, 48, 60, 96, 144, 200)
"""Points per side of the meshes on offer; all contain Gamma."""
NODES_PER_POINT = 3
"""Energy nodes of the zero-temperature curve per point along a side of the mesh: finer ones would resolve
triangles."""

WORTH_SHARING = 40_000
"""Wave vectors times bands squared from which threads share a mesh."""


@dataclass(frozen=True, eq=False)
class MeshGeometry:
    """Everything about a source at one parameter set that knows neither mu nor T.

    mesh : points per side. corners : geometry of the bands kept (`kept_bands`) at the corners of the triangles (P, 3)
    with weights (P,).
    picture : geometry on the grid of the maps, mesh x mesh points, first index slow: (i/n, j/n) of the
    reciprocal cell, or y and x over the square around a disc. path : along the band-structure path.
    """

    source: Source
    zone: Zone
    mesh: int
    corners: BandGeometry
    triangles: Integers
    triangle_weights: Floats
    picture: BandGeometry
    path: SampledPath
    path_bands: BandGeometry

    @cached_property
    def weights(self) -> Floats:
        """Weights of the corners in plain sums, (K,) [1/angstrom^2]."""
        share = np.repeat(self.triangle_weights / 3, 3)
        found = np.bincount(self.triangles.ravel(), share, minlength=self.corners.k.shape[1])
        return np.asarray(found, dtype=float)

    @cached_property
    def filled_bands(self) -> int:
        """Whole number of filled bands that the carrier density is counted from.

        The model's own where it states one; else the gap nearest to the filling at the default mu (at most
        four bands away), else that filling rounded.
        """
        stated = self.source.model.neutral_bands
        if stated is not None:
            return stated
        return neutral_bands(self.corners.energy, self.weights, self.source.model.default_mu)

    @cached_property
    def filling(self) -> Filling:
        """Counts carriers by a plain sum: quick enough for drafts."""
        return Filling(self.corners.energy, self.weights, self.filled_bands)

    @cached_property
    def count(self) -> Count:
        """Counts carriers as the command line does, by triangles extrapolated from this mesh and every other point."""
        return counted(
            self.corners.energy,
            self.zone,
            self.mesh,
            self.filled_bands,
            mu_bounds(self.source.key),
            pool=BLOCKS if self.mesh > 100 else None,
        )

    @property
    def counted(self) -> bool:
        """Whether `count` stands: to build it takes up to a tenth of a second."""
        return "count" in self.__dict__

    @cached_property
    def sums(self) -> MeshSums:
        """Plain sums over the corners."""
        return MeshSums.of(self.corners, self.weights)

    @cached_property
    def picture_sums(self) -> MeshSums:
        """Plain sums over the picture's grid, for its map alone."""
        if self.picture is self.corners:
            return self.sums
        return MeshSums.of(self.picture, np.zeros(self.picture.k.shape[1]))

    @cached_property
    def outline(self) -> Floats:
        """Corners of the Brillouin zone, or points of the disc's edge, (P, 2) [1/angstrom]."""
        if isinstance(self.zone, Disc):
            angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
            return self.zone.cutoff * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return _outline(_lattice(self.zone))

    @cached_property
    def curve(self) -> ZeroTemperatureCurve:
        """chi(eta; T = 0) of this mesh by triangles."""
        nodes = energy_nodes(self.corners.energy, max(100, NODES_PER_POINT * self.mesh))
        pool = BLOCKS if self.mesh > 100 else None
        return triangle_curve(self.corners, self.triangles, self.triangle_weights, INTRINSIC, nodes, pool)

    @property
    def nbytes(self) -> int:
        """Size of the arrays [bytes]."""
        parts = {id(g): g for g in (self.corners, self.picture, self.path_bands)}.values()
        return self.triangles.nbytes + sum(g.values.nbytes + g.groups.nbytes + g.k.nbytes for g in parts)


@dataclass(frozen=True)
class _Lattice:
    """A zone that compares by its reciprocal vectors: most parameters leave those, and all drawn from them, alone."""

    vectors: tuple[float, ...]
    zone: ReciprocalCell = field(compare=False)


@lru_cache(maxsize=8)
def _triangles(lattice: _Lattice, n: int) -> tuple[Integers, Floats]:
    return mesh_triangles(lattice.zone, n)


@lru_cache(maxsize=32)
def _outline(lattice: _Lattice) -> Floats:
    return brillouin_zone(lattice.zone.reciprocal)


def _lattice(zone: ReciprocalCell) -> _Lattice:
    return _Lattice(tuple(map(float, zone.reciprocal.ravel())), zone)


def sampled_path(source: Source) -> SampledPath:
    """Wave vectors of the band-structure path, fewer where each takes milliseconds and none is on disk."""
    h, path = source.hamiltonian, sample_path(source.path(), PATH_POINTS)
    if h.size < COARSE_START_BANDS or (h.size > MANY_BANDS and STORE.holds(h, path.k)):
        return path
    return sample_path(source.path(), PATH_POINTS // 3)


def stored_mesh(source: Source) -> int | None:
    """The finest mesh on offer that is read from disk without computing, or None."""
    if source.hamiltonian.size <= MANY_BANDS:
        return None
    return next((n for n in reversed(LADDER) if is_stored(source, n)), None)


def is_stored(source: Source, n: int) -> bool:
    """Whether the geometry of a large matrix on n x n points is on disk."""
    h = source.hamiltonian
    zone = zone_of(h)
    return (
        h.size > MANY_BANDS
        and not isinstance(zone, Disc)
        and STORE.holds(h, zone.mesh(n)[0], kept_bands(source))
    )


def mesh_geometry(source: Source, n: int, progress: Progress | None = None) -> MeshGeometry:
    """Geometry of a source on an n x n mesh; `progress` hears the fraction done and cancels by raising."""
    h = source.hamiltonian
    zone = zone_of(h)
    path, kept = sampled_path(source), kept_bands(source)

    def geometry(k: Floats, start: float, end: float, bands: slice | None = None) -> BandGeometry:
        # What takes a millisecond is not worth handing to other threads.
        work = k.shape[1] * h.size**2
        return kept_geometry(
            h,
            k,
            pool=BLOCKS if work > WORTH_SHARING else None,
            progress=part_of(progress, start, end),
            bands=bands,
        )

    share = path.k.shape[1] / (path.k.shape[1] + n * n)
    path_bands = geometry(path.k, 0.0, share)
    if isinstance(zone, Disc):
        k, triangles, weights = disc_triangles(zone, n)
        corners = geometry(k, share, 0.5)
        axis = np.linspace(-zone.cutoff, zone.cutoff, n)
        y, x = np.meshgrid(axis, axis, indexing="ij")
        picture = geometry(np.stack([x.ravel(), y.ravel()]), 0.5, 1.0)
    else:
        triangles, weights = _triangles(_lattice(zone), n)
        corners = picture = geometry(zone.mesh(n)[0], share, 1.0, kept)
    return MeshGeometry(source, zone, n, corners, triangles, weights, picture, path, path_bands)
