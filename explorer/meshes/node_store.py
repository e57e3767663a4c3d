"""Nodes of reduced bands on disk, beside the geometries: a file's group of bands is found once, not at every start."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import numpy as np

from explorer.disk.replaced import replaced
from explorer.meshes import disk_store
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.reduction.matrices import Nodes
from explorer.session.source import fingerprint

VERSION = 1
"""To be raised whenever the matrices of `reduction.matrices` are others than before."""
WORTH_A_FILE = 2e8
"""Nodes times bands cubed from which they are kept: about a second of computing."""
ARRAYS = ("k", "energy", "states", "matrices", "filled")

log = logging.getLogger(__name__)


class KeptNodes(MutableMapping[tuple[int, int], Nodes]):
    """Nodes of one Hamiltonian by start and stop of their group of bands: in memory, and on disk where that pays.

    A file is named by the Hamiltonian's arrays and rules; one that cannot be read is removed, and a disk that refuses
    costs time, not the result.
    """

    def __init__(self, h: Hamiltonian) -> None:
        self._name = hashlib.sha256(f"{fingerprint(h)} nodes {VERSION}".encode()).hexdigest()[:40]
        self._here: dict[tuple[int, int], Nodes] = {}

    def __getitem__(self, group: tuple[int, int]) -> Nodes:
        if group not in self._here:
            found = self._read(group)
            if found is None:
                raise KeyError(group)
            self._here[group] = found
        return self._here[group]

    def __setitem__(self, group: tuple[int, int], nodes: Nodes) -> None:
        self._here[group] = nodes
        size, count = nodes.energy.shape
        if count * size**3 < WORTH_A_FILE:
            return
        file = self._file(group)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with replaced(file) as draft, draft.open("wb") as raw:
                np.savez(raw, **{name: getattr(nodes, name) for name in ARRAYS})
        except OSError as problem:
            log.warning("%s is not kept: %s", file, problem)
            return
        disk_store.STORE.prune(file)

    def __delitem__(self, group: tuple[int, int]) -> None:
        self._here.pop(group, None)
        self._file(group).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._here)

    def __len__(self) -> int:
        return len(self._here)

    def _file(self, group: tuple[int, int]) -> Path:
        return disk_store.STORE.folder / "nodes" / f"{self._name}-{group[0]}-{group[1]}.npz"

    def _read(self, group: tuple[int, int]) -> Nodes | None:
        file = self._file(group)
        try:
            with file.open("rb") as raw, np.load(raw) as stored:
                arrays = [stored[name] for name in ARRAYS]
        except FileNotFoundError:
            return None
        except disk_store.DAMAGED as problem:
            log.warning("%s cannot be read and is removed: %s", file, problem)
            with contextlib.suppress(OSError):
                file.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(file)  # longest unused goes first
        return Nodes(slice(*group), *arrays)
