"""Runs the tabs beside the live one: computes for the open tab only, newest frame only, off the event
loop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.live.run import Superseded
from explorer.views import View

if TYPE_CHECKING:
    from explorer.live.frame import Frame

SECONDS_UNTOLD = 0.5
"""How long a tab computes before the page says so [s]."""
SECONDS_BETWEEN_REPORTS = 0.2
"""Time between two reports of how far a tab is [s]."""
SECONDS_UNDISTURBED = 1.0
"""How long an older frame may be finished though there is a newer [s]: a fast hand shall see some on the way."""
CANCELLED = "cancelled; it is computed again when something changes, or when the tab is opened again"

Report = Callable[[str, float | None, float], None]
"""Hears what is computed ("" at rest), the fraction done (None: not known), and the seconds it has taken."""

log = logging.getLogger(__name__)


class _Computing:
    """The watch under which a view computes."""

    def __init__(self, host: ViewHost) -> None:
        self._tell, self.ask = host.done, host.ask

    def __call__(self, fraction: float, /) -> None:
        self._tell(fraction)
        self.ask()


class ViewHost:
    """Latest-wins worker for views.

    present : called from the worker's thread with a view and what changes its picture; runs that on the session's
    event loop, if and when the view's tab stands. fail : tells the user what went wrong. report : as of `Report`.
    """

    def __init__(
        self, present: Callable[[View, Callable[[], None]], None], fail: Callable[[str], None], report: Report
    ) -> None:
        self._present, self._fail, self._report = present, fail, report
        self._wake = threading.Condition()
        self._active: View | None = None
        self._frame: Frame | None = None
        self._due = self._changed = False
        self._served: Frame | None = None
        self._stopped = False
        self._running: View | None = None
        self._begun = 0.0
        self._done: float | None = None
        self._cancelled = False
        for name, run in (("views", self._run), ("views-clock", self._tell)):
            threading.Thread(target=run, name=name, daemon=True).start()

    def show(self, view: View | None) -> None:
        """The tab that is open now."""
        with self._wake:
            self._active = view
            self._changed = True
            self._due = view is not None and self._frame is not None
            self._wake.notify_all()

    @property
    def computing(self) -> bool:
        """Whether the open tab computes, or is about to."""
        return self._active is not None and (self._due or self._running is not None)

    def offer(self, frame: Frame) -> None:
        """A new frame; kept for the tab that opens next where the open one does not want it."""
        with self._wake:
            self._frame = frame
            if self._active is not None and (frame.stage != "draft" or self._active.live):
                self._due = True
                # The stages of one state do not end what is computed for it: they bring it nothing new.
                served = self._served
                same = (
                    served is not None and served.geometry is frame.geometry and served.state == frame.state
                )
                self._changed |= not same
                self._wake.notify_all()

    def refresh(self) -> None:
        """Compute the open view again: one of its own options changed."""
        with self._wake:
            self._due = self._active is not None and self._frame is not None
            self._changed = True
            self._wake.notify_all()

    def cancel(self) -> None:
        """Stop what is computed for the open tab; what it shows stays."""
        with self._wake:
            self._cancelled = True

    def close(self) -> None:
        """End the worker."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    # -- the worker's thread

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._due or self._stopped):
                    self._wake.wait()
                if self._stopped:
                    return
                view, frame, self._due, self._cancelled = self._active, self._frame, False, False
                self._changed, self._served = False, frame
                if view is None or frame is None:
                    continue
                self._running, self._begun, self._done = view, time.perf_counter(), None
                self._wake.notify_all()
            self._serve(view, frame)
            with self._wake:
                self._running = None
                self._wake.notify_all()

    def _serve(self, view: View, frame: Frame) -> None:
        view.progress = _Computing(self)
        view.early = partial(self._show, view, frame)  # type: ignore[method-assign]
        try:
            result = view.compute(frame)
        except Superseded:
            if self._cancelled:
                self._present(view, lambda: view.explain(CANCELLED))
        except (ValueError, ArithmeticError, MemoryError) as error:
            self._refuse(view, str(error) or type(error).__name__)
        except Exception as error:  # the tabs must outlive a bug, which goes to the log whole
            log.exception("view %s failed", view.key)
            self._refuse(view, f"internal error ({type(error).__name__}), details in the server's log")
        else:
            self._show(view, frame, result)

    def done(self, fraction: float) -> None:
        """Hear from the view that computes how much is done."""
        self._done = max(self._done or 0.0, fraction)

    def ask(self) -> None:
        """Superseded where what the open view computes is no longer wanted."""
        late = time.perf_counter() - self._begun > SECONDS_UNDISTURBED
        if self._stopped or self._cancelled or self._running is not self._active or (self._changed and late):
            raise Superseded

    def _show(self, view: View, frame: Frame, result: Any) -> None:
        self._present(view, lambda: self._draw(view, frame, result))

    def _refuse(self, view: View, text: str) -> None:
        self._fail(f"{view.title}: {text}")
        self._present(view, lambda: view.explain(text))

    def _draw(self, view: View, frame: Frame, result: Any) -> None:
        try:
            view.draw(frame, result)
        except Exception as error:  # a tab that cannot draw must not take the page with it
            log.exception("view %s failed to draw", view.key)
            self._fail(f"{view.title}: internal error ({type(error).__name__}), details in the server's log")

    # -- the clock's thread

    def _tell(self) -> None:
        """Report what takes long, whether or not it asks; and the end of it."""
        told = False
        while True:
            with self._wake:
                while self._running is None and not told and not self._stopped:
                    self._wake.wait()
                if self._stopped:
                    return
                # Of a tab that was left nothing is told, though it may need a moment to end.
                wanted = self._running is self._active and not self._cancelled
                view, done, elapsed = self._running, self._done, time.perf_counter() - self._begun
            if view is None or not wanted:
                if told:
                    self._report("", None, 0.0)
                told = False
            elif elapsed > SECONDS_UNTOLD:
                self._report(view.title, done, elapsed)
                told = True
            time.sleep(SECONDS_BETWEEN_REPORTS)
