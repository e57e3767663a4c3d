"""What a Hamiltonian is: plain arrays from which H(k) and its k-derivatives follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers

RELATIVE_TOLERANCE = 1e-6
"""Default degeneracy tolerance of a model, relative to its largest hopping (theory section 2)."""


@dataclass(frozen=True, eq=False)
class LatticeHamiltonian:
    r"""Tight-binding Hamiltonian of a 2D crystal.

    $H_{ij}(k) = \sum_R \langle 0 i|H|R j\rangle\, e^{i k\cdot(R + \tau_j - \tau_i)}$; the phases carry the
    orbital positions (theory (2.8): this is physics, not a gauge).

    Parameters
    ----------
    cell : (2, 2) in-plane lattice vectors a1, a2 as rows [angstrom].
    positions : (N, 2) in-plane orbital positions tau [angstrom].
    vectors : (R, 2) integer lattice vectors.
    hoppings : (R, N, N) matrix elements <0 i|H|R j> [eV]; -R must be present with the adjoint.
    dipoles : (R, 2, N, N) or None. Position matrices <0 i|r|R j> less tau on the diagonal of R = 0
        [angstrom]; None where the orbitals are taken as points.
    degeneracy_tolerance : neighbouring levels closer than this are one group [eV].
    kramers_pairs : take levels (0,1), (2,3), ... as groups whatever their splitting.
    """

    cell: Floats
    positions: Floats
    vectors: Integers
    hoppings: Complexes
    dipoles: Complexes | None = None
    degeneracy_tolerance: float = field(default=-1.0)
    kramers_pairs: bool = False

    def __post_init__(self) -> None:
        n = self.hoppings.shape[-1]
        if self.hoppings.shape != (len(self.vectors), n, n) or self.positions.shape != (n, 2):
            raise ValueError(
                f"hoppings {self.hoppings.shape}, vectors {self.vectors.shape} and positions "
                f"{self.positions.shape} do not fit together"
            )
        if self.degeneracy_tolerance < 0:
            scale = float(np.abs(self.hoppings).max(initial=0.0))
            object.__setattr__(self, "degeneracy_tolerance", RELATIVE_TOLERANCE * scale)

    @property
    def size(self) -> int:
        """Number of orbitals N."""
        return int(self.hoppings.shape[-1])

    @property
    def point_orbitals(self) -> bool:
        """Whether orbitals have positions alone, no position matrices beside them."""
        return self.dipoles is None or not self.dipoles.any()

    @cached_property
    def reciprocal(self) -> Floats:
        """Reciprocal vectors b1, b2 as rows [1/angstrom], a_i . b_j = 2 pi delta_ij."""
        return np.asarray(2 * np.pi * np.linalg.inv(self.cell).T)

    @property
    def cell_area(self) -> float:
        """Area of the cell [angstrom^2]."""
        return float(abs(np.linalg.det(self.cell)))

    def with_levels(self, tolerance: float | None, kramers_pairs: bool) -> LatticeHamiltonian:
        """The same Hamiltonian with other rules for degenerate groups (tolerance in eV; None keeps it)."""
        keep = self.degeneracy_tolerance if tolerance is None else tolerance
        if keep == self.degeneracy_tolerance and (self.kramers_pairs or not kramers_pairs):
            return self  # kernels and fingerprints are kept with the object
        return replace(self, degeneracy_tolerance=keep, kramers_pairs=kramers_pairs or self.kramers_pairs)


@dataclass(frozen=True, eq=False)
class PolynomialHamiltonian:
    r"""Polynomial in k: $H(k) = \sum_t k_x^{p_t} k_y^{q_t} M_t$, on a disc (k.p) or a cell (plane waves).

    Parameters
    ----------
    powers : (T, 2) exponents (p, q).
    matrices : (T, N, N) Hermitian coefficients [eV angstrom^(p+q)].
    cutoff : radius of the disc on which the expansion is meant [1/angstrom].
    degeneracy_tolerance, kramers_pairs : as for `LatticeHamiltonian`.
    cell : (2, 2) lattice vectors as rows [angstrom], for a plane-wave (continuum) model of a crystal; None
        for a valley. The domain is then the reciprocal cell, and H is taken at the image of k nearest to 0.
    """

    powers: Integers
    matrices: Complexes
    cutoff: float
    degeneracy_tolerance: float = field(default=-1.0)
    kramers_pairs: bool = False
    cell: Floats | None = None

    def __post_init__(self) -> None:
        if self.degeneracy_tolerance < 0:
            reach = self.cutoff ** self.powers.sum(axis=1)
            scale = float((np.abs(self.matrices).max(axis=(1, 2)) * reach).max())
            object.__setattr__(self, "degeneracy_tolerance", RELATIVE_TOLERANCE * scale)

    @property
    def size(self) -> int:
        """Number of bands N."""
        return int(self.matrices.shape[-1])

    @property
    def point_orbitals(self) -> bool:
        """Position matrices are none of a k.p model's."""
        return True

    @cached_property
    def reciprocal(self) -> Floats:
        """Reciprocal vectors as rows [1/angstrom]; ValueError for a valley, which has none."""
        if self.cell is None:
            raise ValueError("a k.p model on a disc has no reciprocal lattice")
        return np.asarray(2 * np.pi * np.linalg.inv(self.cell).T)

    def nearest_image(self, k: Floats) -> Floats:
        """The k (2, K) themselves for a valley; with a cell, their images in the first Brillouin zone."""
        return k if self.cell is None else first_zone(k, self.reciprocal)

    def with_levels(self, tolerance: float | None, kramers_pairs: bool) -> PolynomialHamiltonian:
        """The same Hamiltonian with other rules for degenerate groups (tolerance in eV; None keeps it)."""
        keep = self.degeneracy_tolerance if tolerance is None else tolerance
        if keep == self.degeneracy_tolerance and (self.kramers_pairs or not kramers_pairs):
            return self  # kernels and fingerprints are kept with the object
        return replace(self, degeneracy_tolerance=keep, kramers_pairs=kramers_pairs or self.kramers_pairs)


