"""The tab of Table I: operations break at a slider, numbers keep in step, files with and without atoms."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.live.frame import Frame, mesh_curves, mesh_point
from explorer.meshes.cache import SHARED
from explorer.models.cumnas import CuMnAs
from explorer.models.files.wannier90.beside.crystal import read_structure
from explorer.models.files.wannier90.model import WannierFile
from explorer.models.files.wannier90.write import write_tb
from explorer.models.haldane import Haldane
from explorer.models.kit.model import catalogue
from explorer.session.state import State, default_state
from explorer.studies.symmetry_table import VANISHED_SHARE, amounts, candidates, operations
from explorer.views import VIEWS
from explorer.views.tabs.symmetry import SymmetryView


def state_of(source: str, **parameters: float) -> State:
    state = replace(default_state(source), temperature=300.0)
    for name, value in parameters.items():
        state = state.with_parameter(name, value)
    return state


def frame_of(state: State, mesh: int = 24) -> Frame:
    m = SHARED.get(state, mesh)
    picture, point = mesh_point(m, state)
    return Frame(state, "mesh", m, picture, mesh_curves(m, state), point)


class Page:
    def change(self, **changes: Any) -> None:
        raise AssertionError("the table changes nothing")

    def toast(self, text: str, kind: str = "warning") -> None:
        raise AssertionError(text)


def shown(*states: State) -> str:
    """HTML of the tab after the last of the states."""
    view = SymmetryView(Page(), lambda: None)
    view.layout()
    for state in states:
        frame = frame_of(state)
        view.draw(frame, view.compute(frame))
    return str(view._table.object)


def row(html: str, response: str) -> str:
    """Text of one row of Table I."""
    (found,) = re.findall(rf"<tr data-response='{response}'>(.*?)</tr>", html)
    return re.sub(r"<[^>]+>", " ", found)


def test_the_tab_is_found_and_follows_a_drag() -> None:
    assert SymmetryView in {entry.load() for entry in VIEWS}
    assert SymmetryView.live


def test_a_slider_that_breaks_a_symmetry_changes_the_table() -> None:
    """PT-symmetric CuMnAs, then with a staggered potential: PT breaks, and what it forbade comes back."""
    whole, broken = state_of("cumnas"), state_of("cumnas", staggering=0.1)
    before, after = shown(whole), shown(whole, broken)
    assert "PT holds" in before
    assert "PT broken" in after
    assert "✗ none" in row(before, "extrinsic")
    assert "PT" in row(before, "extrinsic").split("none")[1]
    assert "✗" not in row(after, "extrinsic").split("check")[0].replace("✗ none", "")
    assert "✓" in row(after, "extrinsic")
    assert "x only" in row(before, "intrinsic")
    assert "✓ allowed" in row(after, "equilibrium magnetization")


@pytest.mark.parametrize(
    ("source", "parameters"),
    [
        ("cumnas", {}),
        ("cumnas", {"neel_tilt": 90.0}),
        ("haldane", {}),
        ("haldane", {"anisotropy": 0.0}),
        ("haldane", {"flux": 0.0}),
        ("rashba", {}),
        ("mos2", {"angle": 20.0}),
        ("honeycomb-afm", {"bias": 0.05}),
        ("tilted-dirac", {}),
    ],
)
def test_what_the_table_forbids_is_not_in_the_numbers(source: str, parameters: dict[str, float]) -> None:
    """Every response, to 1e-9 of its terms; what is allowed there stands out of the rounding by 1e3."""
    state = state_of(source, **parameters)
    found = amounts(SHARED.get(state, 24), state.mu, state.temperature)
    report = operations(state).report
    assert {r.kind.name for r in report.table} == set(found)
    alive = 0
    for line in report.table:
        amount = found[line.kind.name]
        outside = amount.value - line.projector() @ amount.value
        assert np.all(np.abs(outside) <= VANISHED_SHARE * amount.size), line.kind.name
        alive += int(line.rank > 0 and float(amount.share.max()) > 1e3 * VANISHED_SHARE)
    assert alive >= 1


def test_broken_operations_stay_on_the_list_with_their_residual() -> None:
    """Haldane's threefold axis is broken by the one unequal bond: by t times its excess, 0.3 eV."""
    checks = {c.symmetry.name: c for c in operations(state_of("haldane")).report.checks}
    assert not checks["C3z"].holds
    assert 0.1 < checks["C3z"].residual <= 0.6
    assert checks["M_x T"].holds
    assert operations(state_of("haldane", anisotropy=0.0)).report.group.name == "3m'"
    names = [s.name for s in candidates(Haldane())]
    assert len(names) == len(set(names))


