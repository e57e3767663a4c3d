"""What the degeneracy tolerance itself decides: the geometry where a tenth of it makes other groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from explorer.models.kit.arrays import Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry

FINER = 0.1
"""Share of the tolerance whose groups are set beside those of the whole."""


@dataclass(frozen=True, eq=False)
class FinerGroups:
    """The geometry at the wave vectors where the two groupings differ.

    at : (A,) their indices. coarse, fine : with the tolerance and with a tenth of it.
    """

    at: Integers
    coarse: BandGeometry
    fine: BandGeometry


class Refinement:
    """The same Hamiltonian with a tenth of its degeneracy tolerance; one object, so that its kernel is kept."""

    def __init__(self, h: Hamiltonian, geometry: Callable[..., BandGeometry]) -> None:
        self.tolerance, self.pairs, self._geometry = h.degeneracy_tolerance, h.kramers_pairs, geometry
        self._h = replace(h, degeneracy_tolerance=FINER * h.degeneracy_tolerance)

    def of(self, g: BandGeometry) -> FinerGroups | None:
        """The two geometries where they differ; None where nowhere. Pairs by number are no matter of tolerance."""
        steps = np.diff(g.energy, axis=0)
        between = (steps > FINER * self.tolerance) & (steps <= self.tolerance)
        if self.pairs:
            between &= np.diff(g.groups, axis=0) == 0
            between[::2] = False
        at = np.flatnonzero(between.any(axis=0))
        if not at.size:
            return None
        fine = self._geometry(self._h, np.ascontiguousarray(g.k[:, at]))
        return FinerGroups(at, BandGeometry(fine.k, g.values[..., at], g.groups[:, at]), fine)