Hamiltonian = LatticeHamiltonian | PolynomialHamiltonian


def first_zone(k: Floats, reciprocal: Floats) -> Floats:
    """Images in the first Brillouin zone of k (2, K); reciprocal : b1 and b2 as rows, all in 1/angstrom."""
    fraction = np.linalg.solve(reciprocal.T, k)
    # Rounding leaves the parallelogram about 0; one of its neighbours may still be nearer.
    steps = np.array([(i, j) for i in (0, -1, 1) for j in (0, -1, 1)], dtype=float)
    images = (fraction - np.round(fraction))[None] + steps[:, :, None]
    vectors = np.einsum("ix,sik->sxk", reciprocal, images)
    nearest = np.argmin(np.round(np.linalg.norm(vectors, axis=1), 12), axis=0)
    return np.ascontiguousarray(vectors[nearest, :, np.arange(k.shape[1])].T)


class HoppingList:
    """Collects hoppings one at a time, adds the adjoints, and returns a `LatticeHamiltonian`.

    >>> import numpy as np
    >>> bonds = HoppingList(cell=np.eye(2), positions=np.zeros((1, 2)))
    >>> bonds.add((1, 0), [[-1.0]])
    >>> bonds.hamiltonian().hoppings.shape
    (3, 1, 1)
    """

    def __init__(self, cell: Floats, positions: Floats) -> None:
        self.cell = np.asarray(cell, float)
        self.positions = np.asarray(positions, float)
        n = len(self.positions)
        self._blocks: dict[tuple[int, int], Complexes] = {(0, 0): np.zeros((n, n), complex)}

    def onsite(self, matrix: Complexes | list[list[float]]) -> None:
        """Add a Hermitian matrix at R = 0 [eV], adjoint not added."""
        self._blocks[0, 0] = self._blocks[0, 0] + np.asarray(matrix, complex)

    def add(self, vector: tuple[int, int], matrix: Complexes | list[list[float]]) -> None:
        """Add <0 i|H|R j> = matrix_ij [eV] for R = vector, and its adjoint for -R (also at R = 0)."""
        block = np.asarray(matrix, complex)
        back = (-vector[0], -vector[1])
        zero = np.zeros_like(block)
        self._blocks[vector] = self._blocks.get(vector, zero) + block
        self._blocks[back] = self._blocks.get(back, zero) + block.conj().T

    def hamiltonian(self, kramers_pairs: bool = False) -> LatticeHamiltonian:
        """The Hamiltonian collected so far."""
        vectors = sorted(self._blocks)
        return LatticeHamiltonian(
            self.cell,
            self.positions,
            np.array(vectors, dtype=np.int64),
            np.array([self._blocks[v] for v in vectors]),
            kramers_pairs=kramers_pairs,
        )
