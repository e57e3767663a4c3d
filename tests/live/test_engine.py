"""The live loop: newest state wins, mu and T never recompute geometry, everything can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from panel.reactive import Syncable

from explorer import app
from explorer.live.engine import Engine, Work
from explorer.live.frame import Frame
from explorer.live.stages import Stages
from explorer.meshes import cache as meshes
from explorer.meshes.cache import GeometryCache
from explorer.physics.carriers.filling import PER_CM2
from explorer.physics.carriers.triangle_count import COUNT
from explorer.physics.integration.adaptive import adaptive_response
from explorer.session.state import State, default_state, opened


class Listener:
    """Collects what an engine says."""

    def __init__(self, acknowledges: bool = True, cache: GeometryCache | None = None) -> None:
        self.frames: list[Frame] = []
        self.failures: list[Exception] = []
        self.work: list[Work] = []
        self._acknowledges = acknowledges
        self.watched, self.elsewhere = True, False
        kept = cache or GeometryCache(2**28)
        self.engine = Engine(
            self._take,
            self.work.append,
            self.failures.append,
            lambda: Stages(kept),
            lambda: self.watched,
            lambda: self.elsewhere,
        )

    def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        if self._acknowledges:
            self.engine.acknowledge(len(self.frames))

    def wait(self, test: Callable[[], bool], seconds: float = 60.0) -> None:
        limit = time.perf_counter() + seconds
        while not test():
            assert time.perf_counter() < limit, (self.failures, [(f.stage, f.state.mu) for f in self.frames])
            time.sleep(0.005)


@pytest.fixture
def state() -> State:
    return default_state("haldane")


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.engine.close()


def test_stages_follow_one_another(listener: Listener, state: State) -> None:
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames) and listener.frames[-1].curves.adaptive)
    stages = [f.stage for f in listener.frames]
    assert stages == sorted(stages, key=["draft", "mesh", "sharp"].index)
    final = listener.frames[-1]
    assert final.point.adaptive
    assert np.isfinite(final.point.chi_error).all()
    # The mesh's own answer is within what it said of its error, or within a percent of the curve.
    mesh = next(f for f in reversed(listener.frames) if f.stage == "mesh")
    slack = 3 * mesh.point.chi_error + 0.02 * np.abs(final.curves.chi).max()
    assert (np.abs(mesh.point.chi - final.point.chi) <= slack).all()


def test_carriers_are_counted_by_triangles_where_the_hand_rests(listener: Listener, state: State) -> None:
    """A plain sum before, within 5 %; then the density of an adaptive count, to 0.2 %, and at once for the next mu."""
    h = opened(state).hamiltonian

    def adaptive(mu: float) -> float:
        both = adaptive_response(h, COUNT, np.array([mu, 1e3]), state.temperature, rtol=1e-5).chi[0, :, 0]
        return float(both[0] - both[1] / h.size) * PER_CM2  # half filling is neutral

    moved = replace(state, mu=state.mu + 0.1)
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames) and listener.frames[-1].stage == "sharp")
    seen = len(listener.frames)
    listener.engine.submit(moved)
    listener.wait(lambda: len(listener.frames) > seen)
    mesh = next(f for f in listener.frames if f.stage == "mesh")
    assert mesh.point.density == pytest.approx(adaptive(state.mu), rel=0.05)
    assert listener.frames[seen - 1].point.density == pytest.approx(adaptive(state.mu), rel=2e-3)
    assert listener.frames[seen].stage == "mesh"
    assert listener.frames[seen].point.density == pytest.approx(adaptive(moved.mu), rel=2e-3)


def test_the_newest_state_wins_and_old_ones_are_dropped(listener: Listener, state: State) -> None:
    for i in range(200):
        listener.engine.submit(replace(state, mu=0.001 * i))
    listener.wait(lambda: bool(listener.frames) and listener.frames[-1].state.mu == pytest.approx(0.199))
    assert len(listener.frames) < 100


@pytest.mark.parametrize("held_up", [0.0, 0.05])
def test_mu_and_temperature_reuse_the_geometry(
    state: State, listener: Listener, held_up: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the draft was held up, on a busy machine: then the final mesh comes in two steps."""
    plain = meshes.mesh_geometry

    def slow(source: object, n: int, progress: object = None) -> object:
        if n <= 24:
            time.sleep(held_up)
        return plain(source, n, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(meshes, "mesh_geometry", slow)
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames) and listener.frames[-1].stage == "sharp")
    mesh = listener.frames[-1].geometry
    moved = replace(state, mu=state.mu + 0.05, temperature=250.0)
    listener.engine.submit(moved)
    listener.wait(lambda: listener.frames[-1].state == moved)
    first = next(f for f in listener.frames if f.state == moved)
    assert first.geometry is mesh
    assert first.stage == "mesh"


def test_a_held_density_is_met_at_every_stage_temperature_and_parameter(
    listener: Listener, state: State
) -> None:
    """The frame's own count of carriers, at the mu it was given, is the density asked for: 2.5e13 per cm2."""
    held = replace(state, density=2.5, temperature=400.0)
    for asked in (held, replace(held, temperature=900.0), held.with_parameter("mass", 0.7)):
        seen = len(listener.frames)
        listener.engine.submit(asked)
        listener.wait(lambda seen=seen: any(f.stage == "sharp" for f in listener.frames[seen:]))  # type: ignore[misc]
        for frame in listener.frames[seen:]:
            assert frame.point.density == pytest.approx(2.5e13, rel=1e-6)
            assert frame.state == replace(asked, mu=frame.state.mu)
    listener.engine.submit(replace(held, density=1e5))
    listener.wait(lambda: bool(listener.failures))
    assert "out of reach" in str(listener.failures[0])


