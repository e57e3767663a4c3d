"""One import name: what lies in the user's folder, or what the checkout lacks, changes nothing.

Wheels, source archives and pip itself are tried in `.ci/run`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USE = """
import explorer, sys
from explorer import assets
from explorer.app import page
from explorer.models.kit.model import catalogue
from explorer.models.haldane import Haldane
import explorer.api
assert catalogue()["haldane"] is Haldane and Haldane().hamiltonian().size == 2
assert assets.path("live/live.js").is_file() and page and explorer.compute
assert not {"models", "assets", "tests"} & set(sys.modules), "a top-level name of ours is imported"
from explorer.cli import main
sys.exit(main())
"""
"""The API, the page, a model and an asset by import, then the command line."""


def run_in(folder: Path, on_path: Path) -> str:
    """What `om-explorer models` prints from a folder, the explorer found at `on_path` behind the folder itself."""
    environment = {**os.environ, "PYTHONPATH": str(on_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", USE, "models", "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """A folder in which every name that was once ours means something else."""
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("models", "assets"):
        (folder / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the user was imported')\n")
    for name in ("models", "tests"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(
            f"raise SystemExit('package {name} of the user was imported')\n"
        )
    return folder


def test_beside_files_and_packages_of_the_same_names(crowded: Path) -> None:
    assert '"haldane"' in run_in(crowded, ROOT)


def test_in_a_checkout_without_links(crowded: Path, tmp_path: Path) -> None:
    """As git leaves it where it may not make links: explorer/models and explorer/assets are files of one line."""
    checkout = tmp_path / "checkout"
    (checkout / "explorer").mkdir(parents=True)
    for entry in (ROOT / "explorer").iterdir():
        if entry.name in ("models", "assets"):
            (checkout / "explorer" / entry.name).write_text(f"../{entry.name}")
        elif entry.name != "__pycache__":
            (checkout / "explorer" / entry.name).symlink_to(entry)
    for name in ("models", "assets"):
        (checkout / name).symlink_to(ROOT / name)
    assert '"haldane"' in run_in(crowded, checkout)


def test_the_links_and_the_mapping_name_the_same_folders() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["sources"] == {"models": "explorer/models", "assets": "explorer/assets"}
    for folder, inside in wheel["sources"].items():
        assert folder in wheel["only-include"]
        assert f"/{inside}" in wheel["exclude"]
        link = ROOT / inside
        assert (os.readlink(link) if link.is_symlink() else link.read_text()).strip() == f"../{folder}"
