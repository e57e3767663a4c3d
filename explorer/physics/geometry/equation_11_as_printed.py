r"""Equation (11) as printed, band by band: slow, transcribed from the paper, used only to judge the kernels.

$$\mathcal L_i^n = 2\,\mathrm{Re}\sum_{m\ne n}\frac{A_i^{nm}M^{mn}}{\epsilon_n-\epsilon_m}
  + \frac{e}{2\hbar}\epsilon_{jl}\partial_j G_{il},\qquad
  M^{mn}=\frac e2\sum_{m'\ne n}[(v^{mm'}+v^n\delta_{mm'})\times A^{m'n}]_z$$

with $A^{nm}=\langle u_n|i\partial_k|u_m\rangle$. Degenerate groups: m and m' run outside the group of n, the
trace over the group is taken and divided by its size (theory section 2); $v^nA^{mn}$ is then
$\sum_{n'}A^{mn'}v^{n'n}$ over the group, the same where its levels part nowhere. Nothing here is shared with the
kernels but H(k), its first derivatives and the position matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, PolynomialHamiltonian
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_levels
from explorer.physics.units import ELEMENTARY_CHARGE, HBAR

CHARGE = -ELEMENTARY_CHARGE
"""e of the paper, the electron's charge [C]."""
CURL_STEP = 2e-3
"""Step of the finite differences, in units of the inverse length on which the states vary..."""
MEETING_STEP = 2e-2
"""... and at most this share of the way to where two levels would meet if they went straight on."""


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
    """Levels, interband Berry connection, theory (1.1), and velocities at one k, shape (2,) [1/angstrom].

    mixing : (N, N) unitary that mixes states inside the groups (to show that no result depends on it).
    """
    b = bloch_matrices(h, nearest(h, k))
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
    """First term of (11) with M of theory (1.2); bands carry their group's mean, (2, N) [e/hbar angstrom^3]."""
    n_bands = len(bands.energy)
    (a_x, a_y), (v_x, v_y) = bands.connection, bands.velocity
    term = np.zeros((2, n_bands))
    for n in range(n_bands):
        members = bands.group == bands.group[n]
        others = np.flatnonzero(~members)
        # M^{mn} of every m; A is zero inside the group of n, so m' runs over the others alone.
        moment = (
            CHARGE
            / 2
            * (
                (v_x @ a_y[:, n] + a_y[:, members] @ v_x[members, n])
                - (v_y @ a_x[:, n] + a_x[:, members] @ v_y[members, n])
            )
        )
        for i, a in enumerate(bands.connection):
            gap = bands.energy[n] - bands.energy[others]
            term[i, n] = 2 * (a[n, others] * moment[others] / gap).sum().real
    return np.asarray(_group_mean(term, bands.group) * HBAR / CHARGE)


def literal_metric(bands: Bands) -> Floats:
    """G_ij = Re sum_m A_i^{nm} A_j^{mn}, theory (1.3), group mean, (xx, xy, yy) by (N,) [angstrom^2]."""
    a_x, a_y = bands.connection
    rows = [(a * b.T).sum(axis=1).real for a, b in ((a_x, a_x), (a_x, a_y), (a_y, a_y))]
    return _group_mean(np.array(rows), bands.group)


@dataclass(frozen=True, eq=False)
class Slopes:
    """By sixth-order differences at one k, (2, N) each.

    curl : half the curl of the metric, the second term of (11) in units of e/hbar [angstrom^3].
    level : de/dk of the group's mean [eV angstrom].
    step : of the differences [1/angstrom].
    """

    curl: Floats
    level: Floats
    step: float


def slopes(h: Hamiltonian, k: Floats) -> Slopes:
    """Finite differences of `literal_metric` and of the levels about k, shape (2,) [1/angstrom]."""
    k = np.asarray(k, float)

    def sample(q: Floats) -> Floats:
        bands = bands_at(h, q)
        return np.concatenate([literal_metric(bands), bands.energy[None]])

    length = np.sqrt(np.abs(sample(k)[:3]).max())
    step = min(
        CURL_STEP / max(float(length), smallest_length(h)), MEETING_STEP * _way_to_meeting(bands_at(h, k))
    )
    weights = {-3: -1 / 60, -2: 3 / 20, -1: -3 / 4, 1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    d_x, d_y = (
        np.sum([w * sample(k + s * step * axis) for s, w in weights.items()], axis=0) / step
        for axis in np.eye(2)
    )
    curl = 0.5 * np.array([d_x[1] - d_y[0], d_x[2] - d_y[1]])
    return Slopes(curl, np.array([d_x[3], d_y[3]]), float(step))


def smallest_length(h: Hamiltonian) -> float:
    """Length on which H(k) itself varies, whatever the bands do [angstrom]."""
    if isinstance(h, PolynomialHamiltonian):
        return 1 / h.cutoff
    return float(np.sqrt(h.cell_area))


def nearest(h: Hamiltonian, k: Floats) -> Floats:
    """One k as (2, 1), for a plane-wave model at the image where its H(k) is taken."""
    column = np.asarray(k, float)[:, None]
    return h.nearest_image(column) if isinstance(h, PolynomialHamiltonian) else column


def _way_to_meeting(bands: Bands) -> float:
    """Shortest gap between two groups over the difference of their slopes [1/angstrom].

    An avoided crossing narrower than it is far hides from the metric at k, but not from its derivatives.
    """
    slope = _group_mean(np.array([np.diag(v).real * HBAR for v in bands.velocity]), bands.group)
    apart = bands.group[:, None] != bands.group[None, :]
    approach = np.linalg.norm(slope[:, :, None] - slope[:, None, :], axis=0)[apart]
    gap = np.abs(bands.energy[:, None] - bands.energy[None, :])[apart]
    moving = approach > 0
    return float((gap[moving] / approach[moving]).min(initial=np.inf))


def _group_mean(values: Floats, group: Integers) -> Floats:
    return np.stack([values[:, group == g].mean(axis=1) for g in group], axis=1)
