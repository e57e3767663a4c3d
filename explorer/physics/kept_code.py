"""Compiled kernels kept on disk between runs, and never used with other sources than they were compiled from.

numba's own cache looks at the one file in which a function stands, while the machine code holds what the function
calls and the constants it reads as well: after an update in which only a callee's file changed, the old code would be
used. Here a function is known by the content of its file and of all files of the explorer from which something of it
can come: an edit compiles anew what depends on it and nothing else. What is kept lies beside the sources, or where
these cannot be written in NUMBA_CACHE_DIR or the user's cache; where nothing can be written, nothing is kept, and that
is said once. A file that is damaged counts as not there. Two processes, even of two versions, may write at once:
versions have files of their own, and each is written beside and renamed.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import inspect
import logging
import os
import pickle
import re
import sys
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias, cast

import numba
import numpy as np
from numba.core import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, _CacheLocator

from explorer.disk.cache_folder import cache_folder, can_be_written, is_private

SourceFile: TypeAlias = tuple[str, str, int, int]
"""Module, path, time of the last change [ns] and size [bytes]."""
SUM_BYTES = 32
KEPT_VERSIONS = 3
"""Of the sources, for each function: to go back and forth between two compiles nothing."""
IMPORTS = re.compile(
    rb"^from[ \t]+(explorer[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|^import[ \t]+(explorer[\w.]*)", re.M
)
"""Imports of the explorer's own modules at a module's top: no compiled function reads what is imported elsewhere."""

log = logging.getLogger(__name__)


def keep(dispatcher: Any) -> None:
    """Let a function compiled by numba keep its code, where there is a folder for it and its sources are known."""
    if not hasattr(dispatcher, "enable_caching"):  # NUMBA_DISABLE_JIT=1: a plain function
        return
    function = dispatcher.py_func
    if digest(function.__module__) and kernel_folder(Path(function.__code__.co_filename).parent) is not None:
        dispatcher._cache = KernelCache(function)  # noqa: SLF001 - numba offers no other way


def digest(module: str) -> str:
    """SHA-256 over the sources of a module and of all it imports of the explorer; "" where one has none."""
    files = [_file(name) for name in closure(module)]
    return "" if None in files else _digest(tuple(files))


def closure(module: str) -> tuple[str, ...]:
    """Names of a module and of all modules that it imports of the explorer, to any depth, sorted."""
    found, waiting = {module}, [module]
    while waiting:
        file = _file(waiting.pop())
        for package, word in _imports(file) if file is not None else ():
            name = f"{package}.{word}" if f"{package}.{word}" in sys.modules else package
            if name not in found and name in sys.modules and _may_be_compiled(name, word):
                found.add(name)
                waiting.append(name)
    return tuple(sorted(found))


def _may_be_compiled(module: str, word: str) -> bool:
    """Whether what is imported by this name can be part of machine code: no class, object or plain Python of ours."""
    value = getattr(sys.modules[module], word, None)
    if module == __name__:  # says where code is kept, not what it is
        return False
    if isinstance(value, type):
        return issubclass(value, Enum)
    if type(value).__module__.startswith("explorer.") and not isinstance(value, (tuple, Enum)):
        return False
    if inspect.isfunction(value):
        file = _file(module)
        return (
            file is None or b"njit" in _text(file) or b"numba" in _text(file)
        )  # it may be registered with numba
    return True


def _file(module: str) -> SourceFile | None:
    """The source of a module that is loaded, as it is on disk now; None where there is none."""
    path = getattr(sys.modules.get(module), "__file__", None) or ""
    if not path.endswith(".py"):
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return module, path, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=512)
def _text(file: SourceFile) -> bytes:
    return Path(file[1]).read_bytes()


@lru_cache(maxsize=512)
def _digest(files: tuple[SourceFile, ...]) -> str:
    combined = hashlib.sha256()
    for file in files:
        text = _text(file)
        combined.update(b"%s %d " % (file[0].encode(), len(text)))
        combined.update(text)
    return combined.hexdigest()


@lru_cache(maxsize=512)
def _imports(file: SourceFile) -> tuple[tuple[str, str], ...]:
    """Imports at the top of a source: module and name, which may be a module too, or "" for the module itself."""
    pairs: list[tuple[str, str]] = []
    for package, listed, plain in IMPORTS.findall(_text(file)):
        words = re.sub(rb"#[^\n]*", b"", listed).decode().strip("()").split(",")
        pairs += (
            [(plain.decode(), "")]
            if plain
            else [(package.decode(), w.split()[0]) for w in words if w.split()]
        )
    return tuple(pairs)


def kernel_folder(beside: Path) -> Path | None:
    """Where the code of functions in the folder `beside` is kept; None where nothing can be written."""
    if config.CACHE_DIR:
        chosen = Path(config.CACHE_DIR) / _versions()
        return chosen if can_be_written(chosen) else _said(chosen)
    own = beside / "__pycache__"
    if can_be_written(own):
        return own
    users = cache_folder() / "kernels" / _versions()
    return (
        users
        if can_be_written(users, private=True) and is_private(users.parent.parent)
        else _said(own, users)
    )


def _versions() -> str:
    """A folder's name, for what several installations share."""
    return f"numba-{numba.__version__}-numpy-{np.__version__}"


