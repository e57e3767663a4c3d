"""How the command line prints: JSON with plain numbers, and tables in columns."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from explorer.export.formats import format_of


def plain(value: Any) -> Any:
    """Arrays and numpy numbers as lists and numbers; what is not finite, which JSON cannot say, as null."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


def print_json(value: Any) -> None:
    """Print as JSON on stdout."""
    print(json.dumps(plain(value), allow_nan=False))


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with columns as wide as their entries; numbers to the right."""
    body = [[cell(entry) for entry in row] for row in rows]
    numeric = [bool(body) and all(_is_number(row[i]) for row in body) for i in range(len(head))]
    widths = [max(len(row[i]) for row in [list(head), *body]) for i in range(len(head))]
    for row in [list(head), *body]:
        line = (t.rjust(w) if right else t.ljust(w) for t, w, right in zip(row, widths, numeric, strict=True))
        print("  ".join(line).rstrip())


def cell(entry: object) -> str:
    """One entry of a table; six digits for real numbers, and zero without a sign."""
    return f"{entry + 0.0:.6g}" if isinstance(entry, (float, np.floating)) else str(entry)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def listed(endings: Sequence[str]) -> str:
    """Endings in a sentence.

    >>> listed((".csv", ".nc", ".png"))
    '.csv, .nc or .png'
    """
    return f"{', '.join(endings[:-1])} or {endings[-1]}"


def save(result: Any, path: Path) -> None:
    """Write a result in the format its name asks for, and say so on stderr."""
    format_of(path).write(result, path)
    print(f"wrote {path}", file=sys.stderr)
