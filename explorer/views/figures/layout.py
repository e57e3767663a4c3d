"""Figures, tables and words side by side."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import panel as pn

from explorer.session.quantities import MU, RELAXATION_TIME, TEMPERATURE
from explorer.session.state import State
from explorer.views.text.prose import minus

if TYPE_CHECKING:
    pass


def boxed(plot: Any) -> Any:
    """A figure in a pane."""
    return pn.pane.Bokeh(plot, sizing_mode="stretch_width")


def row(*items: Any) -> Any:
    """Figures and tables side by side where there is room, below each other where there is not."""
    columns = "repeat(auto-fit, minmax(min(100%, max(440px, 36%)), 1fr))"  # at most two
    style = {"display": "grid", "grid-template-columns": columns, "gap": "12px", "align-items": "start"}
    return pn.Column(*items, sizing_mode="stretch_width", styles=style)


def hidden_whole(item: Any) -> Any:
    """An item within another that can be made invisible: a row's own `display` would outweigh its being so."""
    return pn.Column(item, sizing_mode="stretch_width", margin=0)


def controls_row(*widgets: Any) -> Any:
    """Widgets one after the other, wrapping."""
    return pn.FlexBox(*widgets, sizing_mode="stretch_width", align_items="center", gap="4px")


def table_html(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """A table, whose first column names the rows; cells are HTML already, head and caption are text."""
    top = "".join(f"<th scope=col>{escape(h)}</th>" for h in head)
    body = "".join(
        f"<tr><th scope=row>{cells[0]}</th>" + "".join(map(_cell, cells[1:])) + "</tr>" for cells in rows
    )
    table = f"<table class=numbers><caption>{escape(caption)}</caption><tr>{top}</tr>{body}</table>"
    return f"<style>{LEVEL}{TABLE}</style><div class=wide>{table}</div>".replace("μ_B", "μ<sub>B</sub>")


def _cell(words: str) -> str:
    """A cell; a number with its error bar may become two lines where the window is narrow."""
    if " ± " not in words:
        return f"<td>{words}</td>"
    return f"<td class=long>{words.replace(' ± ', ' ±&nbsp;')}</td>"


LEVEL = "sub, sup { line-height: 0; }"
"""Indices do not push lines apart."""


TABLE = """
.wide { overflow-x: auto; }
.numbers { border-collapse: collapse; font-size: 15px; font-variant-numeric: tabular-nums; }
.numbers caption { text-align: left; font-weight: 600; padding: 4px 8px; }
.numbers th, .numbers td { text-align: left; padding: 2px 8px; }
.numbers th[scope=row] { font-weight: 400; }
.numbers th[scope=col] { vertical-align: bottom; min-width: 3em; }
.numbers th[scope=col]:last-child { min-width: 7em; }
.numbers td:not(:last-child) { white-space: nowrap; }
@media (max-width: 700px) { .numbers { font-size: 13px; } .numbers th, .numbers td { padding: 2px 5px; }
  .numbers td.long:not(:last-child) { white-space: normal; }
  .numbers th[scope=col] { min-width: 0; } .numbers th[scope=col]:last-child { min-width: 4em; } }
"""


def where(state: State, tau: bool = False) -> str:
    """At which mu and T, and relaxation time if it matters."""
    at = [MU.words(state.mu), TEMPERATURE.words(state.temperature)]
    at += [RELAXATION_TIME.words(state.relaxation_time)] if tau else []
    return minus("At " + ", ".join(at))


def clean(value: float, scale: float) -> float:
    """Zero where a value is rounding beside the scale of what it belongs to."""
    return 0.0 if abs(value) <= 1e-9 * scale else value


def note_html(text: str) -> str:
    """A paragraph of explanation; `text` is HTML."""
    words = text.replace("μ_B", "μ<sub>B</sub>")
    style = "max-width:90ch;line-height:1.45;opacity:.85;margin:6px 2px"
    return f"<style>{LEVEL}</style><p style='{style}'>{words}</p>"
