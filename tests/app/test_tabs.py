"""The place of the open view changes on its beacon's word only, and then to what is wanted last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import panel as pn
import pytest

from explorer.app.loop import EventLoop
from explorer.app.tabs import Beacon, Place, Slot, Tabs
from explorer.export.palette import MAP_COLOURS
from explorer.views import View
from explorer.views.figures.plots import MapPlot


class Written(View):
    """A view without physics."""

    title, intro = "Written", "What is written."

    def layout(self) -> Any:
        self.pane = pn.pane.HTML("")
        return self.pane

    def write(self, words: str) -> Callable[[], None]:
        return lambda: setattr(self.pane, "object", words)


def a_slot() -> Slot:
    return Slot(Written(None, lambda: None))  # type: ignore[arg-type]


def speak(place: Place) -> None:
    """The browser has built what the place holds."""
    beacon = place.column[-1]
    assert isinstance(beacon, Beacon)
    beacon.stands = True


@pytest.fixture
def place() -> Place:
    """A place that stands in a page that stands."""
    made = Place(EventLoop())
    made.ready()
    speak(made)
    return made


def test_nothing_changes_before_page_and_place_stand() -> None:
    place, slot = Place(EventLoop()), a_slot()
    before = list(place.column)
    place.open(slot)
    assert list(place.column) == before
    speak(place)
    assert list(place.column) == before
    place.ready()
    assert place.column[0] is slot.content
    assert "What is written" in slot.content.object


def test_content_comes_whole_and_newer_numbers_wait_for_its_beacon(place: Place) -> None:
    slot = a_slot()
    place.open(slot)
    place.show(slot, slot.view.write("one"))  # type: ignore[attr-defined]
    assert not slot.filled
    speak(place)
    assert slot.content.object == "one"
    assert place.column[0] is slot.content
    for words in ("two", "three"):
        place.show(slot, slot.view.write(words))  # type: ignore[attr-defined]
    assert slot.content.object == "one"
    speak(place)
    assert slot.content.object == "three"
    place.show(slot, slot.view.write("four"))  # type: ignore[attr-defined]
    assert slot.content.object == "four"


def test_of_views_opened_while_another_is_built_only_the_last_is_built(place: Place) -> None:
    slots = [a_slot() for _ in range(4)]
    held = []
    for slot in slots:
        place.open(slot)
        held.append(place.column[0])
    assert held == [slots[0].content] * 4
    place.show(slots[1], lambda: pytest.fail("shown though it is not open"))
    speak(place)
    assert place.column[0] is slots[3].content


def test_a_word_about_what_is_gone_counts_for_nothing(place: Place) -> None:
    first, second = a_slot(), a_slot()
    place.open(first)
    old = place.column[-1]
    speak(place)
    place.open(second)
    old.stands = True
    place.open(first)
    assert place.column[0] is second.content


def test_a_view_that_was_left_is_not_drawn_and_comes_back_with_newer_numbers(place: Place) -> None:
    slot = a_slot()
    place.open(slot)
    place.show(slot, slot.view.write("one"))  # type: ignore[attr-defined]
    speak(place)
    place.open(None)
    assert not place.column.visible  # the browser is still at it
    speak(place)
    assert len(place.column) == 1
    place.show(slot, lambda: pytest.fail("drawn though it is not seen"))
    speak(place)
    place.open(slot)
    assert place.column.visible
    assert place.column[0] is slot.content
    place.show(slot, slot.view.write("two"))  # type: ignore[attr-defined]
    assert slot.content.object == "one"
    speak(place)
    assert slot.content.object == "two"


class Session:
    """What views may ask of a page without a browser."""

    refused = None
    state: Any = None

    def __init__(self) -> None:
        self.toasts: list[str] = []

    def toast(self, text: str, kind: str = "warning") -> None:
        self.toasts.append(text)


Make = Callable[[str], tuple[Tabs, Session, list[str]]]


@pytest.fixture
def make() -> Iterator[Make]:
    """Tabs that open with a key, their session, and the keys of tabs turned to."""
    made: list[Tabs] = []

    def new(first: str) -> tuple[Tabs, Session, list[str]]:
        session, turned = Session(), []
        made.append(
            Tabs(session, pn.pane.HTML("live"), EventLoop(), lambda *report: None, turned.append, first)
        )
        return made[-1], session, turned

    yield new
    for tabs in made:
        tabs.close()


def test_the_live_picture_or_the_place_of_views_is_seen(make: Make) -> None:
    tabs, _, turned = make("live")
    strip, live, column = tabs.parts()
    tabs.ready()
    speak(tabs._place)
    assert (tabs.live, live.visible, len(column)) == (True, True, 1)
    strip.active = 3
    assert (tabs.live, live.visible, column.visible) == (False, False, True)
    assert column[0] is tabs._slots["symmetry"].content
    speak(tabs._place)
    strip.active = 0
    assert (tabs.live, live.visible, len(column)) == (True, True, 1)
    assert turned == ["symmetry", "live"]


def test_a_view_is_opened_by_its_key_and_an_unknown_one_is_told(make: Make) -> None:
    for first, title, told in (("extrinsic", "Extrinsic", 0), ("nowhere", "Live", 1)):
        tabs, session, turned = make(first)
        strip = tabs.parts()[0]
        assert strip._names[strip.active] == title
        assert len(session.toasts) == told
        assert turned == []


class Map(View):
    """A view with a map."""

    title, intro = "Map", "A map."

    def layout(self) -> Any:
        self.map = MapPlot("a map", "1")
        return pn.Column(self.map.pane)


def test_maps_take_the_colours_of_the_theme_when_that_may_be(place: Place) -> None:
    slots = [Slot(Map(None, lambda: None)) for _ in range(2)]  # type: ignore[arg-type]
    place.open(slots[0])
    place.show(slots[0], lambda: None)
    speak(place)
    place.dress(True)
    assert slots[0].view.map.mapper.palette == MAP_COLOURS[False], "the browser is building it"  # type: ignore[attr-defined]
    speak(place)
    assert slots[0].view.map.mapper.palette == MAP_COLOURS[True]  # type: ignore[attr-defined]
    place.open(slots[1])
    place.show(slots[1], lambda: None)
    speak(place)
    assert slots[1].view.map.mapper.palette == MAP_COLOURS[True]  # type: ignore[attr-defined]
    place.dress(False)
    for slot in slots[::-1]:
        speak(place)
        place.open(slot)
        speak(place)
        assert slot.view.map.mapper.palette == MAP_COLOURS[False]  # type: ignore[attr-defined]
