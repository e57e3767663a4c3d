"""Machine code that is kept: read again while all it was made from stands, and never after."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import numba
import pytest

import explorer.physics
from explorer.disk.cache_folder import can_be_written
from explorer.physics import kept_code

CALLER = """
from explorer.physics.compiled import njit
from explorer.physics.kept_callee import FACTOR, scaled

@njit
def total(x):
    return scaled(x) + FACTOR
"""
CALLEE = """
from explorer.physics.compiled import njit

FACTOR = {factor}

@njit
def scaled(x):
    return {slope} * x
"""
PROGRAM = """
import sys
import explorer.physics
explorer.physics.__path__.append(sys.argv[1])
from explorer.physics.kept_caller import total
print(total(1.0))
"""
NAMES = ("explorer.physics.kept_caller", "explorer.physics.kept_callee")


def write(folder: Path, factor: float = 10.0, slope: float = 2.0) -> None:
    (folder / "kept_caller.py").write_text(CALLER)
    (folder / "kept_callee.py").write_text(CALLEE.format(factor=factor, slope=slope))


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing set that says where to keep things, and nothing known of folders."""
    for name in ("OM_EXPLORER_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    kept_code._said.cache_clear()
    yield
    kept_code._said.cache_clear()
    can_be_written.cache_clear()


def run(folder: Path) -> tuple[float, int]:
    """The number and whether it was read from disk, as a new process has them: modules are loaded anew."""
    can_be_written.cache_clear()
    importlib.invalidate_caches()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setattr(explorer.physics, "__path__", [*explorer.physics.__path__, str(folder)])
        try:
            total = importlib.import_module(NAMES[0]).total
            return total(1.0), sum(total.stats.cache_hits.values())
        finally:
            for name in NAMES:
                sys.modules.pop(name, None)


def block(folder: Path) -> str:
    """A file where a folder of this name would be made: not even root can."""
    (folder / "blocked").write_text("")
    return str(folder / "blocked" / "folder")


def test_an_edit_of_a_callee_alone_changes_what_its_caller_gives(tmp_path: Path) -> None:
    write(tmp_path)
    assert run(tmp_path) == (12.0, 0)
    assert run(tmp_path) == (12.0, 1)  # read
    write(tmp_path, slope=3.0)
    assert run(tmp_path) == (13.0, 0)
    write(tmp_path, slope=3.0, factor=20.0)  # as long as before, and the caller's own bytecode is the same
    assert run(tmp_path) == (23.0, 0)
    write(tmp_path)  # back, as git does between branches
    assert run(tmp_path) == (12.0, 1)


def test_a_copy_of_the_sources_takes_its_code_along(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    write(first)
    run(first)
    first.rename(second)
    os.utime(second / "kept_callee.py", (1, 1))
    assert run(second) == (12.0, 1)


@pytest.mark.parametrize("damage", ["empty", "half", "zeros"])
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_files_are_made_anew(tmp_path: Path, damage: str, ending: str) -> None:
    write(tmp_path)
    run(tmp_path)
    for file in (tmp_path / "__pycache__").glob(f"*.{ending}"):
        content = file.read_bytes()
        half = content[: len(content) // 2]
        file.write_bytes(
            {"empty": b"", "half": half, "zeros": half + bytes(len(content) - len(half))}[damage]
        )
    assert run(tmp_path) == (12.0, 0)
    assert run(tmp_path) == (12.0, 1)


def test_sources_that_cannot_be_written_beside_keep_their_code_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path)
    (tmp_path / "__pycache__").write_text("")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert run(tmp_path) == (12.0, 0)
    assert run(tmp_path) == (12.0, 1)
    assert list(home.rglob("kept_caller.total-*.nbi"))
    assert not caplog.messages


def test_an_account_without_a_home_keeps_its_code_in_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path)
    (tmp_path / "__pycache__").write_text("")
    monkeypatch.setenv("HOME", block(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert run(tmp_path) == (12.0, 0)
    assert run(tmp_path) == (12.0, 1)
    (kept,) = tmp_path.glob("om-explorer-*")
    assert kept.stat().st_mode & 0o777 == 0o700
    kept.chmod(0o777)  # as another account would have made it, to be run from
    assert not caplog.messages
    assert run(tmp_path) == (12.0, 0)
    assert len(caplog.messages) == 1


def test_where_nothing_can_be_written_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path)
    (tmp_path / "__pycache__").write_text("")
    monkeypatch.setenv("OM_EXPLORER_CACHE", block(tmp_path))
    assert run(tmp_path) == (12.0, 0)
    (said,) = caplog.messages
    assert "NUMBA_CACHE_DIR" in said
    assert "\n" not in said


def test_a_folder_that_the_user_names_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "chosen"))
    assert run(tmp_path) == (12.0, 0)
    assert run(tmp_path) == (12.0, 1)
    assert not list((tmp_path / "__pycache__").glob("*.nbc"))


