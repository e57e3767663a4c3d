r"""H(k), theory (2.8), and its k-derivatives, and those of the Wannier-space connection A(k).

With $D = R + \tau_j - \tau_i$, $H_{ij}(k)=\sum_R H_R e^{ik\cdot D}$ has $\partial_a H = \sum_R iD_a H_R e^{ik\cdot D}$.
The factor $e^{ik\cdot(\tau_j-\tau_i)}$ common to H, its derivatives, A and theirs at one k is a diagonal unitary
that no result depends on, so it is left out (the D in the derivatives stay).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian, PolynomialHamiltonian

AT_ONCE = 1_000_000
"""Entries of all matrices that are held at once where only levels are wanted."""


@dataclass(frozen=True)
class BlochMatrices:
    """Matrices at K wave vectors, each of shape (K, N, N).

    H : [eV]. first : (H_x, H_y) [eV angstrom]. second : (H_xx, H_xy, H_yy) [eV angstrom^2].
    connection : (A_x, A_y) [angstrom] or None. connection_first : (d_x A_x, d_x A_y, d_y A_x, d_y A_y).
    """

    H: Complexes
    first: Complexes
    second: Complexes
    connection: Complexes | None = None
    connection_first: Complexes | None = None


@singledispatch
def bloch_matrices(h: Hamiltonian, k: Floats) -> BlochMatrices:
    """H and its derivatives at k, shape (2, K) [1/angstrom]."""
    raise TypeError(f"not a Hamiltonian: {type(h).__name__}")


def displacements(h: LatticeHamiltonian) -> Floats:
    """R + tau_j - tau_i, shape (2, R, N, N) [angstrom]."""
    tau = h.positions.T
    return np.asarray(
        (h.vectors @ h.cell).T[:, :, None, None] + tau[:, None, None, :] - tau[:, None, :, None]
    )


@bloch_matrices.register
def _lattice(h: LatticeHamiltonian, k: Floats) -> BlochMatrices:
    n, (dx, dy) = h.size, displacements(h)
    phase = np.exp(1j * (k.T @ (h.vectors @ h.cell).T))

    def series(coefficients: list[Complexes]) -> Complexes:
        stack = np.stack(coefficients, axis=1).reshape(len(h.vectors), -1)
        return np.moveaxis((phase @ stack).reshape(k.shape[1], len(coefficients), n, n), 1, 0)

    t = h.hoppings
    H = series([t, 1j * dx * t, 1j * dy * t, -dx * dx * t, -dx * dy * t, -dy * dy * t])
    if h.dipoles is None:
        return BlochMatrices(H[0], H[1:3], H[3:6])
    x, y = h.dipoles[:, 0], h.dipoles[:, 1]
    A = series([x, y, 1j * dx * x, 1j * dx * y, 1j * dy * x, 1j * dy * y])
    return BlochMatrices(H[0], H[1:3], H[3:6], A[:2], A[2:6])


def energies(h: Hamiltonian, k: Floats) -> Floats:
    """Levels at k (2, K), ascending, (N, K) [eV]; no derivatives are formed."""
    if isinstance(h, PolynomialHamiltonian):
        return np.ascontiguousarray(np.linalg.eigvalsh(bloch_matrices(h, k).H).T)
    flat = h.hoppings.reshape(len(h.vectors), -1)
    found = np.empty((h.size, k.shape[1]))
    count = max(1, AT_ONCE // h.size**2)
    for first in range(0, k.shape[1], count):
        part = slice(first, first + count)
        phase = np.exp(1j * (k[:, part].T @ (h.vectors @ h.cell).T))
        found[:, part] = np.linalg.eigvalsh((phase @ flat).reshape(-1, h.size, h.size)).T
    return found


@bloch_matrices.register
def _polynomial(h: PolynomialHamiltonian, k: Floats) -> BlochMatrices:
    def series(a: int, b: int) -> Complexes:
        return polynomial_derivative(h, k, a, b)

    return BlochMatrices(
        series(0, 0).astype(complex),
        np.array([series(1, 0), series(0, 1)], dtype=complex),
        np.array([series(2, 0), series(1, 1), series(0, 2)], dtype=complex),
    )


def polynomial_derivative(h: PolynomialHamiltonian, k: Floats, a: int, b: int) -> Complexes:
    """d_x^a d_y^b of H at k (2, K), (K, N, N)."""
    p, q, k = h.powers[:, 0, None], h.powers[:, 1, None], h.nearest_image(k)
    # Of k_x^p k_y^q: falling factorials vanish where p < a, where the power is clipped.
    fall = np.ones_like(p, dtype=float)
    for s in range(a):
        fall = fall * (p - s)
    for s in range(b):
        fall = fall * (q - s)
    weight = fall * k[0] ** np.maximum(p - a, 0) * k[1] ** np.maximum(q - b, 0)
    return np.asarray(np.tensordot(weight.T, h.matrices, axes=1))


def lattice_derivative(h: LatticeHamiltonian, matrices: Complexes, k: Floats, a: int, b: int) -> Complexes:
    """d_x^a d_y^b of the Fourier series of matrices (R, N, N), of H or of the connection, at k (2, K), (K, N, N)."""
    dx, dy = displacements(h)
    phase = np.exp(1j * (k.T @ (h.vectors @ h.cell).T))
    terms = (1j * dx) ** a * (1j * dy) ** b * matrices
    return np.asarray((phase @ terms.reshape(len(h.vectors), -1)).reshape(-1, h.size, h.size))
