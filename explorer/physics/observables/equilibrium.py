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
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.potential import potential_parts, thermodynamic_potential
from explorer.physics.occupations import fermi, fermi_slope
from explorer.physics.progress import Pool, Progress, part_of
from explorer.physics.responses.equilibrium_moment import MU_B_PER_NM2, STREDA
from explorer.physics.units import MOMENT_UNIT
from explorer.physics.zone.domain import zone_of


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
class ConvergedMagnetization:
    """`value` from the finer of two meshes; error : (T, M) [mu_B/nm^2], the difference of the two totals."""

    value: Magnetization
    error: Floats
    mesh: int


def equilibrium_magnetization(
    h: Hamiltonian,
    mu: Floats,
    temperature: Floats,
    *,
    mesh: int = 96,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> ConvergedMagnetization:
    """M(mu, T) of a Hamiltonian on a mesh x mesh grid, with the change from a grid of half that as error bar.

    The grids share few points, so their difference estimates the error of the coarser one: a
    conservative bar for the value returned. Units as in `Magnetization`.
    """
    zone = zone_of(h)
    coarse, fine = max(4, mesh // 2 + 1), mesh
    shares = {coarse: (0.0, 0.2), fine: (0.2, 1.0)}
    found: list[Magnetization] = []
    for n, share in shares.items():
        k, weights = zone.mesh(n)
        found.append(
            magnetization(
                band_geometry(h, k, pool=pool, progress=part_of(progress, *share)), weights, mu, temperature
            )
        )
    return ConvergedMagnetization(found[1], np.abs(found[1].total - found[0].total), mesh)


@dataclass(frozen=True, eq=False)
class StredaCheck:
    """Streda's relation term by term, all (T, M) [mu_B/(nm^2 eV)].

    slope : dM/dmu by numerical differentiation of M. hall : sigma_xy/e. moment : int (-f0') m_n.
    residual : max |slope - hall - moment| over max |slope|.
    """

    slope: Floats
    hall: Floats
    moment: Floats
    residual: float


def streda_check(geometry: BandGeometry, weights: Floats, mu: Floats, temperature: Floats) -> StredaCheck:
    r"""$\partial M/\partial\mu=\sigma_{xy}/e+\int\sum_n(-f_0')m_n$, theory (4.5), both sides on the same points.

    Where mu lies in a gap the second term vanishes and the slope counts the Chern number. Parameters as in
    `magnetization`.
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    slope = thermodynamic_potential(geometry, weights, mu, temperature, STREDA).chi[..., 0]
    energy = geometry.energy.ravel()
    curvature, moment = (
        np.ravel(row * weights) for row in (geometry.berry_curvature, geometry.orbital_moment)
    )
    hall = MU_B_PER_NM2 * np.array([[fermi(energy, m, t) @ curvature for m in mu] for t in temperature])
    rest = MU_B_PER_NM2 * np.array([[fermi_slope(energy, m, t) @ moment for m in mu] for t in temperature])
    scale = float(np.abs(slope).max(initial=0.0)) or 1.0
    return StredaCheck(slope, hall, rest, float(np.abs(slope - hall - rest).max(initial=0.0)) / scale)


@dataclass(frozen=True, eq=False)
class EquilibriumMaps:
    """What the equilibrium responses sum at each k: curvature (K,) [angstrom^2] and moment (K,) [mu_B]."""

    k: Floats
    curvature: Floats
    moment: Floats


def equilibrium_maps(
    geometry: BandGeometry, mu: float, temperature: float, band: int | None = None
) -> EquilibriumMaps:
    """Omega(k) and m(k): occupied sums at mu [eV] and T [K], or those of one band where `band` is given."""
    if band is not None:
        return EquilibriumMaps(
            geometry.k, geometry.berry_curvature[band], MOMENT_UNIT * geometry.orbital_moment[band]
        )
    f = fermi(geometry.energy, mu, temperature)
    return EquilibriumMaps(
        geometry.k,
        (f * geometry.berry_curvature).sum(axis=0),
        MOMENT_UNIT * (f * geometry.orbital_moment).sum(axis=0),
    )
