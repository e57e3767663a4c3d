r"""Occupation functions of the theory, safe for any argument.

With $x = (\epsilon-\mu)/k_BT$: $f_0 = 1/(e^x+1)$; entropy density per state $s_0$, eq. (10); the grand potential
density per state $g_0 = -k_BT\ln(1+e^{-x})$; and $-f_0' = f_0(1-f_0)/k_BT$ (theory sections 1 and 3).
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.units import K_B


def _reduced(energy: Floats, mu: Floats | float, temperature: Floats | float) -> Floats:
    if np.any(np.asarray(temperature) <= 0):
        raise ValueError(f"temperature must be above 0 K, got {temperature}")
    return np.asarray((energy - mu) / (K_B * np.asarray(temperature)))


def fermi(energy: Floats, mu: Floats | float, temperature: Floats | float) -> Floats:
    """Fermi function f0; energies and mu in eV, temperature in K > 0."""
    return np.asarray(0.5 - 0.5 * np.tanh(0.5 * _reduced(energy, mu, temperature)))


def fermi_slope(energy: Floats, mu: Floats | float, temperature: Floats | float) -> Floats:
    """-df0/de [1/eV], positive."""
    x = np.exp(-np.abs(_reduced(energy, mu, temperature)))
    return np.asarray(x / (1 + x) ** 2 / (K_B * np.asarray(temperature)))


def entropy(energy: Floats, mu: Floats | float, temperature: Floats | float) -> Floats:
    """Entropy per state s0 / k_B, eq. (10): x f0 + ln(1 + exp(-x)), dimensionless, between 0 and ln 2."""
    x = np.abs(_reduced(energy, mu, temperature))  # s0 is even in x
    decay = np.exp(-x)
    return np.asarray(x * decay / (1 + decay) + np.log1p(decay))


def entropy_slope(energy: Floats, mu: Floats | float, temperature: Floats | float) -> Floats:
    """-(1/k_B) ds0/de = x (-f0') [1/eV], odd in x (theory (2.7): s0' = (e - mu) f0'/T)."""
    return _reduced(energy, mu, temperature) * fermi_slope(energy, mu, temperature)


def grand_potential(energy: Floats, mu: Floats | float, temperature: Floats | float) -> Floats:
    """g0 = -k_B T ln(1 + exp(-x)) [eV], theory (3.1); -dg0/dmu = f0, -dg0/dT = s0."""
    x = _reduced(energy, mu, temperature)
    return -K_B * np.asarray(temperature) * np.logaddexp(0.0, -x)


FULL = 40.0
"""Reduced energy from which on a state is full or empty to double precision."""
