"""What the models of the Hamiltonians that were opened here say of their symmetry, and what of it is used."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from weakref import WeakKeyDictionary

import numpy as np

from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.model import Model
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.cost import MANY_BANDS
from explorer.physics.symmetry.operations import verify

EXACT, EXACT_IN_FILES = 1e-10, 1e-6
"""Largest residual of a symmetry that is used [eV, angstrom; of what is smaller, its share]; of a large matrix the
rounding of a file in single precision."""

_declared: WeakKeyDictionary[Hamiltonian, Callable[[], tuple[Symmetry, ...]]] = WeakKeyDictionary()
_exact: WeakKeyDictionary[Hamiltonian, tuple[Symmetry, ...]] = WeakKeyDictionary()


def declare(h: Hamiltonian, model: Model) -> None:
    """Note what a model says of its H; where it has sliders it is asked only when that is wanted: no drag asks."""
    if h in _declared:
        return
    if model.quantities():
        _declared[h] = copy(model).symmetries
    else:
        known = model.symmetries()
        _declared[h] = lambda: known


def exact_operations(h: Hamiltonian) -> tuple[Symmetry, ...]:
    """Declared operations that move wave vectors and were verified on H(k) and the position matrices."""
    found = _exact.get(h)
    if found is None:
        k, limit = np.array([[0.1234], [0.2345]]), EXACT_IN_FILES if h.size > MANY_BANDS else EXACT
        energy, length = _scales(h)
        declared = _declared.get(h, tuple)()
        moving = [s for s in declared if np.abs(s.image(k) - k).max() > EXACT]
        checks = verify(h, moving, tolerance=limit * energy)
        found = _exact[h] = tuple(
            c.symmetry for c in checks if c.holds and c.connection_residual <= limit * length
        )
    return found


def _scales(h: Hamiltonian) -> tuple[float, float]:
    """Sizes of H [eV] and of its cell [angstrom] where they are below one, else one: residuals of either are small."""
    if not isinstance(h, LatticeHamiltonian):
        return 1.0, 1.0
    return min(1.0, float(np.abs(h.hoppings).max(initial=0.0))), min(1.0, float(h.cell_area**0.5))
