"""A row of question marks above the figures of a tab; what they say is in `explorer.views.text.explanations`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import param

from explorer import assets
from explorer.views.browser import script
from explorer.views.text.explanations import EXPLANATIONS, TABS, explanation_html


def explain_style() -> str:
    """CSS of question marks and of the notes they open."""
    return Path(assets.path("live/explain.css")).read_text(encoding="utf-8")


class ExplainBar(pn.custom.JSComponent):
    """Buttons, each with the note that it opens; `read` hears the anchor of an equation that a note leads to."""

    entries = param.List(default=[], doc="Pairs: title and note, both HTML")

    _esm = script("explain", "explainbar")
    _stylesheets = [explain_style()]  # noqa: RUF012

    def __init__(self, key: str, read: Callable[[str], None], **params: Any) -> None:
        entries = [[EXPLANATIONS[name].title, explanation_html(name)] for name in TABS.get(key, ())]
        super().__init__(entries=entries, sizing_mode="stretch_width", **params)
        self._read = read

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """`{theory: anchor}` from the browser."""
        self._read(str(data["theory"]))
