"""From three dimensions to two: which lattice vectors lie in the plane, and the Hamiltonian in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.cut import (
    Turn,
    dense_planes,
    is_combination,
    parse_combinations,
    turn_to,
    turned,
)
from explorer.models.files.wannier90.data import WannierData, hermitised, home
from explorer.models.files.wannier90.layer import layer_offsets, moved
from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import LatticeHamiltonian

PLANES = {"xy": (0, 1), "yz": (1, 2), "zx": (2, 0)}
"""Cartesian axes (k_x, k_y) of each named plane; the magnetization is along their cross product."""
FILE_TOLERANCE = 1e-4
"""Largest default degeneracy tolerance of a file [eV]."""
SHARE_OF_SPREAD = 1e-3
"""Default degeneracy tolerance of a file whose levels spread little, relative to their root mean square spread."""
NEGLIGIBLE_HOPPING = 5e-3
"""Hoppings out of the plane below this [eV] are those across a vacuum: the crystal is 2D."""
TILT = 0.02
"""Largest component of an in-plane lattice vector along the normal, relative to its length.

Slabs are often relaxed a little out of their plane. k stays in the Cartesian plane, where only the
projections of the lattice vectors count, so nothing is approximated; areas are those of the projected cell.
"""


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane of a 2D crystal in a 3D file.

    name : "xy", "yz" or "zx", on the axes of the data that it was found in.
    in_plane : indices of the two lattice vectors in it, ordered so that a1 x a2 is along the normal.
    stacking : index of the third.
    offsets : (N,) steps along it that bring the functions into one layer.
    cut_hopping : largest hopping along the third vector [eV].
    turn : from the file's cell and axes to those of the data, where the plane is one of combinations.
    asked : the plane as it was asked for, where that is not its name.
    """

    name: str
    in_plane: tuple[int, int]
    stacking: int
    offsets: Integers
    cut_hopping: float
    turn: Turn | None = None
    asked: str = ""

    @property
    def label(self) -> str:
        """As it is told to the user."""
        return self.asked or self.name

    def tilt(self, cell: Floats) -> float:
        """Largest component of its two lattice vectors along the normal, relative to their length."""
        normal = 3 - sum(PLANES[self.name])
        two = cell[list(self.in_plane)]
        return float((np.abs(two[:, normal]) / np.linalg.norm(two, axis=1)).max())

    @property
    def is_cut(self) -> bool:
        """Whether the crystal is 3D and one layer is cut out of it."""
        return self.cut_hopping > NEGLIGIBLE_HOPPING


def hopping_along(data: WannierData, axis: int) -> float:
    """Largest |H(R)| with R_axis != 0 [eV]."""
    return float(np.abs(data.hoppings[data.vectors[:, axis] != 0]).max(initial=0.0))


def _silence(data: WannierData, axis: int) -> tuple[float, Integers]:
    """Largest hopping along `axis`, and the images of the functions for which it is that."""
    plain, still = hopping_along(data, axis), np.zeros(data.size, dtype=np.int64)
    if plain <= NEGLIGIBLE_HOPPING:
        return plain, still
    offsets = layer_offsets(data, axis)
    joined = hopping_along(moved(data, axis, offsets), axis) if offsets.any() else plain
    return (joined, offsets) if joined <= NEGLIGIBLE_HOPPING else (plain, still)


def _lies_in(cell: Floats, vector: int, name: str) -> bool:
    normal = 3 - sum(PLANES[name])
    return bool(abs(cell[vector, normal]) <= TILT * np.linalg.norm(cell[vector]))


def crystal_in_plane(
    data: WannierData, asked: str | None = None, path: Path | None = None
) -> tuple[WannierData, Plane]:
    """The plane that is asked for, by name or by two combinations, or found (`find_plane`), and the data to take it in.

    For a plane of two combinations, `n1,n2,n3:m1,m2,m3` in terms of the file's lattice vectors, the data are on a cell
    whose first two vectors are those, and where that plane is no Cartesian one, on axes of its own: x along the first
    combination, z along the normal. `InputError` as of `find_plane`.
    """
    if asked is None or not is_combination(asked):
        return data, find_plane(data, asked, path)
    turn = turn_to(parse_combinations(asked, path), data.cell)
    data = turned(data, turn)
    name = next(p for p in ("xy", "yz", "zx") if all(_lies_in(data.cell, a, p) for a in (0, 1)))
    reach, offsets = _silence(data, 2)
    first, second = (0, 1) if np.linalg.det(data.cell[np.ix_((0, 1), PLANES[name])]) > 0 else (1, 0)
    return data, Plane(name, (first, second), 2, offsets, reach, turn, asked)


