"""What the adaptive quadrature carries from level to level: the families under way, and what is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.physics.geometry.band_geometry import blocks

FAMILIES_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Families:
    """Active pairs of one level: cells (P, 3, 2) and their weights (P,); per pair its cell (ascending), its job and
    the cell's own value.
    """

    cells: Floats
    share: Floats
    cell: Integers
    job: Integers
    value: Floats

    def chunks(self) -> Iterator[tuple[slice, slice]]:
        """Slices of cells and of the pairs that belong to them."""
        for part in blocks(len(self.cells), FAMILIES_AT_ONCE):
            first, last = np.searchsorted(self.cell, (part.start, part.stop))
            yield part, slice(int(first), int(last))


@dataclass(eq=False)
class Totals:
    """What is settled, per job and output: value, sum of d, sum of d^2, what a finer tolerance changes and the square
    of that; and whether all was refined as wanted.
    """

    value: Floats
    signed: Floats
    squared: Floats
    regrouped: Floats
    scatter: Floats
    met: Bools

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Totals:
        """Nothing yet, for (jobs, outputs)."""
        value, signed, squared, regrouped, scatter = np.zeros((5, *shape))
        return cls(value, signed, squared, regrouped, scatter, np.ones(shape[0], dtype=bool))

    def add(self, job: Integers, value: Floats, signed: Floats, squared: Floats) -> None:
        """Add the contributions of pairs to their jobs."""
        np.add.at(self.value, job, value)
        np.add.at(self.signed, job, signed)
        np.add.at(self.squared, job, squared)

    def regroup(self, job: Integers, change: Floats) -> None:
        """Add what a finer tolerance changes in pairs to their jobs."""
        np.add.at(self.regrouped, job, change)
        np.add.at(self.scatter, job, change**2)

    @property
    def quadrature(self) -> Floats:
        """Error bars of the quadrature, which more points would make smaller."""
        return np.asarray(2 * np.sqrt(self.squared) + 0.25 * np.abs(self.signed))

    @property
    def bar(self) -> Floats:
        """Error bars: of the quadrature, and of the tolerance, a sum over few points with its own scatter."""
        return np.asarray(self.quadrature + np.sqrt(self.regrouped**2 + 4 * self.scatter))


def refined(ratio: Floats, blind: Bools, job: Integers, budget: Floats) -> Bools:
    """Pairs to refine: the largest squared errors of each job, until the rest fits its budget (jobs,)."""
    order = np.lexsort((ratio, job))
    running = np.cumsum(ratio[order])
    starts = np.searchsorted(job[order], np.arange(budget.size))
    before = np.concatenate([[0.0], running])[starts]
    refine = np.empty(ratio.size, dtype=bool)
    refine[order] = running - before[job[order]] > budget[job[order]]
    # Cells that are images of one another have equal errors, to rounding: they are refined together or not at
    # all, or what vanishes by symmetry would not.
    smallest = np.full(budget.size, np.inf)
    np.minimum.at(smallest, job[refine], ratio[refine])
    return refine | blind | (ratio >= (1 - 1e-3) * smallest[job])
