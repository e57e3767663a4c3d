r"""Fields of a magnetised flake off its axis, and of the current that drives it.

A disc of moment per area M is a current M around its edge. Off the axis, at a distance $\rho$ from it and a height z,

$$B_z=\frac{\mu_0M}{2\pi}\frac{1}{\sqrt{(R+\rho)^2+z^2}}\Big[K(m)+\frac{R^2-\rho^2-z^2}{(R-\rho)^2+z^2}E(m)\Big],\qquad
m=\frac{4R\rho}{(R+\rho)^2+z^2},$$

with complete elliptic integrals (J. D. Jackson, Classical Electrodynamics, section 5.5).
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.observables.experiment import VACUUM_PERMEABILITY


def disc_field(magnetization: float, radius: float, distance: Floats | float, height: float) -> Floats:
    """B_z [T] of a disc of magnetization [A] and radius [m], at distances from its axis and a height [m]."""
    from scipy.special import ellipe, ellipk  # slow to load, and the page is sent without

    r = np.asarray(distance, dtype=float)
    outer, inner = (radius + r) ** 2 + height**2, (radius - r) ** 2 + height**2
    m = 4 * radius * r / outer
    shape = ellipk(m) + (radius**2 - r**2 - height**2) / inner * ellipe(m)
    return np.asarray(VACUUM_PERMEABILITY * magnetization / (2 * np.pi) * shape / np.sqrt(outer))


def largest_field(magnetization: float, radius: float, height: float) -> tuple[float, float]:
    """The largest B_z [T] at a height [m] above a disc, with its sign, and how far inside the edge it is read [m].

    About a height inside the edge, where that is small beside the radius: mu_0 M / 4 pi z.
    """
    from scipy.optimize import minimize_scalar

    def shortfall(depth: float) -> float:
        return -float(disc_field(1.0, radius, radius - depth, height))

    reach = min(radius, 4 * height)
    found = minimize_scalar(
        shortfall, bounds=(0.0, reach), method="bounded", options={"xatol": 1e-6 * height}
    )
    depth = float(found.x) if found.fun < shortfall(radius) else radius
    return magnetization * -shortfall(depth), depth


def sheet_field(current: float) -> float:
    """In-plane field [T] above and below a wide sheet that carries a current per width [A/m]: mu_0 K / 2."""
    return VACUUM_PERMEABILITY * current / 2


def strip_field(current: float, radius: float, offset: Floats | float, height: float) -> Floats:
    """B_z [T] of a strip of width 2 R [m] that carries a current per width [A/m], beside its middle [m]; zero there."""
    x = np.asarray(offset, dtype=float)
    ratio = ((radius + x) ** 2 + height**2) / ((radius - x) ** 2 + height**2)
    return np.asarray(VACUUM_PERMEABILITY * current / (4 * np.pi) * np.log(ratio))


def offset_of_equal_field(field: float, current: float, radius: float, height: float) -> float:
    """How far from the middle of such a strip [m] its B_z is as large as a small field [T]; infinite without any."""
    slope = VACUUM_PERMEABILITY * abs(current) * radius / (np.pi * (radius**2 + height**2))
    return abs(field) / slope if slope else np.inf
