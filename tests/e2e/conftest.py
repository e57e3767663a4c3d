"""A served explorer and a browser for the tests of the real page."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import executable, launch


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out on a machine without a browser; under CI they run, and fail there."""
    if executable() or os.environ.get("CI"):
        return
    mine = [item for item in items if item.get_closest_marker("e2e")]
    config.hook.pytest_deselected(items=mine)
    items[:] = [item for item in items if item not in mine]


@pytest.fixture(scope="session")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file into which the server writes its errors."""
    return tmp_path_factory.mktemp("server") / "stderr.txt"


@pytest.fixture(scope="session")
def url(complaints: Path) -> Iterator[str]:
    """Address of a server of its own, answering."""
    with socket.socket() as s:
        s.bind(("localhost", 0))
        port = s.getsockname()[1]
    with complaints.open("w") as errors:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from explorer.cli import main; sys.exit(main())",
                "serve",
                "--no-show",
                "--port",
                str(port),
            ],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    for line in process.stdout:
        if "http" in line:
            break
    else:
        raise RuntimeError("the server ended before it answered: " + complaints.read_text())
    yield f"http://localhost:{port}/"
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture(autouse=True)
def everything_is_written_with_the_lock(url: str, complaints: Path) -> Iterator[None]:
    """Whatever the page shows: what is written to a document without its lock Bokeh refuses, and only the log tells.

    Other complaints come from pages that are closed while they are written to, whenever that happens.
    """
    before = len(complaints.read_text())
    yield
    said = complaints.read_text()[before:]
    assert "document lock" not in said, said


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