def test_an_input_is_inside_its_result(listener: Listener, state: State) -> None:
    moved = state.with_parameter("mass", 0.77)
    listener.engine.submit(moved)
    listener.wait(lambda: bool(listener.frames))
    assert listener.frames[0].state == moved
    assert listener.frames[0].geometry.source.parameters["mass"] == 0.77


def test_a_silent_browser_slows_the_frames_but_stops_nothing(state: State) -> None:
    listener = Listener(acknowledges=False)
    try:
        for i in range(4):
            listener.engine.submit(replace(state, mu=0.01 * i))
            time.sleep(0.05)
        listener.wait(lambda: bool(listener.frames) and listener.frames[-1].state.mu == pytest.approx(0.03))
    finally:
        listener.engine.close()


def test_a_first_frame_that_asks_nothing_is_told(
    listener: Listener, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while kernels are compiled; and the end of it, before anything is sharpened."""
    plain = meshes.mesh_geometry

    def slow(source: object, n: int, progress: object = None) -> object:
        time.sleep(1.2 if n <= 24 else 0.0)
        return plain(source, n, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(meshes, "mesh_geometry", slow)
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames))
    assert [w.stage for w in listener.work][:1] == ["kernels"]
    assert listener.work[0].fraction is None
    listener.wait(lambda: "" in [w.stage for w in listener.work])
    seen = len(listener.work)
    listener.wait(lambda: listener.frames[-1].curves.adaptive)
    assert "kernels" not in [w.stage for w in listener.work[seen:]]


def test_an_error_is_told_and_the_next_state_is_served(listener: Listener, state: State) -> None:
    listener.engine.submit(replace(state, source="no-such-model"))
    listener.wait(lambda: bool(listener.failures))
    assert "no-such-model" in str(listener.failures[0])
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames))


def test_cancel_keeps_what_is_there(listener: Listener, state: State) -> None:
    listener.engine.submit(state)
    listener.wait(lambda: any(f.stage == "mesh" for f in listener.frames))
    listener.engine.cancel()
    listener.wait(lambda: bool(listener.work) and listener.work[-1].stage == "")
    count = len(listener.frames)
    time.sleep(0.6)
    assert len(listener.frames) <= count + 1
    assert not listener.frames[-1].curves.adaptive


def test_the_cache_computes_nothing_twice(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    plain = meshes.mesh_geometry

    def counted(source: object, n: int, progress: object = None) -> object:
        calls.append(n)
        time.sleep(0.05)
        return plain(source, n, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(meshes, "mesh_geometry", counted)
    cache = GeometryCache(2**28)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get(state, 12))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls.count(12) == 1
    assert all(f is found[0] for f in found)


def test_the_cache_is_bounded(state: State) -> None:
    one = meshes.mesh_geometry(opened(state), 12).nbytes
    cache = GeometryCache(int(2.5 * one))
    for i in range(5):
        cache.get(state.with_parameter("mass", 0.1 * i), 12)
    held = [i for i in range(5) if cache.peek(state.with_parameter("mass", 0.1 * i), 12)]
    assert held == [3, 4]


def test_panel_still_has_the_private_debounce(monkeypatch: pytest.MonkeyPatch) -> None:
    """quicken_widgets sets a private attribute of the pinned Panel: it must be the one that is read."""
    import inspect

    monkeypatch.setattr(Syncable, "_debounce", Syncable._debounce)
    assert isinstance(Syncable._debounce, int)
    assert "self._debounce" in inspect.getsource(Syncable._server_change)
    app.quicken_widgets()
    assert Syncable._debounce == app.DEBOUNCE_MILLISECONDS


def test_numbered_slider_messages_go_around_panel_and_the_others_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`Direct` overrides a private method of the pinned Panel: it must be the one that hears the browser."""
    import inspect

    from bokeh.document import Document
    from panel.models.esm import DataEvent

    assert "self._server_event" in inspect.getsource(Syncable._register_events)
    heard, passed = [], []
    monkeypatch.setattr(Syncable, "_server_event", lambda self, doc, event: passed.append(event.data))
    sliders = app.LiveSliders(heard.append)
    for data in ({"name": "mu", "value": 0.1, "n": 7}, {"refused": "text"}):
        sliders._server_event(Document(), DataEvent(None, data))
    assert [d["n"] for d in heard] == [7]
    assert passed == [{"refused": "text"}]


def test_nothing_is_sharpened_while_nobody_looks(listener: Listener, state: State) -> None:
    listener.watched = False
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames))
    time.sleep(1.5)
    assert not any(f.point.adaptive for f in listener.frames)
    assert listener.work[-1].stage == ""
    listener.watched = True
    listener.wait(lambda: listener.frames[-1].curves.adaptive)
    assert listener.frames[-1].state == state


def test_a_state_that_comes_while_nobody_looks_is_the_one_taken_up(listener: Listener, state: State) -> None:
    listener.watched = False
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames))
    newer = replace(state, mu=state.mu + 0.1)
    listener.engine.submit(newer)
    time.sleep(0.8)
    listener.watched = True
    listener.wait(lambda: listener.frames[-1].point.adaptive)
    assert listener.frames[-1].state == newer


def test_an_open_tab_computes_before_the_curves(listener: Listener, state: State) -> None:
    listener.elsewhere = True
    listener.engine.submit(state)
    listener.wait(lambda: bool(listener.frames) and listener.frames[-1].point.adaptive)
    time.sleep(0.3)
    assert not listener.frames[-1].curves.adaptive
    listener.elsewhere = False
    listener.wait(lambda: listener.frames[-1].curves.adaptive)
