"""What stands beside a matrix file: lattice, centres, spreads, spinors, Fermi level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from explorer.models.files.formats import MATRIX_ENDINGS
from explorer.models.files.wannier90.beside import believed
from explorer.models.files.wannier90.beside.believed import Witness
from explorer.models.files.wannier90.beside.poscar import find_poscar, read_poscar
from explorer.models.files.wannier90.beside.wanniertools import (
    OtherElectronsError,
    ToolsInput,
    find_input,
    read_input,
)
from explorer.models.files.wannier90.beside.win import BOHR, Win, read_win
from explorer.models.files.wannier90.beside.wout import Wout, read_wout
from explorer.models.files.wannier90.raw.number_text import beside, named, real, seed
from explorer.models.files.wannier90.raw.unpacking import read_text
from explorer.models.files.wannier90.spin_order import ALTERNATING, spinor_centres
from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.errors import InputError

T = TypeVar("T")
DEFAULT_SEED = "wannier90"
"""Wannier90's own SEED where none is named."""
ENDINGS = (".win", ".wout", "_centres.xyz")


@dataclass(frozen=True, eq=False)
class Own:
    """What the matrix file itself says.

    name : of the file. vectors, hoppings : (R, 3) and (R, N, N) [eV]. cell : (3, 3) [angstrom], None of an `_hr.dat`.
    diagonal : (N, 3) of r at R = 0 [angstrom], with the file that has it; None without position matrices.
    """

    name: str
    vectors: Integers
    hoppings: Complexes
    cell: Floats | None = None
    diagonal: tuple[str, Floats] | None = None


@dataclass(frozen=True, eq=False)
class Beside:
    """What is believed of a matrix file and the files beside it (`believed.TABLE`); None where none says it.

    cell : (3, 3) [angstrom]. centres : (N, 3) [angstrom]. spreads : (N,) [angstrom^2].
    fermi_energy : [eV]. spinors : whether the functions are spinors. centres_source : where the centres come from.
    notes : what was found. cautions : where files contradict each other, with the distance and which one was taken.
    unused : why files that stand there were not used.
    """

    cell: Floats | None = None
    centres: Floats | None = None
    spreads: Floats | None = None
    fermi_energy: float | None = None
    spinors: bool | None = None
    notes: tuple[str, ...] = ()
    centres_source: str = ""
    cautions: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def companions(path: Path) -> tuple[dict[str, Path | None], str]:
    """The files of one run beside a matrix file by `ENDINGS`, and a note where they bear another SEED.

    Those of Wannier90's own default SEED stand in where the matrix file was renamed: where no .win or .wout bears its
    SEED, and no matrices of the default SEED lie there to which they belong.
    """
    own = {ending: beside(path, ending) for ending in ENDINGS}
    if own[".win"] or own[".wout"] or any(named(path, DEFAULT_SEED + tail) for tail in MATRIX_ENDINGS):
        return own, ""
    others = {e: named(path, DEFAULT_SEED + e) for e in ENDINGS if own[e] is None}
    found = ", ".join(place.name for place in others.values() if place is not None)
    note = f"No input or output of {seed(path)} stands beside it: {found} taken as of the same run."
    return own | others, note if found else ""


