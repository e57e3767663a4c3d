"""The Source file tab: reports what was read, also of a file that is refused, and its buttons open it repaired."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.session.ranges import mu_bounds
from explorer.session.source import open_source
from explorer.session.source_name import SourceName
from explorer.session.state import State, default_state, source_model
from explorer.views.tabs.source_file import SourceReportView, examine, is_wannier_file
from tests.models.files.wannier90.wannier_files import random_model, save, tb_lines
from tests.views.tabs.test_all_tabs import Page, frame_of


class FilePage(Page):
    """A page that opens sources."""

    def __init__(self, state: State, refused: str | None = None) -> None:
        super().__init__()
        self.state, self.refused = state, refused
        self.opened: list[str] = []

    def open(self, source: str) -> None:
        self.opened.append(source)
        self.state = default_state(source)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return save(tmp_path / "good_tb.dat", tb_lines(random_model(4, 3)))


@pytest.fixture
def skew(tmp_path: Path) -> Path:
    """A file that is not Hermitian by 0.1 eV."""
    model = random_model(4, 3, weights=False)
    model.H[1, 0, 0][0, 1] += 0.1
    return save(tmp_path / "skew_tb.dat", tb_lines(model))


def report_of(source: str, page: FilePage) -> tuple[SourceReportView, object]:
    view = SourceReportView(page, lambda: None)
    view.layout()
    frame = frame_of(page.state.source, 12)
    result = view.compute(frame)
    view.draw(frame, result)
    return view, result


def test_a_file_on_the_page(good: Path) -> None:
    page = FilePage(default_state(str(good)))
    view, result = report_of(str(good), page)
    for words in ("is on the page", "4, 9", "position matrices", "plane of the crystal", "xy", "written on"):
        assert words in view._text.object
    assert "In memory: all 4 bands on 12 × 12 wave vectors" in view._kept.object
    assert is_wannier_file(str(good.parent))  # a folder stands for the file in it
    assert result.report.hermiticity_h < 1e-9


def test_a_refused_file_is_opened_as_repaired(skew: Path) -> None:
    with pytest.raises(ValueError, match="not Hermitian"):
        source_model(str(skew))
    page = FilePage(default_state("haldane"), refused=str(skew))
    view, result = report_of(str(skew), page)
    assert "could not be opened" in view._text.object
    assert "The page still shows: Haldane" in view._text.object
    assert "H(−R)†" in view._text.object
    assert not view._of_page.visible, "the window and the memory are those of another source"
    buttons = view._repairs[0]
    view.draw(frame_of("haldane", 12), result)
    assert view._repairs[0] is buttons, "a click would be lost on one that is replaced"
    (repair,) = [r for r in result.report.repairs if r.option == "hermitise"]
    view.apply(result, repair)
    (source,) = page.opened
    h = open_source(source).hamiltonian
    for R, matrix in zip(h.vectors, h.hoppings, strict=True):
        (back,) = np.flatnonzero((h.vectors == -R).all(axis=1))
        np.testing.assert_allclose(matrix, h.hoppings[back].conj().T, atol=1e-12)
    page.state, page.refused = default_state(source), None
    view, result = report_of(source, page)
    assert "opened with" in view._text.object
    assert len(view._repairs) == 0  # what was repaired is not offered again


def test_a_3d_file_offers_planes(tmp_path: Path) -> None:
    cell = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]])
    path = save(tmp_path / "bulk_tb.dat", tb_lines(random_model(2, 5, stacking_reach=2, cell=cell)))
    page = FilePage(default_state("haldane"), refused=str(path))
    view, result = report_of(str(path), page)
    repair = next(r for r in result.report.repairs if r.option == "plane")
    view.apply(result, repair)
    assert source_model(page.opened[0]).plane.name == repair.value


def test_shifting_the_energy_moves_mu_to_zero(good: Path) -> None:
    shifted = save(good.parent / "high_tb.dat", tb_lines(_raised(random_model(4, 3), 20.0)))
    page = FilePage(default_state(str(shifted)))
    view, result = report_of(str(shifted), page)
    (repair,) = [r for r in result.report.repairs if r.option == "energy_shift"]
    view.apply(result, repair)
    (change,) = page.changes
    assert change["mu"] == 0.0
    value = change["parameters"]["energy_shift"]
    state = replace(page.state, mu=0.0).with_parameter("energy_shift", value)
    energy = frame_of(str(shifted), 12).geometry.corners.energy + dict(state.parameters)["energy_shift"]
    assert energy.min() < 0 < energy.max()


def _raised(model, energy):  # type: ignore[no-untyped-def]
    model.H[0, 0, 0][np.diag_indices(len(model.centres))] += energy
    return model


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = save(tmp_path / "cut_tb.dat", tb_lines(random_model(2, 3))[:40])
    view, result = report_of(str(path), FilePage(default_state("haldane"), refused=str(path)))
    assert result.report is None
    assert "cut_tb.dat" in view._text.object


def test_models_by_name() -> None:
    view, result = report_of("haldane", FilePage(default_state("haldane")))
    assert result.report is None
    assert "own" in view._text.object
    found = examine("cri3-eg", False).report
    assert found is not None
    assert (found.bands, found.kramers, found.plane) == (8, True, "xy")
    assert not is_wannier_file("haldane")


def test_settings_after_a_name(tmp_path: Path, good: Path) -> None:
    for plain in ("a#b_tb.dat", "haldane"):
        assert SourceName.parse(plain) == SourceName(plain)
    once = SourceName("a#b_tb.dat").with_setting("plane", "xy")
    twice = once.with_setting("hermitise")
    assert twice == SourceName("a#b_tb.dat", (("plane", "xy"), ("hermitise", "")))
    assert SourceName.parse(str(twice)) == twice
    assert str(once.with_setting("plane", "yz")) == "a#b_tb.dat#plane=yz"
    assert open_source(f"{good}#kramers_pairs").hamiltonian.kramers_pairs
    assert not open_source(str(good)).hamiltonian.kramers_pairs
    assert open_source(f"{good}#degeneracy_tolerance=1e-08").hamiltonian.degeneracy_tolerance == 1e-8
    with pytest.raises(ValueError, match=r"degeneracy_tolerance=small after .* is not a number"):
        open_source(f"{good}#degeneracy_tolerance=small")
    with pytest.raises(ValueError, match="0 eV or more"):
        open_source(f"{good}#degeneracy_tolerance=-1")


def test_split_levels_can_be_resolved(tmp_path: Path) -> None:
    model = random_model(4, 3, weights=False)
    for R in model.H:
        block = model.H[R][:2, :2]
        model.H[R] = np.kron(np.eye(2), block)
    model.H[0, 0, 0][2:, 2:] += 2e-5 * np.eye(2)
    path = save(tmp_path / "split_tb.dat", tb_lines(model))
    page = FilePage(default_state(str(path)))
    view, result = report_of(str(path), page)
    assert (
        "128 of 192 neighbouring levels on that mesh are within it, 128 of them not equal"
        in view._text.object
    )
    (repair,) = [r for r in result.report.repairs if r.option == "degeneracy_tolerance"]
    view.apply(result, repair)
    assert open_source(page.opened[0]).hamiltonian.degeneracy_tolerance == repair.value


def test_an_energy_window_of_ones_own() -> None:
    """Range of mu, curves and bands; mu and T stay, the window can be taken back, the Hamiltonian is the same."""
    page = FilePage(replace(default_state("haldane"), mu=0.4, temperature=77.0))
    view, _ = report_of("haldane", page)
    low, high = mu_bounds("haldane")
    assert view._window.value == ""
    assert view._window.placeholder == f"{low:g}:{high:g}"
    view.choose_window(" -1 : 0.25")
    assert page.opened == ["haldane#window=-1:0.25"]
    assert mu_bounds(page.opened[0]) == (-1.0, 0.25)
    assert page.changes == [{"mu": 0.25, "temperature": 77.0}]
    view, _ = report_of(page.opened[0], page)
    assert view._window.value == "-1:0.25"
    assert len(page.opened) == 1  # showing it asks for nothing
    curves = frame_of("haldane#window=-1:0.25", 12).curves
    assert (curves.mu[0], curves.mu[-1]) == (-1.0, 0.25)
    view.choose_window("")
    assert page.opened[1] == "haldane"
    assert default_state("haldane#window=5:6").mu == 5.0
    whole, part = open_source("haldane"), open_source("haldane#window=-1:0.25")
    np.testing.assert_array_equal(whole.hamiltonian.hoppings, part.hamiltonian.hoppings)
    assert SourceName.parse("haldane").energy_window is None
    for bad in ("1:0", "1", "a:b", "0:inf", ""):
        with pytest.raises(ValueError, match="energy window must be LOW:HIGH"):
            open_source(f"haldane#window={bad}")
