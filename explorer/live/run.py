"""The way of one state through its stages: whether it is still wanted, how far it is, its frames.

A session has one `Slot`, which holds the newest state and knows what the hand, the user and the browser have done
since. A `Run` is what the stages of one state see of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from explorer.live.turns import DRAFTS, Share, Turns

if TYPE_CHECKING:
    from explorer.live.frame import Frame
    from explorer.physics.progress import Watch
    from explorer.session.state import State

SECONDS_BETWEEN_LOOKS = 0.2
"""How often it is asked whether a browser is there [s]."""
SECONDS_UNDISTURBED = 1.0
"""How long the first frame of a state may take before a newer state ends it [s]."""

_ASIDE = ThreadPoolExecutor(max_workers=2, thread_name_prefix="aside")
"""Where the Mott integral is computed: what is outdated ends there by itself at its next question."""

T = TypeVar("T")
Tell = Callable[[str, float, float], None]
"""Hears the stage, the fraction of it that is done, and when it was begun [s of `time.perf_counter`]."""


class Superseded(Exception):  # noqa: N818 - not an error
    """Raised inside a stage by its progress when a newer state or the user cancelled it."""


class Unwatched(Superseded):
    """Raised inside a stage by its progress where nobody looks: it is taken up again when somebody does."""


class Slot:
    """Holds the newest state of a session until the worker takes it: latest wins.

    watched : whether a browser is connected; where none is nothing is sharpened.
    elsewhere : whether an open tab computes what a user waits for; what may come behind it stands still meanwhile.
    """

    def __init__(
        self, watched: Callable[[], bool] = lambda: True, elsewhere: Callable[[], bool] = lambda: False
    ) -> None:
        self.wake = threading.Condition()
        """Held by whoever reads and changes what belongs together; notified of every change."""
        self.stopped = False
        self.share, self.later = Share(), Share()
        """What the session has computed of late: first frames, and what comes after them, which slows no hand."""
        self.elsewhere = elsewhere
        self._watched, self._looked = watched, 0.0
        self._state: State | None = None
        self._arrived = 0.0
        self._generation = 0
        self._cancelled = 0

    def put(self, state: State) -> None:
        """Make this the newest state; it replaces one that is still waiting."""
        with self.wake:
            self._state = state
            self._arrived = time.perf_counter()
            self._generation += 1
            self.wake.notify_all()

    def take(self, left: State | None = None) -> tuple[State, int] | None:
        """Wait for a state, and its generation; None once the slot is closed.

        left : the state whose stages were left because nobody looked; it is given again where somebody does.
        """
        with self.wake:
            while self._state is None and not self.stopped:
                self.wake.wait(None if left is None else SECONDS_BETWEEN_LOOKS)
                if left is not None and self._state is None and self._watched():
                    self._state = left
            state, self._state = self._state, None
            return None if state is None or self.stopped else (state, self._generation)

    def cancel(self) -> None:
        """Make all states that have come so far unwanted."""
        with self.wake:
            self._cancelled = self._generation
            self.wake.notify_all()

    def close(self) -> None:
        """Want nothing any more."""
        with self.wake:
            self.stopped = True
            self._generation += 1
            self.wake.notify_all()

    def outdated(self, generation: int) -> bool:
        """Whether a newer state has come than that of a generation, or the user has cancelled it."""
        return self.stopped or self._generation != generation or self._cancelled >= generation

    def rest(self, generation: int, seconds: float) -> bool:
        """Wait until the newest state has stood for so long; False where the one of a generation is outdated first."""
        with self.wake:
            while not self.outdated(generation):
                left = self._arrived + seconds - time.perf_counter()
                if left <= 0:
                    return True
                self.wake.wait(left)
        return False

    def look(self) -> None:
        """Raise `Unwatched` where no browser is connected."""
        now = time.perf_counter()
        if now - self._looked > SECONDS_BETWEEN_LOOKS:
            if not self._watched():
                raise Unwatched
            self._looked = now


class Run:
    """What the stages of one state see of the session.

    slot : of the session. generation : of the state, as `Slot.take` gave it. tell : hears how far a stage is.
    publish : hands a frame over once the browser has drawn the one before the last.
    """

    def __init__(self, slot: Slot, generation: int, tell: Tell, publish: Callable[[Frame], None]) -> None:
        self.publish = publish
        self._slot, self._generation, self._tell = slot, generation, tell

    @property
    def outdated(self) -> bool:
        """Whether a newer state has come, or the user has cancelled this one."""
        return self._slot.outdated(self._generation)

    def ask(self) -> None:
        """Raise where the stage under way is not to go on."""
        if self.outdated:
            raise Superseded
        self._slot.look()

    def rest(self, seconds: float) -> None:
        """Wait until the hand has rested; Superseded if it moves."""
        if not self._slot.rest(self._generation, seconds):
            raise Superseded

    @contextmanager
    def turn(self, turns: Turns) -> Iterator[None]:
        """Wait for a turn among all sessions; Superseded if the state is outdated before it comes."""
        if turns is not DRAFTS:
            self.ask()
        share = self._slot.share if turns is DRAFTS else self._slot.later
        with turns.turn(share, self.ask):
            yield

    def aside(self, work: Callable[[], T]) -> T:
        """Run work that may not ask for half a second, and leave it behind at once when it is outdated."""
        future = _ASIDE.submit(work)
        while not future.done():
            self.ask()
            wait([future], timeout=0.01)
        return future.result()

    def progress(self, stage: str, *, behind: bool = False) -> Watch:
        """What a stage tells the fraction that is done, and asks whether it is still wanted.

        behind : let the open tab compute first: both draw on the same threads, share by share.
        """
        return _Later(self, self._slot, stage, self._tell, behind)

    def first_progress(self, stage: str) -> Watch:
        """The progress of a state's first frame, which the next tick of a drag does not end.

        Or a fast hand would never see one.
        """
        return _First(self, self._slot, stage, self._tell)


class _First:
    """Progress of a state's first frame: for `SECONDS_UNDISTURBED` it is finished whatever comes."""

    def __init__(self, run: Run, slot: Slot, stage: str, tell: Tell) -> None:
        self._run, self._slot, self._stage, self._tell = run, slot, stage, tell
        self._begun, self._reached = time.perf_counter(), 0.0

    def __call__(self, fraction: float, /) -> None:
        self._reached = max(self._reached, fraction)
        self.ask()

    def ask(self) -> None:
        """Superseded where the slot is closed, or the state outdated and late."""
        late = time.perf_counter() - self._begun > SECONDS_UNDISTURBED
        if self._slot.stopped or (late and self._run.outdated):
            raise Superseded
        self._tell(self._stage, self._reached, self._begun)


class _Later:
    """Progress of a stage after the first frame, which ends as soon as it is outdated or nobody looks."""

    def __init__(self, run: Run, slot: Slot, stage: str, tell: Tell, behind: bool) -> None:
        self._run, self._slot, self._stage, self._tell, self._behind = run, slot, stage, tell, behind
        self._begun, self._reached = time.perf_counter(), 0.0

    def __call__(self, fraction: float, /) -> None:
        self._reached = max(self._reached, fraction)
        self.ask()

    def ask(self) -> None:
        """Superseded or Unwatched where the stage is not to go on; waits while a tab goes first."""
        self._run.ask()
        while self._behind and self._slot.elsewhere():
            time.sleep(0.02)
            self._run.ask()
        self._tell(self._stage, self._reached, self._begun)
