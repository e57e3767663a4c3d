"""Files that are written beside and renamed: what bears the name is whole, the earlier one or the new one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replaced(path: str | Path) -> Iterator[Path]:
    """The name of a draft in the same folder that takes the place of `path` when all is written.

    Where anything fails the draft is removed and what bears the name stays as it was; who has that open, a notebook
    that reads it lazily, goes on reading it. Permissions are those of the earlier file, links stay links. What is no
    file, such as a pipe, is written as it is.

    Raises OSError, with `path` in it, where the folder cannot be written.
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        yield target
        return
    try:
        mode = target.stat().st_mode & 0o7777
    except OSError:
        mode = 0o666 & ~_umask()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=".tmp", dir=target.parent)
    except OSError as problem:
        raise type(problem)(problem.errno, problem.strerror, str(path)) from None
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(mode)
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _umask() -> int:
    """The process's mask of permissions: it can be read only by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
