r"""Which functions of a spinor file are spin up and down of one orbital.

Wannier90 lets them alternate since its version 2; before, and from older VASP, all of spin up come first. No file says
which. The hoppings do: between different orbitals $\langle i\uparrow|H|j\uparrow\rangle$ is
$\langle i\downarrow|H|j\downarrow\rangle^*$ but for exchange, while orbitals paired wrongly have nothing in common.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers

ALTERNATING, HALVES = "up and down alternate", "all up, then all down"
CLEAR = 0.5
"""The better order must have at most this share of what the other has; else the hoppings do not tell."""
UNLIKE = 0.5
"""Misfit that the other order must have at least: two like layers, one after the other, look like two spins."""

SHORTER = 0.8
"""Hoppings of the better order must be shorter than this share of the other's."""
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
    worst = max(found.values())
    return best if worst > UNLIKE and found[best] < CLEAR * worst else None


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


def spinor_centres(
    sites: Floats, vectors: Integers, hoppings: Complexes, cell: Floats, expected: str
) -> tuple[Floats, str]:
    r"""Centres (2 M, 3) of the spinors on the sites (M, 3) of their orbitals, and what to note.

    The order is what the hoppings show where they do not contradict themselves, else the `expected` one: by what both
    spins have in common (`order_in`), and since functions that are placed wrongly seem to hop far, by the shorter
    $\sum|H_{ij}(R)|^2|R+\tau_j-\tau_i|^2$.

    vectors, hoppings : (R, 3), (R, N, N). cell : (3, 3) [angstrom].
    """
    placed = {order: _placed(sites, order) for order in (ALTERNATING, HALVES)}
    length = {order: _hopping_length(places, vectors @ cell, hoppings) for order, places in placed.items()}
    shorter = min(length, key=lambda order: length[order])
    votes = {order_in(hoppings), shorter if length[shorter] < SHORTER * max(length.values()) else None} - {
        None
    }
    order = votes.pop() if len(votes) == 1 else None
    return placed[
        order or expected
    ], f"Spinors: {order or expected}{', as the hoppings show' if order else ''}."


def _placed(sites: Floats, order: str) -> Floats:
    centres = np.empty((2 * len(sites), 3))
    for indices in spin_indices(len(centres), order):
        centres[indices] = sites
    return centres


def _hopping_length(centres: Floats, translations: Floats, hoppings: Complexes) -> float:
    total = 0.0
    for translation, block in zip(translations, hoppings, strict=True):
        step = translation + centres[None, :] - centres[:, None]
        total += float((np.abs(block) ** 2 * (step**2).sum(axis=2)).sum())
    return total


def _misfit(hoppings: Complexes, up: Integers, down: Integers) -> float:
    """How much hoppings between different orbitals of spin up differ from those of spin down, relative to them."""
    first, second = hoppings[:, up][:, :, up], hoppings[:, down][:, :, down]
    apart = ~np.eye(len(up), dtype=bool)
    a, b = first[:, apart], second[:, apart]
    size = np.hypot(np.linalg.norm(a), np.linalg.norm(b))
    # Complex harmonics may be the same functions for both spins: then there is no conjugate.
    return float(min(np.linalg.norm(a - b.conj()), np.linalg.norm(a - b)) / size) if size > 0 else np.inf
