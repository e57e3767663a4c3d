r"""Spin Edelstein response: the spin magnetization that E or grad T induces, beside the orbital one, theory (4.8).

The moment of an electron of spin $\sigma$ is $-\mu_B\sigma$ (g = 2). A field exerts the force eE, e < 0.

Intrinsic, by first-order perturbation of the occupied states with $-eE\cdot r$,
$\langle m|r_i|n\rangle=i\langle m|D_iH|n\rangle/(\epsilon_n-\epsilon_m)$ outside the group:

$$M_a=\mu_B|e|E_i\int\frac{d^2k}{(2\pi)^2}\sum_n f_0\,a_{ai},\qquad
  a_{ai}=2\,\mathrm{Im}\sum_{n\in g,\,m\notin g}\frac{\langle n|\sigma_a|m\rangle\langle m|D_iH|n\rangle}
  {(\epsilon_g-\epsilon_m)^2},$$

odd under time reversal. Extrinsic, with the shift $\delta f=-e\tau f_0'\,E\cdot v$ of the occupation,

$$M_a=\mu_B|e|\tau E_i\int\frac{d^2k}{(2\pi)^2}\sum_{n,n'\in g}(-f_0')\,
  \mathrm{Re}\,\langle n|D_iH|n'\rangle\langle n'|\sigma_a|n\rangle,$$

even under it and absent with PT; of a single level its velocity times its spin. Groups enter as traces: their
partners carry the same occupation, so what is left out of the first sum is what they would exchange with each other,
and the second is what $\partial_if_0(H)$ makes of the group: where bands of either spin cross, it is what it is beside.
The thermal responses follow by the Mott relation (L. Dong, C. Xiao, B. Xiong, Q. Niu, Phys. Rev. Lett. 124, 066601
(2020)), as alpha does from chi.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, blocks
from explorer.physics.geometry.bloch import BlochMatrices, bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_levels, group_mean
from explorer.physics.progress import Progress
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import HBAR, K_B, MAGNETIZATION_UNIT

COMPONENTS = ("xx", "xy", "yx", "yy", "zx", "zy")
"""Direction of the spin magnetization, then of the field."""
SPIN_CHI_UNIT = 1e-8
"""mu_B/angstrom^2 per V/angstrom in mu_B/nm^2 per V/m."""
SPIN_ALPHA_UNIT = -SPIN_CHI_UNIT * K_B
"""The unit of the spin response to a temperature gradient, `SPIN_CHI_UNIT` over e times k_B: mu_B/nm^2 per K/m."""
SPIN_DENSITY_UNIT = -100.0
"""Spin 1 per angstrom^2 in mu_B/nm^2: the moment is opposite."""
CHI_IN_NM_PER_OHM = 1e9 * MAGNETIZATION_UNIT
"""1 mu_B/nm^2 per V/m in nm/ohm, the unit of the orbital chi: 9274."""


@dataclass(frozen=True, eq=False)
class SpinGeometry:
    """Spin of N bands at K wave vectors, per band of a group.

    expectation : (3, N, K) of the Pauli matrices. interband : (6, N, K) a_ai [angstrom/eV], as `COMPONENTS`.
    flux : (6, N, K) velocity times spin [eV angstrom], their product traced over the group.
    """

    expectation: Floats
    interband: Floats
    flux: Floats

    def bands(self, count: int) -> SpinGeometry:
        """The lowest so many bands."""
        return SpinGeometry(self.expectation[:, :count], self.interband[:, :count], self.flux[:, :count])


def spin_block(m: BlochMatrices, spin: Complexes, tolerance: float, kramers_pairs: bool) -> SpinGeometry:
    """Spin of all bands from the matrices of `bloch_matrices`; spin (3, N, N), Pauli on the orbitals."""
    E, U = np.linalg.eigh(m.H)
    groups = group_levels(E.T, tolerance, kramers_pairs)
    mean = group_mean(np.ascontiguousarray(E.T), groups).T
    same = groups.T[:, :, None] == groups.T[:, None, :]
    S = np.where(same, 0.0, 1.0 / np.where(same, 1.0, mean[:, None, :] - mean[:, :, None]))
    adjoint = np.conj(np.swapaxes(U, 1, 2))

    def to_bands(a: Complexes) -> Complexes:
        return np.asarray(adjoint @ a @ U)

    slopes = [to_bands(a) for a in m.first]
    if m.connection is not None:
        level_gap = E[:, None, :] - E[:, :, None]
        slopes = [b - 1j * to_bands(a) * level_gap for b, a in zip(slopes, m.connection, strict=True)]
    sigma = [to_bands(s) for s in spin]
    interband = [2 * np.einsum("knm,kmn->nk", s, S * S * b).imag for s in sigma for b in slopes]
    expectation = [np.einsum("knn->nk", s).real for s in sigma]
    flux = [np.einsum("knm,kmn->nk", b * same, s).real for s in sigma for b in slopes]
    return SpinGeometry(*(group_mean(np.array(v), groups) for v in (expectation, interband, flux)))


def spin_geometry(
    h: Hamiltonian, spin: Complexes, k: Floats, progress: Progress | None = None
) -> SpinGeometry:
    """Spin of every band at k, (2, K) [1/angstrom]. progress : called with the fraction done.

    Raises
    ------
    ValueError : spin is not (3, N, N) for the N orbitals of h.
    """
    if spin.shape != (3, h.size, h.size):
        raise ValueError(f"spin matrices of shape {spin.shape} for a Hamiltonian of {h.size} orbitals")
    size = max(8, min(512, 400_000 // (h.size * h.size * 20)))
    parts = []
    for part in blocks(k.shape[1], size):
        if progress:
            progress(part.start / k.shape[1])
        parts.append(spin_block(bloch_matrices(h, k[:, part]), spin, h.degeneracy_tolerance, h.kramers_pairs))
    return SpinGeometry(
        np.concatenate([p.expectation for p in parts], axis=-1),
        np.concatenate([p.interband for p in parts], axis=-1),
        np.concatenate([p.flux for p in parts], axis=-1),
    )


@dataclass(frozen=True, eq=False)
class SpinEdelstein:
    """Both spin responses, chi in mu_B/nm^2 per V/m, alpha in mu_B/nm^2 per K/m (dM = -alpha grad T), and the spin
    moment without a field, theory (4.9), chi in mu_B/nm^2.

    Their densities recompute the spin at the wave vectors of the geometry they are given, once per geometry.
    prepare : does so ahead of them, for a geometry and what hears the fraction done.
    """

    intrinsic: Integrand
    extrinsic: Integrand
    equilibrium: Integrand
    prepare: Callable[[BandGeometry, Progress | None], SpinGeometry]


def spin_edelstein(h: Hamiltonian, spin: Complexes, relaxation_time: float = 1e-12) -> SpinEdelstein:
    """The spin responses as integrands for every integrator.

    Parameters
    ----------
    h : Hamiltonian. spin : (3, N, N) Pauli matrices on its orbitals. relaxation_time : tau [s], a factor of
        the extrinsic one.
    """
    if not relaxation_time > 0:
        raise ValueError(f"the relaxation time must be above 0 s, got {relaxation_time}")
    known: WeakKeyDictionary[BandGeometry, SpinGeometry] = WeakKeyDictionary()

    def spins(g: BandGeometry, progress: Progress | None = None) -> SpinGeometry:
        if g not in known:
            # A geometry may leave out bands that are empty.
            known[g] = spin_geometry(h, spin, g.k, progress).bands(len(g.energy))
        return known[g]

    scale = relaxation_time / HBAR
    return SpinEdelstein(
        Integrand(
            "intrinsic spin",
            COMPONENTS,
            lambda g: spins(g).interband,
            None,
            SPIN_CHI_UNIT,
            SPIN_ALPHA_UNIT,
            ((-1, 1), (0, 0)),
        ),
        Integrand(
            "extrinsic spin",
            COMPONENTS,
            None,
            lambda g: spins(g).flux,
            scale * SPIN_CHI_UNIT,
            scale * SPIN_ALPHA_UNIT,
            ((0, 0), (1, 1)),
        ),
        Integrand(
            "equilibrium spin",
            ("x", "y", "z"),
            lambda g: spins(g).expectation,
            None,
            SPIN_DENSITY_UNIT,
            SPIN_DENSITY_UNIT * K_B,
            ((0, 0), (0, 0)),
        ),
        spins,
    )


_PAIRS: WeakKeyDictionary[Hamiltonian, tuple[Complexes, SpinEdelstein]] = WeakKeyDictionary()


def known_spin_edelstein(h: Hamiltonian, spin: Complexes) -> SpinEdelstein:
    """`spin_edelstein` at 1 ps, kept with the Hamiltonian, so that its densities of a geometry are kept, too."""
    known = _PAIRS.get(h)
    if known is None or known[0].shape != spin.shape or not (known[0] == spin).all():
        known = _PAIRS[h] = (spin, spin_edelstein(h, spin))
    return known[1]
