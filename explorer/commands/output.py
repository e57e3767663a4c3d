"""How the command line prints: JSON with plain numbers, and tables in columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

import numpy as np


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
    """One entry of a table; six digits for real numbers."""
    return f"{entry:.6g}" if isinstance(entry, (float, np.floating)) else str(entry)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
