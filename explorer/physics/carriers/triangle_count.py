r"""Carrier density by triangles on two nested meshes, extrapolated: $N=(4N_n-N_{n/2})/3$.

Linear interpolation in triangles puts the states of a curved band too high or too low by a term in $1/n^2$, several
percent of a small pocket; the mesh of every other point has four times that. On a disc a plain sum over corners
is as far off, at every temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.carriers.filling import Filling
from explorer.physics.carriers.gap import tails_of
from explorer.physics.integration.uniform.thermal_curves import thermal_curves
from explorer.physics.integration.uniform.triangles import add_triangles, energy_nodes, zone_triangles
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.progress import Pool
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc, Zone

COUNT = Integrand(
    "electrons",
    ("n",),
    lambda g: np.ones((1, *g.energy.shape)),
    None,
    1.0,
    1.0,
)
r"""$\int d^2k/(2\pi)^2\sum_nf_0$ [1/angstrom^2], all bands counted."""
NODES = 2000
ROUNDING_SHARE_OF_COUNT = 1e-13
"""Share of all electrons that is rounding of a count."""
MU_DIGITS = 1e-3
"""How well an error of mu is known, relative to it."""
WIDEST = 45.0
"""Reduced energy from which on a state is full or empty."""


@dataclass(frozen=True, eq=False)
class Count:
    """Counts electrons beyond `plain.bands` filled ones; negative where holes prevail.

    curve : N(eta; T = 0), extrapolated; change : fine less coarse mesh, both [1/angstrom^2].
    plain : sums over the corners of the triangles: where N is flat, and as a first guess.
    """

    curve: ZeroTemperatureCurve
    change: ZeroTemperatureCurve
    plain: Filling

    def density(self, mu: Floats | float, temperature: float) -> Floats:
        """Density n [1/angstrom^2] at mu, any shape [eV], and T [K]."""
        neutral = self.plain.bands * float(self.curve.sea[0, -1]) / len(self.plain.energy)
        return self._thermal(self.curve, mu, temperature) - neutral

    def error(self, mu: Floats | float, temperature: float) -> Floats:
        """A third of the change from the coarse mesh to the fine one, what the extrapolation adds [1/angstrom^2]."""
        return np.abs(self._thermal(self.change, mu, temperature)) / 3

    def mu_error(self, mu: float, temperature: float) -> float:
        """How far mu [eV] may be moved until n changes by more than its own error; on a plateau to the end of it."""
        n, allowed = float(self.density(mu, temperature)), float(self.error(mu, temperature))
        allowed += ROUNDING_SHARE_OF_COUNT * float(self.curve.sea[0, -1])
        widest = float(np.ptp(self.curve.nodes))
        found = []
        for sign in (-1.0, 1.0):
            near, far = 0.0, widest
            if abs(float(self.density(mu + sign * far, temperature)) - n) <= allowed:
                found.append(far)
                continue
            while far - near > MU_DIGITS * far:
                middle = 0.5 * (near + far)
                inside = abs(float(self.density(mu + sign * middle, temperature)) - n) <= allowed
                near, far = (middle, far) if inside else (near, middle)
            found.append(far)
        return max(found)

    def chemical_potential(self, density: float, temperature: float, near: float | None = None) -> float:
        """Mu [eV] at which the density [1/angstrom^2] is reached at T [K]; in a gap by the balance of tails.

        near : a guess [eV]. Raises ValueError where the bands cannot hold that density.
        """
        from scipy.optimize import brentq  # a third of a second that the first picture need not wait

        self.plain.require(density)
        balanced = tails_of(self.plain.energy, self.plain.weights, self.plain.bands).balance(
            density, temperature
        )
        if balanced is not None:
            return balanced
        guess = self.plain.chemical_potential(density, temperature) if near is None else near

        def excess(mu: float) -> float:
            return float(self.density(mu, temperature)) - density

        low = high = guess
        # From a guess beyond one end of the bands to beyond the other.
        step, reach = K_B * temperature, float(np.ptp(self.curve.nodes)) + 2 * WIDEST * K_B * temperature
        while step < 2 * reach:
            if not excess(low) < 0:
                low -= step
            if not excess(high) > 0:
                high += step
            if excess(low) < 0 < excess(high):
                return float(brentq(excess, low, high, xtol=min(1e-10, 1e-7 * K_B * temperature)))
            step *= 2
        # n is flat to rounding there: the plain sum knows of a mu.
        return guess if near is None else self.chemical_potential(density, temperature)

    @staticmethod
    def _thermal(curve: ZeroTemperatureCurve, mu: Floats | float, temperature: float) -> Floats:
        at = np.atleast_1d(np.asarray(mu, dtype=float))
        return thermal_curves(curve, at.ravel(), temperature)[0][:, 0].reshape(np.shape(mu))


def counted(
    energy: Floats,
    zone: Zone,
    n: int,
    bands: int,
    window: tuple[float, float],
    temperature: float = 300.0,
    pool: Pool | None = None,
) -> Count:
    """A `Count` from the energies (N, K) on the corners of `zone_triangles(zone, n)`.

    Parameters
    ----------
    n : points a side, even. bands : filled bands at neutrality.
    window : range of mu [eV] that will be asked for, at temperatures down to about `temperature` / 20: nodes are
        dense there.
    """
    if n % 2 or n < 4:
        raise ValueError(f"an even mesh of 4 points a side or more is needed, got {n}")
    rows = n + 1 if isinstance(zone, Disc) else n
    halved = energy.reshape(len(energy), rows, n)[:, ::2, ::2].reshape(len(energy), -1)
    margin = WIDEST * K_B * temperature
    nodes = energy_nodes(energy, NODES // 4)
    low, high = max(window[0] - margin, nodes[0]), min(window[1] + margin, nodes[-1])
    if low < high:
        nodes = np.unique(np.concatenate([nodes, np.linspace(low, high, NODES)]))
    fine, weights = _cumulative(energy, zone, n, nodes, pool)
    coarse, _ = _cumulative(np.ascontiguousarray(halved), zone, n // 2, nodes, pool)

    def curve(values: Floats) -> ZeroTemperatureCurve:
        return ZeroTemperatureCurve(COUNT, nodes, values, np.zeros_like(values))

    return Count(
        curve((4 * fine - coarse) / 3),
        curve(fine - coarse),
        Filling(np.ascontiguousarray(energy), weights, bands),
    )


def _cumulative(
    energy: Floats, zone: Zone, n: int, nodes: Floats, pool: Pool | None
) -> tuple[Floats, Floats]:
    """Electrons below each node (1, E) [1/angstrom^2], and the weights of the corners in plain sums (K,)."""
    k, triangles, weights = zone_triangles(zone, n)
    one = np.ones((1, k.shape[1]))

    def band(values: Floats) -> Floats:
        inside, steps = np.zeros((2, nodes.size, 1))
        add_triangles(np.ascontiguousarray(values), one, triangles, weights, nodes, inside, steps)
        return inside + np.cumsum(steps, axis=0)

    total = sum(pool.map(band, energy) if pool else map(band, energy), np.zeros((nodes.size, 1)))
    corners = np.bincount(triangles.ravel(), np.repeat(weights / 3, 3), minlength=k.shape[1])
    return np.ascontiguousarray(total.T), np.asarray(corners, dtype=float)
