"""Files are parsed in a process of their own, with limits of memory and time; arrays, text and numbers come back.

What a file can do is then bounded by what that process may use, whatever its reader makes of it: a process that is
out of memory, out of time, or gone is one sentence for the visitor who sent the file, and nothing to all others.
"""

from __future__ import annotations

import io
import logging
import multiprocessing
import pickle
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from explorer.models.files.reading import blamed
from explorer.models.kit.errors import InputError

T = TypeVar("T")
MEBI = 2**20
AT_ONCE = 2
"""Files parsed at the same time: the others wait."""
PLAIN = {
    "builtins": {"complex", "set", "frozenset", "bytearray"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "numpy": {"ndarray", "dtype"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "explorer.models.files.wannier90.data": {"WannierData"},
}
"""All that may come back, by module: nothing that acts when it is unpacked."""
PRELOADED = ("explorer.models.files.source", "explorer.models.files.lattice_file", "h5py")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What one file may cost: memory [MiB] beyond the reader's own, and seconds of the clock."""

    memory: int = 1024
    seconds: float = 60.0


STRANGERS = Limits()
"""Where others reach the server."""
OWN = Limits(16384, 900.0)
"""Where whoever opens the page sits at this machine."""


class _PlainOnly(pickle.Unpickler):
    """Unpacks `PLAIN` and nothing else."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        if global_name not in PLAIN.get(module_name, ()):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no plain value")
        return super().find_class(module_name, global_name)


def unpacked(message: bytes) -> Any:
    """A value of arrays, text and numbers; UnpicklingError for any other."""
    return _PlainOnly(io.BytesIO(message)).load()


class Parser:
    """Reads a file in a process of its own: a `Door`. Called in the threads that open files, never on the loop."""

    def __init__(self, limits: Limits = STRANGERS) -> None:
        self._limits = limits
        methods = multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            self._context.set_forkserver_preload(list(PRELOADED))
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def __call__(
        self, reader: Callable[[Path], T], path: Path, trial: Callable[[T], object] | None = None
    ) -> T:
        """As of `explorer.models.files.reading.read`."""
        with self._turn:
            here, there = self._context.Pipe(duplex=False)
            work = self._context.Process(
                target=_parse, args=(there, reader, path, trial, self._limits), daemon=True
            )
            work.start()
            there.close()
            try:
                found: T = self._result(here, work, path)
                return found
            finally:
                here.close()
                if work.is_alive():
                    work.kill()
                work.join()

    def _result(self, here: Connection, work: Any, path: Path) -> Any:
        begun = time.perf_counter()
        try:
            if not here.poll(self._limits.seconds):
                raise InputError(f"not read within {self._limits.seconds:g} s; is it what it seems?", path)
            done, message = here.recv_bytes(1) == b"+", here.recv_bytes(self._limits.memory * MEBI)
        except (EOFError, OSError):
            work.join(1.0)
            log.warning("the process that read %s ended with %s", path.name, work.exitcode)
            late = time.perf_counter() - begun > 0.9 * self._limits.seconds
            bound = f"{self._limits.seconds:g} s" if late else f"{self._limits.memory} MiB"
            raise InputError(
                f"cannot be read within {bound}, what a file is given here; is it what it seems?", path
            ) from None
        found = unpacked(message)
        if done:
            return found
        text, where, line = found
        problem = InputError(text)
        problem.path, problem.line = where, line
        raise problem


def _parse(
    there: Connection,
    reader: Callable[[Path], T],
    path: Path,
    trial: Callable[[T], object] | None,
    limits: Limits,
) -> None:
    """In the process: read, try, send."""
    _limit(limits)
    try:
        found = reader(path)
        if trial is not None:
            trial(found)
        answer, message = b"+", pickle.dumps(found, protocol=5)
    except Exception as problem:
        error = blamed(problem, path)
        where = None if error.path is None else str(error.path)
        answer, message = b"-", pickle.dumps((str(error), where, error.line), protocol=5)
    there.send_bytes(answer)
    there.send_bytes(message)
    there.close()


def _limit(limits: Limits) -> None:
    """Let the system hold this process to its limits; no file is written, no process begun."""
    if sys.platform != "linux":
        return  # the clock is kept by the parent; memory has no such bound elsewhere
    import resource

    own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    seconds = int(limits.seconds) + 1
    for what, most in (
        (resource.RLIMIT_AS, own + limits.memory * MEBI),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
