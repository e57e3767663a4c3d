r"""What the Fermi line adds to the response in equilibrium to a static potential: the density of X3, theory (6.4).

$$\tfrac23N_i-\tfrac1{12}\epsilon_{ab}\,\partial_a\Gamma_{ib},\qquad
  \partial_a\Gamma_{ib}=\sum_n\big(\langle n|H_{iba}|n\rangle+2\,\mathrm{Re}\,\langle n_a|H_{ib}|n\rangle\big),$$

by third derivatives of H(k). A pass of its own over the wave vectors, slower than the kernels: one response asks for
it.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.physics.geometry.band_geometry import blocks
from explorer.physics.geometry.bloch import bloch_matrices, lattice_derivative, polynomial_derivative
from explorer.physics.geometry.degenerate_groups import group_mean
from explorer.physics.geometry.equation_11_gauge_free import perturbed

ENTRIES_AT_ONCE = 400_000
"""Entries of all matrices that are held at once."""


def static_density(h: Hamiltonian, k: Floats) -> Floats:
    """The density of X3 at k (2, K), per band of a group, (2, N, K) [eV angstrom^3].

    Raises
    ------
    ValueError : h has position matrices, with which theory (6.4) was not derived.
    """
    if not h.point_orbitals:
        raise ValueError("the response to a static potential is known for orbitals without position matrices")
    size = max(1, min(512, ENTRIES_AT_ONCE // (16 * h.size**2)))
    parts = [_block(h, np.ascontiguousarray(k[:, part])) for part in blocks(k.shape[1], size)]
    return np.concatenate(parts, axis=-1) if parts else np.zeros((2, h.size, 0))


def _block(h: Hamiltonian, k: Floats) -> Floats:
    p = perturbed(bloch_matrices(h, k), h.degeneracy_tolerance, h.kramers_pairs)
    third = [_third(h, k, y) for y in range(4)]
    slope: dict[tuple[int, int, int], Floats] = {}
    for a, i, b in product((0, 1), repeat=3):
        inside = np.einsum("kin,kin->nk", p.states.conj(), third[a + i + b] @ p.states).real
        slope[a, i, b] = inside + 2 * np.einsum("kmn,kmn->nk", p.X[a].conj(), p.second[i, b]).real
    n_i = [np.einsum("kmn,kmn->nk", x.conj(), p.twist).real / 2 for x in p.X]
    found = [2 / 3 * n_i[i] - (slope[0, i, 1] - slope[1, i, 0]) / 12 for i in (0, 1)]
    return group_mean(np.array(found), p.groups)


def _third(h: Hamiltonian, k: Floats, y: int) -> Complexes:
    """Third derivative of H, y times along y, (K, N, N)."""
    if isinstance(h, LatticeHamiltonian):
        return lattice_derivative(h, h.hoppings, k, 3 - y, y)
    return polynomial_derivative(h, k, 3 - y, y)
