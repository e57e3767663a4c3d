"""Which sources a page may open: where others reach the server, not whatever file its owner can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.session.source_name import SourceName
from explorer.views.sidebar.open_file import is_dropped


@dataclass(frozen=True)
class Admission:
    """Models by name and files that were dropped on a page always; files by path below `folders`.

    folders : None admits every path: whoever opens the page sits at this machine.
    """

    folders: tuple[Path, ...] | None = None

    @classmethod
    def below(cls, folders: Sequence[str | Path]) -> Admission:
        """Files below these folders alone; ValueError where one is none."""
        found = tuple(Path(folder).expanduser().resolve() for folder in folders)
        for folder, text in zip(found, folders, strict=True):
            if not folder.is_dir():
                raise ValueError(f"no folder {text}")
        return cls(found)

    def check(self, source: str) -> None:
        """ValueError where the source is not to be opened; says the same whether or not there is such a file."""
        named = SourceName.parse(source)
        if self.folders is None or named.is_model:
            return
        path = named.path.resolve()
        if not (is_dropped(path) or any(path.is_relative_to(folder) for folder in self.folders)):
            where = f", or from {', '.join(map(str, self.folders))}" if self.folders else ""
            raise ValueError(
                f"{named.name} is not opened: this server shows its models, and files that you drop here{where}"
            )


EVERYTHING = Admission()
"""For a server that only this machine reaches."""
