"""The tabs' worker: the open tab only, newest frame only, told of and stopped when it takes long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from explorer.views import View
from explorer.views.host import CANCELLED, ViewHost


class Slow(View):
    """Computes until it may end; asks every few milliseconds."""

    title = "Slow"

    def __init__(self) -> None:
        super().__init__(None, lambda: None)  # type: ignore[arg-type]
        self.go = threading.Event()
        self.begun: list[Any] = []
        self.drawn: list[Any] = []
        self.why: list[str] = []
        self.error: Exception | None = None

    def compute(self, frame: Any) -> Any:
        self.begun.append(frame)
        while not self.go.wait(0.005):
            self.progress(0.25)
        if self.error is not None:
            raise self.error
        return frame

    def draw(self, frame: Any, result: Any) -> None:
        self.drawn.append(result)

    def explain(self, why: str) -> None:
        self.why.append(why)


class Frames:
    """As much of a frame as the host looks at."""

    def __init__(self, number: int, stage: str = "mesh") -> None:
        self.number, self.stage = number, stage
        self.state, self.geometry = number, None

    def __repr__(self) -> str:
        return f"frame {self.number}"


class Scene:
    """A host that shows at once, and what it said."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.reports: list[tuple[str, float | None, float]] = []
        self.host = ViewHost(
            lambda view, act: act(), self.failures.append, lambda *report: self.reports.append(report)
        )


@pytest.fixture
def scene() -> Iterator[Scene]:
    found = Scene()
    yield found
    found.host.close()


def wait(test: Callable[[], object], seconds: float = 30.0) -> None:
    limit = time.perf_counter() + seconds
    while not test():
        assert time.perf_counter() < limit
        time.sleep(0.002)


def test_the_newest_frame_is_drawn_last_and_those_between_are_left_out(scene: Scene) -> None:
    view = Slow()
    frames: list[Any] = [Frames(i) for i in range(20)]
    scene.host.show(view)
    scene.host.offer(frames[0])
    wait(lambda: view.begun)
    for frame in frames[1:]:
        scene.host.offer(frame)
    view.go.set()
    wait(lambda: view.drawn and view.drawn[-1] is frames[-1])
    assert view.drawn == [frames[0], frames[-1]]


def test_drafts_are_for_views_that_want_them(scene: Scene) -> None:
    view = Slow()
    view.go.set()
    scene.host.show(view)
    scene.host.offer(Frames(1, "draft"))  # type: ignore[arg-type]
    time.sleep(0.1)
    assert view.begun == []
    scene.host.refresh()
    wait(lambda: view.drawn)


def test_long_work_is_told_of_with_its_share_and_its_end(scene: Scene) -> None:
    view = Slow()
    scene.host.show(view)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: scene.reports)
    text, done, elapsed = scene.reports[0]
    assert (text, done) == ("Slow", 0.25)
    assert elapsed > 0.5
    view.go.set()
    wait(lambda: scene.reports[-1][0] == "")
    assert view.drawn


def test_what_is_quick_is_not_told_of(scene: Scene) -> None:
    view = Slow()
    view.go.set()
    scene.host.show(view)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: view.drawn)
    time.sleep(0.5)
    assert scene.reports == []


def test_cancel_ends_the_work_and_says_so_and_the_next_frame_is_served(scene: Scene) -> None:
    view = Slow()
    scene.host.show(view)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: view.begun)
    scene.host.cancel()
    wait(lambda: view.why == [CANCELLED])
    assert view.drawn == []
    view.go.set()
    scene.host.offer(Frames(2))  # type: ignore[arg-type]
    wait(lambda: view.drawn)
    assert view.drawn[-1].number == 2


def test_another_tab_ends_the_work_of_the_one_before(scene: Scene) -> None:
    left, opened = Slow(), Slow()
    opened.go.set()
    scene.host.show(left)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: left.begun)
    scene.host.show(opened)
    wait(lambda: opened.drawn)
    assert left.drawn == []
    assert left.why == []


def test_a_newer_frame_ends_old_work_that_takes_longer_than_a_second(scene: Scene) -> None:
    view = Slow()
    scene.host.show(view)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: view.begun)
    scene.host.offer(Frames(2))  # type: ignore[arg-type]
    wait(lambda: len(view.begun) == 2)
    view.go.set()
    wait(lambda: view.drawn)
    assert [f.number for f in view.drawn] == [2]


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValueError("no such band"), "Slow: no such band"), (KeyError("x"), "Slow: internal error")],
)
def test_errors_are_told_beside_the_page_and_in_the_tab(scene: Scene, error: Exception, said: str) -> None:
    view = Slow()
    view.error = error
    view.go.set()
    scene.host.show(view)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: view.why)
    assert scene.failures[0].startswith(said)
    assert said.removeprefix("Slow: ") in view.why[0]


def test_a_tab_that_cannot_draw_leaves_the_host_alive(scene: Scene) -> None:
    view = Slow()
    view.go.set()
    view.draw = lambda frame, result: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    scene.host.show(view)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: scene.failures)
    assert "internal error" in scene.failures[0]
    other = Slow()
    other.go.set()
    scene.host.show(other)
    wait(lambda: other.drawn)


class Early(Slow):
    """Shows a first picture before it goes on."""

    def compute(self, frame: Any) -> Any:
        self.early("first")
        return super().compute(frame)


def test_stages_of_one_state_do_not_end_what_is_computed_for_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a first picture at once; another state ends it."""
    monkeypatch.setattr("explorer.views.host.SECONDS_UNDISTURBED", 0.0)
    view = Early()
    scene.host.show(view)
    scene.host.offer(Frames(1))  # type: ignore[arg-type]
    wait(lambda: view.drawn == ["first"])
    scene.host.offer(Frames(1, "sharp"))  # type: ignore[arg-type]
    time.sleep(0.1)
    assert len(view.begun) == 1
    view.go.set()
    wait(lambda: len(view.drawn) == 4)
    assert [f.stage for f in view.begun] == ["mesh", "sharp"]
    view.go.clear()
    scene.host.offer(Frames(2))  # type: ignore[arg-type]
    scene.host.offer(Frames(3))  # type: ignore[arg-type]
    wait(lambda: view.begun[-1].number == 3)
