"""SEED_wsvec.dat: the lattice shifts that bring each pair of functions to its nearest images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.data import WannierData
from explorer.models.files.wannier90.raw.number_text import NumberText, parse_numbers
from explorer.models.kit.arrays import Complexes, Floats, Integers

LARGEST = 1e6
"""Whole numbers beyond this are an error of the file."""


def _whole(numbers: Floats) -> bool:
    return bool((np.abs(numbers) <= LARGEST).all() and (numbers == np.round(numbers)).all())  # false for NaN


def apply_shifts(data: WannierData, path: Path) -> WannierData:
    r"""Replace $O_{ij}(R)$ by $O_{ij}(R)/N_{ij}(R)$ at each of the $N_{ij}(R)$ vectors $R + T$ of the file.

    Raises `InputError` with file and line where an entry is missing or does not belong to the matrices.
    """
    text = NumberText(path)
    text.next_line("a comment")
    body = parse_numbers(text.rest_text())
    if body is None or not _whole(body):
        bad = _first_bad_line(text)
        raise text.error(f"whole numbers up to {LARGEST:g} expected", bad)
    numbers = body.astype(np.int64)
    keys, images, shifts = _entries(text, numbers)
    n, count = data.size, len(data.vectors)
    index = {tuple(v): i for i, v in enumerate(data.vectors.tolist())}
    rows = np.array([index.get(tuple(v), -1) for v in keys[:, :3].tolist()], dtype=np.int64)
    i, j = keys[:, 3] - 1, keys[:, 4] - 1
    inside = (rows >= 0) & (i >= 0) & (i < n) & (j >= 0) & (j < n)
    if not inside.all():
        stray = keys[int(np.argmin(inside))].tolist()
        raise text.error(f"the entry R = {stray[:3]}, functions {stray[3:]} is not in the matrix file", 1)
    seen = np.bincount((rows * n + i) * n + j, minlength=count * n * n)
    if (seen != 1).any():
        where = int(np.argmax(seen != 1))
        vector = data.vectors[where // (n * n)].tolist()
        pair = [where // n % n + 1, where % n + 1]
        raise text.error(
            f"R = {vector}, functions {pair}: one entry expected, {seen[where]} found", text.text.count("\n")
        )
    new = np.repeat(keys[:, :3], images, axis=0) + shifts
    vectors, target = np.unique(new, axis=0, return_inverse=True)
    source = tuple(np.repeat(a, images) for a in (rows, i, j))
    share = np.repeat(1.0 / images, images)

    def spread(matrices: Complexes) -> Complexes:
        out = np.zeros((len(vectors), n, n), complex)
        np.add.at(out, (target.ravel(), source[1], source[2]), matrices[source] * share)
        return out

    positions = data.positions
    if positions is not None:
        positions = np.stack([spread(positions[:, v]) for v in range(3)], axis=1)
    note = f"{path.name} applied: {len(data.vectors)} lattice vectors became {len(vectors)}."
    return replace(
        data,
        vectors=vectors,
        hoppings=spread(data.hoppings),
        positions=positions,
        notes=(*data.notes, note),
    )


def _entries(text: NumberText, numbers: Integers) -> tuple[Integers, Integers, Integers]:
    """Keys (M, 5), number of images (M,), shifts (sum of it, 3), from the flat list of whole numbers."""
    listed = numbers.tolist()
    starts, images, at = [], [], 0
    while at < len(listed):
        many = listed[at + 5] if at + 5 < len(listed) else 0
        if many < 1 or at + 6 + 3 * many > len(listed):
            raise text.error(
                "the file ends too early"
                if at + 6 + 3 * max(many, 1) > len(listed)
                else "a positive number of images expected",
                text.line_of(min(at + 5, len(listed) - 1)),
            )
        starts.append(at)
        images.append(many)
        at += 6 + 3 * many
    first = np.array(starts, dtype=np.int64)
    number = np.array(images, dtype=np.int64)
    keys = numbers[first[:, None] + np.arange(5)] if len(first) else np.zeros((0, 5), dtype=np.int64)
    used = np.zeros(len(numbers), dtype=bool)
    used[(first[:, None] + np.arange(6)).ravel()] = True
    return keys, number, numbers[~used].reshape(-1, 3)


def _first_bad_line(text: NumberText) -> int:
    for line, words in enumerate(text.text.split("\n")[1:], start=2):
        found = parse_numbers(words)
        if words.strip() and (found is None or not _whole(found)):
            return line
    return text.line
