"""Which group of bands stands for all of a crystal, found once and kept in memory and on disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from weakref import WeakKeyDictionary

import numpy as np

from explorer.meshes.node_store import KeptNodes
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.kernels.rows import ROW_COUNT, ROWS
from explorer.physics.progress import Pool, Progress
from explorer.physics.reduction.kernel import RESULTS
from explorer.physics.reduction.reduced import FILLED_ROWS, LEAST_BANDS, Kept, ReducedBands, reduce_bands
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC

_Key = tuple[Integrand, float, float, float, float, float]


class _Found:
    """Groups and nodes of one Hamiltonian."""

    def __init__(self, h: Hamiltonian, on_disk: bool = True) -> None:
        self.lock = threading.Lock()
        self.kept = Kept(KeptNodes(h)) if on_disk else Kept()
        self.groups: dict[_Key, ReducedBands | None] = {}


_found: WeakKeyDictionary[Hamiltonian, _Found] = WeakKeyDictionary()
_door = threading.Lock()
_own: ContextVar[WeakKeyDictionary[Hamiltonian, _Found] | None] = ContextVar("own", default=None)


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Groups found within depend on nothing found before, in memory or on disk, and leave nothing there.

    Nodes of an earlier group make a later one finer than it would be: as accurate, but with other last digits.
    """
    token = _own.set(WeakKeyDictionary())
    try:
        yield
    finally:
        _own.reset(token)


def worth_a_group(h: Hamiltonian, integrand: Integrand = INTRINSIC) -> bool:
    """Whether a group of bands is looked for: of a lattice with many bands, for densities that it can give."""
    return isinstance(h, LatticeHamiltonian) and h.size >= LEAST_BANDS and _from_group(integrand)


def group_for(
    h: Hamiltonian,
    mu: Floats | float,
    temperature: Floats | float,
    *,
    integrand: Integrand = INTRINSIC,
    rtol: float = 1e-3,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> ReducedBands | None:
    """A group of bands with which a response at mu (M,) [eV] and T (T,) [K] is as accurate as rtol, or None: take all.

    Found again at once for the same range of mu and temperatures; nodes of an earlier one are used for others.
    """
    if not worth_a_group(h, integrand):
        return None
    own = _own.get()
    known = _found if own is None else own
    with _door:
        found = known.get(h) or known.setdefault(h, _Found(h, on_disk=own is None))
    mu, temperature = np.atleast_1d(mu), np.atleast_1d(temperature)
    key = (
        integrand,
        float(mu.min()),
        float(mu.max()),
        float(temperature.min()),
        float(temperature.max()),
        rtol,
    )
    with found.lock:
        if key not in found.groups:
            found.groups[key] = reduce_bands(
                h, mu, temperature, integrand.densities, rtol, kept=found.kept, pool=pool, progress=progress
            )
        return found.groups[key]


@cache
def _from_group(integrand: Integrand) -> bool:
    """Whether the densities need no more of a geometry than a group of bands gives, and of the filled bands."""
    for names, part in ((RESULTS, slice(None)), (FILLED_ROWS, slice(1))):
        values = np.full((ROW_COUNT, 1, 1), np.nan)
        values[[ROWS[name] for name in names]] = 1.0
        g = BandGeometry(np.zeros((2, 1)), values, np.zeros((1, 1), dtype=np.int64))
        if not np.isfinite(integrand.densities(g)[part]).all():
            return False
    return True
