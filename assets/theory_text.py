"""The theory as it ships (assets/theory): sections, and equations by number with the code that implements each.

from explorer.assets.theory_text import equations
equations()["11"].code
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from explorer.assets import path

_ANCHOR = re.compile(r'^<a id="(?:section|eq)-([\d.]+)"></a>$')
_DISPLAYED = re.compile(r"^\$\$\n(?P<latex>.*?)\n?\$\$$", re.S)
_TAG = re.compile(r"\s*\\tag\{[\d.]+\}\s*")
_CODE = re.compile(r"`([\w.]+)`")

NO_CODE = "none yet"
"""What stands after "Code:" where the program does not compute an equation."""


@dataclass(frozen=True)
class Equation:
    """A numbered equation: its number as cited, "11" or "2.4"; LaTeX without the number; what implements it.

    code : dotted names below the package `explorer`, of modules, classes, functions or constants; empty where the
    equation is in the text only.
    """

    number: str
    section: str
    latex: str
    code: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Name of the anchor in the text: "eq-11"."""
        return f"eq-{self.number}"


@dataclass(frozen=True)
class Section:
    """A section of the text: its number, title, file, and blocks in order, Markdown or equations."""

    number: str
    title: str
    file: Path
    blocks: tuple[str | Equation, ...]

    @property
    def anchor(self) -> str:
        """Name of the anchor in the text: "section-2"."""
        return f"section-{self.number}"


@cache
def sections() -> tuple[Section, ...]:
    """The sections in order; a file that does not keep to the form raises ValueError with its name."""
    return tuple(_section(file) for file in sorted(path("theory").glob("[0-9]*.md")))


@cache
def equations() -> dict[str, Equation]:
    """Every equation by its number as cited; ValueError where a number is given twice."""
    found: dict[str, Equation] = {}
    for section in sections():
        for block in section.blocks:
            if isinstance(block, Equation):
                if block.number in found:
                    raise ValueError(
                        f"{section.file.name}: equation ({block.number}) stands in the text twice"
                    )
                found[block.number] = block
    return found


def _section(file: Path) -> Section:
    parts = [part.strip() for part in re.split(r"\n{2,}", file.read_text(encoding="utf-8"))]
    number = _anchored(parts[0])
    if number is None or not parts[1].startswith(f"# {number}. "):
        raise ValueError(
            f'{file.name}: begins with the anchor <a id="section-N"></a> and the heading "# N. title"'
        )
    blocks: list[str | Equation] = []
    rest = iter(parts[2:])
    for part in rest:
        equation = _anchored(part)
        blocks.append(
            part if equation is None else _equation(file, number, equation, next(rest, ""), next(rest, ""))
        )
    return Section(number, parts[1].split(". ", 1)[1], file, tuple(blocks))


def _anchored(part: str) -> str | None:
    match = _ANCHOR.match(part)
    return match[1] if match else None


def _equation(file: Path, section: str, number: str, formula: str, code: str) -> Equation:
    displayed = _DISPLAYED.match(formula)
    if displayed is None or f"\\tag{{{number}}}" not in displayed["latex"]:
        raise ValueError(
            f"{file.name}: after the anchor of ({number}) comes its formula in $$ with \\tag{{{number}}}"
        )
    if not code.startswith("Code: "):
        raise ValueError(f'{file.name}: after the formula of ({number}) comes a line "Code: ..."')
    names = tuple(_CODE.findall(code))
    if not names and code != f"Code: {NO_CODE}":
        raise ValueError(
            f'{file.name}: the line "Code:" of ({number}) names what implements it, or says {NO_CODE!r}'
        )
    return Equation(number, section, _TAG.sub("", displayed["latex"]).strip(), names)
