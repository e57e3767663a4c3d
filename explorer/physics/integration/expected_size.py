"""The size of a response before it is known: what a relative tolerance refers to, and how much work is in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.uniform.triangles import energy_nodes, triangle_curve, zone_triangles
from explorer.physics.occupations import entropy, fermi, fermi_slope
from explorer.physics.progress import Pool
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of

NOTHING = 1e-100
"""Size of a response that is zero whatever the units: its square is still a number."""
WARM = 300.0
"""Temperature at which sizes are taken where the crystal is colder [K]..."""
WARM_SHARE = 0.1
"""... and k_B times it over the width of the bands at most: all of narrow bands are half filled above that."""


@dataclass(frozen=True, eq=False)
class FirstLook:
    """Rough sizes of a response, from a coarse mesh, chi's and alpha's in the last axis, (T, 2).

    at_mu : largest modulus over the chemical potentials asked for. floor : what counts as zero: a thousandth
    of the whole curve's maximum, or of what the sum over the zone would be if no two wave vectors cancelled.
    """

    at_mu: Floats
    floor: Floats

    def size(self) -> Floats:
        """What a relative tolerance refers to."""
        return np.maximum(self.at_mu, self.floor)


def first_look(
    h: Hamiltonian,
    integrand: Integrand,
    mu: Floats,
    temperature: Floats,
    n: int = 64,
    pool: Pool | None = None,
    geometry: Callable[..., BandGeometry] = band_geometry,
) -> FirstLook:
    """Sizes of chi and alpha from n x n points, computed by `geometry`; in the integrand's units.

    Below room temperature a coarse curve is noise: sizes are those at `WARM`, or at what is warm for narrow bands,
    alpha's scaled linearly in T.
    """
    k, triangles, weights = zone_triangles(zone_of(h), n)
    g = geometry(h, k, pool=pool)
    curve = triangle_curve(g, triangles, weights, integrand, energy_nodes(g.energy, 512), pool)
    width = float(np.ptp(g.energy))
    warm = np.maximum(temperature, min(WARM, WARM_SHARE * width / K_B))
    everywhere = np.linspace(curve.nodes[0], curve.nodes[-1], 64)

    def largest(at: Floats) -> Floats:
        chi, alpha = (np.abs(r(at, warm)).max(axis=(1, 2)) for r in (curve.chi, curve.alpha))
        return np.stack([chi, alpha * temperature / warm], axis=1)

    points: Floats = np.bincount(triangles.ravel(), np.repeat(weights / 3, 3), minlength=k.shape[1]).astype(
        float
    )
    some = mu[np.linspace(0, mu.size - 1, min(mu.size, 12)).astype(int)]
    uncancelled = np.stack([uncancelled_size(g, points, integrand, some, kelvin) for kelvin in warm])
    uncancelled[:, 1] *= temperature / warm
    return FirstLook(largest(mu), 1e-3 * np.maximum(largest(everywhere), uncancelled) + NOTHING)


def uncancelled_size(
    g: BandGeometry, weights: Floats, integrand: Integrand, mu: Floats, kelvin: float
) -> Floats:
    """What chi and alpha would be if no two wave vectors cancelled, the larger component and mu, (2,).

    The sum over k of the modulus of the sum over bands, in the integrand's units. weights : (K,) d2k/(2 pi)^2
    [1/angstrom^2]. mu : (M,) [eV]. kelvin : temperature [K].
    """
    sea, surface = integrand.densities(g)
    sums = np.zeros(2)
    for centre in mu:
        slope = fermi_slope(g.energy, centre, kelvin)
        chi = (fermi(g.energy, centre, kelvin) * sea + slope * surface).sum(axis=1)
        x = (g.energy - centre) / (K_B * kelvin)
        alpha = (entropy(g.energy, centre, kelvin) * sea + x * slope * surface).sum(axis=1)
        sums = np.maximum(sums, [(np.abs(r) @ weights).max() for r in (chi, alpha)])
    return sums * np.abs([integrand.chi_unit, integrand.alpha_unit])
