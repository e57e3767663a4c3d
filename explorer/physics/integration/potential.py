r"""One thermodynamic potential per response, from which both of its coefficients follow, theory (3.1).

With $g_0=-k_BT\ln(1+e^{-(\epsilon-\mu)/k_BT})$ and the densities a, b of an `Integrand`,

$$\Phi(\mu,T) = \int\frac{d^2k}{(2\pi)^2}\sum_n [\,g_0 a_n - f_0 b_n\,],\qquad
  \chi\propto-\partial_\mu\Phi,\quad \alpha\propto-\partial_T\Phi,$$

theory (3.2), hence the Maxwell relation, theory (3.3). For the intrinsic response (a = T1, b the surface density of
T2) this is
$\Phi_i=\int g_0\Lambda_i$ with T2 integrated by parts; for `STREDA` of the module `equilibrium` it is minus
the equilibrium magnetization.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.uniform.plain_sum import NEGLIGIBLE
from explorer.physics.occupations import fermi, grand_potential
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import K_B

STEP = 0.1
"""Step of the numerical derivatives, in k_B T (for the temperature in T); error of order STEP^4."""


def potential_parts(
    geometry: BandGeometry, weights: Floats, integrand: Integrand, mu: Floats, temperature: Floats
) -> tuple[Floats, Floats]:
    r"""The integrals $\int g_0 a$ and $-\int f_0 b$ of an integrand.

    Parameters
    ----------
    geometry, weights : bands at K wave vectors and d2k/(2 pi)^2 of each, (K,) [1/angstrom^2].
    mu, temperature : (M,) [eV] and (T,) > 0 [K].

    Returns
    -------
    Two arrays (T, M, C) in eV times the unit of a over angstrom^2, sign and scale of the response
    (`chi_unit`, `alpha_unit`) not yet applied.
    """
    energy = geometry.energy.ravel()
    order = np.argsort(energy)
    energy = energy[order]
    rows = (len(integrand.components), -1)
    sea, surface = (
        np.ascontiguousarray(np.reshape(d * weights, rows)[:, order]) for d in integrand.densities(geometry)
    )
    # Sums over the lowest states, which are full: there f0 = 1 and g0 = e - mu.
    a, a_energy, b = (_sums_from_below(d) for d in (sea, sea * energy, surface))
    shape = (len(temperature), len(mu), len(integrand.components))
    from_sea, from_surface = np.empty(shape), np.empty(shape)
    for t, kelvin in enumerate(temperature):
        reach = NEGLIGIBLE * K_B * kelvin
        for m, level in enumerate(mu):
            low, high = np.searchsorted(energy, (level - reach, level + reach))
            near = energy[low:high]
            # einsum: these products are too short for a threaded BLAS to be worth its waiting
            from_sea[t, m] = (
                a_energy[:, low]
                - level * a[:, low]
                + np.einsum("cs,s->c", sea[:, low:high], grand_potential(near, level, kelvin))
            )
            from_surface[t, m] = -b[:, low] - np.einsum(
                "cs,s->c", surface[:, low:high], fermi(near, level, kelvin)
            )
    return from_sea, from_surface


@lru_cache(maxsize=64)
def potential_integrand(base: Integrand, zero: float, width: float) -> Integrand:
    r"""Densities whose chi and alpha carry $\int g_0a-f_0b$, for integrators that know these two only.

    $g_0=(\epsilon-\mu)f_0-Ts_0$, so the sea densities $Wa$, $(\epsilon-\epsilon_0)a$ and $b$, C components each,
    have all of it (`potential_of`), at any mu. zero, width : $\epsilon_0$ and W [eV], about the middle and the half
    width of the chemical potentials asked for. Units are those of a times eV.
    """

    def sea(g: BandGeometry) -> Floats:
        a, b = base.densities(g)
        return np.concatenate([width * a, (g.energy - zero) * a, b])

    names = tuple(f"{part} {c}" for part in ("curve", "energy", "surface") for c in base.components)
    (p, q), _ = base.powers or ((0, 0), (0, 0))
    powers = ((p + 1, q), (p + 1, q)) if base.powers else None
    return Integrand(f"potential of {base.name}", names, sea, None, 1.0, 1.0, powers)


def potential_of(
    chi: Floats,
    alpha: Floats,
    mu: Floats,
    temperature: Floats,
    zero: float,
    width: float,
    *,
    errors: bool = False,
) -> Floats:
    """Phi (T, M, C) [eV times the density's unit over angstrom^2] from both coefficients of `potential_integrand`.

    chi, alpha : (T, M, 3 C). mu (M,) [eV], temperature (T,) [K]. errors : of error bars, which add up.
    """
    curve, energy, surface = np.split(chi, 3, axis=2)
    entropy = np.split(alpha, 3, axis=2)[0]
    below = ((zero - mu) / width)[None, :, None]
    heat = (K_B * temperature / width)[:, None, None]
    if errors:
        return np.asarray(energy + np.abs(below) * curve + heat * entropy + surface)
    return np.asarray(energy + below * curve - heat * entropy - surface)


def _sums_from_below(density: Floats) -> Floats:
    """Sums over the first 0, 1, ... of S states, (C, S + 1)."""
    return np.concatenate([np.zeros((len(density), 1)), np.cumsum(density, axis=1)], axis=1)


@dataclass(frozen=True, eq=False)
class Potential:
    """Phi(mu, T) of one response, and the two coefficients as its numerical derivatives.

    mu : (M,) [eV]. temperature : (T,) [K]. components : names of the C components.
    phi : (T, M, C), scaled so that alpha = -dPhi/dT in the integrand's unit: alpha unit times K, which is
        nA nm for chi in nm/ohm, alpha in nA nm/K.
    chi, alpha : (T, M, C), -e dPhi/dmu and -dPhi/dT in the integrand's units.
    """

    mu: Floats
    temperature: Floats
    components: tuple[str, ...]
    phi: Floats
    chi: Floats
    alpha: Floats


def thermodynamic_potential(
    geometry: BandGeometry,
    weights: Floats,
    mu: Floats,
    temperature: Floats,
    integrand: Integrand = INTRINSIC,
) -> Potential:
    r"""$\Phi_i$ and, by differences, $\chi_i=-e\,\partial_\mu\Phi_i$, $\alpha_i=-\partial_T\Phi_i$.

    Parameters as in `potential_parts`. The derivatives know nothing of f0', s0 or s0': their agreement with
    (8) and (9) on the same mesh is a self-test of the occupations.
    """

    def total(levels: Floats, kelvins: Floats) -> Floats:
        sea, surface = potential_parts(geometry, weights, integrand, levels, kelvins)
        return np.asarray(sea + surface)

    return differentiated(total, mu, temperature, integrand)


def differentiated(
    total: Callable[[Floats, Floats], Floats], mu: Floats, temperature: Floats, integrand: Integrand
) -> Potential:
    """A potential and its numerical derivatives, from what gives Phi (T, M, C) [eV integrand] at (M,) and (T,)."""
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    phi = total(mu, temperature)
    stencil = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
    by_mu, by_temperature = np.zeros_like(phi), np.zeros_like(phi)
    for t, kelvin in enumerate(temperature):
        one = np.array([kelvin])
        for shift, weight in stencil:
            step = STEP * K_B * kelvin
            by_mu[t] += weight / step * total(mu + shift * step, one)[0]
            by_temperature[t] += weight / (STEP * kelvin) * total(mu, one * (1 + shift * STEP))[0]
    return Potential(
        mu,
        temperature,
        integrand.components,
        phi=integrand.alpha_unit / K_B * phi,
        chi=-integrand.chi_unit * by_mu,
        alpha=-integrand.alpha_unit / K_B * by_temperature,
    )
