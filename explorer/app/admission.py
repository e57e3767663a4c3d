"""Which sources a page may open: where others reach the server, not whatever file its owner can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.session.source_name import SourceName
from explorer.session.uploads import is_dropped

LONGEST_SAID = 120
"""Characters of a path that a refusal repeats."""


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

    def check(self, source: str, own: Path | None = None) -> None:
        """ValueError where the source is not to be opened; says the same whether or not there is such a file.

        own : the folder of what was dropped on the page that asks; of others' nothing is opened.
        """
        named = SourceName.parse(source)
        if named.is_model:
            return
        said = named.name if len(named.name) <= LONGEST_SAID else f"{named.name[:LONGEST_SAID]}…"
        try:
            path = named.path.resolve()
        except (ValueError, OSError) as problem:
            raise ValueError(f"{said!r} is not opened: it is no path ({problem})") from None
        if is_dropped(path):
            if own is None or not path.is_relative_to(own.resolve()):
                raise ValueError(
                    f"{path.name} was dropped on another page, which alone opens it: drop the file here"
                )
        elif self.folders is not None and not any(path.is_relative_to(folder) for folder in self.folders):
            where = ", or from the folders it was started with" if self.folders else ""
            raise ValueError(
                f"{said} is not opened: this server shows its models, and files that you drop here{where}"
            )


EVERYTHING = Admission()
"""For a server that only this machine reaches."""
