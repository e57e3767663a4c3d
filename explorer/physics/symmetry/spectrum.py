r"""Symmetry of the spectrum alone, for a Hamiltonian that declares no operations: evidence, not proof.

An operation maps k to Wk: W = R for a unitary one, W = -R with time reversal. The bands at k and Wk then
agree. The converse does not hold (bands may agree by accident), and the spectrum does not tell R from -R with
T. One consequence is the same for both readings: the intrinsic response obeys chi = det(W) W chi, since
det(-W) = det(W) and the two signs cancel.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.plane import rotation
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.symmetry.allowed_components import (
    Action,
    AllowedComponents,
    ResponseKind,
    allowed_components,
)
from explorer.physics.symmetry.operations import PointOperation, plane_name, sample_wave_vectors

METRIC_TOLERANCE = 1e-3
"""Relative misfit of the cell below which a lattice counts as symmetric (files print few digits)."""


@dataclass(frozen=True, eq=False)
class SpectralEvidence:
    """A candidate map k -> Wk and how well the bands agree.

    image : W, (2, 2). residual : largest |e_n(Wk) - e_n(k)| over the tested k [eV]. holds : below tolerance.
    """

    image: Floats
    residual: float
    holds: bool

    @property
    def readings(self) -> tuple[str, str]:
        """The two operations that would explain it: unitary with R = W, antiunitary with R = -W."""
        return PointOperation(self.image, False).name, PointOperation(-self.image, True).name


def candidate_images(h: Hamiltonian) -> tuple[Floats, ...]:
    """Orthogonal maps that keep the lattice, without the identity; for a k.p model those of 4mm and 6mm."""
    if not isinstance(h, LatticeHamiltonian):
        turns = [rotation(a) for a in np.radians([180, 90, -90, 120, -120, 60, -60])]
        lines = np.radians([0, 90, 45, 135, 30, 60, 120, 150])
        mirrors = [rotation(2 * a) @ np.diag([1.0, -1.0]) for a in lines]
        return tuple(turns + mirrors)
    metric = h.cell @ h.cell.T
    found = []
    for entries in product(range(-2, 3), repeat=4):
        N = np.array(entries, float).reshape(2, 2)
        if np.abs(N @ metric @ N.T - metric).max() < METRIC_TOLERANCE * np.abs(metric).max():
            W = (np.linalg.inv(h.cell) @ N @ h.cell).T  # W a_i = sum_j N_ij a_j
            u, _, v = np.linalg.svd(W)
            found.append(np.asarray(u @ v))
    return tuple(W for W in found if plane_name(W) != "E")


def spectral_evidence(
    h: Hamiltonian, *, tolerance: float | None = None, samples: int = 8
) -> tuple[SpectralEvidence, ...]:
    """Test e_n(Wk) = e_n(k) for every map that keeps the lattice.

    Parameters
    ----------
    h : the Hamiltonian.
    tolerance : largest difference that counts as equal [eV]; None: the degeneracy tolerance of h.
    samples : number of wave vectors.
    """
    limit = h.degeneracy_tolerance if tolerance is None else tolerance
    k = sample_wave_vectors(h, samples)
    bands = np.linalg.eigvalsh(bloch_matrices(h, k).H)
    found = []
    for W in candidate_images(h):
        residual = float(np.abs(np.linalg.eigvalsh(bloch_matrices(h, W @ k).H) - bands).max())
        found.append(SpectralEvidence(W, residual, residual <= limit))
    return tuple(found)


def pairing_residual(h: Hamiltonian, samples: int = 8) -> float:
    """Largest splitting of the levels (0,1), (2,3), ... at random k [eV]; infinite for an odd number.

    Near zero it is evidence for an antiunitary operation that keeps every k (PT), which forbids the
    equilibrium magnetization, the anomalous Hall and Nernst effects and the extrinsic response.
    """
    if h.size % 2:
        return float("inf")
    bands = np.linalg.eigvalsh(bloch_matrices(h, sample_wave_vectors(h, samples)).H)
    return float(np.abs(bands[:, 1::2] - bands[:, ::2]).max())


def expected_in_spectrum(kind: ResponseKind, evidence: tuple[SpectralEvidence, ...]) -> AllowedComponents:
    """What the spectrum suggests for a kind of response odd under P and under T, by maps that hold."""
    maps = [Action(" or ".join(e.readings), e.image, antiunitary=False) for e in evidence if e.holds]
    return allowed_components(kind, maps)
