"""A Wannier file as a model."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from explorer.models.files.formats import BARE_NAMES, MATRIX_ENDINGS, archives
from explorer.models.files.reading import Kept, read
from explorer.models.files.wannier90.data import WannierData, data_bytes, hermiticity_error
from explorer.models.files.wannier90.file_version import file_version
from explorer.models.files.wannier90.matrices import read_wannier90
from explorer.models.files.wannier90.options import HERMITIAN_TOLERANCE, WannierOptions
from explorer.models.files.wannier90.plane import Plane, crystal_in_plane, in_plane
from explorer.models.files.wannier90.raw.npz import read_npz
from explorer.models.files.wannier90.raw.number_text import seed
from explorer.models.files.wannier90.report import WannierReport, cut_note, report
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.models.kit.model import Model, Quantity

_kept = Kept(data_bytes)


def _read(path: Path) -> WannierData:
    return read_npz(path) if path.suffix == ".npz" else read_wannier90(path)


def _try(data: WannierData) -> None:
    """The plane of these matrices, whose size depends on how far apart their cells lie."""
    with suppress(InputError):  # said again where a plane can be chosen
        whole, plane = crystal_in_plane(data, None, Path())
        in_plane(whole, plane)


def read_matrices(path: Path | str) -> WannierData:
    """Matrices of a `_tb.dat`, `_hr.dat` (plain or packed) or npz; the newest files read are kept."""
    path = matrix_file(Path(path)).resolve()
    # What stands beside the file is read with it, so a change there is a change of the source.
    version = file_version(path)
    return _kept.get((path, version), lambda: read(_read, path, _try))


def matrix_file(path: Path) -> Path:
    """The file itself, or the one in a folder: its `_tb.dat`, else its `_hr.dat`, else its only archive.

    Raises `InputError` where there is none, or more than one.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise InputError("no such file" if not path.exists() else "not a file", path)
    names = sorted(p.name for p in path.iterdir() if p.is_file())
    for ending in MATRIX_ENDINGS:
        found = [name for name in names if seed(Path(name)) + ending in name]
        if len(found) == 1:
            return path / found[0]
        if found:
            raise InputError(f"a folder of several: name one of {', '.join(found)}", path)
    bare = next((name for name in BARE_NAMES if name in names), None)
    if bare is not None:
        return path / bare
    packed = archives(names)
    if len(packed) == 1:
        return path / packed[0]
    if packed:
        raise InputError(f"a folder of several archives: name one of {', '.join(packed)}", path)
    raise InputError("a folder without a _tb.dat or _hr.dat", path)


def read_report(path: Path | str, options: WannierOptions | None = None) -> WannierReport:
    """What was read from a file, for the page: see `WannierReport`.

    A 3D file without a plane is reported, not refused: the report then offers the planes.
    """
    return report(matrix_file(Path(path)), read_matrices(path), options or WannierOptions())


class WannierFile(Model):
    """The Hamiltonian of a Wannier file on the file's Cartesian axes and energies."""

    formula = (
        r"H_{ij}(k) = \sum_R \langle 0i|H|Rj\rangle\, e^{ik\cdot(R+\tau_j-\tau_i)},\quad"
        r" D_a O = \partial_a O - i\,[A_a, O]"
    )
    reference = "G. Pizzi et al., J. Phys.: Condens. Matter 32, 165902 (2020)"

    position_matrices = Quantity(
        1.0,
        bounds=(0.0, 1.0),
        step=1.0,
        unit="",
        symbol="r",
        label="Position matrices",
        doc="Off-diagonal position matrices: 1 as in the file, 0 functions taken as points at their centres",
    )
    energy_shift = Quantity(
        0.0,
        bounds=(-50.0, 50.0),
        unit="eV",
        symbol=r"\Delta E",
        label="Energy shift",
        doc="Added to all energies of the file",
    )

    def __init__(self, path: Path | str, options: WannierOptions | None = None, **values: float) -> None:
        self.path_of_file = matrix_file(Path(path))
        self.options = options or WannierOptions()
        data = read_matrices(path)
        self._read = data
        self._data, self._plane = crystal_in_plane(data, self.options.plane, self.path_of_file)
        error = hermiticity_error(data.vectors, data.hoppings)
        if error > HERMITIAN_TOLERANCE and not self.options.hermitise:
            raise InputError(
                f"H is not Hermitian: |H(R) - H(-R)^dagger| up to {error:.3g} eV, more than rounding "
                f"({HERMITIAN_TOLERANCE:g} eV); if its Hermitian part is meant, open it with hermitise",
                self.path_of_file,
            )
        values.setdefault("position_matrices", float(self.options.position_matrices))
        values.setdefault("energy_shift", self.options.energy_shift)
        super().__init__(**values)
        self._base = in_plane(
            self._data,
            self._plane,
            degeneracy_tolerance=self.options.degeneracy_tolerance,
            kramers_pairs=self.options.kramers_pairs,
        )
        self.title = f"{self.path_of_file.name} ({data.size} functions)"  # type: ignore[misc]
        self.physics = _paragraph(self.path_of_file, data, self._plane)  # type: ignore[misc]
        self.default_mu = self.report().fermi_energy  # type: ignore[misc]

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters."""
        share = float(self.position_matrices)
        base = self._base
        if base.dipoles is not None and share != 1.0:
            base = replace(base, dipoles=share * base.dipoles if share > 0.0 else None)
        return shifted(base, float(self.energy_shift))

    def report(self) -> WannierReport:
        """What was read, for the page."""
        return report(self.path_of_file, self._read, self.options)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Where files contradict each other, and what is cut off."""
        return (*self._read.cautions, *cut_note(self._plane))

    @property
    def plane(self) -> Plane:
        """The plane of the crystal in the file."""
        return self._plane


def shifted(h: LatticeHamiltonian, energy: float) -> LatticeHamiltonian:
    """The same Hamiltonian with all energies raised [eV]."""
    if energy == 0.0:
        return h
    hoppings = h.hoppings.copy()
    for i in range(h.size):
        hoppings[~h.vectors.any(axis=1), i, i] += energy
    return replace(h, hoppings=hoppings)


def _paragraph(path: Path, data: WannierData, plane: Plane) -> str:
    cut = (
        " One layer of cells was cut out of a 3D crystal: hoppings across it up to "
        f"{plane.cut_hopping:.3g} eV are left out."
        if plane.is_cut
        else ""
    )
    r = "with" if data.positions is not None else "without"
    return (
        f"{data.size} Wannier functions of {path.name} ({data.comment.strip()}), {r} position matrices, "
        f"plane {plane.label}. Energies are those of the file.{cut} Metric, T1, T2 and orbital moment are "
        "those within the space of the Wannier functions."
    )
