"""Files that hold only the hoppings that are not zero: WannierTools' sparse `_hr.dat`, and an `_hr.dat` thinned out."""

from __future__ import annotations

import numpy as np

from explorer.models.files.wannier90.raw.number_text import NumberText, given_again, parse_numbers
from explorer.models.kit.arrays import Complexes, Floats, Integers


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
    if (again := given_again(labels)) >= 0:
        raise text.error("a matrix element appears twice", text.line_of(7 * again))
    hoppings[place] = rows[:, 5] + 1j * rows[:, 6]
    return vectors, hoppings


def read_thinned(text: NumberText, n: int, count: int, weights: Floats) -> tuple[Integers, Complexes] | None:
    """Vectors (R, 3) and hoppings (R, N, N) [eV] of an `_hr.dat` without its small elements, as some write it.

    What tells it from a file that was cut off: elements are missing before its end, each one that is listed stands
    with its adjoint, and no weights were to be divided out. None where this does not hold.
    """
    body = text.rest_text()
    if body.count("\n") + 1 >= n * n * count or (weights != 1).any():
        return None
    numbers = parse_numbers(body)
    if numbers is None or not numbers.size or numbers.size % 7:
        return None
    rows = numbers.reshape(-1, 7)
    labels = rows[:, :5].astype(np.int64)
    if (rows[:, :5] != labels).any() or (labels[:, 3:] < 1).any() or (labels[:, 3:] > n).any():
        return None
    listed = np.unique(labels, axis=0)
    adjoint = np.concatenate([-labels[:, :3], labels[:, 4:], labels[:, 3:4]], axis=1)
    if len(listed) < len(rows) or not np.array_equal(np.unique(adjoint, axis=0), listed):
        return None
    vectors, at, filled = np.unique(labels[:, :3], axis=0, return_inverse=True, return_counts=True)
    at = at.ravel()
    filled[at[-1]] = n * n
    if len(vectors) > count or (filled == n * n).all():
        return None
    hoppings = np.zeros((len(vectors), n, n), complex)
    hoppings[at, labels[:, 3] - 1, labels[:, 4] - 1] = rows[:, 5] + 1j * rows[:, 6]
    return vectors, hoppings
