"""The table of file formats and the table of whom to believe, as the code and assets/docs/files.md have them."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from explorer import assets
from explorer.models.files.formats import (
    BESIDE,
    MISTAKEN,
    OPENED,
    Format,
    archives,
    format_of,
    instead_of,
    pick,
)
from explorer.models.files.wannier90.beside import believed
from explorer.models.files.wannier90.file_version import read_together


def wanted_by_the_page() -> re.Pattern[str]:
    """What the page takes from a folder that is dropped on it."""
    script = assets.path("live/folder.js").read_text(encoding="utf-8")
    found = re.search(r"const WANTED = /(.*)/i", script)
    assert found
    return re.compile(found.group(1), re.IGNORECASE)


@pytest.mark.parametrize("row", OPENED, ids=lambda row: row.name)
def test_every_format_has_its_reader(row: Format) -> None:
    module, _, function = row.reader.partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    assert all(name == name.lower() for name in row.names)
    for name in row.names:
        found = format_of(f"SEED{name}" if name[0] in "._" else name)
        assert found is not None
        assert found.reader == row.reader  # a packed text may be an archive by its last ending


def test_a_folder_dropped_on_the_page_keeps_what_the_readers_read() -> None:
    wanted = wanted_by_the_page()
    # An archive inside a folder that is dropped is not looked into, and a .dat of any name may be gigabytes.
    for row in OPENED:
        if row.alone or ".zip" in row.endings:
            continue
        assert all(wanted.search(f"SEED{name}" if name[0] in "._" else name) for name in row.names), row.name
    for companion in BESIDE:
        assert wanted.search(companion.ending if companion.whole else f"SEED{companion.ending}"), companion


def test_a_changed_companion_is_a_changed_source(tmp_path: Path) -> None:
    for companion in BESIDE:
        (tmp_path / (companion.ending if companion.whole else f"SEED{companion.ending}")).write_text("x")
    found = {p.name for p in read_together(tmp_path / "SEED_hr.dat")}
    assert len(found) == len(BESIDE)


def test_what_is_picked_among_several() -> None:
    names = ["a.win", "a_r.dat", "a_hr.dat.gz", "a_wsvec.dat", "a_tb.dat"]
    assert pick(names) == "a_tb.dat"
    assert pick(names[:-1]) == "a_hr.dat.gz"
    assert pick(["a.win", "a_r.dat"]) is None
    assert pick(["odd.py"]) == "odd.py"
    assert archives(["a.ZIP", "b.tar.xz", "c_tb.dat.gz", "d.npz"]) == ["a.ZIP", "b.tar.xz", "d.npz"]
    assert instead_of("A.WOUT") == MISTAKEN[0].instead
    assert instead_of("a_tb.dat") is None


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def tables() -> list[str]:
    """Those of the page of the documentation, made of the code."""
    opened = [
        (r.name, " ".join(f"`{e}`" for e in r.endings) + (" (packed too)" if r.packed else ""), r.holds)
        for r in OPENED
    ]
    beside = [(f"`{c.ending}`" if c.whole else f"`SEED{c.ending}`", c.holds) for c in BESIDE]
    ranks = [
        (r.quantity, "; ".join(f"{n}. {kind}" for n, kind in enumerate(r.order, 1)), r.because)
        for r in believed.TABLE
    ]
    return [
        table(("file", "name ends in", "holds"), opened),
        table(("beside it", "is read for"), beside),
        table(("what", "whose word counts, the first that speaks", "because"), ranks),
    ]


def test_the_page_of_the_documentation_shows_the_tables() -> None:
    page = assets.path("docs/files.md").read_text(encoding="utf-8")
    for part in tables():
        assert part in page, f"assets/docs/files.md should hold this table as it is now:\n{part}"
