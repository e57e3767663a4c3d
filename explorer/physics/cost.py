"""How much work a wave vector is: it grows as the cube of the bands."""

from __future__ import annotations

from explorer.models.kit.hamiltonian import Hamiltonian

MANY_BANDS = 32
"""Bands beyond which a wave vector takes milliseconds: meshes start coarser, points are kept, symmetry is used."""


def affordable(h: Hamiltonian) -> int:
    """Wave vectors that take minutes: 112 bands get 28 000."""
    return int(min(5e6, 4e10 / h.size**3))


def in_a_moment(h: Hamiltonian) -> int:
    """Wave vectors that take about a second: up to five bands 200 000, sixteen get 9800."""
    return int(min(2e5, 4e7 / h.size**3))