def test_versions_of_long_ago_go(tmp_path: Path) -> None:
    for slope in range(2, 3 + kept_code.KEPT_VERSIONS):
        write(tmp_path, slope=slope)
        assert run(tmp_path)[0] == 10.0 + slope
    assert len(list((tmp_path / "__pycache__").glob("*total-*.nbi"))) == kept_code.KEPT_VERSIONS
    assert len(list((tmp_path / "__pycache__").glob("*total-*.nbc"))) == kept_code.KEPT_VERSIONS
    write(tmp_path)
    assert run(tmp_path) == (12.0, 0)


def test_processes_at_once_agree(tmp_path: Path) -> None:
    write(tmp_path)
    root = str(Path(__file__).parents[2])
    several = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": root},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    assert [process.communicate() for process in several] == [("12.0\n", "")] * 3


@pytest.mark.long
def test_an_update_of_a_checkout_in_which_one_callee_changed(tmp_path: Path) -> None:
    """The real kernels, with what was compiled before beside them: as a checkout without any compiled code."""
    here = Path(__file__).parents[2]
    code = "import sys; from explorer.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ["geometry", "cumnas", "--k", "0.3,0.2", "--json"]

    def geometry(checkout: Path) -> str:
        account = {"PATH": os.environ["PATH"], "PYTHONPATH": str(checkout), "HOME": str(tmp_path)}
        program = [sys.executable, "-c", code, *words]
        return subprocess.run(
            program, env=account, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    kept, fresh = tmp_path / "kept", tmp_path / "fresh"
    for name in ("explorer", "models", "assets"):
        shutil.copytree(
            here / name, kept / name, symlinks=True, ignore=shutil.ignore_patterns("cri3", "__pycache__")
        )
    before = geometry(kept)
    assert geometry(kept) == before
    callee = kept / "explorer" / "physics" / "kernels" / "fourier_series.py"
    text = callee.read_text(encoding="utf-8")
    assert text.count("_TWO_OVER_PI = 0.6366197723675814") == 1
    callee.write_text(
        text.replace("= 0.6366197723675814", "= 0.6566197723675814"), encoding="utf-8"
    )  # wrong, and seen
    shutil.copytree(kept, fresh, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    after = geometry(kept)
    assert after != before
    assert after == geometry(fresh)


KERNELS = sorted(
    ".".join(file.relative_to(Path(__file__).parents[2]).with_suffix("").parts)
    for file in (Path(__file__).parents[2] / "explorer" / "physics").rglob("*.py")
    if "@njit" in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", KERNELS)
def test_what_a_kernel_calls_is_among_what_it_is_known_by(name: str) -> None:
    """Followed through the compiled functions themselves, as numba does, instead of the text of imports."""
    module = importlib.import_module(name)
    known = kept_code.closure(name)
    assert kept_code.digest(name)
    waiting = [f for f in vars(module).values() if isinstance(f, numba.core.dispatcher.Dispatcher)]
    assert waiting
    seen = set()
    while waiting:
        function = waiting.pop().py_func
        seen.add(function.__module__)
        called = (function.__globals__.get(word) for word in function.__code__.co_names)
        waiting += [
            f
            for f in called
            if isinstance(f, numba.core.dispatcher.Dispatcher) and f.py_func.__module__ not in seen
        ]
        seen |= {
            f.__module__
            for f in called
            if isinstance(f, FunctionType) and f.__module__.startswith("explorer.")
        }
    assert seen <= set(known)
