"""Whose turn it is: light sessions before heavy ones, and a place that heavy ones never hold."""

from __future__ import annotations

import threading
import time

import pytest

from explorer.live.turns import HALF_LIFE, Share, Turns


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def heavy() -> Share:
    share = Share()
    share.add(10.0)
    return share


def test_what_was_long_ago_counts_less() -> None:
    clock = Clock()
    share = Share(clock)
    share.add(1.0)
    clock.now = 2 * HALF_LIFE
    assert share.used == pytest.approx(0.25, rel=1e-12)
    share.add(0.5)
    assert share.used == pytest.approx(0.75, rel=1e-12)


def test_heavy_sessions_never_hold_the_last_place() -> None:
    turns, entered, leave = Turns(2, 1), threading.Semaphore(0), threading.Event()

    def hog() -> None:
        with turns.turn(heavy()):
            entered.release()
            leave.wait(10)

    hogs = [threading.Thread(target=hog) for _ in range(5)]
    for thread in hogs:
        thread.start()
    assert entered.acquire(timeout=5)
    assert not entered.acquire(timeout=0.1)  # the others wait
    begun = time.perf_counter()
    with turns.turn(Share()):
        assert time.perf_counter() - begun < 5
        assert not entered.acquire(timeout=0.1)
    leave.set()
    for thread in hogs:
        thread.join(10)
    assert all(not thread.is_alive() for thread in hogs)


def test_who_has_computed_least_is_next_and_keeps_the_place() -> None:
    turns, order, begin = Turns(1, 1), [], threading.Event()

    def session(name: str, share: Share) -> None:
        with turns.turn(share):
            order.append(name)

    with turns.turn(Share()):
        threads = []
        for name, share in (("heavy", heavy()), ("first", Share()), ("second", Share())):
            threads.append(threading.Thread(target=session, args=(name, share)))
            threads[-1].start()
            while share.place is None:
                time.sleep(0.001)
        begin.set()
    for thread in threads:
        thread.join(10)
    assert order == ["first", "second", "heavy"]


def test_who_waits_no_longer_leaves_the_queue() -> None:
    turns, asked = Turns(1, 1), Share()

    class GoneError(Exception):
        pass

    def gone() -> None:
        raise GoneError

    with turns.turn(Share()), pytest.raises(GoneError), turns.turn(asked, gone):
        raise AssertionError
    place = asked.place
    assert place is not None  # and comes back to its place
    with turns.turn(asked):
        assert asked.place is None
    with turns.turn(Share()):
        pass
