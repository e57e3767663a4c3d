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

from explorer.physics.geometry import BandGeometry
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT
from models.arrays import Floats

Density = Callable[[BandGeometry], Floats]
"""From a geometry to (C, N, K)."""


@dataclass(frozen=True)
class Integrand:
    """One response: its densities and the units of its two coefficients.

    sea, surface : densities a, b (None: zero), (C, N, K).
    components : names of the C components.
    chi_unit, alpha_unit : what the integrals (alpha's divided by k_B) are multiplied by.
    """

    name: str
    components: tuple[str, ...]
    sea: Density | None
    surface: Density | None
    chi_unit: float
    alpha_unit: float
    chi_label: str
    alpha_label: str

    def densities(self, g: BandGeometry) -> tuple[Floats, Floats]:
        """Sea and surface densities, (C, N, K) each."""
        nothing = np.zeros((len(self.components), *g.energy.shape))
        return (
            self.sea(g) if self.sea else nothing,
            self.surface(g) if self.surface else nothing,
        )


INTRINSIC = Integrand(
    "intrinsic, surface form", ("x", "y"), lambda g: g.term1, lambda g: g.surface_density,
    CHI_UNIT, ALPHA_UNIT, "chi_nm_per_ohm", "alpha_nA_nm_per_K",
)  # fmt: skip
"""(8), (9) with the second term of (11) integrated by parts onto the Fermi surface."""

INTRINSIC_SEA = Integrand(
    "intrinsic, sea form", ("x", "y"), lambda g: g.lambda_, None,
    CHI_UNIT, ALPHA_UNIT, "chi_nm_per_ohm", "alpha_nA_nm_per_K",
)  # fmt: skip
"""(8), (9) as printed."""

FORMS = {"surface": INTRINSIC, "sea": INTRINSIC_SEA}


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
