"""What is written to the address bar, without a browser: which changes Back leads over."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from explorer.app import ExplorerPage
from explorer.session.state import default_state


@pytest.fixture
def page() -> Iterator[ExplorerPage]:
    made = ExplorerPage(default_state("haldane"))
    yield made
    made.close()


def entries(page: ExplorerPage) -> list[dict[str, str | None]]:
    """What the bar is told from now on."""
    told: list[dict[str, str | None]] = []
    page._address.bar.param.watch(lambda event: told.append(event.new), "entry")
    return told


def said(search: str | None) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs((search or "").removeprefix("?")).items()}


def test_tabs_turned_without_a_rest_are_an_entry_each(page: ExplorerPage) -> None:
    told = entries(page)
    page._tabs.turn("extrinsic")
    page.change(relaxation_time=2.5)
    page._tabs.turn("live")
    page.open("rashba")
    views = [(said(e["left"]).get("view"), said(e["search"]).get("view")) for e in told]
    assert views == [(None, "extrinsic"), ("extrinsic", None), (None, None)]
    # What the sliders did in a tab that was left at once is in the entry that Back leads to.
    assert (said(told[0]["left"]).get("tau"), said(told[1]["left"]).get("tau")) == (None, "2.5")
    assert (said(told[2]["left"])["model"], said(told[2]["search"])["model"]) == ("haldane", "rashba")


def test_sliders_are_no_entry_of_their_own(page: ExplorerPage) -> None:
    told = entries(page)
    page.change({"mass": 0.6})
    page.change({"mass": 0.7})
    assert told == [], "they wait for a rest, which no page without a browser has"
    page._tabs.turn("spin")
    assert told == [{"left": "?model=haldane&mass=0.7", "search": "?model=haldane&mass=0.7&view=spin"}]


def test_going_back_is_no_step(page: ExplorerPage) -> None:
    before = said(page._address.search())
    page._tabs.turn("extrinsic")
    page.open("rashba")
    told = entries(page)
    page._went(before)
    assert (page.state.source, page._tabs.key, told) == ("haldane", "live", [])


def test_back_and_forward_lead_to_what_the_address_says(page: ExplorerPage) -> None:
    page.change({"mass": 0.7})
    page._tabs.turn("spin")
    page.open("rashba")
    page._address.bar._handle_msg({"search": "?model=haldane&mass=0.7"})
    assert (page.state.source, dict(page.state.parameters)["mass"], page._tabs.key) == (
        "haldane",
        0.7,
        "live",
    )
    page._address.bar._handle_msg({"search": "?model=rashba&view=spin"})
    assert (page.state.source, page._tabs.key) == ("rashba", "spin")
    page._address.bar._handle_msg({"search": ""})
    assert page.state == default_state("haldane"), "as it was opened"


def test_a_page_opened_in_another_state_than_the_default_is_left_for_the_default() -> None:
    page = ExplorerPage(default_state("haldane").with_parameter("mass", 0.7))
    try:
        page.change({"mass": dict(default_state("haldane").parameters)["mass"]})
        search = page._address.search()
        page.change({"mass": 0.1})
        page._address.bar._handle_msg({"search": search})
        assert page.state == default_state("haldane")
    finally:
        page.close()
