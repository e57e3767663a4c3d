r"""Mu inside a gap, where both kinds of carriers are exponentially few: found by the logarithms of their numbers.

At low temperature the tails lie below the rounding, and far below the error, of any count of all electrons, while mu
is the balance of the two: $\ln N_e = \ln(N_h + n)$. Each number is a sum over the states near an edge, on a mesh that
is made finer there alone until $k_BT$ is resolved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.bloch import energies
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Zone

MARGIN_KT = 4.0
"""Distance of mu from both edges of the gap [k_B T] from which the balance of tails is asked."""
REACH_KT = 40.0
"""States this far from an edge [k_B T] count for nothing: e^-40."""
COARSEST = 24
"""Cells a side of the mesh that is made finer."""
LOGARITHM_ERROR = 1e-4
"""Change of the logarithm of a number of carriers, from one mesh to the next, that is small enough."""
MAX_LEVELS, MAX_STATES = 16, 200_000


@dataclass(frozen=True, eq=False)
class Tails:
    """States above and below a gap: energies [eV] and weights d2k/(2 pi)^2 [1/angstrom^2], flat."""

    above: Floats
    above_weights: Floats
    below: Floats
    below_weights: Floats

    def balance(self, density: float, temperature: float) -> float | None:
        """Mu [eV] of a density beyond neutrality [1/angstrom^2] at T [K].

        None where it is not `MARGIN_KT` away from both edges, or where a side has no states.
        """
        if not self.above.size or not self.below.size:
            return None
        from scipy.optimize import brentq  # slow to load, and the page is sent without

        kT = K_B * temperature
        low, high = float(self.below.max()) + MARGIN_KT * kT, float(self.above.min()) - MARGIN_KT * kT

        def excess(mu: float) -> float:
            """Positive where there are too many electrons."""
            electrons = _log_number((self.above - mu) / kT, self.above_weights)
            holes = _log_number((mu - self.below) / kT, self.below_weights)
            more = np.log(abs(density)) if density else -np.inf
            return float(
                np.logaddexp(electrons, more if density < 0 else -np.inf)
                - np.logaddexp(holes, more if density > 0 else -np.inf)
            )

        if low >= high or not excess(low) < 0 < excess(high):
            return None
        return float(brentq(excess, low, high, xtol=1e-12, rtol=1e-14))


def _log_number(x: Floats, weights: Floats) -> float:
    """ln of the sum of weights / (e^x + 1)."""
    terms = -np.logaddexp(0.0, x) + np.log(weights)
    top = terms.max()
    return float(top + np.log(np.exp(terms - top).sum()))


def tails_of(energy: Floats, weights: Floats, bands: int) -> Tails:
    """All states (N, K) of a mesh, those of the `bands` lowest below the gap."""
    used = weights > 0
    above, below = energy[bands:, used], energy[:bands, used]
    return Tails(
        above.ravel(),
        np.tile(weights[used], len(above)),
        below.ravel(),
        np.tile(weights[used], len(below)),
    )


def refined_tails(h: Hamiltonian, zone: Zone, bands: int, temperature: float) -> tuple[Tails, float]:
    """States near the edges of the gap above `bands` bands, on a mesh that resolves k_B T there; and mu's error [eV].

    temperature : [K]. The error is what the last refinement changes the logarithms by, times k_B T / 2.
    """
    kT = K_B * temperature
    s, t = (a.ravel() for a in np.meshgrid(*2 * [(np.arange(COARSEST) + 0.5) / COARSEST], indexing="ij"))
    coarsest = s, t, energies(h, zone.wave_vectors(s, t))
    above, change_above = _edge(h, zone, slice(bands, None), 1.0, kT, *coarsest)
    below, change_below = _edge(h, zone, slice(0, bands), -1.0, kT, *coarsest)
    return Tails(above[0], above[1], -below[0], below[1]), 0.5 * kT * (change_above + change_below)


def _edge(
    h: Hamiltonian, zone: Zone, bands: slice, sign: float, kT: float, s: Floats, t: Floats, energy: Floats
) -> tuple[tuple[Floats, Floats], float]:
    """States (energy times sign, weight) near the lowest of sign E, and the last change of ln of their number.

    s, t : (K,) midpoints of the coarsest cells, with the energy (N, K) there.
    """
    size, level = 1.0 / COARSEST, sign * energy[bands]
    nearest = level.min(axis=0).reshape(COARSEST, COARSEST)
    steps = [np.abs(nearest - np.roll(nearest, by, axis)) for by in (-1, 1) for axis in (0, 1)]
    spread = np.max(steps, axis=0).ravel()
    before, change = np.nan, np.inf
    for _ in range(MAX_LEVELS):
        lowest = float(level.min())
        weights = zone.jacobian(s, t) * size**2 / (4 * np.pi**2)
        # Boltzmann's own sum: what multiplies exp(mu / kT) as long as mu is far.
        number = float(np.log((weights * np.exp((lowest - level) / kT)).sum()) - lowest / kT)
        before, change = number, abs(number - before)
        kept = level.min(axis=0) - 2 * spread < lowest + REACH_KT * kT
        if change < LOGARITHM_ERROR or 4 * kept.sum() > MAX_STATES:
            break
        size /= 2
        offsets = 0.5 * size * np.array([[-1, -1, 1, 1], [-1, 1, -1, 1]])
        s, t = ((a[kept, None] + o).ravel() for a, o in zip((s, t), offsets, strict=True))
        level = sign * energies(h, zone.wave_vectors(s, t))[bands]
        spread = np.repeat(np.ptp(level.min(axis=0).reshape(-1, 4), axis=1), 4)
    near = level < lowest + REACH_KT * kT
    change = change if np.isfinite(change) else 1.0
    return (level[near], np.broadcast_to(weights, level.shape)[near]), change
