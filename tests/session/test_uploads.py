"""What visitors send is counted, has harmless names, and is gone with them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.session.uploads import (
    PREFIX,
    Uploads,
    held_bytes,
    is_dropped,
    remove_all,
    remove_left_over,
    safe_name,
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    remove_all()


def test_pieces_become_the_file() -> None:
    uploads = Uploads()
    for number, data in enumerate((b"ab", b"cd"), start=1):
        uploads.receive("a_hr.dat", number, data)
    uploads.receive("a.win", 1, b"x")
    folder, names = uploads.finish()
    assert folder is not None
    assert names == ["a_hr.dat", "a.win"]
    assert (folder / "a_hr.dat").read_bytes() == b"abcd"
    assert is_dropped(folder.resolve())
    assert held_bytes() == 5
    uploads.close()
    assert not folder.exists()
    assert held_bytes() == 0


def test_what_is_too_much_is_refused_while_it_comes() -> None:
    uploads = Uploads(limit=2**20)
    uploads.receive("a_hr.dat", 1, b"x" * 2**19)
    uploads.receive("a_hr.dat", 2, b"x" * 2**19)
    with pytest.raises(ValueError, match="more than 1 MB"):
        uploads.receive("a_hr.dat", 3, b"x")
    uploads.forget()
    assert held_bytes() == 0
    uploads.receive("a_hr.dat", 1, b"x")  # and the next one is welcome
    with pytest.raises(ValueError, match="did not come whole"):
        uploads.receive("a_hr.dat", 3, b"x")
    for number in range(63):
        uploads.receive(f"{number}.win", 1, b"x")
    with pytest.raises(ValueError, match="64 files"):
        uploads.receive("one more.win", 1, b"x")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/x_tb.dat", "x_tb.dat"),
        ("C:\\models\\x_tb.dat", "x_tb.dat"),
        ("<img src=x onerror=alert(1)>_tb.dat", "_img src=x onerror=alert(1)__tb.dat"),
        ("a\nb\x1b[31m_tb.dat", "a_b__31m_tb.dat"),
        ("α_tb.dat", "α_tb.dat"),
        ("x" * 300 + "_tb.dat", "x" * 113 + "_tb.dat"),
    ],
)
def test_names_are_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", "..", "a/", " . "])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="without a name"):
        safe_name(name)


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    left, others = tmp_path / f"{PREFIX}{killed.pid}-abc", tmp_path / f"{PREFIX}{os.getpid()}-abc"
    for folder in (left, others):
        folder.mkdir()
        (folder / "x").touch()
    link = tmp_path / f"{PREFIX}{killed.pid}-link"
    link.symlink_to(others)
    assert remove_left_over() == [left]
    assert (others / "x").exists()
    assert not left.exists()
