"""The theory behind the numbers, as it ships in assets/theory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from explorer import assets
from explorer.assets.theory_text import equations, sections
from explorer.views import View
from explorer.views.browser import script
from explorer.views.text.theory import page_of, pages


class TheoryText(pn.custom.JSComponent):
    """The text, a section at a time; see assets/live/theory.js."""

    pages = param.List(default=[], doc="HTML of the sections")
    at = param.String(
        default="section-1", doc="Anchor of the equation or section shown; set by its links, too"
    )

    _esm = script("theory")
    _stylesheets = [Path(assets.path("live/theory.css")).read_text(encoding="utf-8")]  # noqa: RUF012


class TheoryView(View):
    """One section at a time, found by its title or by the number of an equation; nothing is computed."""

    key = "theory"
    intro = "What is computed, equation by equation, and the functions that compute it."

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.text = TheoryText(sizing_mode="stretch_width")

    def go(self, anchor: str) -> None:
        """Show an equation or a section, now or as soon as the tab stands."""
        self.text.at = anchor

    def layout(self) -> Any:
        """Choosers of sections and equations above the text."""
        self.text.pages = list(pages().values())
        titles = {f"{s.number}. {s.title}": s.anchor for s in sections()}
        numbers = {f"({number})": e.anchor for number, e in equations().items()}
        at = self.text.at
        section = page_of(at)
        self.section = pmui.Select(label="Section", options=titles, value=section, width=360)
        self.equation = pmui.Select(
            label="Equation", options={"–": "", **numbers}, value="" if at == section else at, width=130
        )
        self.section.param.watch(self._to_section, "value")
        self.equation.param.watch(self._to_equation, "value")
        self.text.param.watch(self._follow, "at")
        return pn.Column(pn.FlexBox(self.section, self.equation), self.text, sizing_mode="stretch_width")

    def _to_section(self, event: Any) -> None:
        if page_of(self.text.at) != event.new:
            self.text.at = event.new

    def _to_equation(self, event: Any) -> None:
        if event.new:
            self.text.at = event.new

    def _follow(self, event: Any) -> None:
        section = page_of(event.new)
        self.equation.value = event.new if event.new != section else ""
        self.section.value = section
