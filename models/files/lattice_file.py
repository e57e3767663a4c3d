"""A tight-binding model in a TOML file, for users to write: read, checked, and made a `Model` like any other.

The format is shown by assets/models/blank.toml, which is also the model `blank`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from explorer.models.files.expressions import RESERVED, evaluate, holds
from explorer.models.files.reading import read, read_here
from explorer.models.files.toml_lines import TomlLines
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.spin_half import PAULI, direction, site_terms, spin_of_sites
from explorer.models.kit.symmetry import Symmetry

LARGEST_FILE = 1_000_000
"""Bytes a file may have."""
MOST_ORBITALS = 256
DEEPEST_KEY = 64
"""Parts that a dotted key may have."""
SPIN = {"0": np.eye(2, dtype=complex), "x": PAULI[0], "y": PAULI[1], "z": PAULI[2]}
TABLES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "model": (frozenset(), frozenset({"title", "formula", "physics", "reference", "spinful", "default_mu"})),
    "lattice": (frozenset({"a1", "a2"}), frozenset()),
    "parameters": (frozenset({"default", "bounds"}), frozenset({"unit", "symbol", "doc"})),
    "orbitals": (frozenset({"name", "position"}), frozenset({"energy"})),
    "hoppings": (frozenset({"from", "to", "cells", "value"}), frozenset({"spin"})),
    "exchange": (frozenset({"orbital", "strength"}), frozenset({"polar", "azimuth"})),
    "symmetries": (
        frozenset({"name", "rotation", "images"}),
        frozenset({"antiunitary", "spin", "when"}),
    ),
}
"""Keys each table must have, and those it may have."""


class LatticeFileModel(Model):
    """A model read from a file; `load_lattice_file` makes a subclass with the file's parameters."""

    entries: ClassVar[Mapping[str, Any]] = {}
    """The file's tables."""
    lines: ClassVar[TomlLines]

    def names(self) -> dict[str, complex]:
        """Parameters and the file's constants, as expressions see them."""
        known: dict[str, complex] = {k: complex(v) for k, v in self.values().items()}
        for name, text in self.entries.get("constants", {}).items():
            with self.lines.blame("constants", key=name):
                known[name] = evaluate(text, known)
        return known

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters; orbital by orbital, up then down where spinful."""
        known, orbitals, size = self.names(), self.entries["orbitals"], self.spin_states()
        bonds = HoppingList(self._cell(known), np.repeat(self._positions(known), size, axis=0))
        count = len(orbitals) * size
        onsite = np.zeros((count, count), complex)
        for i, orbital in enumerate(orbitals):
            with self.lines.blame("orbitals", i, "energy"):
                energy = _real(orbital.get("energy", 0.0), known)
            onsite[self._block(i, i)] += energy * np.eye(size)
        for i, entry in enumerate(self.entries.get("exchange", ())):
            with self.lines.blame("exchange", i, "strength"):
                at = self._index(entry["orbital"])
                onsite[self._block(at, at)] += _exchange(entry, known)
        bonds.onsite(onsite)
        for i, entry in enumerate(self.entries.get("hoppings", ())):
            with self.lines.blame("hoppings", i, "value"):
                value = evaluate(entry["value"], known) * self._pauli(entry)
            block = np.zeros((count, count), complex)
            block[self._block(self._index(entry["from"]), self._index(entry["to"]))] = value
            for n1, n2 in entry["cells"]:
                bonds.add((n1, n2), block)
        return bonds.hamiltonian()

    def symmetries(self) -> tuple[Symmetry, ...]:
        """The file's operations whose condition holds."""
        known, size = self.names(), self.spin_states()
        kept = []
        for i, entry in enumerate(self.entries.get("symmetries", ())):
            with self.lines.blame("symmetries", i):
                if not holds(entry.get("when", "0 == 0"), known):
                    continue
                rotation = np.array([[_real(x, known) for x in row] for row in entry["rotation"]])
                spin = np.eye(size, dtype=complex)
                if "spin" in entry:
                    spin = np.array([[evaluate(x, known) for x in row] for row in entry["spin"]])
                matrix = np.kron(self._permutation(entry["images"]), spin).astype(complex)
                if not np.allclose(matrix @ matrix.conj().T, np.eye(len(matrix))):
                    raise ValueError("images and spin do not make a unitary matrix")
                if rotation.shape != (2, 2) or not np.allclose(rotation @ rotation.T, np.eye(2)):
                    raise ValueError("rotation must be an orthogonal 2 x 2 matrix")
            kept.append(Symmetry(entry["name"], rotation, matrix, bool(entry.get("antiunitary", False))))
        return tuple(kept)

    def spin(self) -> Complexes | None:
        """Pauli matrices on the orbitals, None where the file is spinless."""
        if self.spin_states() == 1:
            return None
        return spin_of_sites(len(self.entries["orbitals"]))

    def spin_states(self) -> int:
        """2 where every orbital is there up and down, else 1."""
        return 2 if self.entries.get("model", {}).get("spinful", False) else 1

    def _cell(self, known: Mapping[str, complex]) -> Floats:
        rows = []
        for key in ("a1", "a2"):
            with self.lines.blame("lattice", key=key):
                rows.append(_pair(self.entries["lattice"][key], known))
        cell = np.array(rows)
        with self.lines.blame("lattice"):
            if abs(np.linalg.det(cell)) < 1e-9:
                raise ValueError("a1 and a2 span no area")
        return cell

    def _positions(self, known: Mapping[str, complex]) -> Floats:
        fractions = []
        for i, orbital in enumerate(self.entries["orbitals"]):
            with self.lines.blame("orbitals", i, "position"):
                fractions.append(_pair(orbital["position"], known))
        return np.asarray(np.array(fractions) @ self._cell(known))

    def _index(self, name: str) -> int:
        names = [o["name"] for o in self.entries["orbitals"]]
        if name not in names:
            raise ValueError(f"no orbital is named {name!r}; there are {', '.join(names)}")
        return names.index(name)

    def _block(self, i: int, j: int) -> tuple[slice, slice]:
        size = self.spin_states()
        return slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size)

    def _pauli(self, entry: Mapping[str, Any]) -> Complexes:
        return np.eye(1, dtype=complex) if self.spin_states() == 1 else SPIN[entry.get("spin", "0")]

    def _permutation(self, images: Mapping[str, str]) -> Floats:
        count = len(self.entries["orbitals"])
        matrix = np.zeros((count, count))
        for orbital in self.entries["orbitals"]:
            if orbital["name"] not in images:
                raise ValueError(f"images does not say where orbital {orbital['name']!r} goes")
            matrix[self._index(images[orbital["name"]]), self._index(orbital["name"])] = 1
        return matrix


