"""Where what was computed once is kept between runs: geometries of large models, compiled kernels."""

from __future__ import annotations

import os
import stat
import tempfile
from functools import lru_cache
from pathlib import Path

APPLICATION = "om-explorer"


def cache_folder() -> Path:
    """OM_EXPLORER_CACHE where it is set, else `om-explorer` in the user's folder for caches.

    A service account without a home directory gets a folder of its own among the temporary files, which other accounts
    can neither read nor write.
    """
    chosen = os.environ.get("OM_EXPLORER_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    # With the system's own sense of where such things go: XDG, ~/Library/Caches, %LOCALAPPDATA%.
    from platformdirs import user_cache_path

    found = user_cache_path(APPLICATION, appauthor=False, opinion=False)
    if found.is_absolute() and (os.name == "nt" or _can_be_made(found)):
        return found
    return Path(tempfile.gettempdir()) / f"{APPLICATION}-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"


def _can_be_made(folder: Path) -> bool:
    """Whether a folder is there, or what is there of the way to it lets it be made."""
    there = next(part for part in (folder, *folder.parents) if part.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


@lru_cache(maxsize=256)
def can_be_written(folder: Path, private: bool = False) -> bool:
    """Whether files can be made in a folder, which is made for it where it is not there.

    private : what is made is the account's own, to read and to write.
    """
    try:
        for part in (*reversed(folder.parents), folder):
            if not part.is_dir():
                part.mkdir(exist_ok=True, mode=0o700 if private else 0o777)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def is_private(folder: Path) -> bool:
    """Whether no other account can have put there what is found in a folder: code is run from none but these."""
    if os.name == "nt":
        return True  # temporary files there are the user's own
    found = folder.lstat()
    writable = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not writable
