"""Where in a TOML file a table or key stands, so that an error can name the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.models.kit.errors import InputError


class TomlLines:
    """The lines of a TOML text, found again by table, its number in a list of tables, and key."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()

    def line(self, table: str, number: int | None = None, key: str | None = None) -> int | None:
        """Line, from 1, of a key of a table, else of the table's header; None where it is not found."""
        start = self._header(table, number)
        if start is None or key is None:
            return start
        for at in range(start, len(self._lines)):
            content = self._lines[at].strip()
            if content.startswith("[") and "=" not in content.split("]")[0]:
                break
            if re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", content):
                return at + 1
        return start

    def _header(self, table: str, number: int | None) -> int | None:
        wanted = f"[[{table}]]" if number is not None else f"[{table}]"
        plain = re.sub(r"[\s\"']", "", wanted)
        seen = -1
        for at, line in enumerate(self._lines, start=1):
            head = re.sub(r"[\s\"']", "", line.split("#")[0])
            if head == plain:
                seen += 1
                if number is None or seen == number:
                    return at
            elif head.startswith((f"[[{table}]]", f"{table}=")):
                return at
        return None

    @contextmanager
    def blame(self, table: str, number: int | None = None, key: str | None = None) -> Iterator[None]:
        """Turn what a value of the wrong kind raises into an InputError that names the file and the line."""
        try:
            yield
        except InputError:
            raise
        except RecursionError:
            raise InputError("nested too deeply", self.path, self.line(table, number, key)) from None
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as problem:
            raise InputError(str(problem), self.path, self.line(table, number, key)) from None

    def syntax_error(self, problem: Exception) -> InputError:
        """What the TOML reader says, with its line in the usual place."""
        message = str(problem)
        found = re.search(r"\s*\(at line (\d+), column \d+\)", message)
        if found is None:
            return InputError(f"not valid TOML: {message}", self.path, len(self._lines))
        text = message.replace(found.group(0), "")
        return InputError(f"not valid TOML: {text}", self.path, int(found.group(1)))
