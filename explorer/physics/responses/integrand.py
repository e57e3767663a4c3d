r"""What is summed over the zone. Every response of the theory is one pair of densities per band.

A response obeys (8) and (9) with a sea density a and a surface density b,

$$\chi = C\int\frac{d^2k}{(2\pi)^2}\sum_n\,[f_0\,a_n + (-f_0')\,b_n],\qquad
  \alpha = C'\int\frac{d^2k}{(2\pi)^2}\sum_n\,[s_0\,a_n + \tfrac{\epsilon_n-\mu}{T}(-f_0')\,b_n],$$

so plain sums, triangles, adaptive quadrature and the Mott integral are written once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry

ROUNDING_SHARE = 1e-9
"""Share of what its densities could be below which a response is rounding: PT leaves 1e-10 and less, even in a
file of limited precision; what exists has 1e-6 and more."""

Density = Callable[[BandGeometry], Floats]
"""From a geometry to (C, N, K)."""


@dataclass(frozen=True)
class Integrand:
    """One response: its densities and the units of its two coefficients.

    sea, surface : densities a, b (None: zero), (C, N, K).
    components : names of the C components.
    chi_unit, alpha_unit : what the integrals (alpha's divided by k_B) are multiplied by.
    powers : of eV and of angstrom in the sea and in the surface density; None where nobody asks for its size.
    """

    name: str
    components: tuple[str, ...]
    sea: Density | None
    surface: Density | None
    chi_unit: float
    alpha_unit: float
    powers: tuple[tuple[int, int], tuple[int, int]] | None = None

    def densities(self, g: BandGeometry) -> tuple[Floats, Floats]:
        """Sea and surface densities, (C, N, K) each."""
        nothing = np.zeros((len(self.components), *g.energy.shape))
        return (
            self.sea(g) if self.sea else nothing,
            self.surface(g) if self.surface else nothing,
        )

    def natural_sizes(self, g: BandGeometry) -> tuple[Floats, Floats]:
        r"""What sea and surface densities would be of the order of at each band and k, (N, K) each.

        It has their unit and is made of the range W of the energies, the slope v of the band and its quantum metric:
        $W^p\,(v/W)^{q\bmod 2}\,(\mathrm{tr}\,G_n)^{\lfloor q/2\rfloor}$ with the powers p, q of eV and angstrom;
        their own largest component where these are not known.
        """
        if self.powers is None:
            sea, surface = (np.abs(part).max(axis=0) for part in self.densities(g))
            return sea, surface
        spread = float(np.ptp(g.energy)) or 1.0
        slope, metric = np.hypot(*g.velocity) / spread, np.abs(g.metric[0] + g.metric[2])
        sea, surface = (spread**p * slope ** (q % 2) * metric ** (q // 2) for p, q in self.powers)
        return sea, surface

    def only_rounding(self, g: BandGeometry, weights: Floats) -> bool:
        """Whether nothing but rounding is left of the densities of any band, as where PT cancels them in each pair.

        Beside `natural_sizes`. weights : (K,) of the wave vectors.
        """
        if self.powers is None:
            return False
        return all(
            float((np.abs(part) * weights).sum()) <= ROUNDING_SHARE * float((size * weights).sum())
            for part, size in zip(self.densities(g), self.natural_sizes(g), strict=True)
        )


@dataclass(frozen=True, eq=False)
class Response:
    """chi and alpha of one integrand over temperatures and chemical potentials, with their error bars.

    mu : (M,) [eV]. temperature : (T,) [K]. chi, alpha and their errors : (T, M, C) in the integrand's units.
    converged : (T, M), whether the requested tolerance was met. evaluations : wave vectors computed.
    cells : (P, 3, 2) triangles of the unit square (s, t) of the zone that were sampled, of every size, where the zone
        is reduced by symmetry those of the part; None for a uniform mesh.
    """

    mu: Floats
    temperature: Floats
    chi: Floats
    alpha: Floats
    chi_error: Floats
    alpha_error: Floats
    converged: np.ndarray
    evaluations: int
    cells: Floats | None = None
