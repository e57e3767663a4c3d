"""Minimal bilayer honeycomb antiferromagnet: the textbook version of bilayer CrI3."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.plane import hexagonal_cell
from explorer.models.kit.point_operations import layer_operations, magnetic_symmetries
from explorer.models.kit.spin_half import PAULI, direction, site_terms, spin_of_sites
from explorer.models.kit.symmetry import Symmetry

LAYER_DISTANCE = 6.6
"""Height between the layers [angstrom], that of CrI3; enters only the interlayer hopping."""
SAME = 1e-6
"""Difference of two lengths, in lattice constants, that is rounding."""
REACH = 1.05
"""Longest in-plane interlayer hopping, in lattice constants."""


class HoneycombAntiferromagnet(Model):
    """Eight bands in four Kramers pairs; magnetic group 2/m' (E, C2y, PT, M_y T) at the defaults."""

    key = "honeycomb-afm"
    title = "Bilayer honeycomb antiferromagnet"
    formula = (
        r"H = -t\sum_{\langle ij\rangle} c_i^\dagger c_j + i\lambda\sum_{\langle\langle ij\rangle\rangle}"
        r"\nu_{ij}\, c_i^\dagger\sigma_z c_j"
        r" + i\lambda_R\sum_{\langle ij\rangle}\xi_l\, c_i^\dagger(\hat d_{ij}\times\sigma)_z c_j"
        r" + J\sum_i \xi_l\, c_i^\dagger\,\hat n\cdot\sigma\, c_i"
        r" + \sum_{ij} t_\perp(|r_{ij}|)\, c_i^\dagger c_j"
    )
    physics = (
        "Two honeycomb sheets with opposite moments, one moved sideways along x: what is left of "
        "bilayer CrI3 when all but symmetry is removed. P and T are broken, PT holds, so every band is"
        " a pair, the Berry curvature and the equilibrium magnetization vanish at each k and the "
        "extrinsic response is forbidden. The sideways shift leaves one twofold axis along y, which "
        "lets only chi_x and alpha_x live. Without the shift the threefold axis comes back and nothing"
        " is induced; a bias between the layers breaks PT; tilting the moments breaks the axis."
    )
    reference = (
        "Symmetry: C. Xiao et al., Phys. Rev. B 103, 045401 (2021) (bilayer CrI3); terms: C. L. Kane, E. J. "
        "Mele, Phys. Rev. Lett. 95, 146802 (2005). a and the height between the layers are those of "
        "assets/cri3, all else is chosen for illustration"
    )
    default_mu = -0.18
    presets: ClassVar[dict[str, dict[str, float]]] = {
        "No shift (χ vanishes)": {"shift": 0.0},
        "No spin-orbit coupling (χ vanishes)": {"soc": 0.0, "rashba": 0.0},
        "Biased (PT broken)": {"bias": 0.05},
        "Moments along x": {"polar": 90.0},
    }

    t = Quantity(
        0.2,
        bounds=(0.01, 0.5),
        unit="eV",
        symbol="t",
        label="Hopping",
        doc="Nearest-neighbour hopping in a layer",
    )
    soc = Quantity(
        0.02,
        bounds=(-0.1, 0.1),
        unit="eV",
        symbol=r"\lambda",
        label="Spin-orbit",
        doc="Second-neighbour spin-orbit hopping",
    )
    rashba = Quantity(
        0.04,
        bounds=(-0.1, 0.1),
        unit="eV",
        symbol=r"\lambda_R",
        label="Rashba hopping",
        doc="Rashba hopping, opposite in the two layers",
    )
    exchange = Quantity(
        0.11,
        bounds=(0.0, 1.5),
        unit="eV",
        symbol="J",
        label="Exchange",
        doc="Exchange energy, opposite in the layers",
    )
    interlayer = Quantity(
        0.1,
        bounds=(0.0, 0.3),
        unit="eV",
        symbol=r"t_\perp",
        label="Interlayer hopping",
        doc="Hopping to a site right above",
    )
    decay = Quantity(
        0.8,
        bounds=(0.1, 2.0),
        unit="Å",
        symbol=r"\rho",
        label="Decay length",
        doc="Decay length of the interlayer hopping with distance",
    )
    shift = Quantity(
        1 / 3,
        bounds=(0.0, 0.5),
        unit="a",
        symbol="s",
        label="Layer shift",
        doc="Sideways shift of the upper layer along x",
    )
    bias = Quantity(
        0.0,
        bounds=(-0.3, 0.3),
        unit="eV",
        symbol="V",
        label="Layer bias",
        doc="Energy of the upper layer over the lower one",
    )
    polar = Quantity(
        0.0,
        bounds=(0.0, 180.0),
        unit="°",
        symbol=r"\theta",
        label="Néel polar angle",
        doc="Angle of the Néel vector from z",
    )
    azimuth = Quantity(
        0.0,
        bounds=(-180.0, 180.0),
        unit="°",
        symbol=r"\varphi",
        label="Néel azimuth",
        doc="In-plane direction of the Néel vector from x",
    )
    lattice_constant = Quantity(
        6.87, bounds=(2.0, 12.0), unit="Å", symbol="a", label="Lattice constant", doc="Lattice constant"
    )

    def cell(self) -> Floats:
        """Lattice vectors as rows, (2, 2) [angstrom]."""
        return hexagonal_cell(self.lattice_constant)

    def sites(self) -> Floats:
        """A and B of the lower, then of the upper layer, (4, 3) [angstrom]."""
        a, d = self.lattice_constant, self.lattice_constant / np.sqrt(3)
        lower = np.array([[0.0, d / 2, -LAYER_DISTANCE / 2], [0.0, -d / 2, -LAYER_DISTANCE / 2]])
        return np.concatenate([lower, lower + np.array([self.shift * a, 0.0, LAYER_DISTANCE])])

    def moments(self) -> Floats:
        """Exchange fields of the sites, (4, 3) [eV]."""
        return self.exchange * np.outer([1.0, 1.0, -1.0, -1.0], direction(self.polar, self.azimuth))

    def energies(self) -> Floats:
        """Site energies, (4,) [eV]."""
        return self.bias / 2 * np.array([-1.0, -1.0, 1.0, 1.0])

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters; site by site, up then down."""
        sites, cell = self.sites(), self.cell()
        bonds = HoppingList(cell, np.repeat(sites[:, :2], 2, axis=0))
        bonds.onsite(site_terms(self.energies(), self.moments()))
        reach = max(REACH, 1.01) * self.lattice_constant
        for vector in product(range(-2, 3), repeat=2):
            to = sites[:, :2] + np.array(vector) @ cell
            for i, j in product(range(4), repeat=2):
                if (i, j) < (j, i) or (i == j and vector > (0, 0)):  # the adjoint is added with each
                    apart = to[j] - sites[i, :2]
                    if np.hypot(*apart) > reach:
                        continue
                    hopping = np.zeros((8, 8), complex)
                    hopping[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = self._hopping(i, j, apart)
                    if hopping.any():
                        bonds.add((vector[0], vector[1]), hopping)
        return bonds.hamiltonian()

    def _hopping(self, i: int, j: int, apart: Floats) -> Complexes:
        """Hopping <i|H|j> between sites `apart` (2,) from each other, (2, 2) [eV]."""
        a, length = self.lattice_constant, float(np.linalg.norm(apart))
        if i // 2 != j // 2:
            stretch = np.hypot(length, LAYER_DISTANCE) - LAYER_DISTANCE
            strength = self.interlayer * np.exp(-stretch / self.decay) if length < REACH * a else 0.0
            return np.asarray(strength * np.eye(2, dtype=complex))
        if abs(length - a / np.sqrt(3)) < SAME * a:
            x, y = apart / length
            side = -1 if i < 2 else 1
            rashba = 1j * self.rashba * side * (x * PAULI[1] - y * PAULI[0])
            return np.asarray(rashba - self.t * np.eye(2))
        if abs(length - a) < SAME * a:
            # Anticlockwise around the hexagon is one sign on A, the other on B: sin 3 phi of the bond.
            turn = np.cos(3 * np.arctan2(apart[1], apart[0])) * (1 if i % 2 == 0 else -1)
            return np.asarray(1j * self.soc * np.round(turn) * PAULI[2])
        return np.zeros((2, 2), complex)

    def symmetries(self) -> tuple[Symmetry, ...]:
        """Operations of the bilayer that keep its moments and its bias."""
        return magnetic_symmetries(
            self.cell(), self.sites(), self.moments(), self.energies(), layer_operations(6)
        )

    def spin(self) -> Complexes:
        """Pauli matrices on the orbitals, (3, 8, 8)."""
        return spin_of_sites(4)
