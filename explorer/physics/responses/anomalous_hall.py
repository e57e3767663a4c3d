"""Anomalous Hall and Nernst conductivity, theory (4.3) and (4.4)."""

from __future__ import annotations

import numpy as np

from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import BOLTZMANN_J, ELEMENTARY_CHARGE, PLANCK_REDUCED_J

HALL = Integrand(
    "anomalous Hall and Nernst",
    ("xy",),
    lambda g: g.berry_curvature[None],
    None,
    -2 * np.pi,
    1e9 * ELEMENTARY_CHARGE * BOLTZMANN_J / PLANCK_REDUCED_J,
    ((0, 2), (0, 2)),
)
r"""$\sigma_{xy}=-(e^2/\hbar)\int f_0\Omega$ in e^2/h and $\alpha^A_{xy}=-(e/\hbar)\int s_0\Omega$ in nA/K."""
