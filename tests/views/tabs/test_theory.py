"""The Theory tab: choosers, text and links say the same place."""

from __future__ import annotations

from explorer.views.tabs.theory import TheoryView


def test_equation_and_section_follow_each_other() -> None:
    view = TheoryView(None, lambda: None)
    view.layout()
    assert (view.text.at, view.section.value, view.equation.value) == ("section-1", "section-1", "")
    view.equation.value = "eq-12"
    assert (view.text.at, view.section.value, view.equation.value) == ("eq-12", "section-3", "eq-12")
    view.section.value = "section-5"
    assert (view.text.at, view.section.value, view.equation.value) == ("section-5", "section-5", "")
    view.text.at = "eq-4.2"  # as a link in the text sets it
    assert (view.text.at, view.section.value, view.equation.value) == ("eq-4.2", "section-4", "eq-4.2")
    view.text.at = "section-4"
    assert (view.text.at, view.section.value, view.equation.value) == ("section-4", "section-4", "")
