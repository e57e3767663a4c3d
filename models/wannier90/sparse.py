"""The sparse `_hr.dat` of WannierTools: only the hoppings that are not zero, one a line."""

from __future__ import annotations

import numpy as np

from models.arrays import Complexes, Integers
from models.wannier90.text import NumberText


def is_sparse(text: NumberText) -> bool:
    """Whether hoppings follow at once after two counts, where Wannier90 has the weights of the lattice vectors."""
    lines = text.rest_text().split("\n", 3)
    words = lines[2].split() if len(lines) > 2 else []
    return len(words) == 7 and "." in words[5]


def read_sparse(text: NumberText, most: int) -> tuple[Integers, Complexes]:
    """Vectors (R, 3) and hoppings (R, N, N) [eV], R = 0 and every -R among them; weights are divided out already.

    most : largest number of functions that is read. Raises `InputError` with file and line.
    """
    filled = text.integer("the number of hoppings")
    n = text.integer("the number of Wannier functions")
    if n > most:
        raise text.error(f"{n} functions are more than can be explored ({most})")
    rows = text.rest(7 * filled, (7 for _ in range(filled)), "the hoppings").reshape(filled, 7)
    labels = rows[:, :5].astype(np.int64)
    bad = (
        (rows[:, :5] != labels).any(axis=1)
        | (labels[:, 3:] < 1).any(axis=1)
        | (labels[:, 3:] > n).any(axis=1)
    )
    if bad.any():
        raise text.error(
            f"three whole numbers and two functions from 1 to {n} expected",
            text.line_of(7 * int(np.argmax(bad))),
        )
    listed = np.concatenate([np.zeros((1, 3), dtype=np.int64), labels[:, :3], -labels[:, :3]])
    vectors, at = np.unique(listed, axis=0, return_inverse=True)
    place = at.ravel()[1 : filled + 1], labels[:, 3] - 1, labels[:, 4] - 1
    hoppings = np.zeros((len(vectors), n, n), complex)
    if len(np.unique(np.stack(place), axis=1).T) < filled:
        raise text.error("a matrix element appears twice")
    hoppings[place] = rows[:, 5] + 1j * rows[:, 6]
    return vectors, hoppings