def load_lattice_file(path: str | Path) -> LatticeFileModel:
    """The model in a TOML file, at its defaults.

    InputError, with the file and where possible the line, for anything that cannot be used.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("no such file", path)
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"longer than {LARGEST_FILE} bytes; a lattice model is not", path)
    return lattice_model(path)()


def open_lattice_file(path: Path, options: WannierOptions) -> LatticeFileModel:
    """As `load_lattice_file`; InputError where a plane is asked for, which a lattice model in a plane has not."""
    if options.plane is not None:
        raise InputError("a plane is for Wannier files; this is a 2D lattice model already", path)
    return load_lattice_file(path)


def lattice_model(path: Path, key: str = "", module: str = "lattice_file") -> type[LatticeFileModel]:
    """The model class of a file; with a key and a module of `models`, it joins the catalogue."""
    # Files of the catalogue are ours: the first page would wait a second for the process that reads a stranger's.
    text, entries = (read_here if key else read)(_tables_of, path, partial(_try, path))
    return read_here(lambda path: _model_of(path, text, entries, key, module), path)


def _tables_of(path: Path) -> tuple[str, dict[str, Any]]:
    """Text of a file, and its tables."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("not a text file in UTF-8", path) from None
    # tomllib keeps every beginning of a dotted key: the square of its length in memory.
    for number, line in enumerate(text.splitlines(), start=1):
        if line.split("=")[0].count(".") > DEEPEST_KEY:
            raise InputError(f"a key of more than {DEEPEST_KEY} parts", path, number)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise TomlLines(path, text).syntax_error(problem) from None


