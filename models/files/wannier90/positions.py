"""SEED_r.dat: the position matrices beside an `_hr.dat`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.raw.number_text import NumberText, given_again
from explorer.models.kit.arrays import Complexes, Floats, Integers


def read_positions(path: Path, vectors: Integers, size: int, weights: Floats) -> Complexes:
    """Matrix elements <0 i|r|R j> (R, 3, N, N) [angstrom] at the vectors (R, 3) of the `_hr.dat`, weights divided out.

    Wannier90 3 writes the number of lattice vectors in the third line, Wannier90 2 does not.

    Raises
    ------
    InputError : with file and line; another number of functions, or other lattice vectors.
    """
    text = NumberText(path)
    text.next_line("a comment")
    if text.integer("the number of Wannier functions") != size:
        raise text.error(f"not of the same run: the _hr.dat has {size} Wannier functions")
    if len(text.rest_text().split("\n", 1)[0].split("!")[0].split()) == 1:
        text.integer("the number of lattice vectors")
    count = len(vectors) * size**2
    rows = text.rest(11 * count, (11 for _ in range(count)), "the position matrices").reshape(count, 11)
    known = {tuple(v): i for i, v in enumerate(vectors.tolist())}
    at = np.array([known.get(tuple(v), -1) for v in rows[:, :3].tolist()], dtype=np.int64)
    i, j = rows[:, 3].astype(np.int64) - 1, rows[:, 4].astype(np.int64) - 1
    inside = (at >= 0) & (i >= 0) & (i < size) & (j >= 0) & (j < size)
    if not inside.all():
        raise text.error(
            "a lattice vector or function that is not in the _hr.dat",
            text.line_of(11 * int(np.argmin(inside))),
        )
    if (again := given_again(np.stack([at, i, j], axis=1))) >= 0:
        raise text.error("a matrix element appears twice", text.line_of(11 * again))
    out = np.empty((len(vectors), 3, size, size), complex)
    for axis in range(3):
        out[at, axis, i, j] = rows[:, 5 + 2 * axis] + 1j * rows[:, 6 + 2 * axis]
    return np.asarray(out / weights[:, None, None, None])
