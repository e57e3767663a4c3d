"""How the command line reads values: the options several commands share, and their parsers."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from explorer.models.files.wannier90.cut import is_combination, parse_combinations
from explorer.models.files.wannier90.plane import PLANES
from explorer.models.kit.arrays import Floats
from explorer.session.quantities import TEMPERATURE, StateQuantity
from explorer.session.source import Source, open_source

_NEGATIVE = re.compile(r"-(\d|\.\d|inf|nan)", re.IGNORECASE)


def number(text: str) -> float:
    """A finite real number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return value


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def count(text: str) -> int:
    """A whole number above zero."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {value}")
    return value


def mesh_size(text: str) -> int:
    """Points per side of a mesh, 2 or more."""
    value = whole(text)
    if value < 2:
        raise argparse.ArgumentTypeError(f"a mesh needs 2 points a side or more, got {value}")
    return value


def names(text: str) -> list[str]:
    """One name or several, divided by commas."""
    found = [part.strip() for part in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME[,NAME..]")
    return found


def numbers(text: str) -> Floats:
    """One value or several, divided by commas."""
    return np.array([number(part) for part in text.split(",")])


def energies(text: str) -> Floats:
    """Energies as START:STOP:COUNT (both ends included) or VALUE[,VALUE..] [eV]."""
    if ":" not in text:
        return numbers(text)
    parts = text.split(":")
    if len(parts) != 3:
        raise argparse.ArgumentTypeError(f"{text!r} is neither START:STOP:COUNT nor VALUE[,VALUE..]")
    start, stop, count = number(parts[0]), number(parts[1]), whole(parts[2])
    if count < 1 or (count == 1 and start != stop):
        raise argparse.ArgumentTypeError(f"{text!r}: COUNT must be 2 or more")
    return np.linspace(start, stop, count)


def energy_range(text: str) -> tuple[float, float]:
    """LOW:HIGH [eV], in ascending order."""
    parts = text.split(":")
    if len(parts) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not LOW:HIGH")
    low, high = number(parts[0]), number(parts[1])
    if not low < high:
        raise argparse.ArgumentTypeError(f"{text!r}: LOW must be below HIGH")
    return low, high


def temperatures(text: str) -> Floats:
    """Temperatures above zero [K]."""
    values, least = numbers(text), TEMPERATURE.above or 0.0
    if np.any(values <= least):
        raise argparse.ArgumentTypeError(
            f"temperatures must be above {least:g} {TEMPERATURE.unit}, got {text}"
        )
    return values


def wave_vector(text: str) -> Floats:
    """KX,KY in Cartesian 1/angstrom."""
    k = numbers(text)
    if len(k) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not KX,KY (Cartesian, 1/angstrom)")
    return k


def tolerance(text: str) -> float:
    """A number of zero or more."""
    value = number(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more, got {text}")
    return value


def positive(text: str) -> float:
    """A number above zero."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be above 0, got {text}")
    return value


def assignment(text: str) -> tuple[str, float]:
    """NAME=VALUE of one model parameter."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), number(value)


def output_file(*suffixes: str) -> Callable[[str], Path]:
    """A parser of file names that end in one of the suffixes, in a folder that can be written."""

    def parse(text: str) -> Path:
        path = Path(text)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(suffixes)}")
        if not path.parent.is_dir():
            raise argparse.ArgumentTypeError(f"no folder {path.parent} to write {path.name} to")
        # Written beside and renamed: the folder has to let it, too.
        if path.is_dir() or not all(os.access(p, os.W_OK) for p in (path, path.parent) if p.exists()):
            raise argparse.ArgumentTypeError(f"{text} cannot be written")
        return path

    return parse


def add_quantity(to: argparse._ActionsContainer, quantity: StateQuantity, **rest: Any) -> None:
    """Declare the option of a quantity; `rest` goes to argparse, over what the quantity itself declares."""
    declared = {"metavar": quantity.metavar, "help": quantity.help, "default": quantity.default}
    if rest.get("required"):
        declared.pop("default")
    to.add_argument(quantity.option, **(declared | rest))


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare SOURCE and the options of every command that reads one."""
    parser.add_argument("source", metavar="SOURCE", help="name of a model, or path of a _tb.dat or _hr.dat")
    add_source_options(parser)


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Declare how a SOURCE is taken: the model's parameters, and what a file needs."""
    parser.add_argument(
        "--set",
        dest="assignments",
        metavar="NAME=VALUE",
        type=assignment,
        action="append",
        default=[],
        help="value of a model parameter; may be repeated",
    )
    parser.add_argument(
        "--degeneracy-tolerance",
        metavar="EV",
        type=tolerance,
        help="levels closer than this are one group (default: 1e-6 of the largest hopping; files 1e-4, or 1e-3 of the "
        "spread of their levels where that is less); what a tenth of it changes is part of the error bar",
    )
    parser.add_argument(
        "--kramers-pairs",
        action="store_true",
        help="bands (0,1), (2,3), ... are pairs whatever their splitting",
    )
    parser.add_argument(
        "--hermitise", action="store_true", help="take the Hermitian part of a file that is not Hermitian"
    )
    parser.add_argument(
        "--plane",
        metavar="xy|yz|zx|N1,N2,N3:M1,M2,M3",
        type=plane,
        help="plane of the crystal in a file: Cartesian, or two combinations of its lattice vectors",
    )


def plane(text: str) -> str:
    """A plane by its name, or by two combinations of lattice vectors in whole numbers."""
    if is_combination(text):
        try:
            parse_combinations(text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None
    elif text not in PLANES:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not one of {', '.join(PLANES)}, nor two combinations such as 1,0,0:0,1,1"
        )
    return text


def source_options(options: argparse.Namespace) -> dict[str, Any]:
    """How `open_source` is to take a source, by the options that `add_source_options` declared."""
    names = ("degeneracy_tolerance", "kramers_pairs", "plane", "hermitise")
    return {name: getattr(options, name) for name in names}


def opened(options: argparse.Namespace) -> Source:
    """The source that the options name; what its user must know of it is said on stderr."""
    source = open_source(options.source, dict(options.assignments), **source_options(options))
    for caution in source.model.cautions:
        print(f"om-explorer: note: {caution}", file=sys.stderr)
    return source


def keep_negative_values(argv: Sequence[str]) -> list[str]:
    """Join an option to a negative value after it, which argparse would take for an option.

    >>> keep_negative_values(["geometry", "haldane", "--k", "-0.1,0.2", "--json"])
    ['geometry', 'haldane', '--k=-0.1,0.2', '--json']
    """
    joined: list[str] = []
    for word in argv:
        previous = joined[-1] if joined else ""
        if _NEGATIVE.match(word) and previous.startswith("--") and "=" not in previous:
            joined[-1] = f"{previous}={word}"
        else:
            joined.append(word)
    return joined
