"""The tasks of a sweep on Dask: `dask scheduler` and `dask worker` are started by their own commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.sweeps.workers import DiedError

AHEAD = 2
"""Tasks handed over for each thread of the workers: one to compute, one that waits there for it."""
CONNECT_SECONDS = 10


class Cluster:
    """Workers of a Dask scheduler; of each thread one task at a time.

    Raises ValueError where Dask is not installed or its versions differ, OSError where no scheduler answers or it goes.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise ValueError("a scheduler needs Dask: pip install 'om-explorer[cluster]'") from None
        self._address = address
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as problem:
            raise OSError(f"no Dask scheduler answers at {address}: {problem}") from None
        self._busy: dict[Any, int] = {}
        try:
            self._client.get_versions(check=True)
        except ValueError as problem:
            self.close()
            raise ValueError(f"Dask differs here and at {address}: {problem}") from None
        if not self.count:
            self.close()
            raise ValueError(f"the scheduler at {address} has no workers: start `dask worker {address}`")

    @property
    def count(self) -> int:
        """Threads of all workers that are there now."""
        self._alive()
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return sum(worker["nthreads"] for worker in workers)

    @property
    def room(self) -> int:
        """How many more tasks the workers should have."""
        return max(0, AHEAD * max(1, self.count) - len(self._busy))

    def start(self, key: int, function: Callable[..., Any], *arguments: Any) -> None:
        """Hand a task over; it is computed once, and where its worker dies, by another."""
        self._alive()
        self._busy[self._client.submit(function, *arguments, pure=False)] = key

    def finished(self, seconds: float) -> list[tuple[int, Any]]:
        """Outcomes by key; waits so long for the first."""
        from distributed import CancelledError, KilledWorker, wait

        self._alive()
        try:
            with self._client.as_current():
                wait(list(self._busy), timeout=seconds, return_when="FIRST_COMPLETED")
        except TimeoutError:
            self._alive()
            return []
        except (CancelledError, OSError):
            raise self._gone() from None
        found: list[tuple[int, Any]] = []
        for future in [f for f in self._busy if f.done()]:
            key = self._busy.pop(future)
            if future.status in ("cancelled", "lost"):
                raise self._gone()
            problem = future.exception()
            if isinstance(problem, KilledWorker):
                problem = DiedError(str(problem))
            found.append((key, problem or future.result()))
        return found

    def close(self) -> None:
        """Leave the scheduler, which drops the tasks that have not begun."""
        self._client.close(timeout=CONNECT_SECONDS)

    def _alive(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise self._gone()

    def _gone(self) -> OSError:
        return OSError(
            f"the Dask scheduler at {self._address} is gone; what is done is kept, resume goes on with it"
        )
