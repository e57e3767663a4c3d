"""Whose word counts: which of several files is believed for what, and how two that differ are told.

Every reader of a lattice, of centres, of a Fermi level asks here, and nowhere else; assets/docs/files.md shows the
table as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats

SAME_LENGTH = 2e-3
"""Lattice vectors and centres that differ by less [angstrom] are one; files round theirs to 1e-4 or better."""
SITE_REACH = 0.5
"""Functions found farther than this [angstrom] from where their projections started are told."""


@dataclass(frozen=True)
class Rule:
    """One quantity and the files that speak of it, the most believed first.

    because : why that order, in a sentence or two.
    """

    quantity: str
    order: tuple[str, ...]
    because: str


MATRICES, WIN, WOUT, TOOLS, STRUCTURE = "matrix file", ".win", ".wout", "wt.in", "POSCAR"
DIAGONAL, XYZ = "diagonal of r", "_centres.xyz"
TOOLS_CENTRES, PROJECTIONS, TOOLS_ATOMS = "wt.in, WANNIER_CENTRES", "projections in .win", "wt.in, atoms"

LATTICE = Rule(
    "lattice",
    (MATRICES, WIN, WOUT, TOOLS, STRUCTURE),
    "H(R) was written on the lattice in its own file; the .win is what Wannier90 read, the .wout repeats it with six "
    "digits (in bohr where it says so), a structure may be that of another cell of the crystal.",
)
CENTRES = Rule(
    "centres of the functions",
    (WOUT, DIAGONAL, XYZ, TOOLS_CENTRES, PROJECTIONS, TOOLS_ATOMS),
    "The .wout lists them where H(R) has them. The diagonal of r is a logarithm without the branch that "
    "guiding_centres fixes, and may be off by a fraction of the lattice; one off by whole lattice vectors was moved "
    "together with its H(R), and is taken as it is. translate_home_cell moves the centres in _centres.xyz and neither "
    "H(R) nor the .wout. Projections and atoms are where functions start, not where they end. A .wout whose lattice "
    "is another than that of H(R) is of another run, and believed last.",
)
FERMI_LEVEL = Rule(
    "Fermi level",
    (WIN, TOOLS),
    "Either is an input; nothing that is computed depends on it but the first mu.",
)
SPINORS = Rule("spinors", (WIN, TOOLS), "Either is an input; used for the spin operators and the structure.")
TABLE = (LATTICE, CENTRES, FERMI_LEVEL, SPINORS)
"""The whole of it."""


@dataclass(frozen=True, eq=False)
class Witness:
    """What one file says of a quantity: the row of the table it is, how it is called to the user, the value."""

    kind: str
    name: str
    value: Floats


def ranked(rule: Rule, witnesses: list[Witness], last: tuple[str, ...] = ()) -> list[Witness]:
    """The witnesses, the most believed first; kinds in `last` behind all others."""
    return sorted(witnesses, key=lambda w: (w.kind in last, rule.order.index(w.kind)))


def lattice_taken(witnesses: list[Witness]) -> tuple[Floats | None, list[str]]:
    """The lattice (3, 3) that is believed, None without a witness, and a sentence for each that contradicts it."""
    order = ranked(LATTICE, witnesses)
    if not order:
        return None, []
    taken, told = order[0], []
    for other in order[1:]:
        apart = float(np.linalg.norm(other.value - taken.value, axis=1).max())
        if apart > allowed(taken.value):
            told.append(
                f"The lattice in {other.name} differs from that in {taken.name} by up to {apart:.3g} angstrom: that "
                f"in {taken.name} is taken."
            )
    return taken.value, told


def allowed(cell: Floats) -> float:
    """How far two lattices may be apart and still be one [angstrom]: some write four digits."""
    return SAME_LENGTH + 1e-4 * float(np.linalg.norm(cell, axis=1).max())


def split_distance(a: Floats, b: Floats, cell: Floats) -> tuple[Floats, Floats]:
    """Lattice steps (N, 3) from b to a, rounded, and how far a is from b modulo the lattice (N,) [angstrom]."""
    steps = (a - b) @ np.linalg.inv(cell)
    whole = np.round(steps)
    near = np.array([(i, j, k) for i in (0, -1, 1) for j in (0, -1, 1) for k in (0, -1, 1)], dtype=float)
    rest = ((steps - whole)[:, None] - near[None]) @ cell
    length = np.linalg.norm(rest, axis=2)
    best = np.argmin(np.round(length, 9), axis=1)
    return whole + near[best], length[np.arange(len(a)), best]


def centres_taken(
    witnesses: list[Witness], cell: Floats, last: tuple[str, ...] = ()
) -> tuple[Witness | None, list[str]]:
    """The centres (N, 3) that are believed, None without a witness, and a sentence for each that contradicts them.

    Where a less believed file says the same to `SAME_LENGTH`, its more numerous digits are kept: of the diagonal of r
    all, else those of `_centres.xyz`.
    """
    order = ranked(CENTRES, witnesses, last)
    if not order:
        return None, []
    taken, told = order[0], []
    diagonal = next((w for w in order if w.kind == DIAGONAL), None)
    if taken.kind == WOUT and diagonal is not None:
        steps, apart = split_distance(diagonal.value, taken.value, cell)
        if apart.max(initial=0.0) <= SAME_LENGTH and steps.any():
            taken = diagonal  # whole lattice vectors: H(R) and r were moved together
    for other in order:
        if other is taken:
            continue
        steps, apart = split_distance(other.value, taken.value, cell)
        started = other.kind in (PROJECTIONS, TOOLS_ATOMS)
        if apart.max(initial=0.0) > (SITE_REACH if started else SAME_LENGTH):
            where = int(np.argmax(apart))
            told.append(
                f"Centre {where + 1} lies {apart[where]:.3g} angstrom from "
                f"{'where it started, by' if started else 'that in'} {other.name} (modulo the lattice): that in "
                f"{taken.name} is taken."
            )
        elif steps.any() and not started:
            count = int(steps.any(axis=1).sum())
            told.append(
                f"{count} of {len(steps)} centres in {other.name} lie whole lattice vectors from those in {taken.name}"
                f"{', as translate_home_cell moves them without H(R)' if other.kind == XYZ else ''}: those in "
                f"{taken.name} are taken."
            )
    if taken.kind in last:
        told.append(
            f"No other file than {taken.name} has the centres, and its lattice is another: is it of this run?"
        )
    elif taken.kind == WOUT:
        taken = _with_more_digits(taken, order, cell)
    return taken, told


def _with_more_digits(taken: Witness, witnesses: list[Witness], cell: Floats) -> Witness:
    """The same centres with all digits of the diagonal of r, else with those of `_centres.xyz`, where they agree."""
    finer = next((w for kind in (DIAGONAL, XYZ) for w in witnesses if w.kind == kind), None)
    if finer is None:
        return taken
    steps, apart = split_distance(finer.value, taken.value, cell)
    agrees = apart.max(initial=0.0) <= SAME_LENGTH
    return Witness(taken.kind, taken.name, finer.value - steps @ cell) if agrees else taken
