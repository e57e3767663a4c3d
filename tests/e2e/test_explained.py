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


NAMES = (
    "bands",
    "map of Λx",
    "map of Λy",
    "χ of μ",
    "α of μ",
    "residuals",
    "responses",
    "induced magnetization",
    "checks",
)


def test_question_marks_explain_by_keys_and_touch_and_lead_to_the_theory(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=haldane", has_touch=True) as (page, complaints, outside):
        for name in NAMES:
            expect(page.get_by_role("button", name=f"Explain {name}", exact=True)).to_have_count(1)
        mark = page.get_by_role("button", name="Explain χ of μ", exact=True)
        note = page.get_by_role("dialog", name="χ of μ")
        mark.press("Enter")
        expect(note).to_be_visible()
        expect(note).to_contain_text("nm/Ω")
        assert note.locator("math").count() == 1
        box = note.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= 1440
        assert box["y"] + box["height"] <= 900
        page.keyboard.press("Escape")
        expect(note).to_be_hidden()
        expect(mark).to_be_focused()
        page.get_by_role("button", name="Explain checks", exact=True).tap()
        expect(page.get_by_role("dialog", name="checks")).to_be_visible()
        mark.tap()
        expect(note).to_be_visible()
        note.get_by_role("link", name="Theory, equation (8)").click()
        expect(page.locator("#eq-8")).to_be_focused(timeout=60_000)
        expect(page.get_by_role("combobox", name="Equation")).to_have_text("(8)")
        assert "view=theory" in page.url
        page.get_by_role("tab", name="Potential").click()
        page.get_by_role("button", name="Explain Φ(μ, T)", exact=True).click(timeout=60_000)
        page.get_by_role("link", name="Theory, equation (3.1)").press("Enter")
        expect(page.locator("[id='eq-3.1']")).to_be_in_viewport(timeout=60_000)
        assert (complaints, outside) == ([], [])


def test_a_model_of_zeros_says_why_and_offers_what_lives(chromium: Browser, url: str) -> None:
    with opened(chromium, f"{url}?model=mos2") as (page, complaints, _):
        said = page.locator(".nothing")
        expect(said).to_contain_text("time reversal (T) forbids them", timeout=60_000)
        said.get_by_role("button", name="open Extrinsic").press("Enter")
        page.wait_for_url("**view=extrinsic*", timeout=30_000)
        expect(page.get_by_role("tab", name="Extrinsic")).to_have_attribute("aria-selected", "true")
        assert complaints == []
