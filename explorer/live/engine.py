"""The live loop of one session: latest wins, one worker, stages that sharpen.

One slot holds the newest state. The worker takes it whenever it is free, so a drag shows frames throughout and its
last value at the end; whatever is older is never computed. What is computed of a state is `explorer.live.stages`.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from explorer.live.frame import Frame
    from explorer.live.stages import Stages
    from explorer.meshes.mesh import Progress
    from explorer.session.state import State

UNWATCHED = 0.2
"""How often it is asked whether a browser is there [s]."""
PATIENCE = 0.25
"""How long a frame waits for the browser to acknowledge the one before [s]."""
SPOKEN = 0.5
"""How long a state's first frame may take before it is told that it takes [s]."""
UNASKED = 1.0
"""How long the first frame of a state may take before a newer state ends it [s]."""

_ASIDE = ThreadPoolExecutor(max_workers=2, thread_name_prefix="aside")
"""Where the Mott integral is computed: what is outdated ends there by itself at its next question."""
_SHARPENING = threading.Semaphore(2)
"""Sessions that sharpen at the same time: nobody's frame waits for these."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Superseded(Exception):  # noqa: N818 - not an error
    """Raised inside a stage by its progress callback when a newer state or the user cancelled it."""


class Unwatched(Superseded):
    """Raised the same way where nobody looks: the stages are taken up again when somebody does."""


@dataclass(frozen=True)
class Work:
    """What the engine is doing: a stage, "" at rest; the finished fraction, NaN where that is not known."""

    stage: str
    fraction: float = 0.0
    elapsed: float = 0.0


def _stages() -> Stages:
    from explorer.live.stages import Stages  # all of the physics: the page is sent before it is loaded

    return Stages()


class Engine:
    """Latest-wins worker of one session.

    Parameters
    ----------
    deliver : called in the worker's thread with each new frame; must return quickly.
    report : called in the worker's thread with `Work` while a stage takes longer than half a second, and at rest.
    fail : called in the worker's thread with why a state could not be shown.
    stages : makes what computes the frames; called in the worker's thread with the first state.
    watched : whether a browser is connected; where none is nothing is sharpened.
    elsewhere : whether an open tab computes what a user waits for; what may come behind it stands still meanwhile.
    """

    def __init__(
        self,
        deliver: Callable[[Frame], None],
        report: Callable[[Work], None],
        fail: Callable[[Exception], None],
        stages: Callable[[], Stages] = _stages,
        watched: Callable[[], bool] = lambda: True,
        elsewhere: Callable[[], bool] = lambda: False,
    ) -> None:
        self._deliver, self._report, self._fail, self._make = deliver, report, fail, stages
        self._watched, self._looked, self._left = watched, 0.0, False
        self._elsewhere = elsewhere
        self._wake = threading.Condition()
        self._slot: State | None = None
        self._arrived = 0.0
        self._generation = 0
        self._stopped = False
        self._cancelled = 0
        self._sent = self._acknowledged = 0
        self._told = 0.0
        self._stages: Stages | None = None
        self._begun: float | None = None
        self._busy = threading.Event()
        threading.Thread(target=self._run, name="engine", daemon=True).start()
        threading.Thread(target=self._watch, name="engine's clock", daemon=True).start()

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
        self._busy.set()

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
            self._begun = time.perf_counter()
            self._busy.set()
            try:
                self._stages = self._stages or self._make()
                self._stages.show(state, Run(self, generation))
            except Unwatched:
                self._left = True
            except Superseded:
                pass
            except (ValueError, ArithmeticError, MemoryError) as error:
                self._fail(error)
            except Exception as error:  # the loop must outlive a bug, which goes to the log whole
                log.exception("stage of %s failed", state.source)
                words = f"internal error ({type(error).__name__}), details in the server's log"
                self._fail(RuntimeError(words))
            self._begun = None
            self._report(Work(""))

    def _watch(self) -> None:
        """Tell of a first frame that asks nothing while kernels are loaded or, the first time, compiled."""
        told = False
        while self._busy.wait() and not self._stopped:
            time.sleep(SPOKEN / 2)
            begun, now = self._begun, time.perf_counter()
            if begun is None:
                if told:
                    self._report(Work(""))
                told = False
                self._busy.clear()
                if self._begun is not None:
                    self._busy.set()
            elif now - max(begun, self._told) > SPOKEN:
                self._report(Work("kernels", math.nan))  # nothing that could be cancelled
                told = True

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
        self._begun = None
        self._deliver(frame)


class Run:
    """The way of one state through its stages: whether it is still wanted, how far it is, its frames."""

    def __init__(self, engine: Engine, generation: int) -> None:
        self._engine, self._generation = engine, generation

    @property
    def outdated(self) -> bool:
        """Whether a newer state has come, or the user has cancelled this one."""
        e = self._engine
        return e._stopped or e._generation != self._generation or e._cancelled >= self._generation

    def ask(self) -> None:
        """Raise where the stage under way is not to go on."""
        e = self._engine
        if self.outdated:
            raise Superseded
        now = time.perf_counter()
        if now - e._looked > UNWATCHED:
            if not e._watched():
                raise Unwatched
            e._looked = now

    def rest(self, seconds: float) -> None:
        """Wait until the hand has rested; Superseded if it moves."""
        e = self._engine
        with e._wake:
            while not self.outdated:
                left = e._arrived + seconds - time.perf_counter()
                if left <= 0:
                    return
                e._wake.wait(left)
        raise Superseded

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn to sharpen; Superseded if the state is outdated before it comes."""
        self.ask()
        while not _SHARPENING.acquire(timeout=0.02):
            self.ask()
        try:
            yield
        finally:
            _SHARPENING.release()

    def aside(self, work: Callable[[], T]) -> T:
        """Run work that may not ask for half a second, and leave it behind at once when it is outdated."""
        future = _ASIDE.submit(work)
        while not future.done():
            self.ask()
            wait([future], timeout=0.01)
        return future.result()

    def progress(self, stage: str, *, behind: bool = False) -> Progress:
        """What a stage calls with the fraction that is done: tells it, and ends what is not wanted.

        behind : let the open tab compute first: both draw on the same threads, share by share.
        """
        begun = time.perf_counter()
        reached = 0.0

        def progress(fraction: float) -> None:
            nonlocal reached
            self.ask()
            while behind and self._engine._elsewhere():
                time.sleep(0.02)
                self.ask()
            if fraction == fraction:  # NaN asks whether to go on and tells nothing
                reached = max(reached, fraction)
            self._engine._tell(stage, reached, begun)

        return progress

    def first_progress(self, stage: str) -> Progress:
        """The same for a state's first frame, which the next tick of a drag does not end.

        Or a fast hand would never see one.
        """
        begun = time.perf_counter()

        def progress(fraction: float) -> None:
            late = time.perf_counter() - begun > UNASKED
            if self._engine._stopped or (late and self.outdated):
                raise Superseded
            self._engine._tell(stage, fraction, begun)

        return progress

    def publish(self, frame: Frame) -> None:
        """Hand a frame over once the browser has drawn the one before the last."""
        self._engine._publish(frame)
