"""Saved numbers: equal to the computed ones, with unit and provenance; and Python's own three lines."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr
from PIL import Image

import explorer
from explorer.cli import main
from explorer.physics.occupations import fermi
from explorer.session.source import open_source

SWEEP = [
    "compute",
    "haldane",
    "--mu",
    "-0.4:0.4:3",
    "--temperature",
    "300,600",
    "--method",
    "sum",
    "--mesh",
    "10",
]
KMAP = ["kmap", "haldane", "--mu", "0.1", "--temperature", "300", "--mesh", "9"]
UNITS = {"chi": "nm/ohm", "chi_error": "nm/ohm", "alpha": "nA nm/K", "alpha_error": "nA nm/K"}


def test_python_gives_the_numbers_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SWEEP, "--json", "--set", "mass=0.5"]) == 0
    printed = json.loads(capsys.readouterr().out)
    data = explorer.compute(
        "haldane", mu=np.linspace(-0.4, 0.4, 3), temperature=[300, 600], method="sum", mesh=10, mass=0.5
    )
    np.testing.assert_array_equal(data.chi, printed["chi_nm_per_ohm"])
    np.testing.assert_array_equal(data.alpha_error, printed["alpha_error_nA_nm_per_K"])
    assert data.attrs["mott_residual"] == printed["checks"]["mott_residual"]


def test_python_takes_densities(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--temperature", "300", "--method", "sum", "--mesh", "12", "--json"]
    assert main(["compute", "haldane", "--density", "2.5,-4", *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    data = explorer.compute("haldane", density=[2.5, -4.0], temperature=300, method="sum", mesh=12)
    np.testing.assert_array_equal(np.ravel(data.chi), np.ravel(printed["chi_nm_per_ohm"]))
    np.testing.assert_array_equal(np.ravel(data.mu), np.ravel(printed["mu_eV"]))


def test_netcdf_keeps_numbers_units_and_provenance(tmp_path: Path) -> None:
    file = tmp_path / "chi.nc"
    assert main([*SWEEP, "--out", str(file)]) == 0
    expected = explorer.compute(
        "haldane", mu=np.linspace(-0.4, 0.4, 3), temperature=[300, 600], method="sum", mesh=10
    )
    with xr.open_dataset(file, engine="h5netcdf") as data:
        assert data.chi.dims == ("temperature", "mu", "direction")
        for name, unit in UNITS.items():
            np.testing.assert_array_equal(data[name], expected[name])
            assert data[name].attrs["units"] == unit
        assert (data.mu.attrs["units"], data.temperature.attrs["units"]) == ("eV", "K")
        source = open_source("haldane")
        assert data.attrs["source_sha256"] == source.fingerprint
        assert json.loads(data.attrs["parameters"]) == source.parameters
        assert set(json.loads(data.attrs["versions"])) >= {"om-explorer", "numpy", "numba"}


@pytest.mark.parametrize(
    "command",
    [
        SWEEP,
        [*SWEEP[:2], "--density", "1,2", *SWEEP[4:]],
        KMAP,
        ["bands", "haldane", "--points", "20"],
        ["precompute", "haldane", "--mesh", "6"],
    ],
)
def test_a_file_opens_in_three_lines_and_every_variable_has_its_unit(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the README says: import xarray, open, use."""
    monkeypatch.setenv("OM_EXPLORER_CACHE", str(tmp_path))
    assert main([*command, "--out", str(tmp_path / "data.nc")]) == 0
    with xr.open_dataset(tmp_path / "data.nc") as data:
        assert {"source_sha256", "versions", "parameters", "conventions"} <= set(data.attrs)
        for name, variable in data.variables.items():
            assert variable.attrs["units"], name
            assert variable.attrs["long_name"], name


def test_csv_names_carry_units_and_rows_carry_the_numbers(tmp_path: Path) -> None:
    file = tmp_path / "chi.csv"
    assert main([*SWEEP, "--out", str(file)]) == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    assert any(line.startswith("# source_sha256: ") for line in comments)
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    expected = explorer.compute(
        "haldane", mu=np.linspace(-0.4, 0.4, 3), temperature=[300, 600], method="sum", mesh=10
    )
    assert len(rows) == 6
    assert [float(row["temperature_K"]) for row in rows] == [300.0] * 3 + [600.0] * 3
    for name, unit in (("chi", "nm_per_ohm"), ("alpha", "nA_nm_per_K")):
        for c, axis in enumerate("xy"):
            column = [float(row[f"{name}_{axis}_{unit}"]) for row in rows]
            np.testing.assert_allclose(column, expected[name].values[..., c].ravel(), rtol=1e-11)


