r"""The crystal that a Wannier file describes: atoms from the files beside it, moments from H itself.

No Wannier90 file lists magnetic moments. Where the functions are spinors in a known order, the exchange field
on an atom is read from the on-site blocks, $B_a=\frac12\sum_{i\in atom}\mathrm{Tr}\,\sigma_a H_{ii}(R=0)$,
which is an axial vector odd under time reversal, as a moment is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.beside.companions import companions
from explorer.models.files.wannier90.beside.win import Win, read_win
from explorer.models.files.wannier90.data import WannierData, home
from explorer.models.files.wannier90.model import WannierFile, read_matrices
from explorer.models.files.wannier90.plane import PLANES
from explorer.models.files.wannier90.spin_order import order_in, orders_at, spin_indices
from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.errors import InputError

NEAR = 0.8
"""Largest distance of a function from its atom [angstrom]."""


@dataclass(frozen=True, eq=False)
class Structure:
    """Atoms of a crystal, its plane turned to xy. Lengths in angstrom.

    cell : (3, 3) lattice vectors as rows, the first two in the plane.
    labels, positions : (P,) and (P, 3), fractional.
    fields : exchange field on each atom (P, 3) [eV], turned likewise; zero without spin, None if unknown.
    spinors : whether the functions are spinors. source : what the fields were taken from, in words.
    """

    cell: Floats
    labels: tuple[str, ...]
    positions: Floats
    fields: Floats | None
    spinors: bool
    source: str


def read_structure(model: WannierFile) -> Structure | None:
    """Atoms from the `.win` beside a file and fields from its matrices; None where no `.win` lists atoms."""
    path = Path(model.path_of_file)
    place = companions(path)[0][".win"]
    if place is None:
        return None
    try:
        win = read_win(place)
    except InputError:
        return None  # the reader of the matrices has said so already
    data = read_matrices(path)
    if not win.atoms or win.num_wann not in (None, data.size):
        return None
    # The lattice is the one that is believed; what the .win places, it places on its own.
    cell, its_own = data.cell, data.cell if win.cell is None else win.cell
    labels = tuple(label for label, _ in win.atoms)
    places = np.array([place for _, place in win.atoms]) @ np.linalg.inv(its_own) @ cell
    fields, source = _fields(data, win, cell, places)
    plane = model.plane
    if plane.turn is not None:
        cell, places = plane.turn.cell(cell), places @ plane.turn.axes.T
        fields = None if fields is None else fields @ plane.turn.axes.T
    order = [*plane.in_plane, plane.stacking]
    axes = [*PLANES[plane.name], 3 - sum(PLANES[plane.name])]
    fractional = np.linalg.solve(cell.T, places.T).T
    turned = None if fields is None else fields[:, axes]
    return Structure(cell[np.ix_(order, axes)], labels, fractional[:, order], turned, win.spinors, source)


def _fields(data: WannierData, win: Win, cell: Floats, places: Floats) -> tuple[Floats | None, str]:
    """Exchange fields (P, 3) of the atoms on the file's axes, and where they come from."""
    if not win.spinors:
        return np.zeros_like(places), "no spinors: moments taken as zero"
    pairs = _spin_pairs(data)
    if pairs is None:
        return None, "the order of spin up and down is not seen in the centres"
    owner = _owners(data.centres, cell, places)  # type: ignore[arg-type]
    if owner is None:
        return None, f"a function lies farther than {NEAR} angstrom from every atom"
    block: Complexes = data.hoppings[home(data.vectors)]
    fields = np.zeros_like(places)
    for up, down in pairs:
        flip = block[up, down]
        fields[owner[up]] += [flip.real, -flip.imag, 0.5 * (block[up, up] - block[down, down]).real]
    return fields, "exchange fields from the on-site blocks of H"


def _spin_pairs(data: WannierData) -> list[tuple[int, int]] | None:
    """Indices (up, down) in the order that centres and hoppings show; alternating where they allow both."""
    allowed = [] if data.centres is None else orders_at(data.centres, data.cell)
    if not allowed:
        return None
    shown = order_in(data.hoppings)
    up, down = spin_indices(data.size, shown if shown in allowed else allowed[0])  # type: ignore[arg-type]
    return list(zip(up.tolist(), down.tolist(), strict=True))


def _owners(centres: Floats, cell: Floats, places: Floats) -> Integers | None:
    """Index of the atom nearest to each function, modulo the lattice; None where one is near none."""
    step = np.linalg.solve(cell.T, (centres[:, None] - places[None]).reshape(-1, 3).T).T
    distance = np.linalg.norm((step - np.round(step)) @ cell, axis=1).reshape(len(centres), len(places))
    return np.asarray(distance.argmin(axis=1)) if distance.min(axis=1).max() <= NEAR else None
