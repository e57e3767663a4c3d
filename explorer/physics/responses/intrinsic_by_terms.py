"""Which term and which band of (11) makes chi."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.occupations import fermi, fermi_slope
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT

SHARES = ("first term", "second, surface", "second, sea")


def _terms(g: BandGeometry, component: int) -> tuple[Floats, Floats]:
    """Sea and surface densities of `SHARES` in one component, (3, N, K) each."""
    nothing = np.zeros_like(g.energy)
    return (
        np.stack([g.term1[component], nothing, g.term2[component]]),
        np.stack([nothing, g.surface_density[component], nothing]),
    )


@lru_cache(maxsize=2)
def term_shares(component: int) -> Integrand:
    """chi_i (8), i = 0 x or 1 y, by the terms of (11): components as `SHARES`, in nm/ohm.

    The surface form of the second term is the one that belongs to the response; band by band the two forms differ,
    their sums agree. The response is the sum of the first two.
    """
    return Integrand(
        "terms",
        SHARES,
        lambda g: _terms(g, component)[0],
        lambda g: _terms(g, component)[1],
        CHI_UNIT,
        ALPHA_UNIT,
    )


@lru_cache(maxsize=32)
def band_shares(component: int, bands: int) -> Integrand:
    """The first two terms of each of the lowest bands in chi_i: components term by term, (2 bands,), in nm/ohm."""

    def by_band(density: Floats) -> Floats:
        """(2, N, K) as components of their own, each with all bands but one at zero."""
        out = np.zeros((2, bands, *density.shape[1:]))
        own = np.arange(bands)
        out[:, own, own] = density[:2, :bands]
        return out.reshape(2 * bands, *density.shape[1:])

    return Integrand(
        "terms by band",
        tuple(f"{term} of {n + 1}" for term in SHARES[:2] for n in range(bands)),
        lambda g: by_band(_terms(g, component)[0]),
        lambda g: by_band(_terms(g, component)[1]),
        CHI_UNIT,
        ALPHA_UNIT,
    )


def band_sums(g: BandGeometry, weights: Floats, component: int, mu: float, temperature: float) -> Floats:
    """What `band_shares` integrates, by a plain sum over any number of bands, (2, N) [nm/ohm]."""
    f, slope = fermi(g.energy, mu, temperature), fermi_slope(g.energy, mu, temperature)
    densities = np.stack([f * g.term1[component], slope * g.surface_density[component]])
    return np.asarray(CHI_UNIT * densities @ weights)
