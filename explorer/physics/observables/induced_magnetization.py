"""What E and a temperature gradient induce: (7), as a moment per area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.units import MAGNETIZATION_UNIT


@dataclass(frozen=True)
class Induced:
    """Magnetization along z and its causes.

    electric, thermal, total : [A], total = electric + thermal. in_muB_per_nm2 : total in mu_B/nm^2.
    """

    electric: float
    thermal: float

    @property
    def total(self) -> float:
        """Magnetic moment per area [A]."""
        return self.electric + self.thermal

    @property
    def in_muB_per_nm2(self) -> float:
        """The total [mu_B/nm^2]."""
        return self.total / MAGNETIZATION_UNIT


def induced_magnetization(
    chi: Floats,
    alpha: Floats,
    field: Floats,
    temperature_gradient: Floats,
    potential_gradient: Floats | None = None,
) -> Induced:
    r"""$\delta M=\chi\cdot(E-\nabla\mu/e)-\alpha\cdot\nabla T$ (7).

    Parameters
    ----------
    chi, alpha : (2,) [nm/ohm] and [nA nm/K].
    field : E (2,) [V/m]. temperature_gradient : (2,) [K/m].
    potential_gradient : grad mu (2,) [eV/m]; with e < 0 it adds to E.
    """
    drive = np.asarray(field, dtype=float)
    if potential_gradient is not None:
        drive = drive + np.asarray(potential_gradient, dtype=float)  # -grad(mu)/e = +grad(mu)/|e|
    electric = 1e-9 * float(np.dot(chi, drive))
    return Induced(electric, -1e-18 * float(np.dot(alpha, temperature_gradient)))