def _try(path: Path, tables: tuple[str, dict[str, Any]]) -> None:
    text, entries = tables
    _model_of(path, text, entries, "", "lattice_file")


def _model_of(
    path: Path, text: str, entries: dict[str, Any], key: str, module: str
) -> type[LatticeFileModel]:
    lines = TomlLines(path, text)
    _check_tables(entries, lines)
    about = entries.get("model", {})
    body: dict[str, Any] = {
        "__module__": module,
        "__doc__": f"The lattice model of {path.name}.",
        "key": key or path.stem,
        "title": about.get("title", path.stem),
        "formula": about.get("formula", ""),
        "physics": about.get("physics", ""),
        "reference": about.get("reference", ""),
        "default_mu": float(about.get("default_mu", 0.0)),
        "entries": entries,
        "lines": lines,
        "presets": entries.get("presets", {}),
        **_quantities(entries.get("parameters", {}), lines),
    }
    found: type[LatticeFileModel] = type("LatticeFile", (LatticeFileModel,), body)
    _check_presets(found)
    for values in ({}, *found.presets.values()):  # what cannot be evaluated is said now, not at a slider
        model = found(**values)
        model.hamiltonian()
        model.symmetries()
    return found


def _quantities(tables: Mapping[str, Any], lines: TomlLines) -> dict[str, Quantity]:
    found = {}
    for name, table in tables.items():
        with lines.blame(f"parameters.{name}"):
            if not name.isidentifier() or name.startswith("_") or name in RESERVED or hasattr(Model, name):
                raise ValueError(f"a parameter cannot be named {name!r}: that name means something else")
            low, high = _pair(table["bounds"], {})
            default = _real(table["default"], {})
            if not low <= default <= high:
                raise ValueError(f"default {default:g} lies outside the bounds {low:g} to {high:g}")
            found[name] = Quantity(
                default,
                bounds=(low, high),
                unit=str(table.get("unit", "")),
                symbol=str(table.get("symbol", name)),
                label=name,
                doc=str(table.get("doc", "")),
            )
    return found


def _check_tables(entries: Mapping[str, Any], lines: TomlLines) -> None:
    """Refuse unknown and missing tables and keys, and values of the wrong shape."""
    for name in entries:
        with lines.blame(name):
            if name not in {*TABLES, "constants", "presets"}:
                raise ValueError(
                    f"no table is named {name!r}; there are {', '.join(TABLES)}, constants, presets"
                )
    for name in ("lattice", "orbitals"):
        if not entries.get(name):
            raise InputError(f"no {name} given; see assets/models/blank.toml for the format", lines.path)
    for name, (needed, allowed) in TABLES.items():
        for label, number, table in _tables(name, entries.get(name, {}), lines):
            with lines.blame(label, number):
                if not isinstance(table, dict):
                    raise ValueError(f"{label} must be a table")
                if missing := needed - table.keys():
                    raise ValueError(f"{label} lacks {', '.join(sorted(missing))}")
            for key in table.keys() - needed - allowed:
                with lines.blame(label, number, key):
                    known = ", ".join(sorted(needed | allowed))
                    raise ValueError(f"{label} has no key {key!r}; it has {known}")
    _check_orbitals(entries, lines)
    _check_hoppings(entries, lines)


def _tables(name: str, found: Any, lines: TomlLines) -> list[tuple[str, int | None, Any]]:
    """The tables of one name with what they are called: one, one per parameter, or a list."""
    if name in ("model", "lattice"):
        return [(name, None, found)] if found or name == "lattice" else []
    if name == "parameters":
        return [(f"parameters.{key}", None, table) for key, table in found.items()]
    with lines.blame(name):
        if found and not isinstance(found, list):
            raise ValueError(f"{name} must be a list of tables, each under [[{name}]]")
    return [(name, i, table) for i, table in enumerate(found)]


