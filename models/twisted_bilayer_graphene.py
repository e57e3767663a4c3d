"""Twisted bilayer graphene: the Bistritzer-MacDonald continuum model with heterostrain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import ClassVar

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, PolynomialHamiltonian
from explorer.models.kit.lattice_path import PathPoint
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.plane import hexagonal_cell, rotation, uniaxial_strain
from explorer.models.kit.point_operations import layer_operations, with_time_reversal
from explorer.models.kit.symmetry import Symmetry

GRAPHENE = 2.46
"""Lattice constant a of graphene [angstrom]."""
CELL: Floats = hexagonal_cell(GRAPHENE)
RECIPROCAL: Floats = np.asarray(2 * np.pi * np.linalg.inv(CELL).T, dtype=float)
CORNER: Floats = np.array([4 * np.pi / (3 * GRAPHENE), 0.0])
"""The valley K; K' is its opposite."""
TAU: Floats = np.array([[0.0, 1.0], [0.0, -1.0]]) * GRAPHENE / np.sqrt(3)
"""Sublattices A and B from the centre of a hexagon, about which the layers turn."""
BONDS: Floats = np.array([rotation(2 * np.pi * j / 3) @ [0.0, GRAPHENE / np.sqrt(3)] for j in range(3)])
"""From A to its neighbours B."""
SHELL_RADII = (1.2, 2.2, 2.9, 3.8, 4.2)
"""Plane waves kept, by distance from the centre of the Brillouin zone in units of |K|: 6 to 42 of them."""


@dataclass(frozen=True, eq=False)
class PlaneWaves:
    """Plane waves in valley K: layer (0 or 1), moire vector (n1, n2) as integers, momentum up to a scale."""

    layer: Integers
    steps: Integers
    momentum: Floats

    def matching(self, layer: int, steps: Integers) -> int | None:
        """Index of a plane wave, None where it lies beyond the cutoff."""
        found = np.flatnonzero((self.layer == layer) & (self.steps == steps).all(axis=1))
        return int(found[0]) if len(found) else None


@lru_cache(maxsize=8)
def plane_waves(shells: int) -> PlaneWaves:
    """The waves within a circle about the zone centre of the unstrained moire lattice."""
    ideal = RECIPROCAL @ rotation(-np.pi / 2).T  # the moire lattice, but for its scale, at any small angle
    first = CORNER @ rotation(-np.pi / 2).T
    length = np.linalg.norm(first)
    radius = SHELL_RADII[shells - 1] * length
    kept = [
        (layer, n, (layer + 1) * first + np.array(n) @ ideal)
        for layer, n in product((0, 1), product(range(-7, 8), repeat=2))
    ]
    kept = [w for w in kept if np.linalg.norm(w[2]) < radius]
    layers, steps, momenta = zip(*kept, strict=True)
    return PlaneWaves(np.array(layers), np.array(steps), np.array(momenta))


@lru_cache(maxsize=1)
def corner_steps() -> Integers:
    """Reciprocal vectors (0, G_1, G_2) that lead from K to the equivalent corners, as integers (3, 2)."""
    jumps = np.array([CORNER @ rotation(2 * np.pi * j / 3).T - CORNER for j in range(3)])
    return np.asarray(np.round(jumps @ np.linalg.inv(RECIPROCAL)), dtype=np.int64)


