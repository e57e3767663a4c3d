"""Haldane's Chern insulator on a strained honeycomb."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.plane import hexagonal_cell, rotation
from explorer.models.kit.symmetry import Symmetry


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
    reference = "F. D. M. Haldane, Phys. Rev. Lett. 61, 2015 (1988). Parameters are chosen for illustration"
    presets: ClassVar[dict[str, dict[str, float]]] = {
        "Threefold (χ vanishes)": {"anisotropy": 0.0},
        "No flux: time reversal (χ vanishes)": {"flux": 0.0},
        "No mass: twofold axis (χ vanishes)": {"mass": 0.0},
        "Trivial insulator": {"mass": 1.2, "flux": 0.4},
    }
    default_mu = 0.3

    t1 = Quantity(
        1.0, bounds=(0.1, 3.0), unit="eV", symbol="t", label="Hopping", doc="Nearest-neighbour hopping"
    )
    anisotropy = Quantity(
        0.3,
        bounds=(-0.9, 1.5),
        unit="",
        symbol=r"\delta",
        label="Strain of bond",
        doc="Excess of the bond along y: t(1 + δ)",
    )
    t2 = Quantity(
        0.15,
        bounds=(-0.5, 0.5),
        unit="eV",
        symbol="t_2",
        label="Second hopping",
        doc="Second-neighbour hopping",
    )
    flux = Quantity(1.2, bounds=(-np.pi, np.pi), unit="rad", symbol=r"\phi", label="Flux", doc="Phase of t2")
    mass = Quantity(
        0.5,
        bounds=(-2.0, 2.0),
        unit="eV",
        symbol="m",
        label="Sublattice mass",
        doc="Sublattice mass: m on A, -m on B",
    )
    lattice_constant = Quantity(
        2.5, bounds=(1.0, 10.0), unit="Å", symbol="a", label="Lattice constant", doc="Lattice constant"
    )

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters."""
        a = self.lattice_constant
        bonds = HoppingList(hexagonal_cell(a), np.array([[0.0, 0.0], [0.0, a / np.sqrt(3)]]))
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

    def symmetries(self) -> tuple[Symmetry, ...]:
        """Operations that hold at the present parameters.

        The mirror that reverses x keeps A, B and all bonds but reverses the flux, so it comes
        with T. Without flux it holds alone; with equal bonds there is the threefold axis; without mass the
        twofold axis through a bond centre, which exchanges A and B.
        """
        small, same = 1e-9, np.eye(2, dtype=complex)
        mirror = np.diag([-1.0, 1.0])
        found = [Symmetry("M_x T", mirror, same, antiunitary=True)]
        if abs(self.t2 * np.sin(self.flux)) < small:
            found += [Symmetry("M_x", mirror, same), Symmetry("T", np.eye(2), same, antiunitary=True)]
        if abs(self.anisotropy * self.t1) < small:
            found.append(Symmetry("C3z", rotation(2 * np.pi / 3), same))
        if abs(self.mass) < small:
            found.append(Symmetry("C2z", -np.eye(2), np.array([[0, 1], [1, 0]], dtype=complex)))
        return tuple(found)
