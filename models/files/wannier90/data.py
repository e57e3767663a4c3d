"""The matrices of a Wannier function file, before a plane is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.errors import InputError

LONGEST = 1e5
"""Lattice vectors and positions beyond this [angstrom] are an error of the file."""


@dataclass(frozen=True, eq=False)
class WannierData:
    """Matrix elements in three dimensions as a file gives them, weights already divided out.

    Parameters
    ----------
    cell : (3, 3) lattice vectors as rows [angstrom].
    vectors : (R, 3) integer lattice vectors.
    hoppings : (R, N, N) matrix elements <0 i|H|R j> [eV].
    positions : (R, 3, N, N) matrix elements <0 i|r|R j> [angstrom], or None.
    centres : (N, 3) centres of the functions [angstrom], or None where no file gives them.
    comment : the file's first line.
    notes : what a reader of the file's report should know, one sentence each.
    largest_weight : largest Ndegen of the file (1: nothing was divided).
    cautions : where the files that were read contradict each other, with the distance and which one was taken.
    """

    cell: Floats
    vectors: Integers
    hoppings: Complexes
    positions: Complexes | None = None
    centres: Floats | None = None
    comment: str = ""
    notes: tuple[str, ...] = ()
    largest_weight: int = 1
    cautions: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of Wannier functions N."""
        return int(self.hoppings.shape[-1])


def data_bytes(data: WannierData) -> int:
    """Memory of its matrices."""
    return data.hoppings.nbytes + (0 if data.positions is None else data.positions.nbytes)


def verified(data: WannierData, path: Path) -> WannierData:
    """The data, once its parts fit together and are finite; `InputError` that says which does not."""
    n, count = data.size, len(data.vectors)
    shapes = {
        "the lattice": (data.cell, (3, 3)),
        "the lattice vectors R": (data.vectors, (count, 3)),
        "H": (data.hoppings, (count, n, n)),
        "the position matrices": (data.positions, (count, 3, n, n)),
        "the centres": (data.centres, (n, 3)),
    }
    for what, (array, shape) in shapes.items():
        if array is None:
            continue
        if array.shape != shape:
            raise InputError(f"{what} should be an array {shape}, found {array.shape}", path)
        if not np.isfinite(array).all():
            raise InputError(f"not a finite number in {what}", path)
    for what, lengths in (("lattice", data.cell), ("centres", data.centres)):
        if lengths is not None and np.abs(lengths).max(initial=0.0) > LONGEST:
            raise InputError(f"the {what} has a length beyond {LONGEST:g} angstrom", path)
    if abs(np.linalg.det(data.cell)) < 1e-6:
        raise InputError("the lattice vectors span no volume", path)
    if len(np.unique(data.vectors, axis=0)) != count:
        raise InputError("a lattice vector R appears twice", path)
    if home(data.vectors) < 0:
        raise InputError("the lattice vector R = 0 0 0 is missing", path)
    return data


def home(vectors: Integers) -> int:
    """Index of the vector R = 0; -1 where it is missing."""
    found = np.flatnonzero(~vectors.any(axis=1))
    return int(found[0]) if found.size else -1


def opposite(vectors: Integers) -> Integers:
    """Index of -R for every R, -1 where it is missing."""
    index = {tuple(v): i for i, v in enumerate(vectors.tolist())}
    return np.array([index.get(tuple(-x for x in v), -1) for v in vectors.tolist()], dtype=np.int64)


def hermiticity_error(vectors: Integers, matrices: Complexes) -> float:
    """Largest |O(R) - O(-R)^dagger|, matrices (R, ..., N, N), in their unit; a missing -R counts as zero."""
    partner = opposite(vectors)
    back = np.where(
        (partner >= 0).reshape(-1, *(1,) * (matrices.ndim - 1)), matrices[np.maximum(partner, 0)], 0.0
    )
    return float(np.abs(matrices - np.conj(np.swapaxes(back, -1, -2))).max(initial=0.0))


def hermitised(vectors: Integers, matrices: Complexes) -> tuple[Integers, Complexes]:
    """Mean of O(R) and O(-R)^dagger; a missing -R is added, as the adjoint of what is there.

    Returns
    -------
    vectors (R', 3 or 2), matrices (R', ..., N, N).
    """
    lone = np.flatnonzero(opposite(vectors) < 0)
    if lone.size:
        vectors = np.concatenate([vectors, -vectors[lone]])
        matrices = np.concatenate([matrices, np.conj(np.swapaxes(matrices[lone], -1, -2))])
    partner = opposite(vectors)
    return vectors, 0.5 * (matrices + np.conj(np.swapaxes(matrices[partner], -1, -2)))
