"""What the Markdown of the project points at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from explorer.cli import COMMANDS

ROOT = Path(__file__).parents[1]
TEXTS = [
    file
    for folder in (".", ".github", "assets", "models", "tests")
    for file in sorted((ROOT / folder).glob("*.md" if folder == "." else "**/*.md"))
]
LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)")


def anchors(file: Path) -> set[str]:
    """Anchors of a text: those written out, and those that headings have on the web."""
    words = file.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", words, flags=re.M)
    made = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', words))


@pytest.mark.parametrize("text", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(text: Path) -> None:
    for link in LINK.findall(text.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        file = (text.parent / target).resolve() if target else text
        assert file.exists(), f"{text}: {link}"
        assert not anchor or anchor in anchors(file), f"{text}: {link}"


def test_the_index_of_the_documents_lists_them_all() -> None:
    folder = ROOT / "assets" / "docs"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert {file.name for file in folder.glob("*.md")} - {"README.md"} <= listed


def test_the_readme_shows_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"om-explorer ([a-z]+)", readme))
    assert set(COMMANDS) == shown & set(COMMANDS)
