"""The files that hold the matrices: SEED_tb.dat and SEED_hr.dat, with what stands beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from explorer.models.files.wannier90.beside.companions import ENDINGS, Beside, Own, read_beside
from explorer.models.files.wannier90.beside.wsvec import apply_shifts
from explorer.models.files.wannier90.data import LONGEST, WannierData, home, verified
from explorer.models.files.wannier90.positions import read_positions
from explorer.models.files.wannier90.raw.mistaken_files import named_otherwise
from explorer.models.files.wannier90.raw.number_text import REMARK, NumberText, beside, parse_numbers, seed
from explorer.models.files.wannier90.raw.sparse import is_sparse, read_sparse, read_thinned
from explorer.models.files.wannier90.raw.unpacking import members
from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.errors import InputError

Place: TypeAlias = Callable[[int], int]
"""Index of the first number of entry i among all numbers of the text."""
ENTRIES_AT_MOST = 400_000_000
"""Numbers in a file beyond which its header is taken for an error."""
FARTHEST = 1e6
"""Lattice vectors of more cells than this are an error of the file."""
FUNCTIONS_AT_MOST = 1024
"""Functions beyond which one wave vector takes many seconds and nothing can be explored."""


def read_wannier90(path: Path) -> WannierData:
    """Read a `_tb.dat` or `_hr.dat`, plain or packed, told apart by the line below the comment.

    The weights Ndegen are divided out. `SEED_wsvec.dat` is applied where it stands beside the file. Lattice and
    centres are those of the file that `beside.believed` ranks first, position matrices of the `_tb.dat` or of
    `SEED_r.dat` beside an `_hr.dat`. WannierTools' sparse `_hr.dat`, and one from which small elements were left out,
    are read too.

    Raises
    ------
    InputError : with file and line.
    """
    with named_otherwise(path):
        return _read(path)


def _read(path: Path) -> WannierData:
    text = NumberText(path)
    _refuse_headless(text)
    comment = text.next_line("a comment").strip()
    text.skip_remarks()
    if _is_tb(text):
        cell = np.array([text.reals(3, "a lattice vector, three numbers in angstrom,") for _ in range(3)])
        if np.abs(cell).max() > LONGEST or abs(np.linalg.det(cell)) < 1e-6:
            raise text.error("the lattice vectors span no volume, or an endless one")
        text.skip_remarks()
        data, around = _read_tb(text, cell, comment)
    else:
        data, around = _read_hr(text, comment)
    told = replace(data, notes=(*data.notes, *around.notes), cautions=around.cautions)
    return verified(_with_shifts(told, path), path)


def _refuse_headless(text: NumberText) -> None:
    """Raise where hoppings begin in the first line: how many functions there are and the weights are not guessed."""
    lines = [line.split() for line in text.text.lstrip().split("\n", 3)[:2]]
    if (
        all(len(words) == 7 and parse_numbers(" ".join(words)) is not None for words in lines)
        and len(lines) == 2
    ):
        raise InputError(
            "a list of hoppings without its header: above them an _hr.dat has a comment, the number of functions, the "
            "number of lattice vectors, and for each of these its weight Ndegen, by which its hoppings are divided; "
            "put them back, or use the _tb.dat",
            text.path,
            1,
        )


def _is_tb(text: NumberText) -> bool:
    """Whether the line after the comment is a lattice vector, three numbers, and not a count."""
    words = REMARK.sub("", text.rest_text().split("\n", 1)[0]).split()[:3]
    return len(words) == 3 and parse_numbers(" ".join(words)) is not None


def _counts(text: NumberText, per_vector: int) -> tuple[int, int, Floats]:
    n = text.integer("the number of Wannier functions (of a _tb.dat or _hr.dat)")
    r = text.integer("the number of lattice vectors")
    if n > FUNCTIONS_AT_MOST:
        raise text.error(f"{n} functions are more than can be explored ({FUNCTIONS_AT_MOST})", text.line - 1)
    if n * n * r * per_vector > ENTRIES_AT_MOST:
        raise text.error(f"{n} functions and {r} lattice vectors are more than can be read")
    return n, r, text.integers(r, "weights (Ndegen) of the lattice vectors")


def _read_tb(text: NumberText, cell: Floats, comment: str) -> tuple[WannierData, Beside]:
    n, count, weights = _counts(text, 12)
    block_h, block_r = 3 + 4 * n * n, 3 + 8 * n * n
    whole = not _holds_h_alone(text, count * (1 + n * n))

    def widths() -> Iterator[int]:
        for width in (4, 8) if whole else (4,):
            for _ in range(count):
                yield 3
                yield from (width for _ in range(n * n))

    total = count * (block_h + (block_r if whole else 0))
    numbers = text.rest(total, widths(), "the blocks of H and r")
    h = numbers[: count * block_h].reshape(count, block_h)
    vectors = _whole(text, h[:, :3], lambda i: i * block_h)
    hoppings = _place(
        text, n, count, h[:, 3:].reshape(-1, 4), lambda i: i // (n * n) * block_h + 3 + i % (n * n) * 4
    )
    positions = None
    if whole:
        r = numbers[count * block_h :].reshape(count, block_r)
        other = np.flatnonzero((h[:, :3] != r[:, :3]).any(axis=1))
        if other.size:
            raise text.error(
                "the lattice vectors of r differ from those of H",
                text.line_of(count * block_h + int(other[0]) * block_r),
            )
        r = r[:, 3:].reshape(-1, 8)

        def places(i: int) -> int:
            return count * block_h + i // (n * n) * block_r + 3 + i % (n * n) * 8

        each = [_place(text, n, count, r[:, [0, 1, 2 + 2 * v, 3 + 2 * v]], places) for v in range(3)]
        positions = np.stack(each, axis=1) / weights[:, None, None, None]
    _check_vectors(text, vectors)
    own = Own(text.path.name, vectors, hoppings, cell, _diagonal(text.path.name, vectors, positions))
    around = read_beside(text.path, n, needed=not whole, own=own)
    if positions is None:
        centres, note = _centres_beside(text, around, n), "This _tb.dat holds no position matrices."
        around = replace(around, notes=(note, *around.notes, _named(around)))
    else:
        centres = _centred(positions, vectors, around)
    hoppings = hoppings / weights[:, None, None]
    data = WannierData(
        cell, vectors, hoppings, positions, centres, comment, largest_weight=int(weights.max())
    )
    return data, around


def _diagonal(name: str, vectors: Integers, positions: Complexes | None) -> tuple[str, Floats] | None:
    """The centres (N, 3) [angstrom] on the diagonal of r at R = 0, and how to call them."""
    if positions is None:
        return None
    diagonal = np.diagonal(positions[home(vectors)], axis1=-2, axis2=-1).real.T.copy()
    return f"the diagonal of r in {name}", diagonal


def _centred(positions: Complexes, vectors: Integers, around: Beside) -> Floats:
    """The centres (N, 3) [angstrom] that are believed, written on the diagonal of r at R = 0."""
    at, each = home(vectors), np.arange(positions.shape[-1])
    diagonal: Floats = positions[at][:, each, each].real.T.copy()
    if around.centres is None or np.array_equal(around.centres, diagonal):
        return diagonal
    positions[at][:, each, each] = around.centres.T
    return around.centres


def _holds_h_alone(text: NumberText, rows: int) -> bool:
    """Whether the file ends after the `rows` lines of H, as WannierBerri writes a system without r."""
    body = text.rest_text()
    return body.count("\n") < 1.5 * rows and sum(1 for line in body.split("\n") if line.strip()) == rows


def _centres_beside(text: NumberText, around: Beside, n: int) -> Floats:
    """Centres from the files beside one that holds none."""
    if around.centres is None:
        raise InputError(
            f"no positions of the {n} functions in or beside this file{_why(text.path, around)}, and they are part "
            "of the physics: put "
            f"{seed(text.path)}_centres.xyz next to it, or give projections and atoms in "
            f"{seed(text.path)}.win; or use a _tb.dat with position matrices",
            text.path,
        )
    return around.centres


def _why(path: Path, around: Beside) -> str:
    """In brackets, why files that stand beside, or in the same archive, were not used."""
    packed = [name for name in members(path) if name.endswith((*ENDINGS, "wt.in", "POSCAR"))]
    said = " ".join(around.unused).rstrip(".")
    if packed:
        said = f"the archive holds {', '.join(packed)}, which are read from a folder alone: unpack it"
    return f" ({said})" if said else ""


def _named(around: Beside) -> str:
    return f"Centres of the functions from {around.centres_source}."


def _read_hr(text: NumberText, comment: str) -> tuple[WannierData, Beside]:
    vectors, hoppings, weights, notes = _hoppings(text)
    n = hoppings.shape[-1]
    _check_vectors(text, vectors)
    place = beside(text.path, "_r.dat")
    positions = None if place is None else read_positions(place, vectors, n, weights)
    diagonal = None if place is None else _diagonal(place.name, vectors, positions)
    around = read_beside(
        text.path, n, needed=True, own=Own(text.path.name, vectors, hoppings, None, diagonal)
    )
    if around.cell is None:
        raise InputError(
            f"no lattice beside this _hr.dat{_why(text.path, around)}: put {seed(text.path)}.win (with "
            "unit_cell_cart) next to it, or the .wout, WannierTools' wt.in, or VASP's POSCAR; or use the _tb.dat",
            text.path,
        )
    if positions is not None and place is not None:
        centres, note = _centred(positions, vectors, around), f"Position matrices from {place.name}."
    else:
        centres, note = _centres_beside(text, around, n), _named(around)
    data = WannierData(
        around.cell,
        vectors,
        hoppings / weights[:, None, None],
        positions,
        centres,
        comment,
        largest_weight=int(weights.max()),
    )
    return data, replace(around, notes=(*notes, *around.notes, note))


def _hoppings(text: NumberText) -> tuple[Integers, Complexes, Floats, tuple[str, ...]]:
    """Vectors (R, 3), hoppings (R, N, N) [eV] as they stand in an `_hr.dat`, their weights (R,), and what to note."""
    if is_sparse(text):
        vectors, hoppings = read_sparse(text, FUNCTIONS_AT_MOST)
        return vectors, hoppings, np.ones(len(vectors)), ()
    n, count, weights = _counts(text, 7)
    thinned = read_thinned(text, n, count, weights)
    if thinned is not None:
        note = f"Of {n * n * count} hoppings some are not listed: they are taken as zero."
        return *thinned, np.ones(len(thinned[0])), (note,)
    numbers = text.rest(count * n * n * 7, (7 for _ in range(count * n * n)), "the hoppings").reshape(-1, 7)
    every = numbers[:, :3].reshape(count, n * n, 3)
    mixed = np.flatnonzero((every != every[:, :1]).any(axis=2).ravel())
    if mixed.size:
        raise text.error(
            f"{n * n} lines of one lattice vector must follow each other", text.line_of(int(mixed[0]) * 7)
        )
    vectors = _whole(text, every[:, 0], lambda i: i * n * n * 7)
    return vectors, _place(text, n, count, numbers[:, 3:], lambda i: i * 7 + 3), weights, ()


def _whole(text: NumberText, numbers: Floats, place: Place) -> Integers:
    """Integers from floats; the error names the line of the first that is none."""
    bad = np.flatnonzero(((numbers != np.round(numbers)) | (np.abs(numbers) > FARTHEST)).any(axis=1))
    if bad.size:
        raise text.error("whole numbers expected for a lattice vector", text.line_of(place(int(bad[0]))))
    return numbers.astype(np.int64)


def _place(text: NumberText, n: int, count: int, rows: Floats, place: Place) -> Complexes:
    """Matrices (R, N, N) from rows (m, n, Re, Im) in any order within a block of N*N."""
    index = rows[:, :2]
    bad = np.flatnonzero(((index < 1) | (index > n) | (index != np.round(index))).any(axis=1))
    if bad.size:
        raise text.error(f"functions are numbered 1 to {n}", text.line_of(place(int(bad[0]))))
    flat = ((index[:, 0] - 1) * n + index[:, 1] - 1).astype(np.int64)
    flat += np.repeat(np.arange(count) * n * n, n * n)
    times = np.bincount(flat, minlength=count * n * n)
    if times.max() > 1:
        again = np.flatnonzero(times[flat] > 1)[1]
        raise text.error("a matrix element appears twice", text.line_of(place(int(again))))
    matrices = np.empty(count * n * n, complex)
    matrices[flat] = rows[:, 2] + 1j * rows[:, 3]
    return matrices.reshape(count, n, n)


def _check_vectors(text: NumberText, vectors: Integers) -> None:
    if len(np.unique(vectors, axis=0)) != len(vectors):
        raise InputError("a lattice vector appears twice", text.path)
    if home(vectors) < 0:
        raise InputError("the lattice vector 0 0 0 is missing", text.path)


def _with_shifts(data: WannierData, path: Path) -> WannierData:
    shifts = beside(path, "_wsvec.dat")
    if shifts is not None:
        return apply_shifts(data, shifts)
    if data.largest_weight > 1:
        note = (
            f"Ndegen weights up to {data.largest_weight} are applied; no {seed(path)}_wsvec.dat stands "
            "beside the file, so pairs of functions at the edge of the supercell are shared among lattice "
            "vectors and not by their distance: between the points of the original mesh bands may differ "
            "slightly from those of a run with use_ws_distance."
        )
        return replace(data, notes=(*data.notes, note))
    return data
