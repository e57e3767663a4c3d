"""The model's card: a sentence, a formula without a leftover of LaTeX, a reference, and nothing said twice."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from explorer.models.kit.model import catalogue
from explorer.views.sidebar.model_card import card_html, formula_html


class Words(HTMLParser):
    """The text of a card, parts by the class of their paragraph; what is folded away apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown, self.folded, self._deep = "", "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._deep |= tag == "details"

    def handle_data(self, data: str) -> None:
        if self._deep:
            self.folded += data
        else:
            self.shown += data


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_model_says_who_it_is_in_little_room(name: str) -> None:
    html = card_html(catalogue()[name]())
    words = Words(html)
    assert html.count("<math") == 1
    assert "\\" not in html, "a command of LaTeX is left"
    assert len(words.shown) < 700
    assert re.search(r"\w\.", words.shown), "a sentence"
    assert not words.folded or words.folded.startswith("More about this model")


def test_nothing_is_lost_of_text_and_reference() -> None:
    words = Words(card_html(catalogue()["mos2"]()))
    said = words.shown + words.folded
    assert "the whole intrinsic response." in words.shown
    assert "where 48 to 70" in words.folded
    assert "085433 (2013)" in words.shown
    assert "Son et al." in said
    assert "Son et al." not in words.shown


def test_what_cannot_be_typeset_is_shown_as_written() -> None:
    assert "<code>H = \\left( &lt;b&gt;</code>" in formula_html(r"H = \left( <b>")
    assert formula_html("") == ""
