"""Bilayer CrI3 from first principles: all 112 Wannier functions, and the 8 of its conduction bands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

import numpy as np

from explorer import assets
from explorer.models.files.wannier90.model import read_matrices
from explorer.models.files.wannier90.plane import find_plane, in_plane
from explorer.models.kit.arrays import Complexes
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.lattice_path import PathPoint
from explorer.models.kit.model import Model, Quantity
from explorer.models.kit.spin_half import PAULI
from explorer.models.kit.symmetry import Symmetry

GAP = 0.7337
"""Conduction-band minimum above the valence-band maximum in the calculation with spin-orbit coupling [eV]."""


@dataclass(frozen=True, eq=False)
class _Stored:
    """What the files hold: H with all its position matrices, symmetry matrices, Pauli matrices."""

    hamiltonian: LatticeHamiltonian
    pt: Complexes
    c2y: Complexes
    spin: Complexes


@lru_cache(maxsize=2)
def _load(name: str) -> _Stored:
    archive = assets.path(f"cri3/{name}")
    # The text file of the small model keeps more digits than the archive's single precision.
    data = read_matrices(assets.path("cri3/cri3_bilayer_eg_tb.dat") if "_eg_" in name else archive)
    with np.load(archive) as file:
        # Signed permutations, stored in single precision: rounding makes them exact.
        pt, c2y = (np.round(file[key]).astype(complex) for key in ("D_PT", "D_c2y"))
        spin = _pauli(file["spin"], file["atom"], [str(text) for text in file["names"]])
    return _Stored(in_plane(data, find_plane(data, "xy")), pt, c2y, spin)


def _pauli(spin: np.ndarray, atom: np.ndarray, names: list[str]) -> Complexes:
    """Pauli matrices (3, N, N) on functions that are taken as pure spin up (0) or down (1) along z."""
    bare = [text.replace(" up", "").replace(" dn", "") for text in names]
    orbital = list(zip(atom.tolist(), bare, strict=True))
    same = np.array([[one == other for other in orbital] for one in orbital])
    down = np.asarray(spin, dtype=np.int64)
    return np.where(same, PAULI[:, down[:, None], down[None, :]], 0.0)


@lru_cache(maxsize=8)
def _scaled(name: str, share: float) -> LatticeHamiltonian:
    full = _load(name).hamiltonian
    if full.dipoles is None or share == 1.0:
        return full
    return replace(full, dipoles=share * full.dipoles if share > 0.0 else None)


class CrI3(Model):
    """All 112 spinor Wannier functions (Cr 3d, I 5p), with position matrices."""

    key = "cri3"
    title = "Bilayer CrI₃, first principles (112 functions)"
    formula = (
        r"H_{ij}(k) = \sum_R \langle 0i|H|Rj\rangle\, e^{ik\cdot(R+\tau_j-\tau_i)},\quad"
        r" D_a O = \partial_a O - i\,[A_a, O]"
    )
    physics = (
        "The layered antiferromagnet of the paper: two ferromagnetic layers with opposite moments. P and T "
        "are broken, PT is not, so every band is a Kramers pair; the twofold axis along y leaves only the x "
        "components of chi and alpha. PBE + U (3 eV) with spin-orbit coupling, zero of energy at the "
        "valence-band maximum, gap 0.734 eV. Here is the whole manifold of valence and d bands, with the "
        "position matrices of its Wannier functions. The model cri3-eg keeps only the four Kramers pairs of "
        "the lowest conduction bands (Cr e_g) and is fast enough to follow every slider. Its energies agree "
        "to about 1 meV; virtual transitions to all other bands are missing, which carry 2-9 % of "
        "sum |v|²/ΔE² and under 0.3 % with 1/ΔE³. In the gap cri3-eg gives exactly zero, this model the "
        "small value of its filled bands. Near crossings both are sensitive to errors of 1 meV, so there "
        "their curves differ most."
    )
    reference = (
        "this project's own GPAW and Wannier calculation, assets/cri3/README.md; lengths of the bulk crystal: M. A. "
        "McGuire, H. Dixit, V. R. Cooper, B. C. Sales, Chem. Mater. 27, 612 (2015). The layers are shifted by a/3, an "
        "idealisation: 0.323 a with the c and β of the bulk"
    )
    default_mu = 0.9
    presets: ClassVar[dict[str, dict[str, float]]] = {"Orbitals as points": {"position_matrices": 0.0}}

    position_matrices = Quantity(
        1.0,
        bounds=(0.0, 1.0),
        step=1.0,
        unit="",
        symbol="r",
        label="Position matrices",
        doc="Off-diagonal position matrices: 1 as computed, 0 functions taken as points at their centres",
    )

    _file = "cri3_bilayer_h0.1r1.npz"

    def hamiltonian(self) -> LatticeHamiltonian:
        """H(k) at the present parameters."""
        return _scaled(self._file, float(self.position_matrices))

    def symmetries(self) -> tuple[Symmetry, ...]:
        """PT, the twofold axis along y, and their product, the mirror y -> -y with time reversal."""
        stored = _load(self._file)
        return (
            Symmetry("C2y", np.diag([-1.0, 1.0]), stored.c2y),
            Symmetry("PT", -np.eye(2), stored.pt, antiunitary=True),
            Symmetry("M_y T", np.diag([1.0, -1.0]), stored.pt @ stored.c2y, antiunitary=True),
        )

    def spin(self) -> Complexes:
        """Pauli matrices (3, N, N), the Wannier functions taken as pure spins along z."""
        return _load(self._file).spin

    def path(self, h: Hamiltonian | None = None) -> tuple[PathPoint, ...]:
        """Gamma - M - K - Gamma, as in the paper."""
        b1, b2 = self.hamiltonian().reciprocal
        corners = (("Γ", 0 * b1), ("M", b1 / 2), ("K", (b1 + b2) / 3), ("Γ", 0 * b1))
        return tuple(PathPoint(label, (float(k[0]), float(k[1]))) for label, k in corners)


class CrI3Conduction(CrI3):
    """The 8 spinor Wannier functions of the conduction bands (Cr e_g, majority spin of each layer)."""

    key = "cri3-eg"
    title = "Bilayer CrI₃, conduction bands (8 functions)"
    physics = (
        "The four Kramers pairs of the lowest conduction bands of bilayer CrI3 (Cr e_g, majority spin of "
        "each layer), Wannierized by themselves from the same calculation as cri3, with position matrices: "
        "small enough to be fully live. Zero of energy at the valence-band maximum, which is not part of the "
        "model. What differs from cri3: energies by about 1 meV; virtual transitions to the valence bands "
        "(2-9 % of sum |v|²/ΔE², under 0.3 % with 1/ΔE³) and to higher bands (under 0.3 %) are missing; in "
        "the gap chi and alpha are exactly zero, because no filled band is left. Near-crossings of the pairs "
        "(2.7 meV at 0.9 eV) are sensitive to errors of 1 meV, so there the two models differ most."
    )
    _file = "cri3_bilayer_eg_all.npz"

    @property
    def neutral_bands(self) -> int:
        """None: the valence bands are not part of the model."""
        return 0