def _check_orbitals(entries: Mapping[str, Any], lines: TomlLines) -> None:
    seen: set[str] = set()
    for i, orbital in enumerate(entries["orbitals"]):
        with lines.blame("orbitals", i, "name"):
            if not isinstance(orbital["name"], str) or orbital["name"] in seen:
                raise ValueError(f"orbital {orbital['name']!r} is not a name of its own")
        seen.add(orbital["name"])
    if len(seen) > MOST_ORBITALS:
        raise InputError(f"{len(seen)} orbitals; at most {MOST_ORBITALS} are read", lines.path)


def _check_hoppings(entries: Mapping[str, Any], lines: TomlLines) -> None:
    """Every hopping between known orbitals, by integer cells, none given twice nor the adjoint of another."""
    names = [o["name"] for o in entries["orbitals"]]
    spinful = entries.get("model", {}).get("spinful", False)
    seen: dict[tuple[Any, ...], int] = {}
    for i, entry in enumerate(entries.get("hoppings", ())):
        for key in ("from", "to"):
            with lines.blame("hoppings", i, key):
                if entry[key] not in names:
                    raise ValueError(f"no orbital is named {entry[key]!r}; there are {', '.join(names)}")
        with lines.blame("hoppings", i, "spin"):
            if entry.get("spin", "0") not in SPIN or ("spin" in entry and not spinful):
                raise ValueError('spin is "x", "y", "z" or "0", and only where spinful = true')
        with lines.blame("hoppings", i, "cells"):
            for step in _steps(entry["cells"]):
                here = (entry["from"], entry["to"], *step, entry.get("spin", "0"))
                back = (entry["to"], entry["from"], -step[0], -step[1], entry.get("spin", "0"))
                if here == back:
                    raise ValueError("a hopping from an orbital to itself in cell [0, 0] is its energy")
                if back in seen:
                    first = lines.line("hoppings", seen[back])
                    raise ValueError(
                        f"cell {list(step)} is the adjoint of line {first}; it is added by itself"
                    )
                if here in seen:
                    first = lines.line("hoppings", seen[here])
                    raise ValueError(
                        f"cell {list(step)} is given a second time, after line {first}: add the values"
                    )
                seen[here] = i
    if entries.get("exchange") and not spinful:
        with lines.blame("exchange", 0):
            raise ValueError("an exchange field needs spinful = true under [model]")


def _steps(cells: Any) -> list[tuple[int, int]]:
    if not isinstance(cells, list) or not all(
        isinstance(c, list) and len(c) == 2 and all(type(n) is int and abs(n) < 1000 for n in c)
        for c in cells
    ):
        raise ValueError("cells must be a list of pairs of integers, such as [[0, 0], [1, 0]]")
    return [(c[0], c[1]) for c in cells]


def _check_presets(model: type[LatticeFileModel]) -> None:
    quantities = model.quantities()
    for name, values in model.presets.items():
        with model.lines.blame(f'presets."{name}"'):
            for key, value in values.items():
                if key not in quantities:
                    raise ValueError(f"preset {name!r} sets {key!r}, which is no parameter")
                low, high = quantities[key].bounds
                if not low <= value <= high:
                    raise ValueError(f"preset {name!r} sets {key} = {value}, outside {low:g} to {high:g}")


def _exchange(entry: Mapping[str, Any], known: Mapping[str, complex]) -> Complexes:
    strength = _real(entry["strength"], known)
    polar, azimuth = (_real(entry.get(key, 0.0), known) for key in ("polar", "azimuth"))
    return site_terms(np.zeros(1), strength * direction(polar, azimuth)[None])


def _real(text: Any, known: Mapping[str, complex]) -> float:
    value = evaluate(text, known)
    if abs(value.imag) > 1e-12 * max(1.0, abs(value)):
        raise ValueError(f"{text!r} must be real, it is {value:.6g}")
    return value.real


def _pair(entry: Any, known: Mapping[str, complex]) -> tuple[float, float]:
    if not isinstance(entry, Sequence) or isinstance(entry, str) or len(entry) != 2:
        raise ValueError(f"expected two numbers or expressions in brackets, found {entry!r}")
    return _real(entry[0], known), _real(entry[1], known)