def read_beside(path: Path, size: int, *, needed: bool, own: Own | None = None) -> Beside:
    """What is believed of N functions, by the file itself, `SEED.win`, `SEED.wout`, `SEED_centres.xyz` and `wt.in`.

    Who is believed for what `believed` says. VASP's POSCAR gives the lattice where it is `needed` and nothing else
    has it. Where nothing is `needed`, what cannot be read is a caution, not an error; a `wt.in` of other particles, or
    with a field of its own, is one always. Input files place orbitals,
    not spinors: in which order spin up and down follow them the matrices of `own` show.
    """
    notes: list[str] = []
    unused: list[str] = []
    unread: list[str] = []

    def attempt(file: Path | None, read: Callable[[Path], T]) -> T | None:
        try:
            return None if file is None else read(file)
        except InputError as problem:
            if needed or isinstance(problem, OtherElectronsError):
                raise
            unread.append(f"Not used: {problem}.")
            return None

    places, note = companions(path)
    notes += [note] if note else []
    win_path, wout_path, xyz_path = (places[ending] for ending in ENDINGS)
    win = attempt(win_path, read_win)
    if win is not None and win.num_wann not in (None, size):
        contradiction = f"{_name(win_path)} has num_wann = {win.num_wann}, the file {size}: it is not used."
        unread.append(contradiction)  # every command tells it, not the report of the files alone
        unused.append(contradiction)
        win = None
    wout = attempt(wout_path, lambda file: read_wout(file, size))
    tools = attempt(find_input(path), lambda file: read_input(file, size))
    xyz = attempt(xyz_path, lambda file: read_centres(file, size))
    if wout is not None and wout.centres is None and wout_path is not None:
        unused.append(f"{wout_path.name} lists no final centres of {size} functions.")
    if win is not None and win.projections and win.sites(size) is None:
        unused.append(f"The projections of {_name(win_path)} do not place {size} functions.")
    cell, cautions, foreign = _lattice(path, own, win, wout, tools, _name(win_path), _name(wout_path), needed)
    wout = foreign.wout
    notes += foreign.notes
    witnesses = [] if own is None or own.diagonal is None else [Witness(believed.DIAGONAL, *own.diagonal)]
    if wout is not None and wout.centres is not None:
        witnesses.append(Witness(believed.WOUT, _name(wout_path), wout.centres))
    if xyz is not None:
        witnesses.append(Witness(believed.XYZ, _name(xyz_path), xyz))
    if tools is not None and tools.centres is not None:
        witnesses.append(Witness(believed.TOOLS_CENTRES, tools.name, tools.centres))
    for kind, name, sites, order in (
        (
            believed.PROJECTIONS,
            f"the projections of {_name(win_path)}",
            win.sites(size) if win else None,
            ALTERNATING,
        ),
        (believed.TOOLS_ATOMS, tools.name if tools else "", tools.sites if tools else None, _order(tools)),
    ):
        placed, note = _of_spinors(sites, size, own, cell, order)
        if placed is not None:
            believed_before = bool(witnesses)
            witnesses.append(Witness(kind, name, placed))
            notes += [note] if note and needed and not believed_before else []
    if cell is not None and win is not None and win.translate_home_cell:
        witnesses = _home_cell_undone(witnesses, cell, xyz_path, needed)
    taken, told = (
        believed.centres_taken(witnesses, cell, foreign.last)
        if cell is not None and witnesses
        else (None, [])
    )
    if taken is None and cell is None and witnesses:
        taken = believed.ranked(believed.CENTRES, witnesses)[0]
    levels = [s for s in (win, tools) if s is not None and s.fermi_energy is not None]
    if len(levels) == 2 and abs(levels[0].fermi_energy - levels[1].fermi_energy) > 1e-3:  # type: ignore[operator]
        notes.append(
            f"Fermi level {levels[0].fermi_energy:g} eV in {_name(win_path)}, {levels[1].fermi_energy:g} eV in "
            f"{tools.name if tools else ''}: the first is taken."
        )
    return Beside(
        cell,
        None if taken is None else taken.value,
        wout.spreads if wout else None,
        levels[0].fermi_energy if levels else None,
        win.spinors if win else tools.spinors if tools else None,
        (*notes, *(line for line in unused if line not in unread)),
        "" if taken is None else taken.name,
        (*unread, *cautions, *told),
        tuple(unused),
    )


