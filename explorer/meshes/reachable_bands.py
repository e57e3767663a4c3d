"""Which bands of a large crystal are kept on a mesh: all that any mu and T on offer can fill.

The energy window of a source bounds mu: what `precompute` stores with a window is what the page and `compute` read.

Bands above are empty to double precision at every mu of the energy window and every T of the slider, and add nothing
to any integral: leaving them out is exact. What is kept begins with the lowest band, since every filled one counts
in chi, in the magnetization and in the potential. Sums over intermediate states run over all bands in any case.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.cost import MANY_BANDS
from explorer.physics.geometry.bloch import energies
from explorer.physics.occupations import FULL
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc, zone_of
from explorer.physics.zone.path import sample_path
from explorer.session.quantities import TEMPERATURE
from explorer.session.ranges import mu_bounds
from explorer.session.source import Source

LOOK, PATH = 8, 30
"""Points a side of the mesh, and along the path, on which the lowest energy of each band is looked for."""
UNSEEN_EDGE_EV = 0.3
"""How far below what these points show a band may begin [eV]."""

_found: WeakKeyDictionary[Hamiltonian, dict[float, slice | None]] = WeakKeyDictionary()


def kept_bands(source: Source) -> slice | None:
    """The bands that the page keeps, from the lowest; None for all, and of small crystals always all."""
    h = source.hamiltonian
    zone = zone_of(h)
    if h.size <= MANY_BANDS or isinstance(zone, Disc):
        return None
    top = _highest(source)
    known = _found.setdefault(h, {})
    if top not in known:
        k = np.concatenate([zone.mesh(LOOK)[0], sample_path(source.path(), PATH).k], axis=1)
        count = int((energies(h, k).min(axis=1) - UNSEEN_EDGE_EV <= top).sum())
        count = max(2, min(count + count % 2, h.size))  # no Kramers pair is cut
        known[top] = None if count == h.size else slice(0, count)
    return known[top]


def bands_in_use(source: Source, mu: Floats, temperature: Floats) -> slice | None:
    """The bands that the page keeps, where no mu [eV] and T [K] asked for can fill another; else None, for all."""
    reach = float(np.max(mu)) + FULL * K_B * float(np.max(temperature))
    kept = kept_bands(source)
    return kept if kept is not None and reach <= _highest(source) else None


def _highest(source: Source) -> float:
    """Energy up to which the page can fill states [eV]."""
    return mu_bounds(source.key)[1] + FULL * K_B * TEMPERATURE.limits[1]
