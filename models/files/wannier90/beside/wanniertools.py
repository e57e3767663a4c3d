"""Lattice and positions from the input file of WannierTools beside an `_hr.dat`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.beside.win import BOHR
from explorer.models.files.wannier90.raw.number_text import beside, real, seed
from explorer.models.files.wannier90.raw.unpacking import read_text
from explorer.models.files.wannier90.spin_order import ALTERNATING, HALVES, spin_indices
from explorer.models.kit.arrays import Floats
from explorer.models.kit.errors import InputError

DEFAULT_FILE = "wannier90_hr.dat"
"""Hrfile where a `wt.in` names none."""
ALTERNATE = ("qe", "quantumespresso", "quantum-espresso", "vasp6", "pwscf")
"""Packages after which spin up and down alternate; after all others all of spin up come first."""
MAX_ATOMS = 100_000
"""Atoms, and projectors of all of them, beyond which a card is an error."""


@dataclass(frozen=True, eq=False)
class ToolsInput:
    """What a `wt.in` says of N functions.

    name : of the file. cell : (3, 3) [angstrom]. centres : (N, 3) [angstrom] that it lists, or None. sites : of the
    atoms' orbitals where it lists no centres, (N, 3) or, of spinors, (N / 2, 3) [angstrom], or None.
    order : of spinors, by the package named. fermi_energy : [eV].
    """

    name: str
    cell: Floats
    centres: Floats | None
    sites: Floats | None
    order: str
    fermi_energy: float | None
    spinors: bool


class OtherElectronsError(InputError):
    """The calculation is not of the electrons of the matrix file alone: its numbers would be another's."""


def _lines(path: Path) -> list[str]:
    return [re.split(r"[!#]", line)[0].strip() for line in read_text(path).split("\n")]


def _entry(lines: list[str], key: str) -> str | None:
    """Value of a key in a namelist, without quotes."""
    found = re.search(rf"(?i)\b{key}\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^'\"\s,]+))", "\n".join(lines))
    return next((value.strip() for value in found.groups() if value is not None), None) if found else None


def find_input(path: Path) -> Path | None:
    """The first `wt.in*` in the folder that has a LATTICE and whose Hrfile is this file; None without.

    One for `wannier90_hr.dat` stands in where that lies in this archive or was renamed, and not beside it.
    """
    wanted = [seed(path)]
    if beside(path.with_name(DEFAULT_FILE), "_hr.dat") is None:
        wanted.append(seed(Path(DEFAULT_FILE)))
    named: dict[str, Path] = {}
    for candidate in sorted(path.parent.glob("wt.in*")):
        lines = _lines(candidate)
        if "LATTICE" in map(str.upper, lines):
            named.setdefault(seed(Path(_entry(lines, "hrfile") or DEFAULT_FILE)), candidate)
    return next((named[name] for name in wanted if name in named), None)


def read_input(path: Path, size: int) -> ToolsInput:
    """Lattice, positions of N functions, Fermi level of a `wt.in`.

    Raises `InputError` where a card is unusable, `OtherElectronsError` where it asks for what H(R) does not hold.
    """
    lines = _lines(path)
    _refuse(path, lines)
    upper = [line.upper() for line in lines]

    def card(*names: str) -> list[str]:
        at = min(upper.index(name) for name in names if name in upper) + 1
        return [line for line in lines[at:] if line]

    try:
        rows = card("LATTICE")
        cell = np.array([[real(w) for w in row.split()[:3]] for row in rows[1:4]])
        unit = BOHR if rows[0].lower().startswith("bohr") else 1.0
        cell *= unit
        soc, level = _entry(lines, "soc"), _entry(lines, "e_fermi")
        spinors = soc is not None and real(soc.rstrip("/")) > 0
        order = ALTERNATING if (_entry(lines, "package") or "").lower().startswith(ALTERNATE) else HALVES
        listed_centres = bool({"WANNIER_CENTRES", "WANNIER_CENTERS"} & set(upper))
        if listed_centres:
            sites = _centres(card("WANNIER_CENTRES", "WANNIER_CENTERS"), size, cell, unit)
            if (
                spinors
            ):  # listed in the order of WannierTools, which is not that of the file where spins alternate
                listed, sites = sites, np.empty_like(sites)
                sites[np.concatenate(spin_indices(size, order))] = listed
        else:
            atoms = card("ATOM_POSITIONS")
            count = int(atoms[0].split()[0])
            places = np.array([[real(w) for w in row.split()[1:4]] for row in atoms[2 : 2 + count]])
            places = places @ cell if atoms[1].lower().startswith("d") else places
            sites = np.repeat(places, _repeated(card("PROJECTORS")[0].split())[:count], axis=0)
    except (ValueError, IndexError) as problem:
        raise InputError(
            f"LATTICE, ATOM_POSITIONS and PROJECTORS cannot be read ({problem})", path
        ) from problem
    fits = len(sites) == size or (spinors and 2 * len(sites) == size)
    fermi = None if level is None else real(level.rstrip("/"))
    placed = sites if fits else None
    return ToolsInput(
        path.name,
        cell,
        placed if listed_centres else None,
        None if listed_centres else placed,
        order,
        fermi,
        spinors,
    )


def _refuse(path: Path, lines: list[str]) -> None:
    """Raise `OtherElectronsError` where the calculation is not of the electrons whose H(R) the matrix file holds."""
    particle = _entry(lines, "particle") or "electron"
    if not particle.strip().lower().startswith("electron"):
        raise OtherElectronsError(
            f"Particle = {particle!r}: the matrices beside it are not those of electrons, which alone carry the "
            "current and the magnetization here",
            path,
        )
    zeeman = (_entry(lines, "add_zeeman_field") or "f").strip(".").lower()
    if zeeman.startswith("t"):
        raise OtherElectronsError(
            "Add_Zeeman_Field adds a field to H that the matrix file does not hold, and that is not added here: take "
            "the line away to compute without the field, or write the matrices with it",
            path,
        )


def _centres(rows: list[str], size: int, cell: Floats, unit: float) -> Floats:
    """The card WANNIER_CENTRES of N functions, (N, 3) [angstrom]; ValueError where it is not that long."""
    table = np.array([[real(w) for w in row.split()[:3]] for row in rows[1 : size + 1]])
    if table.shape != (size, 3):
        raise ValueError(f"WANNIER_CENTRES: {size} rows of three numbers expected")
    return table @ cell if "D" in rows[0].upper() else unit * table


def _repeated(words: list[str]) -> list[int]:
    """Whole numbers with Fortran's repeat counts: `2*6 3` is 6, 6, 3; ValueError for absurd ones."""
    pairs = [word.split("*") if "*" in word else ["1", word] for word in words]
    counted = [(int(times), int(value)) for times, value in pairs]
    if (
        sum(times for times, _ in counted) > MAX_ATOMS
        or max((value for _, value in counted), default=0) > MAX_ATOMS
    ):
        raise ValueError(f"more than {MAX_ATOMS} projectors or atoms")
    return [value for times, value in counted for _ in range(times)]
