"""Models of other packages: TBmodels (HDF5 files) and PythTB (objects)."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from explorer.models.files.reading import Kept, read
from explorer.models.files.wannier90.data import WannierData, data_bytes, verified
from explorer.models.files.wannier90.matrices import FUNCTIONS_AT_MOST
from explorer.models.files.wannier90.model import shifted
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.files.wannier90.plane import crystal_in_plane, in_plane
from explorer.models.files.wannier90.raw.number_text import given_again
from explorer.models.files.wannier90.report import cut_note
from explorer.models.kit.arrays import Complexes, Integers
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.models.kit.model import Model, Quantity


def from_pythtb(model: Any, periodic: tuple[int, int] | None = None) -> LatticeHamiltonian:
    """Hamiltonian of a PythTB model (`tb_model` of 1.x, `TBModel` of 2.x) with two periodic directions.

    Orbitals are points at their positions; spin is fastest in the order of the states. Lengths are taken as
    angstrom, energies as eV.

    Parameters
    ----------
    model : the PythTB object; the package itself is not needed.
    periodic : the two periodic lattice vectors, where they are not those that the model names.

    Raises
    ------
    InputError : not two periodic directions, or lattice vectors outside the xy plane.
    """
    new = hasattr(model, "lat_vecs")
    cell = np.asarray(model.lat_vecs if new else model._lat, float)  # noqa: SLF001
    orbitals = np.asarray(model.orb_vecs if new else model._orb, float)  # noqa: SLF001
    along = tuple(periodic or (model.periodic_dirs if new else model._per))  # noqa: SLF001
    if len(along) != 2:
        raise InputError(f"the PythTB model is periodic in {len(along)} directions, two are needed")
    if np.abs(cell[list(along), 2:]).max(initial=0.0) > 1e-9:
        raise InputError("the periodic lattice vectors of the PythTB model leave the xy plane")
    spin = int(model.nspin if new else model._nspin)  # noqa: SLF001
    onsite = model.onsite if new else model._site_energies  # noqa: SLF001
    listed = [
        (h["amplitude"], h["from_orbital"], h["to_orbital"], h.get("lattice_vector", ()))
        if new
        else (*h, ())[:4]
        for h in (model.hoppings if new else model._hoppings)  # noqa: SLF001
    ]
    positions = np.repeat((orbitals @ cell)[:, :2], spin, axis=0)
    bonds = HoppingList(cell[np.ix_(along, (0, 1))], positions)
    n = len(positions)

    def block(i: int, j: int, value: Any) -> Complexes:
        matrix = np.zeros((n, n), complex)
        matrix[i * spin : (i + 1) * spin, j * spin : (j + 1) * spin] = value
        return matrix

    for i, energy in enumerate(onsite):
        bonds.onsite(block(i, i, energy))
    for value, i, j, vector in listed:
        steps = [int(vector[a]) for a in along] if len(vector) else [0, 0]
        bonds.add((steps[0], steps[1]), block(int(i), int(j), value))
    return bonds.hamiltonian()


_kept = Kept(data_bytes)


def tbmodels_matrices(path: Path) -> WannierData:
    """As `read_tbmodels`, through the door of all files; the newest files read are kept."""
    if not path.is_file():
        raise InputError("not a file" if path.exists() else "no such file", path)
    stamp = path.stat()
    return _kept.get((path, stamp.st_mtime_ns, stamp.st_size), lambda: read(read_tbmodels, path))


def read_tbmodels(path: Path | str) -> WannierData:
    """Matrices of a TBmodels HDF5 file, which holds half of them: H(R) = hop(R) + hop(-R)^dagger.

    Raises
    ------
    InputError : h5py is not installed, or the file is no TBmodels model of two or three dimensions.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("not a file" if path.exists() else "no such file", path)
    try:
        h5py: Any = importlib.import_module("h5py")
    except ImportError as problem:
        raise InputError("reading HDF5 needs the package h5py, which is not installed", path) from problem
    try:
        with h5py.File(path, "r") as file:
            group = file.get("tb_model", file)
            missing = [key for key in ("uc", "size", "dim", "pos", "hop") if key not in group]
            if missing:
                raise InputError(
                    f"not a TBmodels model: {', '.join(missing)} missing (of HDF5 files only those are read)",
                    path,
                )
            cell, positions = (np.asarray(group[key][()], float) for key in ("uc", "pos"))
            size, dim = int(group["size"][()]), int(group["dim"][()])
            if not 1 <= size <= FUNCTIONS_AT_MOST or dim not in (2, 3):
                raise InputError(
                    f"{size} orbitals in {dim} dimensions: 1 to {FUNCTIONS_AT_MOST} in 2 or 3 are read", path
                )
            if cell.shape != (dim, dim) or positions.shape != (size, dim):
                raise InputError(
                    f"lattice {cell.shape} and positions {positions.shape} do not fit {size} orbitals", path
                )
            sparse = bool(group["sparse"][()]) if "sparse" in group else False
            halves = [
                (_vector(item, dim, path), _matrix(item, size, sparse, path))
                for item in group["hop"].values()
            ]
    except (OSError, KeyError, ValueError, TypeError, IndexError, AttributeError) as problem:
        if isinstance(problem, InputError):
            raise
        raise InputError(f"cannot be read as a TBmodels model ({problem})", path) from problem
    if not halves:
        raise InputError("a model without hopping matrices", path)
    if (again := given_again(np.array([vector for vector, _ in halves]))) >= 0:
        raise InputError(f"the hopping matrix of R = {halves[again][0].tolist()} is given twice", path)
    vectors, hoppings = _both_halves(halves, size, dim)
    whole = np.eye(3) * 20.0
    whole[:dim, :dim] = cell
    centres = np.zeros((size, 3))
    centres[:, :dim] = positions @ cell
    return verified(WannierData(whole, vectors, hoppings, None, centres, path.name), path)


