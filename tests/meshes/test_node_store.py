"""What is kept of a group of bands: found again bit for bit, by content, and computed anew where it is damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.meshes import disk_store, node_store
from explorer.meshes.disk_store import GeometryStore
from explorer.meshes.node_store import ARRAYS, KeptNodes
from explorer.physics.reduction.matrices import nodes
from tests.physics.random_hamiltonians import random_hamiltonian, random_wave_vectors


@pytest.fixture(autouse=True)
def own_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(disk_store, "STORE", GeometryStore(tmp_path))
    monkeypatch.setattr(node_store, "WORTH_A_FILE", 0.0)
    return tmp_path


def test_they_are_found_again_by_content_and_by_group(own_disk: Path) -> None:
    h = random_hamiltonian(5, seed=1)
    found = nodes(h, random_wave_vectors(h, 4, seed=2), slice(1, 3))
    KeptNodes(h)[1, 3] = found
    again = KeptNodes(replace(h))[1, 3]
    for name in ARRAYS:
        assert np.array_equal(getattr(again, name), getattr(found, name))
    assert again.window == slice(1, 3)
    assert KeptNodes(h).get((1, 4)) is None
    assert KeptNodes(replace(h, hoppings=1.5 * h.hoppings)).get((1, 3)) is None
    del KeptNodes(h)[1, 3]
    assert KeptNodes(h).get((1, 3)) is None


@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_is_none(own_disk: Path) -> None:
    h = random_hamiltonian(5, seed=1)
    KeptNodes(h)[1, 3] = nodes(h, random_wave_vectors(h, 4, seed=2), slice(1, 3))
    (file,) = (own_disk / "nodes").glob("*.npz")
    file.write_bytes(file.read_bytes()[:300])
    assert KeptNodes(h).get((1, 3)) is None
    assert not file.exists()


def test_what_is_quick_to_compute_takes_no_place(own_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_store, "WORTH_A_FILE", 1e9)
    h = random_hamiltonian(5, seed=1)
    kept = KeptNodes(h)
    kept[1, 3] = nodes(h, random_wave_vectors(h, 4, seed=2), slice(1, 3))
    assert kept[1, 3].k.shape == (2, 4)
    assert not (own_disk / "nodes").exists()
