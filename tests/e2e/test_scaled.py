"""The page inside a host that zooms or scales it: a click lands where it points, a drag moves as far as the hand."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page

from explorer.session.ranges import mu_bounds
from tests.e2e.test_page import opened, wait_for_rest

pytestmark = pytest.mark.e2e

LEFT, RIGHT = 58, 12
"""Margins of the panel of chi beside its axes [px of the plot]."""
SCALES = {
    "plain": "document.documentElement.style.zoom = 1",
    "zoomed": "document.documentElement.style.zoom = 1.5",
    "made small": "document.documentElement.style.zoom = 0.67",
    "scaled by a host": "Object.assign(document.body.style, {transform: 'scale(0.6, 0.8)', transformOrigin: '0 0'})",
}


def under(canvas: Locator, share: float) -> float:
    """The mu at a share of the panel's width, by its margins, whatever it measures on the screen."""
    width = canvas.evaluate("(c) => c.parentElement.clientWidth")
    low, high = mu_bounds("haldane")
    return low + (high - low) * (share * width - LEFT) / (width - LEFT - RIGHT)


def chi(page: Page) -> tuple[Locator, dict[str, float]]:
    """The panel of chi, and where it is on the screen."""
    canvas = page.locator(".live canvas").nth(3)
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a size that changes is drawn once it rests
    return canvas, canvas.evaluate("(c) => { const b = c.getBoundingClientRect(); return b.toJSON() }")


@pytest.mark.parametrize("scale", SCALES)
def test_a_click_lands_where_it_points(chromium: Browser, url: str, scale: str) -> None:
    with opened(chromium, f"{url}?model=haldane&T=300") as (page, complaints, _):
        wait_for_rest(page)
        page.evaluate(f"() => {{ {SCALES[scale]} }}")
        canvas, box = chi(page)
        for share in (0.4, 0.85):
            page.mouse.click(box["x"] + share * box["width"], box["y"] + 0.4 * box["height"])
            wanted = under(canvas, share)
            page.wait_for_timeout(1500)
            found = float(parse_qs(urlsplit(page.url).query)["mu"][0])
            low, high = mu_bounds("haldane")
            assert found == pytest.approx(wanted, abs=0.006 * (high - low)), share
        # A drag takes the point under the hand along: a click there means the same mu as before.
        y = box["y"] + 0.4 * box["height"]
        page.mouse.move(box["x"] + 0.4 * box["width"], y)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=5)
        page.mouse.up()
        page.mouse.click(box["x"] + 0.7 * box["width"], y)
        page.wait_for_timeout(1500)
        found = float(parse_qs(urlsplit(page.url).query)["mu"][0])
        assert found == pytest.approx(under(canvas, 0.4), abs=0.02 * (high - low))
        assert complaints == []
