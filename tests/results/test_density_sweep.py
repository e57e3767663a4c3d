"""Responses at given carrier densities: mu found on one mesh counts the density on another; every output says it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from explorer.cli import main
from explorer.physics.carriers.triangle_count import COUNT
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.responses import catalogue
from explorer.results.density_sweep import (
    ChemicalPotentials,
    bars_of_mu,
    chemical_potentials,
    density_sweep,
)
from explorer.results.sweep import sweep
from explorer.session.source import open_source

KELVIN = np.array([150.0, 600.0])


@pytest.mark.parametrize(
    ("name", "density"), [("haldane", [2.5, -4.0]), ("cumnas", [3.0]), ("tilted-dirac", [0.3])]
)
def test_the_density_is_met_by_an_adaptive_count(name: str, density: list[float]) -> None:
    """Electrons at mu less those at neutrality, integrated adaptively: the density asked for, to 0.2 %."""
    source = open_source(name)
    found = chemical_potentials(source, np.array(density), KELVIN)
    assert found.mu.shape == found.error.shape == (2, len(density))
    for t, kelvin in enumerate(KELVIN):
        counted = adaptive_response(source.hamiltonian, COUNT, found.mu[t], kelvin, rtol=1e-5).chi[0, :, 0]
        whole = adaptive_response(source.hamiltonian, COUNT, np.array([1e3]), kelvin, rtol=1e-5).chi[0, 0, 0]
        neutral = whole * found.bands / source.hamiltonian.size
        np.testing.assert_allclose((counted - neutral) * 1e3, density, rtol=2e-3)


def test_a_density_sweep_is_a_sweep_at_its_own_mu() -> None:
    source, options = open_source("haldane"), {"method": "sum", "mesh": 36}
    found = density_sweep(source, np.array([2.5, 5.0]), KELVIN, **options)  # type: ignore[arg-type]
    for t, part in enumerate(found.parts):
        expected = sweep(source, found.solved.mu[t], KELVIN[t], **options)  # type: ignore[arg-type]
        np.testing.assert_array_equal(part.response.chi, expected.response.chi)


def test_a_density_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="out of reach"):
        chemical_potentials(open_source("haldane"), np.array([1e6]), KELVIN, 12)


COMMAND = [
    "compute",
    "haldane",
    "--density",
    "-1,2.5",
    "--temperature",
    "150,600",
    "--method",
    "sum",
    "--mesh",
    "24",
]


def test_the_command_line_prints_mu_of_each_temperature(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["density_1e13_per_cm2"] == [-1, 2.5]
    assert np.shape(data["mu_eV"]) == np.shape(data["mu_error_eV"]) == (2, 2)
    assert np.shape(data["chi_nm_per_ohm"]) == np.shape(data["alpha_error_nA_nm_per_K"]) == (2, 2, 2)
    assert data["temperature_K"] == [150, 600]
    assert main(COMMAND) == 0
    assert capsys.readouterr().out.count("T/K") == 2


def test_files_hold_density_and_mu(tmp_path: Path) -> None:
    for name in ("a.nc", "a.csv"):
        assert main([*COMMAND, "--out", str(tmp_path / name)]) == 0
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as data:
        assert data.chi.dims == ("temperature", "density", "direction")
        assert data.mu.shape == (2, 2)
        mu = data.mu.values.ravel()
    lines = [line for line in (tmp_path / "a.csv").read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert [float(r["density_1e13_per_cm2"]) for r in rows] == [-1, 2.5, -1, 2.5]
    np.testing.assert_allclose([float(r["mu_eV"]) for r in rows], mu, rtol=1e-9)


def test_mu_and_density_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--mu", "0.1"]) == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(("density", "chi"), [(2.5, 8.20929e-7), (1.0, 3.14364e-6), (0.2, 5.75217e-6)])
def test_the_bar_of_chi_at_a_density_holds_what_mu_is_not_known_to(density: float, chi: float) -> None:
    """Once 8.20637e-7 +- 5e-11 of cumnas at 10 K: the mesh's mu was off by 1.3e-5 eV, of which the bar knew nothing.

    The values on the right are those at mu of a mesh of 1536 x 1536 points, where n is met to 1e-6.
    """
    source = open_source("cumnas")
    found = density_sweep(source, np.array([density]), np.array([10.0]), checks="none")
    solved, r = found.solved, found.parts[0].response
    finest = chemical_potentials(source, np.array([density]), np.array([10.0]), 768)
    assert abs(solved.mu[0, 0] - finest.mu[0, 0]) < 1e-8 + solved.error[0, 0]
    assert solved.error[0, 0] < 1e-3 * 8.617e-5 * 10
    assert abs(r.chi[0, 0, 0] - chi) <= r.chi_error[0, 0, 0] + 6e-12
    exact = sweep(source, solved.mu[0], 10.0, checks="none").response
    assert (r.chi_error >= exact.chi_error).all()


def test_an_error_of_mu_moves_chi_by_its_slope() -> None:
    """A made-up error of a hundredth of k_B T: the bar grows by |dchi/dmu| times it, read from adaptive integrals."""
    source, kelvin = open_source("cumnas"), np.array([300.0])
    mu = np.array([[0.3]])
    error = np.full_like(mu, 0.01 * 8.617e-5 * 300)
    solved = ChemicalPotentials(np.array([1.0]), kelvin, mu, error, 2)
    rows = [catalogue.row("chi")]
    at = sweep(source, np.array([0.3, 0.3001, 0.2999]), kelvin, rtol=1e-6, checks="none").response.chi[0]
    found = bars_of_mu(source, rows, {"chi": at[None, :1]}, solved, 0, {})["chi"]
    slope = abs(at[1, 0] - at[2, 0]) / 2e-4
    assert slope * error[0, 0] <= found[0, 0, 0] < 2 * slope * error[0, 0]
