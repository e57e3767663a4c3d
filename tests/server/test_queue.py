"""Who comes while pages are made is told a place, keeps it, and loses it by leaving."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from explorer.server.queue import ASKS_AGAIN_WITHIN_SECONDS, MADE_AT_ONCE, Full, Queue
from tests.server.visitors import Server, Visitor


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def place(queue: Queue, ticket: str) -> str:
    with pytest.raises(Full) as full, queue.turn(ticket):
        raise AssertionError
    assert full.value.status == 202
    return str(full.value)


def test_places_are_kept_and_given_up() -> None:
    clock = Clock()
    queue = Queue(lambda: 0, 100, clock)
    with ExitStack() as made:
        for i in range(MADE_AT_ONCE):
            made.enter_context(queue.turn(f"made {i}"))
        assert [place(queue, t) for t in "abc"] == ["number 1", "number 2", "number 3"]
        assert (place(queue, "b"), queue.waiting) == ("number 2", 3)
        clock.now = ASKS_AGAIN_WITHIN_SECONDS - 1
        for ticket in "bc":
            place(queue, ticket)
        clock.now = ASKS_AGAIN_WITHIN_SECONDS + 1  # a has left
        assert (place(queue, "c"), queue.waiting) == ("number 2", 2)
    with queue.turn("b"):
        assert queue.waiting == 1


def test_a_full_server_says_so() -> None:
    queue = Queue(lambda: 5, 5)
    with pytest.raises(Full) as full, queue.turn("a"):
        raise AssertionError
    assert (full.value.status, queue.waiting) == (503, 0)
    assert "All 5 pages" in full.value.html
    assert 'http-equiv="refresh"' in full.value.html


def test_many_at_once_are_told_their_places_and_all_come_in(server: Server) -> None:
    async def all_of() -> list[Visitor]:
        visitors = [Visitor(server.url) for _ in range(8)]
        for found in await asyncio.gather(*(visitor.fetch() for visitor in visitors)):
            assert found.code == 200
        return visitors

    visitors = asyncio.run(all_of())
    assert sum(bool(visitor.queued) for visitor in visitors) >= 8 - MADE_AT_ONCE
    assert all(visitor.token for visitor in visitors)
    for visitor in visitors:
        assert visitor.queued == sorted(visitor.queued, reverse=True)
