"""How long the server takes from a slider's message to the bytes for the browser, by a live engine."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from explorer.live.engine import Engine
from explorer.live.frame import Frame
from explorer.live.stages import SECONDS_BEFORE_MESH, Stages
from explorer.meshes.cache import GeometryCache
from explorer.session.state import State, default_state
from explorer.views.live.writer import MessageWriter
from tests.bench.ratios import Row

TICKS = 80
PAUSE = 0.012
"""Between a frame and the next tick [s]: less than the rest after which the final mesh is begun."""


class Watched:
    """An engine whose frames become messages at once, each with the time when its bytes were there."""

    def __init__(self) -> None:
        self._written: queue.Queue[tuple[float, Frame]] = queue.Queue()
        self._writer, self._count = MessageWriter(), 0
        cache = GeometryCache(capacity=2**30)
        self.engine = Engine(self._deliver, lambda _: None, self._fail, lambda: Stages(cache))

    def _deliver(self, frame: Frame) -> None:
        self._count += 1
        self._writer.write(frame, self._count, False)
        self._written.put((time.perf_counter(), frame))
        self.engine.acknowledge(self._count)

    def _fail(self, problem: Exception) -> None:
        raise problem

    def tick(self, state: State) -> tuple[float, Frame]:
        """Seconds from the message to the first frame of a state."""
        start = time.perf_counter()
        self.engine.submit(state)
        while True:
            end, frame = self._written.get(timeout=60)
            shown = frame.state
            same = (shown.parameters, shown.mu, shown.temperature) == (
                state.parameters,
                state.mu,
                state.temperature,
            )
            if same:
                return end - start, frame

    def settled(self, state: State) -> int:
        """Points a side of the final mesh, once it stands."""
        self.engine.submit(state)
        while True:
            _, frame = self._written.get(timeout=60)
            if frame.stage in ("mesh", "sharp"):
                return frame.geometry.mesh


def tick_rows() -> Iterator[Row]:
    """A tick of mu and T on the final mesh, of a parameter on the mesh of a drag, and that drag's final mesh."""
    for key, parameter, bound in (("haldane", "t1", 8.0), ("cumnas", "neel_tilt", 25.0)):
        watched = Watched()
        try:
            state = default_state(key)
            first = dict(state.parameters)[parameter]
            mesh = watched.settled(state)
            for name, values in (
                ("mu", state.mu + 1e-3 * np.arange(1, TICKS)),
                ("T", 300 + np.arange(1.0, TICKS)),
            ):
                field = "mu" if name == "mu" else "temperature"
                times = [watched.tick(replace(state, **{field: float(v)}))[0] for v in _paused(values)]
                yield _row(f"server, tick of {name}, {key}, {mesh} x {mesh} [ms]", 5.0, times)
            times, meshes = [], set()
            for i, value in enumerate(_paused(first * (1 + 1e-3 * np.arange(1, TICKS)))):
                seconds, frame = watched.tick(state.with_parameter(parameter, float(value)))
                if i >= TICKS // 4:  # the first ones find the mesh that a drag can afford
                    times.append(seconds)
                    meshes.add(frame.geometry.mesh)
            drawn = " and ".join(f"{m} x {m}" for m in sorted(meshes))
            yield _row(f"server, tick of {parameter}, {key} [ms]", bound, times, f"on {drawn}")
            times = []
            for i in range(8):
                moved = state.with_parameter(parameter, first * (0.99 - 1e-3 * i))
                start = time.perf_counter()
                watched.settled(moved)
                times.append(time.perf_counter() - start)
            yield _row(
                f"server, final mesh after a drag, {key} [ms]",
                300.0,
                times,
                f"{1e3 * SECONDS_BEFORE_MESH:.0f} ms of them rest",
            )
        finally:
            watched.engine.close()


def _paused(values: np.ndarray) -> Iterator[float]:
    for value in values:
        yield value
        time.sleep(PAUSE)


def _row(what: str, target: float, seconds: list[float], detail: str = "") -> Row:
    low, middle, high = 1e3 * np.percentile(seconds, (25, 50, 75))
    return Row(what, target, True, float(middle), float(low), float(high), detail)