class TwistedBilayerGraphene(Model):
    """Flat bands of one valley or both; strain and substrate remove what forbids an induced magnetization."""

    key = "tbg"
    title = "Twisted bilayer graphene"
    formula = (
        r"H_\xi = \begin{pmatrix} h_1 & T^\dagger\\ T & h_2\end{pmatrix},\quad"
        r" h_l = \hbar v\,[M_l^T(\mathbf k - \mathbf K_l) - \xi\mathbf A_l]\cdot\sigma_\xi"
        r" + \delta_{l2}\Delta\sigma_z,\quad T = \sum_{j=0}^{2} T_j e^{i\mathbf g_j\cdot\mathbf r}"
    )
    physics = (
        "Two graphene sheets at a small angle. With these couplings the Dirac velocity vanishes at 1.07° and the "
        "two flat bands of each valley are narrowest near 1.08°. A substrate gap Δ on the upper sheet removes C2z "
        "T and gives the bands large and valley-opposite orbital moments; heterostrain removes the threefold "
        "axis; it deforms the moire lattice and brings a gauge field, while its change of the velocities by β "
        "(0.5 % at 0.4 % strain) is left out. With both valleys the model keeps time reversal: only the extrinsic "
        "magnetization is allowed, the current-driven one proposed to switch the magnetic states near three "
        "quarters filling. One valley alone (valley = 1 or -1), or a splitting of the two as interactions cause "
        "it, breaks T and opens the intrinsic response. One spin is counted. The basis is a set of plane waves "
        "(parameter shells), and the tab Convergence shows what it does to chi. At the defaults the flat bands "
        "lie within 1.3 meV of their converged place with 3 shells, 48 bands, their Λ within a tenth of its "
        "largest value, and chi at 100 K within 6 %; 4 shells, 72 bands, give 0.15 meV, 1 % and 0.5 %. Two shells "
        "serve for a first look while dragging. Declared operations hold inside the moire zone; on its edge the "
        "cutoff breaks them by its own error, a few percent of chi with 2 shells. From 4 shells on, remote bands "
        "nearly touch at Γ, and their large cancelling terms cost digits there."
    )
    reference = (
        "R. Bistritzer, A. H. MacDonald, PNAS 108, 12233 (2011); w_0, w_1, v: M. Koshino et al., Phys. "
        "Rev. X 8, 031087 (2018); strain, ν, β: Z. Bi, N. F. Q. Yuan, L. Fu, Phys. Rev. B 100, 035448 "
        "(2019); effect: W.-Y. He, D. Goldhaber-Gordon, K. T. Law, Nat. Commun. 11, 1650 (2020). Angle, "
        "strain and substrate potential are chosen for illustration"
    )
    default_mu = 0.005
    mu_range = (-0.08, 0.08)
    truncation = "shells"
    maps_follow_mu = True
    presets: ClassVar[dict[str, dict[str, float]]] = {
        "Both valleys (time reversal, 2 shells)": {"valley": 0.0, "shells": 2.0},
        "Valleys split by 20 meV (2 shells)": {"valley": 0.0, "splitting": 0.02, "shells": 2.0},
        "No strain (χ vanishes)": {"strain": 0.0},
        "Bare: no strain, no substrate": {"strain": 0.0, "substrate": 0.0},
        "First look (2 shells)": {"shells": 2.0},
        "Chiral limit": {"strain": 0.0, "substrate": 0.0, "w_aa": 0.0, "angle": 1.066},
    }

    angle = Quantity(
        1.2, bounds=(0.8, 5.0), unit="°", symbol=r"\theta", label="Twist angle", doc="Twist angle"
    )
    w_aa = Quantity(
        0.0797, bounds=(0.0, 0.15), unit="eV", symbol="w_0", label="AA coupling", doc="Interlayer coupling AA"
    )
    w_ab = Quantity(
        0.0975, bounds=(0.0, 0.15), unit="eV", symbol="w_1", label="AB coupling", doc="Interlayer coupling AB"
    )
    velocity = Quantity(
        5.253,
        bounds=(3.0, 8.0),
        unit="eV Å",
        symbol=r"\hbar v",
        label="Dirac velocity",
        doc="Dirac velocity, 2.1354 eV times a",
    )
    strain = Quantity(
        0.003,
        bounds=(-0.01, 0.01),
        unit="",
        symbol=r"\varepsilon",
        label="Strain",
        doc="Uniaxial strain of the upper over the lower sheet",
    )
    strain_angle = Quantity(
        0.0,
        bounds=(-90.0, 90.0),
        unit="°",
        symbol=r"\phi",
        label="Strain direction",
        doc="Direction of the strain from x",
    )
    poisson = Quantity(
        0.16,
        bounds=(-1.0, 0.5),
        unit="",
        symbol=r"\nu",
        label="Poisson ratio",
        doc="Poisson ratio of graphene",
    )
    beta = Quantity(
        3.14,
        bounds=(0.0, 5.0),
        unit="",
        symbol=r"\beta",
        label="Hopping exponent",
        doc="-d ln t / d ln(bond length)",
    )
    substrate = Quantity(
        0.017,
        bounds=(-0.1, 0.1),
        unit="eV",
        symbol=r"\Delta",
        label="Substrate",
        doc="Sublattice potential of the aligned substrate",
    )
    valley = Quantity(
        1.0,
        bounds=(-1.0, 1.0),
        step=1.0,
        unit="",
        symbol=r"\xi",
        label="Valley",
        doc="1: valley K, -1: K', 0: both",
    )
    splitting = Quantity(
        0.0,
        bounds=(-0.1, 0.1),
        unit="eV",
        symbol=r"\Delta_v",
        label="Valley splitting",
        doc="Energy of K over K' where both are kept",
    )
    shells = Quantity(
        3.0,
        bounds=(1.0, 5.0),
        step=1.0,
        unit="",
        symbol="n",
        label="Wave shells",
        doc="Plane-wave shells: 12 to 84 bands a valley",
    )

    def valleys(self) -> tuple[int, ...]:
        """+1 and -1 as they are kept."""
        chosen = round(self.valley)
        return (chosen,) if chosen else (1, -1)

    def strain_tensor(self) -> Floats:
        """Strain of the upper over the lower sheet, (2, 2)."""
        return uniaxial_strain(self.strain, self.strain_angle, self.poisson)

    def layer_maps(self) -> list[Floats]:
        """Deformation (1 + E_l) R_l of each sheet, (2, 2): half the twist and half the strain each."""
        half = np.radians(self.angle) / 2
        return [(np.eye(2) + s * self.strain_tensor() / 2) @ rotation(s * half) for s in (-1, 1)]

    def moire_reciprocal(self) -> Floats:
        """Moire reciprocal vectors as rows [1/angstrom]: differences of the sheets' own."""
        lower, upper = self.layer_maps()
        return np.asarray(RECIPROCAL @ np.linalg.inv(lower) - RECIPROCAL @ np.linalg.inv(upper))

    @property
    def share(self) -> str:
        """One spin, and the valleys that are kept."""
        return f"one spin, {'both valleys' if len(self.valleys()) == 2 else 'one valley'}"

    @property
    def neutral_bands(self) -> int:
        """Half of all, one for each plane wave: the flat bands may overlap, so that no gap tells."""
        return len(self.valleys()) * len(plane_waves(round(self.shells)).layer)

    def hamiltonian(self) -> PolynomialHamiltonian:
        """H(k) at the present parameters: valley by valley, plane wave by plane wave, A then B."""
        blocks = [self._valley(xi) for xi in self.valleys()]
        n = blocks[0].shape[-1]
        matrices = np.zeros((3, n * len(blocks), n * len(blocks)), complex)
        for i, (xi, block) in enumerate(zip(self.valleys(), blocks, strict=True)):
            part = slice(i * n, (i + 1) * n)
            matrices[:, part, part] = block
            matrices[0, part, part] += xi * self.splitting / 2 * (len(blocks) - 1) * np.eye(n)
        g = self.moire_reciprocal()
        shortest = min(np.linalg.norm(v) for v in (g[0], g[1], g[0] + g[1], g[0] - g[1]))
        return PolynomialHamiltonian(
            np.array([[0, 0], [1, 0], [0, 1]]),
            matrices,
            float(shortest) / 2,
            cell=np.asarray(2 * np.pi * np.linalg.inv(g).T, dtype=float),
        )

    def _valley(self, xi: int) -> Complexes:
        """H(0), dH/dk_x and dH/dk_y of one valley, (3, N, N)."""
        waves = plane_waves(round(self.shells))
        maps, g = self.layer_maps(), xi * self.moire_reciprocal()
        corners = [xi * CORNER @ np.linalg.inv(m) for m in maps]
        phases = np.exp(1j * xi * BONDS @ CORNER)
        slope = 1j * phases @ BONDS  # of -sum exp(i k.d) at the corner, of length sqrt(3)/2 a
        scale = -self.velocity * 2 / (np.sqrt(3) * GRAPHENE)
        n, half = len(waves.layer), np.radians(self.angle) / 2
        out = np.zeros((3, 2 * n, 2 * n), complex)

        for i, (layer, steps) in enumerate(zip(waves.layer, waves.steps, strict=True)):
            m = maps[layer]
            # The zone centre lies at 2 K_1 - K_2: one step of the moire honeycomb beyond either Dirac point.
            momentum = 2 * corners[0] - corners[1] + steps @ g - corners[layer]
            strain = rotation((2 * layer - 1) * half).T @ m - np.eye(2)  # in the sheet's own axes
            gauge = -self.beta * phases @ np.einsum("jx,xy,jy->j", BONDS, strain, BONDS) * 3 / GRAPHENE**2
            towards = scale * (slope @ m.T)
            at, ab = slice(2 * i, 2 * i + 2), (2 * i, 2 * i + 1)
            out[0][ab] = towards @ momentum + scale * gauge
            out[1][ab], out[2][ab] = towards
            for part in out:
                part[ab[::-1]] = part[ab].conj()
            if layer:
                out[0, at, at] += np.diag([self.substrate, -self.substrate])
                continue
            for jump in corner_steps():
                j = waves.matching(1, steps + jump)
                if j is not None:
                    tunnel = self._tunnelling(xi * jump @ RECIPROCAL)
                    out[0, 2 * j : 2 * j + 2, at] = tunnel
                    out[0, at, 2 * j : 2 * j + 2] = tunnel.conj().T
        return out

    def _tunnelling(self, wave: Floats) -> Complexes:
        """T_j = w_XX' exp(i G_j.(tau_X' - tau_X)), rows: upper sheet, (2, 2) [eV]."""
        strength = np.array([[self.w_aa, self.w_ab], [self.w_ab, self.w_aa]])
        phase = np.exp(1j * TAU @ wave)
        return np.asarray(strength * np.outer(phase, phase.conj()))

    def symmetries(self) -> tuple[Symmetry, ...]:
        """Rotations of D6, alone and with T, that keep strain, substrate and valleys."""
        strain = self.strain_tensor()
        kept = []
        for g, antiunitary in product(layer_operations(6), (False, True)):
            swaps = g.polar[2, 2] < 0
            turned = g.in_plane @ strain @ g.in_plane.T
            kept_strain = np.abs(turned - (-strain if swaps else strain)).max() < 1e-12
            kept_sites = not self.substrate or not (swaps or exchanges_sublattices(g.in_plane))
            if g.improper or (g.name == "E" and not antiunitary) or not kept_strain or not kept_sites:
                continue
            matrix = self._on_waves(g.in_plane, antiunitary, swaps)
            if matrix is not None:
                name = with_time_reversal(g.name) if antiunitary else g.name
                kept.append(Symmetry(name, g.in_plane, matrix, antiunitary))
        return tuple(kept)

    def _on_waves(self, turn: Floats, antiunitary: bool, swaps: bool) -> Complexes | None:
        """Matrix of an operation on valleys, plane waves and sublattices; None where a valley is not kept."""
        waves, valleys = plane_waves(round(self.shells)), self.valleys()
        n = len(waves.layer)
        matrix = np.zeros((len(valleys), n, 2, len(valleys), n, 2), complex)
        sublattice = [1, 0] if exchanges_sublattices(turn) else [0, 1]
        for v, xi in enumerate(valleys):
            sign = -xi if antiunitary else xi  # time reversal first: to the other valley and to -q
            moved = turn @ CORNER * sign
            target = 1 if is_lattice_vector(moved - CORNER, RECIPROCAL) else -1
            if target not in valleys or (self.splitting and target != xi):
                return None
            phase = np.exp(1j * TAU @ (moved - target * CORNER))
            for i in range(n):
                image = target * sign * turn @ waves.momentum[i]
                at_image = np.abs(waves.momentum - image).max(axis=1) < 1e-9 * np.abs(waves.momentum).max()
                j = int(np.flatnonzero(at_image & (waves.layer == (waves.layer[i] ^ swaps)))[0])
                for x, y in enumerate(sublattice):
                    matrix[valleys.index(target), j, y, v, i, x] = phase[y]
        size = len(valleys) * n * 2
        return matrix.reshape(size, size)

    def path(self, h: Hamiltonian | None = None) -> tuple[PathPoint, ...]:
        """K - G - M - K' of the moire zone; K and K' hold the Dirac points of the two sheets."""
        lower, upper = (CORNER @ np.linalg.inv(m) for m in self.layer_maps())
        g = self.moire_reciprocal()
        k = upper - lower if self.valleys()[0] > 0 else lower - upper
        sides = np.array([s * v for s in (1, -1) for v in (g[0], g[1], g[0] + g[1], g[0] - g[1])])
        side = sides[np.argmin(np.linalg.norm(sides - k - rotation(-np.pi / 3) @ k, axis=1))]
        named = (("K", k), ("Γ", 0 * k), ("M", side / 2), ("K'", side - k), ("Γ", 0 * k))
        return tuple(PathPoint(label, (float(x), float(y))) for label, (x, y) in named)


def is_lattice_vector(vector: Floats, basis: Floats) -> bool:
    """Whether a vector is an integer combination of the rows of basis."""
    numbers = vector @ np.linalg.inv(basis)
    return bool(np.abs(numbers - np.round(numbers)).max() < 1e-6)


def exchanges_sublattices(turn: Floats) -> bool:
    """Whether an operation about the centre of a hexagon takes A to B."""
    return not is_lattice_vector(turn @ TAU[0] - TAU[0], CELL)
