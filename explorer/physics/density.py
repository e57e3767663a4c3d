r"""Carrier density $n(\mu,T)=\int\sum_n f_0-n_0$ against a band filling, and mu solved for a given n."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from explorer.physics.geometry import BandGeometry
from explorer.physics.units import K_B
from models.arrays import Floats

PER_CM2 = 1e16
"""1/angstrom^2 in 1/cm^2."""


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
            self.weights @ (expit((m - upper) / kT).sum(axis=0) - expit((lower - m) / kT).sum(axis=0))
            for m in np.ravel(mu)
        ]
        return np.array(found).reshape(np.shape(mu))

    @property
    def bounds(self) -> tuple[float, float]:
        """Densities of no band and of all bands filled [1/angstrom^2]."""
        total = float(self.weights.sum())
        return -self.bands * total, (len(self.energy) - self.bands) * total

    def chemical_potential(self, density: float, temperature: float) -> float:
        """Mu [eV] at which the density [1/angstrom^2] is reached, at T [K].

        n rises monotonically with mu; where it is flat to rounding (a gap at low T) any mu of the plateau
        is a solution, and one inside the bracket is returned.

        Raises
        ------
        ValueError : the bands cannot hold that density.
        """
        low, high = self.bounds
        if not low < density < high:
            raise ValueError(
                f"a density of {density * PER_CM2:.3g} per cm2 is out of reach: these bands hold between "
                f"{low * PER_CM2:.3g} and {high * PER_CM2:.3g}"
            )
        reach = 40 * K_B * temperature
        floor, ceiling = float(self.energy.min()) - reach, float(self.energy.max()) + reach

        def excess(mu: float) -> float:
            return float(self.density(mu, temperature)) - density

        # n of the bracket's ends equals the bounds to rounding: widen until the signs are right.
        while excess(floor) > 0:
            floor -= reach
        while excess(ceiling) < 0:
            ceiling += reach
        return float(brentq(excess, floor, ceiling, xtol=1e-12, rtol=1e-14))


def filling(geometry: BandGeometry, weights: Floats, bands: int) -> Filling:
    """The filling of a geometry; `bands` are filled at neutrality."""
    return Filling(geometry.energy, weights, bands)


def filled_below(energy: Floats, mu: float) -> int:
    """Whole number of bands nearest to the electrons per cell at mu and T = 0; energy (N, K) of a mesh."""
    return round(float((energy < mu).sum(axis=0).mean()))
