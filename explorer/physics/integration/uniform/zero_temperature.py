r"""From a zero-temperature curve to any temperature, theory (3.4): (12) and (13), exact on linear pieces.

A curve is kept as two cumulative functions on energy nodes, $A(\eta)=\int\sum_n\theta(\eta-\epsilon_n)\,a_n$ and
$B(\eta)=\int\sum_n\theta(\eta-\epsilon_n)\,b_n$, so that $\chi(\eta;0) = A + dB/d\eta$. Between nodes both are
taken as linear, and the integrals against $-f_0'$ follow in closed form: with
$dg_0/d\eta=f_0$, $\int s_0\,d\eta = k_B^2T\,[\,2\,\mathrm{Li}_2(-e^{-x}) - x\ln(1+e^{-x})]$,

$$\chi = \int f_0\,dA + \int(-f_0')\,dB,\qquad \alpha=\int s_0\,dA + \int \tfrac{\eta-\mu}{T}(-f_0')\,dB,
\qquad \Phi=\int g_0\,dA-\int f_0\,dB .$$

A flat band is a step of B and does no harm. A piece wider than $k_BT$ is still integrated exactly, but what the
curve does inside it is lost: the nodes must resolve its kinks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import spence

from explorer.models.kit.arrays import Floats
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B

FAR = 45.0
"""Reduced energy beyond which the occupation functions are constant to double precision."""


@dataclass(frozen=True, eq=False)
class ZeroTemperatureCurve:
    """T = 0 response of one integrand against the chemical potential.

    nodes : (E,) ascending energies [eV]. sea, surface : (C, E) cumulative A [integrand] and B [eV integrand].
    """

    integrand: Integrand
    nodes: Floats
    sea: Floats
    surface: Floats

    def chi(self, mu: Floats, temperature: Floats) -> Floats:
        """Chi(mu, T), (T, M, C): int (-f0') chi(eta; 0) d eta."""
        return self._convolved(mu, temperature)[0] * self.integrand.chi_unit

    def alpha(self, mu: Floats, temperature: Floats) -> Floats:
        """alpha(mu, T) by the Mott relation (12), corrected sign, (T, M, C)."""
        return self._convolved(mu, temperature)[1] * self.integrand.alpha_unit

    def alpha_low_temperature(self, mu: Floats, temperature: Floats) -> Floats:
        """pi^2 k_B^2 T/(3 e) dchi/dmu at the same T, (13), (T, M, C); the slope by a step of k_B T / 20."""
        mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
        out = np.empty((temperature.size, mu.size, len(self.integrand.components)))
        for t, kelvin in enumerate(temperature):
            step = K_B * kelvin / 20
            pair = self._convolved(np.concatenate([mu + step, mu - step]), np.array([kelvin]))[0][0]
            slope = (pair[: mu.size] - pair[mu.size :]) / (2 * step)
            out[t] = np.pi**2 / 3 * K_B * kelvin * slope * self.integrand.alpha_unit
        return out

    def potential(self, mu: Floats, temperature: Floats) -> Floats:
        """Phi(mu, T) of `potential`, (T, M, C) [eV integrand], sign and scale of a response not yet applied."""
        mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
        phi = np.empty((temperature.size, mu.size, len(self.integrand.components)))
        width = np.diff(self.nodes)
        slope_a, slope_b = np.diff(self.sea) / width, np.diff(self.surface) / width
        # What is full carries g0 = e - mu and f0 = 1.
        below = np.cumsum(np.diff(self.sea) * 0.5 * (self.nodes[1:] + self.nodes[:-1]), axis=1)
        below = np.concatenate(
            [self.sea[:, :1] * self.nodes[0], self.sea[:, :1] * self.nodes[0] + below], axis=1
        )
        for t, kelvin in enumerate(temperature):
            kT = K_B * kelvin
            for m, centre in enumerate(mu):
                low, high = self._window(centre, kT)
                x = (self.nodes[low:high] - centre) / kT
                part = slice(low, max(high - 1, low))
                phi[t, m] = below[:, low] - centre * self.sea[:, low] - self.surface[:, low]
                if x.size:
                    phi[t, m] -= kT**2 * slope_a[:, part] @ np.diff(_dilogarithm(x))
                    phi[t, m] += kT * slope_b[:, part] @ np.diff(np.logaddexp(0.0, -x))
        return phi

    def _window(self, centre: float, kT: float) -> tuple[int, int]:
        """Nodes (low, high) between which occupations vary; below are full states, whose sum is A at the first."""
        low, high = np.searchsorted(self.nodes, (centre - FAR * kT, centre + FAR * kT))
        return max(int(low) - 1, 0), min(int(high) + 1, len(self.nodes))

    def _convolved(self, mu: Floats, temperature: Floats) -> tuple[Floats, Floats]:
        """The integrals of the module's docstring, (T, M, C) each; alpha's divided by k_B."""
        mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
        if np.any(temperature <= 0):
            raise ValueError(f"temperature must be above 0 K, got {temperature.min()}")
        chi = np.empty((temperature.size, mu.size, len(self.integrand.components)))
        alpha = np.empty_like(chi)
        width = np.diff(self.nodes)
        slope_a, slope_b = np.diff(self.sea) / width, np.diff(self.surface) / width
        for t, kelvin in enumerate(temperature):
            kT = K_B * kelvin
            for m, centre in enumerate(mu):
                low, high = self._window(centre, kT)
                part = slice(low, max(high - 1, low))
                x = (self.nodes[low:high] - centre) / kT
                if x.size == 0:
                    chi[t, m], alpha[t, m] = self.sea[:, low], 0.0
                    continue
                f = 0.5 - 0.5 * np.tanh(0.5 * x)
                tail = np.logaddexp(0.0, -x)
                # Li2(-e^-x) overflows far below the window; by inversion it is finite for either sign.
                dilog = _dilogarithm(x)
                s = x * f + tail
                d_grand = -kT * np.diff(tail)
                d_entropy = kT * np.diff(2 * dilog - x * tail)
                chi[t, m] = self.sea[:, low] + slope_a[:, part] @ d_grand - slope_b[:, part] @ np.diff(f)
                alpha[t, m] = slope_a[:, part] @ d_entropy - slope_b[:, part] @ np.diff(s)
        return chi, alpha


def _dilogarithm(x: Floats) -> Floats:
    """Li2(-exp(-x)); for x < 0 by inversion, Li2(-e^-x) = -pi^2/6 - x^2/2 - Li2(-e^x)."""
    inner = spence(1.0 + np.exp(-np.abs(x)))
    return np.asarray(np.where(x >= 0, inner, -(np.pi**2) / 6 - 0.5 * x * x - inner))
