"""What a person reads beside a slider: a name and a symbol of their own for each parameter."""

from __future__ import annotations

import pytest

from explorer.models.kit.model import catalogue

LETTERS = 18
"""Longest name [letters] for which the sidebar has room in two lines."""


@pytest.mark.parametrize("name", sorted(set(catalogue()) - {"blank"}))
def test_every_parameter_has_a_human_name_and_a_symbol(name: str) -> None:
    found = catalogue()[name].quantities()
    labels = [q.label for q in found.values()]
    assert len(set(labels)) == len(labels), "two sliders of one name"
    for key, q in found.items():
        assert q.label, key
        assert "_" not in q.label, key
        assert len(q.label) <= LETTERS, q.label
        assert q.symbol, key
        assert q.doc, key
