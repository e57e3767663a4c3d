r"""Which functions of a spinor file are spin up and down of one orbital.

Wannier90 lets them alternate since its version 2; before, and from older VASP, all of spin up come first. No file says
which. The hoppings do: between different orbitals $\langle i\uparrow|H|j\uparrow\rangle$ is
$\langle i\downarrow|H|j\downarrow\rangle^*$ but for exchange, while orbitals paired wrongly have nothing in common.
"""

from __future__ import annotations

import numpy as np

from models.arrays import Complexes, Floats, Integers

ALTERNATING, HALVES = "up and down alternate", "all up, then all down"
CLEAR = 0.5
"""The better order must have at most this share of the other's misfit; else the hoppings do not tell."""

PARTNERS = 0.1
"""Largest distance between the centres of spin up and down [angstrom]; those of two orbitals are often farther."""


def spin_indices(n: int, order: str) -> tuple[Integers, Integers]:
    """Indices of spin up and of spin down among n functions, orbital by orbital."""
    every = np.arange(n)
    return (every[::2], every[1::2]) if order == ALTERNATING else (every[: n // 2], every[n // 2 :])


def order_in(hoppings: Complexes) -> str | None:
    """The order that hoppings (R, N, N) show; None for an odd N and where they do not tell."""
    n = hoppings.shape[-1]
    if n % 2 or n < 4:
        return None
    found = {order: _misfit(hoppings, *spin_indices(n, order)) for order in (ALTERNATING, HALVES)}
    best = min(found, key=lambda order: found[order])
    return best if found[best] < CLEAR * max(found.values()) else None


def orders_at(centres: Floats, cell: Floats) -> list[str]:
    """The orders in which centres (N, 3) [angstrom] of up and down of every orbital coincide modulo the lattice."""
    n, inverse = len(centres), np.linalg.inv(cell)
    found = []
    for order in (ALTERNATING, HALVES) if n % 2 == 0 else ():
        up, down = spin_indices(n, order)
        step = (centres[up] - centres[down]) @ inverse
        if np.linalg.norm((step - np.round(step)) @ cell, axis=1).max() < PARTNERS:
            found.append(order)
    return found


def spinor_centres(sites: Floats, hoppings: Complexes | None, expected: str) -> tuple[Floats, str]:
    """Centres (2 M, 3) of the spinors on the sites (M, 3) of their orbitals, and what to note.

    The order is what the hoppings show, else the `expected` one.
    """
    shown = None if hoppings is None else order_in(hoppings)
    order = shown or expected
    centres = np.empty((2 * len(sites), 3))
    for indices in spin_indices(len(centres), order):
        centres[indices] = sites
    return centres, f"Spinors: {order}{', as the hoppings show' if shown else ''}."


def _misfit(hoppings: Complexes, up: Integers, down: Integers) -> float:
    """How much hoppings between different orbitals of spin up differ from those of spin down, relative to them."""
    first, second = hoppings[:, up][:, :, up], hoppings[:, down][:, :, down]
    apart = ~np.eye(len(up), dtype=bool)
    a, b = first[:, apart], second[:, apart]
    size = np.hypot(np.linalg.norm(a), np.linalg.norm(b))
    # Complex harmonics may be the same functions for both spins: then there is no conjugate.
    return float(min(np.linalg.norm(a - b.conj()), np.linalg.norm(a - b)) / size) if size > 0 else np.inf
