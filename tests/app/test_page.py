"""The page without a browser: what changes the state, what follows it, and what the user is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import panel as pn
import pytest

from explorer.app import ExplorerPage
from explorer.app.progress import Job, WorkBar, work_html
from explorer.app.sidebar import DEFAULTS, OWN
from explorer.app.toasts import MAX_MESSAGES, Toasts
from explorer.models.kit.model import catalogue
from explorer.session.ranges import is_widened, mu_bounds, mu_reach
from explorer.session.state import default_state


@pytest.fixture
def page() -> Iterator[ExplorerPage]:
    made = ExplorerPage(default_state("haldane"))
    yield made
    made.close()


def wait(test: Callable[[], object], seconds: float = 60.0) -> None:
    limit = time.perf_counter() + seconds
    while not test():
        assert time.perf_counter() < limit
        time.sleep(0.005)


def move(page: ExplorerPage, name: str, value: float) -> None:
    page._sidebar._hear({"name": name, "value": value, "n": 1})


def test_sliders_set_what_they_are_named_after(page: ExplorerPage) -> None:
    for name, value in (
        ("mass", 0.7),
        ("mu", 0.25),
        ("T", 40.0),
        ("tau", 3.0),
        ("E", 2e4),
        ("gradT_angle", 30.0),
    ):
        move(page, name, value)
    s = page.state
    assert (dict(s.parameters)["mass"], s.mu, s.temperature) == (0.7, 0.25, 40.0)
    assert (s.relaxation_time, s.field, s.gradient_angle) == (3.0, 2e4, 30.0)


def test_a_density_is_held_till_mu_is_moved(page: ExplorerPage) -> None:
    wait(lambda: page._newest is not None)
    move(page, "hold", 1.0)
    assert page.state.density == pytest.approx(page.found_density(), rel=1e-6)
    move(page, "n", 1.5)
    assert page.state.density == 1.5
    wait(lambda: page._newest is not None and page._newest.state.density == 1.5)
    move(page, "mu", 0.1)
    assert (page.state.density, page.state.mu) == (None, 0.1)
    page.change(mu=0.2)
    assert page.state.density is None


def test_the_whole_range_of_mu_is_shown_when_asked_for_or_needed(page: ExplorerPage) -> None:
    page.open("tbg")
    page._sidebar._move("strain", 0.005)
    chosen = page.state.parameters
    for act in (lambda: page._sidebar._move("wide", 1.0), lambda: page._hear_canvas({"mu": 0.2})):
        act()
        assert is_widened(page.state.source)
        assert (page.state.parameters, page._sidebar._source.value) == (chosen, "tbg")
        page._sidebar._move("wide", 0.0)
        assert page.state.source == "tbg"
    assert page.state.mu == mu_bounds("tbg")[1]
    titles = page._sidebar._source.options
    assert titles == {cls.title: key for key, cls in catalogue().items()}
    page._hear_canvas({"mu": 99.0})
    assert page.state.mu == mu_reach("tbg")[1]


def test_a_refused_file_is_told_and_the_page_stays(page: ExplorerPage, tmp_path: Path) -> None:
    bad = tmp_path / "bad_tb.dat"
    bad.write_text("no numbers\n")
    page.open(str(bad))
    assert page.state.source == "haldane"
    assert page.refused == str(bad)
    message = page._toasts.messages[-1]
    assert message["kind"] == "error"
    assert "see the tab Source file" in message["text"]
    assert str(tmp_path) not in message["text"], "the name says which file"
    assert page._sidebar._source.value == "haldane"
    page.open("rashba")
    assert (page.state.source, page.refused) == ("rashba", None)


def test_files_that_contradict_each_other_are_told_when_one_is_opened(page: ExplorerPage) -> None:
    page.open(str(Path("tests/models/files/cases/diag_r_not_wout/a_tb.dat").resolve()))
    message = page._toasts.messages[-1]
    assert message["kind"] == "warning"
    assert "Centre 3 lies 0.775 angstrom from that in the diagonal of r in a_tb.dat" in message["text"]
    assert "(see the tab Source file)" in message["text"]
    count = len(page._toasts.messages)
    page.open(str(Path("tests/models/files/cases/other_run/wannier90.up_hr.dat").resolve()))
    assert len(page._toasts.messages) == count


def test_beside_the_report_a_refused_file_is_told_in_a_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad_tb.dat"
    bad.write_text("no numbers\n")
    page = ExplorerPage(default_state("haldane"), view="source")
    try:
        page.open(str(bad))
        assert page._toasts.messages[-1]["text"] == "bad_tb.dat could not be opened as it is"
    finally:
        page.close()


def test_the_address_keeps_the_tab_that_the_page_opened_with() -> None:
    for view, kept in (("source", "source"), ("live", ""), ("no-such-tab", "")):
        page = ExplorerPage(default_state("haldane"), view=view)
        try:
            assert page._address._view == kept
        finally:
            page.close()


def test_sliders_that_a_hand_moved_are_told_where_a_preset_puts_them(
    page: ExplorerPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the browser has is not what was last set here: setting the same again tells it nothing."""
    told: dict[str, float] = {}
    monkeypatch.setattr(page._sidebar._sliders, "follow", told.update)
    mass = dict(page.state.parameters)["mass"]
    move(page, "mass", 0.7)
    page._sidebar._preset.value = DEFAULTS
    assert told["mass"] == mass


