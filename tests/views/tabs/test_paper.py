"""The Paper tab: what it says of CrI3 is computed, at once from meshes and then adaptively; it follows the sliders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer import assets
from explorer.live.frame import Frame
from explorer.meshes.cache import SHARED
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.session.declared_symmetries import exact_operations
from explorer.session.state import State, default_state, opened
from explorer.studies import paper
from explorer.studies.crystal import read_xyz
from explorer.studies.paper import (
    LOW,
    MU,
    PaperNumbers,
    Setting,
    SharpNumbers,
    claims,
    linear_range,
    magnetization,
    paper_numbers,
    paper_state,
    parity,
)
from explorer.views.tabs.paper import PaperView
from tests.views.tabs.test_all_tabs import Page, frame_of

COARSE = 24


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A coarse conduction mesh and few adaptive points; the numbers are judged where they are computed."""
    monkeypatch.setattr(paper, "CONDUCTION_MESH", COARSE)
    monkeypatch.setattr(paper, "DIRECT", np.array([0.8, 0.9, 1.2]))
    monkeypatch.setattr(paper, "RTOL", 0.1)


@pytest.fixture(scope="module")
def numbers() -> PaperNumbers:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper, "CONDUCTION_MESH", COARSE)
        return paper_numbers(Setting(0.9, 300.0))


class PaperPage(Page):
    """The page, with a state."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state


def test_claims_that_need_no_adaptive_curve_hold(numbers: PaperNumbers) -> None:
    found = {c.statement: c for c in claims(numbers, None)}
    for words in ("tiny in the gap", "Only the x", "even"):
        (claim,) = [c for statement, c in found.items() if words in statement]
        assert claim.holds, claim
        assert not claim.open
    for words in ("linear", "order of 10⁻⁴", "About 10⁻⁴"):
        (claim,) = [c for statement, c in found.items() if words in statement]
        assert claim.open
        assert "not converged" in claim.found


def test_the_whole_model_comes_from_what_ships(numbers: PaperNumbers) -> None:
    assert numbers.whole.mesh == 48
    gap = float(np.interp(paper.MIDGAP, MU, np.abs(numbers.chi_whole[:, 0])))
    assert 0 < gap < 1e-7


def test_parity_sees_what_breaks_it(numbers: PaperNumbers) -> None:
    values = numbers.lambda_conduction
    assert max(parity(numbers.conduction, values)) < 1e-9
    broken = values + np.roll(np.abs(values), 3, axis=1) * 0.1
    assert min(parity(numbers.conduction, broken)) > 1e-3


def test_linear_range() -> None:
    assert linear_range(LOW) == LOW[-1]
    assert linear_range(LOW * (1 + (LOW / 60) ** 2)) == 15.0
    assert linear_range(LOW**2) == 0.0
    assert linear_range(0 * LOW) == 0.0


def test_the_papers_estimate() -> None:
    """Theory section 5: chi of 1e-4 nm/ohm at 1e4 V/m is about 1e-4 Bohr magnetons per nm^2."""
    assert magnetization(1e-4) == pytest.approx(1e-9 / 9.274e-6, rel=1e-3)


def test_structure_is_that_of_the_file() -> None:
    s = read_xyz(assets.path("cri3/cri3_bilayer.xyz"))
    assert (s.symbols.count("Cr"), s.symbols.count("I")) == (4, 12)
    assert np.abs(s.positions[:, 2]).max() < 5.0
    lengths = np.linalg.norm(np.diff(s.repeated(3).bonds(), axis=1)[:, 0], axis=1)
    np.testing.assert_allclose(lengths, 2.7247, atol=1e-3)
    layer = s.positions[:, 2] > 0
    assert set(s.moments[layer & (s.moments != 0)]) == {3.0}


def drawn(frame: Frame) -> tuple[PaperView, Any, list[int]]:
    refreshed: list[int] = []
    view = PaperView(PaperPage(frame.state), lambda: refreshed.append(1))
    view.layout()
    result = view.compute(frame)
    view.draw(frame, result)
    return view, result, refreshed


def test_meshes_first_then_adaptive() -> None:
    frame = frame_of("haldane")
    view, (_, sharp, _), refreshed = drawn(frame)
    assert sharp is None
    assert refreshed
    assert len(view._points["chi"].data["x"]) == 0
    numbers, sharp, _ = view.compute(frame)
    assert isinstance(sharp, SharpNumbers)
    h = opened(paper_state("cri3-eg", True)).hamiltonian
    again = adaptive_response(
        h, INTRINSIC, paper.DIRECT, numbers.setting.temperature, rtol=0.1, operations=exact_operations(h)
    )
    np.testing.assert_allclose(sharp.curve.chi, again.chi, rtol=1e-9, atol=1e-12)
    figures, before = list(view._figures), len(refreshed)
    view.draw(frame, (numbers, sharp, False))
    assert len(view._points["inset"].data["x"]) == LOW.size
    assert list(view._figures) == figures
    assert len(refreshed) == before


def test_a_moved_slider_stops_the_adaptive_run() -> None:
    frame = frame_of("haldane")
    view, _, _ = drawn(frame)
    asked = view.options

    class Moving(PaperPage):
        @property
        def state(self) -> State:  # the first question finds another state
            return replace(default_state("cri3-eg"), mu=0.95)

        @state.setter
        def state(self, value: State) -> None:
            pass

    crystal = frame_of("cri3-eg", mu=0.9)
    view.session = Moving(crystal.state)
    view.options = replace(asked, sharpen=Setting(0.9, 300.0))
    _, sharp, given_up = view.compute(crystal)
    assert sharp is None
    assert given_up


def test_the_sidebar_rules_on_cri3() -> None:
    frame = frame_of("cri3-eg", mu=1.1)
    view, (numbers, _, _), _ = drawn(frame)
    assert (numbers.setting.mu, numbers.setting.temperature) == (1.1, 300.0)
    assert view._mu.value == 1.1
    view._mu.value = 1.0
    assert view.session.changes == [{"mu": 1.0}]


def test_the_switch_takes_orbitals_as_points() -> None:
    state = paper_state("cri3", False)
    assert opened(state).hamiltonian.dipoles is None
    assert paper_state("cri3", True) == default_state("cri3")
    numbers = SHARED.get(paper_state("cri3-eg", False), COARSE).corners
    assert np.abs(numbers.values - SHARED.get(default_state("cri3-eg"), COARSE).corners.values).max() > 1e-3
