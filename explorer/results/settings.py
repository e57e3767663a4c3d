"""How an integral over the zone is asked for: method, mesh and tolerance, and what a command may spend."""

from __future__ import annotations

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.results.temperatures import check_numbers, check_temperatures

METHODS = ("adaptive", "triangle", "sum")

WAVE_VECTORS_OF_A_COMMAND = 1.5
"""Wave vectors that a command may take of a large crystal, in units of what the page may: one waits for a command."""


def default_mesh(h: Hamiltonian) -> int:
    """Points a side that take seconds: fewer for more bands."""
    return 192 if h.size <= 8 else 96 if h.size <= 32 else 36


def check_settings(
    h: Hamiltonian, method: str, rtol: float, max_evaluations: int | None, mu: Floats, temperature: Floats
) -> None:
    """ValueError for settings that no integrator takes, mu (M,) [eV] and temperatures (T,) [K] among them."""
    if method not in METHODS:
        raise ValueError(f"no method {method}; one of {', '.join(METHODS)}")
    if max_evaluations is not None and max_evaluations < 1:
        raise ValueError(f"max_evaluations must be 1 or more, got {max_evaluations}")
    if not rtol > 0:
        raise ValueError(f"rtol must be above 0, got {rtol:g}")
    check_numbers(mu, "mu")
    check_temperatures(h, temperature)
