"""The live loop of one session: latest wins, one worker, stages that sharpen.

One slot holds the newest state. The worker takes it whenever it is free, so a drag shows frames throughout and its
last value at the end; whatever is older is never computed. What is computed of a state is `explorer.live.stages`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.live.run import Run, Slot, Superseded, Unwatched

if TYPE_CHECKING:
    from explorer.live.frame import Frame
    from explorer.live.stages import Stages
    from explorer.session.state import State

SECONDS_FOR_A_PAINT = 0.25
"""How long a frame waits for the browser to acknowledge the one before [s]."""
SECONDS_UNTOLD = 0.5
"""How long a state's first frame may take before it is told that it takes [s]."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What the engine is doing: a stage, "" at rest; the finished fraction, None where that is not known."""

    stage: str
    fraction: float | None = 0.0
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
        self._slot = Slot(watched, elsewhere)
        self._sent = self._acknowledged = 0
        self._told = 0.0
        self._stages: Stages | None = None
        self._begun: float | None = None
        self._busy = threading.Event()
        threading.Thread(target=self._run, name="engine", daemon=True).start()
        threading.Thread(target=self._watch, name="engine's clock", daemon=True).start()

    def submit(self, state: State) -> None:
        """Make this the state to show; replaces one that is still waiting."""
        self._slot.put(state)

    def acknowledge(self, count: int) -> None:
        """The browser has drawn frame number `count` (frames are numbered by delivery from 1)."""
        with self._slot.wake:
            self._acknowledged = max(self._acknowledged, min(count, self._sent))
            self._slot.wake.notify_all()

    def cancel(self) -> None:
        """Stop the stage under way; what is on screen stays."""
        self._slot.cancel()

    def close(self) -> None:
        """End the worker."""
        self._slot.close()
        self._busy.set()

    def _run(self) -> None:
        left: State | None = None
        while taken := self._slot.take(left):
            left, (state, generation) = None, taken
            self._begun = time.perf_counter()
            self._busy.set()
            try:
                self._stages = self._stages or self._make()
                self._stages.show(state, Run(self._slot, generation, self._tell, self._publish))
            except Unwatched:
                left = state
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
        while self._busy.wait() and not self._slot.stopped:
            time.sleep(SECONDS_UNTOLD / 2)
            begun, now = self._begun, time.perf_counter()
            if begun is None:
                if told:
                    self._report(Work(""))
                told = False
                self._busy.clear()
                if self._begun is not None:
                    self._busy.set()
            elif now - max(begun, self._told) > SECONDS_UNTOLD:
                self._report(Work("kernels", None))  # nothing that could be cancelled
                told = True

    def _tell(self, stage: str, fraction: float, begun: float) -> None:
        now = time.perf_counter()
        if now - begun > 0.4 and now - self._told > 0.1:
            self._told = now
            self._report(Work(stage, fraction, now - begun))

    def _publish(self, frame: Frame) -> None:
        """Hand a frame over once the browser has drawn the one before the last."""
        limit = time.perf_counter() + SECONDS_FOR_A_PAINT
        with self._slot.wake:
            while self._sent - self._acknowledged >= 2 and not self._slot.stopped:
                left = limit - time.perf_counter()
                if left <= 0:
                    self._acknowledged = self._sent - 1
                    break
                self._slot.wake.wait(left)
            if self._slot.stopped:
                raise Superseded
            self._sent += 1
        self._begun = None
        self._deliver(frame)
