"""Operations of a crystal from its atoms and moments (spglib), tested on the bands: evidence, not proof.

The matrices of such operations on Wannier functions are not known, so U H(k) U^-1 = H(gk) cannot be tested;
that the bands agree at k and gk can. An operation that the atoms have and the bands deny is not used.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.models.files.wannier90.beside.crystal import Structure
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.symmetry.allowed_components import (
    Action,
    AllowedComponents,
    ResponseKind,
    allowed_components,
)
from explorer.physics.symmetry.operations import (
    MagneticPointGroup,
    PointOperation,
    international_symbol,
    plane_name,
    sample_wave_vectors,
)
from explorer.physics.symmetry.spectrum import pairing_residual

SYMPREC = 1e-3
"""How far an operation may carry an atom off its image [angstrom], a moment off its own [of the largest]."""
BANDS_AGREE = 2e-3
"""Largest |e_n(gk) - e_n(k)| [eV] that passes: Wannier functions keep symmetry to about that."""


@dataclass(frozen=True, eq=False)
class StructureOperation:
    """An operation of the atoms: its name, its part in the plane, and how well the bands agree [eV]."""

    name: str
    operation: PointOperation
    residual: float
    holds: bool


@dataclass(frozen=True, eq=False)
class StructureEvidence:
    """Operations of atoms and moments; empty, with the reason in `note`, where they could not be found.

    group, table : of the operations that the bands confirm, or None.
    """

    operations: tuple[StructureOperation, ...]
    group: MagneticPointGroup | None
    table: tuple[AllowedComponents, ...]
    note: str


def _solid_name(rotation: Floats, antiunitary: bool) -> str:
    """Name of a layer operation, (3, 3) Cartesian with z the normal: "C2y", "PT", "M_y T", "C3z", ..."""
    plane, flips = rotation[:2, :2], rotation[2, 2] < 0
    flat = plane_name(plane)
    if not flips:
        name = flat if flat.startswith(("M", "E")) else f"{flat}z"
    elif flat == "E":
        name = "M_z"
    elif flat == "C2":
        name = "P"
    elif np.linalg.det(plane) > 0:
        name = f"S({flat})"
    else:  # a twofold axis in the plane, along the direction the mirror of the plane keeps
        name = {"M_x": "C2y", "M_y": "C2x"}.get(flat, f"C2 across {flat[2:]}")
    if not antiunitary:
        return name
    return {"E": "T", "P": "PT"}.get(name, f"{name} T")


def structure_evidence(
    h: Hamiltonian, crystal: Structure, kinds: Sequence[ResponseKind]
) -> StructureEvidence:
    """Operations of the atoms and their fields by spglib, each tested on the bands of h.

    Parameters
    ----------
    h : the 2D Hamiltonian of the same file. crystal : atoms, the plane turned to xy.
    kinds : lines of the table (`responses.catalogue.kinds`); spin is left out.
    """
    if crystal.fields is None:
        return StructureEvidence((), None, (), f"Moments unknown: {crystal.source}.")
    try:
        spglib = importlib.import_module("spglib")
    except ImportError:
        return StructureEvidence((), None, (), "Atoms are listed, but the package spglib is not installed.")
    species = {label: i + 1 for i, label in enumerate(dict.fromkeys(crystal.labels))}
    largest = float(np.abs(crystal.fields).max())
    moments = crystal.fields / largest if largest > 0 else crystal.fields
    cell = (crystal.cell, crystal.positions, [species[label] for label in crystal.labels], moments)
    with warnings.catch_warnings():
        # Some versions announce another way of telling errors; None is what both tell here.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = spglib.get_magnetic_symmetry(cell, symprec=SYMPREC, mag_symprec=SYMPREC)
    if found is None:
        return StructureEvidence((), None, (), "spglib finds no symmetry in the atoms listed.")
    turn, back = crystal.cell.T, np.linalg.inv(crystal.cell.T)
    k = sample_wave_vectors(h, 6)
    bands = np.linalg.eigvalsh(bloch_matrices(h, k).H)
    named: dict[str, StructureOperation] = {}
    for fractional, reverses in zip(found["rotations"], found["time_reversals"], strict=True):
        rotation = turn @ fractional @ back
        name = _solid_name(rotation, bool(reverses))
        if name == "E" or name in named or np.abs(rotation[:2, 2]).max() > 1e-3:
            continue  # the identity, a pure translation, or an operation that leaves the plane
        plane = np.asarray(rotation[:2, :2])
        image = (-plane if reverses else plane) @ k
        residual = float(np.abs(np.linalg.eigvalsh(bloch_matrices(h, image).H) - bands).max())
        if name == "PT" and crystal.spinors:
            residual = max(residual, pairing_residual(h))  # it keeps every k, and squares to -1
        seen = PointOperation(plane, bool(reverses))
        named[name] = StructureOperation(name, seen, residual, residual <= BANDS_AGREE)
    kept = [o for o in named.values() if o.holds]
    actions = [Action(o.name, o.operation.rotation, o.operation.antiunitary) for o in kept]
    table = tuple(allowed_components(kind, actions) for kind in kinds if not kind.spin)
    return StructureEvidence(tuple(named.values()), _group(kept), table, crystal.source.capitalize() + ".")


def _group(kept: list[StructureOperation]) -> MagneticPointGroup:
    """The operations are a group up to the plane's own identities, so nothing has to be closed."""
    elements = [PointOperation(np.eye(2), False)]
    for o in kept:
        if not any(o.operation.same(e) for e in elements):
            elements.append(o.operation)
    return MagneticPointGroup(tuple(elements), international_symbol(elements))
