"""Files that change under an open page: edited, replaced, renamed, deleted; a new tab shows what is there now."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_page import card, opened, wait_for_rest

pytestmark = pytest.mark.e2e

CHAIN = """
[lattice]
a1 = [3.0, 0.0]
a2 = [0.4, 3.5]

[parameters.{name}]
default = {value}
bounds = [-2.0, 2.0]
unit = "eV"

[[orbitals]]
name = "A"
position = [0.1, 0.2]
energy = "{name}"

[[orbitals]]
name = "B"
position = [0.4, 0.6]
energy = "-{name}"

[[hoppings]]
from = "A"
to = "B"
cells = [[0, 0]]
value = "{hop}*exp(0.4*i)"

[[hoppings]]
from = "A"
to = "B"
cells = [[-1, 0]]
value = "0.5"

[[hoppings]]
from = "A"
to = "B"
cells = [[0, -1], [1, 1]]
value = "0.3*exp(1.1*i)"

[[hoppings]]
from = "B"
to = "B"
cells = [[1, 0]]
value = "0.2*exp(-0.5*i)"

[[hoppings]]
from = "A"
to = "A"
cells = [[0, 1]]
value = "0.3*exp(0.7*i)"
"""


def write(path: Path, name: str = "shift", value: float = 0.3, hop: float = 0.8) -> Path:
    path.write_text(CHAIN.format(name=name, value=value, hop=hop), encoding="utf-8")
    return path


def address(url: str, path: Path) -> str:
    return f"{url}?model={quote(str(path))}&mu=0.5&T=300"


def numbers(page: Page) -> str:
    """The responses once they are sharp."""
    wait_for_rest(page)
    return card(page, "responses")


def reload(page: Page) -> None:
    button = page.get_by_role("button", name="Reload")
    expect(button).to_be_visible(timeout=30_000)
    button.click()
    expect(button).to_be_hidden()


def test_what_is_on_disk_is_what_a_page_shows_or_says_it_does_not(
    chromium: Browser, url: str, tmp_path: Path
) -> None:
    """Numbers of a changed file are those of a copy under a name that nothing has heard of."""
    file = write(tmp_path / "mine.toml")
    with opened(chromium, address(url, file)) as (page, complaints, _):
        first = numbers(page)
        write(file, hop=0.9)  # as long as before
        copy = shutil.copy(file, tmp_path / "copy.toml")
        with opened(chromium, address(url, Path(copy))) as (other, _, _):
            edited = numbers(other)
        assert edited != first
        with opened(chromium, address(url, file)) as (other, _, _):  # a new tab needs no reload
            assert numbers(other) == edited
        expect(page.get_by_text("mine.toml has changed on disk")).to_be_visible(timeout=30_000)
        assert card(page, "responses") == first  # nothing moved under the hand
        reload(page)
        for _ in range(60):  # on the way there are numbers of coarser meshes
            if numbers(page) == edited:
                break
            page.wait_for_timeout(500)
        assert numbers(page) == edited

        write(tmp_path / "other.toml", name="gap", value=1.1)
        os.replace(tmp_path / "other.toml", file)  # another model takes its place
        reload(page)
        expect(page.get_by_label("gap value")).to_have_value("1.1", timeout=60_000)
        expect(page.get_by_label("shift value")).to_have_count(0)

        file.rename(tmp_path / "renamed.toml")
        expect(page.get_by_text("mine.toml is gone from its place")).to_be_visible(timeout=30_000)
        with opened(chromium, address(url, file)) as (other, _, _):
            expect(other.get_by_text("no such file")).to_be_visible(timeout=30_000)
        with opened(chromium, address(url, tmp_path / "renamed.toml")) as (other, _, _):
            assert numbers(other)

        write(file, value=0.5)
        reload(page)
        expect(page.get_by_label("shift value")).to_have_value("0.5", timeout=60_000)
        file.write_text("[lattice]\n", encoding="utf-8")  # half written
        reload(page)
        expect(page.get_by_text("no lattice given")).to_be_visible(timeout=30_000)
        expect(page.get_by_label("shift value")).to_have_value("0.5")
        expect(
            page.get_by_role("button", name="Reload")
        ).to_be_hidden()  # of what cannot be read once is enough
        assert complaints == []
