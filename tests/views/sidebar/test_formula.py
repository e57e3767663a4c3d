"""Formulas broken into lines keep every term, and their brackets."""

from __future__ import annotations

import doctest

import pytest

from explorer.models.kit.model import catalogue
from explorer.views.sidebar import formula
from explorer.views.sidebar.formula import formula_lines


def test_examples() -> None:
    assert doctest.testmod(formula).failed == 0


@pytest.mark.parametrize("key", list(catalogue()))
def test_every_model_keeps_its_terms_and_balance(key: str) -> None:
    whole = catalogue()[key].formula
    broken = formula_lines(whole)
    body = broken.removeprefix(r"\begin{aligned}&").removesuffix(r"\end{aligned}")
    lines = body.split(r"\\&\quad ") if broken != whole else [whole]
    squeezed = "".join(lines).replace(r"\quad", "").replace(" ", "")
    assert squeezed == whole.replace(r"\quad", "").replace(" ", "")
    for line in lines:
        assert line.count("{") == line.count("}")
        assert line.count("(") == line.count(")")
        assert line.count(r"\left") == line.count(r"\right")
        assert line.count(r"\begin") == line.count(r"\end")


def test_a_long_sum_is_broken_and_a_long_term_is_not() -> None:
    assert formula_lines(" + ".join(["abcdefgh"] * 6)).count(r"\\") >= 1
    assert (
        formula_lines("H = (" + " + ".join(["abcdefgh"] * 6) + ")")
        == "H = (" + " + ".join(["abcdefgh"] * 6) + ")"
    )
    assert formula_lines("H = -a") == "H = -a"
