"""Every text of a file that a visitor may send is text on the page, in every tab, never HTML that a browser obeys."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.e2e.test_page import opened
from tests.models.files.wannier90.wannier_files import random_model, save, tb_lines

pytestmark = pytest.mark.e2e

HARM = "<img src=x onerror=window.harmed=1>"
TOML = f"""
[model]
title = "{HARM}title"
formula = "H = {{ {HARM} $$ {HARM} \\\\href{{javascript:window.harmed=1}}{{x}}"
physics = "{HARM} [a](javascript:window.harmed=1) ![b](http://127.0.0.1:9/b.png)"
reference = "{HARM}"
spinful = true
[lattice]
a1 = [3, 0]
a2 = [0, 3]
[parameters.t]
default = 1.0
bounds = [0.5, 2.0]
unit = "{HARM}"
symbol = "{HARM}"
doc = "\\"{HARM}"
[presets."{HARM}"]
t = 1.5
[[orbitals]]
name = "{HARM}a"
position = [0, 0]
[[orbitals]]
name = "b"
position = [0.5, 0.3]
energy = 0.5
[[hoppings]]
from = "{HARM}a"
to = "b"
cells = [[0, 0], [1, 0], [0, 1]]
value = "t"
[[symmetries]]
name = "{HARM}"
rotation = [[1, 0], [0, 1]]
images = {{ "{HARM}a" = "{HARM}a", b = "b" }}
"""
TABS = ("live", "source", "symmetry", "export", "paper")
"""Those that show words of a file; `-m long` opens them all."""
ALL = (
    "equilibrium",
    "extrinsic",
    "scaling",
    "decomposition",
    "spin",
    "experiment",
    "potential",
    "convergence",
)


def harmless(browser: Browser, url: str, path: Path, tabs: tuple[str, ...]) -> None:
    for tab in tabs:
        with opened(browser, f"{url}?model={quote(str(path))}&view={tab}") as (page, _, outside):
            page.get_by_text(
                path.name.partition("<")[0] if path.suffix != ".toml" else "title"
            ).first.wait_for(state="attached", timeout=60_000)
            page.wait_for_timeout(1500)
            assert page.evaluate("window.harmed === undefined"), tab
            images = """() => { const found = []; const look = (root) => { for (const e of root.querySelectorAll('*')) {
              if (e.onerror || e.hasAttribute('onerror') || e.getAttribute('href')?.startsWith('javascript')
                  || e.getAttributeNS('http://www.w3.org/1999/xlink', 'href')?.startsWith('javascript'))
                { found.push(e.outerHTML) }
              if (e.shadowRoot) { look(e.shadowRoot) } } }; look(document); return found }"""
            assert page.evaluate(images) == [], tab
            assert outside == [], tab


def test_texts_of_a_lattice_file_are_text(chromium: Browser, url: str, tmp_path: Path) -> None:
    path = tmp_path / "harm.toml"
    path.write_text(TOML, encoding="utf-8")
    harmless(chromium, url, path, TABS)


def test_the_first_line_and_the_name_of_a_wannier_file_are_text(
    chromium: Browser, url: str, tmp_path: Path
) -> None:
    lines = tb_lines(random_model(2, 3, weights=False))
    path = tmp_path / "seed<img src=x onerror=window.harmed=1>_tb.dat"
    save(path, [HARM, *lines[1:]])
    harmless(chromium, url, path, ("live", "source", "export"))


@pytest.mark.long
def test_in_all_tabs(chromium: Browser, url: str, tmp_path: Path) -> None:
    path = tmp_path / "harm.toml"
    path.write_text(TOML, encoding="utf-8")
    harmless(chromium, url, path, ALL)