def find_plane(data: WannierData, name: str | None = None, path: Path | None = None) -> Plane:
    """The plane named, or the one across which nothing hops.

    A 3D file (hoppings along all three vectors above `NEGLIGIBLE_HOPPING`) is refused unless a plane is
    named; it is then cut: the hoppings within one layer of cells, R_stacking = 0, are kept and all others
    left out.

    Raises
    ------
    InputError : no such plane, no vacuum and no name, or lattice vectors that leave every Cartesian plane.
    """
    if name is not None:
        if name not in PLANES:
            raise InputError(
                f"plane {name!r} is not one of {', '.join(PLANES)}, nor two combinations of the lattice vectors such "
                "as 1,0,0:0,1,1",
                path,
            )
        inside = [a for a in range(3) if _lies_in(data.cell, a, name)]
        if len(inside) != 2:
            raise InputError(
                f"{len(inside)} of the three lattice vectors lie in the plane {name}, two are needed; name the plane "
                f"by two combinations of them, such as 1,0,0:0,1,1; {_cell_text(data)}",
                path,
            )
        stacking = 3 - sum(inside)
        reach, offsets = _silence(data, stacking)
    else:
        found = [_silence(data, a) for a in range(3)]
        stacking = _vacuum(data, [reach for reach, _ in found], path)
        reach, offsets = found[stacking]
        inside = [a for a in range(3) if a != stacking]
        fitting = _planes_through(data, stacking)
        if not fitting:
            raise InputError(
                f"the lattice vectors a{inside[0] + 1} and a{inside[1] + 1} of the 2D crystal lie in none of "
                f"the Cartesian planes xy, yz, zx; name the plane by them, {_pair_text(inside)}, or turn the "
                f"structure; {_cell_text(data)}",
                path,
            )
        name = fitting[0]
    first, second = inside
    if np.linalg.det(data.cell[np.ix_(inside, PLANES[name])]) < 0:
        first, second = second, first
    return Plane(name, (first, second), stacking, offsets, reach)


def _planes_through(data: WannierData, stacking: int) -> list[str]:
    """Cartesian planes that hold the two other lattice vectors."""
    return [p for p in PLANES if all(_lies_in(data.cell, a, p) for a in range(3) if a != stacking)]


def _vacuum(data: WannierData, reach: list[float], path: Path | None) -> int:
    """The lattice vector along which nothing hops; of several, the longest that leaves a Cartesian plane."""
    silent = [a for a in range(3) if reach[a] <= NEGLIGIBLE_HOPPING]
    if not silent:
        possible = [p for p in PLANES if sum(_lies_in(data.cell, a, p) for a in range(3)) == 2]
        advice = (
            f"name a plane ({' or '.join(possible)}) to cut one layer of cells out of it"
            if possible
            else "no two of its lattice vectors lie in a Cartesian plane: name a plane by two combinations of them, "
            f"such as {' or '.join(dense_planes(data.cell))}, to cut one layer of cells out of it"
        )
        raise InputError(
            "a 3D crystal: electrons hop along all three lattice vectors "
            f"(up to {', '.join(f'{x:.3g}' for x in reach)} eV along a1, a2, a3); {advice}",
            path,
        )
    fitting = [a for a in silent if _planes_through(data, a)]
    quiet = min(reach[a] for a in fitting or silent)
    best = [a for a in fitting or silent if reach[a] <= max(quiet, 1e-9)]
    return max(best, key=lambda a: float(np.linalg.norm(data.cell[a])))


