"""The real page in a real browser: it loads, follows the sliders, tells what is wrong, and asks nobody
else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer.models.kit.model import catalogue

pytestmark = pytest.mark.e2e

LIVE = ".live[data-painted]:not([data-painted='undefined'])"
PANELS = "canvas"


@contextmanager
def opened(browser: Browser, address: str, **options: object) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page with a first picture, or its tabs; what its console complained of, and what it asked of other hosts."""
    page = browser.new_page(**{"viewport": {"width": 1440, "height": 900}} | options)  # type: ignore[arg-type]
    complaints: list[str] = []
    outside: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on(
        "request",
        lambda r: outside.append(r.url) if urlsplit(r.url).hostname not in ("localhost", None, "") else None,
    )
    page.goto(address)
    page.wait_for_selector("[role=tab]" if "view=" in address else LIVE, timeout=120_000)
    yield page, complaints, outside
    page.close()


def panel(page: Page, index: int) -> str:
    """Pixels of a live panel: bands, map of x, map of y, chi, alpha, residuals."""
    return str(page.locator(".live canvas").nth(index).evaluate("(c) => c.toDataURL()"))


def card(page: Page, name: str) -> str:
    """Text of a card under the panels."""
    return page.locator(f"[data-card='{name}']").inner_text()


def frame(page: Page) -> int:
    """Number of the newest frame painted."""
    return int(page.locator(".live").get_attribute("data-painted") or 0)


def wait_for_rest(page: Page) -> None:
    """Until the last stage is on screen: the Mott relation has its verdict."""
    expect(page.locator("[data-check='mott'] .verdict")).not_to_have_text("sharpening", timeout=120_000)


def test_the_files_named_ahead_are_those_that_the_page_takes(chromium: Browser, url: str) -> None:
    """Not more, or the browser would fetch for nothing; not less, or it would wait for them; each once."""
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(unquote(r.url)))
    answer = page.goto(url)
    assert answer is not None
    page.wait_for_selector(LIVE, timeout=120_000)
    named = {
        unquote(urljoin(url, address)): kind
        for address, kind in re.findall(r"<([^>]*)>; rel=preload; as=(\w+)", answer.headers["link"])
    }
    scripts = page.evaluate("() => [...document.scripts].map((s) => s.src).filter((src) => src)")
    styles = page.evaluate(
        "() => [...document.head.querySelectorAll('link[rel=stylesheet]')].map((s) => s.href)"
    )
    modules = {address for address, kind in named.items() if kind == "fetch"}
    assert set(named) - modules >= {unquote(address) for address in scripts}
    assert {unquote(address) for address in (*scripts, *styles)} >= set(named) - modules
    widgets = [address for address in asked if address.split("?")[0].endswith("panel-material-ui.bundle.js")]
    assert widgets == list(modules)
    assert all(asked.count(address) == 1 for address in named)
    assert answer.headers["cache-control"] == "no-store"
    page.close()


def test_loads_without_complaint_and_asks_nobody_else(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, outside):
        page.wait_for_selector(".live[data-stage='sharp']", timeout=120_000)
        expect(page.get_by_text("self-test").first).to_be_visible()
        assert outside == []
        assert complaints == []


@pytest.mark.parametrize("name", ["mass", "T", "mu"])
def test_a_key_on_a_slider_changes_the_picture(chromium: Browser, url: str, name: str) -> None:
    with opened(chromium, f"{url}?model=haldane&T=500") as (page, complaints, _):
        wait_for_rest(page)
        before = [panel(page, i) for i in range(5)], card(page, "responses"), card(page, "checks")
        slider = page.locator(f"#p-{name}")
        slider.focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        changed = page.locator("[data-card='responses']")
        expect(changed).not_to_have_text(before[1], timeout=60_000, use_inner_text=True)
        page.wait_for_timeout(300)
        after = [panel(page, i) for i in range(5)], card(page, "responses"), card(page, "checks")
        assert after[0][0] != before[0][0], "bands with their mu line and thermal window"
        assert after[0][1] != before[0][1] or after[0][2] != before[0][2], "maps"
        assert after[0][4] != before[0][4], "alpha"
        assert after[1] != before[1]
        assert after[2] != before[2]
        assert complaints == []


