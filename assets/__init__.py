"""Data and media that ship with the explorer, reached by name from any installation."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def path(name: str) -> Path:
    """Path of an asset, e.g. ``path("cri3/cri3_bilayer_eg_tb.dat")``; FileNotFoundError where there is none."""
    found = _HERE / name
    if not found.exists():
        raise FileNotFoundError(f"no asset named {name}")
    return found
