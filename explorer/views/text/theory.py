"""A section of the theory as HTML: Markdown by markdown-it, formulas as MathML, which needs no font or script."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from latex2mathml.converter import convert
from markdown_it import MarkdownIt

from explorer.assets.theory_text import Equation, Section, equations, sections

_INLINE = re.compile(r"(?<!\$)\$([^$]+)\$(?!\$)")
_CODE = re.compile(r"`[^`]*`")
_NUMBER = re.compile(r"\((\d+(?:\.\d+)?)\)")
_SECTION = re.compile(r"\b(section) (\d)\b")
_SCRIPT = {"L": "ℒ", "A": "𝒜"}
"""Script letters, as characters: browsers know no other `mathvariant` than normal."""


def formula(latex: str, display: str = "inline") -> str:
    r"""MathML of a formula, `display` "inline" or "block".

    >>> formula(r"\mathcal L_i")[-70:]
    'display="inline"><mrow><msub><mi>ℒ</mi><mi>i</mi></msub></mrow></math>'
    """
    # latex2mathml knows the lines of align*, and not those of aligned, which is what stands inside $$.
    found = convert(latex.replace("{aligned}", "{align*}"), display=display)
    found = re.sub(
        r'<mi mathvariant="script">(.)</mi>', lambda m: f"<mi>{_SCRIPT.get(m[1], m[1])}</mi>", found
    )
    return found.replace('mathvariant="bold-italic"', 'style="font-weight: bold"')


def html_of(section: Section) -> str:
    """The section with its heading and its equations, numbers at the right, each with its anchor.

    What cites an equation or a section leads to it: a link to "#eq-11" or "#section-2".
    """
    head = f'<h2 id="{section.anchor}" tabindex="-1">{section.number}. {escape(section.title)}</h2>'
    return head + "".join(_equation(b) if isinstance(b, Equation) else _prose(b) for b in section.blocks)


@cache
def pages() -> dict[str, str]:
    """HTML of every section by its anchor, "section-1"."""
    return {s.anchor: html_of(s) for s in sections()}


def page_of(anchor: str) -> str:
    """Anchor of the section in which an equation or a section stands; ValueError where there is none.

    >>> page_of("eq-12"), page_of("section-2")
    ('section-3', 'section-2')
    """
    for section in sections():
        if anchor in (section.anchor, *(b.anchor for b in section.blocks if isinstance(b, Equation))):
            return section.anchor
    raise ValueError(f"the theory has no {anchor}")


def _prose(markdown: str) -> str:
    taken: list[str] = []

    def keep(html: str) -> str:
        taken.append(html)
        return f"\x02{len(taken) - 1}\x03"

    def cited(match: re.Match[str]) -> str:
        known = equations().get(match[1])
        return keep(f'<a href="#{known.anchor}">({match[1]})</a>') if known else match[0]

    # Underscores of formulas would be read as emphasis: they are taken out first; and in code nothing is a citation.
    text = _INLINE.sub(lambda m: keep(formula(m[1].replace("\n", " "))), markdown)
    text = _CODE.sub(lambda m: keep(f"<code>{escape(m[0].strip('`'))}</code>"), text)
    text = _NUMBER.sub(cited, text)
    text = _SECTION.sub(lambda m: keep(f'<a href="#section-{m[2]}">{m[1]} {m[2]}</a>'), text)
    html = MarkdownIt("commonmark").enable("table").render(text)
    return re.sub("\x02(\\d+)\x03", lambda m: taken[int(m[1])], html)


def _equation(equation: Equation) -> str:
    code = ", ".join(f"<code>{name}</code>" for name in equation.code)
    return (
        f'<div class="equation" id="{equation.anchor}" tabindex="0" role="group" '
        f'aria-label="Equation ({equation.number})">'
        f"<div>{formula(equation.latex, 'block')}</div><div>({equation.number})</div></div>"
        + (f'<p class="code">Code: {code}</p>' if code else "")
    )
