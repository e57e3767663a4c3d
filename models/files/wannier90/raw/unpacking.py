"""Text of a file, however it is packed and encoded; what is no text is refused with what it is instead."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer.models.files.formats import MATRIX_ENDINGS
from explorer.models.kit.errors import InputError

LARGEST = 2**30
"""Bytes of text beyond which a file is refused (unpacked)."""

_STREAMS: dict[bytes, Callable[[io.BytesIO], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
_FOREIGN = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file: a model of TBmodels is opened by the ending .hdf5"),
    (b"\x93NUMPY", "an array of NumPy, which does not say what it holds: write a _tb.dat"),
    (b"\x89PNG", "a picture"),
    (b"%PDF", "a PDF document"),
)
_PICKLE = (
    "a Python pickle, which may run any code when it is opened and is therefore refused: open it in Python and "
    "pass a PythTB model to explorer.from_pythtb, or write a _tb.dat (TBmodels: an .hdf5)"
)
_WEB = (b"<!doctype html", b"<html", b"<?xml")


def read_text(path: Path) -> str:
    """Text of a file, lines ended by a newline: plain, gzip, bzip2, xz, or the one matrix file in a tar or zip.

    Raises `InputError` for what cannot be unpacked, is too large, or is no text.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST else None
        for start, opened in _STREAMS.items():
            if raw is not None and raw.startswith(start):
                with opened(io.BytesIO(raw)) as packed:
                    raw = packed.read(LARGEST + 1)
        if raw is not None and raw[257:262] == b"ustar":
            raw = _from_tar(raw, path)
        elif raw is not None and raw.startswith(b"PK\3\4"):
            raw = _from_zip(raw, path)
    except InputError:
        raise
    except (
        OSError,
        EOFError,
        RuntimeError,
        zlib.error,
        lzma.LZMAError,
        tarfile.TarError,
        zipfile.BadZipFile,
    ) as why:
        raise InputError(f"cannot be read ({why or type(why).__name__}); is it whole?", path) from why
    if raw is None or len(raw) > LARGEST:
        raise InputError(f"larger than {LARGEST // 2**20} MiB of text", path)
    return _decoded(raw, path).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(raw: bytes, path: Path) -> str:
    if not raw.strip():
        raise InputError("the file is empty", path)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    for start, what in _FOREIGN:
        if raw.startswith(start):
            raise InputError(f"{what}; text is expected", path)
    if (raw[:1] == b"\x80" and raw[1:2] in (b"\2", b"\3", b"\4", b"\5")) or path.suffix in (
        ".pkl",
        ".pickle",
    ):
        raise InputError(_PICKLE, path)
    if raw.lstrip()[:20].lower().startswith(_WEB):
        raise InputError("a web page, not the file it shows: download the file itself", path)
    if raw.startswith(b"version https://git-lfs"):
        raise InputError("a pointer of Git LFS, not the file itself: get that with `git lfs pull`", path)
    if b"\0" in raw[:1024]:
        raise InputError("a binary file, where text is expected", path)
    return raw.decode("latin-1")


def _from_tar(raw: bytes, path: Path) -> bytes | None:
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        members = {m.name: m for m in archive.getmembers() if m.isfile()}
        chosen = members[_only_matrices(list(members), path)]
        if chosen.size > LARGEST:
            return None
        member = archive.extractfile(chosen)
        return None if member is None else member.read()


def _from_zip(raw: bytes, path: Path) -> bytes | None:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        if names and all(name.endswith(".npy") for name in names):
            raise InputError("an archive of NumPy arrays: such a model is opened by the ending .npz", path)
        with archive.open(_only_matrices(names, path)) as member:
            return member.read(LARGEST + 1)


def members(path: Path) -> list[str]:
    """Names of the files in a tar or zip; none of any other file, or of one that cannot be read."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return [Path(entry.filename).name for entry in archive.infolist() if not entry.is_dir()]
        if tarfile.is_tarfile(path):
            with tarfile.open(path) as packed:
                return [Path(m.name).name for m in packed.getmembers() if m.isfile()]
    except (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile):
        pass
    return []


def _only_matrices(names: list[str], path: Path) -> str:
    """The one file among those of an archive that holds matrices, by its name; the only file where none is named so."""
    plain = [name for name in names if not Path(name).name.startswith("._")]
    named = [name for name in plain if name.endswith(MATRIX_ENDINGS)] or plain
    if len(named) != 1:
        listed = ", ".join(named) or "none"
        raise InputError(f"the archive must hold one matrix file, it holds {listed}", path)
    return named[0]
