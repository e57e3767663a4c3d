"""Files in and out of the real page: a refused file is opened as repaired, downloads hold what is on screen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.test_page import opened
from tests.models.files.wannier90.wannier_files import (
    centres_lines,
    hr_lines,
    random_model,
    save,
    tb_lines,
    win_lines,
)

pytestmark = pytest.mark.e2e


def open_tab(page: Page, name: str) -> None:
    """Turn to a tab; a strip that still scrolls takes a click for another one."""
    tab = page.get_by_role("tab", name=name)
    for _ in range(10):
        tab.click()  # waits for it, and scrolls to one that does not fit
        page.wait_for_timeout(500)
        if tab.get_attribute("aria-selected") == "true":
            return
    raise AssertionError(f"no tab {name}")


def test_a_refused_file_is_repaired(chromium: Browser, url: str, tmp_path: Path) -> None:
    model = random_model(2, 3, weights=False)
    model.H[1, 0, 0][0, 1] += 0.1
    path = save(tmp_path / "skew_tb.dat", tb_lines(model))
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        page.get_by_text("Open a Wannier90 file").first.click()
        box = page.get_by_label("Open a file by its path")
        box.fill(str(path))
        box.press("Enter")
        expect(page.get_by_text("H is not Hermitian").first).to_be_visible(timeout=30_000)
        open_tab(page, "Source file")
        expect(page.get_by_text("skew_tb.dat could not be opened")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Take the Hermitian part").click()
        expect(page.get_by_text("skew_tb.dat is on the page")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("hermitise").last).to_be_visible()
        assert complaints == []


def test_a_bulk_file_is_cut_along_a_plane_that_is_offered(
    chromium: Browser, url: str, tmp_path: Path
) -> None:
    """An fcc primitive cell, of which no two vectors lie in a Cartesian plane, and a .win of another lattice beside."""
    fcc = 2.7 * (np.ones((3, 3)) - np.eye(3))
    path = save(
        tmp_path / "fcc_tb.dat", tb_lines(random_model(2, 3, stacking_reach=1, cell=fcc, weights=False))
    )
    save(tmp_path / "fcc.win", win_lines(random_model(2, 3, cell=1.1 * fcc)))
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        page.get_by_text("Open a Wannier90 file").first.click()
        box = page.get_by_label("Open a file by its path")
        box.fill(str(path))
        box.press("Enter")
        expect(page.get_by_text("name a plane by two combinations").first).to_be_visible(timeout=30_000)
        open_tab(page, "Source file")
        button = page.get_by_role("button", name=re.compile("Plane .*leaving out hoppings up to")).first
        expect(button).to_be_visible(timeout=30_000)
        button.click()
        expect(page.get_by_text("fcc_tb.dat is on the page")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Axes of the plane").first).to_be_visible()
        expect(
            page.get_by_text("The lattice in fcc.win differs from that in fcc_tb.dat").first
        ).to_be_visible()
        assert complaints == []


def drop(page: Page, place: Locator, path: Path) -> None:
    """Drop a file or folder of this machine, as from a file manager."""
    box = place.bounding_box()
    assert box is not None
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})


def test_a_folder_is_dropped(chromium: Browser, url: str, tmp_path: Path) -> None:
    model = random_model(2, 3, weights=False)
    run, empty = tmp_path / "run", tmp_path / "empty"
    for folder in (run, empty):
        folder.mkdir()
        (folder / "WAVECAR").write_bytes(bytes(1000))
    save(run / "seed_hr.dat", hr_lines(model))
    save(run / "seed.win", win_lines(model))
    save(run / "seed_centres.xyz", centres_lines(model))
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        page.get_by_text("Open a Wannier90 file").first.click()
        target = page.get_by_text("or drop SEED_tb.dat").first
        page.locator("[data-folders=heard]").wait_for(state="attached", timeout=30_000)
        target.hover()  # waits until it has come to rest: the drawer unfolds
        drop(page, target, empty)
        expect(page.get_by_text("no _tb.dat or _hr.dat in the folder empty").first).to_be_visible(
            timeout=30_000
        )
        drop(page, target, run)
        expect(page.get_by_text("seed_hr.dat (2 functions)").first).to_be_visible(timeout=60_000)
        assert "seed" not in page.url  # of this page alone, so it is no address
        expect(page.get_by_text("Uploaded 3 files").first).to_be_visible(timeout=30_000)
        assert complaints == []


def test_downloads(chromium: Browser, url: str, tmp_path: Path) -> None:
    with opened(chromium, f"{url}?model=haldane&mu=0.25") as (page, complaints, _):
        open_tab(page, "Export")
        expect(page.get_by_text("What is on screen now")).to_be_visible(timeout=60_000)
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("button", name="NetCDF").first.click()
        assert download.value.suggested_filename == "haldane-curves.nc"
        download.value.save_as(tmp_path / "curves.nc")
        with xr.open_dataset(tmp_path / "curves.nc", engine="h5netcdf") as data:
            assert data.attrs["mu_eV"] == 0.25
            assert data["chi"].attrs["units"] == "nm/ohm"
        assert complaints == []


def test_figures_of_a_tab_are_saved_as_svg_and_netcdf(chromium: Browser, url: str, tmp_path: Path) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        open_tab(page, "Equilibrium")
        expect(page.get_by_text("At μ =").first).to_be_visible(timeout=60_000)
        button = page.get_by_title("Save as SVG").first
        button.wait_for(state="attached", timeout=60_000)
        box = button.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] - 200, box["y"])  # tools show once the pointer is over the figure
        expect(button).to_be_visible(timeout=10_000)
        with page.expect_download(timeout=60_000) as download:
            button.click()
        assert download.value.suggested_filename.endswith(".svg")
        download.value.save_as(tmp_path / "figure.svg")
        assert "<path" in (tmp_path / "figure.svg").read_text()
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("button", name="NetCDF").first.click()
        download.value.save_as(tmp_path / "figures.nc")
        with xr.open_dataset(tmp_path / "figures.nc", engine="h5netcdf") as data:
            assert data.attrs["source"] == "haldane"
        assert complaints == []


def test_the_paper_page_says_what_agrees(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        open_tab(page, "Paper")
        expect(page.get_by_text("What agrees with the paper")).to_be_visible(timeout=120_000)
        expect(page.get_by_text("agrees", exact=True).first).to_be_visible(timeout=60_000)
        assert complaints == []
