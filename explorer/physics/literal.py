r"""Equation (11) as printed, band by band: slow, transcribed from the paper, used only to judge the kernels.

$$\mathcal L_i^n = 2\,\mathrm{Re}\sum_{m\ne n}\frac{A_i^{nm}M^{mn}}{\epsilon_n-\epsilon_m}
  + \frac{e}{2\hbar}\epsilon_{jl}\partial_j G_{il},\qquad
  M^{mn}=\frac e2\sum_{m'\ne n}[(v^{mm'}+v^n\delta_{mm'})\times A^{m'n}]_z$$

with $A^{nm}=\langle u_n|i\partial_k|u_m\rangle$. Degenerate groups: m and m' run outside the group of n, the
trace over the group is taken and divided by its size (theory section 2). Nothing here is shared with the
kernels but H(k), its first derivatives and the position matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.physics.bloch import bloch_matrices
from explorer.physics.levels import group_levels
from explorer.physics.units import ELEMENTARY_CHARGE, HBAR
from models.arrays import Complexes, Floats, Integers
from models.hamiltonian import Hamiltonian

CHARGE = -ELEMENTARY_CHARGE
"""e of the paper, the electron's charge [C]."""
CURL_STEP = 2e-3
"""Step of the finite differences, in units of (largest metric entry)^(-1/2)."""


@dataclass(frozen=True)
class Bands:
    """Levels and states at one k.

    energy : (N,) [eV]. states : (N, N), column n is band n. group : (N,).
    connection : A_i^{nm} = <n|i d_i|m> between different groups, zero inside, (2, N, N) [angstrom].
    velocity : v_i^{nm}, (2, N, N) [angstrom/s].
    """

    energy: Floats
    states: Complexes
    group: Integers
    connection: Complexes
    velocity: Complexes


def bands_at(h: Hamiltonian, k: Floats, mixing: Complexes | None = None) -> Bands:
    """Levels, interband Berry connection and velocities at one k, shape (2,) [1/angstrom].

    mixing : (N, N) unitary that mixes states inside the groups (to show that no result depends on it).
    """
    b = bloch_matrices(h, np.asarray(k, float)[:, None])
    energy, states = np.linalg.eigh(b.H[0])
    if mixing is not None:
        states = states @ mixing
    group = group_levels(energy[:, None], h.degeneracy_tolerance, h.kramers_pairs)[:, 0]
    apart = group[:, None] != group[None, :]
    level = np.array([energy[group == g].mean() for g in group])
    gap = np.where(apart, level[None, :] - level[:, None], 1.0)

    slope = [states.conj().T @ d[0] @ states for d in b.first]
    inner = [np.zeros_like(slope[0])] * 2
    if b.connection is not None:
        inner = [states.conj().T @ a[0] @ states for a in b.connection]
    # d|m> = sum_n |n> <n|dH|m>/(e_m - e_n) in the orbitals' frame; the frame itself turns with A_W.
    connection = [np.where(apart, 1j * s / gap + a, 0.0) for s, a in zip(slope, inner, strict=True)]
    # v = [r, H]/(i hbar), r = i d_k + A_W.
    e = np.diag(energy)
    velocity = [(s - 1j * (a @ e - e @ a)) / HBAR for s, a in zip(slope, inner, strict=True)]
    return Bands(level, states, group, np.array(connection), np.array(velocity))


def literal_term1(bands: Bands) -> Floats:
    """First term of (11), every band carrying its group's mean, (2, N) in units of e/hbar [angstrom^3]."""
    n_bands = len(bands.energy)
    (a_x, a_y), (v_x, v_y) = bands.connection, bands.velocity
    term = np.zeros((2, n_bands))
    for n in range(n_bands):
        members = bands.group == bands.group[n]
        v_n = [np.diag(v).real[members].mean() for v in bands.velocity]
        others = np.flatnonzero(~members)
        # M^{mn} of every m; A is zero inside the group of n, so m' runs over the others alone.
        moment = CHARGE / 2 * (
            (v_x @ a_y[:, n] + v_n[0] * a_y[:, n]) - (v_y @ a_x[:, n] + v_n[1] * a_x[:, n])
        )  # fmt: skip
        for i, a in enumerate(bands.connection):
            gap = bands.energy[n] - bands.energy[others]
            term[i, n] = 2 * (a[n, others] * moment[others] / gap).sum().real
    return np.asarray(_group_mean(term, bands.group) * HBAR / CHARGE)


def literal_metric(bands: Bands) -> Floats:
    """G_ij = Re sum_m A_i^{nm} A_j^{mn}, group mean, (xx, xy, yy) by (N,) [angstrom^2]."""
    a_x, a_y = bands.connection
    rows = [(a * b.T).sum(axis=1).real for a, b in ((a_x, a_x), (a_x, a_y), (a_y, a_y))]
    return _group_mean(np.array(rows), bands.group)


def metric_curl(h: Hamiltonian, k: Floats) -> Floats:
    """Second term of (11): half the curl of the metric by sixth-order differences, (2, N) [angstrom^3]."""
    k = np.asarray(k, float)
    step = CURL_STEP / np.sqrt(np.abs(literal_metric(bands_at(h, k))).max())
    weights = {-3: -1 / 60, -2: 3 / 20, -1: -3 / 4, 1: 3 / 4, 2: -3 / 20, 3: 1 / 60}

    def derivative(axis: int) -> Floats:
        unit = np.eye(2)[axis] * step
        parts = [w * literal_metric(bands_at(h, k + s * unit)) for s, w in weights.items()]
        return np.asarray(sum(parts)) / step

    d_x, d_y = derivative(0), derivative(1)
    return np.asarray(0.5 * np.array([d_x[1] - d_y[0], d_x[2] - d_y[1]]))


def _group_mean(values: Floats, group: Integers) -> Floats:
    return np.stack([values[:, group == g].mean(axis=1) for g in group], axis=1)
