"""The disk store gives back what was computed, resumes, forgets what is damaged or too much, and ships CrI3."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import explorer.meshes.disk_store
from explorer.disk.cache_folder import cache_folder
from explorer.meshes.disk_store import GeometryStore, kept_geometry
from explorer.meshes.mesh import PATH_POINTS, sampled_path, stored_mesh
from explorer.meshes.shipped import shipped_geometry, write_compact
from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.kernels.rows import ROWS
from explorer.physics.responses.integrand import Response
from explorer.physics.zone.domain import zone_of
from explorer.physics.zone.path import sample_path
from explorer.session.declared_symmetries import exact_operations
from explorer.session.source import open_source


@pytest.fixture
def store(tmp_path: Path) -> GeometryStore:
    return GeometryStore(tmp_path, patience=0.0)


def wave_vectors(count: int = 40) -> Floats:
    return np.random.default_rng(1).uniform(-1, 1, (2, count))


def test_what_is_read_is_what_was_computed(store: GeometryStore) -> None:
    h, k = open_source("cumnas").hamiltonian, wave_vectors()
    assert not store.holds(h, k)
    computed = store.geometry(h, k)
    assert store.holds(h, k)
    read = store.read(h, k)
    assert read is not None
    for g in (computed, read):
        np.testing.assert_array_equal(g.values, band_geometry(h, k).values)
        np.testing.assert_array_equal(g.groups, band_geometry(h, k).groups)


def test_any_change_of_content_is_another_entry(store: GeometryStore) -> None:
    h, k = open_source("cumnas").hamiltonian, wave_vectors()
    others = [
        store.key(open_source("cumnas", {"neel_tilt": 1e-9}).hamiltonian, k),
        store.key(h.with_levels(1e-3, False), k),
        store.key(h, k + 1e-15),
        store.key(h, k, slice(0, 2)),
        store.key(h, k),
    ]
    assert len(set(others)) == len(others)
    assert store.key(open_source("cumnas").hamiltonian, k) == store.key(h, k)


def test_kernels_of_another_version_are_another_entry(
    store: GeometryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    h, k = open_source("haldane").hamiltonian, wave_vectors()
    store.geometry(h, k)
    monkeypatch.setattr(
        explorer.meshes.disk_store, "KERNEL_VERSION", explorer.meshes.disk_store.KERNEL_VERSION + 1
    )
    assert not store.holds(h, k)


class Interrupted(Exception):  # noqa: N818 - not an error
    pass


def test_an_interrupted_run_goes_on_where_it_stopped(
    store: GeometryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer.meshes.disk_store, "BLOCK", 8)
    h, k = open_source("haldane").hamiltonian, wave_vectors()

    def stop(fraction: float) -> None:
        if fraction > 0.7:
            raise Interrupted

    with pytest.raises(Interrupted):
        store.geometry(h, k, progress=stop)
    assert not store.holds(h, k)
    computed = []

    def watched(h, k, **rest):  # type: ignore[no-untyped-def]
        computed.append(k.shape[1])
        return band_geometry(h, k, **rest)

    monkeypatch.setattr(explorer.meshes.disk_store, "band_geometry", watched)
    g = store.geometry(h, k)
    assert sum(computed) == 16
    np.testing.assert_array_equal(g.values, band_geometry(h, k).values)
    assert [f.suffix for f in store.folder.iterdir()] == [".npz"]


def test_a_damaged_entry_is_computed_anew(store: GeometryStore, caplog: pytest.LogCaptureFixture) -> None:
    h, k = open_source("haldane").hamiltonian, wave_vectors()
    store.geometry(h, k)
    (file,) = store.folder.glob("*.npz")
    file.write_bytes(file.read_bytes()[:200])
    np.testing.assert_array_equal(store.geometry(h, k).values, band_geometry(h, k).values)
    assert "removed" in caplog.text
    assert store.read(h, k) is not None


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    h = open_source("haldane").hamiltonian
    first, second, third = (wave_vectors(20 + n) for n in range(3))
    unlimited = GeometryStore(tmp_path, patience=0.0)
    unlimited.geometry(h, first)
    size = unlimited.size()
    store = GeometryStore(tmp_path, limit=int(2.5 * size), patience=0.0)
    store.geometry(h, second)
    for at, k in enumerate((second, first)):  # the order of use, told by the files' times
        os.utime(tmp_path / f"{store.key(h, k)}.npz", (at, at))
    store.geometry(h, third)
    assert store.holds(h, first)
    assert not store.holds(h, second)
    assert store.holds(h, third)


def test_a_disk_that_refuses_costs_no_result(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    h, k = open_source("haldane").hamiltonian, wave_vectors()
    g = GeometryStore(blocked, patience=0.0).geometry(h, k)
    np.testing.assert_array_equal(g.values, band_geometry(h, k).values)
    assert "not kept" in caplog.text


def test_quick_work_leaves_nothing_behind(tmp_path: Path) -> None:
    store = GeometryStore(tmp_path / "none", patience=60.0)
    store.geometry(open_source("haldane").hamiltonian, wave_vectors())
    assert not store.folder.exists()


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OM_EXPLORER_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("OM_EXPLORER_CACHE")
    assert cache_folder().name == "om-explorer"


def test_small_matrices_are_never_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OM_EXPLORER_CACHE", str(tmp_path))
    monkeypatch.setattr(explorer.meshes.disk_store.STORE, "_patience", 0.0)
    kept_geometry(open_source("haldane").hamiltonian, wave_vectors())
    assert not list(tmp_path.iterdir())


def test_the_shipped_geometry_is_that_of_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Single precision, at points kept and at their images under the axis, and along the path."""
    monkeypatch.setenv("OM_EXPLORER_CACHE", str(tmp_path))
    source = open_source("cri3")
    h = source.hamiltonian
    assert stored_mesh(source) == 48
    mesh, line = zone_of(h).mesh(48)[0], sampled_path(source).k
    assert line.shape == sample_path(source.path(), PATH_POINTS).k.shape
    at = np.array([0, 5, 48 * 7 + 11, 48 * 40 + 3, 48 * 47 + 40])
    for k, some in ((mesh, at), (line, at[:2])):
        found = kept_geometry(h, k)
        g = band_geometry(h, k[:, some])
        for name, row in ROWS.items():
            scale = (
                1.0 if name in ("curvature", "moment", "flux_x", "flux_y") else np.abs(g.values[row]).max()
            )
            # at a crossing T1 and T2 feel the last digit of an energy difference: relative to their largest value
            np.testing.assert_allclose(
                found.values[row][:, some], g.values[row], rtol=1e-5, atol=1e-5 * scale
            )
        np.testing.assert_array_equal(found.groups[:, some], g.groups)


