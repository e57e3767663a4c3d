"""The house stays a house: small rooms, short modules, and no hand in another module's drawers."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES_PER_FOLDER, LINES_PER_MODULE = 14, 400


def modules() -> list[Path]:
    """Every module of the explorer and of its models, by its path from the root; links are followed nowhere."""
    found = [p for top in ("explorer", "models") for p in (ROOT / top).rglob("*.py")]
    linked = [ROOT / "explorer" / name for name in ("models", "assets")]
    return sorted(p for p in found if not any(p.is_relative_to(link) for link in linked))


def private_imports(path: Path) -> Iterator[str]:
    """Names with an underscore in front that a module takes from another one of ours."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("explorer")):
            for name in (*(node.module or "").split("."), *(alias.name for alias in node.names)):
                if name.startswith("_") and not name.startswith("__"):
                    yield f"{path.relative_to(ROOT)}: {name}"


def test_the_house_is_looked_at() -> None:
    assert len(modules()) > 200
    assert ROOT / "explorer" / "cli.py" in modules()
    assert ROOT / "models" / "haldane.py" in modules()


def test_no_folder_is_crowded() -> None:
    count = Counter(p.parent.relative_to(ROOT) for p in modules() if p.name != "__init__.py")
    assert {str(folder): n for folder, n in count.items() if n > MODULES_PER_FOLDER} == {}


def test_no_module_is_long() -> None:
    lines = {p.relative_to(ROOT): len(p.read_text(encoding="utf-8").splitlines()) for p in modules()}
    assert {str(name): n for name, n in lines.items() if n > LINES_PER_MODULE} == {}


def test_no_module_takes_a_private_name_of_another() -> None:
    """Attributes are looked at by ruff, SLF001."""
    assert [found for path in modules() for found in private_imports(path)] == []


@pytest.mark.parametrize(
    "line", ["from explorer.meshes.mesh import _stored", "from explorer._inside import x", "from . import _x"]
)
def test_a_private_import_would_be_seen(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / "one.py"
    path.write_text(f"from __future__ import annotations\n{line}\n", encoding="utf-8")
    assert len(list(private_imports(path))) == 1
