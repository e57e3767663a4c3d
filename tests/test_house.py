"""The floor plan: folders that can be taken in at a glance, modules of one idea, nobody in another's private rooms."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES_OF_A_FOLDER = 14
LINES_OF_A_MODULE = 470
FILES = [
    file
    for folder in ("explorer", "models", "assets")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if "pipeline" not in file.parts  # the scripts that made the files of CrI3, as they ran
]
NAMES = [str(file.relative_to(ROOT)) for file in FILES]


def test_no_folder_is_wider_than_a_glance() -> None:
    width = Counter(file.parent.relative_to(ROOT) for file in FILES if file.name != "__init__.py")
    assert len(width) > 20
    assert {str(folder): n for folder, n in width.items() if n > MODULES_OF_A_FOLDER} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_short_and_keeps_out_of_what_is_private(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_OF_A_MODULE
    tree = ast.parse(text)
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("explorer"):
            private = [alias.name for alias in node.names if alias.name.startswith("_")]
            assert not private, f"line {node.lineno}: {private} of {node.module}"
            modules |= {
                alias.asname or alias.name for alias in node.names if is_module(node.module, alias.name)
            }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            inside = node.attr.startswith("_") and not node.attr.startswith("__")
            assert not inside, f"line {node.lineno}: {ast.unparse(node)}"


def is_module(package: str | None, name: str) -> bool:
    """Whether `from package import name` brings a module of ours."""
    parts = [*(package or "").split(".")[1:], name]
    base = ROOT if parts[0] in ("models", "assets") else ROOT / "explorer"
    return base.joinpath(*parts).with_suffix(".py").exists()


def test_what_is_private_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself, on a module that offends in both ways."""
    for words in (
        "from explorer.physics.units import _SECRET\n",
        "from explorer.physics import units\nunits._SECRET\n",
    ):
        (tmp_path / "bad.py").write_text(words)
        monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
        monkeypatch.setattr(f"{__name__}.is_module", lambda package, name: True)
        with pytest.raises(AssertionError, match="_SECRET"):
            test_a_module_is_short_and_keeps_out_of_what_is_private("bad.py")
