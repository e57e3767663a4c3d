"""Files that are opened in place of those with matrices, refused by what their names tell (`formats.MISTAKEN`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.models.files.formats import instead_of
from explorer.models.kit.errors import InputError


@contextmanager
def named_otherwise(path: Path) -> Iterator[None]:
    """Within, a file that cannot be read is refused for what its name says that it is, where it says so."""
    try:
        yield
    except InputError as problem:
        if problem.path is None or Path(problem.path) != path:
            raise
        what = instead_of(path.name)
        if what is None:
            raise
        raise InputError(what, path, problem.line) from problem