def test_parameters_of_no_preset_are_called_so_and_a_preset_that_was_left_can_be_chosen_again(
    page: ExplorerPage,
) -> None:
    preset, before = page._sidebar._preset, page.state
    assert (preset.value, OWN in preset.options) == (DEFAULTS, False)
    move(page, "mass", 0.7)
    assert (preset.value, preset.options[-1]) == (OWN, OWN)
    move(page, "T", 40.0)
    preset.value = DEFAULTS
    assert page.state == replace(before, temperature=40.0)
    assert OWN not in preset.options
    for name, values in catalogue()["haldane"].presets.items():
        page.change(parameters=dict(before.parameters) | values)
        assert preset.value == name
    page.open("cumnas")
    assert preset.value == DEFAULTS


def test_a_density_that_the_bands_cannot_hold_is_let_go_and_sliders_go_on(page: ExplorerPage) -> None:
    wait(lambda: page._newest is not None)
    move(page, "n", 20.0)
    wait(lambda: page._newest is not None and page._newest.state.density == 20.0)
    mu = page._newest.state.mu if page._newest is not None else 0.0
    move(page, "lattice_constant", 9.0)
    wait(lambda: page.state.density is None)
    assert page.state.mu == mu
    move(page, "lattice_constant", 9.1)
    wait(lambda: page._newest is not None and dict(page._newest.state.parameters)["lattice_constant"] == 9.1)
    said = [m["text"] for m in page._toasts.messages]
    assert len(said) == 1
    assert "2·10¹⁴/cm² is out of reach" in said[0]
    assert "no longer held" in said[0]


def test_a_preset_sets_parameters_and_keeps_the_rest(page: ExplorerPage) -> None:
    page.open("cumnas")
    page.change(mu=0.2)
    name = page._sidebar._preset.options[1]
    page._sidebar._preset.value = name
    assert page.state.mu == 0.2
    assert page.state.parameters != default_state("cumnas").parameters


def test_a_narrow_window_puts_the_sidebar_aside_once_the_page_stands(page: ExplorerPage) -> None:
    served = page.view()
    page._sidebar._hear({"opened": 390})
    page._stood()
    assert not served.sidebar_open
    served.sidebar_open = True  # opened by hand: the sliders are built anew
    page._sidebar._hear({"opened": 390})
    assert served.sidebar_open


def test_sliders_built_anew_stand_where_the_hand_left_them(page: ExplorerPage) -> None:
    for value in (0.7, 0.8):
        move(page, "mass", value)
        page._sidebar._hear({"opened": 1440})
        assert page._sidebar._sliders.values["mass"] == value


def test_toasts_keep_the_newest() -> None:
    toasts = Toasts()
    for i in range(MAX_MESSAGES + 3):
        toasts.show(f"message {i}", "info")
    assert [m["text"] for m in toasts.messages] == [f"message {i}" for i in range(3, MAX_MESSAGES + 3)]
    ids = [m["id"] for m in toasts.messages]
    assert ids == sorted(set(ids))


def test_the_work_bar_shows_the_foremost_work_and_cancels_that() -> None:
    stopped: list[str] = []
    bar = WorkBar({"view": lambda: stopped.append("view"), "engine": lambda: stopped.append("engine")})
    bar.show("engine", Job("Sharpening", 0.5, 1.0))
    assert "Sharpening" in bar._text.object
    assert "50 %" in bar._text.object
    assert not bar._button.visible
    bar.show("view", Job("Spin <of> many", None, 4.0))
    assert "Spin &lt;of&gt; many" in bar._text.object
    assert "%" not in bar._text.object
    assert bar._button.visible
    bar._stop()
    bar.show("view", Job())
    assert "Sharpening" in bar._text.object
    bar._stop()
    assert stopped == ["view", "engine"]
    bar.show("engine", Job())
    assert bar._text.object == work_html(Job()) == ""
    bar._stop()
    assert len(stopped) == 2


def test_what_outlives_a_page_does_not_watch_for_it(page: ExplorerPage) -> None:
    """A Page follows `pn.state.busy`: a watcher left there held each page, 5 MB, for ever."""

    def watchers() -> int:
        return sum(map(len, pn.state._param__private.watchers.get("busy", {}).values()))

    before = watchers()
    shown = page.view()
    assert watchers() == before
    assert shown.busy is False
