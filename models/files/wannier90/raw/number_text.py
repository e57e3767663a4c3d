"""Text files of numbers, read in bulk, with errors that name the file and the line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import numpy as np

from explorer.models.files.formats import MATRIX_ENDINGS, PACKINGS
from explorer.models.files.wannier90.raw.unpacking import read_text
from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.errors import InputError

REMARK = re.compile(r"[!#][^\n]*")
"""What stands behind the numbers of a line."""
FIXED_FORMAT = 6
"""Lines of one length from which on the format has fixed columns."""
_NO_LETTER = re.compile(r"(?<=\d)(?=[-+]\d{3}(?![\d.]))")


def seed(path: Path) -> str:
    """The SEED of SEED_tb.dat, SEED_hr.dat, packed or not."""
    name = path.name
    for tail in PACKINGS:
        name = name.removesuffix(tail)
    name = name.removesuffix(".tar")
    for tail in (*MATRIX_ENDINGS, "_tb", "_hr"):
        if name.endswith(tail):
            return name.removesuffix(tail)
    return name.removesuffix(".dat")


def beside(path: Path, ending: str) -> Path | None:
    """The file SEED + ending in the same folder, packed or not, in any case; None where there is none."""
    return named(path, seed(path) + ending)


def named(path: Path, name: str) -> Path | None:
    """The file of a name in the folder of another, packed or not; upper and lower case are one where need be."""
    wanted = [name + tail for tail in ("", *PACKINGS)]
    exact = next((found for w in wanted if (found := path.with_name(w)).is_file()), None)
    if exact is not None:
        return exact
    same = {w.lower() for w in wanted}
    return next((f for f in sorted(path.parent.iterdir()) if f.name.lower() in same and f.is_file()), None)


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

    def skip_remarks(self) -> None:
        """Pass over blank lines and lines that begin with # or !."""
        while self._at < len(self.text):
            end = self.text.find("\n", self._at)
            line = self.text[self._at : end if end >= 0 else None].strip()
            if line and line[0] not in "#!":
                return
            self.next_line("a number")

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
        words = REMARK.sub("", self.next_line(what)).split()
        try:
            numbers = np.array([real(w) for w in words[:count]])
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
        self._require_whole_last_line(body, what)
        if not np.isfinite(numbers).all():
            raise self.error("not a finite number", self.line_of(int(np.argmin(np.isfinite(numbers)))))
        return numbers

    def line_of(self, index: int) -> int:
        """Line of the number `index` of those that `rest` returned."""
        seen = 0
        for line, text in enumerate(self.rest_text().split("\n"), start=self.line + 1):
            seen += len(REMARK.sub("", text).split())
            if seen > index:
                return line
        return self.line

    def _require_whole_last_line(self, body: str, what: str) -> None:
        """Raise where the last line, not ended, is shorter than the equally long ones above: a number lost digits."""
        lines = body[-4096:].rsplit("\n", FIXED_FORMAT + 1)[1:]
        lengths = {len(line) for line in lines[:-1]}
        if len(lines) > FIXED_FORMAT and len(lengths) == 1 and 0 < len(lines[-1]) < lengths.pop():
            last = self.line + body.count("\n") + 1
            raise self.error(
                f"the file ends within a number: {what} are not complete; was it cut off while it was copied?",
                last,
            )

    def _blame(self, body: str, widths: Iterable[int], what: str) -> None:
        """Raise at the first line that does not hold the numbers it should."""
        lines = ((n, t) for n, t in enumerate(body.split("\n"), start=self.line + 1) if t.strip())
        last = self.line
        for found, width in zip_longest(lines, widths):
            if found is None:
                raise self.error(
                    f"the file ends too early: {what} are not complete; was it cut off while it was copied?",
                    last,
                )
            last, text = found
            if width is None:
                raise self.error(f"unexpected text after {what}: {text.strip()[:40]!r}", last)
            words = REMARK.sub("", text).split()
            if len(words) != width:
                raise self.error(f"{width} numbers expected, {len(words)} found", last)
            if parse_numbers(text) is None:
                raise self.error(f"numbers expected, found {text.strip()[:60]!r}", last)


def given_again(labels: Integers) -> int:
    """Row of labels (M, L) that repeats an earlier one, -1 where none does."""
    _, first = np.unique(labels, axis=0, return_index=True)
    again = np.setdiff1d(np.arange(len(labels)), first)
    return int(again[0]) if again.size else -1


def _without_dialect(text: str) -> str:
    """Without remarks behind numbers, and Fortran's exponents as C writes them: 1D-05, and 1-105 for 1E-105."""
    text = REMARK.sub("", text) if "!" in text or "#" in text else text
    return _NO_LETTER.sub("E", text.replace("D", "E").replace("d", "e"))


def parse_numbers(text: str) -> Floats | None:
    """All numbers of a text, None where something else stands among them."""
    for plain in (lambda t: t, _without_dialect):
        attempt = plain(text)
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)
            try:
                return np.fromstring(attempt, dtype=float, sep=" ")
            except (DeprecationWarning, ValueError):
                continue
    return None


def real(word: str) -> float:
    """A number, its exponent as C or as Fortran writes it; ValueError for anything else."""
    return float(word.lower().replace("d", "e"))
