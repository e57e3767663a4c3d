"""One response, one number: what the foot, Symmetry, Extrinsic, Convergence and Export say of a state is the same."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.test_page import opened

pytestmark = pytest.mark.e2e

MODELS = ("haldane", "cumnas", "mos2", "rashba", "tilted-dirac")
NUMBERS = """() => {
  // Of every response in sight: the foot's and Symmetry's by their names, rows of tables by their head and cells.
  const named = {}, rows = []
  const look = (root) => { for (const e of root.querySelectorAll("*")) {
    if (e.shadowRoot) { look(e.shadowRoot) }
    if (!e.checkVisibility()) { continue }
    if (e.dataset && e.dataset.response && e.dataset.component) {
      const cell = e.classList.contains("unit") ? e.previousElementSibling : e
      named[e.dataset.response + " " + e.dataset.component] = cell.innerText
    }
    if (e.tagName === "TR" && e.closest("table.numbers")) { rows.push([...e.children].map((c) => c.innerText)) }
  } }
  look(document)
  return {named, rows}
}"""


def number(words: str) -> str:
    """Numbers with their bars, one a line, without spaces and without what is said of them."""
    lines = [re.sub(r"\s", "", re.split(r"[✗△≈◌…]", line)[0]) for line in words.split("\n")]
    return "|".join(line for line in lines if line)


def settled(page: Page, tab: str, ready: str) -> dict[str, object]:
    """What a tab says once nothing in it is of the mesh any more."""
    page.get_by_role("tab", name=tab, exact=True).click()
    page.wait_for_function(
        """([ready]) => {
          let found = false, coarse = false, table = ready.startsWith("Operations")
          const look = (root) => { for (const e of root.querySelectorAll("*")) {
            if (e.shadowRoot) { look(e.shadowRoot) }
            if (!e.checkVisibility()) { continue }
            if (e.dataset && e.dataset.standing === "coarse") { coarse = true }
            if (e.matches("table.numbers")) { table = true }
            if (e.children.length === 0 && e.textContent.includes(ready)) { found = true }
          } }
          look(document)
          return found && table && !coarse
        }""",
        arg=[ready],
        timeout=240_000,
    )
    page.wait_for_timeout(300)
    found: dict[str, object] = page.evaluate(NUMBERS)
    return found


def row(found: dict[str, object], head: str) -> list[str]:
    rows = found["rows"]
    assert isinstance(rows, list)
    return next([number(c) for c in cells] for cells in rows if cells and number(cells[0]) == head)


@pytest.mark.parametrize("model", [MODELS[0], *(pytest.param(m, marks=pytest.mark.long) for m in MODELS[1:])])
def test_a_response_is_the_same_on_every_tab_that_shows_it(chromium: Browser, url: str, model: str) -> None:
    with opened(chromium, f"{url}?model={model}") as (page, complaints, _):
        page.wait_for_selector(".live[data-stage='sharp']", timeout=240_000)
        page.wait_for_timeout(500)
        named = page.evaluate(NUMBERS)["named"]
        foot = {key: number(value) for key, value in named.items()}
        assert set(foot) == {f"{name} {c}" for name in ("chi", "alpha") for c in "xy"}
        symmetry = settled(page, "Symmetry", "Operations tested on H(k)")["named"]
        assert isinstance(symmetry, dict)
        table = {key: number(value) for key, value in symmetry.items()}
        assert {key: table[key] for key in foot} == foot
        extrinsic = settled(page, "Extrinsic", "τ at which both are equal")
        convergence = settled(page, "Convergence", "wave vectors")
        export = settled(page, "Export", "Every response at μ and T")
        for name, symbol in (("chi", "χ"), ("alpha", "α")):
            for component in "xy":
                inner, outer = row(extrinsic, symbol + component)[1:3]
                assert inner == foot[f"{name} {component}"]
                assert row(convergence, symbol + component)[1] == inner
                listed = row(export, symbol)[1]
                assert f"{component}:{inner}" in listed
                shifted = row(export, f"{symbol}ext")[1]
                assert f"{component}:{outer}" in shifted
                if name == "chi":
                    assert table[f"chi_extrinsic {component}"] == outer
        assert not complaints
