"""The theory as the page shows it: every formula becomes MathML, no LaTeX is left."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from explorer.assets.theory_text import equations, sections
from explorer.views.text.theory import formula, html_of, pages


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


def test_a_formula_means_what_it_says() -> None:
    fraction = formula(r"\frac{\pi^2k_B^2T}{3e}", "block")
    assert 'display="block"' in fraction
    assert fraction.index("&#x003C0;") < fraction.index("<mn>3</mn>")
    assert seen(formula(r"\mathcal A")).words == "𝒜"


def test_a_table_and_emphasis_survive() -> None:
    page = seen(pages()["4. The other magnetizations"])
    assert "table" in page.tags
    assert "vanishes" in page.words
    assert "strong" in seen(pages()["3. Thermodynamics"]).tags
