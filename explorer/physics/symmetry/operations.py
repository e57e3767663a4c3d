r"""Which declared operations hold, and the magnetic point group they generate.

A model declares operations with their matrices on the orbitals (`explorer.models.kit.symmetry.Symmetry`); here each is
tested on H(k) itself, with the full phases $e^{ik\cdot(R+\tau_j-\tau_i)}$: then U does not depend on k, and
an operation that carries a translation needs no phase either. What fails the test does not enter the group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.bloch import bloch_matrices

SAME = 1e-6
"""Two in-plane matrices closer than this are one."""
LARGEST_GROUP = 96
"""Elements after which a set of operations is taken not to close."""


@dataclass(frozen=True, eq=False)
class SymmetryCheck:
    """One declared operation against the Hamiltonian.

    residual : largest entry of U H(k) U^-1 - H(gk) over the tested k [eV].
    connection_residual : the same of the position matrices, A(gk) - g U A(k) U^-1 [angstrom]; 0 without them.
    holds : residual below the tolerance of the test.
    """

    symmetry: Symmetry
    residual: float
    connection_residual: float
    holds: bool


@dataclass(frozen=True, eq=False)
class PointOperation:
    """An operation as the plane sees it: rotation (2, 2) on positions, and whether T is part of it."""

    rotation: Floats
    antiunitary: bool

    @property
    def name(self) -> str:
        """E.g. "C3", "M_x", "C2 T" (PT and C2z T are the same in the plane)."""
        plain = plane_name(self.rotation)
        if not self.antiunitary:
            return plain
        return "T" if plain == "E" else f"{plain} T"

    def same(self, other: PointOperation) -> bool:
        """Equal within rounding."""
        return self.antiunitary == other.antiunitary and bool(
            np.abs(self.rotation - other.rotation).max() < SAME
        )


@dataclass(frozen=True, eq=False)
class MagneticPointGroup:
    """The magnetic point group as the plane sees it: elements and international symbol (theory section 4).

    M_z acts as the identity, P and C2z as the twofold rotation: M_z T therefore counts as T, PT as C2 T.
    """

    elements: tuple[PointOperation, ...]
    name: str

    @property
    def order(self) -> int:
        """Number of elements, the identity included."""
        return len(self.elements)

    def contains(self, rotation: Floats, antiunitary: bool) -> bool:
        """Whether the operation is an element."""
        wanted = PointOperation(np.asarray(rotation, float), antiunitary)
        return any(wanted.same(e) for e in self.elements)


def plane_name(rotation: Floats) -> str:
    """Name of an orthogonal (2, 2) matrix: E, C2, C3, C3^-1, ..., M_x (reverses x), M_30° (reverses 30°)."""
    if np.linalg.det(rotation) > 0:
        angle = np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0]))
        if abs(angle) < 1e-3:
            return "E"
        fold = round(360.0 / abs(angle))
        if abs(fold * abs(angle) - 360.0) > 1e-3:
            return f"C({angle:.4g}°)"
        return f"C{fold}" if angle > 0 or fold == 2 else f"C{fold}^-1"
    # A mirror reverses the direction phi with cos 2 phi = -R_xx, sin 2 phi = -R_xy.
    phi = np.degrees(np.arctan2(-rotation[0, 1], -rotation[0, 0])) / 2 % 180
    for axis, at in (("x", 0.0), ("x", 180.0), ("y", 90.0)):
        if abs(phi - at) < 1e-3:
            return f"M_{axis}"
    return f"M_{phi:.3g}°"


def sample_wave_vectors(h: Hamiltonian, count: int, seed: int = 7) -> Floats:
    """Wave vectors without any symmetry of their own, (2, count) [1/angstrom], always the same."""
    rng = np.random.default_rng(seed)
    if isinstance(h, LatticeHamiltonian):
        return np.ascontiguousarray((rng.uniform(-0.5, 0.5, (count, 2)) @ h.reciprocal).T)
    return np.asarray(h.cutoff * rng.uniform(-0.7, 0.7, (2, count)))


def covariant_matrices(h: Hamiltonian, k: Floats) -> tuple[Complexes, Complexes | None]:
    r"""H(k) and A(k) with the factors $e^{ik\cdot(\tau_j-\tau_i)}$ that `bloch_matrices` leaves out.

    Returns
    -------
    H : (K, N, N) [eV]. A : (2, K, N, N) [angstrom], or None without position matrices.
    """
    m = bloch_matrices(h, k)
    if not isinstance(h, LatticeHamiltonian):
        return m.H, None
    turn = np.exp(1j * (k.T @ h.positions.T))
    phase = turn.conj()[:, :, None] * turn[:, None, :]
    return m.H * phase, None if m.connection is None else m.connection * phase


def verify(
    h: Hamiltonian,
    symmetries: Sequence[Symmetry],
    *,
    tolerance: float | None = None,
    samples: int = 6,
) -> tuple[SymmetryCheck, ...]:
    """Test U H(k) U^-1 = H(gk), with H(k)* for an antiunitary operation, at random k.

    Parameters
    ----------
    h : the Hamiltonian.
    symmetries : declared operations.
    tolerance : largest residual that counts as symmetric [eV]; None: the degeneracy tolerance of h, the scale
        on which h claims to resolve levels.
    samples : number of wave vectors.

    Raises
    ------
    ValueError : a matrix that is not N x N and unitary, or a rotation that is not orthogonal.
    """
    limit = h.degeneracy_tolerance if tolerance is None else tolerance
    k = sample_wave_vectors(h, samples)
    H, A = covariant_matrices(h, k)
    checks = []
    for s in symmetries:
        _refuse_malformed(s, h.size)
        image_H, image_A = covariant_matrices(h, s.image(k))
        U = np.asarray(s.matrix, complex)
        residual = float(np.abs(_carried(U, H, s.antiunitary) - image_H).max())
        connection = 0.0
        if A is not None and image_A is not None:
            carried = np.tensordot(s.rotation, _carried(U, A, s.antiunitary), axes=1)
            connection = float(np.abs(carried - image_A).max())
        checks.append(SymmetryCheck(s, residual, connection, residual <= limit))
    return tuple(checks)


def _carried(U: Complexes, O: Complexes, antiunitary: bool) -> Complexes:
    return np.asarray(U @ (O.conj() if antiunitary else O) @ U.conj().T)


def _refuse_malformed(s: Symmetry, size: int) -> None:
    if s.matrix.shape != (size, size) or np.abs(s.matrix @ s.matrix.conj().T - np.eye(size)).max() > SAME:
        raise ValueError(f"symmetry {s.name}: its matrix must be unitary, {size} x {size}")
    if s.rotation.shape != (2, 2) or np.abs(s.rotation @ s.rotation.T - np.eye(2)).max() > SAME:
        raise ValueError(f"symmetry {s.name}: its rotation must be orthogonal, 2 x 2")


def magnetic_point_group(symmetries: Sequence[Symmetry]) -> MagneticPointGroup:
    """Close the in-plane parts of the operations under multiplication.

    Raises
    ------
    ValueError : the operations generate more than 96 elements (a rotation by no fraction of a turn).
    """
    generators = [PointOperation(np.asarray(s.rotation, float), s.antiunitary) for s in symmetries]
    elements = [PointOperation(np.eye(2), False)]
    for element in elements:  # grows while it is walked
        for g in generators:
            new = PointOperation(g.rotation @ element.rotation, g.antiunitary != element.antiunitary)
            if not any(new.same(e) for e in elements):
                elements.append(new)
        if len(elements) > LARGEST_GROUP:
            names = ", ".join(s.name for s in symmetries)
            raise ValueError(f"the operations {names} do not close into a point group")
    return MagneticPointGroup(tuple(elements), international_symbol(elements))


def international_symbol(elements: Sequence[PointOperation]) -> str:
    """Symbol of a closed two-dimensional magnetic point group, e.g. "2'", "m'", "4m'm'", "3m1'"."""

    def proper(e: PointOperation) -> bool:
        return bool(np.linalg.det(e.rotation) > 0)

    grey = any(e.antiunitary and plane_name(e.rotation) == "E" for e in elements)
    kept = [e for e in elements if not (grey and e.antiunitary)]
    rotations = [e for e in kept if proper(e)]
    mirrors = [e for e in kept if not proper(e)]
    n = len(rotations)
    prime = "'" if any(e.antiunitary for e in rotations) else ""
    if not mirrors:
        symbol = f"{n}{prime}"
    else:
        # With n even the mirrors form two classes, of which T may carry none, one or both.
        primed = sum(e.antiunitary for e in mirrors)
        marks = (
            ["'" if primed else ""]
            if n % 2
            else ["'" if primed > j * len(mirrors) // 2 else "" for j in (1, 0)]
        )
        symbol = ("" if n == 1 else f"{n}{prime}") + "".join(f"m{mark}" for mark in marks)
    return symbol.removesuffix("1") + "1'" if grey else symbol
