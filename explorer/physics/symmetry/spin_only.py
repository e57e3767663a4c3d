r"""Operations on spin alone: what a crystal without spin-orbit coupling has beyond its magnetic point group.

With $H_R=h_0+\mathbf h\cdot\mathbf S$, the h being matrices on the sites, two kinds leave every site in its place:

- a turn of the spins about n leaves H alone where every $\mathbf h\parallel\mathbf n$: that component of spin is
  conserved;
- time reversal followed by a half turn of the spins about m reverses $s_m$ only, so it leaves H alone where $h_0$
  and the part of $\mathbf h$ across m are real and the part along m imaginary: coplanar moments without
  spin-orbit coupling, for instance.

To the orbits the second is time reversal. It forbids intrinsic chi and alpha, M and sigma_xy though the moments break
T, which explains numbers that vanish where the magnetic point group allows them.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.symmetry import Symmetry

ANGLE = 1.0
"""A turn by an angle that is no fraction of a full one generates all turns about its axis [rad]."""
SMALL = 1e-12
"""Share of the largest entry of H that counts as nothing."""


def spin_operations(h: Hamiltonian, spin: Complexes) -> tuple[Symmetry, ...]:
    """Operations on spin alone that hold, as generators; their in-plane rotation is the identity.

    Parameters
    ----------
    h : the Hamiltonian, its orbitals real apart from spin.
    spin : (3, N, N) Pauli matrices on the orbitals, s_y imaginary and the others real.
    """
    terms = _terms(h)
    zeroth, vector = _scalar_part(terms, spin), np.array([_scalar_part(s @ terms, spin) for s in spin])
    limit = SMALL * float(np.abs(terms).max(initial=0.0))
    real, imaginary = (part.reshape(3, -1).T for part in (vector.real, vector.imag))
    found = [
        Symmetry(f"spin turn about {_axis(n)}", np.eye(2), _turn(spin, n, ANGLE))
        for n in _kernel(_across(np.concatenate([real, imaginary])), limit)
    ]
    if np.abs(zeroth.imag).max(initial=0.0) <= limit:
        reversal = _turn(spin, np.array([0.0, 1.0, 0.0]), np.pi)
        found += [
            Symmetry(f"T with spin turn about {_axis(m)}", np.eye(2), _turn(spin, m, np.pi) @ reversal, True)
            for m in _kernel(np.concatenate([real, _across(imaginary)]), limit)
        ]
    return tuple(found)


def _terms(h: Hamiltonian) -> Complexes:
    """Matrices that time reversal conjugates each for itself, (R, N, N)."""
    if isinstance(h, LatticeHamiltonian):
        return h.hoppings
    return np.asarray(1j ** h.powers.sum(axis=1)[:, None, None] * h.matrices)  # k -> -k


def _scalar_part(a: Complexes, spin: Complexes) -> Complexes:
    """The part of matrices (..., N, N) that does not act on spin: their mean over all turns of the spins."""
    return np.asarray(0.25 * (a + sum(s @ a @ s for s in spin)))


def _across(vectors: Floats) -> Floats:
    """Rows whose product with n is each of the vectors (P, 3) times n, (3 P, 3)."""
    return np.concatenate([np.cross(vectors, axis) for axis in np.eye(3)])


def _kernel(rows: Floats, limit: float) -> Floats:
    """Directions whose product with every row is nothing, orthonormal, (n, 3); the axes where they span them."""
    *_, values, vectors = np.linalg.svd(np.concatenate([rows, np.zeros((3, 3))]), full_matrices=False)
    kept = vectors[values <= limit * np.sqrt(len(rows))]
    axes = np.abs(np.diag(kept.T @ kept) - 1) < 1e-9
    return np.eye(3)[axes] if axes.sum() == len(kept) else np.asarray(kept)


def _turn(spin: Complexes, axis: Floats, angle: float) -> Complexes:
    """exp(-i angle n.s/2), (N, N)."""
    along = np.tensordot(axis, spin, axes=1)
    return np.asarray(np.cos(angle / 2) * np.eye(len(along)) - 1j * np.sin(angle / 2) * along)


def _axis(n: Floats) -> str:
    """z, or (0.5, 0.87, 0) with the first entry that is not zero positive."""
    for name, unit in zip("xyz", np.eye(3), strict=True):
        if np.abs(np.abs(n) - unit).max() < 1e-9:
            return name
    lead = n[np.argmax(np.abs(n) > 1e-9)]
    return "(" + ", ".join(f"{x:.2g}" for x in np.round(n * np.sign(lead), 9) + 0.0) + ")"
