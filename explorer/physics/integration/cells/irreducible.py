r"""The part of the zone from which verified operations of the crystal give the rest, and what the rest adds.

An integral over the zone is one over a cell of each orbit, of the sum of the densities over all images of a wave
vector. Energies are the same at all images; the densities of a response at gk are a matrix times those at k
(theory (4.10)). So the quadrature of the part has the energies of its own points, densities multiplied once by the
sum of these matrices, and what an operation forbids is zero in that sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.cells.cells import base_cells
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.responses.integrand import Density, Integrand
from explorer.physics.symmetry.images import carried
from explorer.physics.symmetry.operations import PointOperation, magnetic_point_group
from explorer.physics.zone.domain import Disc, ReciprocalCell, Zone

SAME = 1e-6
"""Entries of maps, and corners of cells, closer than this are equal."""


@dataclass(frozen=True, eq=False)
class Irreducible:
    """A group of operations and what it makes of one integrand.

    maps : (G, 2, 2) what each element makes of (s, t), the identity first.
    sea, surface : (C, C), the sum over the group of what each element makes of the densities.
    """

    integrand: Integrand
    maps: Integers
    sea: Floats
    surface: Floats

    @property
    def whole(self) -> bool:
        """Whether the identity is the only element."""
        return len(self.maps) == 1

    def cells(self, zone: Zone, n: int) -> tuple[Floats, Floats]:
        """One of each orbit of `base_cells` (P, 3, 2), and its weight (P,): the orbit's size over the group's."""
        cells = base_cells(zone, n)
        if self.whole:
            return cells, np.ones(len(cells))
        orbit = _orbits(cells, self.maps).min(axis=0)
        _, kept, count = np.unique(orbit, return_index=True, return_counts=True)
        return cells[kept], count / len(self.maps)

    def densities(self, g: BandGeometry) -> tuple[Floats, Floats]:
        """Sea and surface densities, (C, N, K) each, summed over the images of each wave vector."""
        sea, surface = self.integrand.densities(g)
        if self.whole:
            return sea, surface
        return np.tensordot(self.sea, sea, axes=1), np.tensordot(self.surface, surface, axes=1)


def irreducible(zone: Zone, integrand: Integrand, operations: Sequence[Symmetry]) -> Irreducible:
    """The reduction of a zone by operations that hold; a disc stays whole.

    Left out are operations that do not map the cells of `base_cells` onto one another, as where a file's lattice
    vectors are not the shortest.

    Raises
    ------
    ValueError : densities that are no function of the geometry at one wave vector.
    """
    components = len(integrand.components)
    nothing = np.zeros((components, components))
    whole = Irreducible(integrand, np.eye(2, dtype=np.int64)[None], nothing, nothing)
    if isinstance(zone, Disc):
        return whole
    maps: list[Integers] = []
    group: list[PointOperation] = []
    for element in magnetic_point_group([s for s in operations if _tiles(zone, s)]).elements:
        # Of elements that move wave vectors alike any one serves.
        move = _map(zone, element)
        if not any((move == other).all() for other in maps):
            maps.append(move)
            group.append(element)
    if len(group) == 1:
        return whole
    sums = [_sum_of_actions(d, group, components) for d in (integrand.sea, integrand.surface)]
    return Irreducible(integrand, np.stack(maps), *sums)


def _map(zone: ReciprocalCell, operation: Symmetry | PointOperation) -> Integers:
    """What an operation of the lattice makes of (s, t), (2, 2)."""
    return np.rint(_exact_map(zone, operation)).astype(np.int64)


def _exact_map(zone: ReciprocalCell, operation: Symmetry | PointOperation) -> Floats:
    columns, sign = zone.reciprocal.T, -1.0 if operation.antiunitary else 1.0
    return np.asarray(np.linalg.solve(columns, sign * np.asarray(operation.rotation) @ columns), float)


def _tiles(zone: ReciprocalCell, operation: Symmetry) -> bool:
    """Whether an operation maps the lattice, and the cells into which the zone is cut, onto themselves."""
    move = _map(zone, operation)
    if np.abs(_exact_map(zone, operation) - move).max() > SAME:
        return False
    own, images = _orbits(base_cells(zone, 3), np.stack([np.eye(2, dtype=np.int64), move]))
    return set(own) == set(images)


def _sum_of_actions(density: Density | None, group: Sequence[PointOperation], components: int) -> Floats:
    """Sum over the group of the matrices by which its elements multiply a density, (C, C).

    Read off from geometries made up at random, so that it holds for any density whatever rows it is made of.
    """
    found = np.zeros((components, components))
    if density is None:
        return found
    values = np.random.default_rng(1).normal(size=(ROW_COUNT, 1, 24))
    k, groups = np.zeros((2, values.shape[2])), np.zeros(values.shape[1:], dtype=np.int64)
    before = density(BandGeometry(k, values, groups))[:, 0]
    for g in group:
        image = BandGeometry(k, carried(values, g.rotation, g.antiunitary), groups)
        after = density(image)[:, 0]
        action = np.linalg.lstsq(before.T, after.T, rcond=None)[0].T
        if np.abs(action @ before - after).max() > SAME * np.abs(before).max():
            raise ValueError("the densities at the image of a wave vector do not follow from those at it")
        found += action
    found[np.abs(found) < SAME] = 0.0
    return found


def _orbits(cells: Floats, maps: Integers) -> Integers:
    """Numbers of the images of cells, (G, P): the same for cells a lattice vector apart."""
    corners = np.concatenate([_inside(cells @ m.T) for m in maps])
    names = np.sort(np.rint(corners / SAME).astype(np.int64) @ np.array([10**8, 1]), axis=1)
    numbers = np.unique(names, axis=0, return_inverse=True)[1]
    return np.asarray(numbers).reshape(len(maps), len(cells))


def _inside(cells: Floats) -> Floats:
    """Cells moved by lattice vectors to where their centres lie in the unit square."""
    return np.asarray(cells - np.floor(cells.mean(axis=1) + SAME)[:, None])
