"""A sweep from its plan to its store: tasks sized in seconds, every point once, whatever dies under way."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from explorer.sweeps import task
from explorer.sweeps.plan import Plan
from explorer.sweeps.point import Values
from explorer.sweeps.store import (
    DONE,
    FAILED,
    NOT_DONE,
    Block,
    Store,
    create,
    is_store,
    layout_for,
    points_of,
)
from explorer.sweeps.task import Job, Measured, Outcome, Point, RefusedError
from explorer.sweeps.workers import DiedError, Processes, Workers

SECONDS_OF_A_TASK = 2.0
"""What a task should take: much more than handing it over, and little to lose where a worker dies."""
CHUNKS_WANTED, SECONDS_OF_A_CHUNK = 2000, 60.0
"""Beyond so many chunks, each a dozen files, chunks take longer instead, up to so many seconds."""
SHARES = 6
"""Chunks for each worker at least, where there are points enough, so that all end at about the same time."""
SAMPLES = 4
"""Points that each worker measures at most before the chunks are laid out."""
DEATHS = 3
"""Workers that may die in a chunk before its points are tried one by one, and then in one point, which failed."""
KILLED = "the process that computed it died each time: killed, or out of memory"
"""Why such a point failed."""
LOOK_SECONDS = 0.5
"""Between two reports where nothing ends."""


@dataclass(frozen=True)
class Report:
    """How far a sweep is.

    points, failed, total : counts; failed ones are among `points`. rate : points a second of this run, NaN at first.
    workers : how many compute.
    """

    points: int
    failed: int
    total: int
    rate: float
    workers: int

    @property
    def seconds_left(self) -> float:
        """What is left at this rate [s]; NaN where there is none yet."""
        return (self.total - self.points) / self.rate if self.rate > 0 else float("nan")


Watch = Callable[[Report], object]
"""Hears how far a sweep is; an exception it raises ends the sweep, and what is done is kept."""


def default_workers() -> int:
    """Processes that compute where nobody says how many: one for each core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    plan: Plan,
    path: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    watch: Watch | None = None,
) -> Store:
    """Compute every point of a plan that its store lacks.

    Parameters
    ----------
    path : of the store, made where nothing is.
    workers : processes of this machine, each with one thread; None: as many as cores.
    scheduler : address of a Dask scheduler whose workers compute instead; they must reach `path`, and the sources,
        by the same names.
    resume : go on with a store of the same plan; points that failed are tried again.
    overwrite : begin anew where a sweep's store is.
    watch : hears how far it is.

    Raises
    ------
    ValueError : the store is there and neither resume nor overwrite is asked for, or it is of another plan; no point
        can be computed. OSError : the disk refuses, the scheduler is gone.
    """
    path = path.absolute()
    old = _existing(plan, path, resume, overwrite)
    if old is not None and not _todo(old):
        return old
    if not path.parent.is_dir():
        raise ValueError(f"no folder {path.parent} to write {path.name} to")
    with closing(_workers(workers, scheduler)) as those:
        if old is None:
            measured = _measured(plan, those)
            template = next((m.template for m in measured if m.template), None)
            known = {point: found for m in measured for point, found in m.found.items()}
            if template is None:
                why = next((f for f in known.values() if isinstance(f, str)), "every worker died")
                raise ValueError(f"no point could be computed; the first: {why}")
            pace = float(np.median([s for m in measured for s in m.seconds]))
            old = create(
                path, plan, template, layout_for(plan.shape, _chunk(plan, pace, those.count)), overwrite
            )
            _Run(plan, old, those, watch, known, pace).all()
        else:
            _Run(plan, old, those, watch, {}, None).all()
    return old


def _existing(plan: Plan, path: Path, resume: bool, overwrite: bool) -> Store | None:
    """The store to go on with, None where one is to be made."""
    if resume and overwrite:
        raise ValueError("resume and overwrite exclude each other")
    if not path.exists():
        return None
    if not is_store(path):
        raise ValueError(f"{path} is there and is not a sweep's store")
    if overwrite:
        return None
    if not resume:
        raise ValueError(
            f"{path} is there already: --resume (resume=True) goes on with it, --overwrite begins anew"
        )
    store = Store(path)
    if other := store.plan.differences(plan):
        raise ValueError(f"{path} is of another sweep: {'; '.join(other)}")
    return store


def _workers(count: int | None, scheduler: str | None) -> Workers:
    if scheduler is None:
        return Processes(default_workers() if count is None else count)
    from explorer.sweeps.cluster import Cluster

    return Cluster(scheduler)


def _measured(plan: Plan, workers: Workers) -> list[Measured]:
    """A few points evenly over the plan, computed by all workers at once, each for a task's time."""
    count = min(plan.count, SAMPLES * workers.count)
    flat = np.unique(np.linspace(0, plan.count - 1, count).astype(int))
    points = [tuple(map(int, np.unravel_index(i, plan.shape))) for i in flat]
    shares = [points[n :: workers.count] for n in range(workers.count)]
    shares = [share for share in shares if share]
    for key, share in enumerate(shares):
        workers.start(key, task.measure, plan.text, share, SECONDS_OF_A_TASK)
    found, left = [], len(shares)
    while left:
        for _, outcome in workers.finished(LOOK_SECONDS):
            left -= 1
            if isinstance(outcome, DiedError):
                continue  # its points are computed again, one by one where that recurs
            if isinstance(outcome, BaseException):
                raise _said(outcome)
            found.append(outcome)
    return found


