"""Which temperatures a sweep takes: what lies below or beyond is refused, and by how much is said."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.bloch import energies
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of

MAX_TEMPERATURE = 1e6
"""Highest temperature [K]: k_B T is 86 eV, and no band of a model is empty."""
MIN_SHARE_OF_WIDTH = 1e-6
"""Least k_B T relative to the width of all bands: the smoothing of a Fermi line that double precision resolves."""
NEVER_TOO_LOW = 1.0
"""From here on [K] the width of the bands need not be known: 86 eV would be too much."""
LOOK = 12
"""Points a side of the mesh that the width is taken from."""


def check_numbers(values: Floats, what: str) -> None:
    """ValueError where `what`, meant to be (M,), is empty, no list of numbers, or not finite."""
    if values.ndim != 1:
        raise ValueError(
            f"{what} must be one number or a list of numbers, got an array of shape {values.shape}"
        )
    if values.size == 0:
        raise ValueError(f"give a value of {what}, or more")
    if not np.isfinite(values).all():
        raise ValueError(f"{what} must be finite numbers")


def check_temperatures(h: Hamiltonian, temperature: Floats) -> None:
    """ValueError for temperatures (T,) [K] that are not finite, not above zero, beyond or below what is integrated.

    Below the least one a crystal is at T = 0 for all purposes: chi differs from its limit by terms in T^2, and alpha
    is proportional to T, (13).
    """
    check_numbers(temperature, "temperature")
    if np.any(temperature <= 0):
        raise ValueError(f"temperature must be above 0 K, got {temperature.min():g}")
    if temperature.max() > MAX_TEMPERATURE:
        raise ValueError(
            f"temperatures up to {MAX_TEMPERATURE:g} K are taken, where k_B T is {K_B * MAX_TEMPERATURE:.2g} eV; got "
            f"{temperature.max():g}"
        )
    lowest = float(temperature.min())
    if lowest >= NEVER_TOO_LOW:
        return
    width = float(np.ptp(energies(h, zone_of(h).mesh(LOOK)[0])))
    least = MIN_SHARE_OF_WIDTH * width / K_B
    if lowest < least:
        rounded = float(f"{1.005 * least:.2g}")
        rounded = rounded if rounded >= least else float(f"{1.06 * least:.2g}")
        raise ValueError(
            f"the lowest temperature for this source is {rounded:g} K, where k_B T is a millionth of the width of its "
            f"bands ({width:.3g} eV); got {lowest:g} K. Below it chi is that of {rounded:g} K up to terms in T^2, and "
            "alpha is proportional to T, equation (13)"
        )
