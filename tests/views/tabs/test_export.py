"""The Export tab gives the numbers on screen, with units and provenance, and pictures."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

import explorer
from explorer.export import page as drawn
from explorer.export.formats import ENDINGS
from explorer.live.frame import Frame, mesh_point
from explorer.session.state import NEAREST
from explorer.views import View
from explorer.views.figures.data import figures_in, table
from explorer.views.tabs.equilibrium import EquilibriumView
from explorer.views.tabs.export import WHAT, ExportView, file_stem
from tests.views.tabs.test_all_tabs import TABS, Page, frame_of, opened


@pytest.fixture(scope="module", params=["cumnas", "tilted-dirac"])
def frame(request: pytest.FixtureRequest) -> Frame:
    return frame_of(request.param, 16, mu=0.1)


def rows_of(content: bytes) -> tuple[list[str], dict[str, np.ndarray]]:
    lines = content.decode().splitlines()
    notes = [line for line in lines if line.startswith("#")]
    head, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    return notes, dict(zip(head, np.array(rows, dtype=float).T, strict=True))


def data_of(content: bytes) -> xr.Dataset:
    with xr.open_dataset(io.BytesIO(content), engine="h5netcdf") as data:
        return data.load()


@pytest.mark.parametrize("suffix", ENDINGS)
@pytest.mark.parametrize("name", WHAT)
def test_every_button_gives_a_file(name: str, suffix: str) -> None:
    # a disc's map is the one picture drawn another way
    frame = frame_of("tilted-dirac" if name == "zone_map" else "cumnas", 12, mu=0.1)
    view = ExportView(Page(), lambda: None)
    view.layout()
    with pytest.raises(ValueError, match="nothing has been drawn"):
        view.file(name, suffix)
    view.draw(frame, view.compute(frame))
    content = view.file(name, suffix).getvalue()
    start = {".png": b"\x89PNG", ".nc": b"\x89HDF", ".csv": b"# source", ".svg": b"<?xml"}[suffix]
    assert content.startswith(start)
    assert len(content) > 1000


def test_curves_are_those_on_screen(frame: Frame) -> None:
    notes, columns = rows_of(drawn.saved(drawn.curves(frame), ".csv"))
    np.testing.assert_allclose(columns["chi_x_nm_per_ohm"], frame.curves.chi[:, 0], rtol=1e-10)
    np.testing.assert_allclose(columns["alpha_mott_y_nA_nm_per_K"], frame.curves.alpha_mott[:, 1], rtol=1e-10)
    assert any(frame.geometry.source.fingerprint in note for note in notes)
    assert any("point_chi_x_nm_per_ohm" in note for note in notes)
    data = data_of(drawn.saved(drawn.curves(frame), ".nc"))
    np.testing.assert_array_equal(data["chi"], frame.curves.chi)
    assert data["chi"].attrs["units"] == "nm/ohm"
    assert data.attrs["mu_eV"] == 0.1


def test_direct_values_stand_at_their_mu(frame: Frame) -> None:
    direct = np.arange(2.0 * frame.curves.at.size).reshape(-1, 2)
    curves = replace(frame.curves, chi_direct=direct)
    _, columns = rows_of(drawn.saved(drawn.curves(replace(frame, curves=curves)), ".csv"))
    known = np.isfinite(columns["chi_direct_y_nm_per_ohm"])
    np.testing.assert_allclose(columns["mu_eV"][known], frame.curves.at, atol=1e-12)
    np.testing.assert_allclose(columns["chi_direct_y_nm_per_ohm"][known], direct[:, 1])


def test_map_of_a_band(frame: Frame) -> None:
    one = replace(frame, state=replace(frame.state, band=2))
    data = data_of(drawn.saved(drawn.zone_map(one), ".nc"))
    assert "(index 1)" in data["lambda_x"].attrs["long_name"]
    whole = data_of(drawn.saved(drawn.zone_map(frame), ".nc"))
    assert "occupied" in whole["lambda_x"].attrs["long_name"]
    if frame.geometry.picture is frame.geometry.corners:
        np.testing.assert_allclose(
            whole["lambda_x"].values.ravel(), frame.lambda_map[0], rtol=1e-9, atol=1e-9
        )


def test_map_of_the_band_nearest_mu_is_the_page_s_and_the_command_line_s(frame: Frame) -> None:
    state = replace(frame.state, band=NEAREST)
    shown = mesh_point(frame.geometry, state)[0]
    one = replace(frame, state=state, lambda_map=shown)
    data = data_of(drawn.saved(drawn.zone_map(one), ".nc"))
    assert "nearest mu" in data["lambda_x"].attrs["long_name"]
    computed = explorer.kmap(
        state.source, mu=state.mu, temperature=state.temperature, mesh=frame.geometry.mesh, band="nearest"
    )
    np.testing.assert_allclose(data["lambda_x"], computed["lambda_x"], rtol=1e-9)
    assert data["lambda_x"].attrs["long_name"] == computed["lambda_x"].attrs["long_name"]
    if frame.geometry.picture is frame.geometry.corners:
        np.testing.assert_allclose(data["lambda_y"].values.ravel(), shown[1], rtol=1e-9)


def test_whole_mesh(frame: Frame) -> None:
    data = data_of(drawn.mesh_netcdf(frame))
    np.testing.assert_array_equal(data["energy"], frame.geometry.corners.energy)
    assert data.attrs["mesh"] == 16
    whole = [data, *(data_of(drawn.saved(getattr(drawn, name)(frame), ".nc")) for name in WHAT)]
    assert all(map(named_with_units, whole))


def test_file_names_come_from_the_source(frame: Frame) -> None:
    assert file_stem(frame) == frame.state.source
    odd = replace(frame, state=replace(frame.state, source="/a b/x y_tb.dat#plane=xy"))
    assert file_stem(odd) == "x_y_tb.dat"


def test_figures_of_a_tab_as_csv() -> None:
    frame = frame_of("haldane", 12)
    view, result, _ = opened(EquilibriumView, frame)
    figures = figures_in(view._figures)
    assert len(figures) == 6
    with zipfile.ZipFile(view.data()) as file:
        names = file.namelist()
        hall = next(n for n in names if "Hall" in n)
        notes, columns = rows_of(file.read(hall))
        omega = next(n for n in names if "Berry_curvature" in n)
        _, image = rows_of(file.read(omega))
    assert any("temperature_K: 300" in note for note in notes)
    np.testing.assert_allclose(columns["σxy"], result.curves.sigma, rtol=1e-8, atol=1e-12)
    assert set(image) == {"x", "y", "value"}
    assert np.isfinite(image["value"]).all()


def test_figures_of_a_tab_as_netcdf() -> None:
    frame = frame_of("haldane", 12)
    view, result, _ = opened(EquilibriumView, frame)
    content = view.netcdf().getvalue()
    root = data_of(content)
    assert root.attrs["source_sha256"] == frame.geometry.source.fingerprint
    assert root.attrs["temperature_K"] == 300
    with h5py.File(io.BytesIO(content)) as file:
        groups = {
            name: {key: np.array(value) for key, value in group.items()} for name, group in file.items()
        }
        labels = {name: dict(group.attrs) for name, group in file.items()}
    hall = next(name for name in groups if "Hall" in name)
    np.testing.assert_allclose(groups[hall]["σxy"], result.curves.sigma, rtol=1e-12)
    assert "eV" in str(labels[hall]["x"])
    omega = next(name for name in groups if "Berry_curvature" in name)
    assert groups[omega]["value"].shape == (groups[omega]["y"].size, groups[omega]["x"].size)
    assert len(groups) >= 6


def named_with_units(data: xr.Dataset) -> bool:
    """Whether every variable says what it is and in what unit, in plain letters."""
    attributes = [v.attrs for v in data.variables.values()]
    return bool(attributes) and all(
        a["units"].isascii() and a["units"] and a["long_name"] for a in attributes
    )


@pytest.mark.parametrize("tab", TABS)
def test_every_variable_of_every_figure_has_its_unit(tab: type[View], tmp_path: Path) -> None:
    view, _, _ = opened(tab, frame_of("cumnas", 12))
    (tmp_path / "figures.nc").write_bytes(view.netcdf().getvalue())
    with xr.open_datatree(tmp_path / "figures.nc", engine="h5netcdf") as tree:
        assert all(named_with_units(figure.dataset) for figure in tree.children.values())


def test_units_of_figures_are_those_of_their_axes(tmp_path: Path) -> None:
    view, _, _ = opened(EquilibriumView, frame_of("haldane", 12))
    (tmp_path / "figures.nc").write_bytes(view.netcdf().getvalue())
    with xr.open_datatree(tmp_path / "figures.nc", engine="h5netcdf") as tree:
        hall = next(d for name, d in tree.children.items() if "Hall" in name)
        omega = next(d for name, d in tree.children.items() if "Berry" in name and "value" in d)
    assert (hall["x"].attrs["units"], hall["x"].attrs["long_name"]) == ("eV", "μ")
    assert hall["σxy"].attrs["units"] == "e^2/h"
    assert (omega["value"].attrs["units"], omega["x"].attrs["units"]) == ("angstrom^2", "angstrom^-1")
    assert "Berry curvature" in omega["value"].attrs["long_name"]


@pytest.mark.parametrize("tab", TABS)
def test_every_figure_can_be_saved(tab: type[View]) -> None:
    view, _, _ = opened(tab, frame_of("cumnas", 12))
    with h5py.File(io.BytesIO(view.netcdf().getvalue())) as file, zipfile.ZipFile(view.data()) as packed:
        assert sorted(f"{name}.csv" for name in file) == sorted(packed.namelist()) != []
    assert figures_in(view._figures)
    for figure in figures_in(view._figures):
        (tool,) = [t for t in figure.tools if t.description == "Save as SVG"]
        assert tool.icon.startswith("data:image/svg+xml,")


def test_tables_of_odd_sources() -> None:
    lines: dict[str, Any] = {
        "xs": [np.array([0.0, 1.0]), np.array([2.0])],
        "ys": [np.array([3.0, 4.0]), np.array([5.0])],
    }
    assert table(lines) == [["xs", "ys"], [0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert table({"x": []}) == []
    assert table({}) == []
