"""Who one is looking at: a sentence on the model, H(k), where it comes from; the rest folded away."""

from __future__ import annotations

import re
from html import escape

from explorer.models.kit.model import Model
from explorer.views.sidebar.formula import formula_lines, harmless
from explorer.views.text.prose import prose
from explorer.views.text.theory import formula

STYLE = """
:host { --quiet: color-mix(in srgb, currentColor 74%, transparent); }
.card { font-size: 13px; line-height: 1.45; }
.card p { margin: 0 0 6px; } .card sub, .card sup { line-height: 0; }
.card .formula { overflow-x: auto; overflow-y: hidden; padding: 2px 0 6px; text-align: left; }
.card .formula:focus-visible, .card summary:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.card mtd { text-align: left !important; padding-left: 0; padding-right: 0; }
.card math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", math; font-size: 13px; }
.card .reference { color: var(--quiet); font-size: 12px; overflow-wrap: anywhere; }
.card summary { cursor: pointer; width: max-content; max-width: 100%; margin-bottom: 4px; }
"""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZΑ-Ω])")
_FIRST = re.compile(r"^.{0,160}?\(\d{4}\)")


def card_html(model: Model) -> str:
    """The card: the first sentence of the model's text, its formula, its first reference; a fold with all of both."""
    first, rest = _split(model.physics)
    whole = model.reference
    found = _FIRST.match(whole)
    cited = found[0] if found else whole
    more = "".join(
        f"<p{kind}>{prose(text)}</p>"
        for text, kind in ((escape(rest), ""), ("" if cited == whole else escape(whole), " class=reference"))
        if text
    )
    return (
        f"<div class=card><p>{prose(escape(first))}</p>"
        + formula_html(model.formula)
        + (f"<p class=reference>{prose(escape(cited))}</p>" if cited else "")
        + (f"<details><summary>More about this model</summary>{more}</details>" if more else "")
        + "</div>"
    )


def formula_html(latex: str) -> str:
    """A formula in lines that fit the sidebar; what no one can typeset (a file's own words) as it is written."""
    if not latex:
        return ""
    try:
        shown = formula(formula_lines(harmless(latex)), "block")
    except Exception:
        shown = f"<code>{escape(latex)}</code>"
    return f'<div class=formula role=group aria-label="Hamiltonian" tabindex=0>{shown}</div>'


def _split(text: str) -> tuple[str, str]:
    """The first sentence, and the others."""
    first, *rest = _SENTENCE.split(text.strip(), maxsplit=1)
    return first, rest[0] if rest else ""
