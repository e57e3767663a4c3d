"""`om-explorer precompute` keeps a geometry that the page finds, and writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from explorer.cli import main
from explorer.commands.precompute import window_bands
from explorer.physics.geometry import band_geometry
from explorer.physics.zone import zone_of
from explorer.shipped import read_compact
from explorer.source import open_source
from explorer.store import STORE


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("OM_EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


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


def test_window_and_netcdf(tmp_path: Path) -> None:
    out = tmp_path / "bands.nc"
    assert main(["precompute", "cri3-eg", "--mesh", "4", "--window", "1.03:2", "--out", str(out)]) == 0
    source = open_source("cri3-eg")
    g = band_geometry(source.hamiltonian, zone_of(source.hamiltonian).mesh(4)[0])
    with xr.open_dataset(out, engine="h5netcdf") as data:
        assert data.attrs["source_sha256"] == source.fingerprint
        first, count = data.attrs["first_band"], data.sizes["band"]
        assert first % 2 == 0
        assert first + count == 8
        np.testing.assert_allclose(data["energy"], g.energy[first:], atol=1e-12)
        assert data["energy"].attrs["units"] == "eV"


def test_window_keeps_whole_pairs() -> None:
    source = open_source("cumnas")
    low = band_geometry(source.hamiltonian, zone_of(source.hamiltonian).mesh(12)[0]).energy.min()
    assert window_bands(source, (low - 1.0, low + 1e-9)) == slice(0, 2)
    with pytest.raises(ValueError, match="no band of cumnas"):
        window_bands(source, (1e3, 2e3))


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
        (["--window", "900:901"], "no band"),
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
