r"""Plain sums over wave vectors, (8) and (9): exact as soon as the mesh resolves both L and $k_BT$."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B

NEGLIGIBLE = 40.0
"""|x| beyond which exp(-|x|) no longer changes a double of order one."""


@njit
def occupation(x: float, kT: float) -> tuple[float, float, float]:
    """f0, -f0' [1/eV] and s0/k_B at one reduced energy x; the kernels' form of `occupations`."""
    decay = np.exp(-abs(x))
    hole = decay / (1.0 + decay)
    f = hole if x > 0.0 else 1.0 - hole
    return f, hole / (1.0 + decay) / kT, abs(x) * hole + np.log1p(decay)


@njit
def _thermal_sums(
    energy: Floats,
    sea: Floats,
    surface: Floats,
    weights: Floats,
    mu: Floats,
    kT: float,
    chi: Floats,
    alpha: Floats,
) -> None:
    """Add sum_nk w [f0 a + (-f0') b] to chi and sum_nk w [s0/k_B a + x (-f0') b] to alpha, both (M, C)."""
    components, bands, points = sea.shape
    for m in range(mu.size):
        for n in range(bands):
            for k in range(points):
                x = (energy[n, k] - mu[m]) / kT
                if x > NEGLIGIBLE:
                    continue
                w = weights[k]
                if x < -NEGLIGIBLE:
                    for c in range(components):
                        chi[m, c] += w * sea[c, n, k]
                    continue
                f, slope, s = occupation(x, kT)
                for c in range(components):
                    chi[m, c] += w * (f * sea[c, n, k] + slope * surface[c, n, k])
                    alpha[m, c] += w * (s * sea[c, n, k] + x * slope * surface[c, n, k])


def plain_sum(
    g: BandGeometry, weights: Floats, integrand: Integrand, mu: Floats, temperature: Floats
) -> tuple[Floats, Floats]:
    """Chi and alpha, (8) and (9), by a sum over the points of a geometry.

    Parameters
    ----------
    g : geometry at K points.
    weights : (K,) d2k/(2 pi)^2 [1/angstrom^2].
    integrand : which response.
    mu, temperature : (M,) [eV] and (T,) [K].

    Returns
    -------
    chi, alpha : (T, M, C) in the integrand's units.
    """
    sea, surface = integrand.densities(g)
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    chi = np.zeros((temperature.size, mu.size, len(integrand.components)))
    alpha = np.zeros_like(chi)
    for t, kelvin in enumerate(temperature):
        if not kelvin > 0:
            raise ValueError(f"temperature must be above 0 K, got {kelvin}")
        _thermal_sums(
            g.energy,
            np.ascontiguousarray(sea),
            np.ascontiguousarray(surface),
            weights,
            mu,
            K_B * kelvin,
            chi[t],
            alpha[t],
        )
    return chi * integrand.chi_unit, alpha * integrand.alpha_unit
