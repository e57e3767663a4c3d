"""Sweeps: every point once, bit-identical whatever is killed, and a store that says what it holds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import explorer
from explorer.cli import main
from explorer.sweeps import run as running
from explorer.sweeps import task
from explorer.sweeps.plan import Plan, plan
from explorer.sweeps.point import compute_point, template
from explorer.sweeps.run import Report, run
from explorer.sweeps.store import DONE, FAILED, NOT_DONE, RUNS, Store, create, layout_for
from explorer.sweeps.workers import DiedError

KELVIN = [50.0, 300.0]
HOW: dict[str, Any] = {"mu": [-0.2, 0.1], "temperature": KELVIN, "method": "sum", "mesh": 12}
OPTIONS = ["--mu=-0.2,0.1", "--temperature", "50,300", "--method", "sum", "--mesh", "12"]
ANGLES = np.linspace(0.0, 90.0, 6)
EXCHANGE = [0.5, 0.7]


def small(sources: tuple[str, ...] = ("cumnas",), vary: Mapping[str, Any] | None = None, **rest: Any) -> Plan:
    asked = {"response": ["chi", "alpha"], "relaxation_time": 1.0, "form": "surface", "rtol": 1e-3} | rest
    given = {"max_evaluations": None, "whole_zone": False, "checks": "none", "exact": False}
    varied = {"neel_angle": ANGLES, "exchange": EXCHANGE} if vary is None else vary
    return plan(sources, varied, **(HOW | given | asked))


class Here:
    """Workers that compute in this process, in an order of their own, and die when they are told to."""

    def __init__(self, count: int = 2, order: int = 1, dies: Any = None) -> None:
        self.count, self._order, self._dies = count, order, dies
        self._waiting: list[tuple[int, Any, tuple[Any, ...]]] = []

    @property
    def room(self) -> int:
        return self.count - len(self._waiting)

    def start(self, key: int, function: Any, *arguments: Any) -> None:
        self._waiting.append((key, function, arguments))

    def finished(self, seconds: float) -> list[tuple[int, Any]]:
        key, function, arguments = self._waiting.pop(-1 if self._order < 0 else 0)
        try:
            if self._dies is not None and function is task.compute:
                self._dies(arguments[-1])
            return [(key, function(*arguments))]
        except Exception as problem:
            return [(key, problem)]

    def close(self) -> None:
        self._waiting = []


def in_process(monkeypatch: pytest.MonkeyPatch, **how: Any) -> None:
    monkeypatch.setattr(running, "Processes", lambda count: Here(count, **how))
    monkeypatch.setattr("explorer.threads.COUNT", 1)


def bits(store: Path) -> dict[str, bytes]:
    """Every number of a store, bit by bit, and every word."""
    data = xr.open_zarr(store, chunks=None).load()
    return {
        str(name): v.values.tobytes() if v.dtype.kind in "biuf" else repr(v.values.tolist()).encode()
        for name, v in data.variables.items()
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        in_process(patch)
        path = tmp_path_factory.mktemp("undisturbed") / "s.zarr"
        run(small(), path, workers=1)
        return bits(path)


def test_a_sweep_is_compute_at_every_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)
    vary = {"neel_angle": ANGLES, "exchange": EXCHANGE}
    found = explorer.sweep("cumnas", vary, out=tmp_path / "s.zarr", workers=2, staggering=0.1, **HOW)
    assert found.chi.dims == ("neel_angle", "exchange", "temperature", "mu", "direction")
    assert (found.status == DONE).all()
    for angle in ANGLES[[0, 3]]:
        at = {"neel_angle": angle, "exchange": 0.7}
        one = explorer.compute("cumnas", staggering=0.1, checks="none", **at, **HOW)
        for name in ("chi", "alpha", "chi_error", "alpha_error", "converged"):
            assert np.array_equal(one[name].values, found.sel(**at)[name].values), name
            assert one[name].attrs == found[name].attrs
        assert int(found.sel(**at).evaluations) == one.attrs["evaluations"]
    assert all("units" in v.attrs for v in found.variables.values())
    assert found.neel_angle.attrs["units"] == "°"
    assert json.loads(found.attrs["versions"])["numpy"] == np.__version__
    assert found.attrs["method"] == "sum"
    assert json.loads(found.attrs["parameters"]) == {"staggering": 0.1}


@pytest.mark.parametrize(("workers", "order"), [(1, -1), (3, -1), (4, 1)])
def test_bits_do_not_depend_on_workers_or_order(
    workers: int, order: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, bytes]
) -> None:
    in_process(monkeypatch, order=order)
    run(small(), tmp_path / "s.zarr", workers=workers)
    assert bits(tmp_path / "s.zarr") == undisturbed


def test_what_a_killed_run_left_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, bytes]
) -> None:
    """A chunk whose data is written and whose status is not counts as not done, and is written again."""
    in_process(monkeypatch)
    path, whole = tmp_path / "s.zarr", small()
    first = compute_point(whole, (0, 0))
    store = create(path, whole, template(*first), (1, 1))
    chosen = store.blocks()
    store.write(chosen[0], {(0, 0): first[0]})
    group_write = store.write
    group_write(chosen[1], {(0, 1): {**first[0], "chi": first[0]["chi"] + 1.0}})
    status = path / "status" / "c" / "0" / "1"
    status.unlink()  # as if killed between the two
    assert Store(path).status()[0, 1] == NOT_DONE
    seen: list[Report] = []
    run(whole, path, workers=2, resume=True, watch=seen.append)
    assert (seen[0].points, seen[-1].points, seen[-1].total) == (1, 12, 12)
    assert bits(path) == undisturbed
    assert not list(tmp_path.rglob(".s.zarr-*"))


def test_the_same_sweep_twice_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_process(monkeypatch)
    words = ["sweep", "cumnas", "--vary", "neel_angle=0:90:3", *OPTIONS, "--out", str(tmp_path / "s.zarr")]
    assert main(words) == 0
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "s.zarr").rglob("*")}
    capsys.readouterr()
    assert main(words) == 2
    assert "is there already: --resume" in capsys.readouterr().err
    other = [*words[:2], "--vary", "neel_angle=0:45:3", *words[4:], "--resume"]
    assert main(other) == 2
    said = capsys.readouterr().err
    assert "of another sweep: values of neel_angle (0.0, 45.0, 90.0) there, (0.0, 22.5, 45.0) here" in said
    assert "mesh" not in said
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "s.zarr").rglob("*")} == before
    assert main([*words, "--resume"]) == 0
    assert main([*words, "--overwrite"]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {"s.zarr"}


def test_overwrite_removes_nothing_but_a_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("all of it")
    words = ["sweep", "cumnas", "--vary", "neel_angle=0:90:3", *OPTIONS, "--out", str(tmp_path / "mine")]
    assert main([*words, "--overwrite"]) == 2
    assert "is not a sweep's store" in capsys.readouterr().err
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "all of it"


def test_a_point_that_fails_leaves_the_others(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    undisturbed: dict[str, bytes],
) -> None:
    in_process(monkeypatch)
    honest = task.compute_point

    def fails(whole: Plan, point: Any) -> Any:
        if point == (2, 1):
            raise np.linalg.LinAlgError("Eigenvalues did not converge")
        return honest(whole, point)

    path = tmp_path / "s.zarr"
    with monkeypatch.context() as patch:
        patch.setattr(task, "compute_point", fails)
        store = run(small(), path, workers=2)
    data = store.dataset()
    assert data.status.values[2, 1] == FAILED
    assert (data.status.values == DONE).sum() == 11
    assert np.isnan(data.chi.values[2, 1]).all()
    assert not data.converged.values[2, 1].any()
    assert np.isfinite(np.delete(data.chi.values.reshape(12, -1), 5, axis=0)).all()
    assert main(["sweep", "--status", str(path)]) == 1
    said = capsys.readouterr().out
    assert "11 done, 1 failed, 0 not done" in said
    assert "neel_angle = 36, exchange = 0.7: Eigenvalues did not converge" in said
    run(small(), path, workers=2, resume=True)
    assert bits(path) == undisturbed


def test_a_point_that_kills_its_workers_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, bytes]
) -> None:
    bad = (5, 1)

    def kills(jobs: Any) -> None:
        if any(p == bad and p not in job.known for job in jobs for p in job.points):
            raise DiedError("killed")

    path, whole = tmp_path / "s.zarr", small()
    create(path, whole, template(*compute_point(whole, (0, 0))), (1, 2))
    in_process(monkeypatch, dies=kills)
    store = run(whole, path, workers=2, resume=True)
    status = store.status()
    assert status[bad] == FAILED
    assert (status == DONE).sum() == 11
    assert store.reasons()[bad] == running.KILLED
    in_process(monkeypatch)
    run(whole, path, workers=2, resume=True)
    assert bits(path) == undisturbed


def test_a_full_disk_ends_the_sweep_and_keeps_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, bytes]
) -> None:
    in_process(monkeypatch)
    path, honest, written = tmp_path / "s.zarr", Store.write, list[Any]()

    def write(store: Store, block: Any, points: Any) -> None:
        if len(written) == 4:
            raise OSError(28, "No space left on device", str(path))
        written.append(block)
        honest(store, block, points)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", write)
        with pytest.raises(OSError, match="No space left"):
            run(small(), path, workers=2)
    assert 0 < (Store(path).status() == DONE).sum() < 12
    run(small(), path, workers=2, resume=True)
    assert bits(path) == undisturbed


def test_other_programs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)
    whole = small(vary={"neel_angle": ANGLES[:3]})
    monkeypatch.setattr(task, "program_versions", lambda: {**whole.versions, "numba": "0.1"})
    task.accepted.cache_clear()
    with pytest.raises(ValueError, match=r"the sweep is of numba .*, not 0\.1"):
        run(whole, tmp_path / "s.zarr", workers=1)
    task.accepted.cache_clear()
    assert not (tmp_path / "s.zarr").exists()


def test_a_folder_of_files_is_a_dimension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)
    folder = tmp_path / "series"
    folder.mkdir()
    whole = (Path(__file__).parent.parent / "cases" / "graphene_tb.dat").read_text()
    (folder / "b_tb.dat").write_text(whole)
    (folder / "a_tb.dat").write_text(whole.replace("written", "Written"))
    found = explorer.sweep(str(folder), out=tmp_path / "s.zarr", workers=1, response="hall,chi", **HOW)
    assert found.source.values.tolist() == ["a_tb.dat", "b_tb.dat"]
    assert found.hall.dims == ("source", "temperature", "mu", "hall_component")
    one = explorer.compute(str(folder / "b_tb.dat"), response="hall,chi", checks="none", **HOW)
    assert np.array_equal(found.chi.sel(source="b_tb.dat").values, one.chi.values)
    (folder / "b_tb.dat").write_text(whole + "\n")
    with pytest.raises(ValueError, match="content of the sources"):
        explorer.sweep(str(folder), out=tmp_path / "s.zarr", response="hall,chi", resume=True, **HOW)


def test_densities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)
    how = {"density": [1.0], "temperature": KELVIN, "method": "sum", "mesh": 12}
    found = explorer.sweep("cumnas", {"exchange": EXCHANGE}, out=tmp_path / "s.zarr", workers=1, **how)
    one = explorer.compute("cumnas", exchange=0.7, checks="none", **how)
    for name in ("chi", "mu", "mu_error"):
        assert np.array_equal(found[name].sel(exchange=0.7).values, one[name].values), name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cumnas", "--vary", "neel_angle=0:900:3"], "neel_angle of cumnas must lie in -180 ... 180"),
        (["cumnas", "--vary", "nel_angle=0:90:3"], "did you mean neel_angle?"),
        (["cumnas", "--vary", "neel_angle=1,1"], "takes the same value twice"),
        (["cumnas", "--vary", "neel_angle"], "is not NAME=START:STOP:COUNT"),
        (["cumnas"], "nothing varies"),
        (["cumnas", "cumnas"], "the same source is named twice"),
        (["cumnas", "--vary", "t=1,2", "--set", "t=1"], "t is both varied and set"),
        (["--vary", "t=1,2"], "a sweep needs SOURCE"),
        (["cumnas", "--vary", "t=1,2", "--response", "chii"], "did you mean chi?"),
        (["cumnas", "--vary", "t=1,2", "--scheduler", "tcp://127.0.0.1:1"], "no Dask scheduler answers"),
    ],
)
def test_bad_input(
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("explorer.sweeps.cluster.CONNECT_SECONDS", 0.3)
    assert main(["sweep", *words, *OPTIONS, "--out", str(tmp_path / "s.zarr")]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_plans_come_back_from_text_with_every_bit() -> None:
    whole = small(vary={"neel_angle": np.array([0.1, 1 / 3])})
    again = Plan.read(whole.text)
    assert again.differences(whole) == []
    assert again.axes == whole.axes
    assert again.text == whole.text


@pytest.mark.parametrize("shape", [(7,), (5, 9), (2, 3, 50)])
@pytest.mark.parametrize("wanted", [1, 4, 40, 1000])
def test_chunks_are_no_larger_than_wanted(shape: tuple[int, ...], wanted: int) -> None:
    layout = layout_for(shape, wanted)
    assert np.prod(layout) <= max(1, wanted)
    assert all(1 <= step <= size for step, size in zip(layout, shape, strict=True))
    if wanted >= np.prod(shape):
        assert layout == shape


SCRIPT = """
import sys
from explorer.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_kill_9_of_a_worker_and_of_the_command(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """Real processes: a worker killed, then the command; its workers end with it, and resume finishes the sweep."""
    path = tmp_path / "s.zarr"
    words = ["sweep", "cumnas", "--vary", f"neel_angle=0:90:{ANGLES.size}", "--vary", "exchange=0.5,0.7"]
    words += [*OPTIONS, "--out", str(path), "--workers", "1"]
    whole = small()
    create(path, whole, template(*compute_point(whole, (0, 0))), (1, 1))
    command = subprocess.Popen([sys.executable, "-c", SCRIPT, *words, "--resume"])
    workers: list[int] = []
    try:
        assert command.poll() is None
        first = until(lambda: (Store(path).status() == DONE).any() and children(command.pid))
        os.kill(first[-1], signal.SIGKILL)
        workers = until(lambda: [p for p in children(command.pid) if p != first[-1]][-1:])
        os.kill(command.pid, signal.SIGKILL)
    finally:
        command.kill()
        command.wait()
    until(lambda: not any(map(runs, workers)))
    with pytest.MonkeyPatch.context() as patch:
        in_process(patch)
        run(whole, path, workers=1, resume=True)
    assert bits(path) == undisturbed


def until(found: Any, seconds: float = 60.0) -> Any:
    """What a look finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
    return answer


def children(pid: int) -> list[int]:
    """Worker processes of a command: its children but for the one that keeps account of shared memory."""
    import psutil

    try:
        below = psutil.Process(pid).children()
        return [p.pid for p in below if "spawn_main" in " ".join(p.cmdline())]
    except psutil.Error:
        return []


def runs(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


def test_a_run_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)
    store = run(small(vary={"neel_angle": ANGLES[:3]}), tmp_path / "s.zarr", workers=2)
    (noted,) = json.loads(store.dataset().attrs[RUNS])
    assert (noted["workers"], noted["hosts"], noted["points"], noted["failed"]) == (2, 1, 3, 0)


def test_a_group_of_bands_is_found_anew_at_every_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes that an earlier run left, in memory or on disk, would make another group, with other last digits."""
    from explorer.results import reduction
    from explorer.session.source import open_source

    h, seen = open_source("cumnas").hamiltonian, list[Any]()

    def reduce_bands(*_: Any, kept: Any, **__: Any) -> None:
        seen.append((type(kept.nodes).__name__, dict(kept.nodes)))
        kept.nodes[0, 2] = "from before"

    monkeypatch.setattr(reduction, "reduce_bands", reduce_bands)
    monkeypatch.setattr(reduction, "worth_a_group", lambda *_: True)
    for _ in range(2):
        with reduction.nothing_kept():
            reduction.group_for(h, 0.1, 300.0)
    assert seen == [("dict", {}), ("dict", {})]
    monkeypatch.setattr(reduction, "KeptNodes", lambda _: {})
    for rtol in (1e-3, 1e-4):
        reduction.group_for(h, 0.1, 300.0, rtol=rtol)
    assert seen[2:] == [("dict", {}), ("dict", {(0, 2): "from before"})]
