"""Runs the tabs beside the live one: computes for the open tab only, newest frame only, off the event
loop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from explorer.frames import Frame
from explorer.views import View

log = logging.getLogger(__name__)


class ViewHost:
    """Latest-wins worker for views. `later` runs a function on the session's event loop, under hold."""

    def __init__(self, later: Callable[[Callable[[], None]], None], fail: Callable[[str], None]) -> None:
        self._later, self._fail = later, fail
        self._wake = threading.Condition()
        self._active: View | None = None
        self._frame: Frame | None = None
        self._due = False
        self._stopped = False
        threading.Thread(target=self._run, name="views", daemon=True).start()

    def show(self, view: View | None) -> None:
        """The tab that is open now."""
        with self._wake:
            self._active = view
            self._due = view is not None and self._frame is not None
            self._wake.notify_all()

    def offer(self, frame: Frame) -> None:
        """A new frame; kept for the tab that opens next where the open one does not want it."""
        with self._wake:
            self._frame = frame
            if self._active is not None and (frame.stage != "draft" or self._active.live):
                self._due = True
                self._wake.notify_all()

    def refresh(self) -> None:
        """Compute the open view again: one of its own options changed."""
        with self._wake:
            self._due = self._active is not None and self._frame is not None
            self._wake.notify_all()

    def close(self) -> None:
        """End the worker."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._due or self._stopped):
                    self._wake.wait()
                if self._stopped:
                    return
                view, frame, self._due = self._active, self._frame, False
            if view is None or frame is None:
                continue
            try:
                result = view.compute(frame)
            except (ValueError, ArithmeticError, MemoryError) as error:
                self._fail(f"{view.title}: {error}")
                continue
            except Exception as error:  # the tabs must outlive a bug, which goes to the log whole
                log.exception("view %s failed", view.key)
                self._fail(
                    f"{view.title}: internal error ({type(error).__name__}), details in the server's log"
                )
                continue
            self._later(lambda view=view, frame=frame, result=result: self._draw(view, frame, result))  # type: ignore[misc]

    def _draw(self, view: View, frame: Frame, result: Any) -> None:
        if view is self._active:
            view.draw(frame, result)
