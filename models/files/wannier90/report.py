"""What was read from a Wannier file, in numbers and in words, with the repairs that are honest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.beside.companions import Beside, read_beside
from explorer.models.files.wannier90.cut import dense_planes
from explorer.models.files.wannier90.data import WannierData, hermiticity_error
from explorer.models.files.wannier90.options import HERMITIAN_TOLERANCE, WannierOptions
from explorer.models.files.wannier90.plane import (
    FILE_TOLERANCE,
    PLANES,
    Plane,
    crystal_in_plane,
    find_plane,
    in_plane,
    thickness,
)
from explorer.models.files.wannier90.spin_order import order_in, orders_at
from explorer.models.kit.arrays import Floats
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import LatticeHamiltonian

MESH = 8
"""Points each way on which gaps and pair splittings are looked for."""
SMALLEST_GAP = 0.02
"""Gaps smaller than this [eV] are not listed."""
EQUAL = 1e-4
"""Levels closer than this share of the default tolerance are equal: rounding of a diagonalization, with a margin."""


@dataclass(frozen=True)
class Gap:
    """An energy window without states on the mesh: bands below it, and its edges [eV]."""

    filled: int
    lower: float
    upper: float


@dataclass(frozen=True)
class Repair:
    """Something the user may choose: the `WannierOptions` field, its value, and why."""

    option: str
    value: str | float | bool
    reason: str


@dataclass(frozen=True, eq=False)
class WannierReport:
    """What a Wannier file holds.

    bands, vectors : number of functions and of lattice vectors. comment : the file's first line.
    position_matrices : whether r is in the file. largest_weight : of Ndegen.
    hermiticity_h [eV], hermiticity_r [angstrom, None without r] : max |O(R) - O(-R)^dagger|.
    spreads : [angstrom^2] or None. spinor_order : a guess, in words.
    pair_splitting : largest splitting of levels (0,1), (2,3), ... on the mesh [eV]; None for odd N.
    usual_tolerance, tolerance : the file's default degeneracy tolerance and the one in use [eV].
    neighbours : pairs of neighbouring levels on the mesh; grouped : of these, pairs within the tolerance; split : of
    those, pairs that are not equal.
    gaps : windows without states, largest first. fermi_energy : guess [eV], `fermi_source` says whence.
    plane : "xy", "yz", "zx", or "" for a 3D file that needs a choice. cell_height, vacuum : along the
    normal [angstrom]. notes : sentences for the user. repairs : what may be chosen.
    """

    path: Path
    comment: str
    bands: int
    vectors: int
    position_matrices: bool
    largest_weight: int
    hermiticity_h: float
    hermiticity_r: float | None
    spreads: Floats | None
    spinor_order: str
    pair_splitting: float | None
    usual_tolerance: float
    tolerance: float
    neighbours: int
    grouped: int
    split: int
    gaps: tuple[Gap, ...]
    fermi_energy: float
    fermi_source: str
    plane: str
    cell_height: float
    vacuum: float
    notes: tuple[str, ...]
    repairs: tuple[Repair, ...]

    @property
    def kramers(self) -> bool:
        """Whether all levels come in pairs within the default tolerance of the file."""
        return self.pair_splitting is not None and self.pair_splitting < self.usual_tolerance


def report(path: Path, data: WannierData, options: WannierOptions) -> WannierReport:
    """Examine what was read; see `WannierReport`."""
    around = read_beside(path, data.size, needed=False)
    notes, repairs = [*data.cautions, *data.notes], []
    error = hermiticity_error(data.vectors, data.hoppings)
    if error > HERMITIAN_TOLERANCE:
        notes.append(f"H is not Hermitian: |H(R) - H(-R)^dagger| up to {error:.3g} eV.")
        repairs.append(Repair("hermitise", True, "take the Hermitian part of H"))
    name, height, vacuum, energies, usual = "", 0.0, 0.0, np.zeros((data.size, 0)), FILE_TOLERANCE
    try:
        layer, plane = crystal_in_plane(data, options.plane, path)
    except InputError as problem:
        notes.append(str(problem))
        repairs += [Repair("plane", p, reason) for p, reason in _open_planes(data)]
    else:
        name, (height, vacuum) = plane.label, thickness(layer, plane)
        flat = in_plane(layer, plane, energy_shift=options.energy_shift)
        energies, usual = _levels(flat), flat.degeneracy_tolerance
        if plane.tilt(layer.cell) > 1e-6:
            notes.append(
                f"The layer is tilted out of the plane {name} by "
                f"{np.degrees(plane.tilt(layer.cell)):.2g} degrees; areas are those of its projection."
            )
        notes += cut_note(plane)
        if not plane.is_cut and plane.cut_hopping > 0:
            notes.append(
                f"Hoppings of at most {plane.cut_hopping:.2g} eV across the vacuum are taken at k_perp = 0."
            )
    gaps = _gaps(energies)
    fermi, source = _fermi(energies, gaps, around, options.energy_shift)
    if abs(fermi) > 1e-9:
        repairs.append(Repair("energy_shift", options.energy_shift - fermi, f"put zero at the {source}"))
    splitting = None
    if data.size % 2 == 0 and energies.shape[1]:
        splitting = float((energies[1::2] - energies[::2]).max())
        if usual <= splitting < 10 * usual:
            repairs.append(
                Repair("kramers_pairs", True, f"levels come in pairs split by at most {splitting:.2g} eV")
            )
    tolerance = usual if options.degeneracy_tolerance is None else options.degeneracy_tolerance
    steps = np.diff(energies, axis=0)
    grouped = steps <= tolerance
    split = grouped & (steps > EQUAL * usual)
    if split.any():
        notes.append(
            f"{int(split.sum())} of {steps.size} neighbouring levels on an {MESH} x {MESH} mesh are split by "
            f"{steps[split].min():.2g} to {steps[split].max():.2g} eV, within the degeneracy tolerance "
            f"{tolerance:g} eV: each such group is traced as one level, and what passes between its bands is left out."
        )
        repairs.append(
            Repair("degeneracy_tolerance", EQUAL * usual, "resolve levels that are split by less than that")
        )
    return WannierReport(
        path,
        data.comment,
        data.size,
        len(data.vectors),
        data.positions is not None,
        data.largest_weight,
        error,
        None if data.positions is None else hermiticity_error(data.vectors, data.positions),
        around.spreads,
        _spinor_order(data, around),
        splitting,
        usual,
        tolerance,
        steps.size,
        int(grouped.sum()),
        int(split.sum()),
        gaps,
        fermi,
        source,
        name,
        height,
        vacuum,
        tuple(notes),
        tuple(repairs),
    )


def cut_note(plane: Plane) -> tuple[str, ...]:
    """The sentences on a layer that is cut out of a 3D crystal and on axes of its own; none without."""
    told = []
    if plane.is_cut:
        told.append(
            "One layer of cells is cut out of a 3D crystal: hoppings across it up to "
            f"{plane.cut_hopping:.3g} eV are left out."
        )
    if plane.turn is not None and not np.array_equal(plane.turn.axes, np.eye(3)):
        x, _, z = (" ".join(f"{c:.4f}" for c in axis) for axis in plane.turn.axes)
        told.append(f"Axes of the plane {plane.asked}: x along {x} of the file, z along {z}.")
    return tuple(told)


def _open_planes(data: WannierData) -> list[tuple[str, str]]:
    """Planes that a layer can be cut along, each with what that leaves out; combinations where no named one fits."""
    possible = []
    for name in PLANES:
        try:
            possible.append((name, find_plane(data, name)))
        except InputError:
            continue
    found = possible or [(text, crystal_in_plane(data, text)[1]) for text in dense_planes(data.cell)]
    return [
        (name, f"cut one layer of cells out of it, leaving out hoppings up to {plane.cut_hopping:.3g} eV")
        for name, plane in found
    ]


def _levels(h: LatticeHamiltonian) -> Floats:
    """Energies (N, MESH^2) [eV] on a mesh with Gamma."""
    steps = np.arange(MESH) / MESH
    out = []
    for row in steps:
        k = np.column_stack([np.full(MESH, row), steps])
        phase = np.exp(2j * np.pi * k @ h.vectors.T)
        H = (phase @ h.hoppings.reshape(len(h.vectors), -1)).reshape(MESH, h.size, h.size)
        out.append(np.linalg.eigvalsh(H))
    return np.concatenate(out).T


def _gaps(energies: Floats) -> tuple[Gap, ...]:
    if not energies.shape[1]:
        return ()
    top, bottom = energies.max(axis=1)[:-1], energies.min(axis=1)[1:]
    found = [
        Gap(int(n) + 1, float(top[n]), float(bottom[n])) for n in np.flatnonzero(bottom - top > SMALLEST_GAP)
    ]
    return tuple(sorted(found, key=lambda gap: gap.lower - gap.upper))


def _fermi(energies: Floats, gaps: tuple[Gap, ...], around: Beside, shift: float) -> tuple[float, str]:
    """Fermi level and where it comes from: a file, zero inside the bands, the largest gap, the median."""
    if around.fermi_energy is not None:
        return around.fermi_energy + shift, "Fermi level of the input file beside it"
    if not energies.shape[1]:
        return 0.0, "zero of the file"
    if energies.min() <= 0.0 <= energies.max():
        return 0.0, "zero of the file"
    if gaps:
        return 0.5 * (gaps[0].lower + gaps[0].upper), "middle of the largest gap"
    return float(np.median(energies)), "median of the levels"


def _spinor_order(data: WannierData, around: Beside) -> str:
    """What centres, hoppings and input files say of the order of spin and orbital; a guess."""
    n, centres = data.size, data.centres
    if around.spinors is False:
        return "no spinors, by the input file"
    if n % 2 or centres is None:
        return "no spinors (odd number of functions)" if n % 2 else "not known"
    known = "spinors" if around.spinors else "if spinors"
    allowed, shown = orders_at(centres, data.cell), order_in(data.hoppings)
    if len(allowed) == 1:
        return f"{known}: {allowed[0]}"
    if shown:
        return f"{known}: {shown} (by the hoppings)"
    if allowed:
        return f"{known}: {', or '.join(allowed)} (the centres allow both)"
    return f"{known}: no order seen in the centres"
