r"""M, sigma_xy, the Nernst coefficient and Streda's slope from one set of integrals, for integrators of any response.

Theory (4.2), (4.3), (4.4) and (4.5).
The equilibrium magnetization holds $\int g_0\Omega$, and $g_0=(\epsilon-\mu)f_0-Ts_0$: with $\Omega$ and
$(\epsilon-\epsilon_0)\Omega$ as sea densities, their chi and alpha carry all of it, and an adaptive quadrature of (8)
and (9) is one of M, with its error bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.equilibrium_moment import MU_B_PER_NM2
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B

COMPONENTS = ("curvature", "energy", "moment", "line moment", "line curvature")
LINE = 0.1
"""The last component in units of this [1/eV]: it stands beside others of order 1, and is only compared with."""


@lru_cache(maxsize=32)
def equilibrium_integrand(zero: float, width: float) -> Integrand:
    r"""Sea densities $\Omega$, $(\epsilon-\epsilon_0)\Omega/W$ and $m/W$, surface densities m and $W_0\Omega$.

    zero, width : $\epsilon_0$ and W [eV], middle and half width of the chemical potentials asked for. m is
    Im <n_x|(H - e_n)|n_y>; all integrals are numbers without unit, alpha's divided by k_B.
    """

    def sea(g: BandGeometry) -> Floats:
        omega, nothing = g.berry_curvature, np.zeros_like(g.energy)
        return np.stack(
            [omega, (g.energy - zero) / width * omega, g.orbital_moment / width, nothing, nothing]
        )

    def surface(g: BandGeometry) -> Floats:
        nothing = np.zeros_like(g.energy)
        return np.stack([nothing, nothing, nothing, g.orbital_moment, LINE * g.berry_curvature])

    return Integrand("equilibrium", COMPONENTS, sea, surface, 1.0, 1.0, ((0, 2), (1, 2)))


@dataclass(frozen=True, eq=False)
class EquilibriumCurves:
    """Over mu, (M,) each, with the errors of the same names.

    moment, edge : parts of M [mu_B/nm^2]. slope : dM/dmu by Streda's relation, sigma_xy/e + int (-f0') m_n
    [mu_B/(nm^2 eV)]. sigma [e^2/h]. nernst, nernst_low : by s0 and by the slope of sigma (13) [nA/K].
    """

    moment: Floats
    edge: Floats
    slope: Floats
    sigma: Floats
    nernst: Floats
    nernst_low: Floats


def equilibrium_curves(
    chi: Floats,
    alpha: Floats,
    mu: Floats,
    temperature: float,
    zero: float,
    width: float,
    *,
    errors: bool = False,
) -> EquilibriumCurves:
    """From chi and alpha (M, 5) of `equilibrium_integrand`; from their errors with `errors`, which add up."""
    curvature, energy, moment, line_moment, line_curvature = chi.T
    entropy, sign = alpha[:, 0], 1.0 if errors else -1.0
    below = np.abs(zero - mu) if errors else zero - mu
    kT = K_B * temperature
    grand = width * energy + below * curvature + sign * kT * entropy
    hall, unit = (abs(u) if errors else u for u in (HALL.chi_unit, MU_B_PER_NM2))
    nernst = abs(HALL.alpha_unit) if errors else HALL.alpha_unit
    return EquilibriumCurves(
        moment=unit * width * moment,
        edge=unit * grand if errors else -unit * grand,
        slope=unit * (curvature + line_moment),
        sigma=hall * curvature,
        nernst=nernst * entropy,
        nernst_low=nernst * np.pi**2 / 3 * kT * line_curvature / LINE,
    )
