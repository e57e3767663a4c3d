"""The live loop of one session: latest wins, one worker, stages that sharpen.

    submit(state) -> draft (coarse mesh, at once) -> mesh (final meshes) -> sharp (adaptive, with error bars)

One slot holds the newest state. The worker takes it whenever it is free, so a drag shows frames throughout
and its last value at the end; whatever is older is never computed. Stages after the draft start when the hand
rests, and a newer state cancels them through their progress callback. mu, T and the fields never recompute
geometry: when the final mesh is cached their first frame is already of stage "mesh".
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from explorer.frames import (
    Curves,
    Frame,
    at_density,
    integral_curves,
    mesh_curves,
    mesh_point,
    sharp_curves,
    sharp_point,
)
from explorer.meshes import LADDER, LARGE, SHARED, GeometryCache, MeshGeometry, Progress
from explorer.session import State, opened

DRAFT_SECONDS = 0.01
"""What a frame on a coarse mesh may cost while a parameter is dragged: as much again is the browser's."""
MESH_SECONDS = 20.0
"""What the finest mesh of a large model may cost."""
REST = 0.06
"""Rest of the hand before the final mesh is begun [s]."""
LONG_REST = 0.35
"""Rest before the adaptive quadrature is begun [s]."""
UNWATCHED = 0.2
"""How often it is asked whether a browser is there [s]."""
PATIENCE = 0.25
"""How long a frame waits for the browser to acknowledge the one before [s]."""

_ASIDE = ThreadPoolExecutor(max_workers=2, thread_name_prefix="aside")
"""Where the Mott integral is computed: what is outdated ends there by itself at its next question."""

log = logging.getLogger(__name__)

_AT_ONCE = threading.Semaphore(2)
"""Sessions that compute a frame at the same time; the kernels share all cores anyway."""
_SHARPENING = threading.Semaphore(2)
"""Sessions that sharpen at the same time: nobody's frame waits for these."""


class Superseded(Exception):  # noqa: N818 - not an error
    """Raised inside a stage by its progress callback when a newer state or the user cancelled it."""


class Unwatched(Superseded):
    """Raised the same way where nobody looks: the stages are taken up again when somebody does."""


@dataclass(frozen=True)
class Work:
    """What the engine is doing: a stage and the finished fraction; stage "" is rest. note : a message, or
    "".
    """

    stage: str
    fraction: float = 0.0
    elapsed: float = 0.0
    note: str = ""