def test_operations_are_kept_by_parameters_alone() -> None:
    state = state_of("haldane")
    assert operations(state) is operations(replace(state, mu=0.1, temperature=20.0, field=1.0, band=1))
    assert operations(state) is not operations(state.with_parameter("mass", 0.2))


ATOMS = """num_wann = 4
{spinors}
begin unit_cell_cart
3.82 0 0
0 3.82 0
0 0 20
end unit_cell_cart
begin atoms_cart
Mn 0 0 0.6
Mn 1.91 1.91 -0.6
end atoms_cart
"""


def cumnas_file(folder: Path, win: str | None, **parameters: float) -> Path:
    """CuMnAs written as a file; its two sites are buckled, which the orbitals of a 2D model cannot say."""
    path = folder / "cumnas_tb.dat"
    write_tb(path, CuMnAs(**parameters).hamiltonian())
    if win is not None:
        (folder / "cumnas.win").write_text(win)
    return path


def test_a_file_without_atoms_is_evidence_only(tmp_path: Path) -> None:
    path = cumnas_file(tmp_path, None)
    assert read_structure(WannierFile(path)) is None
    html = shown(state_of(str(path)))
    assert "evidence only" in html
    assert "Magnetic point group" not in html
    assert "✓ x only" in row(html, "intrinsic")
    assert "not known" in row(html, "extrinsic")


def test_operations_from_atoms_and_moments_are_those_of_the_model(tmp_path: Path) -> None:
    """spglib on the atoms, with moments read from H, finds the group that the model itself declares."""
    path = cumnas_file(tmp_path, ATOMS.format(spinors="spinors = .true."))
    crystal = read_structure(WannierFile(path))
    assert crystal is not None
    n = CuMnAs().exchange * CuMnAs().neel_vector()
    np.testing.assert_allclose(crystal.fields, [n, -n], atol=1e-9)
    found = operations(state_of(str(path))).structure
    declared = operations(state_of("cumnas")).report
    assert found is not None
    holding = {c.symmetry.name for c in declared.checks if c.holds}
    assert {o.name for o in found.operations if o.holds} == holding
    assert found.group is not None
    assert found.group.name == declared.group.name
    for line in found.table:
        assert line.direction == declared.row(line.kind.name).direction
    html = shown(state_of(str(path)))
    assert "evidence only: atoms and bands" in html
    assert "PT holds" in html


def test_an_operation_of_the_atoms_that_the_bands_deny_is_not_used(tmp_path: Path) -> None:
    """The atoms alone know of no staggered potential: PT is theirs still, but the pairs are split."""
    path = cumnas_file(tmp_path, ATOMS.format(spinors="spinors = .true."), staggering=0.2)
    found = operations(state_of(str(path))).structure
    assert found is not None
    tested = {o.name: o for o in found.operations}
    assert not tested["PT"].holds
    assert tested["PT"].residual > 0.01
    assert found.group is not None
    assert found.group.name == operations(state_of("cumnas", staggering=0.2)).report.group.name


def test_moments_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    """Functions that sit on no atom of the list."""
    far = ATOMS.format(spinors="spinors = .true.").replace("1.91 1.91 -0.6", "1.91 0 5")
    found = operations(state_of(str(cumnas_file(tmp_path, far)))).structure
    assert found is not None
    assert found.group is None
    assert "farther than" in found.note


def test_what_vanishes_though_allowed_is_said() -> None:
    """Without spin-orbit coupling a turn of the spins forbids chi; nearest neighbours alone leave s_x E_y out."""
    free = dict(catalogue()["honeycomb-afm"].presets["No spin-orbit coupling (χ vanishes)"])
    html = shown(state_of("honeycomb-afm", **free))
    assert "T with spin turn about" in row(html, "intrinsic")
    assert "✗ none" in row(html, "intrinsic")
    diagonal = row(shown(state_of("cumnas", neel_angle=45.0)), "spin, intrinsic")
    assert re.search(r"s x\s+E y , s y\s+E x\s+allowed, yet 0", diagonal), diagonal
    assert "yet 0" not in row(shown(state_of("cumnas")), "intrinsic")
