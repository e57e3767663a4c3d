r"""Two bands that come closer between the points of a cell than at them: do they meet, and does it matter?

An avoided crossing of half gap $\delta$ whose bands part with relative velocity 2v contributes
$\int dk\,(f_n-f_m)\,T1\sim f_0'\,u/\delta$ per length of the line along which they nearly meet (u the slope along
it), whatever $\delta$ is beside $k_BT$: the narrower, the more. Bands that do not couple at all cross without
any of this. Which of the two it is shows far from the crossing already, in the velocity between the two,
$|\langle n|D H|m\rangle|=v\,\delta/|d|$ for levels $\pm|d|$ about their mean.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.models.kit.arrays import Bools, Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import blocks
from explorer.physics.geometry.bloch import bloch_matrices, energies
from explorer.physics.geometry.degenerate_groups import group_levels

MATRICES_AT_ONCE = 4_000_000
"""Entries of all matrices that are held at once."""
SMALLEST = 1e-300
"""Instead of zero in a denominator."""


Velocities = Callable[[Floats], tuple[Floats, Complexes]]
"""From k (2, K) to levels (K, N) [eV] and D_iH in their basis, (2, K, N, N) [eV angstrom]."""


def velocity_matrices(h: Hamiltonian, k: Floats) -> tuple[Floats, Complexes]:
    """Levels at k (2, K) and D_iH in the band basis, as of `Velocities`, of all bands."""
    m = bloch_matrices(h, np.ascontiguousarray(k))
    energy, states = np.linalg.eigh(m.H)
    adjoint = states.conj().swapaxes(1, 2)
    slopes = []
    for i, derivative in enumerate(m.first):
        v = adjoint @ derivative @ states
        if m.connection is not None:
            # D_iH = d_iH - i [A_i, H]
            v = v - 1j * (adjoint @ m.connection[i] @ states) * (energy[:, None, :] - energy[:, :, None])
        slopes.append(v)
    return energy, np.stack(slopes)


def half_gap(h: Hamiltonian, k: Floats, band: Integers, velocities: Velocities | None = None) -> Floats:
    r"""How close bands n and n + 1 come, from their states near where they do: $|d|\,|v_{nm}|/v$, (K,) [eV].

    Parameters
    ----------
    k : (2, K) [1/angstrom]. band : (K,), n from 0 at each of them; both stand for their degenerate groups.
    velocities : of a group of bands alone, from which `band` then counts; None takes all of h.
    """
    found = np.empty(k.shape[1])
    for part in blocks(k.shape[1], max(1, MATRICES_AT_ONCE // (40 * h.size**2))):
        at_k = np.ascontiguousarray(k[:, part])
        energy, slopes = velocities(at_k) if velocities else velocity_matrices(h, at_k)
        groups = group_levels(energy.T, h.degeneracy_tolerance, h.kramers_pairs).T
        at, n = np.arange(len(energy)), band[part]
        lower, upper = (groups == groups[at, i][:, None] for i in (n, n + 1))
        count = lower.sum(axis=1) + upper.sum(axis=1)
        gap = energy[at, n + 1] - energy[at, n]
        coupled, parting = np.zeros_like(gap), np.zeros_like(gap)
        for v in slopes:
            across = np.abs(v) ** 2 * (lower[:, :, None] & upper[:, None, :])
            coupled += 2 * across.sum(axis=(1, 2)) / count
            slope = np.einsum("knn->kn", v).real
            parting += (
                (slope * upper).sum(axis=1) / upper.sum(axis=1)
                - (slope * lower).sum(axis=1) / lower.sum(axis=1)
            ) ** 2 / 4
        found[part] = 0.5 * gap * np.sqrt(coupled / np.maximum(coupled + parting, SMALLEST))
    return found


def hidden_crossings(
    h: Hamiltonian,
    k: Floats,
    energy: Floats,
    change: Floats,
    bottom: float,
    top: float,
    velocities: Velocities | None = None,
) -> Bools:
    """Whether bands n and n + 1 come closer in a cell than its points resolve, and couple there, (N, P).

    Parameters
    ----------
    k : (2, P, Q) points of P cells [1/angstrom]. energy : (N, P, Q) [eV] of all bands of h, or of a range of them.
    change : (N - 1, P), what the gap of two bands may change by between the points [eV].
    bottom, top : energies between which it matters [eV]. velocities : of those bands alone, where
        they are not all of h.
    """
    found = np.zeros(energy.shape[:2], dtype=bool)
    gap = np.diff(energy, axis=0)
    closest = gap.min(axis=2)
    reaches = (energy[1:].max(axis=2) + change > bottom) & (energy[:-1].min(axis=2) - change < top)
    band, cell = np.nonzero(reaches & (closest < change) & (gap.max(axis=2) > h.degeneracy_tolerance))
    if band.size:
        # A point where the two are one level says nothing of how they part.
        parted = np.where(gap[band, cell] > h.degeneracy_tolerance, gap[band, cell], np.inf)
        point = parted.argmin(axis=1)
        whole = velocities is not None or len(energy) == h.size
        first = 0 if whole else _levels_below(h, k[:, 0, 0], float(energy[0, 0, 0]))
        found[band, cell] = (
            half_gap(h, k[:, cell, point], band + first, velocities) > 0.5 * h.degeneracy_tolerance
        )
    return found


def _levels_below(h: Hamiltonian, k: Floats, energy: float) -> int:
    """Levels at one k (2,) below the group of one level there [eV]."""
    levels = energies(h, k[:, None])[:, 0]
    rounding = 1e-10 * float(np.abs(levels).max())
    return int(np.searchsorted(levels, energy - 0.5 * h.degeneracy_tolerance - rounding))
