"""The domain of integration: the reciprocal cell of a lattice, or the disc of a k.p model.

Either is the image of the unit square (s, t), with a Jacobian, so meshes, triangles and adaptive cells are
written once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, PolynomialHamiltonian


@dataclass(frozen=True, eq=False)
class ReciprocalCell:
    """k = s b1 + t b2, periodic in s and t. reciprocal : (2, 2), b1 and b2 as rows [1/angstrom]."""

    reciprocal: Floats

    def wave_vectors(self, s: Floats, t: Floats) -> Floats:
        """k, (2, ...) [1/angstrom]."""
        b1, b2 = self.reciprocal
        return np.stack([s * b1[0] + t * b2[0], s * b1[1] + t * b2[1]])

    def jacobian(self, s: Floats, t: Floats) -> Floats:
        """d2k / ds dt [1/angstrom^2], shape of s."""
        return np.full(np.shape(s), self.area)

    @property
    def area(self) -> float:
        """[1/angstrom^2]"""
        return float(abs(np.linalg.det(self.reciprocal)))

    def mesh(self, n: int) -> tuple[Floats, Floats]:
        """The n x n points (i/n, j/n), Gamma first, i slow: k (2, n*n) and weights d2k/(2 pi)^2 (n*n,)."""
        s, t = np.meshgrid(np.arange(n) / n, np.arange(n) / n, indexing="ij")
        k = self.wave_vectors(s.ravel(), t.ravel())
        return k, np.full(n * n, self.area / (4 * np.pi**2 * n * n))


@dataclass(frozen=True, eq=False)
class Disc:
    """|k| < cutoff [1/angstrom] in polar coordinates: radius s cutoff, angle 2 pi t (periodic in t)."""

    cutoff: float

    def wave_vectors(self, s: Floats, t: Floats) -> Floats:
        """k, (2, ...) [1/angstrom]."""
        r = self.cutoff * np.asarray(s)
        return np.stack([r * np.cos(2 * np.pi * t), r * np.sin(2 * np.pi * t)])

    def jacobian(self, s: Floats, t: Floats) -> Floats:
        """d2k / ds dt [1/angstrom^2], shape of s."""
        return 2 * np.pi * self.cutoff**2 * np.asarray(s) * np.ones_like(t)

    @property
    def area(self) -> float:
        """[1/angstrom^2]"""
        return float(np.pi * self.cutoff**2)

    def mesh(self, n: int) -> tuple[Floats, Floats]:
        """n Gauss-Legendre radii times n equidistant angles (second order nowhere: the radius has an edge)."""
        x, w = np.polynomial.legendre.leggauss(n)
        s, t = np.meshgrid((x + 1) / 2, np.arange(n) / n, indexing="ij")
        weight = np.repeat(w / 2 / n, n) * self.jacobian(s.ravel(), t.ravel()) / (4 * np.pi**2)
        return self.wave_vectors(s.ravel(), t.ravel()), weight


Zone = ReciprocalCell | Disc


def zone_of(h: Hamiltonian) -> Zone:
    """The zone over which responses of h are integrated."""
    if isinstance(h, PolynomialHamiltonian) and h.cell is None:
        return Disc(h.cutoff)
    return ReciprocalCell(h.reciprocal)
