"""Bands that no mu and T on offer can fill are left out of the page's meshes, and nothing changes by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer.live.frame
import explorer.meshes.cache
import explorer.meshes.disk_store
import explorer.meshes.mesh
from explorer.live.frame import MARKERS, frame_of, integral_curves
from explorer.meshes.cache import GeometryCache
from explorer.meshes.disk_store import GeometryStore
from explorer.meshes.mesh import mesh_geometry, stored_mesh
from explorer.meshes.reachable_bands import kept_bands
from explorer.models.files.wannier90 import write_tb
from explorer.models.kit.spin_half import PAULI
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.mott_integral import MottAlpha
from explorer.physics.integration.potential import thermodynamic_potential
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.observables.equilibrium import magnetization
from explorer.physics.progress import UNATTENDED
from explorer.physics.responses.spin_edelstein import spin_edelstein
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of
from explorer.session.ranges import mu_bounds
from explorer.session.source import Source, open_source
from explorer.session.state import default_state
from explorer.views.tabs.source_file import kept_text
from tests.physics.random_hamiltonians import random_hamiltonian

BANDS = 36


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """36 bands from -8 to 20 eV, in a store of their own."""
    h = random_hamiltonian(BANDS, seed=3)
    hoppings = h.hoppings.copy()
    hoppings[len(h.vectors) // 2] += np.diag(np.linspace(-8.0, 20.0, BANDS))
    write_tb(tmp_path / "a_tb.dat", replace(h, hoppings=hoppings))
    for module in (explorer.meshes.disk_store, explorer.meshes.mesh):
        monkeypatch.setattr(module, "STORE", GeometryStore(tmp_path / "store", patience=0.0))
    return f"{tmp_path / 'a_tb.dat'}#window=-1:1"


def test_what_is_left_out_is_empty_everywhere(file: str) -> None:
    source = open_source(file)
    kept = kept_bands(source)
    assert kept is not None
    assert kept.start == 0
    assert BANDS / 3 < kept.stop < 2 * BANDS / 3
    g = band_geometry(source.hamiltonian, zone_of(source.hamiltonian).mesh(20)[0])
    assert g.energy[kept.stop :].min() > mu_bounds(file)[1] + 35 * K_B * 1000
    wider = kept_bands(open_source(file.replace("-1:1", "-1:6")))
    assert wider is not None
    assert wider.stop > kept.stop
    assert kept_bands(open_source(file.replace("-1:1", "-1:30"))) is None
    assert kept_bands(open_source("cumnas")) is None


def test_the_picture_is_the_same_to_rounding(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    state = replace(default_state(file), mu=0.7, temperature=1000.0)
    few = frame_of(state, 12)
    monkeypatch.setattr(explorer.meshes.mesh, "kept_bands", lambda source: None)
    every = frame_of(state, 12)
    m, whole = few.geometry, every.geometry
    assert len(m.corners.energy) < len(whole.corners.energy) == BANDS
    assert m.nbytes < 0.75 * whole.nbytes
    assert f"bands 1 to {len(m.corners.energy)} of {BANDS} on 12 × 12" in kept_text(m)
    assert f"all {BANDS} bands" in kept_text(whole)

    def same(a: np.ndarray, b: np.ndarray) -> None:
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10 * max(np.abs(b).max(), 1e-30))

    same(few.lambda_map, every.lambda_map)
    # Nodes of the T = 0 curve stand elsewhere, the plain sums do not.
    same(few.point.chi_sum, every.point.chi_sum)
    same(few.point.chi_sea, every.point.chi_sea)
    assert few.point.density == pytest.approx(every.point.density, rel=1e-4)
    mu, kelvin = np.array([-0.9, 0.2, 1.0]), 1000.0
    same(*(magnetization(g.corners, g.weights, mu, kelvin).total for g in (m, whole)))
    same(*(thermodynamic_potential(g.corners, g.weights, mu, kelvin).phi for g in (m, whole)))
    pair = spin_edelstein(m.source.hamiltonian, np.kron(PAULI, np.eye(BANDS // 2)))
    for integrand in (pair.intrinsic, pair.extrinsic):
        chi, other = (
            plain_sum(g.corners, g.weights, integrand, mu, np.array([kelvin]))[0] for g in (m, whole)
        )
        same(chi, other)


def test_an_entry_of_all_bands_serves_a_few(file: str) -> None:
    """What `precompute` keeps is read for any window, and an entry of some bands is not taken for all."""
    source = open_source(file)
    h, store = source.hamiltonian, explorer.meshes.disk_store.STORE
    k, kept = zone_of(h).mesh(12)[0], kept_bands(source)
    assert stored_mesh(source) is None
    few = store.geometry(h, k, bands=kept)
    assert stored_mesh(source) == 12
    assert store.read(h, k) is None
    store.geometry(h, k)
    for entry in store.folder.glob("*.npz"):
        if entry.stem == store.key(h, k, kept):
            entry.unlink()
    again = store.read(h, k, kept)
    assert again is not None
    np.testing.assert_array_equal(again.groups, few.groups)
    np.testing.assert_allclose(again.values, few.values, rtol=1e-9, atol=1e-9)
    assert mesh_geometry(source, 12).corners.values.shape[1] == kept.stop  # type: ignore[union-attr]


def test_shipped_bands_are_cut_too() -> None:
    source = open_source("cri3#window=-3:-2")
    kept = kept_bands(source)
    assert kept is not None
    assert kept.stop < 112
    assert stored_mesh(source) == 48
    g = explorer.meshes.disk_store.kept_geometry(
        source.hamiltonian, zone_of(source.hamiltonian).mesh(48)[0], bands=kept
    )
    assert g.values.shape[:2] == (ROW_COUNT, kept.stop)


def test_a_tick_does_not_look_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored is looked up once in a while, by source; a mesh that comes later is seen."""
    looks: list[str] = []
    found = iter([None, 12, 24])

    def look(source: Source) -> int | None:
        looks.append(source.name)
        return next(found)

    monkeypatch.setattr(explorer.meshes.cache, "stored_mesh", look)
    cache, one, other = GeometryCache(0), default_state("haldane"), default_state("cumnas")
    assert [cache.stored(replace(one, mu=mu)) for mu in (0.0, 0.1, 0.2)] == [None] * 3
    assert cache.stored(other) == 12
    assert looks == ["haldane", "cumnas"]
    monkeypatch.setattr(explorer.meshes.cache, "SECONDS_KNOWN", 0.0)
    assert cache.stored(one) == 24


def test_the_mott_integral_of_many_bands_takes_those_in_reach(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is told what its tolerance refers to, as the direct side found it."""
    asked: dict[str, Any] = {}

    def heard(*_: Any, **how: Any) -> MottAlpha:
        asked.update(how)
        return MottAlpha(*(np.zeros((1, MARKERS, 2)) for _ in range(3)), np.ones((1, MARKERS), dtype=bool), 0)

    monkeypatch.setattr(explorer.live.frame, "mott_alpha", heard)
    state = replace(default_state(file), temperature=30.0)
    frame = frame_of(state, 12)
    before = replace(frame.curves, alpha_direct=np.linspace(-3.0, 2.0, 2 * MARKERS).reshape(MARKERS, 2))
    integral_curves(frame.geometry, state, before, UNATTENDED)
    assert asked["size"].tolist() == [3.0]
    h = frame.geometry.source.hamiltonian
    assert 0 < len(asked["geometry"](h, np.zeros((2, 1))).energy) < BANDS / 2
