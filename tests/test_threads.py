"""Pools that are watched: order, turns, and an end at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer.threads import COUNT, Sharing, WatchedPool


def test_results_come_in_order_of_the_work() -> None:
    def work(i: int) -> int:
        time.sleep(0.001 * (i % 3))
        return i * i

    assert list(WatchedPool(lambda: None).map(work, range(40))) == [i * i for i in range(40)]


def test_few_shares_are_handed_over_at_a_time() -> None:
    begun: list[int] = []
    shares = WatchedPool(lambda: None).map(begun.append, range(100))
    next(shares)
    time.sleep(0.05)
    assert len(begun) <= 2 * COUNT
    shares.close()  # type: ignore[attr-defined]
    time.sleep(0.05)
    assert len(begun) <= 2 * COUNT


def test_two_stages_take_turns_in_one_pool() -> None:
    done: list[str] = []
    with ThreadPoolExecutor(1) as pool:

        def work(name: str) -> None:
            time.sleep(0.002)
            done.append(name)

        def stage(name: str) -> None:
            list(WatchedPool(lambda: None, pool).map(work, [name] * 50))

        threads = [threading.Thread(target=stage, args=(name,)) for name in ("long", "short")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    first_half = done[:50]
    assert 10 <= first_half.count("short") <= 40


def test_a_callback_that_raises_ends_the_whole() -> None:
    begun: list[int] = []
    asked = 0

    def watch() -> None:
        nonlocal asked
        asked += 1
        if asked > 3:
            raise InterruptedError

    def work(i: int) -> None:
        time.sleep(0.03)
        begun.append(i)

    with pytest.raises(InterruptedError):
        list(WatchedPool(watch).map(work, range(100)))
    assert len(begun) <= 3 * COUNT


def test_the_caller_works_too_and_results_come_in_order() -> None:
    where: set[str] = set()

    def work(i: int, j: int) -> int:
        where.add(threading.current_thread().name)
        time.sleep(0.002)
        return i * j

    with Sharing() as pool:
        assert list(pool.map(work, range(30), range(30))) == [i * i for i in range(30)]
    assert threading.current_thread().name in where
    assert len(where) <= COUNT + 1


def test_all_share_a_pool_that_one_of_them_fills() -> None:
    """A long stage in the pool's threads does not hold up another caller, who goes on alone."""
    release = threading.Event()
    with Sharing() as pool:
        for _ in range(COUNT):
            pool.submit(release.wait, 10)
        assert list(pool.map(abs, range(-5, 0))) == [5, 4, 3, 2, 1]
        release.set()


def test_an_error_of_a_share_reaches_the_caller_and_ends_the_rest() -> None:
    begun: list[int] = []

    def work(i: int) -> None:
        begun.append(i)
        time.sleep(0.001)
        if i == 3:
            raise ValueError("of share 3")

    with Sharing() as pool, pytest.raises(ValueError, match="of share 3"):
        list(pool.map(work, range(200)))
    assert len(begun) < 3 + 4 * COUNT


def test_what_has_not_begun_when_the_caller_turns_away_never_is() -> None:
    begun: list[int] = []
    with Sharing() as pool:
        shares = pool.map(lambda i: (time.sleep(0.001), begun.append(i)), range(200))
        next(shares)
        shares.close()  # type: ignore[attr-defined]
    assert len(begun) < 4 * COUNT
