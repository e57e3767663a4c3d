"""One row is all that a response needs: a toy registered here is found wherever responses are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import explorer
from explorer.cli import main
from explorer.export import page as drawn
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.occupations import fermi
from explorer.physics.responses import catalogue
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.row import CHI, Row
from explorer.physics.symmetry.allowed_components import ResponseKind
from explorer.physics.zone.domain import zone_of
from explorer.session.source import open_source
from explorer.studies.responses_at_state import responses_at_state
from explorer.studies.symmetry_table import amounts, operations
from explorer.validation import CHECKS, validate
from explorer.views.tabs.export import ExportView
from explorer.views.tabs.symmetry import SymmetryView
from tests.views.tabs.test_all_tabs import Page, frame_of

TOY_UNIT = 7.0
TOY = Row(
    name="toy",
    label="ζ^toy",
    latex=r"\zeta^{toy}",
    title="seven times the slope of the bands, weighted by their curvature",
    unit="toys/nm2",
    components=("x", "y"),
    kind=ResponseKind("toy vector", ("x", "y"), "ζ of E", axial_z=True, polar=1),
    integrand=lambda _: TOY_DENSITIES,
    coefficient=CHI,
    equation="nowhere",
    checks=(catalogue.FORBIDDEN,),
)
TOY_DENSITIES = Integrand(
    "toy",
    ("x", "y"),
    lambda g: g.term1,
    None,
    TOY_UNIT,
    TOY_UNIT,
    ((0, 3), (1, 3)),
)
MU, KELVIN, MESH = 1.4, 900.0, 24


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "CATALOGUE", (*catalogue.CATALOGUE, TOY))


@pytest.fixture(scope="module")
def expected() -> Any:
    """The sum over the mesh, written out."""
    h = open_source("haldane").hamiltonian
    k, weights = zone_of(h).mesh(MESH)
    g = band_geometry(h, k)
    return TOY_UNIT * ((fermi(g.energy, MU, KELVIN) * g.term1).sum(axis=1) @ weights)


def json_of(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert main(argv) == 0
    return json.loads(capsys.readouterr().out)


AT = ("--mu", str(MU), "--temperature", str(KELVIN))
SUM = ("--method", "sum", "--mesh", str(MESH))


def test_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path, expected: Any) -> None:
    listed = {r["name"]: r for r in json_of(capsys, "responses", "--json")}
    assert listed["toy"]["unit"] == "toys/nm2"
    assert (listed["toy"]["inversion"], listed["toy"]["time_reversal"]) == (-1, -1)
    assert main(["responses"]) == 0
    assert "toys/nm2" in capsys.readouterr().out
    data = json_of(capsys, "compute", "haldane", *AT, *SUM, "--response", "toy", "--json")["responses"]["toy"]
    assert data["components"] == ["x", "y"]
    np.testing.assert_allclose(data["value"][0][0], expected, rtol=1e-10, atol=1e-12)
    assert np.shape(data["error"]) == (1, 1, 2)
    adaptive = json_of(capsys, "compute", "haldane", *AT, "--response", "all", "--json")["responses"]["toy"]
    assert adaptive["converged"] == [[True]]
    away = np.abs(np.subtract(adaptive["value"][0][0], expected))
    assert (away <= np.add(adaptive["error"][0][0], data["error"][0][0]) + 1e-12).all()
    out = tmp_path / "toy.nc"
    assert main(["compute", "haldane", *AT, *SUM, "--response", "toy", "--out", str(out)]) == 0
    with xr.open_dataset(out, engine="h5netcdf") as file:
        np.testing.assert_allclose(file["toy"].sel(direction=["x", "y"])[0, 0], expected, atol=1e-12)
        assert file["toy"].attrs["units"] == "toys/nm2"
        assert file["toy_error"].shape == file["toy"].shape
    table = tmp_path / "toy.csv"
    assert main(["compute", "haldane", *AT, *SUM, "--response", "toy", "--out", str(table)]) == 0
    assert "toy_y_toys_per_nm2" in table.read_text()


def test_map(tmp_path: Path, expected: Any) -> None:
    out = tmp_path / "map.nc"
    words = ["kmap", "haldane", *AT, "--mesh", str(MESH), "--response", "toy"]
    assert main([*words, "--out", str(out)]) == 0
    weights = zone_of(open_source("haldane").hamiltonian).mesh(MESH)[1]
    with xr.open_dataset(out, engine="h5netcdf") as file:
        assert file["toy"].attrs["units"] == "toys/nm2 angstrom2"
        total = file["toy"].values.reshape(2, -1) @ weights
    np.testing.assert_allclose(total, expected, rtol=1e-10, atol=1e-12)
    assert main([*words, "--out", str(tmp_path / "map.svg")]) == 0
    found = explorer.kmap("haldane", mu=MU, temperature=KELVIN, mesh=MESH, response="toy", band=0)
    assert found["toy"].shape == (2, MESH, MESH)


def test_python(expected: Any) -> None:
    assert explorer.responses()["toy"]["needs"] == ()
    data = explorer.compute(
        "haldane", mu=MU, temperature=KELVIN, response="hall,toy", method="sum", mesh=MESH
    )
    np.testing.assert_allclose(data["toy"][0, 0], expected, rtol=1e-10, atol=1e-12)
    assert data["hall"].attrs["units"] == "e2/h"
    assert "chi" not in data


def test_table_one_and_the_checks(expected: Any) -> None:
    frame = frame_of("haldane", MESH, mu=MU)
    state = replace(frame.state, temperature=KELVIN)
    rows = {row.kind.name: row for row in operations(state).report.table}
    assert rows["toy vector"].direction == rows["intrinsic"].direction == "y only"
    found = amounts(frame.geometry, MU, KELVIN)["toy vector"]
    np.testing.assert_allclose(found.value, expected, rtol=1e-10, atol=1e-12)
    assert found.unit == "toys/nm²"
    model = frame.geometry.source.model
    names = {r.name: r.passed for r in validate(model, "brief")}
    assert names["forbidden by symmetry, toy vector"]


def test_page_and_its_files() -> None:
    frame = replace(frame_of("haldane", MESH, mu=MU), stage="sharp")
    assert "toy" in responses_at_state(frame).values
    view = SymmetryView(Page(), lambda: None)
    view.layout()
    view.draw(frame, view.compute(frame))
    assert "data-response='toy vector'" in view._table.object
    assert "P and T broken; lives with PT" in view._table.object
    export = ExportView(Page(), lambda: None)
    export.layout()
    export.draw(frame, export.compute(frame))
    assert "ζ<sup>toy</sup>" in export._responses.object
    assert "toys/nm²" in export._responses.object
    assert b"toy_x_toys_per_nm2" in export._response_file(".csv").getvalue()
    assert drawn.saved(export.compute(frame), ".nc").startswith(b"\x89HDF")


def test_every_row_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are none of another, components that fit, checks that there are, signs that agree with its kind."""
    monkeypatch.undo()
    rows = catalogue.rows()
    assert len({r.name for r in rows}) == len(rows)
    for row in rows:
        assert len(row.components) == len(row.kind.components)
        assert row.checks, row.name
        assert set(row.checks) <= set(CHECKS), row.name
        assert row.name.isidentifier()
    kinds = {kind.name: kind for kind in catalogue.kinds()}
    assert len(kinds) == len(catalogue.kinds())
