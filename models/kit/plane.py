"""Vectors and matrices of the plane that several models share."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats


def rotation(angle: float) -> Floats:
    """In-plane rotation by an angle in radians, (2, 2)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


def hexagonal_cell(lattice_constant: float) -> Floats:
    """Lattice vectors as rows, the first along x, the second at 60 degrees, (2, 2) [angstrom]."""
    return lattice_constant * np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def uniaxial_strain(strain: float, angle: float, poisson: float) -> Floats:
    """Strain tensor, (2, 2): `strain` along `angle` [degrees from x], -poisson times it across."""
    turn = rotation(np.radians(angle))
    return np.asarray(strain * turn @ np.diag([1.0, -poisson]) @ turn.T)
