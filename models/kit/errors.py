"""What is raised when a file or an option cannot be used."""

from __future__ import annotations

from pathlib import Path


class InputError(ValueError):
    """A file or an option that cannot be used: says what, where, and what to do.

    Parameters
    ----------
    message : what is wrong.
    path : the file, where there is one.
    line : its line, counted from 1, where known.
    """

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}, line {line}: "
        super().__init__(where + message)
        self.path = path
        self.line = line
