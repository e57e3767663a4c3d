"""Every tab in a real browser: reached by keyboard, drawn however fast the tabs were changed before, and nothing sticks
out, light and dark."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer.views import VIEWS
from tests.e2e.test_page import LIVE, opened

pytestmark = pytest.mark.e2e

SHOWN = {
    "paper": "What agrees with the paper",
    "equilibrium": "At μ =",
    "symmetry": "Operations tested on H(k)",
    "extrinsic": "τ at which both are equal",
    "scaling": "Exponents n of α",
    "decomposition": "Bands in χ",
    "spin": "spin M",
    "experiment": "Kerr rotation, order of",
    "potential": "slopes and responses differ",
    "source": "is a model of the explorer's own",
    "convergence": "wave vectors",
    "theory": "net magnetic moment along",
    "export": "What is on screen now",
}
"""Words that a tab shows once it is drawn."""
WITHOUT = {"symmetry", "source", "theory", "export"}
"""Tabs without figures."""

CLICKS = """async (plan) => {
  const tabs = []
  const look = (root) => { for (const e of root.querySelectorAll("*")) {
    if (e.getAttribute("role") === "tab") { tabs.push(e) }
    if (e.shadowRoot) { look(e.shadowRoot) } } }
  look(document)
  for (const [tab, pause] of plan) { tabs[tab].click(); await new Promise((done) => setTimeout(done, pause)) }
}"""
DRAWN = """() => {
  // Of the figures in sight: whether each has something on a canvas. Null where there is none.
  const figures = [], canvases = (root) => [...root.querySelectorAll("*")].flatMap(
    (e) => [...(e.tagName === "CANVAS" ? [e] : []), ...(e.shadowRoot ? canvases(e.shadowRoot) : [])])
  const look = (root) => { for (const e of root.querySelectorAll("*")) {
    if (e.classList.contains("bk-Figure")) { if (e.checkVisibility()) { figures.push(e) } }
    else if (e.shadowRoot) { look(e.shadowRoot) } } }
  look(document)
  const inked = (c) => c.width > 50 && c.height > 50
    && c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v) => v)
  return figures.length ? figures.every((f) => canvases(f.shadowRoot).some(inked)) : null
}"""


def hurry(page: Page) -> None:
    """Fifty changes of the tab, faster than any can be built."""
    chance = random.Random(1)
    expect(page.get_by_role("tab")).to_have_count(len(SHOWN) + 1, timeout=20_000)
    page.evaluate(CLICKS, [[chance.randrange(len(SHOWN) + 1), chance.randint(30, 150)] for _ in range(50)])


def focus_tab(page: Page, name: str) -> None:
    """Along the strip by arrow keys from the tab that is open."""
    page.get_by_role("tab", selected=True).focus()
    for _ in range(len(SHOWN) + 1):
        if (
            page.evaluate(
                "() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) "
                "{ e = e.shadowRoot.activeElement } return e?.innerText }"
            )
            == name
        ):
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"no tab {name}")


def test_words_are_known_for_every_tab() -> None:
    assert set(SHOWN) == {v.key for v in VIEWS}


@pytest.mark.parametrize(("width", "height", "dark"), [(1024, 768, False), (390, 844, True)])
def test_every_tab_is_drawn_after_a_hurry_opened_by_keyboard_and_fits(
    chromium: Browser, url: str, width: int, height: int, dark: bool
) -> None:
    with opened(chromium, f"{url}?model=rashba", viewport={"width": width, "height": height}) as (
        page,
        complaints,
        _,
    ):
        if dark:
            page.get_by_label("Toggle theme").press("Enter")
        hurry(page)
        for view in VIEWS:
            focus_tab(page, view.title)
            page.keyboard.press("Enter")
            expect(page.get_by_text(SHOWN[view.key]).first).to_be_visible(timeout=60_000)
            if view.key not in WITHOUT:
                page.wait_for_function(DRAWN, timeout=60_000)
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.wait_for_function("() => new URLSearchParams(location.search).get('view') === 'export'")
        assert complaints == []


def test_a_figure_that_is_not_laid_out_yet_is_not_measured(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, _, _):
        page.evaluate(
            "() => { const view = Object.create(Bokeh.Models.get('Figure').prototype.default_view.prototype)\n"
            "view._measure_layout(); view._after_layout() }"
        )


def test_a_tab_left_and_opened_again_follows_what_changed_meanwhile(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane&view=extrinsic") as (page, complaints, _):
        expect(page.get_by_text("At μ = 0.3 eV, T = 100 K, τ = 1 ps")).to_be_visible(timeout=60_000)
        page.get_by_role("tab", name="Live").click()
        page.wait_for_selector(LIVE)
        page.get_by_role("textbox", name="Relaxation time value").fill("2.5")
        page.get_by_role("textbox", name="Relaxation time value").press("Enter")
        page.get_by_role("tab", name="Extrinsic").click()
        expect(page.get_by_text("At μ = 0.3 eV, T = 100 K, τ = 2.5 ps")).to_be_visible(timeout=60_000)
        page.wait_for_url("**view=extrinsic*")
        page.go_back()
        expect(page.get_by_role("tab", name="Live")).to_have_attribute(
            "aria-selected", "true", timeout=20_000
        )
        page.wait_for_selector(LIVE)
        page.go_forward()
        expect(page.get_by_role("tab", name="Extrinsic")).to_have_attribute(
            "aria-selected", "true", timeout=20_000
        )
        expect(page.get_by_role("textbox", name="Relaxation time value")).to_have_value("2.5")
        assert complaints == []


def test_a_message_is_closed_by_keyboard(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane&mass=99&view=nowhere") as (page, _, _):
        expect(page.get_by_text("no view nowhere")).to_be_visible(timeout=20_000)
        message = page.get_by_text("mass=99: must lie between")
        expect(message).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Close this message").last.press("Enter")
        expect(message).to_have_count(0)


SCROLLED = """() => {
  const found = []
  const look = (root) => { for (const e of root.querySelectorAll("*")) {
    found.push(e.scrollTop)
    if (e.shadowRoot) { look(e.shadowRoot) } } }
  look(document)
  return Math.max(...found)
}"""


def test_a_finger_on_a_figure_scrolls_the_page(chromium: Browser, url: str) -> None:
    """On a telephone figures fill the window: where each were panned instead, the page could not be left downwards."""
    screen = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with opened(chromium, f"{url}?model=haldane&view=extrinsic", **screen) as (page, complaints, _):
        expect(page.get_by_text(SHOWN["extrinsic"])).to_be_visible(timeout=60_000)
        page.wait_for_function(DRAWN, timeout=60_000)
        session = page.context.new_cdp_session(page)

        def touch(kind: str, *at: float) -> None:
            points = [{"x": 200, "y": y} for y in at]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            page.wait_for_timeout(16)

        for _ in range(3):  # the second swipe, and the third, begin on figures
            touch("touchStart", 650)
            for step in range(1, 13):
                touch("touchMove", 650 - 25 * step)
            touch("touchEnd")
            page.wait_for_timeout(300)
        assert page.evaluate(SCROLLED) > 700
        assert complaints == []
