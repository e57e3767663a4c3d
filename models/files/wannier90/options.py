"""How a Wannier file is to be taken."""

from __future__ import annotations

from dataclasses import dataclass

HERMITIAN_TOLERANCE = 1e-3
"""Largest |H(R) - H(-R)^dagger| [eV] that is taken for rounding and averaged out."""


@dataclass(frozen=True)
class WannierOptions:
    """Options on opening a Wannier file.

    plane : "xy", "yz" or "zx", the crystal's plane in the file's Cartesian axes, or two combinations of its lattice
        vectors in whole numbers, "1,1,0:0,1,1"; None finds it.
    degeneracy_tolerance : levels closer than this are one group [eV]; None is 1e-4 eV, less where
        all levels spread less than 0.1 eV.
    kramers_pairs : take levels (0,1), (2,3), ... as groups whatever their splitting.
    position_matrices : use r beyond its diagonal at R = 0.
    energy_shift : added to all energies [eV].
    hermitise : take the Hermitian part of H whatever its hermiticity error.
    """

    plane: str | None = None
    degeneracy_tolerance: float | None = None
    kramers_pairs: bool = False
    position_matrices: bool = True
    energy_shift: float = 0.0
    hermitise: bool = False