def _vector(item: Any, dim: int, path: Path) -> Integers:
    found = np.asarray(item["R"][()])
    if found.shape != (dim,) or (found != np.round(found)).any():
        raise InputError(f"{item.name}/R should be {dim} whole numbers, found {found.tolist()}", path)
    return found.astype(np.int64)


def _matrix(item: Any, size: int, sparse: bool, path: Path) -> Complexes:
    if not sparse:
        found = np.asarray(item["mat"][()], complex)
        if found.shape != (size, size):
            raise InputError(f"{item.name}/mat is {found.shape}, the model has {size} orbitals", path)
        return found
    matrix = np.zeros((size, size), complex)
    pointer = np.asarray(item["indptr"][()], dtype=np.int64)
    rows = np.repeat(np.arange(size), np.diff(pointer))
    np.add.at(matrix, (rows, np.asarray(item["indices"][()], dtype=np.int64)), item["data"][()])
    return matrix


def _both_halves(halves: list[tuple[Integers, Complexes]], size: int, dim: int) -> tuple[Integers, Complexes]:
    total: dict[tuple[int, ...], Complexes] = {(0, 0, 0): np.zeros((size, size), complex)}
    for vector, matrix in halves:
        there = (*(int(x) for x in vector), *(0 for _ in range(3 - dim)))
        back = tuple(-x for x in there)
        total[there] = total.get(there, 0.0) + matrix
        total[back] = total.get(back, 0.0) + matrix.conj().T
    return np.array(list(total), dtype=np.int64), np.array(list(total.values()))


class ForeignModel(Model):
    """A model of TBmodels in an HDF5 file."""

    formula = r"H_{ij}(k) = \sum_R \langle 0i|H|Rj\rangle\, e^{ik\cdot(R+\tau_j-\tau_i)}"
    reference = "D. Gresch et al., Phys. Rev. Materials 2, 103805 (2018)"

    energy_shift = Quantity(
        0.0,
        bounds=(-50.0, 50.0),
        unit="eV",
        symbol=r"\Delta E",
        label="Energy shift",
        doc="Added to all energies of the file",
    )

    def __init__(self, path: Path | str, options: WannierOptions | None = None, **values: float) -> None:
        options = options or WannierOptions()
        values.setdefault("energy_shift", options.energy_shift)
        super().__init__(**values)
        data = tbmodels_matrices(Path(path))
        self.path_of_file = Path(path)
        self.title = f"{self.path_of_file.name} ({data.size} orbitals)"  # type: ignore[misc]
        self.physics = f"{data.size} orbitals of {self.path_of_file.name}, taken as points."  # type: ignore[misc]
        data, self._plane = crystal_in_plane(data, options.plane, self.path_of_file)
        h = in_plane(data, self._plane)
        self._base = h.with_levels(options.degeneracy_tolerance, options.kramers_pairs)

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters."""
        return shifted(self._base, float(self.energy_shift))

    @property
    def cautions(self) -> tuple[str, ...]:
        """What is cut off."""
        return cut_note(self._plane)
