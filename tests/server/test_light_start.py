"""The server answers before the physics is loaded: what is sent first needs none of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW_TO_IMPORT = ("numba", "llvmlite", "scipy", "xarray", "h5py")


@pytest.mark.parametrize("module", ["explorer", "explorer.cli", "explorer.server.serve", "explorer.app.page"])
def test_what_stands_before_the_first_page_imports_no_physics(module: str) -> None:
    """Once a word for the legend brought all of it: seven tenths of a second of 2.0."""
    ask = f"import sys, {module}; print(*(m for m in {SLOW_TO_IMPORT!r} if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_no_model_of_the_catalogue_waits_for_the_process_that_reads_files() -> None:
    """Once `blank.toml` started it, for a second and more before the first page."""
    ask = """
from explorer.models.files.reading import read_by
from explorer.models.kit.model import catalogue

def refuses(reader, path, trial=None):
    raise AssertionError(f"{path} is read by the door")

read_by(refuses)
assert "blank" in catalogue()
"""
    subprocess.run([sys.executable, "-c", ask], check=True)
