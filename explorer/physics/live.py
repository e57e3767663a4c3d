r"""The cheap stage made fast enough for every tick of mu and T; each function equals a plain one to 1e-9.

On the whole set of nodes the thermal convolution of `thermal.ZeroTemperatureCurve` is a sum over pieces with
four functions of $x=(\eta-\mu)/k_BT$: $f_0$, $\ln(1+e^{-x})$, the entropy and its integral. They are constant
or linear beyond `FAR`, so only the nodes within reach of each mu are evaluated.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from scipy.special import spence

from explorer.physics.geometry import BandGeometry, blocks
from explorer.physics.integrand import INTRINSIC
from explorer.physics.sums import NEGLIGIBLE
from explorer.physics.thermal import ZeroTemperatureCurve
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT, K_B
from models.arrays import Floats

TABLE = 40.0
"""Half width of the table of the dilogarithm in x; beyond it exp(-|x|) is below double precision."""
STEP = 1.0 / 64
MU_AT_ONCE = 48
"""Chemical potentials of a share of the thermal convolution: some tenths of a millisecond."""


def _table() -> Floats:
    """Li2(-exp(-x)) and its slope ln(1 + exp(-x)), times the step, at steps from x = 0, (S, 2)."""
    decay = np.exp(-np.arange(0.0, TABLE + 4 * STEP, STEP))
    return np.ascontiguousarray(np.stack([spence(1.0 + decay), STEP * np.log1p(decay)], axis=1))


_DILOG = _table()


@njit(nogil=True, cache=True, error_model="numpy")
def _dilog(x, table):  # type: ignore[no-untyped-def]
    """Li2(-exp(-x)) by cubic Hermite interpolation."""
    a = abs(x)
    if a >= TABLE:
        inner = -np.exp(-a)
    else:
        i = int(a / STEP)
        t = a / STEP - i
        left, right, d0, d1 = table[i, 0], table[i + 1, 0], table[i, 1], table[i + 1, 1]
        jump = right - left
        inner = left + t * (d0 + t * (3 * jump - 2 * d0 - d1 + t * (d0 + d1 - 2 * jump)))
    if x >= 0:
        return inner
    return -np.pi * np.pi / 6 - 0.5 * x * x - inner


@njit(nogil=True, cache=True, error_model="numpy")
def _convolve(nodes, sea, surface, mu, kT, table, chi, alpha, slope):  # type: ignore[no-untyped-def]
    """Integrals of `thermal` for all mu: chi, alpha / k_B and dchi/dmu, (M, C) each."""
    components, count = sea.shape
    for m in range(mu.size):
        low = np.searchsorted(nodes, mu[m] - NEGLIGIBLE * kT) - 1
        low = max(low, 0)
        for c in range(components):
            chi[m, c] = sea[c, low]
        f0 = tail0 = s0 = grand0 = peak0 = 0.0
        for e in range(low, count):
            x = (nodes[e] - mu[m]) / kT
            decay = np.exp(-abs(x))
            f = decay / (1 + decay) if x >= 0 else 1 / (1 + decay)
            tail = np.log1p(decay) + (0.0 if x >= 0 else -x)
            s = x * f + tail
            grand = 2 * _dilog(x, table) - x * tail
            peak = decay / (1 + decay) ** 2
            if e > low:
                width = nodes[e] - nodes[e - 1]
                for c in range(components):
                    a = (sea[c, e] - sea[c, e - 1]) / width
                    b = (surface[c, e] - surface[c, e - 1]) / width
                    chi[m, c] += -kT * a * (tail - tail0) - b * (f - f0)
                    alpha[m, c] += kT * a * (grand - grand0) - b * (s - s0)
                    slope[m, c] += -a * (f - f0) - b * (peak - peak0) / kT
            f0, tail0, s0, grand0, peak0 = f, tail, s, grand, peak
            if x > NEGLIGIBLE:
                break


def thermal_curves(
    curve: ZeroTemperatureCurve, mu: Floats, temperature: float, pool: ThreadPoolExecutor | None = None
) -> tuple[Floats, Floats, Floats]:
    """chi (8), alpha by the Mott integral (12) and by its low-temperature form (13) at one temperature.

    Parameters
    ----------
    curve : zero-temperature curve; mu : (M,) [eV]; temperature [K]; pool : threads that share the mu.

    Returns
    -------
    chi, alpha, alpha_low : (M, C) in the integrand's units, as `ZeroTemperatureCurve.chi`, `.alpha` and,
    with the exact slope in place of a difference, `.alpha_low_temperature`.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0 K, got {temperature}")
    mu = np.ascontiguousarray(mu, dtype=float)
    chi, alpha, slope = np.zeros((3, mu.size, len(curve.sea)))
    kT = K_B * temperature

    def some(part: slice) -> None:
        _convolve(
            curve.nodes, curve.sea, curve.surface, mu[part], kT, _DILOG, chi[part], alpha[part], slope[part]
        )

    parts = list(blocks(mu.size, MU_AT_ONCE))
    list(pool.map(some, parts) if pool else map(some, parts))
    unit = curve.integrand
    return chi * unit.chi_unit, alpha * unit.alpha_unit, np.pi**2 / 3 * kT * slope * unit.alpha_unit


