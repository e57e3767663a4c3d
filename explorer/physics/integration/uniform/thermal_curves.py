r"""The cheap stage made fast enough for every tick of mu and T; each function equals a plain one to 1e-9.

On the whole set of nodes the thermal convolution of `zero_temperature.ZeroTemperatureCurve` is a sum over pieces with
functions of $x=(\eta-\mu)/k_BT$ that are constant or linear beyond `NEGLIGIBLE`, so only the nodes within reach of
each mu are evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.compiled import njit
from explorer.physics.geometry.band_geometry import BandGeometry, blocks
from explorer.physics.integration.uniform.plain_sum import NEGLIGIBLE
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.progress import Pool
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.simd.lanes import LANES, anywhere, fma, load, splat, store, total
from explorer.physics.simd.occupations import DILOG_SERIES, LOG_SERIES, lane_integrals, lane_occupations
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT, K_B

MU_AT_ONCE = 48
"""Chemical potentials of a share of the thermal convolution, a multiple of `LANES`: some tenths of a millisecond."""


@njit
def _convolve(
    nodes: Floats,
    sea: Floats,
    surface: Floats,
    mu: Floats,
    kT: float,
    logs: Floats,
    dilogs: Floats,
    chi: Floats,
    alpha: Floats,
    slope: Floats,
) -> None:
    """Integrals of `thermal` for all mu, eight at a time: chi, alpha / k_B and dchi/dmu, each flat (C M)."""
    components, count = sea.shape
    for m in range(0, mu.size, LANES):
        centre = load(mu, m)
        low = max(np.searchsorted(nodes, mu[m : m + LANES].min() - NEGLIGIBLE * kT) - 1, 0)
        top = mu[m : m + LANES].max() + NEGLIGIBLE * kT
        for c in range(components):
            store(chi, c * mu.size + m, splat(sea[c, low]))
            store(alpha, c * mu.size + m, splat(0.0))
            store(slope, c * mu.size + m, splat(0.0))
        peak0, f0, tail0, s0, grand0 = lane_integrals((splat(nodes[low]) - centre) / kT, logs, dilogs)
        for e in range(low + 1, count):
            peak, f, tail, s, grand = lane_integrals((splat(nodes[e]) - centre) / kT, logs, dilogs)
            width = nodes[e] - nodes[e - 1]
            for c in range(components):
                a = (sea[c, e] - sea[c, e - 1]) / width
                b = (surface[c, e] - surface[c, e - 1]) / width
                at = c * mu.size + m
                store(chi, at, load(chi, at) - (tail - tail0) * (kT * a) - (f - f0) * b)
                store(alpha, at, load(alpha, at) + (grand - grand0) * (kT * a) - (s - s0) * b)
                store(slope, at, load(slope, at) - (f - f0) * a - (peak - peak0) * (b / kT))
            peak0, f0, tail0, s0, grand0 = peak, f, tail, s, grand
            if nodes[e] > top:
                break


def thermal_curves(
    curve: ZeroTemperatureCurve, mu: Floats, temperature: float, pool: Pool | None = None
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
    mu, kT = np.ascontiguousarray(mu, dtype=float), K_B * temperature

    def some(part: slice) -> Floats:
        at = _eights(mu[part])
        out = np.empty((3, len(curve.sea) * at.size))
        _convolve(curve.nodes, curve.sea, curve.surface, at, kT, LOG_SERIES, DILOG_SERIES, *out)
        return out.reshape(3, len(curve.sea), at.size)[:, :, : len(mu[part])]

    parts = list(blocks(mu.size, MU_AT_ONCE))
    shares = list(pool.map(some, parts) if pool else map(some, parts))
    chi, alpha, slope = np.concatenate(shares, axis=2).transpose(0, 2, 1)
    unit = curve.integrand
    return chi * unit.chi_unit, alpha * unit.alpha_unit, np.pi**2 / 3 * kT * slope * unit.alpha_unit


def _eights(values: Floats) -> Floats:
    """Values with the last one of their last axis again up to a multiple of `LANES`."""
    surplus = -values.shape[-1] % LANES
    return np.concatenate([values, *[values[..., -1:]] * surplus], axis=-1) if surplus else values


@njit
def _potential(
    nodes: Floats,
    sea: Floats,
    surface: Floats,
    mu: Floats,
    kT: float,
    logs: Floats,
    dilogs: Floats,
    phi: Floats,
) -> None:
    """Sum over pieces of int g0 dA - int f0 dB, flat (C M), eight mu at a time.

    The antiderivatives are -kT^2 Li2(-e^-x) and -kT ln(1 + e^-x).
    """
    components, count = sea.shape
    for m in range(0, mu.size, LANES):
        centre = load(mu, m)
        tail0, dilog0 = splat(0.0), splat(0.0)
        for e in range(count):
            x = (splat(nodes[e]) - centre) / kT
            _, _, tail, _, grand = lane_integrals(x, logs, dilogs)
            dilog = (grand + x * tail) * 0.5
            for c in range(components):
                at = c * mu.size + m
                if e == 0:
                    store(phi, at, splat(0.0))
                    continue
                width = nodes[e] - nodes[e - 1]
                a = (sea[c, e] - sea[c, e - 1]) / width
                b = (surface[c, e] - surface[c, e - 1]) / width
                store(phi, at, load(phi, at) - (dilog - dilog0) * (kT * kT * a) + (tail - tail0) * (kT * b))
            tail0, dilog0 = tail, dilog


def potential(curve: ZeroTemperatureCurve, mu: Floats, temperature: float) -> Floats:
    """Potential Phi(mu, T), theory (3.1), up to -e: chi = -dPhi/dmu; (M, C) [eV times the unit of chi]."""
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0 K, got {temperature}")
    at, kT = _eights(np.ascontiguousarray(mu, dtype=float)), K_B * temperature
    phi = np.empty(len(curve.sea) * at.size)
    _potential(curve.nodes, curve.sea, curve.surface, at, kT, LOG_SERIES, DILOG_SERIES, phi)
    phi = phi.reshape(len(curve.sea), at.size)[:, : mu.size].T
    return phi * curve.integrand.chi_unit


@njit
def _tick(
    energy: Floats,
    sea: Floats,
    surface: Floats,
    whole: Floats,
    weights: Floats,
    first: int,
    last: int,
    mu: float,
    kT: float,
    logs: Floats,
    picture: Floats,
    sums: Floats,
) -> None:
    """One pass over the bands first ... last - 1, those neither full nor empty; see `MeshSums.at`.

    energy flat (N P), sea, surface, whole flat (2 N P), picture flat (2 P), weights (P,). Adds to sums (7,).
    """
    points, component = weights.size, energy.size
    one, zero = splat(1.0), splat(0.0)
    for n in range(first, last):
        chi_x, chi_y, alpha_x, alpha_y, sea_x, sea_y, filled = zero, zero, zero, zero, zero, zero, zero
        for k in range(0, points, LANES):
            at = n * points + k
            x = (load(energy, at) - mu) / kT
            if not anywhere(x < NEGLIGIBLE):
                continue
            w = load(weights, k)
            f, s, rim, rise = one, zero, zero, zero
            if anywhere(x > -NEGLIGIBLE):
                f, peak, s = lane_occupations(x, logs)
                s, rim = s * w, peak * w / kT
                rise = x * rim
            f_w = f * w
            ax, ay, lx, ly = (
                load(sea, at),
                load(sea, at + component),
                load(whole, at),
                load(whole, at + component),
            )
            bx, by = load(surface, at), load(surface, at + component)
            store(picture, k, fma(f, lx, load(picture, k)))
            store(picture, points + k, fma(f, ly, load(picture, points + k)))
            chi_x, chi_y = fma(f_w, ax, fma(rim, bx, chi_x)), fma(f_w, ay, fma(rim, by, chi_y))
            alpha_x, alpha_y = fma(s, ax, fma(rise, bx, alpha_x)), fma(s, ay, fma(rise, by, alpha_y))
            sea_x, sea_y, filled = fma(f_w, lx, sea_x), fma(f_w, ly, sea_y), filled + f_w
        sums[0] += total(chi_x)
        sums[1] += total(chi_y)
        sums[2] += total(alpha_x)
        sums[3] += total(alpha_y)
        sums[4] += total(sea_x)
        sums[5] += total(sea_y)
        sums[6] += total(filled)


@dataclass(frozen=True, eq=False)
class MeshSums:
    """Plain sums of the intrinsic response over one mesh, for any (mu, T) in one pass.

    energy : (N, P) [eV]. sea, surface : densities of the surface form; whole : L = T1 + T2 (2, N, P) each.
    weights : (P,) [1/angstrom^2]. points : K; P is the next multiple of `LANES`, the surplus without weight.
    """

    energy: Floats
    sea: Floats
    surface: Floats
    whole: Floats
    weights: Floats
    points: int

    @classmethod
    def of(cls, g: BandGeometry, weights: Floats) -> MeshSums:
        """The sums of a geometry."""
        arrays = g.energy, *INTRINSIC.densities(g), g.lambda_
        energy, sea, surface, whole = (np.ascontiguousarray(_eights(a)) for a in arrays)
        surplus = energy.shape[1] - len(weights)
        return cls(energy, sea, surface, whole, np.pad(weights, (0, surplus)), len(weights))

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
        _tick(
            self.energy.ravel(),
            self.sea.ravel(),
            self.surface.ravel(),
            self.whole.ravel(),
            self.weights,
            first,
            max(first, last),
            mu,
            kT,
            LOG_SERIES,
            picture.ravel(),
            sums,
        )
        chi, alpha, chi_sea = sums[0:2] * CHI_UNIT, sums[2:4] * ALPHA_UNIT, sums[4:6] * CHI_UNIT
        return picture[:, : self.points], chi, alpha, chi_sea, float(sums[6])
