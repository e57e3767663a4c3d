"""Geometries in memory, shared by the sessions of a process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.meshes.mesh import MeshGeometry, is_stored, mesh_geometry, stored_mesh
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.progress import Progress
from explorer.session.source import Source, open_source
from explorer.session.state import State
from explorer.threads import BLOCKS

SECONDS_KNOWN = 1.0
"""How long what is on disk is taken as known [s]: a `precompute` that ends beside an open page is soon noticed."""


MAX_SOURCES = 16
"""Sources of which it is known at once."""


@lru_cache(maxsize=16)
def _source(key: tuple[Any, ...]) -> Source:
    """The source of a `State.geometry_key`: asked for several times in each tick of a drag."""
    name, parameters, tolerance, pairs = key
    return open_source(name, dict(parameters), degeneracy_tolerance=tolerance, kramers_pairs=pairs)


class GeometryCache:
    """Least-recently-used meshes of all sessions, bounded in bytes; no key is computed twice at once."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._found: OrderedDict[object, MeshGeometry] = OrderedDict()
        self._held = 0
        self._busy: dict[object, threading.Lock] = {}
        self._lock = threading.Lock()
        self._seconds_per_k: dict[str, float] = {}
        self._asked: OrderedDict[object, tuple[float, int | None]] = OrderedDict()

    @property
    def held_bytes(self) -> int:
        """Memory of the meshes that are held."""
        return self._held

    def peek(self, state: State, n: int) -> MeshGeometry | None:
        """The mesh if it is there."""
        with self._lock:
            found = self._found.get((state.geometry_key, n))
            if found is not None:
                self._found.move_to_end((state.geometry_key, n))
            return found

    def get(self, state: State, n: int, progress: Progress | None = None, keep: bool = True) -> MeshGeometry:
        """The mesh, computed in the caller's thread unless another thread is at it already.

        keep : hold it for later; fresh memory takes longer to get than the quick meshes of a drag to compute.
        """
        key = (state.geometry_key, n)
        with self._lock:
            gate = self._busy.setdefault(key, threading.Lock())
        with gate:
            found = self.peek(state, n)
            if found is not None:
                with self._lock:
                    self._busy.pop(key, None)
                return found
            source = _source(state.geometry_key)
            ready = is_stored(source, n)
            if not ready and state.source not in self._seconds_per_k:
                band_geometry(
                    source.hamiltonian, np.zeros((2, 1))
                )  # a compilation is not part of the measure
            start = time.perf_counter()
            found = mesh_geometry(source, n, progress)
            elapsed = time.perf_counter() - start
            if not ready:
                self._rate(state.source, elapsed / (n * n + found.path.k.shape[1]))
            with self._lock:
                self._busy.pop(key, None)
                if keep:
                    self._found[key] = found
                    self._held += found.nbytes
                    while self._held > self.capacity and len(self._found) > 1:
                        self._held -= self._found.popitem(last=False)[1].nbytes
            return found

    def stored(self, state: State) -> int | None:
        """As `stored_mesh`, asked anew after `SECONDS_KNOWN`: a look takes milliseconds, and every tick wants it."""
        now = time.monotonic()
        with self._lock:
            when, found = self._asked.get(state.geometry_key, (-np.inf, None))
        if now - when > SECONDS_KNOWN:
            found = stored_mesh(_source(state.geometry_key))
            with self._lock:
                self._asked[state.geometry_key] = (now, found)
                self._asked.move_to_end(state.geometry_key)
                while len(self._asked) > MAX_SOURCES:
                    self._asked.popitem(last=False)
        return found

    def measure(self, state: State) -> None:
        """Time a few wave vectors of a source of which only stored meshes have been seen."""
        h = _source(state.geometry_key).hamiltonian
        k = np.random.default_rng(0).uniform(0.1, 1.0, (2, 17))
        band_geometry(h, k[:, :1])
        start = time.perf_counter()
        band_geometry(h, k[:, 1:], pool=BLOCKS)
        self._rate(state.source, (time.perf_counter() - start) / 16)

    def seconds(self, state: State, n: int) -> float | None:
        """Expected time of a mesh of this source, from those computed before; None before the first."""
        rate = self._seconds_per_k.get(state.source)
        return None if rate is None else rate * n * n

    def _rate(self, name: str, rate: float) -> None:
        """Take note of the seconds a wave vector took."""
        with self._lock:
            # The first measure may hold a compilation: later ones pull it down at once, and up slowly.
            before = self._seconds_per_k.get(name, rate)
            self._seconds_per_k[name] = min(rate, 0.9 * before + 0.1 * rate)


SHARED = GeometryCache(capacity=768 * 2**20)
"""The cache of this process."""
