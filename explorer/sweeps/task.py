"""What one worker does at once: some points of some chunks, each chunk written whole, data first and status last."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from explorer import threads
from explorer.export.datasets import program_versions
from explorer.session.source import open_source
from explorer.session.source_name import SourceName
from explorer.sweeps.plan import Plan, content_of
from explorer.sweeps.point import Template, Values, compute_point, failure, template
from explorer.sweeps.store import Block, Store

Point = tuple[int, ...]


class RefusedError(Exception):
    """A worker cannot compute this plan at all: it has other programs, or other files."""


@dataclass(frozen=True)
class Job:
    """Points of one chunk that are to be computed. known : what is known of some of them, values or why they failed."""

    block: Block
    points: tuple[Point, ...]
    known: Mapping[Point, Values | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a task did: how many points, how many of them failed, the seconds they took, and where."""

    points: int
    failed: int
    seconds: float
    host: str


@dataclass(frozen=True)
class Measured:
    """Points computed before there is a store: values or reasons, seconds of the later ones, what all have."""

    found: Mapping[Point, Values | str]
    seconds: tuple[float, ...]
    template: Template | None


def compute(store: Path, text: str, jobs: Sequence[Job]) -> Outcome:
    """Compute jobs of a plan's text and write them to its store.

    Raises RefusedError, and OSError where the store cannot be written.
    """
    threads.compute_with(1)
    plan, begin = accepted(text), time.perf_counter()
    opened, failed, count = Store(store), 0, 0
    if opened.plan.text != text and opened.plan.differences(plan):
        raise RefusedError(f"{store} on {socket.gethostname()} is the store of another sweep")
    for job in jobs:
        found = {p: job.known[p] if p in job.known else _attempt(plan, p)[0] for p in job.points}
        opened.write(job.block, found)
        failed += sum(isinstance(f, str) for f in found.values())
        count += len(found)
    return Outcome(count, failed, time.perf_counter() - begin, f"{socket.gethostname()}/{os.getpid()}")


def measure(text: str, points: Sequence[Point], seconds: float) -> Measured:
    """Compute points until so many seconds are over, and how long each takes after the first, which compiles."""
    threads.compute_with(1)
    plan, begin = accepted(text), time.perf_counter()
    found: dict[Point, Values | str] = {}
    taken, common = [], None
    for point in points:
        start = time.perf_counter()
        found[point], own = _attempt(plan, point)
        taken.append(time.perf_counter() - start)
        common = common or own
        if time.perf_counter() - begin > seconds:
            break
    return Measured(found, tuple(taken[1:] or taken), common)


@lru_cache(maxsize=4)
def accepted(text: str) -> Plan:
    """The plan of a text, where this process has the programs and the files that it names; else RefusedError."""
    plan, here = Plan.read(text), program_versions()
    other = [f"{name} {v}, not {here.get(name)}" for name, v in plan.versions.items() if here.get(name) != v]
    if other:
        raise RefusedError(f"the sweep is of {'; '.join(other)} as on {socket.gethostname()}")
    for source in plan.sources:
        try:
            found = open_source(source.text, plan.parameters, **plan.options).fingerprint
            content = "" if not source.content else content_of(SourceName.parse(source.text).path)
        except (OSError, ValueError) as problem:
            raise RefusedError(f"{source.label} on {socket.gethostname()}: {failure(problem)}") from None
        if (found, content) != (source.fingerprint, source.content):
            raise RefusedError(
                f"{source.label} on {socket.gethostname()} is not what the sweep was begun with"
            )
    return plan


def _attempt(plan: Plan, point: Point) -> tuple[Values | str, Template | None]:
    """Values of a point, or why there are none, and what its dataset has in common with every other."""
    try:
        values, data = compute_point(plan, point)
    except Exception as problem:  # whatever it is, the other points go on
        return failure(problem), None
    return values, template(values, data)
