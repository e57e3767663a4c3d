r"""Drude conductivity: the current that the field drives, which an experiment has beside the moment it looks for.

$$\sigma_{ij}=\frac{e^2\tau}{\hbar^2}\int\frac{d^2k}{(2\pi)^2}
  \sum_n(-f_0')\,\partial_i\epsilon_n\,\partial_j\epsilon_n .$$

The slope of a degenerate group is its mean; where bands only meet, on a line, the difference has no weight.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import ELEMENTARY_CHARGE, HBAR, PLANCK_REDUCED_J


def _slopes(g: BandGeometry) -> Floats:
    x, y = g.velocity
    return np.stack([x * x, x * y, y * y])


CONDUCTIVITY_PER_PICOSECOND = Integrand(
    "conductivity",
    ("xx", "xy", "yy"),
    None,
    _slopes,
    ELEMENTARY_CHARGE**2 / PLANCK_REDUCED_J * 1e-12 / HBAR,
    0.0,
    ((0, 0), (2, 2)),
)
"""sigma_xx, sigma_xy, sigma_yy [S] of a sheet for tau = 1 ps; multiply by tau/ps. What would be alpha is not given."""
