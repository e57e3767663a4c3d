"""From three dimensions to two: which lattice vectors lie in the plane, and the Hamiltonian in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.arrays import Complexes, Floats, Integers
from models.errors import InputError
from models.hamiltonian import LatticeHamiltonian
from models.wannier90.data import WannierData, hermitised, home

PLANES = {"xy": (0, 1), "yz": (1, 2), "zx": (2, 0)}
"""Cartesian axes (k_x, k_y) of each named plane; the magnetization is along their cross product."""
FILE_TOLERANCE = 1e-4
"""Default degeneracy tolerance of a file [eV]."""
NEGLIGIBLE_HOPPING = 1e-3
"""Hoppings out of the plane below this [eV] are noise of the vacuum: left out, and the report says so."""
TILT = 1e-4
"""Largest component of an in-plane lattice vector along the normal, relative to its length."""


@dataclass(frozen=True)
class Plane:
    """The plane of a 2D crystal in a 3D file.

    name : "xy", "yz" or "zx".
    in_plane : indices of the two lattice vectors in it, ordered so that a1 x a2 is along the normal.
    stacking : index of the third.
    cut_hopping : largest hopping along the third vector that was left out [eV].
    """

    name: str
    in_plane: tuple[int, int]
    stacking: int
    cut_hopping: float


def hopping_along(data: WannierData) -> Floats:
    """Largest |H(R)| with R_a != 0, for each of the three lattice vectors a [eV]."""
    size = np.abs(data.hoppings).max(axis=(1, 2))
    return np.array([size[data.vectors[:, a] != 0].max(initial=0.0) for a in range(3)])


def _lies_in(cell: Floats, vector: int, name: str) -> bool:
    normal = 3 - sum(PLANES[name])
    return bool(abs(cell[vector, normal]) <= TILT * np.linalg.norm(cell[vector]))


def find_plane(data: WannierData, name: str | None = None, path: object = None) -> Plane:
    """The plane named, or the one across which nothing hops.

    A 3D file (hoppings along all three vectors above `NEGLIGIBLE_HOPPING`) is refused unless a plane is
    named; it is then cut: the hoppings within one layer, R_stacking = 0, are kept and all others left out.

    Raises
    ------
    InputError : no such plane, no vacuum and no name, or lattice vectors that leave every Cartesian plane.
    """
    where = None if path is None else str(path)
    reach = hopping_along(data)
    if name is not None:
        if name not in PLANES:
            raise InputError(f"plane {name!r} is not one of {', '.join(PLANES)}", where)
        inside = [a for a in range(3) if _lies_in(data.cell, a, name)]
        if len(inside) != 2:
            raise InputError(
                f"{len(inside)} of the three lattice vectors lie in the plane {name}, two are needed; "
                f"{_cell_text(data)}",
                where,
            )
        chosen = 3 - sum(inside)
    else:
        chosen = int(np.argmin(reach))
        if reach[chosen] > NEGLIGIBLE_HOPPING:
            possible = [p for p in PLANES if sum(_lies_in(data.cell, a, p) for a in range(3)) == 2]
            advice = (
                f"name a plane to cut one layer out of it ({' or '.join(possible)})"
                if possible
                else "and no two of its lattice vectors lie in a Cartesian plane, so no layer can be cut out"
            )
            raise InputError(
                "a 3D crystal: electrons hop along all three lattice vectors "
                f"(largest {', '.join(f'{x:.3g}' for x in reach)} eV along a1, a2, a3); {advice}",
                where,
            )
        chosen = _break_tie(data, reach, chosen)
        inside = [a for a in range(3) if a != chosen]
        fitting = [p for p in PLANES if all(_lies_in(data.cell, a, p) for a in inside)]
        if not fitting:
            raise InputError(
                f"the lattice vectors a{inside[0] + 1} and a{inside[1] + 1} of the 2D crystal lie in none of "
                f"the Cartesian planes xy, yz, zx; turn the structure so that they do; {_cell_text(data)}",
                where,
            )
        name = fitting[0]
    first, second = inside
    if np.linalg.det(data.cell[np.ix_(inside, PLANES[name])]) < 0:
        first, second = second, first
    return Plane(name, (first, second), chosen, float(reach[chosen]))


def _break_tie(data: WannierData, reach: Floats, chosen: int) -> int:
    """Of the vectors along which nothing hops: one whose other two span a Cartesian plane; the longest."""
    silent = [a for a in range(3) if reach[a] <= max(NEGLIGIBLE_HOPPING * 1e-6, reach[chosen])]
    fitting = [
        a for a in silent if any(all(_lies_in(data.cell, b, p) for b in range(3) if b != a) for p in PLANES)
    ]
    return max(fitting or silent, key=lambda a: float(np.linalg.norm(data.cell[a])))


def _cell_text(data: WannierData) -> str:
    rows = "; ".join(" ".join(f"{x:.4f}" for x in row) for row in data.cell)
    return f"the cell is [{rows}] angstrom"


def in_plane(
    data: WannierData,
    plane: Plane,
    *,
    position_matrices: bool = True,
    energy_shift: float = 0.0,
    degeneracy_tolerance: float | None = None,
    kramers_pairs: bool = False,
) -> LatticeHamiltonian:
    """The 2D Hamiltonian of the layer R_stacking = 0, on the file's Cartesian axes.

    Positions are the diagonal of r at R = 0 (theory section 2), else the centres; the dipoles are r less it.
    H and r are replaced by the mean with their adjoint: a change of half the hermiticity error.

    Parameters
    ----------
    position_matrices : use r beyond its diagonal at R = 0.
    energy_shift : added to all energies [eV].
    degeneracy_tolerance : [eV], None for `FILE_TOLERANCE`.
    """
    layer = data.vectors[:, plane.stacking] == 0
    vectors = np.ascontiguousarray(data.vectors[layer][:, list(plane.in_plane)])
    axes = list(PLANES[plane.name])
    cell = np.ascontiguousarray(data.cell[np.ix_(plane.in_plane, axes)])
    full, hoppings = hermitised(vectors, data.hoppings[layer])
    zero = home(full)
    if zero < 0:
        raise InputError("the vector R = 0 is missing")
    if energy_shift:
        hoppings[zero] += energy_shift * np.eye(data.size)
    dipoles = None
    if data.positions is not None:
        dipoles = hermitised(vectors, data.positions[layer][:, axes])[1]
    tau = _positions(data, axes, dipoles, zero)
    if dipoles is not None:
        dipoles = _off_diagonal(dipoles, tau, zero) if position_matrices else None
    return LatticeHamiltonian(
        cell,
        tau,
        full,
        hoppings,
        dipoles,
        FILE_TOLERANCE if degeneracy_tolerance is None else degeneracy_tolerance,
        kramers_pairs,
    )


def _positions(data: WannierData, axes: list[int], dipoles: Complexes | None, zero: int) -> Floats:
    if dipoles is not None:
        return np.array(np.diagonal(dipoles[zero], axis1=-2, axis2=-1).real.T)
    if data.centres is not None:
        return np.array(data.centres[:, axes])
    raise InputError("positions of the functions are not known")


def _off_diagonal(dipoles: Complexes, tau: Floats, zero: int) -> Complexes:
    less = dipoles.copy()
    each = np.arange(len(tau))
    less[zero][:, each, each] -= tau.T
    return less


def thickness(data: WannierData, plane: Plane) -> tuple[float, float]:
    """Height of the cell along the normal, and of that the part outside the functions' centres [angstrom].

    The second is the vacuum up to the extent of the functions themselves; 0 where centres are not known.
    """
    normal = 3 - sum(PLANES[plane.name])
    height = float(abs(data.cell[plane.stacking, normal]))
    zero = home(data.vectors)
    if data.positions is not None and zero >= 0:
        z = np.diagonal(data.positions[zero, normal]).real
    elif data.centres is not None:
        z = data.centres[:, normal]
    else:
        return height, 0.0
    heights = np.sort(np.mod(z, height))
    gaps = np.diff(np.concatenate([heights, heights[:1] + height]))
    return height, float(gaps.max(initial=0.0))


def vectors_of(h: LatticeHamiltonian) -> Integers:
    """Lattice vectors of a Hamiltonian, in three dimensions (R, 3), third component zero."""
    return np.column_stack([h.vectors, np.zeros(len(h.vectors), dtype=np.int64)])
