"""Files that visitors send: counted as they come, kept in a folder of their session alone, removed with it."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import threading
from pathlib import Path

UPLOAD_LIMIT = 100 * 2**20
"""Largest upload of one session at a time [bytes]; larger files are opened by path."""
ALL_LIMIT = 4 * 2**30
"""Uploads of all sessions of this process [bytes]."""
MOST_FILES = 64
"""Files of one drop."""
LONGEST_NAME = 120
PREFIX = "om-explorer-dropped-"

_lock = threading.Lock()
_held: dict[Path, int] = {}
"""Bytes in each session's folder."""


def is_dropped(path: Path) -> bool:
    """Whether a path, resolved, lies in the folder of a page on which it was dropped."""
    kept = Path(tempfile.gettempdir()).resolve()
    return path.is_relative_to(kept) and "".join(path.relative_to(kept).parts[:1]).startswith(PREFIX)


def safe_name(name: str) -> str:
    """The last part of a file's name, without signs that a terminal or a page would take for more; ValueError for none.

    >>> safe_name("../a folder/<b>x_tb.dat")
    '_b_x_tb.dat'
    """
    last = re.sub(r"[^\w .,+=@()-]", "_", re.split(r"[/\\]", name)[-1])
    if len(last) > LONGEST_NAME:
        last = last[-LONGEST_NAME:]  # the ending says what it is
    if not last.strip(" ."):
        raise ValueError("a file without a name")
    return last


class Uploads:
    """Those of one session: each drop has a folder of its own, so that what belongs beside a file is found there."""

    def __init__(self, limit: int = UPLOAD_LIMIT) -> None:
        self._limit = limit
        self.folder: Path | None = None
        self._drop: Path | None = None
        self._names: dict[str, int] = {}

    def receive(self, name: str, piece: int, data: bytes) -> None:
        """Add a piece, counted from 1, of a file; ValueError where that is too much, or out of order."""
        name = safe_name(name)
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
            with _lock:
                _held[self.folder] = 0
        if self._drop is None:
            self._drop = Path(tempfile.mkdtemp(dir=self.folder))
        if piece != self._names.get(name, 0) + 1:
            raise ValueError(f"{name} did not come whole: drop it again")
        if len(self._names) >= MOST_FILES and name not in self._names:
            raise ValueError(f"more than {MOST_FILES} files at once")
        with _lock:
            held, everywhere = _held.get(self.folder, 0) + len(data), sum(_held.values()) + len(data)
            if held > self._limit:
                raise ValueError(f"more than {self._limit >> 20} MB: give the file's path instead")
            if everywhere > ALL_LIMIT:
                raise ValueError("this server holds as many files as it can: try again later")
            _held[self.folder] = held
        self._names[name] = piece
        with (self._drop / name).open("ab") as file:
            file.write(data)

    def finish(self) -> tuple[Path | None, list[str]]:
        """The folder of the drop that has come, and the names in it; the next piece begins another."""
        drop, names = self._drop, list(self._names)
        self._drop, self._names = None, {}
        return drop, names

    def forget(self) -> None:
        """Remove the drop that is coming."""
        drop, _ = self.finish()
        if drop is not None and self.folder is not None:
            size = sum(file.stat().st_size for file in drop.iterdir())
            shutil.rmtree(drop, ignore_errors=True)
            with _lock:
                _held[self.folder] = max(0, _held.get(self.folder, 0) - size)

    def close(self) -> None:
        """Remove everything."""
        if self.folder is not None:
            with _lock:
                _held.pop(self.folder, None)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None


def held_bytes() -> int:
    """Uploads of all sessions of this process."""
    with _lock:
        return sum(_held.values())


@atexit.register
def remove_all() -> None:
    """Remove what every session of this process holds."""
    with _lock:
        folders = list(_held)
        _held.clear()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_over() -> list[Path]:
    """Remove what processes left that were killed; the folders removed."""
    removed = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if folder.is_symlink() or not folder.is_dir() or not number.isdigit() or _runs(int(number)):
            continue
        if hasattr(os, "getuid") and folder.lstat().st_uid != os.getuid():
            continue
        shutil.rmtree(folder, ignore_errors=True)
        removed.append(folder)
    return removed


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
