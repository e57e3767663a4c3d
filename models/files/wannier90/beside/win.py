"""SEED.win: lattice, atoms, and from the projections where the functions start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.data import LONGEST
from explorer.models.files.wannier90.raw.number_text import real
from explorer.models.files.wannier90.raw.unpacking import read_text
from explorer.models.kit.arrays import Floats
from explorer.models.kit.errors import InputError

BOHR = 0.52917721067
"""Bohr radius [angstrom], as Wannier90 has it."""
COUNTS = {"s": 1, "p": 3, "d": 5, "f": 7, "sp": 2, "sp2": 3, "sp3": 4, "sp3d": 5, "sp3d2": 6}
"""Number of functions of each name of the projections; any other name is one function (pz, dxy, ...)."""
BY_L = {0: 1, 1: 3, 2: 5, 3: 7, -1: 2, -2: 3, -3: 4, -4: 5, -5: 6}


@dataclass(frozen=True, eq=False)
class Win:
    """What a `.win` says; None where it does not. Lengths in angstrom.

    atoms : (label, position) each. projections : lines of the block.
    """

    cell: Floats | None = None
    atoms: tuple[tuple[str, Floats], ...] = ()
    projections: tuple[str, ...] = ()
    num_wann: int | None = None
    spinors: bool = False
    fermi_energy: float | None = None
    translate_home_cell: bool = False

    def sites(self, size: int) -> Floats | None:
        """Sites of the projections, one for each of N functions or, of spinors, for two; None where N differs."""
        places: list[Floats] = []
        for line in self.projections:
            sites, many = self._sites(line), _functions(line)
            if sites is None or many is None:
                return None
            for site in sites:
                places += [site] * many
        fits = len(places) == size or (2 * len(places) == size and self.spinors)
        return np.array(places) if places and fits else None

    def _sites(self, line: str) -> list[Floats] | None:
        where = line.split(":")[0].strip()
        scale = re.match(r"(?i)([fc])\s*=\s*(.+)", where)
        if scale:
            try:
                point = np.array([float(w) for w in scale.group(2).split(",")])
            except ValueError:
                return None
            if len(point) != 3 or self.cell is None:
                return None
            return [point @ self.cell if scale.group(1).lower() == "f" else point]
        return [place for label, place in self.atoms if label.lower() == where.lower()] or None


def _functions(line: str) -> int | None:
    """How many functions one projection line puts on each of its sites."""
    parts = line.split(":")
    if len(parts) < 2:
        return None
    total = 0
    for state in re.split(r"\(|\[", parts[1])[0].split(";"):
        l_value, names = re.search(r"l\s*=\s*(-?\d+)", state), state.strip().lower()
        chosen = re.search(r"mr\s*=\s*([\w\s,\-+]+)", state)
        if chosen:
            total += len([w for w in chosen.group(1).split(",") if w.strip()])
        elif l_value:
            if int(l_value.group(1)) not in BY_L:
                return None
            total += BY_L[int(l_value.group(1))]
        else:
            total += sum(COUNTS.get(name.strip(), 1) for name in names.split(",") if name.strip())
    return total or None


def read_win(path: Path) -> Win:
    """Read the parts of a `.win` that place the functions; `InputError` with the line of a bad block."""
    lines = [re.split(r"[!#]", line)[0].strip() for line in read_text(path).split("\n")]
    blocks: dict[str, tuple[int, list[str]]] = {}
    values: dict[str, str] = {}
    inside = ""
    for number, line in enumerate(lines, start=1):
        words = line.lower().split()
        if words[:1] == ["begin"] and len(words) > 1:
            inside = words[1]
            # Some write the unit behind the name of the block, where Wannier90 has a line of its own for it.
            blocks[inside] = (number, words[2:])
        elif words[:1] == ["end"]:
            inside = ""
        elif inside and line:
            blocks[inside][1].append(line)
        elif entry := re.match(r"(\w+)\s*[=:\s]\s*(.+)", line):
            values[entry.group(1).lower()] = entry.group(2).strip()
    cell = _cell(path, blocks)
    return Win(
        cell,
        _atoms(path, blocks, cell),
        tuple(_projection_lines(blocks)),
        None if (many := _number(values, "num_wann")) is None else int(many),
        _is_true(values, "spinors"),
        _number(values, "fermi_energy"),
        _is_true(values, "translate_home_cell"),
    )


def _is_true(values: dict[str, str], key: str) -> bool:
    return values.get(key, "f").strip(".").lower().startswith("t")


def _number(values: dict[str, str], key: str) -> float | None:
    try:
        found = real(values[key].split()[0]) if key in values else np.inf
    except ValueError:
        return None
    return found if np.isfinite(found) else None


def _unit(rows: list[str]) -> tuple[float, list[str]]:
    first = rows[0].lower() if rows else ""
    if first.startswith(("bohr", "ang")):
        return (BOHR if first.startswith("bohr") else 1.0), rows[1:]
    return 1.0, rows


def _cell(path: Path, blocks: dict[str, tuple[int, list[str]]]) -> Floats | None:
    if "unit_cell_cart" not in blocks:
        return None
    line, rows = blocks["unit_cell_cart"]
    scale, rows = _unit(rows)
    try:
        cell = scale * np.array([[real(w) for w in row.replace(",", " ").split()[:3]] for row in rows[:3]])
    except ValueError as problem:
        raise InputError(
            f"unit_cell_cart: three rows of three numbers expected ({problem})", path, line
        ) from problem
    usable = cell.shape == (3, 3) and bool(np.abs(cell).max() < LONGEST)  # false for NaN
    if not usable or abs(np.linalg.det(cell)) < 1e-6:
        raise InputError("unit_cell_cart: three lattice vectors that span a volume expected", path, line)
    return cell


def _atoms(
    path: Path, blocks: dict[str, tuple[int, list[str]]], cell: Floats | None
) -> tuple[tuple[str, Floats], ...]:
    for name in ("atoms_frac", "atoms_cart"):
        if name not in blocks:
            continue
        line, rows = blocks[name]
        scale, rows = _unit(rows)
        found = []
        for row in rows:
            words = row.replace(",", " ").split()
            try:
                place = np.array([real(w) for w in words[1:4]])
            except ValueError as problem:
                raise InputError(
                    f"{name}: a label and three numbers expected ({row})", path, line
                ) from problem
            if len(place) != 3 or not np.isfinite(place).all():
                raise InputError(f"{name}: a label and three numbers expected, found {row!r}", path, line)
            if name == "atoms_frac":
                if cell is None:
                    return ()
                place = place @ cell
            else:
                place = scale * place
            found.append((words[0], place))
        return tuple(found)
    return ()


def _projection_lines(blocks: dict[str, tuple[int, list[str]]]) -> list[str]:
    rows = blocks.get("projections", (0, []))[1]
    if any(row.lower().startswith(("random", "bohr")) for row in rows):
        return []  # sites that are random, or lengths in bohr, are not worth a guess
    return [row for row in rows if not row.lower().startswith("ang")]
