"""The same crystal described otherwise: changes of description that no result may depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import LatticeHamiltonian

Blocks = dict[tuple[int, int], Complexes]


def moved_home(h: LatticeHamiltonian, orbital: int, shift: tuple[int, int]) -> LatticeHamiltonian:
    """One orbital's home cell moved: |R j'> = |R + shift, j>, tau_j' = tau_j + shift, all else relabelled."""

    def relabel(matrices: Complexes) -> Blocks:
        found: Blocks = {}
        for vector, matrix in zip(h.vectors, matrices, strict=True):
            for i, j in np.ndindex(h.size, h.size):
                r = tuple(
                    int(x) for x in vector + ((i == orbital) * 1 - (j == orbital) * 1) * np.array(shift)
                )
                found.setdefault(r, np.zeros_like(matrix))[..., i, j] += matrix[..., i, j]
        return found

    hoppings = relabel(h.hoppings)
    positions = h.positions.copy()
    positions[orbital] += np.array(shift) @ h.cell
    dipoles = None if h.dipoles is None else np.array(list(relabel(h.dipoles).values()))
    return replace(
        h,
        positions=positions,
        vectors=np.array(list(hoppings), dtype=np.int64),
        hoppings=np.array(list(hoppings.values())),
        dipoles=dipoles,
    )


def mixed(h: LatticeHamiltonian, u: Complexes) -> LatticeHamiltonian:
    """Other orbitals |R a> = sum_i |R i> u_ia: at different places, so position matrices come with them."""
    n, home = h.size, int(np.flatnonzero(~h.vectors.any(axis=1))[0])
    r = np.zeros((len(h.vectors), 2, n, n), complex) if h.dipoles is None else h.dipoles.copy()
    diagonal = np.arange(n)
    r[home][:, diagonal, diagonal] += h.positions.T
    r = np.asarray(u.conj().T @ r @ u)
    positions = r[home][:, diagonal, diagonal].real.T.copy()
    r[home][:, diagonal, diagonal] = 0.0
    return replace(h, positions=positions, hoppings=np.asarray(u.conj().T @ h.hoppings @ u), dipoles=r)


def turned(h: LatticeHamiltonian, operation: Floats) -> LatticeHamiltonian:
    """The crystal itself rotated or reflected by an orthogonal (2, 2) matrix."""
    dipoles = None if h.dipoles is None else np.einsum("ab,rbij->raij", operation, h.dipoles)
    return replace(h, cell=h.cell @ operation.T, positions=h.positions @ operation.T, dipoles=dipoles)


def supercell(h: LatticeHamiltonian, q: int) -> LatticeHamiltonian:
    """The same lattice on the cell (q a1, a2): q N orbitals."""
    n = h.size

    def fold(matrices: Complexes) -> Blocks:
        found: Blocks = {}
        for (r1, r2), matrix in zip(h.vectors, matrices, strict=True):
            for home in range(q):
                s, target = divmod(home + int(r1), q)
                wide = np.zeros((*matrix.shape[:-2], q * n, q * n), complex)
                block = found.setdefault((s, int(r2)), wide)
                block[..., home * n : (home + 1) * n, target * n : (target + 1) * n] += matrix
        return found

    hoppings = fold(h.hoppings)
    return replace(
        h,
        cell=np.array([q * h.cell[0], h.cell[1]]),
        positions=np.concatenate([h.positions + home * h.cell[0] for home in range(q)]),
        vectors=np.array(list(hoppings), dtype=np.int64),
        hoppings=np.array(list(hoppings.values())),
        dipoles=None if h.dipoles is None else np.array(list(fold(h.dipoles).values())),
    )


def other_cell(h: LatticeHamiltonian, steps: Integers) -> LatticeHamiltonian:
    """The same crystal on the primitive cell of rows steps @ cell, steps (2, 2) of determinant 1 or -1."""
    inverse = np.rint(np.linalg.inv(steps)).astype(np.int64)
    return replace(h, cell=steps @ h.cell, vectors=h.vectors @ inverse)


def direct_sum(one: LatticeHamiltonian, other: LatticeHamiltonian) -> LatticeHamiltonian:
    """Two crystals on one lattice that nothing couples; the tolerance is that of the first."""
    n = one.size + other.size
    own = slice(0, one.size), slice(one.size, n)
    vectors = np.unique(np.concatenate([one.vectors, other.vectors]), axis=0)
    hoppings = np.zeros((len(vectors), n, n), complex)
    dipoles = np.zeros((len(vectors), 2, n, n), complex)
    for h, s in zip((one, other), own, strict=True):
        at = [int(np.flatnonzero((vectors == v).all(axis=1))[0]) for v in h.vectors]
        hoppings[at, s, s] = h.hoppings
        if h.dipoles is not None:
            dipoles[at, :, s, s] = h.dipoles
    return replace(
        one,
        positions=np.concatenate([one.positions, other.positions]),
        vectors=vectors,
        hoppings=hoppings,
        dipoles=dipoles if dipoles.any() else None,
    )


def flat_level(h: LatticeHamiltonian, energy: float) -> LatticeHamiltonian:
    """One orbital that hops nowhere [eV], on the lattice of h."""
    home = int(np.flatnonzero(~h.vectors.any(axis=1))[0])
    return replace(
        h,
        positions=np.zeros((1, 2)),
        vectors=h.vectors[home : home + 1],
        hoppings=np.full((1, 1, 1), energy, complex),
        dipoles=None,
    )


def scaled(h: LatticeHamiltonian, energy: float, length: float) -> LatticeHamiltonian:
    """All energies and all lengths times a number."""
    return replace(
        h,
        cell=length * h.cell,
        positions=length * h.positions,
        hoppings=energy * h.hoppings,
        dipoles=None if h.dipoles is None else length * h.dipoles,
        degeneracy_tolerance=energy * h.degeneracy_tolerance,
    )


def symmetrised(h: LatticeHamiltonian, *, inversion: bool, reversal: bool) -> LatticeHamiltonian:
    """H averaged with its image under P, T or PT (spinless; vectors symmetric about their middle).

    P exchanges the first half of the orbitals, at tau, with the second, put at -tau; T is conjugation.
    """
    n = h.size
    swap = np.kron([[0, 1], [1, 0]], np.eye(n // 2)) if inversion else np.eye(n)

    def image(matrices: Complexes, parity: int) -> Complexes:
        out = parity * swap @ matrices[::-1] @ swap if inversion else matrices
        return np.asarray(out.conj() if reversal else out)

    half = h.positions[: n // 2]
    return replace(
        h,
        positions=np.concatenate([half, -half]) if inversion else h.positions,
        hoppings=0.5 * (h.hoppings + image(h.hoppings, 1)),
        dipoles=None if h.dipoles is None else 0.5 * (h.dipoles + image(h.dipoles, -1)),
    )
