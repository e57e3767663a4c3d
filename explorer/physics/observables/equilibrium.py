r"""Equilibrium orbital magnetization, anomalous Hall and Nernst responses, Streda's relation.

For charge e < 0, $\Omega_n=-2\,\mathrm{Im}\langle n_x|n_y\rangle$ and
$m_n=-(e/\hbar)\,\mathrm{Im}\langle n_x|(H-\epsilon_n)|n_y\rangle$, theory (4.1). With the position
matrices of a Wannier file the curvature is complete, but the moment is its Wannier-space part (the rest needs
<r H r>), and so is M.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.potential import potential_parts
from explorer.physics.occupations import fermi
from explorer.physics.responses.equilibrium_moment import MU_B_PER_NM2, STREDA
from explorer.physics.units import MOMENT_UNIT


@dataclass(frozen=True, eq=False)
class Magnetization:
    """Equilibrium orbital magnetization along z.

    mu : (M,) [eV]. temperature : (T,) [K]. moment, edge : (T, M) [mu_B/nm^2], the two parts of M: the
    intrinsic moments of the occupied states, and the curvature term (edge currents).
    """

    mu: Floats
    temperature: Floats
    moment: Floats
    edge: Floats

    @property
    def total(self) -> Floats:
        """M = moment + edge, (T, M) [mu_B/nm^2]."""
        return self.moment + self.edge


def magnetization(geometry: BandGeometry, weights: Floats, mu: Floats, temperature: Floats) -> Magnetization:
    r"""$M=\int\sum_n[f_0m_n-(e/\hbar)k_BT\ln(1+e^{-(\epsilon_n-\mu)/k_BT})\,\Omega_n]$, theory (4.2), by a plain sum.

    Parameters
    ----------
    geometry, weights : bands at K wave vectors and d2k/(2 pi)^2 of each, (K,) [1/angstrom^2].
    mu, temperature : (M,) [eV] and (T,) > 0 [K].
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    sea, surface = potential_parts(geometry, weights, STREDA, mu, temperature)
    return Magnetization(mu, temperature, -MU_B_PER_NM2 * surface[..., 0], -MU_B_PER_NM2 * sea[..., 0])


@dataclass(frozen=True, eq=False)
class EquilibriumMaps:
    """What the equilibrium responses sum at each k: curvature (K,) [angstrom^2] and moment (K,) [mu_B].

    curvature_size, moment_size : (K,), what they could be at that k, beside which what PT leaves is rounding: the trace
    of the metric, which no curvature exceeds, and that times the range of the energies.
    """

    k: Floats
    curvature: Floats
    moment: Floats
    curvature_size: Floats
    moment_size: Floats


def equilibrium_maps(
    geometry: BandGeometry, mu: float, temperature: float, band: int | None = None
) -> EquilibriumMaps:
    """Omega(k) and m(k): occupied sums at mu [eV] and T [K], or those of one band where `band` is given."""
    if band is None:
        weight = fermi(geometry.energy, mu, temperature)
    else:
        weight = np.zeros_like(geometry.energy)
        weight[band] = 1.0
    stretch = (weight * np.abs(geometry.metric[0] + geometry.metric[2])).sum(axis=0)
    return EquilibriumMaps(
        geometry.k,
        (weight * geometry.berry_curvature).sum(axis=0),
        MOMENT_UNIT * (weight * geometry.orbital_moment).sum(axis=0),
        stretch,
        MOMENT_UNIT * float(np.ptp(geometry.energy)) * stretch,
    )
