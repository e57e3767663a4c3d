"""A section of the theory as HTML: Markdown by markdown-it, formulas as MathML, which needs no font or script."""

from __future__ import annotations

import re
from functools import cache

from latex2mathml.converter import convert
from markdown_it import MarkdownIt

from explorer.assets.theory_text import Equation, Section, sections

_INLINE = re.compile(r"(?<!\$)\$([^$]+)\$(?!\$)")
_SCRIPT = {"L": "ℒ", "A": "𝒜"}
"""Script letters, as characters: browsers know no other `mathvariant` than normal."""


def formula(latex: str, display: str = "inline") -> str:
    r"""MathML of a formula, `display` "inline" or "block".

    >>> formula(r"\mathcal L_i")[-70:]
    'display="inline"><mrow><msub><mi>ℒ</mi><mi>i</mi></msub></mrow></math>'
    """
    # latex2mathml knows the lines of align*, and not those of aligned, which is what stands inside $$.
    found = convert(latex.replace("{aligned}", "{align*}"), display=display)
    return re.sub(
        r'<mi mathvariant="script">(.)</mi>', lambda m: f"<mi>{_SCRIPT.get(m[1], m[1])}</mi>", found
    )


def html_of(section: Section) -> str:
    """The section with its heading and its equations, numbers at the right, each with its anchor."""
    head = f'<h2 id="{section.anchor}">{section.number}. {section.title}</h2>'
    return head + "".join(_equation(b) if isinstance(b, Equation) else _prose(b) for b in section.blocks)


@cache
def pages() -> dict[str, str]:
    """HTML of every section by its title as a chooser shows it, "1. What is computed"."""
    return {f"{s.number}. {s.title}": html_of(s) for s in sections()}


def _prose(markdown: str) -> str:
    formulas: list[str] = []

    def taken(match: re.Match[str]) -> str:
        formulas.append(formula(match[1].replace("\n", " ")))
        return f"\x02{len(formulas) - 1}\x03"

    # Underscores of formulas would be read as emphasis: they are taken out first.
    html = MarkdownIt("commonmark").enable("table").render(_INLINE.sub(taken, markdown))
    return re.sub("\x02(\\d+)\x03", lambda m: formulas[int(m[1])], html)


def _equation(equation: Equation) -> str:
    code = ", ".join(f"<code>{name}</code>" for name in equation.code)
    return (
        f'<div id="{equation.anchor}" style="display:flex;align-items:center;gap:12px;overflow-x:auto">'
        f'<div style="flex:1;font-size:1.15em">{formula(equation.latex, "block")}</div>'
        f"<div>({equation.number})</div></div>"
        + (
            f'<p style="font-size:0.85em;opacity:0.75;overflow-wrap:anywhere">Code: {code}</p>'
            if code
            else ""
        )
    )
