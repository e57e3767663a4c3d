"""Random Hamiltonians without symmetry, for tests against independent evaluations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian

OBLIQUE_CELL = np.array([[2.9, 0.3], [-0.7, 3.4]])
"""A cell without any point symmetry [angstrom]."""


def random_hamiltonian(bands: int, seed: int, *, dipoles: bool = False, reach: int = 1) -> LatticeHamiltonian:
    """Random lattice Hamiltonian, P and T broken; hoppings [eV] fall off with distance."""
    rng = np.random.default_rng(seed)
    span = np.arange(-reach, reach + 1)
    vectors = np.array([(a, b) for a in span for b in span], dtype=np.int64)
    decay = np.exp(-1.2 * np.linalg.norm(vectors, axis=1))[:, None, None]
    positions = rng.uniform(0, 1, (bands, 2)) @ OBLIQUE_CELL
    hoppings = hermitian_series(rng, vectors, bands) * decay
    hoppings[len(vectors) // 2] += np.diag(np.linspace(-2.0, 2.0, bands))
    moved = None
    if dipoles:
        moved = np.stack([0.3 * decay * hermitian_series(rng, vectors, bands) for _ in range(2)], axis=1)
        home = moved[len(vectors) // 2]
        home[:, np.arange(bands), np.arange(bands)] = 0.0  # the diagonal at R = 0 is tau itself
    return LatticeHamiltonian(OBLIQUE_CELL, positions, vectors, hoppings, moved)


def hermitian_series(rng: np.random.Generator, vectors: np.ndarray, bands: int) -> Complexes:
    """Random O_R, (R, N, N), with O_{-R} the adjoint; vectors must be symmetric about their middle."""
    shape = (len(vectors), bands, bands)
    raw = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return np.asarray(0.5 * (raw + raw[::-1].conj().swapaxes(1, 2)))


def random_unitary(rng: np.random.Generator, size: int) -> Complexes:
    """A random unitary matrix (Haar)."""
    q, r = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    return np.asarray(q * (np.diag(r) / np.abs(np.diag(r))))


def in_kramers_pairs(h: LatticeHamiltonian, seed: int) -> LatticeHamiltonian:
    """Each orbital doubled, each pair mixed by its own random unitary: every level twofold at every k."""
    rng = np.random.default_rng(seed)
    n = h.size
    mix = np.zeros((2 * n, 2 * n), complex)
    for i in range(n):
        mix[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = random_unitary(rng, 2)

    def double(matrices: Complexes) -> Complexes:
        return np.asarray(mix.conj().T @ np.kron(matrices, np.eye(2)) @ mix)

    return replace(
        h,
        positions=np.repeat(h.positions, 2, axis=0),
        hoppings=double(h.hoppings),
        dipoles=None if h.dipoles is None else double(h.dipoles),
    )


def random_wave_vectors(h: LatticeHamiltonian, count: int, seed: int) -> Floats:
    """Wave vectors anywhere in the reciprocal cell, (2, count) [1/angstrom]."""
    return np.asarray(h.reciprocal.T @ np.random.default_rng(seed).uniform(-0.5, 0.5, (2, count)))
