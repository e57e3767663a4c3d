"""The theory behind the numbers, as it ships in assets/theory."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from explorer.views import View
from explorer.views.text.theory import pages


class TheoryView(View):
    """One section at a time; nothing is computed."""

    key = "theory"
    intro = "What is computed, equation by equation, and the functions that compute it."

    def layout(self) -> Any:
        """A chooser of sections above the text of the chosen one."""
        found = pages()
        first = next(iter(found))
        chooser = pmui.Select(label="Section", options=list(found), value=first, width=360)
        text = pn.pane.HTML(found[first], sizing_mode="stretch_width", styles={"max-width": "60em"})
        chooser.param.watch(lambda event: text.param.update(object=found[event.new]), "value")
        return pn.Column(chooser, text, sizing_mode="stretch_width")
