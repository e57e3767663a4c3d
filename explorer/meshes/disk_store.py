"""Geometries on disk, found by their content: what took minutes once opens in a second ever after.

An entry is named by a hash of the Hamiltonian's arrays and rules, the wave vectors, the bands and the version of the
kernels, so a changed file or parameter is another entry and nothing stale is ever read. Blocks of wave vectors are
written as they are done: a run that was interrupted goes on where it stopped. Entries longest unused are removed
beyond a size limit. A disk that refuses costs time, not the result.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from explorer.disk.cache_folder import cache_folder
from explorer.disk.replaced import replaced
from explorer.meshes.shipped import shipped_geometry
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.physics.cost import MANY_BANDS
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry, blocks
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.progress import Pool, Progress
from explorer.physics.symmetry.images import reduced_geometry
from explorer.session.declared_symmetries import exact_operations
from explorer.session.source import fingerprint

KERNEL_VERSION = 3
"""To be raised whenever `band_geometry` gives other numbers than before."""
BLOCK = 256
"""Wave vectors a file of an unfinished entry holds: a second or two of a hundred bands."""
PIECE = 64
"""Wave vectors of a family of cells of the adaptive quadrature."""
MAX_BYTES = 4 * 2**30
"""Bytes kept by default; OM_EXPLORER_CACHE_BYTES sets another limit."""
DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)

log = logging.getLogger(__name__)


class GeometryStore:
    """Entries under one folder.

    folder : None asks `cache_folder` at each call. limit : bytes kept. patience : seconds of computing that are worth
    a file; what a dragged slider leaves behind is not.
    """

    def __init__(self, folder: Path | None = None, limit: int | None = None, patience: float = 1.0) -> None:
        self._folder = folder
        self._limit = limit
        self._patience = patience

    @property
    def folder(self) -> Path:
        """Where the entries are."""
        return self._folder or cache_folder()

    @property
    def limit(self) -> int:
        """Bytes kept."""
        if self._limit is not None:
            return self._limit
        text = os.environ.get("OM_EXPLORER_CACHE_BYTES", str(MAX_BYTES))
        if not text.strip().isdecimal():
            raise ValueError(f"OM_EXPLORER_CACHE_BYTES must be a whole number of bytes, it is {text!r}")
        return int(text)

    def key(self, h: Hamiltonian, k: Floats, bands: slice | None = None) -> str:
        """Name of an entry; ValueError, before anything is computed, where the limit of the store is unusable."""
        _ = self.limit
        digest = hashlib.sha256(fingerprint(h).encode())
        kept = None if bands is None else bands.indices(h.size)[:2]
        digest.update(repr((KERNEL_VERSION, kept, k.shape)).encode())
        digest.update(np.ascontiguousarray(k, dtype=float).tobytes())
        return digest.hexdigest()[:40]

    def holds(self, h: Hamiltonian, k: Floats, bands: slice | None = None) -> bool:
        """Whether the geometry can be read without computing."""
        kept = [self._file(self.key(h, k, some)) for some in (bands, None)]
        return shipped_geometry(h, k) is not None or any(file.is_file() for file in kept)

    def entry_size(self, h: Hamiltonian, k: Floats, bands: slice | None = None) -> int:
        """Bytes on disk of the entry that `read` takes; 0 where there is none, as of what ships."""
        kept = (self._file(self.key(h, k, some)) for some in (bands, None))
        return next((_bytes(file) for file in kept if file.is_file()), 0)

    def read(self, h: Hamiltonian, k: Floats, bands: slice | None = None) -> BandGeometry | None:
        """The entry, or those bands of an entry of all; else None. One that cannot be read is removed."""
        for some in (bands, None):
            file = self._file(self.key(h, k, some))
            found = self._load(file)
            if found is not None:
                with contextlib.suppress(OSError):
                    os.utime(file)  # longest unused goes first
                g = BandGeometry(k, *found)
                return g if some is bands else _only(g, bands)
        return None

    def geometry(
        self,
        h: Hamiltonian,
        k: Floats,
        *,
        pool: Pool | None = None,
        progress: Progress | None = None,
        bands: slice | None = None,
    ) -> BandGeometry:
        """As `band_geometry`, read where it is on disk, shipped or left by a run before, else computed and kept."""
        k = np.ascontiguousarray(k, dtype=float)
        found = self.read(h, k, bands) or _only(shipped_geometry(h, k), bands)
        if found is None:
            found = self._compute(h, k, pool, progress, bands)
        elif progress:
            progress(1.0)
        return found

    def points(
        self,
        h: Hamiltonian,
        k: Floats,
        pool: Pool | None = None,
        bands: slice | None = None,
        progress: Progress | None = None,
    ) -> BandGeometry:
        """As `band_geometry`; every `PIECE` wave vectors are an entry of their own, which any other run may meet."""
        k = np.ascontiguousarray(k, dtype=float)
        values = np.empty((ROW_COUNT, _count(h, bands), k.shape[1]))
        groups = np.empty(values.shape[1:], dtype=np.int64)
        missing: list[tuple[slice, Path]] = []
        for part in blocks(k.shape[1], PIECE):
            file = self.folder / "points" / f"{self.key(h, k[:, part], bands)}.npz"
            found = self._load(file)
            if found is None:
                missing.append((part, file))
            else:
                values[..., part], groups[:, part] = found
        if missing:
            at = np.concatenate([np.arange(k.shape[1])[part] for part, _ in missing])
            parts = self._file(self.key(h, k[:, at], bands)).with_suffix(".parts")
            g, keep = self._resumed(h, k[:, at], pool, progress, bands, parts)
            values[..., at], groups[:, at] = g.values, g.groups
            if keep:
                for part, file in missing:
                    self._save(file, values[..., part], groups[:, part])
                shutil.rmtree(parts, ignore_errors=True)
                self.prune(missing[-1][1])
        return BandGeometry(k, values, groups)

    def _compute(
        self,
        h: Hamiltonian,
        k: Floats,
        pool: Pool | None,
        progress: Progress | None,
        bands: slice | None,
    ) -> BandGeometry:
        file = self._file(self.key(h, k, bands))
        parts = file.with_suffix(".parts")
        g, keep = self._resumed(h, k, pool, progress, bands, parts)
        if keep:
            self._save(file, g.values, g.groups)
            shutil.rmtree(parts, ignore_errors=True)
            self.prune(file)
        return g

    def _resumed(
        self,
        h: Hamiltonian,
        k: Floats,
        pool: Pool | None,
        progress: Progress | None,
        bands: slice | None,
        parts: Path,
    ) -> tuple[BandGeometry, bool]:
        """Geometry at k by way of the blocks in the folder `parts`, and whether it took long enough to be kept."""
        begun, resumed = time.monotonic(), parts.is_dir()

        def worth_keeping() -> bool:
            return resumed or time.monotonic() - begun >= self._patience

        def computed(some: Floats) -> BandGeometry:
            return self._blockwise(h, some, pool, progress, bands, parts, worth_keeping)

        return _by_stars(h, k, computed), worth_keeping()

    def _blockwise(
        self,
        h: Hamiltonian,
        k: Floats,
        pool: Pool | None,
        progress: Progress | None,
        bands: slice | None,
        parts: Path,
        worth_keeping: Callable[[], bool],
    ) -> BandGeometry:
        """Geometry at k in blocks, those that are in the folder `parts` read, the others written there."""
        slices = list(blocks(k.shape[1], BLOCK))
        values = np.empty((ROW_COUNT, _count(h, bands), k.shape[1]))
        groups = np.empty(values.shape[1:], dtype=np.int64)
        for index, part in enumerate(slices):

            def report(done: float, index: int = index) -> None:
                if progress:
                    progress((index + done) / len(slices))

            file = parts / f"{index:05d}.npz"
            block = self._load(file)
            if block is None:
                g = band_geometry(h, k[:, part], pool=pool, progress=report, bands=bands)
                block = g.values, g.groups
                if len(slices) > 1 and worth_keeping():
                    self._save(file, *block)
            report(1.0)
            values[..., part], groups[:, part] = block
        return BandGeometry(k, values, groups)

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _load(self, file: Path) -> tuple[Floats, Any] | None:
        try:
            with file.open("rb") as raw, np.load(raw) as stored:
                return stored["values"], stored["groups"].astype(np.int64)
        except FileNotFoundError:
            return None
        except DAMAGED as problem:
            log.warning("%s cannot be read and is removed: %s", file, problem)
            with contextlib.suppress(OSError):
                file.unlink()
            return None

    def _save(self, file: Path, values: Floats, groups: Any) -> None:
        """Write under another name first: what bears the name is whole."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with replaced(file) as draft, draft.open("wb") as raw:
                np.savez(raw, values=values, groups=groups.astype(np.int16))
        except OSError as problem:
            log.warning("%s is not kept: %s", file, problem)

    def prune(self, newest: Path) -> None:
        """Remove what is longest unused until the rest fits the limit; never the newest."""
        with contextlib.suppress(OSError):
            entries = sorted(self.folder.rglob("*.npz"), key=lambda f: f.stat().st_mtime)
            entries = [f for f in entries if f.parent.suffix != ".parts"]
            total = self.size()
            unfinished = sorted(self.folder.glob("*.parts"), key=lambda f: f.stat().st_mtime)
            for entry in [*unfinished, *(f for f in entries if f != newest)]:
                if total <= self.limit:
                    return
                total -= _bytes(entry)
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def size(self) -> int:
        """Bytes on disk."""
        return _bytes(self.folder)


