"""Which version of a file a source was opened from, told by what a look at the folder shows."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from explorer.models.files.wannier90.raw.number_text import seed

READ_BESIDE = ("wannier90", "wt.in", "POSCAR", "CONTCAR")
"""How names begin that are read beside matrices whatever the SEED of these."""
GONE = "gone"
"""The version of a file that is not there."""
DIGITS = 12


def read_together(path: Path) -> list[Path]:
    """A file with matrices and what stands beside it that may be read with it, sorted; of a folder all of its files."""
    folder = path if path.is_dir() else path.parent
    starts = "" if path.is_dir() else (seed(path), *READ_BESIDE)
    with os.scandir(folder) as entries:
        found = [e for e in entries if e.name.startswith(starts) or e.name.endswith(".vasp")]
        return sorted(folder / e.name for e in found if e.is_file())


def file_version(path: Path) -> str:
    """A word that changes whenever the file or what is read with it is edited, replaced, renamed, added or removed.

    From names, sizes, times of the last change and the files' identities: contents are not read. `GONE` where there is
    no such file.
    """
    try:
        path = path.resolve()
        files = [path] if path.suffix.lower() == ".toml" else read_together(path)
        if not path.exists():
            return GONE
        seen = [(p.name, s.st_size, s.st_mtime_ns, s.st_ino) for p in files for s in [p.stat()]]
    except OSError:
        return GONE
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:DIGITS]
