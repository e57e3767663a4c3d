"""The command line: the contract others use, number by number."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.cli import main
from explorer.commands.arguments import energies, keep_negative_values
from explorer.models.kit.model import catalogue
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.intrinsic import FORMS
from explorer.physics.zone.domain import zone_of
from explorer.session.source import open_source

ENTRY = Path(sys.executable).with_name("om-explorer")

GEOMETRY_KEYS = {
    "k_inv_angstrom",
    "energy_eV",
    "group",
    "lambda_A3",
    "term1_A3",
    "term2_A3",
    "metric_A2",
    "berry_curvature_A2",
    "orbital_moment_muB",
}
COMPUTE_KEYS = {
    "source",
    "parameters",
    "mesh",
    "method",
    "form",
    "mu_eV",
    "temperature_K",
    "chi_nm_per_ohm",
    "alpha_nA_nm_per_K",
    "chi_error_nm_per_ohm",
    "alpha_error_nA_nm_per_K",
    "converged",
    "checks",
}


def json_of(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert main(argv) == 0
    out = capsys.readouterr().out
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_the_installed_command_lists_every_model_with_its_parameters() -> None:
    done = subprocess.run([ENTRY, "models", "--json"], capture_output=True, text=True, check=True)
    listed = {entry["name"]: entry for entry in json.loads(done.stdout)}
    assert set(listed) == set(catalogue())
    for name, model in catalogue().items():
        assert listed[name]["title"] == model.title
        shown = {p["name"]: (p["default"], p["bounds"], p["unit"]) for p in listed[name]["parameters"]}
        assert shown == {n: (q.default, list(q.bounds), q.unit) for n, q in model.quantities().items()}


def test_the_installed_command_refuses_in_one_line_without_a_traceback() -> None:
    done = subprocess.run([ENTRY, "geometry", "nothing", "--k", "-0.1,0.2"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("om-explorer: error: ")
    assert done.stderr.count("\n") == 1


def test_geometry_says_what_the_library_computes(capsys: pytest.CaptureFixture[str]) -> None:
    data = json_of(
        capsys, "geometry", "haldane", "--set", "mass=-0.3", "--k", "-0.1,0.2", "--k", "0.4,-.5", "--json"
    )
    h = open_source("haldane", {"mass": -0.3}).hamiltonian
    g = band_geometry(h, np.array([[-0.1, 0.4], [0.2, -0.5]]))
    assert [p["k_inv_angstrom"] for p in data["points"]] == [[-0.1, 0.2], [0.4, -0.5]]
    for i, p in enumerate(data["points"]):
        assert set(p) == GEOMETRY_KEYS
        np.testing.assert_array_equal(p["energy_eV"], g.energy[:, i])
        np.testing.assert_array_equal(p["group"], g.groups[:, i])
        np.testing.assert_array_equal(p["term1_A3"], g.term1[..., i].T)
        np.testing.assert_array_equal(p["term2_A3"], g.term2[..., i].T)
        np.testing.assert_allclose(p["lambda_A3"], np.add(p["term1_A3"], p["term2_A3"]), rtol=1e-14)
        np.testing.assert_array_equal(p["metric_A2"], g.metric[..., i].T)
        np.testing.assert_array_equal(p["berry_curvature_A2"], g.berry_curvature[:, i])


def test_orbital_moment_of_a_massive_dirac_cone_in_bohr_magnetons(capsys: pytest.CaptureFixture[str]) -> None:
    # By hand, e = +-sqrt(m^2 + v^2 k^2): Im<n_x|(H - e)|n_y> = +-... at k = 0 it is m v_x v_y/(2 m^2) up to a
    # sign, so |m_n| = (|e|/hbar) v_x v_y/(2|m|) for both bands; hbar^2/2m_e = 3.80998 eV angstrom^2.
    v, m = 3.0, 0.1
    sets = [f"v_x={v}", f"v_y={v}", f"mass={m}", "tilt=0", "curvature=0"]
    argv = ["geometry", "tilted-dirac", "--k", "0,0", "--json", *(w for s in sets for w in ("--set", s))]
    p = json_of(capsys, *argv)["points"][0]
    moment = np.array(p["orbital_moment_muB"])
    np.testing.assert_allclose(np.abs(moment), v * v / (2 * m) / 3.809982, rtol=1e-6)
    # m_n = -(e/hbar) e_n Omega_n with e < 0: the contract's sign, for both bands.
    expected = np.multiply(p["energy_eV"], p["berry_curvature_A2"]) / 3.809982
    np.testing.assert_allclose(moment, expected, rtol=1e-6)


def test_kramers_pairs_share_their_group(capsys: pytest.CaptureFixture[str]) -> None:
    p = json_of(capsys, "geometry", "cumnas", "--k", "0.3,0.1", "--json")["points"][0]
    assert p["group"] == [0, 0, 1, 1]
    assert p["lambda_A3"][0] == p["lambda_A3"][1]
    apart = json_of(
        capsys, "geometry", "haldane", "--k", "0.3,0.1", "--json", "--degeneracy-tolerance", "100"
    )["points"][0]
    assert apart["group"] == [0, 0]
    pairs = json_of(capsys, "geometry", "haldane", "--k", "0.3,0.1", "--json", "--kramers-pairs")["points"][0]
    assert pairs["group"] == [0, 0]


@pytest.mark.parametrize("method", ["sum", "triangle"])
@pytest.mark.parametrize("source", ["haldane", "tilted-dirac"])
def test_compute_has_the_keys_and_shapes_of_the_contract(
    source: str, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json_of(
        capsys,
        "compute",
        source,
        "--mu",
        "-0.2:0.2:3",
        "--temperature",
        "300,500",
        "--method",
        method,
        "--mesh",
        "16",
        "--json",
    )
    assert set(data) == COMPUTE_KEYS
    assert data["mu_eV"] == [-0.2, 0.0, 0.2]
    assert data["temperature_K"] == [300.0, 500.0]
    assert (data["source"], data["method"], data["form"], data["mesh"]) == (source, method, "surface", 16)
    for key in ("chi_nm_per_ohm", "alpha_nA_nm_per_K", "chi_error_nm_per_ohm", "alpha_error_nA_nm_per_K"):
        assert np.shape(data[key]) == (2, 3, 2)
    assert np.shape(data["converged"]) == (2, 3)
    assert set(data["checks"]) == {"mott_residual", "sea_surface_residual"}


def test_a_budget_of_wave_vectors_is_kept_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["compute", "haldane", "--mu", "0.3", "--temperature", "10", "--rtol", "1e-6"]
    assert main([*argv, "--max-evaluations", "100", "--mesh", "12"]) == 0
    head, row, spent, mott, _ = capsys.readouterr().out.splitlines()
    assert head.split()[-1] == "converged"
    assert row.split()[-1] == "no"
    # of the coarsest cells, 2 x 12 x 12 of 16 points, those that the twofold axis leaves, and their children
    assert spent == f"wave vectors: {5 * (12 * 12 + 12) * 16} (zone reduced by M_x T; --whole-zone)"
    assert mott == "mott_residual: needs more wave vectors"


@pytest.mark.parametrize("form", ["surface", "sea"])
def test_compute_by_sum_is_the_sum_over_the_stated_mesh(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json_of(
        capsys,
        "compute",
        "haldane",
        "--mu",
        "-0.5,0.4",
        "--temperature",
        "600",
        "--method",
        "sum",
        "--form",
        form,
        "--mesh",
        "12",
        "--json",
    )
    h = open_source("haldane").hamiltonian
    k, weights = zone_of(h).mesh(12)
    b1, b2 = h.reciprocal
    np.testing.assert_allclose(k[:, 12 * 5 + 7], 5 / 12 * b1 + 7 / 12 * b2, rtol=1e-14)
    chi, alpha = plain_sum(
        band_geometry(h, k), weights, FORMS[form], np.array([-0.5, 0.4]), np.array([600.0])
    )
    np.testing.assert_allclose(data["chi_nm_per_ohm"], chi, rtol=1e-12, atol=1e-20)
    np.testing.assert_allclose(data["alpha_nA_nm_per_K"], alpha, rtol=1e-12, atol=1e-18)


def test_compute_is_adaptive_unless_told_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    data = json_of(capsys, "compute", "haldane", "--mu", "-0.5,0.4", "--temperature", "600", "--json")
    assert (data["method"], data["form"]) == ("adaptive", "surface")
    h = open_source("haldane").hamiltonian
    k, weights = zone_of(h).mesh(200)
    # At 600 K the plain sum over 200 x 200 points is exact to many more digits than the error bars.
    chi, alpha = plain_sum(
        band_geometry(h, k), weights, FORMS["surface"], np.array([-0.5, 0.4]), np.array([600.0])
    )
    for name, unit, exact in (("chi", "nm_per_ohm", chi), ("alpha", "nA_nm_per_K", alpha)):
        error = np.array(data[f"{name}_error_{unit}"])
        assert np.all(np.abs(np.array(data[f"{name}_{unit}"]) - exact) <= error + 1e-9 * np.abs(exact).max())
        # Each within rtol of the largest, as `converged` says.
        assert np.all(np.array(data["converged"]))
        assert error.max() <= 1.001e-3 * np.abs(exact).max()


def test_bands_pass_through_the_corners(capsys: pytest.CaptureFixture[str]) -> None:
    data = json_of(capsys, "bands", "haldane", "--points", "40", "--json")
    path = open_source("haldane").path()
    assert [c["label"] for c in data["corners"]] == [p.label for p in path]
    for corner, point in zip(data["corners"], path, strict=True):
        np.testing.assert_allclose(data["k_inv_angstrom"][corner["index"]], point.k, atol=1e-12)
    assert np.shape(data["energy_eV"]) == (len(data["distance_inv_angstrom"]), 2)


def test_tables_are_printed_where_no_json_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for argv, word in (
        (["models"], "haldane: Haldane model"),
        (["geometry", "haldane", "--k", "0.1,0"], "m/mu_B"),
        (["bands", "haldane", "--points", "12"], "E_1/eV"),
        (
            ["compute", "haldane", "--mu", "0", "--temperature", "300", "--method", "sum", "--mesh", "8"],
            "chi_x/(nm/ohm)",
        ),
    ):
        assert main(argv) == 0
        assert word in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("-1:1:5", [-1, -0.5, 0, 0.5, 1]),
        ("0.3", [0.3]),
        ("-0.2,.1", [-0.2, 0.1]),
        ("1:-1:3", [1, 0, -1]),
        ("2:2:1", [2]),
    ],
)
def test_energies(text: str, values: list[float]) -> None:
    np.testing.assert_allclose(energies(text), values, atol=1e-15)


@pytest.mark.parametrize("value", ["-1:1:21", "-.5", "-0.1,0.2", "-1e-3"])
def test_negative_values_are_kept_as_values(value: str) -> None:
    assert keep_negative_values(["compute", "x", "--mu", value]) == ["compute", "x", f"--mu={value}"]


@pytest.mark.parametrize("words", [["--k=1,2", "-h"], ["--mu", "--json"], ["-0.5"], ["--set", "x=-0.3"]])
def test_what_is_no_value_of_an_option_is_left_alone(words: list[str]) -> None:
    assert keep_negative_values(words) == words


def test_the_command_line_starts_without_the_page() -> None:
    code = (
        "import sys; from explorer.cli import main; main(['models', '--json'])\n"
        "heavy = {'panel', 'bokeh', 'holoviews', 'numba', 'xarray', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_nothing_to_finish_after_a_closed_pipe() -> None:
    shell = f"set -o pipefail; {ENTRY} models | head -1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