def _chunk(plan: Plan, pace: float, workers: int) -> int:
    """Points of a chunk, at so many seconds a point."""
    seconds = min(max(SECONDS_OF_A_TASK, plan.count * pace / CHUNKS_WANTED), SECONDS_OF_A_CHUNK)
    return max(1, min(int(seconds / max(pace, 1e-6)), plan.count // (SHARES * workers)))


def _todo(store: Store) -> list[tuple[Block, tuple[Point, ...]]]:
    """Chunks with the points that they lack or that failed."""
    status = store.status()
    found = []
    for block in store.blocks():
        points = tuple(p for p in points_of(block) if status[p] != DONE)
        if points:
            found.append((block, points))
    return found


def _said(problem: BaseException) -> BaseException:
    return ValueError(str(problem)) if isinstance(problem, RefusedError) else problem


class _Run:
    """One run over what a store lacks."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        workers: Workers,
        watch: Watch | None,
        known: Mapping[Point, Values | str],
        pace: float | None,
    ) -> None:
        self._plan, self._store, self._workers, self._watch = plan, store, workers, watch
        self._left: deque[Job] = deque()
        for block, points in _todo(store):
            mine = {p: known[p] for p in points if p in known}
            self._left.append(Job(block, points, mine))
        self._singly: deque[Job] = deque()
        self._under_way: dict[int, tuple[tuple[Job, ...], Job | None]] = {}
        self._deaths: Counter[str] = Counter()
        status = store.status()
        self._retried = {p for job in self._left for p in job.points if status[p] == FAILED}
        self._pace = pace
        self._before = plan.count - sum(len(job.points) for job in self._left)
        self._points = self._failed = self._keys = self._most = 0
        self._useful = 0.0
        self._begin = time.perf_counter()
        self._began = datetime.now(UTC)
        self._hosts: set[str] = set()

    def all(self) -> None:
        """Compute all of it; what is done by the time anything raises is kept and noted."""
        try:
            self._report()
            while self._left or self._singly or self._under_way:
                self._hand_out()
                for key, outcome in self._workers.finished(LOOK_SECONDS):
                    self._take(*self._under_way.pop(key), outcome)
                self._report()
        finally:
            with suppress(OSError):  # a full disk has been told of already
                self._note()

    def _hand_out(self) -> None:
        while self._workers.room > 0 and (self._singly or self._left):
            rest: Job | None = None
            if self._singly:
                # A chunk in which workers died: one point at a time, so that the store tells which one it was.
                job = self._singly.popleft()
                jobs: tuple[Job, ...] = (replace(job, points=job.points[:1]),)
                rest = replace(job, points=job.points[1:]) if len(job.points) > 1 else None
            else:
                jobs = self._batch()
            self._most = max(self._most, self._workers.count)
            self._keys += 1
            self._under_way[self._keys] = jobs, rest
            self._workers.start(self._keys, task.compute, self._store.path, self._plan.text, jobs)

    def _batch(self) -> tuple[Job, ...]:
        """As many chunks as a task's time has room for, fewer towards the end."""
        wanted, jobs = SECONDS_OF_A_TASK, list[Job]()
        share = max(1, len(self._left) // (2 * max(1, self._workers.count)))
        while self._left and len(jobs) < share and (not jobs or wanted > 0):
            jobs.append(self._left.popleft())
            wanted -= (len(jobs[-1].points) - len(jobs[-1].known)) * (self._pace or SECONDS_OF_A_TASK)
        return tuple(jobs)

    def _take(self, jobs: tuple[Job, ...], rest: Job | None, outcome: Outcome | BaseException) -> None:
        if isinstance(outcome, Outcome):
            self._points += outcome.points
            self._failed += outcome.failed
            self._useful += outcome.seconds
            self._hosts.add(outcome.host)
            new = outcome.points - sum(len(job.known) for job in jobs)
            if new > 0:
                pace = outcome.seconds / new
                self._pace = pace if self._pace is None else (self._pace + pace) / 2
            if rest is not None:
                self._singly.appendleft(rest)
        elif isinstance(outcome, DiedError):
            for job in jobs:
                self._bury(job, rest)
        else:
            raise _said(outcome)

    def _bury(self, job: Job, rest: Job | None) -> None:
        """What is left of a job whose worker died is done again; points that kill every worker have failed."""
        status = self._store.status(job.block)
        begin = tuple(part.start for part in job.block)
        key = str(job.block) if rest is None and len(job.points) > 1 else str(job.points)
        self._deaths[key] += 1
        done = [
            p
            for p in job.points
            if status[tuple(np.subtract(p, begin))] != NOT_DONE and p not in self._retried
        ]
        self._points += len(done)
        left = tuple(p for p in job.points if p not in done)
        if not left:
            if rest is not None:
                self._singly.appendleft(rest)
            return
        again = replace(job, points=left)
        if self._deaths[key] < DEATHS and rest is None:
            self._left.appendleft(again)
            return
        if self._deaths[key] >= DEATHS and len(left) == 1:
            again = replace(again, known={left[0]: KILLED})
        points = again.points if rest is None else (*again.points, *rest.points)
        self._singly.appendleft(replace(again, points=points))

    def _report(self) -> None:
        if self._watch is None:
            return
        seconds = time.perf_counter() - self._begin
        self._watch(
            Report(
                self._before + self._points,
                self._failed,
                self._plan.count,
                self._points / seconds if self._points else float("nan"),
                self._workers.count,
            )
        )

    def _note(self) -> None:
        wall = time.perf_counter() - self._begin
        self._store.note(
            {
                "begun": self._began.isoformat(timespec="seconds"),
                "seconds": round(wall, 3),
                "workers": self._most,
                "hosts": len({host.partition("/")[0] for host in self._hosts}),
                "processes": len(self._hosts),
                "points": self._points,
                "failed": self._failed,
                "seconds_in_tasks": round(self._useful, 3),
            }
        )
