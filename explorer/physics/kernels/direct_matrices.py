"""H(k), its slopes and the connection as full matrices of large Hamiltonians, from the kernels' own series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.kernels.fourier_series import room
from explorer.physics.kernels.large_matrices import complete, eight_matrices, fill_matrices
from explorer.physics.kernels.small_matrices import element_series
from explorer.physics.simd.lanes import LANES


@dataclass(frozen=True, eq=False)
class DirectMatrices:
    """Matrices at one k, in the orbitals, without the phases of their positions (`geometry.bloch` says why).

    H : (N, N) [eV]. first : its derivatives along x and y [eV angstrom]. connection : A_x, A_y [angstrom], and
    curl : d_x A_y - d_y A_x [angstrom^2]; None without position matrices.
    """

    H: Complexes
    first: tuple[Complexes, Complexes]
    connection: tuple[Complexes, Complexes] | None
    curl: Complexes | None


class DirectSeries:
    """What gives the matrices of one Hamiltonian, prepared once; used by many threads."""

    def __init__(self, h: LatticeHamiltonian) -> None:
        self.size, self.dipoles, self.series = h.size, h.dipoles is not None, element_series(h)
        self.space = room(self.series)

    def at(self, k: Floats) -> Iterator[DirectMatrices]:
        """Matrices at k (2, K) [1/angstrom], one wave vector after the other; each is gone at the next."""
        k = np.ascontiguousarray(k, dtype=float)
        fields, connection = eight_matrices(self.size, self.dipoles)
        for first in range(0, k.shape[1], LANES):
            last = min(first + LANES, k.shape[1])
            fill_matrices(k, self.series, self.space, fields, connection, first, last)
            for q in range(last - first):
                for matrix in fields[q, :3]:
                    complete(matrix)
                A = curl = None
                if self.dipoles:
                    for place in (1, 2, 3, 5):
                        complete(connection[q, :, place])
                    A = (
                        np.ascontiguousarray(connection[q, :, 1]),
                        np.ascontiguousarray(connection[q, :, 3]),
                    )
                    curl = connection[q, :, 2] - connection[q, :, 5]
                yield DirectMatrices(fields[q, 0], (fields[q, 1], fields[q, 2]), A, curl)