def _pair_text(inside: list[int]) -> str:
    """Two of the lattice vectors as combinations."""
    return ":".join(",".join(str(int(a == b)) for b in range(3)) for a in inside)


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
    """The 2D Hamiltonian on the file's Cartesian axes.

    A 2D crystal is taken at k_perp = 0: what little hops across the vacuum is added up over R_stacking. Of a
    3D crystal that is cut, only R_stacking = 0 is kept. Positions are the diagonal of r at R = 0 (theory
    section 2), else the centres; the dipoles are r less it.
    H and r are replaced by the mean with their adjoint: a change of half the hermiticity error.

    Parameters
    ----------
    position_matrices : use r beyond its diagonal at R = 0.
    energy_shift : added to all energies [eV].
    degeneracy_tolerance : [eV], None for `default_tolerance`.
    """
    data = moved(data, plane.stacking, plane.offsets)
    axes = list(PLANES[plane.name])
    cell = np.ascontiguousarray(data.cell[np.ix_(plane.in_plane, axes)])
    full, hoppings = hermitised(*_layer(data, plane, data.hoppings))
    zero = home(full)
    if energy_shift:
        hoppings[zero] += energy_shift * np.eye(data.size)
    tau, dipoles = _positions(data, axes), None
    if data.positions is not None and position_matrices:
        dipoles = hermitised(*_layer(data, plane, data.positions[:, axes]))[1]
        each = np.arange(data.size)
        dipoles[zero][:, each, each] -= tau.T
    return LatticeHamiltonian(
        cell,
        tau,
        full,
        hoppings,
        dipoles,
        default_tolerance(full, hoppings) if degeneracy_tolerance is None else degeneracy_tolerance,
        kramers_pairs,
    )


def default_tolerance(vectors: Integers, hoppings: Complexes) -> float:
    r"""Degeneracy tolerance of a file [eV]: 1e-4 eV, or 1e-3 of the spread of the levels where that is less.

    The spread is that of all levels at all k about their mean,
    $\sigma^2=\sum_R\mathrm{tr}H_RH_R^\dagger/N-(\mathrm{tr}H_0/N)^2$, which knows no cell and no origin of energies.
    vectors (R, 2), hoppings (R, N, N) [eV].
    """
    n, zero = hoppings.shape[-1], home(vectors)
    centred = hoppings.copy()
    centred[zero] -= (
        np.trace(hoppings[zero]).real / n * np.eye(n)
    )  # else a large common energy leaves rounding only
    spread = float(np.linalg.norm(centred)) / np.sqrt(n)
    return float(min(FILE_TOLERANCE, SHARE_OF_SPREAD * spread))


def _layer(data: WannierData, plane: Plane, matrices: Complexes) -> tuple[Integers, Complexes]:
    """In-plane vectors, and matrices (R, ..., N, N) at R_stacking = 0, or summed over it in a 2D crystal."""
    keep = data.vectors[:, plane.stacking] == 0 if plane.is_cut else np.ones(len(data.vectors), dtype=bool)
    flat = data.vectors[keep][:, list(plane.in_plane)]
    if not data.vectors[keep, plane.stacking].any():
        return np.ascontiguousarray(flat), matrices[keep]
    vectors, target = np.unique(flat, axis=0, return_inverse=True)
    summed = np.zeros((len(vectors), *matrices.shape[1:]), complex)
    np.add.at(summed, target.ravel(), matrices[keep])
    return vectors, summed


def _positions(data: WannierData, axes: list[int]) -> Floats:
    if data.positions is not None:
        diagonal = np.diagonal(data.positions[home(data.vectors)], axis1=-2, axis2=-1).real
        return np.ascontiguousarray(diagonal[axes].T)
    if data.centres is not None:
        return np.ascontiguousarray(data.centres[:, axes])
    raise InputError("positions of the functions are not known")


def thickness(data: WannierData, plane: Plane) -> tuple[float, float]:
    """Height of the cell along the normal, and of that the part outside the functions' centres [angstrom].

    The second is the vacuum up to the extent of the functions themselves; 0 where centres are not known.
    """
    normal = 3 - sum(PLANES[plane.name])
    height = float(abs(data.cell[plane.stacking, normal]))
    if data.centres is None:
        return height, 0.0
    heights = np.sort(np.mod(data.centres[:, normal], height))
    gaps = np.diff(np.concatenate([heights, heights[:1] + height]))
    return height, float(gaps.max(initial=0.0))
