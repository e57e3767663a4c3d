"""A plane named by two integer combinations of the lattice vectors, as bcc and fcc primitive cells need it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import gcd
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.data import WannierData
from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.errors import InputError

LARGEST = 9
"""Combinations with larger whole numbers are taken for an error of writing."""
ALIGNED = 1e-6
"""A normal this near to a Cartesian axis (in radians) is along it, and the file's axes are kept."""


@dataclass(frozen=True, eq=False)
class Turn:
    """From the cell and axes of a file to those of a cut.

    basis : (3, 3) whole numbers, new lattice vectors (rows) in terms of the file's; the first two lie in the plane.
    axes : (3, 3) the new x, y, z as rows on the file's Cartesian axes.
    """

    basis: Integers
    axes: Floats

    def cell(self, cell: Floats) -> Floats:
        """Lattice vectors (3, 3), new ones on the new axes."""
        return np.asarray(self.basis @ cell @ self.axes.T)


def is_combination(text: str) -> bool:
    """Whether a plane is given as `n1,n2,n3:m1,m2,m3` rather than by name."""
    return ":" in text or "," in text


def parse_combinations(text: str, path: Path | None = None) -> Integers:
    """The two combinations (2, 3) of `n1,n2,n3:m1,m2,m3`; `InputError` where they span no plane's whole lattice."""
    try:
        # As the page prints them, with the minus of mathematics, they may come back by copy and paste.
        rows = [[int(word) for word in part.split(",")] for part in text.replace("−", "-").split(":")]
    except ValueError:
        rows = []
    if len(rows) != 2 or any(len(row) != 3 for row in rows):
        raise InputError(
            f"plane {text!r} is not two combinations of the lattice vectors, n1,n2,n3:m1,m2,m3 in whole numbers",
            path,
        )
    two = np.array(rows, dtype=np.int64)
    if np.abs(two).max() > LARGEST:
        raise InputError(f"plane {text!r}: whole numbers up to {LARGEST} are taken", path)
    normal = np.cross(two[0], two[1])
    common = gcd(*normal.tolist())
    if common == 0:
        raise InputError(f"plane {text!r}: the two combinations are parallel", path)
    if common > 1:
        raise InputError(
            f"plane {text!r}: the two combinations leave out {common - 1} of {common} lattice points of their plane; "
            "take the shortest two that span it",
            path,
        )
    return two


def turn_to(two: Integers, cell: Floats) -> Turn:
    """The cell and axes of the plane of two combinations (2, 3).

    x is along the first, z along the normal; where the normal is a Cartesian axis, the file's axes are kept.
    """
    normal = np.cross(two[0], two[1])
    reach = int(np.abs(normal).max())
    box = np.array(list(product(range(-reach, reach + 1), repeat=3)), dtype=np.int64)
    third = box[box @ normal == 1]
    best = third[np.argmin(np.round(np.linalg.norm(third @ cell, axis=1), 9))]
    basis = np.vstack([two, best])
    first, second = two @ cell
    z = np.cross(first, second)
    z = z / np.linalg.norm(z)
    if np.abs(z).max() > 1 - 0.5 * ALIGNED**2:
        return Turn(basis, np.eye(3))
    x = first / np.linalg.norm(first)
    return Turn(basis, np.array([x, np.cross(z, x), z]))


def turned(data: WannierData, turn: Turn) -> WannierData:
    """The same crystal on the lattice vectors and axes of a cut."""
    inverse = np.round(np.linalg.inv(turn.basis)).astype(np.int64)
    return replace(
        data,
        cell=turn.cell(data.cell),
        vectors=data.vectors @ inverse,
        positions=None if data.positions is None else np.einsum("ab,rbij->raij", turn.axes, data.positions),
        centres=None if data.centres is None else data.centres @ turn.axes.T,
    )


def dense_planes(cell: Floats, most: int = 3) -> list[str]:
    """Planes that hold the lattice points closest together, as combinations, the widest apart first.

    Of those with indices -1, 0, 1: the layers of low-index planes are those that a crystal cleaves along.
    """
    box = np.array(list(product((2, 1, 0, -1, -2), repeat=3)), dtype=np.int64)
    box = box[np.any(box != 0, axis=1)]
    box = box[np.argsort(np.round(np.linalg.norm(box @ cell, axis=1), 6), kind="stable")]
    volume = abs(np.linalg.det(cell))
    found: list[tuple[float, str]] = []
    for index in product((1, 0, -1), repeat=3):
        if not any(index) or next(i for i in index if i) < 0:
            continue
        inside = box[box @ np.array(index) == 0]
        first = inside[0]
        crossed = np.cross(first, inside)
        primitive = np.abs(crossed).max(axis=1) > 0
        primitive &= np.array([gcd(*row) == 1 for row in crossed.tolist()])
        if not primitive.any():
            continue
        second = inside[primitive][0]
        area = float(np.linalg.norm(np.cross(first @ cell, second @ cell)))
        text = ":".join(",".join(map(str, row)) for row in (first.tolist(), second.tolist()))
        found.append((-round(volume / area, 6), text))
    return [text for _, text in sorted(found, key=lambda pair: pair[0])[:most]]
