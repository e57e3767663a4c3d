"""Even-layer antiferromagnetic MnBi2Te4 film: coupled surface Dirac cones of its septuple layers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian, HoppingList, LatticeHamiltonian
from explorer.models.kit.lattice_path import PathPoint
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.plane import hexagonal_cell
from explorer.models.kit.point_operations import layer_operations, magnetic_symmetries
from explorer.models.kit.spin_half import PAULI, direction, site_terms, spin_of_sites
from explorer.models.kit.symmetry import Symmetry

THICKNESS = 13.6
"""Thickness of a septuple layer [angstrom]; only names the heights of the surfaces."""
BONDS = ((1, 0), (-1, 1), (0, -1))
"""Lattice vectors at 0, 120 and 240 degrees; they add up to zero."""


class MnBi2Te4(Model):
    """Four bands a layer; PT-symmetric for an even number of layers with alternating moments."""

    key = "mnbi2te4"
    title = "Even-layer MnBi₂Te₄ film"
    formula = (
        r"H_{ij} = \delta_{ij} h_i + \Delta_{ij},\quad h_i = (-)^i\hbar v\,(\mathbf k\times\sigma)_z"
        r" + (-)^i w\,k^3\cos3\phi_k\,\sigma_z + \mathbf m_i\cdot\sigma + V_i,\quad"
        r" \Delta_{ij}\in\{\Delta_S + Bk^2,\ \Delta_D\}"
    )
    physics = (
        "Each septuple layer brings a Dirac cone on its upper and one on its lower surface; cones are "
        "hybridized within a layer (Δ_S) and across the gap to the next (Δ_D), and feel the manganese "
        "of their own layer (J_S) and of the neighbour (J_D). |Δ_D| > |Δ_S| makes the stack a "
        "topological insulator. Moments of alternating sign break P and T, an even number of layers "
        "keeps PT: no Hall effect, no equilibrium magnetization, all bands paired. The easy axis is z,"
        " and then the threefold axis forbids the induced magnetization too; tilting the Néel vector, "
        "as after a spin flop, or straining a warped film lets it appear. k is put on a triangular "
        "lattice (sin for k, and B k² within a layer, which removes the other Dirac points of the "
        "lattice and makes the inversion end away from Γ); to first order in k about Γ it is the coupled-cone model."
    )
    reference = (
        "Model of coupled Dirac cones, and its v = 5·10⁵ m/s, Δ_S = 84, Δ_D = −127, J_S = 36 and J_D = 29 meV: C. "
        "Lei, S. Chen, A. H. MacDonald, PNAS 117, 27224 (2020); form of the warping: L. Fu, Phys. Rev. Lett. 103, "
        "266801 (2009). B and a as in public bulk k.p models of MnBi2Te4 (M_2 = 9.40 eV Å², a = 4.33 Å); on the "
        "material: D. Zhang et al., Phys. Rev. Lett. 122, 206401 (2019). The size of the warping and the "
        "directions of the moments are chosen for illustration"
    )
    default_mu = 0.1
    mu_range: ClassVar[tuple[float, float]] = (-0.5, 0.5)
    presets: ClassVar[dict[str, dict[str, float]]] = {
        "Easy axis (χ vanishes)": {"polar": 0.0},
        "Easy axis, strained": {"polar": 0.0, "anisotropy": 0.1},
        "Spin flop, moments along y": {"polar": 90.0},
        "Tilted towards 45° (both components)": {"azimuth": 45.0},
        "Gate field (PT broken)": {"bias": 0.04},
        "Four layers": {"layers": 4},
        "Paramagnet": {"exchange": 0.0, "neighbour_exchange": 0.0},
    }

    layers = Quantity(
        2,
        bounds=(2, 6),
        step=2,
        unit="",
        symbol="L",
        label="Layers",
        doc="Number of septuple layers (rounded to even)",
    )
    velocity = Quantity(
        3.291,
        bounds=(0.5, 6.0),
        unit="eV Å",
        symbol=r"\hbar v",
        label="Dirac velocity",
        doc="Dirac velocity, 5e5 m/s",
    )
    intra = Quantity(
        0.084,
        bounds=(-0.3, 0.3),
        unit="eV",
        symbol=r"\Delta_S",
        label="Within a layer",
        doc="Hybridization within a layer",
    )
    inter = Quantity(
        -0.127,
        bounds=(-0.3, 0.3),
        unit="eV",
        symbol=r"\Delta_D",
        label="Between layers",
        doc="Hybridization between layers",
    )
    curvature = Quantity(
        9.4,
        bounds=(0.0, 30.0),
        unit="eV Å²",
        symbol="B",
        label="Curvature",
        doc="Growth of the hybridization within a layer with k",
    )
    warping = Quantity(
        25.0, bounds=(-100.0, 100.0), unit="eV Å³", symbol="w", label="Warping", doc="Hexagonal warping"
    )
    exchange = Quantity(
        0.036,
        bounds=(0.0, 0.2),
        unit="eV",
        symbol="J_S",
        label="Own exchange",
        doc="Exchange with the own layer",
    )
    neighbour_exchange = Quantity(
        0.029,
        bounds=(0.0, 0.2),
        unit="eV",
        symbol="J_D",
        label="Next exchange",
        doc="Exchange with the layer across the gap",
    )
    polar = Quantity(
        40.0,
        bounds=(0.0, 180.0),
        unit="°",
        symbol=r"\theta",
        label="Néel polar angle",
        doc="Angle of the Néel vector from z",
    )
    azimuth = Quantity(
        90.0,
        bounds=(-180.0, 180.0),
        unit="°",
        symbol=r"\varphi",
        label="Néel azimuth",
        doc="In-plane direction of the Néel vector from x",
    )
    anisotropy = Quantity(
        0.0,
        bounds=(-0.5, 0.5),
        unit="",
        symbol=r"\delta",
        label="Strain",
        doc="Excess of every hopping along x (uniaxial strain)",
    )
    bias = Quantity(
        0.0,
        bounds=(-0.3, 0.3),
        unit="eV",
        symbol="V",
        label="Film bias",
        doc="Potential drop across the film",
    )
    lattice_constant = Quantity(
        4.33,
        bounds=(3.0, 6.0),
        unit="Å",
        symbol="a",
        label="Lattice constant",
        doc="In-plane lattice constant",
    )

    def surfaces(self) -> int:
        """Number of surfaces, two a layer."""
        return 2 * 2 * max(1, round(self.layers / 2))

    def cell(self) -> Floats:
        """Lattice vectors as rows, (2, 2) [angstrom]."""
        return hexagonal_cell(self.lattice_constant)

    def sites(self) -> Floats:
        """Positions of the surfaces from the bottom up, (2L, 3) [angstrom]."""
        n = self.surfaces()
        z = THICKNESS / 2 * (np.arange(n) - (n - 1) / 2)
        return np.column_stack([np.zeros((n, 2)), z])

    def moments(self) -> Floats:
        """Exchange fields of the surfaces, (2L, 3) [eV]: J_S of the own layer, J_D of the next one."""
        n = self.surfaces()
        layer = np.arange(n) // 2
        beside = layer + np.where(np.arange(n) % 2, 1, -1)
        outside = (beside < 0) | (beside >= n // 2)
        strength = self.exchange * np.where(layer % 2, -1.0, 1.0)
        strength += np.where(outside, 0.0, self.neighbour_exchange * np.where(beside % 2, -1.0, 1.0))
        return np.outer(strength, direction(self.polar, self.azimuth))

    def energies(self) -> Floats:
        """Potentials of the surfaces, (2L,) [eV]."""
        n = self.surfaces()
        return self.bias * (np.arange(n) / (n - 1) - 0.5)

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters; surface by surface from the bottom, up then down."""
        n, a = self.surfaces(), self.lattice_constant
        one = np.eye(2)
        facing = np.diag((-1.0) ** np.arange(n))
        within = np.zeros((n, n))
        within[np.arange(0, n, 2), np.arange(1, n, 2)] = 1
        across = np.zeros((n, n))
        across[np.arange(1, n - 1, 2), np.arange(2, n, 2)] = 1
        within, across = within + within.T, across + across.T
        scale = np.array([1 + self.anisotropy, 1.0, 1.0])
        k_squared = 4 / (3 * a * a)  # k^2 = 4/(3 a^2) sum over the bonds of 1 - cos(k.d)

        bonds = HoppingList(self.cell(), np.zeros((2 * n, 2)))
        onsite: Complexes = np.kron(within, one) * (
            self.intra + self.curvature * k_squared * scale.sum() + 0j
        )
        onsite = onsite + np.kron(across, one) * self.inter
        bonds.onsite(onsite + site_terms(self.energies(), self.moments()))
        for vector, s in zip(BONDS, scale, strict=True):
            x, y = np.array(vector) @ self.cell() / a
            # k = 2/(3a) sum d sin(k.d), k^3 cos 3phi = -8/a^3 sum sin(k.d), sin = (e^{ik.d} - h.c.)/2i
            dirac = (
                2 * self.velocity / (3 * a) * (x * PAULI[1] - y * PAULI[0])
                - 8 * self.warping / a**3 * PAULI[2]
            )
            hopping = np.kron(facing, dirac) / 2j - np.kron(within, one) * self.curvature * k_squared / 2
            bonds.add(vector, s * hopping)
        return bonds.hamiltonian()

    def near_path(self, h: Hamiltonian | None = None) -> tuple[PathPoint, ...]:
        """From Γ towards K', K and M' (-x, x and y), as far as a bare cone needs to leave `mu_range`."""
        corner = {p.label: np.array(p.k) for p in self.path(h)}
        corner["K'"] = -corner["K"]  # the image of K' opposite to K
        reach = self.mu_range[1] / self.velocity

        def towards(label: str) -> PathPoint:
            whole = float(np.linalg.norm(corner[label]))
            x, y = corner[label] * min(1.0, reach / whole)
            return PathPoint(f"→{label}" if reach < whole else label, (float(x), float(y)))

        centre = PathPoint("Γ", (0.0, 0.0))
        return towards("K'"), centre, towards("K"), centre, towards("M'")

    def symmetries(self) -> tuple[Symmetry, ...]:
        """Operations of the film, -3m with C2x and M_x where strained, that keep moments and potentials."""
        candidates = []
        for g in layer_operations(6):
            # Warping: (-)^i k^3 cos 3phi sigma_z must stay, sigma_z being axial and (-)^i odd under z -> -z.
            image = g.in_plane[:, 0]
            cubic = image[0] ** 3 - 3 * image[0] * image[1] ** 2
            warped = cubic * g.axial[2, 2] * g.polar[2, 2]
            if self.warping and abs(warped - 1) > 1e-9:
                continue
            if self.anisotropy and abs(abs(image[0]) - 1) > 1e-9:
                continue
            candidates.append(g)
        return magnetic_symmetries(self.cell(), self.sites(), self.moments(), self.energies(), candidates)

    def spin(self) -> Complexes:
        """Pauli matrices on the orbitals, (3, N, N)."""
        return spin_of_sites(self.surfaces())
