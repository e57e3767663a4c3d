"""The Theory tab in a browser: a number leads to its equation, in another section too, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.test_page import opened

pytestmark = pytest.mark.e2e


def test_numbers_lead_to_their_equations(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane&view=theory") as (page, complaints, _):
        chooser = page.get_by_role("combobox", name="Equation")
        page.get_by_role("link", name="(11)", exact=True).first.click(timeout=60_000)
        expect(chooser).to_have_text("(11)")
        expect(page.locator("#eq-11")).to_be_in_viewport()
        expect(page.locator("#eq-11")).to_be_focused()
        assert page.locator("#eq-11 mfrac").count() == 2
        page.get_by_role("link", name="section 2").first.press("Enter")
        expect(page.get_by_role("heading", name="2. Equation (11) without a gauge")).to_be_in_viewport()
        page.get_by_role("link", name="(11)", exact=True).first.click()
        expect(page.locator("#eq-11")).to_be_in_viewport()
        assert complaints == []