def test_the_fingerprint_follows_what_the_numbers_depend_on() -> None:
    plain = open_source("haldane").fingerprint
    assert open_source("haldane").fingerprint == plain
    changed = [
        open_source("haldane", {"mass": 0.31}),
        open_source("haldane", degeneracy_tolerance=1e-3),
        open_source("haldane", kramers_pairs=True),
        open_source("tilted-dirac"),
    ]
    assert len({plain, *(source.fingerprint for source in changed)}) == 5


def test_a_map_holds_the_occupied_sum_on_the_stated_mesh(tmp_path: Path) -> None:
    file = tmp_path / "map.nc"
    assert main([*KMAP, "--out", str(file)]) == 0
    with xr.open_dataset(file, engine="h5netcdf") as data:
        i, j = 4, 7
        b1, b2 = open_source("haldane").hamiltonian.reciprocal
        k = i / 9 * b1 + j / 9 * b2
        np.testing.assert_allclose([data.kx[i, j], data.ky[i, j]], k, rtol=1e-14)
        point = explorer.geometry("haldane", k)
        weight = fermi(point.energy.values[:, 0], 0.1, 300.0)
        occupied = point["lambda"].values[..., 0] @ weight
        np.testing.assert_allclose([data.lambda_x[i, j], data.lambda_y[i, j]], occupied, rtol=1e-9)
        assert data.lambda_x.attrs["units"] == "e hbar^-1 angstrom^3"
    one = explorer.kmap("haldane", mu=0.1, temperature=300, mesh=9, band=1)
    np.testing.assert_allclose(one.lambda_y[i, j], point["lambda"].values[1, 1, 0], rtol=1e-12)


@pytest.mark.parametrize("source", ["haldane", "cumnas", "tilted-dirac"])
def test_maps_and_bands_are_drawn(source: str, tmp_path: Path) -> None:
    for command in (["kmap", source, *KMAP[2:]], ["bands", source, "--points", "30"]):
        file = tmp_path / f"{command[0]}.png"
        assert main([*command, "--out", str(file)]) == 0
        with Image.open(file) as picture:
            assert picture.width > 1000
            # Colours of both signs, not a blank frame: reddish and bluish pixels.
            red, _, blue = np.moveaxis(np.asarray(picture.convert("RGB"), dtype=int), 2, 0)
        assert (red - blue > 60).sum() > 50
        assert (blue - red > 60).sum() > 50


def test_a_map_is_drawn_as_svg(tmp_path: Path) -> None:
    file = tmp_path / "map.svg"
    assert main([*KMAP, "--out", str(file)]) == 0
    assert ElementTree.parse(file).getroot().tag.endswith("svg")


def test_bad_values_from_python_are_the_same_errors() -> None:
    with pytest.raises(ValueError, match=r"mass of haldane must lie in -2 \.\.\. 2 eV"):
        explorer.compute("haldane", mu=0.0, temperature=300, mass=9.0)
    with pytest.raises(ValueError, match="above 0 K"):
        explorer.compute("haldane", mu=0.0, temperature=0)
    with pytest.raises(ValueError, match="no method magic"):
        explorer.compute("haldane", mu=0.0, temperature=300, method="magic")
    with pytest.raises(ValueError, match="max_evaluations must be 1 or more"):
        explorer.compute("haldane", mu=0.0, temperature=300, max_evaluations=0)
    for both in ({}, {"mu": 0.0, "density": 1.0}):
        with pytest.raises(ValueError, match="either mu or density"):
            explorer.compute("haldane", temperature=300, **both)
    with pytest.raises(ValueError, match=r"\(K, 2\)"):
        explorer.geometry("haldane", [[0.1, 0.2, 0.3]])
    with pytest.raises(AttributeError, match="nothing"):
        _ = explorer.nothing
