"""The browser of the tests that drive the real page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    """A Chromium of this machine, or None where Playwright's own is to be used."""
    named = os.environ.get("CHROMIUM", shutil.which("chromium") or shutil.which("chromium-browser"))
    return named if named and Path(named).exists() else None


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium."""
    return playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
