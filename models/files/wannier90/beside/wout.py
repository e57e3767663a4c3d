"""SEED.wout: lattice, centres and spreads of the final state, in angstrom whatever unit the run printed them in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.beside.win import BOHR
from explorer.models.files.wannier90.raw.unpacking import read_text
from explorer.models.kit.arrays import Floats
from explorer.models.kit.errors import InputError

_LATTICE_UNIT = re.compile(r"Lattice Vectors\s*\((\w+)\)", re.IGNORECASE)
_LENGTH_UNIT = re.compile(r"\|\s*Length Unit\s*:\s*(\w+)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Wout:
    """What a `.wout` says; None where it does not.

    cell : (3, 3) [angstrom]. centres : (N, 3) [angstrom]. spreads : (N,) [angstrom^2].
    unit : angstrom of the unit of length it is printed in (1, or the Bohr radius); None where it names none.
    """

    cell: Floats | None
    centres: Floats | None
    spreads: Floats | None
    unit: float | None

    def in_unit(self, angstrom: float) -> Wout:
        """The same file read as if its unit of length were that many angstrom."""
        factor = angstrom / (self.unit or 1.0)
        return Wout(
            None if self.cell is None else factor * self.cell,
            None if self.centres is None else factor * self.centres,
            None if self.spreads is None else factor**2 * self.spreads,
            angstrom,
        )


def read_wout(path: Path, size: int) -> Wout:
    """Read the lattice and the final state of N functions of a `SEED.wout`; `InputError` with the line of a bad one.

    `length_unit = bohr` in the `.win` prints every length in bohr, spreads in bohr^2; the file says so twice.
    """
    text = read_text(path)
    lines = text.split("\n")
    named = {m.group(1).lower()[:4] for rule in (_LATTICE_UNIT, _LENGTH_UNIT) for m in rule.finditer(text)}
    units = {BOHR if name == "bohr" else 1.0 for name in named if name.startswith(("bohr", "ang"))}
    if len(units) > 1:
        raise InputError("lengths in bohr by one line, in angstrom by another: is this one run?", path)
    unit = units.pop() if units else None
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
    scale = unit or 1.0
    return Wout(
        scale * np.array(cell) if len(cell) == 3 else None,
        None if table is None else scale * table[:, :3],
        None if table is None else scale**2 * table[:, 3],
        unit,
    )
