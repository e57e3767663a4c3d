"""The PT-symmetric antiferromagnet of CuMnAs type: four bands in Kramers pairs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.point_operations import layer_operations, magnetic_symmetries
from explorer.models.kit.spin_half import PAULI, direction, site_terms, spin_of_sites
from explorer.models.kit.symmetry import Symmetry

TAU = PAULI
"""Pauli matrices of the sublattice; the orbitals are A up, A down, B up, B down (tau x sigma)."""


class CuMnAs(Model):
    """Two sublattices with opposite moments: P and T broken, their product kept."""

    key = "cumnas"
    title = "PT-symmetric antiferromagnet, CuMnAs type"
    formula = (
        r"H = -2t\,\tau_x\cos\tfrac{k_x a}{2}\cos\tfrac{k_y a}{2} - t'(\cos k_x a + \cos k_y a)"
        r" + \lambda\,\tau_z(\sigma_y\sin k_x a - \sigma_x\sin k_y a)"
        r" + J_n\,\tau_z\,\mathbf{n}\cdot\boldsymbol\sigma + \Delta\,\tau_z"
    )
    physics = (
        "The antiferromagnet in which the Néel vector decides what a field can induce. Each sublattice "
        "lacks inversion, so spin-orbit coupling λ acts with opposite sign on the two, and so does the "
        "exchange J_n: P and T are broken, PT holds, all bands are Kramers pairs, and there is neither "
        "equilibrium orbital magnetization, nor Hall effect, nor extrinsic response. The intrinsic one "
        "survives. With n in the xz plane the mirror M_y combined with T leaves only chi_x; with n along y "
        "only chi_y; with n along z the fourfold axis forbids both. Turn n in the plane and both appear. "
        "For n along x the bands touch on the line k_x = π/a where λ sin(k_y a) = J_n (Dirac points kept by "
        "the mirror); tilting n gaps them, and chi is large near the small gaps. The two bands of each pair "
        "form a Clifford pair of levels, so the first term of Λ is ±(∂h0 × G)/d and lives on t' alone. The "
        "staggered potential Δ breaks PT: pairs split and the other responses come back."
    )
    reference = (
        "Model: L. Šmejkal, J. Železný, J. Sinova, T. Jungwirth, Phys. Rev. Lett. 118, 106402 (2017). H(k) and "
        "the ratios t'/t = 0.08, λ/t = 0.8, J_n/t = 0.6 are those of CuMnAs_2d in WannierBerri, which names "
        "that paper as their source; t = 1 eV, the tilt and a, near that of tetragonal CuMnAs, are chosen for "
        "illustration"
    )
    presets: ClassVar[dict[str, dict[str, float]]] = {
        "n along x: Dirac points": {"neel_angle": 0.0, "neel_tilt": 0.0},
        "n along y": {"neel_angle": 90.0, "neel_tilt": 12.0},
        "n along (1, 1): both components": {"neel_angle": 45.0, "neel_tilt": 12.0},
        "n along z (χ vanishes)": {"neel_tilt": 90.0},
        "No order (χ vanishes)": {"exchange": 0.0},
        "PT broken by a staggered potential": {"staggering": 0.1},
    }
    default_mu = 0.3

    t = Quantity(
        1.0, bounds=(0.1, 3.0), unit="eV", symbol="t", label="Hopping", doc="Hopping between the sublattices"
    )
    t_prime = Quantity(
        0.08,
        bounds=(-0.5, 0.5),
        unit="eV",
        symbol="t'",
        label="Hopping within",
        doc="Hopping within a sublattice",
    )
    spin_orbit = Quantity(
        0.8,
        bounds=(0.0, 2.0),
        unit="eV",
        symbol=r"\lambda",
        label="Spin-orbit",
        doc="Spin-orbit coupling, opposite on the two sublattices",
    )
    exchange = Quantity(
        0.6,
        bounds=(0.0, 2.0),
        unit="eV",
        symbol="J_n",
        label="Exchange",
        doc="Exchange with the local moments, opposite on the two sublattices",
    )
    neel_angle = Quantity(
        0.0,
        bounds=(-180.0, 180.0),
        unit="°",
        symbol=r"\varphi_n",
        label="Néel direction",
        doc="Direction of the Néel vector in the plane, from x",
    )
    neel_tilt = Quantity(
        12.0,
        bounds=(-90.0, 90.0),
        unit="°",
        symbol=r"\theta_n",
        label="Néel tilt",
        doc="Tilt of the Néel vector out of the plane",
    )
    staggering = Quantity(
        0.0,
        bounds=(-1.0, 1.0),
        unit="eV",
        symbol=r"\Delta",
        label="Staggering",
        doc="Staggered potential, +Δ on A and −Δ on B: breaks PT",
    )
    lattice_constant = Quantity(
        3.82, bounds=(2.0, 10.0), unit="Å", symbol="a", label="Lattice constant", doc="Lattice constant"
    )

    def neel_vector(self) -> Floats:
        """Unit vector n, (3,)."""
        return direction(90.0 - self.neel_tilt, self.neel_angle)

    def moments(self) -> Floats:
        """Exchange fields of A and B, (2, 3) [eV]."""
        return self.exchange * np.outer([1.0, -1.0], self.neel_vector())

    def energies(self) -> Floats:
        """Potentials of A and B, (2,) [eV]."""
        return self.staggering * np.array([1.0, -1.0])

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters."""
        a, one = self.lattice_constant, np.eye(2, dtype=complex)
        bonds = HoppingList(a * np.eye(2), a * np.array([[0, 0], [0, 0], [0.5, 0.5], [0.5, 0.5]]))
        bonds.onsite(site_terms(self.energies(), self.moments()))
        between = np.asarray(-0.25 * self.t * np.kron(TAU[0] + 1j * TAU[1], one), complex)  # |A><B|
        for vector in ((0, 0), (-1, 0), (0, -1), (-1, -1)):  # the four B around A
            bonds.add(vector, between)
        # sin k = Im e^{ik}: the amplitude of e^{ik} is 1/2i.
        for vector, spin in (((1, 0), PAULI[1]), ((0, 1), -PAULI[0])):
            within: Complexes = self.spin_orbit / 2j * np.kron(TAU[2], spin) - 0.5 * self.t_prime * np.eye(4)
            bonds.add(vector, within)
        return bonds.hamiltonian()

    def spin(self) -> Complexes:
        """Pauli matrices (3, 4, 4) on the orbitals."""
        return spin_of_sites(2)

    def symmetries(self) -> tuple[Symmetry, ...]:
        """The operations of the paramagnetic crystal (4/mmm and T) that keep the order and the potential."""
        a, height = self.lattice_constant, np.array([0.0, 0.0, 1.0])  # any: P exchanges A and B, C4z does not
        cell, sites = a * np.eye(2), np.array([height, a * np.array([0.5, 0.5, 0.0]) - height])
        return magnetic_symmetries(cell, sites, self.moments(), self.energies(), layer_operations(4))
