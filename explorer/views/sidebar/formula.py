r"""A model's formula in lines that fit the sidebar.

>>> formula_lines(r"H = a + b", 40)
'H = a + b'
>>> print(formula_lines(r"H = (\cos k_x + 1) + \frac{a + b}{c} + d", 14))
\begin{aligned}&H = (\cos k_x + 1)\\&\quad + \frac{a + b}{c} + d\end{aligned}
"""

from __future__ import annotations

import re

WIDE = {"cos": 3.0, "sin": 3.0, "sum": 2.0, "quad": 2.0, "times": 2.0, "langle": 1.0, "rangle": 1.0}
"""Letters that a command takes; others take one, those of `SILENT` none."""
SILENT = {
    "left",
    "right",
    "mathbf",
    "boldsymbol",
    "mathrm",
    "hat",
    "frac",
    "tfrac",
    "begin",
    "end",
    ",",
    ";",
    "!",
}
OPEN, CLOSE = "{([", "})]"


_ACTIVE = re.compile(
    r"\\(href|url|require|style|class|cssId|data|unicode|html\w*|def|let|newcommand|renewcommand|newenvironment)(?![A-Za-z])"
)
"""Commands that make links, load code, or name what does."""


def harmless(latex: str) -> str:
    r"""A formula of a file that can only be typeset: what may be HTML, and commands that act, are out.

    >>> harmless(r"H = a < b $$<img src=x onerror=f()> \href{javascript:f()}{x}")
    'H = a \\lt b \\lt img src=x onerror=f()\\gt  {javascript:f()}{x}'
    """
    text = re.sub(r"<\s*", r"\\lt ", latex.replace("$", ""))
    return _ACTIVE.sub("", text.replace(">", r"\gt "))


def formula_lines(latex: str, letters: float = 32.0) -> str:
    """The formula, broken before a sum's + or - or after a comma where a line would be longer than so many letters.

    Never inside brackets, braces or an environment; a term too long by itself stays whole.
    """
    lines: list[str] = []
    for term in _terms(latex):
        if lines and _width(lines[-1]) + _width(term) <= letters:
            lines[-1] += term
        else:
            lines.append(term)
    if len(lines) == 1:
        return latex
    rest = (line.removeprefix(r"\quad").strip() for line in lines[1:])
    return r"\begin{aligned}&" + r"\\&\quad ".join([lines[0].strip(), *rest]) + r"\end{aligned}"


def _terms(latex: str) -> list[str]:
    """Pieces that join to the whole, each but the first beginning with + or - or what follows a comma."""
    pieces, depth, start, before = [], 0, 0, ""
    for token in re.finditer(r"\\[A-Za-z]+|\\.|\S", latex):
        text = token[0]
        if text in OPEN or text in (r"\left", r"\begin"):
            depth += 1
        elif text in CLOSE or text in (r"\right", r"\end"):
            depth -= 1
        binary = text in "+-" and before not in ("", "=", *OPEN, ",")
        if depth == 0 and (binary or (before == "," and text == r"\quad")):
            pieces.append(latex[start : token.start()])
            start = token.start()
        before = text
    return [*pieces, latex[start:]]


def _width(latex: str) -> float:
    """Letters that a piece takes on the page, roughly."""
    total, small = 0.0, False
    for token in re.finditer(r"\\([A-Za-z]+|.)|(\S)", latex):
        command, letter = token[1], token[2]
        if letter in ("_", "^"):
            small = True
            continue
        if command is not None:
            size = 0.0 if command in SILENT else WIDE.get(command, 1.0)
        else:
            size = 0.0 if letter in "{}" else 3.0 if letter in "+-=" else 1.0
        total += 0.6 * size if small else size
        small = small and letter == "{"
    return total
