"""One server for the tests of this folder, as strangers reach it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.visitors import Server, served


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs nginx on a machine without it; in CI its absence fails."""
    if shutil.which("nginx") or os.environ.get("CI"):
        return
    mine = [item for item in items if item.get_closest_marker("nginx")]
    config.hook.pytest_deselected(items=mine)
    items[:] = [item for item in items if item not in mine]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose files the server opens."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("server"), "--address", "0.0.0.0", "--files", str(folder)) as found:
        found.url = found.url.replace("0.0.0.0", "127.0.0.1")
        yield found
