"""Sweeps on a Dask scheduler and workers in processes of their own, started by Dask's commands."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from explorer.sweeps.point import compute_point, template
from explorer.sweeps.run import run
from explorer.sweeps.store import DONE, Store, create
from tests.sweeps.test_sweep import SCRIPT, bits, in_process, small, until

pytestmark = pytest.mark.long

POINTS = 40
WORDS = ["--mu=-0.2,0.1", "--temperature", "50,300", "--method", "sum", "--mesh", "48"]
VARY = {"neel_angle": np.linspace(0.0, 90.0, POINTS)}


@contextmanager
def dask(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def cluster(
    port: int, workers: int = 2
) -> Iterator[tuple[subprocess.Popen[bytes], list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers with one thread each, each one process that a kill -9 ends."""
    address = f"tcp://127.0.0.1:{port}"
    own = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
    with dask("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard") as scheduler:
        begun = [dask("worker", address, *own) for _ in range(workers)]
        try:
            yield scheduler, [w.__enter__() for w in begun]
        finally:
            for w in begun:
                w.__exit__(None, None, None)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        in_process(patch)
        path = tmp_path_factory.mktemp("alone") / "s.zarr"
        run(small(vary=VARY, mesh=48), path, workers=1)
        return bits(path)


def command(path: Path, port: int) -> subprocess.Popen[bytes]:
    words = ["sweep", "cumnas", "--vary", f"neel_angle=0:90:{POINTS}", *WORDS, "--out", str(path), "--resume"]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *words, "--scheduler", f"tcp://127.0.0.1:{port}"],
        stderr=subprocess.PIPE,
    )


def ready(path: Path) -> None:
    """A store with one point in a chunk, so that there is something to kill between."""
    whole = small(vary=VARY, mesh=48)
    create(path, whole, template(*compute_point(whole, (0,))), (1,))


def connects(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def workers_there(port: int, count: int) -> bool:
    from distributed import Client

    if not connects(port):
        return False
    with Client(f"tcp://127.0.0.1:{port}", set_as_default=False) as client:
        return len(client.scheduler_info()["workers"]) == count


def test_workers_and_a_scheduler_are_killed(tmp_path: Path, alone: dict[str, bytes]) -> None:
    path = tmp_path / "s.zarr"
    ready(path)

    def done() -> int:
        return int((Store(path).status() == DONE).sum())

    port = free_port()
    with cluster(port) as (scheduler, workers):
        until(lambda: workers_there(port, 2))
        ran = command(path, port)
        until(lambda: done() > 4 or ran.poll() is not None)
        workers[0].send_signal(signal.SIGKILL)
        now = done()
        until(lambda: done() > now + 3)
        scheduler.send_signal(signal.SIGKILL)
        _, said = ran.communicate(timeout=120)
    assert ran.returncode == 2, said
    assert b"is gone; what is done is kept" in said
    assert 0 < done() < POINTS
    port = free_port()
    with cluster(port):
        until(lambda: workers_there(port, 2))
        ran = command(path, port)
        _, said = ran.communicate(timeout=120)
    assert ran.returncode == 0, said
    assert bits(path) == alone
