"""Haldane's Chern insulator on a strained honeycomb."""

from __future__ import annotations

import numpy as np

from models.base import Model, Quantity
from models.hamiltonian import HoppingList, LatticeHamiltonian


class Haldane(Model):
    """Two bands, T broken by the flux, P by the mass, the threefold axis by one unequal bond."""

    key = "haldane"
    title = "Haldane model, strained honeycomb"
    formula = (
        r"H = \sum_{\langle ij\rangle} t_{ij}\, c_i^\dagger c_j"
        r" + t_2 \sum_{\langle\langle ij\rangle\rangle} e^{i\nu_{ij}\phi} c_i^\dagger c_j"
        r" + m \sum_i \xi_i c_i^\dagger c_i"
    )
    physics = (
        "The flux breaks time reversal and the sublattice mass breaks inversion, yet with three equal bonds "
        "the threefold axis still forbids an induced magnetization. Make one bond different (strain) and "
        "both chi and alpha appear along the direction that the remaining mirror leaves free."
    )
    reference = "F. D. M. Haldane, Phys. Rev. Lett. 61, 2015 (1988)"
    presets = {
        "Threefold (chi vanishes)": {"anisotropy": 0.0},
        "Trivial insulator": {"mass": 1.2, "flux": 0.4},
    }

    t1 = Quantity(1.0, bounds=(0.1, 3.0), unit="eV", symbol="t", doc="Nearest-neighbour hopping")
    anisotropy = Quantity(
        0.3, bounds=(-0.9, 1.5), unit="", symbol=r"\delta", doc="Relative excess of the bond along y: t(1 + δ)"
    )
    t2 = Quantity(0.15, bounds=(-0.5, 0.5), unit="eV", symbol="t_2", doc="Second-neighbour hopping")
    flux = Quantity(1.2, bounds=(-np.pi, np.pi), unit="rad", symbol=r"\phi", doc="Phase of t2 around a plaquette")
    mass = Quantity(0.3, bounds=(-2.0, 2.0), unit="eV", symbol="m", doc="Sublattice mass, +m on A and -m on B")
    lattice_constant = Quantity(2.5, bounds=(1.0, 10.0), unit="Å", symbol="a", doc="Lattice constant")

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters."""
        a = self.lattice_constant
        cell = a * np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
        bonds = HoppingList(cell, np.array([[0.0, 0.0], [0.0, a / np.sqrt(3)]]))
        bonds.onsite(np.diag([self.mass, -self.mass]))
        # B sits above A along y; its other two neighbours of type A are reached through -a2 and a1 - a2.
        for vector, hopping in (
            ((0, 0), self.t1 * (1 + self.anisotropy)),
            ((0, -1), self.t1),
            ((1, -1), self.t1),
        ):
            bonds.add(vector, [[0.0, hopping], [0.0, 0.0]])
        turn = self.t2 * np.exp(1j * self.flux)
        for vector in ((1, 0), (-1, 1), (0, -1)):  # anticlockwise on A
            bonds.add(vector, np.diag([turn, turn.conj()]))
        return bonds.hamiltonian()
