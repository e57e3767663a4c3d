"""Progress of parts as progress of the whole, and the contract of the pools."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer.physics.progress import UNATTENDED, Pool, Watch, part_of
from explorer.threads import Sharing, WatchedPool


class Stopped(Exception):  # noqa: N818 - what a watch raises is no error
    """What the watch below raises."""


class Stopping:
    """A watch that has had enough at a fraction."""

    def __init__(self, enough: float) -> None:
        self.enough, self.heard, self.asked = enough, list[float](), 0

    def __call__(self, fraction: float, /) -> None:
        self.heard.append(fraction)
        self.ask()

    def ask(self) -> None:
        self.asked += 1
        if self.heard and self.heard[-1] >= self.enough:
            raise Stopped


def test_parts_of_parts_are_fractions_of_the_whole() -> None:
    heard: list[float] = []
    second_half = part_of(heard.append, 0.5, 1.0)
    assert second_half is not None
    second_half(0.5)
    part_of(second_half, 0.0, 0.2)(1.0)
    assert heard == pytest.approx([0.75, 0.6])


def test_nobody_is_told_of_a_part_where_nobody_is_told_of_the_whole() -> None:
    assert part_of(None, 0.0, 0.5) is None


def test_a_part_of_watched_work_is_watched_and_asks_the_whole() -> None:
    watch = Stopping(0.4)
    half = part_of(watch, 0.0, 0.5)
    assert isinstance(half, Watch)
    half(0.5)
    half.ask()
    assert (watch.heard, watch.asked) == ([0.25], 2)
    with pytest.raises(Stopped):
        half(0.9)
    with pytest.raises(Stopped):
        half.ask()


def test_a_part_of_what_only_listens_cannot_be_asked() -> None:
    assert not isinstance(part_of(print, 0.0, 0.5), Watch)


def test_all_pools_keep_one_contract() -> None:
    with ThreadPoolExecutor(2) as plain, Sharing() as sharing:
        pools: list[Pool] = [plain, sharing, WatchedPool(UNATTENDED.ask, plain)]
        for pool in pools:
            assert list(pool.map(lambda a, b: a - b, range(50), range(1, 51))) == [-1] * 50


def test_a_watched_pool_ends_where_its_watch_does() -> None:
    watch = Stopping(0.0)
    watch.heard.append(0.0)
    with pytest.raises(Stopped):
        list(WatchedPool(watch.ask).map(abs, range(10)))
