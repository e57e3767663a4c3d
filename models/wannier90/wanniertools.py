"""Lattice and positions from the input file of WannierTools beside an `_hr.dat`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.arrays import Floats
from models.errors import InputError
from models.wannier90.packed import read_text
from models.wannier90.text import real, seed
from models.wannier90.win import BOHR


@dataclass(frozen=True, eq=False)
class ToolsInput:
    """name : of the file. cell : (3, 3) [angstrom]. centres : (N, 3) [angstrom] or None."""

    name: str
    cell: Floats
    centres: Floats | None
    fermi_energy: float | None
    spinors: bool


def _lines(path: Path) -> list[str]:
    return [re.split(r"[!#]", line)[0].strip() for line in read_text(path).split("\n")]


def find_input(path: Path) -> Path | None:
    """The first `wt.in*` in the folder whose Hrfile is this file and that has a LATTICE; None without."""
    for candidate in sorted(path.parent.glob("wt.in*")):
        lines = _lines(candidate)
        files = [m.group(1) for line in lines if (m := re.match(r"(?i)hrfile\s*=\s*['\"]?([^'\"\s]+)", line))]
        if files and seed(Path(files[0])) == seed(path) and "LATTICE" in lines:
            return candidate
    return None


def read_input(path: Path, size: int) -> ToolsInput:
    """Lattice, positions of N functions, Fermi level of a `wt.in`; `InputError` where a card is unusable."""
    lines = _lines(path)

    def card(name: str) -> list[str]:
        at = lines.index(name) + 1
        return [line for line in lines[at:] if line]

    try:
        rows = card("LATTICE")
        cell = np.array([[real(w) for w in row.split()[:3]] for row in rows[1:4]])
        cell *= BOHR if rows[0].lower().startswith("bohr") else 1.0
        text = "\n".join(lines)
        spinors = bool(re.search(r"(?i)\bsoc\s*=\s*[1-9]", text))
        level = re.search(r"(?i)\be_fermi\s*=\s*([-+.\deEdD]+)", text)
        fermi = real(level.group(1)) if level else None
        atoms = card("ATOM_POSITIONS")
        count = int(atoms[0].split()[0])
        places = np.array([[real(w) for w in row.split()[1:4]] for row in atoms[2 : 2 + count]])
        if atoms[1].lower().startswith("d"):
            places = places @ cell
        each = _repeated(card("PROJECTORS")[0].split())[:count]
    except (ValueError, IndexError) as problem:
        raise InputError(
            f"LATTICE, ATOM_POSITIONS and PROJECTORS cannot be read ({problem})", path
        ) from problem
    centres = np.repeat(places, each, axis=0)
    if spinors and 2 * len(centres) == size:  # WannierTools' order: all of spin up, then all of spin down
        centres = np.concatenate([centres, centres])
    return ToolsInput(path.name, cell, centres if len(centres) == size else None, fermi, spinors)


def _repeated(words: list[str]) -> list[int]:
    """Whole numbers with Fortran's repeat counts: `2*6 3` is 6, 6, 3."""
    pairs = [word.split("*") if "*" in word else ["1", word] for word in words]
    return [int(value) for times, value in pairs for _ in range(int(times))]
