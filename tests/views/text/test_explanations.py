"""The table of explanations against the catalogue of responses and the theory, which were written apart from it."""

from __future__ import annotations

import re

import pytest

from explorer.assets.theory_text import equations
from explorer.physics.responses.catalogue import row
from explorer.views import VIEWS
from explorer.views.text.explanations import EXPLANATIONS, LIVE, TABS, explanation_html, notes


def plain(html: str) -> str:
    """The words without their tags."""
    return re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize("name", ["chi", "alpha", "magnetization", "hall", "nernst"])
def test_units_and_equations_are_those_of_the_catalogue(name: str) -> None:
    assert plain(EXPLANATIONS[name].unit) == plain(row(name).printed_unit).replace("_", "")
    assert f"({EXPLANATIONS[name].equation})" == row(name).equation


@pytest.mark.parametrize("key", sorted(EXPLANATIONS))
def test_each_has_a_sentence_a_formula_and_a_way_to_its_equation(key: str) -> None:
    html, e = explanation_html(key), EXPLANATIONS[key]
    assert e.sentence.endswith((".", ":"))
    assert html.count("<math") == 1
    assert "\\" not in html
    assert f'href="#{equations()[e.equation].anchor}"' in html


def test_what_is_asked_for_exists_and_nothing_is_left_over() -> None:
    asked = {key for keys in (*LIVE.values(), *TABS.values()) for key in keys}
    assert asked == set(EXPLANATIONS)
    assert set(TABS) | {"source", "theory", "export"} == {view.key for view in VIEWS}
    assert notes(("chi", "alpha")) == explanation_html("chi") + explanation_html("alpha")