@dataclass(frozen=True, eq=False)
class _Checked:
    """A .wout in the unit that the lattice shows, and the kinds of witness that are of another crystal."""

    wout: Wout | None
    last: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _lattice(
    path: Path,
    own: Own | None,
    win: Win | None,
    wout: Wout | None,
    tools: ToolsInput | None,
    win_name: str,
    wout_name: str,
    needed: bool,
) -> tuple[Floats | None, list[str], _Checked]:
    """The lattice that is believed, what contradicts it, and what follows for the .wout."""
    witnesses = []
    if own is not None and own.cell is not None:
        witnesses.append(Witness(believed.MATRICES, own.name, own.cell))
    if win is not None and win.cell is not None:
        witnesses.append(Witness(believed.WIN, win_name, win.cell))
    if tools is not None:
        witnesses.append(Witness(believed.TOOLS, tools.name, tools.cell))
    notes: list[str] = []
    last: tuple[str, ...] = ()
    if wout is not None and wout.cell is not None:
        known = believed.ranked(believed.LATTICE, witnesses)
        if wout.unit is None and known and _same(BOHR * wout.cell, known[0].value):
            wout = wout.in_unit(BOHR)
            notes.append(f"{wout_name} names no unit; its lattice is that of {known[0].name} in bohr.")
        if wout.cell is not None:
            if known and not _same(wout.cell, known[0].value):
                last = (believed.WOUT,)
            witnesses.append(Witness(believed.WOUT, wout_name, wout.cell))
    structure = find_poscar(path)
    if structure is not None and (needed or witnesses):
        try:
            cell = read_poscar(structure)
        except InputError as problem:
            if not witnesses:
                raise
            notes.append(f"Not used: {problem}.")
        else:
            if not witnesses:
                notes.append(f"Lattice from {structure.name}.")
            witnesses.append(Witness(believed.STRUCTURE, structure.name, cell))
    taken, told = believed.lattice_taken(witnesses)
    return taken, told, _Checked(wout, last, tuple(notes))


def _same(a: Floats, b: Floats) -> bool:
    return float(np.linalg.norm(a - b, axis=1).max()) <= believed.allowed(b)


def _order(tools: ToolsInput | None) -> str:
    return ALTERNATING if tools is None else tools.order


def _of_spinors(
    sites: Floats | None, size: int, own: Own | None, cell: Floats | None, expected: str
) -> tuple[Floats | None, str]:
    """Centres (N, 3) on sites (N, 3), or on (N / 2, 3) of spinors, and what to note of these; None if unknown."""
    if sites is None or len(sites) == size:
        return sites, ""
    if own is None or cell is None:
        return None, ""
    return spinor_centres(sites, own.vectors, own.hoppings, cell, expected)


def _home_cell_undone(
    witnesses: list[Witness], cell: Floats, xyz_path: Path | None, needed: bool
) -> list[Witness]:
    """Centres of a `_centres.xyz` that translate_home_cell moved, brought back where H(R) has them, or left out.

    Nothing is to be done where the `.wout` or the diagonal of r has them. Else the sites where the functions started
    tell the lattice vectors, if all stayed within `SITE_REACH` of theirs. Raises `InputError` where nothing tells.
    """
    moved = next((w for w in witnesses if w.kind == believed.XYZ), None)
    if moved is None or any(w.kind in (believed.WOUT, believed.DIAGONAL) for w in witnesses):
        return witnesses
    starts = next((w for w in witnesses if w.kind in (believed.TOOLS_CENTRES, believed.PROJECTIONS)), None)
    if starts is not None:
        steps, apart = believed.split_distance(moved.value, starts.value, cell)
        if apart.max() <= believed.SITE_REACH:
            others = [w for w in witnesses if w is not moved]
            return [*others, Witness(moved.kind, moved.name, moved.value - steps @ cell)]
    if needed:
        raise InputError(
            "translate_home_cell in the .win moved these centres into the home cell, and H(R) not with them: put the "
            ".wout of the same run beside it, or use the _tb.dat",
            xyz_path,
        )
    return [w for w in witnesses if w is not moved]


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