@njit(nogil=True, cache=True, error_model="numpy")
def _potential(nodes, sea, surface, mu, kT, table, phi):  # type: ignore[no-untyped-def]
    """Sum over pieces of int g0 dA - int f0 dB, (M, C); the antiderivatives are -kT^2 Li2 and -kT ln(1 +
    e^-x).
    """
    components, count = sea.shape
    for m in range(mu.size):
        tail0 = dilog0 = 0.0
        for e in range(count):
            x = (nodes[e] - mu[m]) / kT
            tail = np.log1p(np.exp(-abs(x))) + (0.0 if x >= 0 else -x)
            dilog = _dilog(x, table)
            if e > 0:
                width = nodes[e] - nodes[e - 1]
                for c in range(components):
                    a = (sea[c, e] - sea[c, e - 1]) / width
                    b = (surface[c, e] - surface[c, e - 1]) / width
                    phi[m, c] += -kT * kT * a * (dilog - dilog0) + kT * b * (tail - tail0)
            tail0, dilog0 = tail, dilog


def potential(curve: ZeroTemperatureCurve, mu: Floats, temperature: float) -> Floats:
    """Potential Phi(mu, T) of theory section 3 up to -e: chi = -dPhi/dmu; (M, C) [eV times the unit of
    chi].
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0 K, got {temperature}")
    phi = np.zeros((mu.size, len(curve.sea)))
    _potential(curve.nodes, curve.sea, curve.surface, mu, K_B * temperature, _DILOG, phi)
    return phi * curve.integrand.chi_unit


@njit(nogil=True, cache=True, error_model="numpy")
def _tick(energy, sea, surface, whole, weights, mu, kT, picture, sums):  # type: ignore[no-untyped-def]
    """One pass over the bands that are neither full nor empty; see `MeshSums.at`."""
    bands, points = energy.shape
    for n in range(bands):
        for k in range(points):
            x = (energy[n, k] - mu) / kT
            if x > NEGLIGIBLE:
                continue
            w = weights[k]
            if x < -NEGLIGIBLE:
                for c in range(2):
                    picture[c, k] += whole[c, n, k]
                    sums[c] += w * sea[c, n, k]
                    sums[4 + c] += w * whole[c, n, k]
                sums[6] += w
                continue
            decay = np.exp(-abs(x))
            f = decay / (1 + decay) if x >= 0 else 1 / (1 + decay)
            slope = decay / (1 + decay) ** 2 / kT
            s = abs(x) * decay / (1 + decay) + np.log1p(decay)
            for c in range(2):
                picture[c, k] += f * whole[c, n, k]
                sums[c] += w * (f * sea[c, n, k] + slope * surface[c, n, k])
                sums[2 + c] += w * (s * sea[c, n, k] + x * slope * surface[c, n, k])
                sums[4 + c] += w * f * whole[c, n, k]
            sums[6] += w * f


@dataclass(frozen=True, eq=False)
class MeshSums:
    """Plain sums of the intrinsic response over one mesh, for any (mu, T) in one pass.

    energy : (N, K) [eV]. sea, surface : densities of the surface form; whole : L = T1 + T2 (2, N, K) each.
    weights : (K,) [1/angstrom^2].
    """

    energy: Floats
    sea: Floats
    surface: Floats
    whole: Floats
    weights: Floats

    @classmethod
    def of(cls, g: BandGeometry, weights: Floats) -> MeshSums:
        """The sums of a geometry."""
        sea, surface = (np.ascontiguousarray(d) for d in INTRINSIC.densities(g))
        return cls(np.ascontiguousarray(g.energy), sea, surface, np.ascontiguousarray(g.lambda_), weights)

    @cached_property
    def _edges(self) -> tuple[Floats, Floats]:
        return self.energy.min(axis=1), self.energy.max(axis=1)

    @cached_property
    def _filled(self) -> tuple[Floats, Floats]:
        """Map (N + 1, 2, K) and sums (N + 1, 7) of the lowest 0 ... N bands, all full."""
        picture = np.concatenate(
            [np.zeros((1, 2, self.weights.size)), np.cumsum(np.moveaxis(self.whole, 0, 1), axis=0)]
        )
        sums = np.zeros((len(picture), 7))
        sums[1:, 0:2] = np.cumsum((self.sea @ self.weights).T, axis=0)
        sums[1:, 4:6] = np.cumsum((self.whole @ self.weights).T, axis=0)
        sums[1:, 6] = np.arange(1, len(picture)) * self.weights.sum()
        return picture, sums

    def at(self, mu: float, temperature: float) -> tuple[Floats, Floats, Floats, Floats, float]:
        """The map sum_n f0 L^n, (2, K) [e/hbar angstrom^3], and the plain sums.

        Returns
        -------
        map (2, K); chi and alpha in surface form, chi in sea form, (2,) [nm/ohm, nA nm/K]; electrons
        [1/angstrom^2].
        """
        if not temperature > 0:
            raise ValueError(f"temperature must be above 0 K, got {temperature}")
        kT = K_B * temperature
        low, high = self._edges
        first = (
            int((high < mu - NEGLIGIBLE * kT).argmin()) if (high >= mu - NEGLIGIBLE * kT).any() else len(high)
        )
        last = int((low <= mu + NEGLIGIBLE * kT).sum())
        picture, sums = self._filled[0][first].copy(), self._filled[1][first].copy()
        part = slice(first, max(first, last))
        _tick(
            self.energy[part],
            self.sea[:, part],
            self.surface[:, part],
            self.whole[:, part],
            self.weights,
            mu,
            kT,
            picture,
            sums,
        )
        chi, alpha, chi_sea = sums[0:2] * CHI_UNIT, sums[2:4] * ALPHA_UNIT, sums[4:6] * CHI_UNIT
        return picture, chi, alpha, chi_sea, float(sums[6])
