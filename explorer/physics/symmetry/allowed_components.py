r"""What the symmetry of the crystal leaves of each response, theory (4.10) and Table I of section 4.

Every operation acts linearly on the components of a response, and a component survives if some tensor that
all operations leave alone has it. For M_z answering an in-plane polar field the in-plane part R of an
operation is enough, since an axial vector along z has the sign det R whatever the operation does to z:

    intrinsic   chi -> det(R) R chi, with a further minus for time reversal;
    extrinsic   chi -> det(R) R chi (odd in the relaxation time, so time reversal brings no sign);
    M_z, sigma_xy, alpha_xy -> det(R), with a further minus for time reversal.

In-plane spin is different: C2z and P are one operation to the plane, yet C2z reverses s_x and P does not.
Nothing is assumed here: the (3, 3) action O on spin is read from the declared matrix on the orbitals,
$\Theta^{-1}S_i\Theta=\sum_j O_{ij}S_j$, the minus of time reversal included. Then s -> O s, and the spin
Edelstein tensor s_i = C_ij E_j goes to O C R^T (intrinsic), with the minus of time reversal taken back where
C is odd in the relaxation time (extrinsic).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.symmetry import Symmetry

ZERO = 1e-6
"""Below this a component of an invariant tensor is absent."""


@dataclass(frozen=True, eq=False)
class Action:
    """What an operation does to fields: name, rotation (2, 2), T or not, O on spin (3, 3) if known."""

    name: str
    rotation: Floats
    antiunitary: bool
    spin: Floats | None = None

    @property
    def axial_z(self) -> float:
        """Sign of a T-even axial vector along z: det R."""
        return float(np.linalg.det(self.rotation))

    @property
    def reversal(self) -> float:
        """-1 for an operation with time reversal."""
        return -1.0 if self.antiunitary else 1.0

    @property
    def on_spin(self) -> Floats:
        """O, (3, 3).

        Raises
        ------
        ValueError : the action was made without the model's spin matrices.
        """
        if self.spin is None:
            raise ValueError(f"operation {self.name}: its action on spin is not known without spin matrices")
        return self.spin


@dataclass(frozen=True)
class ResponseKind:
    """How a response transforms: a line of Table I, which several coefficients may share.

    The components are numbered as those of the product of the factors named below, in that order.

    name : of the line. components : their names. axial_z : whether an orbital moment along z, or what transforms as
    one (sigma_xy), is a factor. spin : whether a spin vector is. polar : number of in-plane polar indices, of fields
    and of currents. time_odd : the sign under time reversal of the coefficient itself, what it relates included.
    meaning : what it is, in words.
    """

    name: str
    components: tuple[str, ...]
    meaning: str
    axial_z: bool = False
    spin: bool = False
    polar: int = 0
    time_odd: bool = True

    def representation(self, g: Action) -> Floats:
        """Matrix of an operation on the components, (C, C)."""
        found = np.array([[1.0 if not self.time_odd else g.reversal]])
        if self.axial_z:
            found = found * g.axial_z
        if self.spin:
            # O of the operation includes the minus of time reversal, which `time_odd` counts.
            found = np.kron(found, g.reversal * g.on_spin)
        for _ in range(self.polar):
            found = np.kron(found, g.rotation)
        return np.asarray(found, dtype=float)

    @property
    def inversion_odd(self) -> bool:
        """Whether inversion reverses it: spins and moments are even, each polar index is odd."""
        return self.polar % 2 == 1

    @property
    def needs(self) -> str:
        """What has to be broken for it to exist, and what it survives, in the words of Table I."""
        if self.inversion_odd and self.time_odd:
            return "P and T broken; lives with PT"
        if self.inversion_odd:
            return "P broken; lives with T, not with PT"
        return "T broken (and PT)" if self.time_odd else "nothing"


@dataclass(frozen=True, eq=False)
class AllowedComponents:
    """One row of the table: what symmetry leaves of a response.

    allowed : per component, whether any allowed tensor has it.
    basis : (rank, C) orthonormal allowed tensors; two allowed components of rank 1 are tied to each other.
    forbidden_by : per component, the single operations that forbid it alone; ("together",) where only their
        combination does; empty where the component is allowed.
    """

    kind: ResponseKind
    allowed: tuple[bool, ...]
    basis: Floats
    forbidden_by: tuple[tuple[str, ...], ...]

    @property
    def rank(self) -> int:
        """Number of independent numbers the response has left."""
        return len(self.basis)

    @property
    def direction(self) -> str:
        """The allowed part in words: "none", "all", "x only", "along 45°", or the list of components."""
        names = self.kind.components
        if self.rank == 0:
            return "none"
        if self.rank == len(names):
            return "all" if len(names) > 1 else "allowed"
        if names == ("x", "y") and all(self.allowed):
            return f"along {np.degrees(np.arctan2(self.basis[0, 1], self.basis[0, 0])) % 180:.3g}°"
        kept = [n for n, a in zip(names, self.allowed, strict=True) if a]
        tied = f" ({self.rank} independent)" if self.rank < len(kept) else ""
        return f"{kept[0]} only" if len(kept) == 1 else ", ".join(kept) + tied

    def projector(self) -> Floats:
        """Projector onto the allowed tensors, (C, C): a computed response must be unchanged by it."""
        return np.asarray(self.basis.T @ self.basis)


def spin_action(symmetry: Symmetry, spin: Complexes) -> Floats:
    r"""O of an operation, (3, 3): $\Theta^{-1}S_i\Theta=\sum_jO_{ij}S_j$, from its matrix on the orbitals.

    Parameters
    ----------
    symmetry : with U; Theta = U, or U K if antiunitary.
    spin : (3, N, N) spin matrices, in any common unit.

    Raises
    ------
    ValueError : the operation does not carry the spin matrices into each other.
    """
    U = symmetry.matrix
    turned = U.conj().T @ spin @ U
    if symmetry.antiunitary:
        turned = turned.conj()
    flat, image = spin.reshape(3, -1).T, turned.reshape(3, -1).T
    mixing, *_ = np.linalg.lstsq(flat, image, rcond=None)
    if np.abs(flat @ mixing - image).max() > 1e-4 * np.abs(flat).max():
        raise ValueError(f"symmetry {symmetry.name}: its matrix does not carry spin into spin")
    return np.asarray(mixing.T.real)


def actions(symmetries: Sequence[Symmetry], spin: Complexes | None = None) -> tuple[Action, ...]:
    """What operations do to fields; with the model's spin matrices (3, N, N) also to spin."""
    return tuple(
        Action(s.name, np.asarray(s.rotation), s.antiunitary, None if spin is None else spin_action(s, spin))
        for s in symmetries
    )


