r"""Hamiltonians of uncoupled parts, as both valleys or both spins: each part by itself, then its levels in one order.

No derivative of H leads from one part to another, so (11) of a level is a sum over its own part, and that of a
degenerate group of levels of several parts is the sum of theirs, as are the traces of products with their slopes.
The work falls with the square of the number of parts, but for putting the levels in order.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.physics.compiled import njit

EQUAL_LEVELS_SHARE = 1e-13
"""Levels of several parts within this share of the largest energy are equal."""


def uncoupled_parts(h: Hamiltonian) -> list[Integers]:
    """Orbitals (n,) of each part of h that nothing couples to the rest."""
    if isinstance(h, LatticeHamiltonian):
        coupled = (h.hoppings != 0).any(axis=0)
        if h.dipoles is not None:
            coupled |= (h.dipoles != 0).any(axis=(0, 1))
    else:
        coupled = (h.matrices != 0).any(axis=0)
    coupled |= coupled.T
    left, parts = np.ones(h.size, dtype=bool), []
    while left.any():
        part = np.zeros(h.size, dtype=bool)
        part[left.argmax()] = True
        while (grown := part | coupled[part].any(axis=0)).sum() > part.sum():
            part = grown
        left &= ~part
        parts.append(np.flatnonzero(part))
    return parts


def restricted(h: Hamiltonian, orbitals: Integers) -> Hamiltonian:
    """The Hamiltonian of some orbitals alone, with the degeneracy tolerance of the whole."""
    row, column = orbitals[:, None], orbitals
    if isinstance(h, LatticeHamiltonian):
        return replace(
            h,
            positions=h.positions[orbitals],
            hoppings=h.hoppings[:, row, column],
            dipoles=None if h.dipoles is None else h.dipoles[:, :, row, column],
        )
    return replace(h, matrices=h.matrices[:, row, column])


@njit
def merge(
    every: Floats, groups: Integers, part: Integers, tolerance: float, values: Floats, numbers: Integers
) -> Bools:
    """Order the levels of all parts at each k.

    every (ROW_COUNT, N, K), rows as `ROWS`, groups (N, K): what the parts' kernels gave, part after part; part
    (N,): which part a row is of; tolerance: of degenerate levels [eV].
    Out: values (ROW_COUNT, N, K), numbers (N, K), and, returned, (K,) whether the groups are not the parts' own: two
    of one part are one through a level of another, or levels are close and not equal, so that their mean counts.
    """
    rows, n, count = every.shape
    order, unlike = np.empty(n, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    for q in range(count):
        largest = 0.0
        for i in range(n):
            e = every[0, i, q]
            largest = max(largest, abs(e))
            at = i
            while at > 0 and every[0, order[at - 1], q] > e:
                order[at] = order[at - 1]
                at -= 1
            order[at] = i
        first = 0
        for last in range(1, n + 1):
            if last < n and every[0, order[last], q] - every[0, order[last - 1], q] <= tolerance:
                continue
            alone = True
            for at in range(first, last):
                i = order[at]
                numbers[at, q] = 0 if first == 0 else numbers[first - 1, q] + 1
                values[0, at, q] = every[0, i, q]
                for other in range(first, at):
                    j = order[other]
                    if part[i] == part[j]:
                        unlike[q] = unlike[q] or groups[i, q] != groups[j, q]
                    else:
                        alone = False
                        apart = abs(every[0, i, q] - every[0, j, q])
                        unlike[q] = unlike[q] or apart > EQUAL_LEVELS_SHARE * largest
            for row in range(1, rows):
                total = 0.0
                for at in range(first, last):
                    values[row, at, q] = every[row, order[at], q]
                    total += every[row, order[at], q]
                if not alone:
                    for at in range(first, last):
                        values[row, at, q] = total / (last - first)
            first = last
    return unlike
