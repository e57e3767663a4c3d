"""No serious or critical finding of axe-core (its script comes with a package): tab by tab, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, expect

from explorer.views import VIEWS
from tests.e2e.test_page import opened
from tests.e2e.test_tabs import SHOWN

pytestmark = pytest.mark.e2e

FOUND = """async () => (await axe.run({resultTypes: ["violations"]})).violations
  .filter((v) => ["serious", "critical"].includes(v.impact))
  .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)}: ${n.any[0]?.message}`))"""
SOME = ("decomposition", "theory")
"""Beside the live tab: those in which something was found once, steppers without names and equations out of reach."""


def judge(browser: Browser, url: str, scheme: str, keys: tuple[str, ...]) -> dict[str, list[str]]:
    """Findings by tab, of the tabs that have any."""
    found = {}
    with opened(browser, f"{url}?model=haldane", color_scheme=scheme) as (page, _, _):
        page.evaluate(AXE_SCRIPT)
        page.wait_for_timeout(1000)
        found["live"] = page.evaluate(FOUND)
        for key in keys:
            page.get_by_role("tab", name=next(view.title for view in VIEWS if view.key == key)).click()
            expect(page.get_by_text(SHOWN[key]).first).to_be_visible(timeout=120_000)
            # A button that is fading in or out has no colour of its own yet.
            expect(page.get_by_role("button", name="Cancel")).to_be_hidden(timeout=120_000)
            page.wait_for_timeout(1000)
            found[key] = page.evaluate(FOUND)
    return {key: list(dict.fromkeys(lines)) for key, lines in found.items() if lines}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_the_page(chromium: Browser, url: str, scheme: str) -> None:
    assert judge(chromium, url, scheme, SOME) == {}


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_every_tab(chromium: Browser, url: str, scheme: str) -> None:
    assert judge(chromium, url, scheme, tuple(SHOWN)) == {}
