r"""Operations of the hexagonal and square layer groups, on vectors, on axial vectors and on spin 1/2.

A model lists candidates from `layer_operations`, and `magnetic_symmetries` keeps those, alone or with time
reversal, that its sites and moments allow, with their matrices on the orbitals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.spin_half import PAULI, TIME_REVERSAL
from explorer.models.kit.symmetry import Symmetry


@dataclass(frozen=True, eq=False)
class PointOperation:
    """A rotation by an angle [rad] about an axis, followed by inversion where improper."""

    name: str
    axis: tuple[float, float, float]
    angle: float
    improper: bool = False

    @cached_property
    def axial(self) -> Floats:
        """What it does to spins and moments, (3, 3), determinant 1 (Rodrigues)."""
        x, y, z = self.axis
        generator = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        turn = np.eye(3) + np.sin(self.angle) * generator + (1 - np.cos(self.angle)) * generator @ generator
        return np.asarray(np.round(turn, 15))

    @cached_property
    def polar(self) -> Floats:
        """What it does to positions, (3, 3)."""
        return -self.axial if self.improper else self.axial

    @property
    def in_plane(self) -> Floats:
        """In-plane part of the operation, (2, 2)."""
        return self.polar[:2, :2]

    @property
    def spin(self) -> Complexes:
        r"""$u=\exp(-i\theta\,\hat n\cdot\sigma/2)$, (2, 2); $u\,(v\cdot\sigma)\,u^{-1}=(Rv)\cdot\sigma$."""
        around = np.tensordot(np.array(self.axis), PAULI, axes=1)
        return np.asarray(np.cos(self.angle / 2) * np.eye(2) - 1j * np.sin(self.angle / 2) * around)


def layer_operations(fold: int) -> tuple[PointOperation, ...]:
    """The operations of D4h (fold 4) or D6h (fold 6), identity first.

    Two-fold axes and mirror normals lie at multiples of 180/fold degrees from x, and are named x and y, or by
    that angle: M_x reverses x.
    """
    if fold not in (4, 6):
        raise ValueError(f"layer groups have a principal axis of order 4 or 6, asked for {fold}")
    up = (0.0, 0.0, 1.0)
    found = [PointOperation("E", up, 0.0), PointOperation("P", up, 0.0, True)]
    for step in range(1, fold):
        common = int(np.gcd(step, fold))
        order, turn = fold // common, step // common
        power = "" if turn == 1 else "^-1" if turn == order - 1 else f"^{turn}"
        angle = 2 * np.pi * step / fold
        found.append(PointOperation(f"C{order}z{power}", up, angle))
        name = "M_z" if order == 2 else f"P C{order}z{power}"
        found.append(PointOperation(name, up, angle, True))
    for step in range(fold):
        degrees = 180 * step // fold
        tag = {0: "x", 90: "y"}.get(degrees, f" at {degrees}°")
        axis = (float(np.cos(np.pi * step / fold)), float(np.sin(np.pi * step / fold)), 0.0)
        found.append(PointOperation(f"C2{tag}", axis, np.pi))
        found.append(PointOperation(f"M_{tag.removeprefix(' at ')}", axis, np.pi, True))
    return tuple(found)


def site_images(cell: Floats, sites: Floats, operation: PointOperation) -> Integers | None:
    """Where each site goes, image[i] = j; None where no origin lets the operation map the sites.

    Parameters
    ----------
    cell : (2, 2) lattice vectors as rows. sites : (n, 3) positions, z included [angstrom].
    """
    fractions = np.eye(3)
    fractions[:2, :2] = np.linalg.inv(cell)  # Cartesian row vector to lattice coordinates, z kept
    moved = sites @ operation.polar.T
    for target in range(len(sites)):
        apart = (moved - moved[0] + sites[target])[:, None] - sites[None]
        reduced = apart @ fractions
        reduced[..., :2] -= np.round(reduced[..., :2])
        match = np.abs(reduced).max(axis=-1) < 1e-6
        if np.all(match.sum(axis=1) == 1):
            return np.asarray(match.argmax(axis=1))
    return None


def lattice_allows(cell: Floats, operation: PointOperation) -> bool:
    """Whether the operation maps the lattice on itself."""
    coordinates = cell @ operation.in_plane.T @ np.linalg.inv(cell)
    return bool(np.abs(coordinates - np.round(coordinates)).max() < 1e-6)


def magnetic_symmetries(
    cell: Floats, sites: Floats, moments: Floats, energies: Floats, candidates: Sequence[PointOperation]
) -> tuple[Symmetry, ...]:
    """Operations that keep sites, moments and site energies, with their matrices on sites times spin.

    Orbitals are ordered site by site, up then down.

    Parameters
    ----------
    cell, sites : as for `site_images`. moments : (n, 3) axial vectors. energies : (n,) scalars of the sites.
    candidates : operations to try, alone and with time reversal; the identity alone is left out.
    """
    kept = []
    for operation in candidates:
        image = site_images(cell, sites, operation) if lattice_allows(cell, operation) else None
        if image is None or np.abs(energies[image] - energies).max() > 1e-9:
            continue
        permutation = np.zeros((len(sites), len(sites)))
        permutation[image, np.arange(len(sites))] = 1
        turned = moments @ operation.axial.T
        for antiunitary, sign in ((False, 1), (True, -1)):
            if np.abs(sign * turned - moments[image]).max() > 1e-9:
                continue
            if operation.name == "E" and not antiunitary:
                continue
            spin = operation.spin @ TIME_REVERSAL if antiunitary else operation.spin
            name = with_time_reversal(operation.name) if antiunitary else operation.name
            kept.append(
                Symmetry(name, operation.in_plane, np.kron(permutation, spin).astype(complex), antiunitary)
            )
    return tuple(kept)


def with_time_reversal(name: str) -> str:
    """Name of an operation followed by time reversal: T, PT, C2y T."""
    return {"E": "T", "P": "PT"}.get(name, f"{name} T")
