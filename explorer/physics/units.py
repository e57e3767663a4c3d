"""Constants and conversions: eV, angstrom, K, s inside; the paper's units outside (theory section 5).

CODATA 2018; e, k_B and h are exact in the SI.
"""

from __future__ import annotations

from math import pi

ELEMENTARY_CHARGE = 1.602176634e-19
"""|e| [C]; the electron charge e of the theory is its negative."""
BOLTZMANN_J = 1.380649e-23
PLANCK_REDUCED_J = 6.62607015e-34 / (2 * pi)
ELECTRON_MASS = 9.1093837015e-31
BOHR_MAGNETON = ELEMENTARY_CHARGE * PLANCK_REDUCED_J / (2 * ELECTRON_MASS)
"""[A m^2]"""

K_B = BOLTZMANN_J / ELEMENTARY_CHARGE
"""Boltzmann constant [eV/K]."""
HBAR = PLANCK_REDUCED_J / ELEMENTARY_CHARGE
"""Reduced Planck constant [eV s]."""

CHI_UNIT = 1e9 * 1e-10 * ELEMENTARY_CHARGE**2 / PLANCK_REDUCED_J
"""1 angstrom e^2/hbar in nm/ohm: 2.434e-5, theory (5.1)."""
ALPHA_UNIT = -1e9 * 1e9 * 1e-10 * ELEMENTARY_CHARGE * BOLTZMANN_J / PLANCK_REDUCED_J
"""1 angstrom e k_B/hbar in nA nm/K, with e < 0: -2.0976, theory (5.2)."""
MAGNETIZATION_UNIT = BOHR_MAGNETON * 1e18
"""1 mu_B/nm^2 in A: 9.274e-6, theory (5.3)."""
MOMENT_UNIT = 2 * ELECTRON_MASS * ELEMENTARY_CHARGE * 1e-20 / PLANCK_REDUCED_J**2
"""1 eV angstrom^2 |e|/hbar in mu_B: 0.26247 (the inverse of hbar^2/2m in eV angstrom^2)."""
