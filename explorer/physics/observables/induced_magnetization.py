"""What E and a temperature gradient induce: theory (7), as a moment per area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.units import MAGNETIZATION_UNIT

CHI_TIMES_FIELD = 1e-9
"""1 nm/ohm times 1 V/m [A]."""
ALPHA_TIMES_GRADIENT = 1e-18
"""1 nA nm/K times 1 K/m [A]."""

Value = TypeVar("Value", float, Floats)


@dataclass(frozen=True, eq=False)
class Induced(Generic[Value]):
    """Magnetization along z and its causes: numbers, or arrays over whatever the responses are given over.

    electric, thermal, total : [A], total = electric + thermal. in_muB_per_nm2 : total in mu_B/nm^2.
    """

    electric: Value
    thermal: Value

    @property
    def total(self) -> Value:
        """Magnetic moment per area [A]."""
        return self.electric + self.thermal

    @property
    def in_muB_per_nm2(self) -> Value:
        """The total [mu_B/nm^2]."""
        return self.total / MAGNETIZATION_UNIT


def in_plane(size: float, degrees: float) -> Floats:
    """A vector of the plane (2,) by its size and its angle from x [degrees]."""
    angle = np.radians(degrees)
    return size * np.array([np.cos(angle), np.sin(angle)])


def induced_curve(
    chi: Floats,
    alpha: Floats,
    field: Floats,
    temperature_gradient: Floats,
    potential_gradient: Floats | None = None,
) -> Induced[Floats]:
    r"""$\delta M=\chi\cdot(E-\nabla\mu/e)-\alpha\cdot\nabla T$, theory (7), wherever chi and alpha are given.

    A response that no field asks for adds nothing, even where it is not known (NaN).

    Parameters
    ----------
    chi, alpha : (..., 2) [nm/ohm] and [nA nm/K].
    field : E (2,) [V/m]. temperature_gradient : (2,) [K/m].
    potential_gradient : grad mu (2,) [eV/m]; with e < 0 it adds to E.
    """
    drive = np.asarray(field, dtype=float)
    if potential_gradient is not None:
        drive = drive + np.asarray(potential_gradient, dtype=float)  # -grad(mu)/e = +grad(mu)/|e|
    return Induced(
        CHI_TIMES_FIELD * _along(chi, drive), -ALPHA_TIMES_GRADIENT * _along(alpha, temperature_gradient)
    )


def induced_magnetization(
    chi: Floats,
    alpha: Floats,
    field: Floats,
    temperature_gradient: Floats,
    potential_gradient: Floats | None = None,
) -> Induced[float]:
    """Magnetization (7) of one chi and one alpha, (2,) each; arguments as of `induced_curve`."""
    found = induced_curve(chi, alpha, field, temperature_gradient, potential_gradient)
    return Induced(float(found.electric), float(found.thermal))


def induced_error(
    chi_error: Floats, alpha_error: Floats, field: Floats, temperature_gradient: Floats
) -> Induced[Floats]:
    """Error bar of (7) from those of chi and alpha, (..., 2) each: the sum of the sizes of all that may be wrong.

    The errors of the components are not known to cancel, whatever the directions of the fields.
    """
    return induced_curve(chi_error, -alpha_error, np.abs(field), np.abs(temperature_gradient))


def _along(response: Floats, drive: Floats) -> Floats:
    if not np.any(drive):
        return np.zeros(np.shape(response)[:-1])
    return np.asarray(response @ drive)