def test_dragging_a_slider_shows_frames_on_the_way_and_the_last_value_at_the_end(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        slider = page.locator("#p-mass")
        box = slider.bounding_box()
        assert box is not None
        wait_for_rest(page)
        before = panel(page, 0), panel(page, 1), card(page, "checks"), frame(page)
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.5 * box["width"], y)
        page.mouse.down()
        for i in range(30):
            page.mouse.move(box["x"] + (0.5 + 0.01 * i) * box["width"], y)
            page.wait_for_timeout(20)
        during = frame(page)
        page.mouse.up()
        assert during - before[3] >= 3, "frames while the hand moves"
        value = float(slider.input_value())
        page.wait_for_function("() => new URLSearchParams(location.search).has('mass')", timeout=30_000)
        page.wait_for_timeout(500)
        assert float(parse_qs(urlsplit(page.url).query)["mass"][0]) == pytest.approx(value)
        assert panel(page, 0) != before[0]
        assert panel(page, 1) != before[1]
        assert card(page, "checks") != before[2]
        assert complaints == []


def test_every_slider_is_reached_by_keyboard_under_its_name(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=cumnas") as (page, _, _):
        wanted = [
            "mu",
            "n",
            "T",
            *catalogue()["cumnas"].quantities(),
            "E",
            "E_angle",
            "gradT",
            "gradT_angle",
            "tau",
        ]
        for name in wanted:
            expect(page.locator(f"#p-{name}")).to_have_count(1)
        page.locator("#p-mu").focus()
        reached = []
        for _ in range(3 * len(wanted) + 5):
            name = page.evaluate(
                "() => { let e = document.activeElement;"
                " while (e && e.shadowRoot?.activeElement) { e = e.shadowRoot.activeElement }"
                " return e && e.type === 'range' ? e.id.slice(2) : null }"
            )
            if name and name not in reached:
                reached.append(name)
            page.keyboard.press("Tab")
        assert reached == wanted


def test_the_address_restores_the_page(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=cumnas&mu=0.25&T=40&exchange=0.9&E=20000&E_angle=30") as (
        page,
        complaints,
        _,
    ):
        for name, value in {"mu": 0.25, "exchange": 0.9, "E": 20000, "E_angle": 30}.items():
            assert float(page.locator(f"#p-{name}").input_value()) == pytest.approx(value)
        assert page.locator("#p-T").get_attribute("aria-valuetext") == "40 K"
        assert "T = 40 K" in card(page, "responses")
        assert complaints == []


def test_a_bad_address_is_told_and_the_page_stands(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane&mass=99&flux=0.5") as (page, _, _):
        expect(page.get_by_text("mass=99: must lie between")).to_be_visible(timeout=20_000)
        assert float(page.locator("#p-flux").input_value()) == pytest.approx(0.5)


def test_a_bad_number_is_refused_and_the_value_kept(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, _, _):
        box = page.get_by_role("textbox", name="Sublattice mass value")
        kept = box.input_value()
        box.fill("1e9")
        box.press("Enter")
        expect(page.get_by_text("is not a number between")).to_be_visible(timeout=20_000)
        assert box.input_value() == kept
        box.fill("2e9")
        box.press("Enter")
        # The same of another number takes the place of the first: a drag would fill the window.
        expect(page.get_by_text("Sublattice mass: 2e9 is not a number between")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("is not a number between")).to_have_count(1)


def test_another_model_brings_its_own_sliders(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        page.get_by_role("combobox").first.click()
        page.get_by_text("Tilted massive Dirac cone", exact=True).click()
        expect(page.locator("#p-tilt")).to_be_visible(timeout=20_000)
        expect(page.locator("#p-flux")).to_have_count(0)
        assert complaints == []


CHOOSE_AT_ONCE = """
const looked = setInterval(() => {
  const models = [...(window.Bokeh?.documents[0]?._all_models.values() ?? [])]
  const box = models.find((m) => m.data?.attributes?.label === "Model")
  if (box) {
    clearInterval(looked)
    window.choseBeforeAllStood = !Bokeh.documents[0].is_idle
    box.data.value = "tilted-dirac"
  }
}, 1)"""


def test_a_model_chosen_while_the_page_is_built_brings_its_own_sliders(chromium: Browser, url: str) -> None:
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.add_init_script(CHOOSE_AT_ONCE)
    page.goto(f"{url}?model=haldane")
    expect(page.locator("#p-tilt")).to_be_visible(timeout=60_000)
    expect(page.locator("#p-flux")).to_have_count(0)
    expect(page.get_by_text("The flux breaks time reversal")).to_have_count(0)
    assert page.evaluate("() => window.choseBeforeAllStood")
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_nothing_sticks_out_sideways(chromium: Browser, url: str, width: int, height: int) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, _, _):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        for i in range(6):
            box = page.locator(".live canvas").nth(i).bounding_box()
            assert box is not None
            assert box["width"] > 200
            assert box["height"] > 150


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
def test_what_does_not_fit_is_scrolled_to_and_the_tabs_stay(
    chromium: Browser, url: str, width: int, height: int
) -> None:
    with opened(chromium, f"{url}?model=haldane", viewport={"width": width, "height": height}) as (
        page,
        _,
        _,
    ):
        if width < 700:  # the drawer of sliders lies over the page until the page stands
            expect(page.locator("#p-mu")).to_be_hidden(timeout=20_000)
        page.wait_for_timeout(500)
        last, strip = page.locator("[data-card='checks']"), page.get_by_role("tab", name="Live")
        box = last.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] > height, "below the window"
        page.mouse.move(0.75 * width, 0.7 * height)
        page.mouse.wheel(0, 5000)
        expect(last).to_be_in_viewport(ratio=0.9)
        expect(strip).to_be_in_viewport(ratio=0.9)


KEEP_SOCKETS = """
window.sockets = []
const Plain = window.WebSocket
window.WebSocket = class extends Plain { constructor(...a) { super(...a); window.sockets.push(this) } }"""


def test_a_page_that_lost_its_server_says_so_and_opens_again_as_it_was(chromium: Browser, url: str) -> None:
    context = chromium.new_context()
    context.add_init_script(KEEP_SOCKETS)
    page = context.new_page()
    page.goto(f"{url}?model=haldane&mass=0.7")
    page.wait_for_selector(LIVE, timeout=120_000)
    page.locator("#p-mass").press("ArrowRight")
    page.wait_for_url("**mass=0.72*", timeout=30_000)
    page.route("**/bokeh.min.js*", lambda route: route.abort())
    page.evaluate("() => { window.before = true; window.sockets.forEach((s) => s.close()) }")
    expect(page.get_by_text("the server does not answer")).to_be_visible(timeout=20_000)
    page.unroute("**/bokeh.min.js*")
    page.wait_for_function("() => !window.before", timeout=30_000)
    page.wait_for_selector(LIVE, timeout=120_000)
    assert page.locator("#p-mass").input_value() == "0.72"
    context.close()


@pytest.mark.parametrize("key", ["Enter", "Space", "ArrowDown"])
def test_a_model_is_chosen_by_keys_alone(chromium: Browser, url: str, key: str) -> None:
    with opened(chromium, f"{url}?model=haldane") as (page, complaints, _):
        page.get_by_role("combobox").first.focus()
        page.keyboard.press(key)
        expect(page.get_by_role("menuitem").first).to_be_focused(timeout=20_000)
        page.keyboard.press("End")
        expect(page.get_by_role("menuitem").last).to_be_focused(timeout=20_000)
        page.keyboard.press("Enter")
        expect(page.get_by_role("combobox").first).not_to_contain_text("Haldane", timeout=60_000)
        expect(page.locator("#p-flux")).to_have_count(0, timeout=20_000)
        assert complaints == []


def test_escape_takes_a_message_away_from_wherever_the_focus_is(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane&mass=99") as (page, _, _):
        message = page.get_by_text("mass=99: must lie between")
        expect(message).to_be_visible(timeout=20_000)
        page.locator("#p-mass").focus()
        page.keyboard.press("Escape")
        expect(message).to_have_count(0)


GROUND = "() => getComputedStyle(document.body).backgroundColor"
CORNER = "(c) => [...c.getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 3)"


def test_the_page_is_as_dark_as_the_system_until_its_switch_says_otherwise(
    chromium: Browser, url: str
) -> None:
    with opened(chromium, f"{url}?model=haldane", color_scheme="dark") as (page, complaints, _):
        canvas = page.locator(".live canvas").first
        assert page.evaluate(GROUND) == "rgb(18, 18, 18)"
        assert max(canvas.evaluate(CORNER)) < 40
        page.get_by_label("Toggle theme").press("Enter")
        page.wait_for_url("**theme=light*", timeout=30_000)
        assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
        assert canvas.evaluate(CORNER) == [255, 255, 255]
        page.reload()
        page.wait_for_selector(LIVE, timeout=120_000)
        assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
        page.get_by_label("Toggle theme").press("Enter")
        page.wait_for_function("() => !location.search.includes('theme')", timeout=30_000)
        page.emulate_media(color_scheme="light")
        page.wait_for_function(f"() => ({GROUND})() === 'rgb(255, 255, 255)'", timeout=30_000)
        assert complaints == []
