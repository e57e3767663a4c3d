r"""Carrier density $n(\mu,T)=\int\sum_n f_0-n_0$ against a band filling, and mu solved for a given n."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.units import K_B

PER_CM2 = 1e16
"""1/angstrom^2 in 1/cm^2."""


OVERFLOW = 700.0
"""x of which exp(x) is still a number."""


def _occupied(x: Floats) -> Floats:
    """1 / (e^x + 1) to full relative accuracy, however small."""
    return np.asarray(1.0 / (np.exp(np.minimum(x, OVERFLOW)) + 1.0))


class OutOfReachError(ValueError):
    """A density that the bands cannot hold, however high or low mu."""


@dataclass(frozen=True, eq=False)
class Filling:
    """Counts electrons beyond `bands` filled ones; negative where holes prevail.

    energy : (N, K) [eV]. weights : (K,) d2k/(2 pi)^2 [1/angstrom^2]. bands : filled bands at neutrality; a
        whole number of electrons per cell. On the disc of a k.p model the count refers to the disc's bands.
    """

    energy: Floats
    weights: Floats
    bands: int

    def __post_init__(self) -> None:
        if not 0 <= self.bands <= len(self.energy):
            raise ValueError(
                f"{self.bands} filled bands at neutrality, but there are {len(self.energy)} bands"
            )

    def density(self, mu: Floats | float, temperature: float) -> Floats:
        """Density n [1/angstrom^2] at mu, any shape [eV], and T [K].

        Electrons above neutrality and holes below are counted apart, each to full relative accuracy, so that
        a small density is not the difference of two large sums.
        """
        if not temperature > 0:
            raise ValueError(f"temperature must be above 0 K, got {temperature}")
        kT = K_B * temperature
        lower, upper = self.energy[: self.bands], self.energy[self.bands :]
        found = [
            self.weights @ (_occupied((upper - m) / kT).sum(axis=0) - _occupied((m - lower) / kT).sum(axis=0))
            for m in np.ravel(mu)
        ]
        return np.array(found).reshape(np.shape(mu))

    @property
    def bounds(self) -> tuple[float, float]:
        """Densities of no band and of all bands filled [1/angstrom^2]."""
        total = float(self.weights.sum())
        return -self.bands * total, (len(self.energy) - self.bands) * total

    def require(self, density: float) -> None:
        """OutOfReachError where the bands cannot hold a density [1/angstrom^2]."""
        low, high = self.bounds
        if not low < density < high:
            raise OutOfReachError(
                f"a density of {density * PER_CM2:.3g} per cm2 is out of reach: these bands hold between "
                f"{low * PER_CM2:.3g} and {high * PER_CM2:.3g}"
            )

    def chemical_potential(self, density: float, temperature: float, near: float | None = None) -> float:
        """Mu [eV] at which the density [1/angstrom^2] is reached, at T [K].

        n rises monotonically with mu; where it is flat to rounding (a gap at low T) any mu of the plateau
        is a solution, and one inside the bracket is returned. `near`, a guess [eV], saves time.

        Raises
        ------
        ValueError : the bands cannot hold that density.
        """
        # Slow to load, and the page is sent without.
        from scipy.optimize import brentq

        from explorer.physics.carriers.filling_kernel import carriers

        self.require(density)
        if not temperature > 0:
            raise ValueError(f"temperature must be above 0 K, got {temperature}")
        kT = K_B * temperature
        reach, xtol = 40 * kT, min(1e-12, 1e-9 * kT)
        energy, weights = np.ascontiguousarray(self.energy), np.ascontiguousarray(self.weights)

        def excess(mu: float) -> float:
            return float(carriers(energy, weights, self.bands, mu, kT)) - density

        if near is not None:
            step = 0.02 * float(np.ptp(energy))
            floor, ceiling = near - step, near + step
            if excess(floor) <= 0 <= excess(ceiling):
                return float(brentq(excess, floor, ceiling, xtol=xtol, rtol=1e-14))
        floor, ceiling = float(energy.min()) - reach, float(energy.max()) + reach

        # n of the bracket's ends equals the bounds to rounding: widen until the signs are right.
        while excess(floor) > 0:
            floor -= reach
        while excess(ceiling) < 0:
            ceiling += reach
        return float(brentq(excess, floor, ceiling, xtol=xtol, rtol=1e-14))


def neutral_bands(energy: Floats, weights: Floats, mu: float) -> int:
    """Filled bands at neutrality: the gap nearest to the filling at mu (at most four bands away), else it rounded.

    energy : (N, K) and mu [eV]; weights : (K,).
    """
    filling = float((energy < mu).sum(axis=0) @ weights) / float(weights.sum())
    gaps = np.flatnonzero(energy[1:].min(axis=1) > energy[:-1].max(axis=1)) + 1
    close = gaps[np.abs(gaps - filling) <= 4.0]
    return int(close[np.abs(close - filling).argmin()]) if close.size else round(filling)
