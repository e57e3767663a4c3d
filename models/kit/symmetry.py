"""A symmetry operation as a model declares it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats


@dataclass(frozen=True, eq=False)
class Symmetry:
    r"""One operation of the magnetic layer group, with its matrix on the orbitals.

    With R the in-plane part of the operation on positions, U its matrix:
    unitary: $U H(k) U^{-1} = H(Rk)$; antiunitary: $U H(k)^* U^{-1} = H(-Rk)$.

    Parameters
    ----------
    name : as printed, e.g. "C2y", "PT", "M_y T".
    rotation : (2, 2) Cartesian, orthogonal.
    matrix : (N, N) unitary U on the orbitals.
    antiunitary : whether time reversal is part of it.
    """

    name: str
    rotation: Floats
    matrix: Complexes
    antiunitary: bool = False

    def image(self, k: Floats) -> Floats:
        """Image of wave vectors k, shape (2, ...) [1/angstrom]."""
        rotated = np.tensordot(self.rotation, k, axes=1)
        return -rotated if self.antiunitary else rotated
