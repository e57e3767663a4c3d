"""Equilibrium orbital magnetization, as the Streda relation, theory (4.5), integrates it over mu."""

from __future__ import annotations

from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B, MOMENT_UNIT

MU_B_PER_NM2 = 100 * MOMENT_UNIT
"""1 eV |e|/hbar (a moment of 1 eV angstrom^2 |e|/hbar per angstrom^2) in mu_B/nm^2: 26.247."""


STREDA = Integrand(
    "slope of the equilibrium magnetization",
    ("z",),
    lambda g: g.berry_curvature[None],
    lambda g: g.orbital_moment[None],
    MU_B_PER_NM2,
    MU_B_PER_NM2 * K_B,
    ((0, 2), (1, 2)),
)
r"""$\partial_\mu M=\sigma_{xy}/e+\int(-f_0')m_n$ in mu_B/(nm^2 eV) and $\partial_T M$ in mu_B/(nm^2 K)."""
