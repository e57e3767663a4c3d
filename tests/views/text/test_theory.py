"""The theory as the page shows it: every formula becomes MathML, no LaTeX is left."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from explorer.assets.theory_text import equations, sections
from explorer.views.text.theory import formula, html_of, page_of, pages


class _Seen(HTMLParser):
    """Tags, anchors and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.anchors: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.anchors += [value for name, value in attrs if name == "id" and value]

    def handle_data(self, data: str) -> None:
        self.words += data


def seen(html: str) -> _Seen:
    parser = _Seen()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("section", sections(), ids=lambda s: s.anchor)
def test_no_latex_is_left_and_no_formula_is_lost(section: object) -> None:
    found = next(s for s in sections() if s is section)
    page = seen(html_of(found))
    assert "\\" not in page.words
    assert "$" not in page.words
    assert "&" not in page.words
    assert "\x02" not in page.words
    source = found.file.read_text(encoding="utf-8")
    displayed = source.count("$$") // 2
    inline = len(re.findall(r"(?<!\$)\$[^$]+\$(?!\$)", re.sub(r"\$\$.*?\$\$", "", source, flags=re.S)))
    assert page.tags.count("math") == displayed + inline


def test_every_equation_has_its_anchor_and_number_on_a_page() -> None:
    pages_seen = [seen(html) for html in pages().values()]
    assert {a for p in pages_seen for a in p.anchors if a.startswith("eq-")} == {
        e.anchor for e in equations().values()
    }
    words = "".join(p.words for p in pages_seen)
    assert all(f"({number})" in words for number in equations())


def test_every_link_leads_to_an_anchor_and_numbers_are_links() -> None:
    anchors = {a for html in pages().values() for a in seen(html).anchors}
    links = {link for html in pages().values() for link in re.findall(r'href="#([^"]+)"', html)}
    assert links <= anchors
    assert {"eq-11", "eq-8", "eq-13", "eq-7.1", "section-2"} <= links
    # A number in a formula or in code is none: e = 1 in (1) of nothing.
    assert "(99)" in seen(html_of(replace(sections()[0], blocks=("As (99) of `f(11)` and $f(11)$.",)))).words
    assert "href" not in html_of(replace(sections()[0], blocks=("As (99) of `f(11)` and $f(11)$.",)))


def test_an_anchor_has_its_page() -> None:
    assert page_of("eq-2.4") == "section-2"
    with pytest.raises(ValueError, match="no eq-99"):
        page_of("eq-99")


def test_a_formula_means_what_it_says() -> None:
    fraction = formula(r"\frac{\pi^2k_B^2T}{3e}", "block")
    assert 'display="block"' in fraction
    assert fraction.index("&#x003C0;") < fraction.index("<mn>3</mn>")
    assert seen(formula(r"\mathcal A")).words == "𝒜"


def test_a_table_and_emphasis_survive() -> None:
    page = seen(pages()["section-4"])
    assert "table" in page.tags
    assert "vanishes" in page.words
    assert "strong" in seen(pages()["section-3"]).tags
