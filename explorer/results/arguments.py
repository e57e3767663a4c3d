"""What a call from Python gives as numbers and names: anything else is refused in words that name the argument."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import SupportsIndex, cast

import numpy as np
import numpy.typing as npt

from explorer.models.kit.arrays import Floats


def numbers(value: npt.ArrayLike, what: str) -> Floats:
    """`value` as an array of real numbers; ValueError where it is none."""
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError) as err:
        raise ValueError(f"{what} must be a real number or a list of them, got {value!r}") from err


def number(value: object, what: str) -> float:
    """`value` as one real number; ValueError where it is none."""
    found = numbers(cast("npt.ArrayLike", value), what)
    if found.ndim:
        raise ValueError(f"{what} must be one number, got an array of shape {found.shape}")
    return float(found)


def whole(value: object, what: str) -> int:
    """`value` as a whole number; ValueError where it is none."""
    try:
        return index(cast("SupportsIndex", value))
    except TypeError as err:
        raise ValueError(f"{what} must be a whole number, got {value!r}") from err


def names(value: object, what: str) -> list[str]:
    """Names in a list, or in one text divided by commas; ValueError where they are none."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, Iterable) or not all(isinstance(n, str) for n in listed):
        raise ValueError(f"{what} must be a name or a list of names, got {value!r}")
    return [n.strip() for n in listed if n.strip()]
