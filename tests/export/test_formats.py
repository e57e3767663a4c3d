"""One table of formats: what it lists is what the command line takes and the page offers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.commands import output
from explorer.export import formats
from explorer.export.formats import DATA, ENDINGS, FORMATS, Format, format_of
from explorer.views.tabs.export import WHAT, ExportView


def test_each_ending_leads_to_its_row_in_either_case() -> None:
    for one in FORMATS:
        assert format_of(Path(f"a.b{one.ending.upper()}")) is one
    assert set(DATA) == {".csv", ".nc"}
    with pytest.raises(ValueError, match=r"chi\.xls: no format ends in '\.xls' \(there are \.csv, "):
        format_of(Path("chi.xls"))


def test_the_page_has_a_button_for_each_thing_and_format() -> None:
    view = ExportView(None, lambda: None)
    view.layout()
    offered = {name for name in view._buttons if not name.startswith("geometry")}
    pictured = {f"{name}{ending}" for name in WHAT for ending in ENDINGS}
    assert offered == pictured | {f"responses{ending}" for ending in DATA}  # a table, so no picture of it


def test_a_format_is_one_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row more is written by the command line's door; the newcomer's writer is `write_text` of this test."""
    written = []
    monkeypatch.setattr(
        "explorer.export.datasets.write_text", lambda r, p: written.append((r, p)), raising=False
    )
    row = replace(FORMATS[0], ending=".txt", label="text", writer="write_text")
    assert isinstance(row, Format)
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, row))
    output.save("numbers", tmp_path / "chi.txt")
    assert written == [("numbers", tmp_path / "chi.txt")]
    assert "wrote" in capsys.readouterr().err
