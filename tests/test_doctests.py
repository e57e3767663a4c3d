"""The examples in docstrings say what happens."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def modules_with_examples() -> list[str]:
    """Names of the modules of explorer/ and models/ in which an example stands."""
    found = []
    for base, prefix in ((ROOT / "explorer", "explorer"), (ROOT / "models", "explorer.models")):
        for file in sorted(base.rglob("*.py")):
            if ">>> " in file.read_text(encoding="utf-8"):
                found.append(".".join([prefix, *file.relative_to(base).with_suffix("").parts]))
    return found


@pytest.mark.parametrize("module", modules_with_examples())
def test_examples(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(module.removesuffix(".__init__")))
    assert outcome.attempted, f"an example of {module} stands where doctest does not see it"
    assert not outcome.failed
