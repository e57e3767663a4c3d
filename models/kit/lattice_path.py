"""The band-structure path of a 2D lattice: special points of its own zone, however its vectors are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.models.kit.arrays import Floats

LIKE = 0.15
"""A lattice whose three shortest vectors differ in length by less than this share is hexagonal, perhaps strained."""
OBLIQUE = 0.1
"""Cosine between two shortest vectors beyond which a lattice is oblique, and no longer a strained rectangular one."""


@dataclass(frozen=True)
class PathPoint:
    """A labelled corner of the band-structure path, in Cartesian 1/angstrom."""

    label: str
    k: tuple[float, float]


def reduced(vectors: Floats) -> Floats:
    """The two shortest vectors of a lattice (Lagrange and Gauss), rows (2, 2)."""
    short, long = sorted(np.asarray(vectors, float), key=lambda v: float(v @ v))
    while True:
        long = long - np.rint(short @ long / (short @ short)) * short
        if long @ long >= short @ short:
            return np.array([short, long])
        short, long = long, short


def lattice_path(reciprocal: Floats) -> tuple[PathPoint, ...]:
    """A path that suits the lattice of b1, b2 (rows of `reciprocal`): G-M-K-G-M'-K'-G if hexagonal, else G-X-M-Y-G.

    The vectors are reduced first, unless they are shortest ones already. M is the middle of a side, K the corner of
    the zone beside it, also where strain makes it a corner of an irregular hexagon; X, Y and M of any other lattice are
    halves of shortest vectors and of their sum.
    """
    return _path(tuple(map(float, np.ravel(reciprocal))))


@lru_cache(maxsize=64)
def _path(components: tuple[float, ...]) -> tuple[PathPoint, ...]:
    """The path; kept, since most sliders leave the lattice alone."""
    b1, b2 = _shortest(np.reshape(components, (2, 2)))
    sign = 1.0 if b1 @ b2 > 0 else -1.0
    third = b1 - sign * b2
    lengths = np.linalg.norm([b1, b2, third], axis=1)
    origin = np.zeros(2)
    if lengths.max() < (1 + LIKE) * lengths.min():
        # The corner on either side of M' = b2 / 2: one is K, or its image, and the other one K'.
        first, second = (b1, -third) if sign > 0 else (b1 + b2, b1 + b2)
        named = [
            ("Γ", origin),
            ("M", b1 / 2),
            ("K", _corner(b1, b2 if sign > 0 else first)),
            ("Γ", origin),
            ("M'", b2 / 2),
            ("K'", _corner(b2, second)),
            ("Γ", origin),
        ]
    else:
        if b1 @ b2 > OBLIQUE * lengths[0] * lengths[1]:
            b2 = -b2  # then (b1 + b2) / 2 is the middle of a side, too
        named = [
            ("Γ", origin),
            ("X", b1 / 2),
            ("M", (b1 + b2) / 2),
            ("Y", b2 / 2),
            ("Γ", origin),
            ("M'", (b1 - b2) / 2),
        ]
    return tuple(PathPoint(label, (float(k[0]), float(k[1]))) for label, k in named)


def _shortest(vectors: Floats) -> Floats:
    """The vectors themselves where they are shortest ones, or nearly so under strain; else the two shortest."""
    dot, least = float(vectors[0] @ vectors[1]), float((vectors**2).sum(axis=1).min())
    return vectors if abs(dot) <= 0.5 * (1 + LIKE) * least else reduced(vectors)


def _corner(a: Floats, b: Floats) -> Floats:
    """Where the bisectors of two reciprocal vectors meet: the point as far from both as from the origin."""
    return np.asarray(np.linalg.solve(np.array([a, b]), 0.5 * np.array([a @ a, b @ b])))