def test_the_shipped_geometry_is_for_that_model_alone() -> None:
    h = open_source("cri3").hamiltonian
    k = zone_of(h).mesh(48)[0]
    assert shipped_geometry(h, k) is not None
    assert shipped_geometry(h, k[:, ::-1]) is None
    assert shipped_geometry(open_source("cri3", {"position_matrices": 0.0}).hamiltonian, k) is None
    moved = h.hoppings.copy()
    moved[3, 5, 7] += 1e-4
    assert shipped_geometry(replace(h, hoppings=moved), k) is None
    assert stored_mesh(open_source("cumnas")) is None


def test_compact_needs_the_symmetry_it_uses(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PT or an axis"):
        write_compact(open_source("haldane"), 6, wave_vectors(3), tmp_path / "x.npz")


def test_points_are_shared_between_runs(store: GeometryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run of an adaptive quadrature computes nothing, and another mu only what is new."""
    h, computed = open_source("haldane").hamiltonian, []

    def watched(h, k, **rest):  # type: ignore[no-untyped-def]
        computed.append(k.shape[1])
        return band_geometry(h, k, **rest)

    monkeypatch.setattr(explorer.meshes.disk_store, "band_geometry", watched)

    def run(mu: float) -> Response:
        computed.clear()
        return adaptive_response(
            h,
            mu=mu,
            temperature=300.0,
            rtol=0.1,
            scale=(1e-5, 1e-2),
            base=4,
            geometry=lambda h, k, pool: store.points(h, k),
        )

    first = run(0.1)
    cells = first.cells
    assert cells is not None
    assert sum(computed) == first.evaluations == 16 * len(cells)
    second = run(0.1)
    assert computed == []
    np.testing.assert_array_equal(second.chi, first.chi)
    plain = adaptive_response(h, mu=0.1, temperature=300.0, rtol=0.1, scale=(1e-5, 1e-2), base=4)
    np.testing.assert_array_equal(plain.chi, first.chi)
    other = run(0.12)
    assert 0 <= sum(computed) < 0.7 * other.evaluations


def test_cri3_takes_half_its_wave_vectors(store: GeometryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The axis along y is verified and used; the mesh equals the one computed whole."""
    h = open_source("cri3").hamiltonian
    assert [s.name for s in exact_operations(h)] == ["C2y", "M_y T"]
    assert [s.name for s in exact_operations(open_source("cumnas").hamiltonian)] == ["C2y", "M_y T"]
    assert exact_operations(open_source("cumnas").hamiltonian.with_levels(0.1, False)) == ()  # not opened
    k, counted = zone_of(h).mesh(4)[0], []

    def watched(h, k, **rest):  # type: ignore[no-untyped-def]
        counted.append(k.shape[1])
        return band_geometry(h, k, **rest)

    monkeypatch.setattr(explorer.meshes.disk_store, "band_geometry", watched)
    plain = band_geometry(h, k)
    for g in (store.geometry(h, k), store.points(h, k)):
        for row in range(10):
            scale = np.abs(plain.values[row]).max()
            np.testing.assert_allclose(
                g.values[row] / scale, plain.values[row] / scale, atol=1e-8, err_msg=str(row)
            )
        np.testing.assert_array_equal(g.groups, plain.groups)
    assert counted == [10, 10]
