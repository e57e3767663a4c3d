"""Two-dimensional Rashba magnet on a square lattice."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.point_operations import layer_operations, magnetic_symmetries
from explorer.models.kit.spin_half import PAULI, direction, site_terms
from explorer.models.kit.symmetry import Symmetry


class RashbaMagnet(Model):
    """One orbital with spin: the polar axis breaks P, the exchange field breaks T."""

    key = "rashba"
    title = "Rashba magnet, square lattice"
    formula = (
        r"H = 2t\,(2-\cos k_xa-\cos k_ya)"
        r" + \frac{\alpha_R}{a}\,(\sigma_x\sin k_ya-\sigma_y\sin k_xa) + J\,\hat n\cdot\sigma"
    )
    physics = (
        "The smallest metal in which both P and T are broken: a polar surface or interface gives the "
        "Rashba spin-orbit coupling, a magnet beneath it the exchange field. With the field out of the"
        " plane the fourfold axis forbids chi and alpha, however large the Berry curvature is; with "
        "the field tilted towards x one mirror combined with time reversal is left, and only the x "
        "components live. A field wholly in the plane keeps C2z T: no Hall effect and no equilibrium "
        "magnetization, yet an induced one."
    )
    reference = (
        "Y. A. Bychkov, E. I. Rashba, JETP Lett. 39, 78 (1984); "
        "A. Manchon, S. Zhang, Phys. Rev. B 78, 212405 (2008). Parameters are chosen for illustration"
    )
    default_mu = 0.1
    presets: ClassVar[dict[str, dict[str, float]]] = {
        "Out-of-plane field (χ vanishes)": {"polar": 0.0},
        "In-plane field": {"polar": 90.0},
        "No magnet (time reversal)": {"exchange": 0.0},
    }

    t = Quantity(
        0.5, bounds=(0.05, 2.0), unit="eV", symbol="t", label="Hopping", doc="Nearest-neighbour hopping"
    )
    rashba = Quantity(
        1.0,
        bounds=(-3.0, 3.0),
        unit="eV Å",
        symbol=r"\alpha_R",
        label="Rashba coupling",
        doc="Rashba coupling",
    )
    exchange = Quantity(
        0.2,
        bounds=(0.0, 1.0),
        unit="eV",
        symbol="J",
        label="Exchange",
        doc="Exchange energy, half the spin splitting",
    )
    polar = Quantity(
        60.0,
        bounds=(0.0, 180.0),
        unit="°",
        symbol=r"\theta",
        label="Field polar angle",
        doc="Angle of the field from z",
    )
    azimuth = Quantity(
        0.0,
        bounds=(-180.0, 180.0),
        unit="°",
        symbol=r"\varphi",
        label="Field azimuth",
        doc="In-plane direction of the field from x",
    )
    lattice_constant = Quantity(
        4.0, bounds=(2.0, 10.0), unit="Å", symbol="a", label="Lattice constant", doc="Lattice constant"
    )

    def field(self) -> Floats:
        """Exchange field J n, (3,) [eV]."""
        return self.exchange * direction(self.polar, self.azimuth)

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters."""
        bonds = HoppingList(self.lattice_constant * np.eye(2), np.zeros((2, 2)))
        bonds.onsite(site_terms(np.array([4 * self.t]), self.field()[None]))
        along = 0.5 * self.rashba / self.lattice_constant  # sin(k a) = (e^{ika} - e^{-ika}) / 2i
        bonds.add((1, 0), -self.t * np.eye(2) + 1j * along * PAULI[1])
        bonds.add((0, 1), -self.t * np.eye(2) - 1j * along * PAULI[0])
        return bonds.hamiltonian()

    def symmetries(self) -> tuple[Symmetry, ...]:
        """Operations of 4mm1' that keep the field (of the full 4/mmm1' where there is no Rashba coupling)."""
        polar = [g for g in layer_operations(4) if g.polar[2, 2] > 0 or self.rashba == 0]
        cell = self.lattice_constant * np.eye(2)
        return magnetic_symmetries(cell, np.zeros((1, 3)), self.field()[None], np.zeros(1), polar)

    def spin(self) -> Complexes:
        """Pauli matrices, (3, 2, 2)."""
        return PAULI
