"""What stands there is explained there: the model's card, human names, the question marks; in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.test_page import opened

pytestmark = pytest.mark.e2e


def test_the_model_is_explained_above_its_sliders(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=mos2") as (page, complaints, outside):
        sentence = page.get_by_text("Monolayer MoS₂ has no inversion centre")
        formula, first = page.get_by_role("group", name="Hamiltonian"), page.get_by_role("slider").first
        tops = [place.bounding_box() for place in (sentence, formula, first)]
        assert all(tops)
        y = [box["y"] for box in tops if box]
        assert y == sorted(y)
        assert y[2] < 700, "the sliders are in sight"
        assert formula.locator("math").count() == 1
        rest = page.get_by_text("simplification: at its default")
        expect(rest).to_be_hidden()
        page.get_by_text("More about this model").press("Enter")
        expect(rest).to_be_visible()
        assert (complaints, outside) == ([], [])


def test_sliders_have_human_names_with_their_symbols(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=cumnas") as (page, _, _):
        tilt = page.get_by_role("slider", name="Néel tilt", exact=True)
        assert tilt.input_value() == "12"
        head = page.locator(".row").filter(has=tilt).locator(".label")
        assert head.inner_text().split() == ["Néel", "tilt", "θn"]
        expect(tilt).to_have_accessible_description(
            "Tilt of the Néel vector out of the plane. In addresses: neel_tilt"
        )
        cut = page.evaluate(CUT_LABELS)
        assert cut == []


CUT_LABELS = """() => {
  const found = []
  const look = (root) => { for (const e of root.querySelectorAll("*")) {
    if (e.matches(".row .label") && (e.scrollWidth > e.clientWidth + 1)) { found.push(e.textContent) }
    if (e.shadowRoot) { look(e.shadowRoot) } } }
  look(document)
  return found
}"""
