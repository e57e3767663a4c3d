"""The atoms of bilayer CrI3, as they are drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.kit.arrays import Floats

BOND = 3.0
"""Atoms nearer than this [angstrom] are joined; Cr-I is 2.72."""


@dataclass(frozen=True, eq=False)
class Structure:
    """A slab: symbols (A,), positions (A, 3) and cell (3, 3) [angstrom], moments (A,) [mu_B], z about the middle."""

    symbols: tuple[str, ...]
    positions: Floats
    moments: Floats
    cell: Floats

    def repeated(self, n: int) -> Structure:
        """n x n cells side by side."""
        steps = [i * self.cell[0] + j * self.cell[1] for i in range(n) for j in range(n)]
        places = np.concatenate([self.positions + s for s in steps])
        return Structure(self.symbols * n**2, places, np.tile(self.moments, n**2), self.cell)

    def bonds(self) -> Floats:
        """Ends of all bonds between the atoms as they stand, (B, 2, 3) [angstrom]."""
        gap = np.linalg.norm(self.positions[:, None] - self.positions[None], axis=2)
        first, second = np.nonzero(np.triu((gap < BOND) & (gap > 0.1)))
        return np.stack([self.positions[first], self.positions[second]], axis=1)


def read_xyz(path: Path) -> Structure:
    """Read an extended XYZ file with species, positions, and moments in the fifth column.

    Raises ValueError for a file without a lattice or with fewer atoms than it says.
    """
    count, head, *rows = path.read_text(encoding="utf-8").splitlines()
    lattice = re.search(r'Lattice="([^"]+)"', head)
    if lattice is None or len(rows) < int(count):
        raise ValueError(f"{path.name}: not an extended XYZ file of {count} atoms with a lattice")
    words = [row.split() for row in rows[: int(count)]]
    cell = np.array(lattice[1].split(), dtype=float).reshape(3, 3)
    positions = np.array([w[1:4] for w in words], dtype=float)
    height = cell[2, 2]
    positions[:, 2] = (positions[:, 2] + height / 2) % height - height / 2
    return Structure(tuple(w[0] for w in words), positions, np.array([float(w[4]) for w in words]), cell)
