"""A tab changes on its beacon's word only, and a word of an earlier turn counts for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import panel as pn
import pytest

from explorer.app.loop import EventLoop
from explorer.app.tabs import Slot, Tabs
from explorer.views import View


class Written(View):
    """Writes into one pane."""

    title, intro = "Written", "What is written"

    def layout(self) -> Any:
        self.pane = pn.pane.HTML("")
        return self.pane

    def write(self, words: str) -> Callable[[], None]:
        return lambda: setattr(self.pane, "object", words)


@pytest.fixture
def words() -> list[tuple[Slot, int]]:
    return []


@pytest.fixture
def slot(words: list[tuple[Slot, int]]) -> Slot:
    return Slot(Written(None, lambda: None), lambda slot, turn: words.append((slot, turn)))  # type: ignore[arg-type]


def test_before_its_beacon_speaks_a_tab_holds_words_and_beacon(slot: Slot) -> None:
    slot.rebuilt(1)
    slot.show(slot.view.write("one"))  # type: ignore[attr-defined]
    assert len(slot.column) == 2
    assert "What is written" in slot.column[0].object
    assert slot.column[1] is slot.beacon


def test_content_comes_whole_and_newer_numbers_wait_for_its_own_beacon(slot: Slot) -> None:
    first = slot.beacon
    slot.rebuilt(1)
    slot.show(slot.view.write("one"))  # type: ignore[attr-defined]
    slot.stood()
    assert slot.column[0].object == "one"
    assert slot.column[1] is slot.beacon is not first
    assert slot.beacon.turn == 1
    for later in ("two", "three"):
        slot.show(slot.view.write(later))  # type: ignore[attr-defined]
    assert slot.column[0].object == "one"
    slot.stood()
    assert slot.column[0].object == "three"
    slot.show(slot.view.write("four"))  # type: ignore[attr-defined]
    assert slot.column[0].object == "four"
    slot.rebuilt(5)  # left and opened again: the browser builds it anew
    slot.show(slot.view.write("five"))  # type: ignore[attr-defined]
    assert slot.column[0].object == "four"


def test_a_beacon_says_whose_it_is_and_which_turn(slot: Slot, words: list[tuple[Slot, int]]) -> None:
    slot.beacon._handle_msg({"opened": 3})
    assert words == [(slot, 3)]


class Session:
    """What views may ask of a page without a browser."""

    refused = None
    state: Any = None

    def __init__(self) -> None:
        self.toasts: list[str] = []

    def toast(self, text: str, kind: str = "warning") -> None:
        self.toasts.append(text)


@pytest.fixture
def tabs() -> Iterator[Tabs]:
    session = Session()
    made = Tabs(
        session,
        pn.pane.HTML("live"),
        EventLoop(),
        lambda *report: None,
        session.toasts.append,
        "live",  # type: ignore[arg-type]
    )
    made.session = session  # type: ignore[attr-defined]
    yield made
    made.close()


def slot_of(tabs: Tabs, index: int) -> Slot:
    return tabs._slots[index - 1]


def test_a_word_counts_for_the_open_tab_of_this_turn_once_the_page_stands(tabs: Tabs) -> None:
    assert tabs.live
    tabs.body.active = 3
    slot, turn = slot_of(tabs, 3), slot_of(tabs, 3).beacon.turn
    slot.beacon._handle_msg({"opened": turn})
    assert not slot.stands
    tabs.ready()
    assert slot.stands
    tabs.body.active = 4
    tabs.body.active = 3
    assert not slot.stands
    slot.beacon._handle_msg({"opened": turn})
    assert not slot.stands
    slot.beacon._handle_msg({"opened": slot.beacon.turn})
    assert slot.stands
    slot_of(tabs, 4).beacon._handle_msg({"opened": slot.beacon.turn})
    assert not slot_of(tabs, 4).stands


def test_a_view_is_opened_by_its_key_and_an_unknown_one_is_told() -> None:
    for first, active, told in (("extrinsic", "Extrinsic", 0), ("nowhere", "Live", 1)):
        session = Session()
        made = Tabs(session, pn.pane.HTML(""), EventLoop(), lambda *r: None, lambda key: None, first)  # type: ignore[arg-type]
        assert made.body._names[made.body.active] == active
        assert len(session.toasts) == told
        made.close()