def _count(h: Hamiltonian, bands: slice | None) -> int:
    """Bands of a window; all without one."""
    return h.size if bands is None else len(range(*bands.indices(h.size)))


def _only(g: BandGeometry | None, bands: slice | None) -> BandGeometry | None:
    """A range of bands of a geometry of all, its groups numbered from the first, as `band_geometry` has it."""
    if g is None or bands is None:
        return g
    values, groups = np.ascontiguousarray(g.values[:, bands]), g.groups[bands]
    return BandGeometry(g.k, values, groups - groups[0])


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return sum(f.stat().st_size for f in files)


def _by_stars(h: Hamiltonian, k: Floats, compute: Callable[[Floats], BandGeometry]) -> BandGeometry:
    """Geometry at k from one wave vector of each star, where symmetry is exact and a wave vector dear."""
    operations = exact_operations(h) if h.size > MANY_BANDS else ()
    if not operations or not isinstance(h, LatticeHamiltonian):
        return compute(k)
    return reduced_geometry(h, k, operations, compute)


STORE = GeometryStore()
"""The user's."""


def kept_geometry(
    h: Hamiltonian,
    k: Floats,
    *,
    pool: Pool | None = None,
    progress: Progress | None = None,
    bands: slice | None = None,
) -> BandGeometry:
    """`band_geometry`, by way of the user's store where a wave vector takes milliseconds."""
    if h.size > MANY_BANDS:
        return STORE.geometry(h, k, pool=pool, progress=progress, bands=bands)
    return band_geometry(h, k, pool=pool, progress=progress, bands=bands)


def kept_points(
    h: Hamiltonian,
    k: Floats,
    *,
    pool: Pool | None = None,
    bands: slice | None = None,
    progress: Progress | None = None,
) -> BandGeometry:
    """`band_geometry` for the adaptive quadrature: points of any run before are read, for large matrices."""
    if h.size > MANY_BANDS:
        return STORE.points(h, k, pool, bands, progress)
    return band_geometry(h, k, pool=pool, bands=bands, progress=progress)