class Engine:
    """Latest-wins worker of one session.

    Parameters
    ----------
    deliver : called in the worker's thread with each new frame; must return quickly.
    report : called in the worker's thread with `Work` while a stage takes longer than half a second, and at
    rest.
    fail : called in the worker's thread with the message of a ValueError.
    cache : where geometries are kept.
    watched : whether a browser is connected; where none is nothing is sharpened.
    """

    def __init__(
        self,
        deliver: Callable[[Frame], None],
        report: Callable[[Work], None],
        fail: Callable[[str], None],
        cache: GeometryCache = SHARED,
        watched: Callable[[], bool] = lambda: True,
    ) -> None:
        self._deliver, self._report, self._fail, self._cache = deliver, report, fail, cache
        self._watched, self._looked, self._left = watched, 0.0, False
        self._wake = threading.Condition()
        self._slot: State | None = None
        self._arrived = 0.0
        self._generation = 0
        self._stopped = False
        self._cancelled = 0
        self._sent = self._acknowledged = 0
        self._told = 0.0
        self._curves: tuple[MeshGeometry, Curves] | None = None
        self._draft_rates: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, state: State) -> None:
        """Make this the state to show; replaces one that is still waiting."""
        with self._wake:
            self._slot = state
            self._arrived = time.perf_counter()
            self._generation += 1
            self._wake.notify_all()

    def acknowledge(self, count: int) -> None:
        """The browser has drawn frame number `count` (frames are numbered by delivery from 1)."""
        with self._wake:
            self._acknowledged = max(self._acknowledged, min(count, self._sent))
            self._wake.notify_all()

    def cancel(self) -> None:
        """Stop the stage under way; what is on screen stays."""
        with self._wake:
            self._cancelled = self._generation
            self._wake.notify_all()

    def close(self) -> None:
        """End the worker."""
        with self._wake:
            self._stopped = True
            self._generation += 1
            self._wake.notify_all()

    def _run(self) -> None:
        shown: State | None = None
        while True:
            with self._wake:
                while (state := self._slot) is None and not self._stopped:
                    self._wake.wait(UNWATCHED if self._left else None)
                    if self._left and self._slot is None and self._watched():
                        self._slot = shown
                if state is None or self._stopped:
                    return
                generation = self._generation
                self._slot, self._left, shown = None, False, state
            try:
                self._serve(state, generation)
            except Unwatched:
                self._left = True
            except Superseded:
                pass
            except (ValueError, ArithmeticError, MemoryError) as error:
                self._fail(str(error) or type(error).__name__)
            except Exception as error:  # the loop must outlive a bug, which goes to the log whole
                log.exception("stage of %s failed", state.source)
                self._fail(f"internal error ({type(error).__name__}), details in the server's log")
            self._report(Work(""))

    def _serve(self, state: State, generation: int) -> None:
        first = self._finest_cached(state)
        coarse = self._draft_mesh(state) if first is None else first.mesh
        begun = time.perf_counter()

        def draft_progress(fraction: float) -> None:
            # Not cancelled by the next tick of a drag, or a fast hand would never see a frame.
            if self._stopped or (time.perf_counter() - begun > 1.0 and self._outdated(generation)):
                raise Superseded
            self._tell("draft", fraction, begun)

        with _AT_ONCE:
            fleeting = self._draft_seconds(state, coarse) <= DRAFT_SECONDS
            fleeting &= self._next_mesh(state, coarse) != coarse
            geometry = first or self._cache.get(state, coarse, draft_progress, keep=not fleeting)
            final = self._cache_is_final(state, geometry)
            state = at_density(geometry, state, draft=not final)
            frame = self._frame(state, geometry, "mesh" if final else "draft")
            if first is None:
                self._note_draft(state.source, (time.perf_counter() - begun) / coarse**2)
        self._publish(frame)
        while not self._cache_is_final(state, geometry):
            self._rest(generation, REST)
            finer = self._next_mesh(state, geometry.mesh)
            with _AT_ONCE:
                geometry = self._cache.get(state, finer, self._progress("mesh", generation))
                state = at_density(geometry, state)
                frame = self._frame(state, geometry, "mesh")
            self._publish(frame)
        self._rest(generation, LONG_REST)
        with self._turn(generation):
            progress = self._progress("point", generation)
            point = sharp_point(geometry, state, frame.curves, frame.point, progress)
        frame = replace(frame, point=point, stage="sharp")
        self._publish(frame)
        if not frame.curves.adaptive:
            with self._turn(generation):
                curves = sharp_curves(geometry, state, frame.curves, self._progress("curve", generation))
            self._curves = (geometry, curves)
            frame = replace(frame, curves=curves)
            self._publish(frame)
        if not np.isfinite(frame.curves.alpha_integral).all():
            with self._turn(generation):
                progress = self._progress("integral", generation)
                work = partial(integral_curves, geometry, state, frame.curves, progress)
                curves = self._aside(work, generation)
            self._curves = (geometry, curves)
            self._publish(replace(frame, curves=curves))

    def _frame(self, state: State, geometry: MeshGeometry, stage: str) -> Frame:
        kept = self._curves
        if kept is None or kept[0] is not geometry or kept[1].temperature != state.temperature:
            kept = (geometry, mesh_curves(geometry, state))
            self._curves = kept
        picture, point = mesh_point(geometry, state, draft=stage == "draft")
        return Frame(state, stage, geometry, picture, kept[1], point)

    def _finest_cached(self, state: State) -> MeshGeometry | None:
        return next((m for n in reversed(LADDER) if (m := self._cache.peek(state, n))), None)

    def _draft_mesh(self, state: State) -> int:
        stored = self._cache.stored(state)
        if stored is not None:
            return stored
        if self._cache.seconds(state, 1) is None:
            return 24 if opened(state).hamiltonian.size < LARGE else LADDER[0]
        fitting = [n for n in LADDER[:6] if self._draft_seconds(state, n) <= DRAFT_SECONDS]
        return fitting[-1] if fitting else LADDER[0]

    def _draft_seconds(self, state: State, n: int) -> float:
        """Expected time of a frame on a coarse mesh: as measured, before that twice the geometry's."""
        rate = self._draft_rates.get(state.source)
        return 2 * (self._cache.seconds(state, n) or DRAFT_SECONDS) if rate is None else rate * n * n

    def _note_draft(self, source: str, rate: float) -> None:
        # The first may hold a compilation, and a part does not grow with the mesh: down at once, up slowly.
        before = self._draft_rates.get(source, rate)
        self._draft_rates[source] = min(rate, 0.9 * before + 0.1 * rate)

    def _next_mesh(self, state: State, n: int) -> int:
        """The finest mesh where that takes no time, else the next one of four times the points."""
        stored = self._cache.stored(state)
        if stored is not None and stored > n:
            return stored
        if self._cache.seconds(state, 1) is None:
            self._cache.measure(state)
        affordable = [m for m in LADDER if m > n and (self._cache.seconds(state, m) or 0.0) <= MESH_SECONDS]
        quick = [m for m in affordable if (self._cache.seconds(state, m) or 0.0) <= 0.5]
        if quick:
            return quick[-1]
        return next((m for m in affordable if m >= 2 * n), n)

    def _cache_is_final(self, state: State, geometry: MeshGeometry) -> bool:
        return self._next_mesh(state, geometry.mesh) == geometry.mesh

    def _outdated(self, generation: int) -> bool:
        return self._stopped or self._generation != generation or self._cancelled >= generation

    def _ask(self, generation: int) -> None:
        """Raise where the stage under way is not to go on."""
        if self._outdated(generation):
            raise Superseded
        now = time.perf_counter()
        if now - self._looked > UNWATCHED:
            if not self._watched():
                raise Unwatched
            self._looked = now

    def _rest(self, generation: int, seconds: float) -> None:
        """Wait until the hand has rested; Superseded if it moves."""
        with self._wake:
            while not self._outdated(generation):
                left = self._arrived + seconds - time.perf_counter()
                if left <= 0:
                    return
                self._wake.wait(left)
        raise Superseded

    @contextmanager
    def _turn(self, generation: int) -> Iterator[None]:
        """Wait for a turn to sharpen; Superseded if the state is outdated before it comes."""
        self._ask(generation)
        while not _SHARPENING.acquire(timeout=0.02):
            self._ask(generation)
        try:
            yield
        finally:
            _SHARPENING.release()

    def _aside(self, work: Callable[[], Curves], generation: int) -> Curves:
        """Run work that may not ask for half a second, and leave it behind at once when it is outdated."""
        future = _ASIDE.submit(work)
        while not future.done():
            self._ask(generation)
            wait([future], timeout=0.01)
        return future.result()

    def _progress(self, stage: str, generation: int) -> Progress:
        begun = time.perf_counter()
        reached = 0.0

        def progress(fraction: float) -> None:
            nonlocal reached
            self._ask(generation)
            if fraction == fraction:  # NaN asks whether to go on and tells nothing
                reached = fraction
            self._tell(stage, reached, begun)

        return progress

    def _tell(self, stage: str, fraction: float, begun: float) -> None:
        now = time.perf_counter()
        if now - begun > 0.4 and now - self._told > 0.1:
            self._told = now
            self._report(Work(stage, fraction, now - begun))

    def _publish(self, frame: Frame) -> None:
        """Hand a frame over once the browser has drawn the one before the last."""
        limit = time.perf_counter() + PATIENCE
        with self._wake:
            while self._sent - self._acknowledged >= 2 and not self._stopped:
                left = limit - time.perf_counter()
                if left <= 0:
                    self._acknowledged = self._sent - 1
                    break
                self._wake.wait(left)
            if self._stopped:
                raise Superseded
            self._sent += 1
        self._deliver(frame)
