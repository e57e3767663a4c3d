"""Whatever an address says, the page comes, and says in one sentence what it did not take."""

from __future__ import annotations

import asyncio
import time

from tests.server.visitors import Server, Visitor

BAD = {
    "band=nan": "band=nan",
    "band=inf": "band=inf",
    "band=1e999": "band=1e999",
    "mu=²": "mu=²",
    "model=~nosuchuser": "~nosuchuser",
    "model=%ff": "\ufffd",
    "model=%00": "not opened",
    "model=" + "a/" * 3000: "not opened",
    "model=haldane%23window%3D-1e308:1e308": "energy window",
    "model=haldane%23window%3D0:1e-300": "energy window",
    "model=haldane%23window%3Dnan:1": "energy window",
    "model=haldane&t1=²": "t1=²",
    "model=/tmp/om-explorer-dropped-1-x/y/gone_tb.dat": "dropped on another page",
    "theme=<script>": "theme=<script>",
    "view=<script>": "<script>",
}


async def toasts_of(server: Server, query: str) -> list[str]:
    visitor = Visitor(server.url, query)
    found = await visitor.fetch()
    assert found.code == 200
    await visitor.connect()
    try:
        limit = time.perf_counter() + 20
        while not visitor.toasts and time.perf_counter() < limit:
            await asyncio.sleep(0.02)
        return visitor.toasts
    finally:
        await visitor.close()


def test_a_bad_address_is_one_sentence(server: Server) -> None:
    async def all_of() -> list[list[str]]:
        few = asyncio.Semaphore(4)

        async def one(query: str) -> list[str]:
            async with few:
                return await toasts_of(server, query)

        return await asyncio.gather(*map(one, BAD))

    for (query, said), toasts in zip(BAD.items(), asyncio.run(all_of()), strict=True):
        assert len(toasts) == 1, (query, toasts)
        assert said in toasts[0], query
        assert "\\n" not in toasts[0]
        assert "internal error" not in toasts[0]
    assert "Traceback" not in server.log
    assert "ERROR" not in server.log
