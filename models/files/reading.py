"""The one door between files and their readers: whatever a reader raises becomes an `InputError`.

A server puts a process with limits behind the door (`read_by`): what strangers send is parsed there, and arrays come
back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeVar

from explorer.models.kit.errors import InputError

T = TypeVar("T")
KEPT_BYTES = 512 * 2**20
"""What `Kept` holds at most, beside the newest."""


class Door(Protocol):
    """How a file is read: `read_here`, or elsewhere."""

    def __call__(self, reader: Callable[[Path], T], path: Path, trial: Callable[[T], object] | None) -> T:
        """As of `read`."""


def blamed(problem: Exception, path: Path) -> InputError:
    """What a reader raised as the project's one error: what, which file, what to do."""
    if isinstance(problem, InputError):
        return problem
    if isinstance(problem, MemoryError):
        what = "it asks for more memory than is given to a file; is it what it seems?"
    elif isinstance(problem, RecursionError):
        what = "nested too deeply to be read; write it flatter"
    elif isinstance(problem, OSError):
        what = f"cannot be read ({problem.strerror or problem}); is it whole, and may it be read?"
    else:
        detail = " ".join(str(problem).split())[:200]
        what = f"cannot be read ({type(problem).__name__}: {detail}); is it whole, and of the kind its name says?"
    return InputError(what, path)


def read_here(reader: Callable[[Path], T], path: Path, trial: Callable[[T], object] | None = None) -> T:
    """In this process, without the trial; InputError for whatever the reader raises."""
    try:
        return reader(path)
    except Exception as problem:
        error = blamed(problem, path)
        if error is problem:
            raise
        raise error from problem


_door: Door = read_here


def read_by(door: Door) -> None:
    """Read every file from now on by this door."""
    global _door
    _door = door


def read(reader: Callable[[Path], T], path: Path, trial: Callable[[T], object] | None = None) -> T:
    """What a reader makes of a file.

    Parameters
    ----------
    reader : a function of a module; it returns arrays, text and plain values.
    trial : the costs of what follows; called with the result where the file is read in a process with limits, so
        that they are met there.

    Raises
    ------
    InputError : for anything that the reader raises.
    """
    return _door(reader, path, trial)


class Kept:
    """The newest results of a reader, within `KEPT_BYTES`; size : bytes of a result."""

    def __init__(self, size: Callable[[Any], int], most: int = KEPT_BYTES) -> None:
        self._size, self._most = size, most
        self._found: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result kept under a key, else a new one."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                kept: T = self._found[key]
                return kept
        new = make()
        with self._lock:
            self._found[key] = new
            while len(self._found) > 1 and sum(map(self._size, self._found.values())) > self._most:
                self._found.popitem(last=False)
        return new
