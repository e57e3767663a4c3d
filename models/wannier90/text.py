"""Text files of numbers, read in bulk, with errors that name the file and the line."""

from __future__ import annotations

import gzip
import io
import tarfile
import warnings
import zlib
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import numpy as np

from models.arrays import Floats
from models.errors import InputError

LARGEST = 2**30
"""Bytes of text beyond which a file is refused (unpacked)."""
SUFFIXES = ("_tb.dat", "_hr.dat")
"""How the names of files with matrices end; before it is the SEED that names the files beside it."""


def read_text(path: Path) -> str:
    """Text of a file: plain, gzip, or the one matrix file in a tar archive."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST else None
        if raw is not None and raw[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(LARGEST + 1)
        if raw is not None and raw[257:262] == b"ustar":
            raw = _only_member(raw, path)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as problem:
        raise InputError(f"cannot be read ({problem or type(problem).__name__})", path) from problem
    if raw is None or len(raw) > LARGEST:
        raise InputError(f"larger than {LARGEST // 2**20} MiB of text", path)
    if b"\0" in raw[:1024]:
        raise InputError("a binary file, where text is expected", path)
    return raw.decode("latin-1")


def _only_member(raw: bytes, path: Path) -> bytes | None:
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        plain = [m for m in archive.getmembers() if m.isfile() and not Path(m.name).name.startswith("._")]
        named = [m for m in plain if m.name.endswith(SUFFIXES)] or plain
        if len(named) != 1:
            listed = ", ".join(m.name for m in named) or "none"
            raise InputError(f"the archive must hold one matrix file, it holds {listed}", path)
        if named[0].size > LARGEST:
            return None
        member = archive.extractfile(named[0])
        return None if member is None else member.read()


def seed(path: Path) -> str:
    """The SEED of SEED_tb.dat, SEED_hr.dat, packed or not."""
    name = path.name
    for tail in (".gz", ".tgz", ".tar"):
        name = name.removesuffix(tail)
    for tail in (*SUFFIXES, "_tb", "_hr"):
        if name.endswith(tail):
            return name.removesuffix(tail)
    return name.removesuffix(".dat")


def beside(path: Path, ending: str) -> Path | None:
    """The file SEED + ending in the same folder, packed or not; None where there is none."""
    for tail in ("", ".gz"):
        found = path.with_name(seed(path) + ending + tail)
        if found.is_file():
            return found
    return None


class NumberText:
    """A text read from the top: header lines one at a time, then all the numbers of the rest at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = read_text(path)
        self.line = 0
        self._at = 0

    def error(self, message: str, line: int | None = None) -> InputError:
        """An `InputError` about this file, at the last line read unless another is named."""
        return InputError(message, self.path, self.line if line is None else line)

    def next_line(self, what: str) -> str:
        """The next line; `what` it should hold is said where the file has ended."""
        if self._at >= len(self.text):
            raise self.error(f"the file ends where {what} should follow")
        end = self.text.find("\n", self._at)
        end = len(self.text) if end < 0 else end
        line, self._at = self.text[self._at : end], end + 1
        self.line += 1
        return line

    def rest_text(self) -> str:
        """The text below the last line read."""
        return self.text[self._at :]

    def integer(self, what: str) -> int:
        """First entry of the next line, a positive whole number."""
        words = self.next_line(what).split()
        if not words or not words[0].isdigit() or int(words[0]) < 1:
            raise self.error(f"{what} expected, found {' '.join(words)[:40]!r}")
        return int(words[0])

    def integers(self, count: int, what: str) -> Floats:
        """`count` positive whole numbers on as many lines as they take; more on the last line are ignored."""
        found: list[int] = []
        while len(found) < count:
            words = self.next_line(f"{what} ({count} of them, {len(found)} found)").split()
            if not all(w.isdigit() and int(w) > 0 for w in words):
                raise self.error(f"{what} expected, found {' '.join(words)[:40]!r}")
            found += map(int, words)
        return np.array(found[:count], dtype=float)

    def reals(self, count: int, what: str) -> Floats:
        """The first `count` numbers of the next line."""
        words = self.next_line(what).split()
        try:
            numbers = np.array([float(w.replace("D", "E").replace("d", "e")) for w in words[:count]])
        except ValueError:
            numbers = np.array([])
        if len(numbers) != count or not np.isfinite(numbers).all():
            raise self.error(f"{what} expected, found {' '.join(words)[:40]!r}")
        return numbers

    def rest(self, total: int, widths: Iterable[int], what: str) -> Floats:
        """All numbers of the lines that follow, `total` of them.

        `widths` is how many stand on each line, blank lines not counted; it serves to find the bad line.
        """
        body = self.rest_text()
        numbers = parse_numbers(body)
        if numbers is None or len(numbers) != total:
            self._blame(body, widths, what)
            raise self.error(
                f"{what}: {total} numbers expected, {0 if numbers is None else len(numbers)} found"
            )
        if not np.isfinite(numbers).all():
            raise self.error("not a finite number", self.line_of(int(np.argmin(np.isfinite(numbers)))))
        return numbers

    def line_of(self, index: int) -> int:
        """Line of the number `index` of those that `rest` returned."""
        seen = 0
        for line, text in enumerate(self.rest_text().split("\n"), start=self.line + 1):
            seen += len(text.split())
            if seen > index:
                return line
        return self.line

    def _blame(self, body: str, widths: Iterable[int], what: str) -> None:
        """Raise at the first line that does not hold the numbers it should."""
        lines = ((n, t) for n, t in enumerate(body.split("\n"), start=self.line + 1) if t.strip())
        last = self.line
        for found, width in zip_longest(lines, widths):
            if found is None:
                raise self.error(f"the file ends too early: {what} are not complete", last)
            last, text = found
            if width is None:
                raise self.error(f"unexpected text after {what}: {text.strip()[:40]!r}", last)
            words = text.split()
            if len(words) != width:
                raise self.error(f"{width} numbers expected, {len(words)} found", last)
            if parse_numbers(text) is None:
                raise self.error(f"numbers expected, found {text.strip()[:60]!r}", last)


def parse_numbers(text: str) -> Floats | None:
    """All numbers of a text, None where something else stands among them."""
    for attempt in (text, None):
        if attempt is None:  # Fortran's double-precision exponent
            attempt = text.replace("D", "E").replace("d", "e")
            if attempt == text:
                return None
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)
            try:
                return np.fromstring(attempt, dtype=float, sep=" ")
            except (DeprecationWarning, ValueError):
                continue
    return None
