"""What has happened on all pages of this process, for whoever runs the server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Counts:
    """Numbers that only grow: moves of sliders, frames sent, pages made, sources refused."""

    ticks: int = 0
    frames: int = 0
    pages: int = 0
    refusals: int = 0


COUNTS = Counts()
