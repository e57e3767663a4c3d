"""`om-explorer precompute` keeps a geometry that the page finds, and writes it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import explorer.meshes.disk_store
import explorer.results.sweep
from explorer.cli import main
from explorer.meshes.disk_store import STORE
from explorer.meshes.mesh import mesh_geometry, stored_mesh
from explorer.meshes.reachable_bands import bands_in_use, kept_bands
from explorer.meshes.shipped import read_compact
from explorer.models.files.wannier90 import write_tb
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.mott_integral import MottAlpha
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.zone.domain import zone_of
from explorer.results.sweep import sweep
from explorer.results.uniform import uniform_responses
from explorer.session.source import open_source
from tests.physics.random_hamiltonians import random_hamiltonian


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("OM_EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def many_bands(tmp_path: Path) -> str:
    """36 bands from -8 to 20 eV."""
    h = random_hamiltonian(36, seed=3)
    hoppings = h.hoppings.copy()
    hoppings[len(h.vectors) // 2] += np.diag(np.linspace(-8.0, 20.0, 36))
    write_tb(tmp_path / "a_tb.dat", replace(h, hoppings=hoppings))
    return str(tmp_path / "a_tb.dat")


def test_what_it_keeps_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["precompute", "cumnas", "--mesh", "6"]) == 0
    assert "computed" in capsys.readouterr().out
    h = open_source("cumnas").hamiltonian
    k = zone_of(h).mesh(6)[0]
    found = STORE.read(h, k)
    assert found is not None
    np.testing.assert_array_equal(found.values, band_geometry(h, k).values)
    assert main(["precompute", "cumnas", "--mesh", "6"]) == 0
    assert "read" in capsys.readouterr().out


def test_netcdf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bands.nc"
    assert main(["precompute", "cri3-eg", "--mesh", "4", "--window", "1.03:2", "--out", str(out)]) == 0
    assert "8 of 8 bands" in capsys.readouterr().out
    source = open_source("cri3-eg")
    g = band_geometry(source.hamiltonian, zone_of(source.hamiltonian).mesh(4)[0])
    with xr.open_dataset(out, engine="h5netcdf") as data:
        assert data.attrs["source"] == "cri3-eg#window=1.03:2.0"
        assert data.attrs["source_sha256"] == source.fingerprint
        assert data.sizes["band"] == 8
        np.testing.assert_allclose(data["energy"], g.energy, atol=1e-12)
        assert data["energy"].attrs["units"] == "eV"


def test_it_says_what_the_page_does_not_read(many_bands: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["precompute", "cumnas", "--mesh", "6"]) == 0
    assert "quicker than a read" in capsys.readouterr().out
    assert main(["precompute", many_bands, "--mesh", "5"]) == 0
    assert "meshes of 12, 16," in capsys.readouterr().out


def test_a_window_is_one_for_precompute_page_and_compute(
    many_bands: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is kept with a window is read with it, with no wave vector computed; numbers are those of all bands."""
    windowed = f"{many_bands}#window=-1.0:1.0"
    mu, kelvin = np.array([-0.9, 0.3, 1.0]), 1000.0
    h = open_source(many_bands).hamiltonian
    whole = uniform_responses(h, [INTRINSIC], mu, np.array([kelvin]), mesh=24, method="sum")[0]
    shutil.rmtree(STORE.folder, ignore_errors=True)
    assert main(["precompute", many_bands, "--mesh", "24", "--window", "-1:1"]) == 0
    assert main(["precompute", windowed, "--mesh", "12"]) == 0
    source = open_source(windowed)
    kept = kept_bands(source)
    assert kept is not None
    assert f"{kept.stop} of 36 bands" in capsys.readouterr().out
    k = zone_of(h).mesh(24)[0]
    # Nine tenths of the entry are the rows of doubles of the bands that are kept.
    assert 0.9 < ROW_COUNT * 8 * kept.stop * k.shape[1] / STORE.entry_size(h, k, kept) <= 1.0
    assert stored_mesh(source) == 24

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("computed what is on disk")

    monkeypatch.setattr(explorer.meshes.disk_store, "band_geometry", refuse)
    assert mesh_geometry(source, 24).corners.values.shape[1] == kept.stop
    none = MottAlpha(*(np.zeros((1, 3, 2)) for _ in range(3)), np.ones((1, 3), dtype=bool), 0)
    for mott in ("mott_alpha", "reached_points"):  # on wave vectors of its own
        monkeypatch.setattr(explorer.results.sweep, mott, lambda *_, **__: none)
    few = sweep(source, mu, kelvin, method="sum", mesh=24).response
    for name in ("chi", "alpha", "chi_error", "alpha_error"):
        value, other = getattr(few, name), getattr(whole, name)
        np.testing.assert_allclose(value, other, rtol=0, atol=1e-9 * np.abs(other).max())


def test_mu_beyond_the_window_takes_all_bands(many_bands: str) -> None:
    source = open_source(f"{many_bands}#window=-1:1")
    kept = kept_bands(source)
    assert kept == bands_in_use(source, np.array([1.0]), np.array([1000.0]))
    assert kept == bands_in_use(source, np.array([1.5]), np.array([300.0]))
    assert bands_in_use(source, np.array([0.0, 1.01]), np.array([1000.0])) is None


def test_compact_file_holds_the_model(tmp_path: Path) -> None:
    """Written for another crystal with PT and an axis than the one that ships, read back, and compared."""
    out = tmp_path / "small.npz"
    assert main(["precompute", "cri3-eg", "--mesh", "5", "--out", str(out)]) == 0
    h = open_source("cri3-eg").hamiltonian
    found, g = read_compact(out).mesh, band_geometry(h, zone_of(h).mesh(5)[0])
    np.testing.assert_allclose(found.k, g.k, atol=1e-12)
    for row in range(10):
        scale = np.abs(g.values[row]).max()
        np.testing.assert_allclose(found.values[row], g.values[row], rtol=1e-6, atol=1e-6 * scale)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--window", "1"], "LOW:HIGH"),
        (["--window", "2:1"], "below HIGH"),
        (["--mesh", "1"], "2 points"),
        (["--out", "x.dat"], "must end in"),
        (["--window=-1:1", "--out", "x.npz"], "all bands"),
    ],
)
def test_bad_input_is_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["precompute", "cumnas", *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_valley_states_its_own_mesh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["precompute", "tilted-dirac"]) == 2
    assert "disc" in capsys.readouterr().err