def invariant_tensors(kind: ResponseKind, operations: Sequence[Action]) -> Floats:
    """Orthonormal tensors that all operations leave unchanged, (rank, C).

    Invariance under operations is invariance under the group they generate, so no closure is needed.
    """
    size = len(kind.components)
    if not operations:
        return np.eye(size)
    change = np.concatenate([kind.representation(g) - np.eye(size) for g in operations])
    _, singular, rows = np.linalg.svd(change)
    rank = int((singular > ZERO).sum())
    return np.asarray(_readable(rows[rank:]))


def _readable(basis: Floats) -> Floats:
    """A basis of a space of tensors that are axes where these span it, first entry positive."""
    projector = basis.T @ basis
    axes = np.abs(np.diag(projector) - 1) < ZERO
    if axes.sum() == len(basis):
        return np.eye(len(projector))[axes]
    lead = np.take_along_axis(basis, np.argmax(np.abs(basis) > ZERO, axis=1)[:, None], axis=1)
    return np.asarray(basis * np.sign(lead))


def _present(basis: Floats, size: int) -> tuple[bool, ...]:
    if not len(basis):
        return (False,) * size
    return tuple(bool(b) for b in np.abs(basis).max(axis=0) > ZERO)


def allowed_components(kind: ResponseKind, operations: Sequence[Action]) -> AllowedComponents:
    """What the operations leave of one response, and which of them forbids what."""
    size = len(kind.components)
    basis = invariant_tensors(kind, operations)
    allowed = _present(basis, size)
    alone = [(g.name, _present(invariant_tensors(kind, [g]), size)) for g in operations]
    reasons = []
    for c in range(size):
        single = tuple(name for name, left in alone if not left[c])
        reasons.append(() if allowed[c] else single or ("together",))
    return AllowedComponents(kind, allowed, basis, tuple(reasons))


def symmetry_table(
    kinds: Sequence[ResponseKind], symmetries: Sequence[Symmetry], spin: Complexes | None = None
) -> tuple[AllowedComponents, ...]:
    """Table I for one crystal: what its operations leave of each kind of response; of spin in a spinful model.

    Parameters
    ----------
    kinds : the lines (`responses.catalogue.kinds`).
    symmetries : operations that were verified (`symmetry.verify`).
    spin : (3, N, N) or None.
    """
    operations = actions(symmetries, spin)
    return tuple(allowed_components(kind, operations) for kind in kinds if spin is not None or not kind.spin)