@lru_cache(maxsize=1)
def _said(*tried: Path) -> None:
    log.warning(
        "Compiled kernels are not kept: %s cannot be written. Each start compiles them, for about ten seconds or more; "
        "set NUMBA_CACHE_DIR to a folder that can be.",
        " nor ".join(map(str, tried)),
    )


class _Locator(_CacheLocator):  # type: ignore[misc]
    """Tells numba where a function's code is kept and by what it is known."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._py_file = file
        self._line = function.__code__.co_firstlineno
        self._stamp = digest(function.__module__)
        self._folder = cast(Path, kernel_folder(Path(file).parent))

    def get_cache_path(self) -> str:
        """The folder."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """What the code was compiled from."""
        return self._stamp

    def get_disambiguator(self) -> str:
        """A part of the files' names: no two versions share one."""
        return f"{self._line}-{self._stamp[:16]}"

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator:
        """As numba asks for it."""
        return cls(py_func, py_file)


class _Kept(CompileResultCacheImpl):  # type: ignore[misc]
    """Names of files as numba makes them, with the locator of this module whatever the environment says."""

    def __init__(self, py_func: Callable[..., Any]) -> None:
        file = py_func.__code__.co_filename
        self._lineno = py_func.__code__.co_firstlineno
        self._locator = _Locator(py_func, file)
        self.function_name = f"{py_func.__module__.removeprefix('explorer.physics.')}.{py_func.__qualname__}"
        self._filename_base = self.get_filename_base(self.function_name, getattr(sys, "abiflags", ""))


class _Files(IndexDataCacheFile):  # type: ignore[misc]
    """numba's two files of a function, the code with a sum over it: half a file is no code to run."""

    def _save_data(self, name: str, data: Any) -> None:
        body = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(_sum(body) + body)

    def _load_data(self, name: str) -> Any:
        content = Path(self._data_path(name)).read_bytes()
        if _sum(content[SUM_BYTES:]) != content[:SUM_BYTES]:
            raise ValueError(f"{name} is damaged")
        return pickle.loads(content[SUM_BYTES:])


def _sum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=SUM_BYTES).digest()


class KernelCache(FunctionCache):  # type: ignore[misc]
    """numba's cache of one function; nothing that goes wrong with files reaches the caller."""

    _impl_class = _Kept

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._module = function.__module__
        self._stamp = self._impl.locator.get_source_stamp()
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, self._stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The code for a signature; None where there is none, or none that can be used."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as problem:  # whatever a damaged pickle raises
            log.debug("kept code of %s cannot be used: %s", self._name, problem)
            self._remove(f"{self._impl.filename_base}.*")
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code for a signature, where the sources are still those that this process has loaded."""
        if digest(self._module) != self._stamp:
            return
        try:
            super().save_overload(sig, data)
        except Exception as problem:
            log.debug("code of %s cannot be kept: %s", self._name, problem)
            self._remove(f"{self._impl.filename_base}.*")
        else:
            self._prune()

    def _prune(self) -> None:
        """Remove the files of all but the newest versions of this function, wherever in its file it stood."""
        with contextlib.suppress(OSError):
            name = glob.escape(
                self._impl.function_name.replace("<", "").replace(">", "")
            )  # as numba writes it
            indices = list(Path(self._cache_path).glob(f"{name}-*.nbi"))
            indices.sort(key=lambda file: file.stat().st_mtime, reverse=True)
            for index in indices[KEPT_VERSIONS:]:
                self._remove(f"{glob.escape(index.stem)}.*")

    def _remove(self, pattern: str) -> None:
        for file in Path(self._cache_path).glob(pattern):
            with contextlib.suppress(OSError):
                file.unlink()
