"""Sessions that are left, cut off, or never connected give back what they took."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.test_security import figures
from tests.server.visitors import Server, Visitor, served

WARM = 10
"""Sessions after which everything is loaded, compiled and cached."""


async def visit(server: Server, number: int) -> None:
    """Fetch the page; every third connects and leaves, or is cut off, once it has seen a frame."""
    visitor = Visitor(server.url, {"model": "haldane"})
    await visitor.fetch()
    if number % 6 not in (0, 3):
        return
    await visitor.connect()
    await visitor.wait(lambda head: True, 300)
    if number % 6:
        await visitor.close()
    else:
        visitor.drop()


async def rested(server: Server) -> float:
    """Memory once no session is left [MB]."""
    limit = time.perf_counter() + 120
    while figures(server)["om_explorer_sessions"]:
        assert time.perf_counter() < limit, "sessions are kept"
        await asyncio.sleep(0.5)
    await asyncio.sleep(7)  # what has ended is collected every 5 s
    return server.memory


async def growth(server: Server, sessions: int) -> tuple[float, float]:
    for number in range(WARM):
        await visit(server, number)
    before = await rested(server)
    for number in range(sessions):
        await visit(server, number)
    return before, await rested(server)


@pytest.fixture
def short(tmp_path: Path) -> Iterator[Server]:
    """A server that forgets a session after a second."""
    with served(tmp_path, env=os.environ | {"OM_EXPLORER_KEPT_SECONDS": "1"}) as found:
        yield found


@pytest.mark.parametrize("sessions", [40, pytest.param(100, marks=pytest.mark.long)])
def test_sessions_leave_nothing(short: Server, sessions: int) -> None:
    """Each kept 5 MB once, and one that never connected 2, of which two thirds are here: 3 MB the session."""
    before, after = asyncio.run(growth(short, sessions))
    assert after - before < 1.2 * sessions, f"{before:.0f} MB became {after:.0f}"


@pytest.mark.long
def test_two_thousand_sessions_leave_nothing(short: Server) -> None:
    async def all_of() -> tuple[float, float]:
        await growth(short, 200)  # until caches and the allocator have what they need
        return await growth(short, 2000)

    before, after = asyncio.run(all_of())
    assert after < 1.1 * before, f"{before:.0f} MB became {after:.0f}"
