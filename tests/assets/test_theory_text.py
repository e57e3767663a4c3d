"""The theory and the code cite each other: equation -> text -> function, and function -> equation."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from explorer.assets import theory_text
from explorer.assets.theory_text import Equation, Section, equations, sections
from explorer.physics.responses.catalogue import rows
from explorer.physics.responses.row import Row

ROOT = Path(__file__).parents[2]
SOURCES = {
    ".".join(file.relative_to(base).with_suffix("").parts): file
    for base, folder in ((ROOT / "explorer", ROOT / "explorer"), (ROOT, ROOT / "models"))
    for file in sorted(folder.rglob("*.py"))
}
"""Module below `explorer`, as the text names it -> its file: explorer/ and models/."""

OF_THE_TEXT = re.compile(r"theory\s+(\(\d+\.\d+\)(?:(?:,|\s+and|\s+to)?\s+\(\d+\.\d+\))*)", re.I)
"""A citation of an equation numbered by the text: theory (2.4), (2.5) and (2.6)."""
OF_THE_PAPER = re.compile(r"(?<![\w)\]])\((7|8|9|1[0-3])\)")
"""A citation of an equation numbered by the paper: (11)."""
BY_WORD = re.compile(r"\b(?:equations?|eqs?\.)\s+\((\d+(?:\.\d+)?)\)", re.I)
OF_A_SECTION = re.compile(r"theory[\s#*]+sections?[\s#*]+(\d+)(?:\s+and\s+(\d+))?", re.I)


@cache
def docstrings(module: str) -> dict[str, str]:
    """Dotted name, "" for the module -> docstring, those under constants included."""
    found: dict[str, str] = {}

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for statement, after in zip(body, [*body[1:], None], strict=True):
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{statement.name}"
                found[name] = ast.get_docstring(statement) or ""
                visit(statement.body, f"{name}.")
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                below = after.value if isinstance(after, ast.Expr) else None
                words = below.value if isinstance(below, ast.Constant) else ""
                found.update({f"{prefix}{t.id}": str(words) for t in targets if isinstance(t, ast.Name)})

    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    found[""] = ast.get_docstring(tree) or ""
    visit(tree.body, "")
    return found


def place(name: str) -> tuple[str, str]:
    """Module and definition ("" for the module itself) of a dotted name in a line "Code:"."""
    module, rest = name, ""
    while module and module not in SOURCES:
        module, _, last = module.rpartition(".")
        rest = f"{last}.{rest}".strip(".")
    assert module, f"no module of the name {name}"
    return module, rest


def cited(words: str) -> set[str]:
    numbers = {n for group in OF_THE_TEXT.findall(words) for n in re.findall(r"\d+\.\d+", group)}
    return numbers | set(OF_THE_PAPER.findall(words))


def listed() -> dict[str, set[str]]:
    """Equation -> modules that its line "Code:" names, whole or in part."""
    return {number: {place(name)[0] for name in equation.code} for number, equation in equations().items()}


def test_equations_of_the_paper_are_all_there_and_every_section_has_its_anchor() -> None:
    assert {str(n) for n in range(7, 14)} <= set(equations())
    assert [s.number for s in sections()] == [str(n + 1) for n in range(len(sections()))]
    for equation in equations().values():
        assert equation.section == equation.number.split(".")[0] or "." not in equation.number
        assert "\\tag" not in equation.latex


@pytest.mark.parametrize("number", equations())
def test_what_an_equation_names_exists_and_cites_it_back(number: str) -> None:
    for name in equations()[number].code:
        module, definition = place(name)
        words = docstrings(module)
        assert definition in words, f"({number}) names {name}, and {SOURCES[module]} defines no {definition}"
        inside = [words[definition], words[""]] if definition else list(words.values())
        assert number in set().union(*map(cited, inside)), f"{name} does not cite {number_as_cited(number)}"


def number_as_cited(number: str) -> str:
    return f"theory ({number})" if "." in number else f"({number})"


@pytest.mark.parametrize("module", [m for m in SOURCES if m.startswith("physics.")])
def test_what_the_physics_cites_names_it_back(module: str) -> None:
    """A package cites for its modules, which speak for themselves."""
    if module.endswith("__init__"):
        return
    names = listed()
    for definition, words in docstrings(module).items():
        for number in cited(words):
            assert number in names, f"{module} {definition} cites ({number}), which the theory does not have"
            assert module in names[number], (
                f"{module} {definition} cites ({number}): name it under that equation"
            )


def test_every_section_and_number_cited_anywhere_exists() -> None:
    numbers, known = set(equations()), {s.number for s in sections()}
    files = [*SOURCES.values(), *(ROOT / "tests").rglob("*.py")]
    seen = 0
    for file in files:
        words = file.read_text(encoding="utf-8")
        for pair in OF_A_SECTION.findall(words):
            seen += 1
            assert set(filter(None, pair)) <= known, f"{file} cites section {pair}"
        for number in {n for g in OF_THE_TEXT.findall(words) for n in re.findall(r"\d+\.\d+", g)}:
            assert number in numbers, f"{file} cites theory ({number})"
    for module in SOURCES:
        for definition, words in docstrings(module).items():
            assert set(BY_WORD.findall(words)) <= numbers, f"{module} {definition}"
    assert seen > 10  # the pattern still finds what it looks for


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_every_response_leads_to_its_equation(row: Row) -> None:
    if row.equation.startswith("section "):
        assert row.equation.removeprefix("section ") in {s.number for s in sections()}
    else:
        assert equations()[row.equation.strip("()")].code, f"({row.equation}) of {row.name} names no code"


def test_links_between_the_files_lead_somewhere() -> None:
    folder = ROOT / "assets" / "theory"
    for file in folder.glob("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+\.md)", file.read_text(encoding="utf-8")):
            assert (folder / target).exists(), f"{file.name}: {target}"


START = '<a id="section-1"></a>\n\n# 1. T\n\n<a id="eq-7"></a>\n\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# 1. No anchor\n\nwords", "begins with the anchor"),
        (f"{START}$$\nx\n$$\n\nCode: none yet", "its formula"),
        (START + "$$\nx \\tag{7}\n$$\n\nwords", 'a line "Code'),
        (START + "$$\nx \\tag{7}\n$$\n\nCode: f", "names what"),
    ],
)
def test_a_file_out_of_form_is_named(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1-bad.md").write_text(text)
    monkeypatch.setattr(theory_text, "path", lambda name: tmp_path)
    with pytest.raises(ValueError, match=f"1-bad.md: .*{words}"):
        sections.__wrapped__()


def test_blocks_keep_their_order() -> None:
    first = sections()[0]
    assert isinstance(first, Section)
    assert isinstance(first.blocks[0], str)
    assert isinstance(first.blocks[1], Equation)
    assert first.blocks[1].code[0] == "physics.observables.induced_magnetization.induced_magnetization"
    assert first.blocks[1].anchor == "eq-7"
    assert first.anchor == "section-1"
