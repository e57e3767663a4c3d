r"""Two responses of second order in the field (theory section 7): currents, each a dipole of a band's geometry.

With the Berry-connection polarizability of a group, $\mathcal G_{ab}=2\,\mathrm{Re}\sum_n\langle n_a|S|n_b\rangle$
[angstrom^2/eV], the intrinsic nonlinear Hall current is $j_a=\chi_{abc}E_bE_c$ with

$$\chi_{abc}=\frac{e^3}{\hbar}\int(-f_0')\,(v_a\mathcal G_{bc}-v_b\mathcal G_{ac})$$

(Y. Gao, S. A. Yang, Q. Niu, Phys. Rev. Lett. 112, 166601 (2014); C. Wang, Y. Gao, D. Xiao, Phys. Rev. Lett. 127, 277201
(2021)). It is the part of the anomalous velocity; other "intrinsic" nonlinear conductivities of the literature add
dipoles of the metric. Antisymmetric in a and b, it has two numbers: $j_x=\chi_{xyx}E_xE_y+\chi_{xyy}E_y^2$ and
$j_y=-\chi_{xyx}E_x^2-\chi_{xyy}E_xE_y$.

The dipole of the Berry curvature, $D_a=\int(-f_0')\,v_a\Omega$ [angstrom] (I. Sodemann, L. Fu, Phys. Rev. Lett. 115,
216806 (2015)), carries the static current $j_a=-(e^3\tau/\hbar^2)\epsilon_{ac}D_bE_bE_c$.

Products are traces over the group of the matrices of both factors. With the position matrices of a Wannier file the
polarizability is its Wannier-space part; of the curvature what these matrices add beside the states counts with the
mean slope of a group.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, blocks
from explorer.physics.geometry.bloch import BlochMatrices, bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_levels, group_mean
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import CHI_UNIT, K_B

NONLINEAR_UNIT = -1e6 * CHI_UNIT
"""1 angstrom/eV times e^3/hbar, e < 0, in uA nm/V^2: -24.34."""


@dataclass(frozen=True, eq=False)
class Dipoles:
    """Surface densities of N bands at K wave vectors, per band of a group.

    polarizability : (2, N, K) v_x G_yc - v_y G_xc for c = x, y [angstrom^3].
    curvature : (2, N, K) v_a Omega [eV angstrom^3]; omega : (N, K) the curvature in it [angstrom^2].
    """

    polarizability: Floats
    curvature: Floats
    omega: Floats


def dipole_block(m: BlochMatrices, tolerance: float, kramers_pairs: bool) -> Dipoles:
    """Dipoles of all bands, of the polarizability theory (7.1) and of the curvature, from `bloch_matrices`."""
    E, U = np.linalg.eigh(m.H)
    groups = group_levels(E.T, tolerance, kramers_pairs)
    mean = group_mean(np.ascontiguousarray(E.T), groups).T
    same = groups.T[:, :, None] == groups.T[:, None, :]
    S = np.where(same, 0.0, 1.0 / np.where(same, 1.0, mean[:, :, None] - E[:, None, :]))
    adjoint = np.conj(np.swapaxes(U, 1, 2))
    slopes = [adjoint @ a @ U for a in m.first]
    if m.connection is not None:
        level_gap = E[:, None, :] - E[:, :, None]
        slopes = [b - 1j * (adjoint @ a @ U) * level_gap for b, a in zip(slopes, m.connection, strict=True)]
    # <n|D_a H|m> 1/(e_g - e_m): rows are the states |n_a>, conjugate.
    cubed = [[(b * S**3) @ c for c in slopes] for b in slopes]
    squared = [[(b * S**2) @ c for c in slopes] for b in slopes]
    inside = [b * same for b in slopes]

    def traced(v: np.ndarray, matrix: np.ndarray) -> Floats:
        return np.asarray(np.einsum("knm,kmn->nk", v, matrix * same).real)

    pair = [[cubed[a][b] + cubed[b][a] for b in (0, 1)] for a in (0, 1)]
    polarizability = [traced(inside[0], pair[1][c]) - traced(inside[1], pair[0][c]) for c in (0, 1)]
    curl = 1j * (squared[0][1] - squared[1][0])
    curvature = [traced(v, curl) for v in inside]
    omega = np.einsum("knn->nk", curl).real
    return Dipoles(
        group_mean(np.array(polarizability), groups),
        group_mean(np.array(curvature), groups),
        group_mean(omega, groups),
    )


class _Known:
    """Dipoles of the geometries that are still in use, for one Hamiltonian."""

    def __init__(self) -> None:
        self._found: WeakKeyDictionary[BandGeometry, Dipoles] = WeakKeyDictionary()

    def of(self, h: Hamiltonian, g: BandGeometry) -> Dipoles:
        """Of the bands of a geometry, which may leave out empty ones."""
        if g not in self._found:
            size = max(8, min(512, 400_000 // (h.size * h.size * 20)))
            parts = [
                dipole_block(bloch_matrices(h, g.k[:, part]), h.degeneracy_tolerance, h.kramers_pairs)
                for part in blocks(g.k.shape[1], size)
            ]
            kept = slice(0, len(g.energy))
            self._found[g] = Dipoles(
                np.concatenate([p.polarizability for p in parts], axis=-1)[:, kept],
                np.concatenate([p.curvature for p in parts], axis=-1)[:, kept],
                np.concatenate([p.omega for p in parts], axis=-1)[kept],
            )
        return self._found[g]


_INTEGRANDS: WeakKeyDictionary[Hamiltonian, tuple[Integrand, Integrand]] = WeakKeyDictionary()


def nonlinear_hall(h: Hamiltonian) -> Integrand:
    """chi_xyx and chi_xyy of theory (7.2) in uA nm/V^2."""
    return _integrands(h)[0]


def berry_dipole(h: Hamiltonian) -> Integrand:
    """D_x and D_y of theory (7.3) in angstrom."""
    return _integrands(h)[1]


def _integrands(h: Hamiltonian) -> tuple[Integrand, Integrand]:
    if h not in _INTEGRANDS:
        known = _Known()

        def curvature(g: BandGeometry) -> Floats:
            found = known.of(h, g)
            return np.asarray(found.curvature + g.velocity * (g.berry_curvature - found.omega))

        _INTEGRANDS[h] = (
            Integrand(
                "nonlinear Hall",
                ("xyx", "xyy"),
                None,
                lambda g: known.of(h, g).polarizability,
                NONLINEAR_UNIT,
                NONLINEAR_UNIT * K_B,
                ((0, 0), (0, 3)),
            ),
            Integrand("Berry dipole", ("x", "y"), None, curvature, 1.0, K_B, ((0, 0), (1, 3))),
        )
    return _INTEGRANDS[h]
