"""What stands beside a matrix file: lattice, centres, spreads, spinors, Fermi level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from explorer.models.files.wannier90.beside.poscar import find_poscar, read_poscar
from explorer.models.files.wannier90.beside.wanniertools import find_input, read_input
from explorer.models.files.wannier90.beside.win import read_win
from explorer.models.files.wannier90.raw.number_text import beside, named, real
from explorer.models.files.wannier90.raw.unpacking import read_text
from explorer.models.files.wannier90.spin_order import ALTERNATING, spinor_centres
from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Beside:
    """What the files beside a matrix file say; None where none does.

    cell : (3, 3) [angstrom]. centres : (N, 3) [angstrom]. spreads : (N,) [angstrom^2].
    fermi_energy : [eV]. spinors : whether the functions are spinors. centres_source : where the centres come from.
    """

    cell: Floats | None = None
    centres: Floats | None = None
    spreads: Floats | None = None
    fermi_energy: float | None = None
    spinors: bool | None = None
    notes: tuple[str, ...] = ()
    centres_source: str = ""


def read_beside(
    path: Path, size: int, *, needed: bool, matrices: tuple[Integers, Complexes] | None = None
) -> Beside:
    """Gather what `SEED_centres.xyz`, `SEED.win`, `SEED.wout` and WannierTools' `wt.in` say of N functions.

    Centres are taken from the first that has them in the order centres.xyz, wout, win (its projections),
    wt.in; the cell from win, wout, wt.in, and where it is `needed` and none has it, from VASP's POSCAR. Where nothing
    is `needed`, a file that cannot be read is a note, not an error. Input files place orbitals, not spinors: in which
    order spin up and down follow them the matrices, vectors (R, 3) and hoppings (R, N, N), show.
    """
    notes: list[str] = []

    def attempt(file: Path | None, read: Callable[[Path], T]) -> T | None:
        try:
            return None if file is None else read(file)
        except InputError as problem:
            if needed:
                raise
            notes.append(f"Not used: {problem}.")
            return None

    # Wannier90's own default SEED stands in where the matrix file was renamed.
    win_path = beside(path, ".win") or named(path, "wannier90.win")
    wout_path = beside(path, ".wout") or named(path, "wannier90.wout")
    xyz = beside(path, "_centres.xyz") or named(path, "wannier90_centres.xyz")
    win = attempt(win_path, read_win)
    if win is not None and win.num_wann not in (None, size):
        notes.append(f"{_name(win_path)} has num_wann = {win.num_wann}, the file {size}: it is not used.")
        win = None
    wout = attempt(wout_path, lambda file: read_wout(file, size))
    tools = attempt(find_input(path), lambda file: read_input(file, size))
    choices = (
        (_name(xyz), attempt(xyz, lambda file: read_centres(file, size))),
        (_name(wout_path), wout.centres if wout else None),
        (f"the projections of {_name(win_path)}", win.sites(size) if win else None),
        (tools.name if tools else "", tools.sites if tools else None),
    )
    where, centres = next(((w, c) for w, c in choices if c is not None), ("", None))
    cells = [source.cell for source in (win, wout, tools) if source is not None and source.cell is not None]
    poscar = find_poscar(path) if needed and not cells else None
    if poscar is not None:
        cells.append(read_poscar(poscar))
        notes.append(f"Lattice from {poscar.name}.")
    if centres is not None and 2 * len(centres) == size:
        expected = tools.order if tools and where == tools.name else ALTERNATING
        if matrices is None or not cells:
            centres = None
        else:
            centres, note = spinor_centres(centres, *matrices, cells[0], expected)
            notes += [note] if needed else []
    fermi = [source.fermi_energy for source in (win, tools) if source is not None]
    return Beside(
        cells[0] if cells else None,
        centres,
        wout.spreads if wout else None,
        next((f for f in fermi if f is not None), None),
        win.spinors if win else tools.spinors if tools else None,
        tuple(notes),
        where,
    )


def _name(path: Path | None) -> str:
    return path.name if path else ""


def read_centres(path: Path, size: int) -> Floats:
    """The `X` lines of a `SEED_centres.xyz`, (N, 3) [angstrom]."""
    rows = []
    for number, line in enumerate(read_text(path).split("\n")[2:], start=3):
        words = line.split()
        if words and words[0].upper() == "X":
            try:
                rows.append([real(w) for w in words[1:4]])
            except ValueError as problem:
                raise InputError(f"a centre expected, found {line.strip()!r}", path, number) from problem
            if len(rows[-1]) != 3 or not np.isfinite(rows[-1]).all():
                raise InputError(f"three numbers expected, found {line.strip()!r}", path, number)
    if len(rows) != size:
        raise InputError(
            f"{len(rows)} centres (lines X) for {size} functions: is this file of the same run?", path
        )
    return np.array(rows)


def read_wout(path: Path, size: int) -> Beside:
    """Lattice, and centres and spreads of the final state, of a `SEED.wout`; None where it has none."""
    lines = read_text(path).split("\n")
    cell: list[list[float]] = []
    final: list[list[float]] = []
    last = max((i for i, line in enumerate(lines) if line.strip() == "Final State"), default=-1)
    for i, line in enumerate(lines):
        words = line.replace(",", " ").replace("(", " ").replace(")", " ").split()
        try:
            if len(words) == 4 and words[0] in ("a_1", "a_2", "a_3") and len(cell) < 3:
                cell.append([float(w) for w in words[1:]])
            if last >= 0 and last < i <= last + size and words[:4] == ["WF", "centre", "and", "spread"]:
                final.append([float(w) for w in words[5:9]])
        except ValueError as problem:
            raise InputError(f"numbers expected, found {line.strip()!r}", path, i + 1) from problem
    table = np.array(final) if len(final) == size and all(len(row) == 4 for row in final) else None
    return Beside(
        np.array(cell) if len(cell) == 3 else None,
        None if table is None else table[:, :3],
        None if table is None else table[:, 3],
    )
