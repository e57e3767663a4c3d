"""What is being computed, in the header: words, a bar, and a button that stops it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

SECONDS_BEFORE_CANCEL = 3.0
"""Seconds after which work can be cancelled."""


@dataclass(frozen=True)
class Job:
    """text : "" where nothing is under way. fraction : done, None where that is not known. elapsed [s]."""

    text: str = ""
    fraction: float | None = None
    elapsed: float = 0.0


class WorkBar:
    """Shows one of several kinds of work: the first that is under way.

    cancel : what stops each kind, in the order in which they are shown.
    """

    def __init__(self, cancel: Mapping[str, Callable[[], None]]) -> None:
        self._cancel = cancel
        self._jobs = dict.fromkeys(cancel, Job())
        self._text = pn.pane.HTML("", margin=(0, 8), stylesheets=[STYLE], align="center")
        self._button = pmui.Button(
            label="Cancel",
            variant="outlined",
            size="small",
            color="light",
            visible=False,
            margin=0,
            sx={"color": "#fff"},
        )
        self._button.on_click(lambda _: self._stop())

    def layout(self) -> Any:
        """A row for the header."""
        return pmui.Row(
            pn.Spacer(sizing_mode="stretch_width"),
            self._text,
            self._button,
            sizing_mode="stretch_width",
            align="center",
        )

    def job(self, kind: str) -> Job:
        """What this kind of work is at."""
        return self._jobs[kind]

    def show(self, kind: str, job: Job) -> None:
        """Another step of this kind of work, on the event loop."""
        self._jobs[kind] = job
        shown = next((job for job in self._jobs.values() if job.text), Job())
        self._text.object = work_html(shown)
        self._button.visible = shown.elapsed > SECONDS_BEFORE_CANCEL

    def _stop(self) -> None:
        shown = next((kind for kind, job in self._jobs.items() if job.text), None)
        if shown is not None:
            self._cancel[shown]()


def work_html(job: Job) -> str:
    """A line of words, with a bar where it is known how much is done."""
    if not job.text:
        return ""
    words = escape(job.text)
    if job.fraction is None:
        return f"<span role=status class=work title='{words}'><span class=words>{words}</span> …</span>"
    percent = f"{100 * job.fraction:.0f}"
    return (
        f"<span class=work title='{words}'><span class=words>{words}</span> {percent} %</span>"
        f"<progress max=100 value={percent} aria-label='{words}'></progress>"
    )


STYLE = """
:host { color: #fff; min-width: 0; }
.work { white-space: nowrap; vertical-align: middle; font-variant-numeric: tabular-nums; }
progress { appearance: none; width: 110px; height: 6px; margin-left: 10px; vertical-align: middle; border: 0;
  border-radius: 3px; overflow: hidden; background: rgb(0 0 0 / .3); }
progress::-webkit-progress-bar { background: rgb(0 0 0 / .3); }
progress::-webkit-progress-value { background: #fff; }
progress::-moz-progress-bar { background: #fff; }
@media (max-width: 700px) { .words, progress { display: none; } .work { font-size: 13px; } }
"""
