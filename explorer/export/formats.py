"""The formats in which results are written: one table for the command line and the page."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Format:
    """One format: how its files end, its name on a button, whether it is a picture, and what writes it.

    module, writer : module of this folder and its function of a result and a path, imported when a file is asked for:
    xarray and matplotlib take a second.
    """

    ending: str
    label: str
    picture: bool
    module: str
    writer: str

    def write(self, result: Any, path: Path) -> None:
        """Write a result to a path, whatever the path ends in."""
        getattr(importlib.import_module(f"{__package__}.{self.module}"), self.writer)(result, path)


FORMATS = (
    Format(".csv", "CSV", False, "datasets", "write_csv"),
    Format(".nc", "NetCDF", False, "datasets", "write_netcdf"),
    Format(".png", "PNG", True, "pictures", "write_picture"),
    Format(".svg", "SVG", True, "pictures", "write_picture"),
)
"""In the order of the page's buttons."""
DATA = tuple(f.ending for f in FORMATS if not f.picture)
"""Endings of files of numbers."""
ENDINGS = tuple(f.ending for f in FORMATS)
"""Endings of all formats."""


def format_of(path: Path) -> Format:
    """The format that a path's ending asks for; ValueError that lists the endings there are."""
    ending = path.suffix.lower()
    for found in FORMATS:
        if found.ending == ending:
            return found
    raise ValueError(f"{path.name}: no format ends in {ending!r} (there are {', '.join(ENDINGS)})")
