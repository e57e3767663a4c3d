"""How a server fares with many sessions: `python -m tests.bench.visitors [--sessions 50] [--minutes 3] [--hogs tbg]`.

Each session speaks the page's own websocket protocol and moves mu every 2 to 5 s; hogs move a parameter of a large
model all the time. Told: time to the document and to the first frame where all come at once, the tick's median and
95th percentile, sessions lost, memory, and errors in the server's log.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.server.visitors import LostError, Server, Visitor, served

MODELS = {"haldane": (-0.5, 0.5), "cumnas": (-0.3, 0.3), "rashba": (-0.05, 0.1), "mos2": (0.9, 1.2)}
HOGS = {"tbg": ("angle", (1.05, 1.6)), "cri3": ("position_matrices", (0.0, 1.0)), "none": ("", (0.0, 0.0))}


class Told:
    """What the sessions have seen [s]."""

    def __init__(self) -> None:
        self.documents: list[float] = []
        self.first: list[float] = []
        self.ticks: list[float] = []
        self.lost = 0


async def session(server: Server, model: str, until: float, told: Told, rng: random.Random) -> None:
    visitor, begun = Visitor(server.url, {"model": model}), time.perf_counter()
    try:
        await visitor.fetch()
        told.documents.append(time.perf_counter() - begun)
        await visitor.connect()
        visitor.say("LiveCanvas", {"opened": 1440})
        await visitor.wait(lambda head: True, 300)
        told.first.append(time.perf_counter() - begun)
        while time.perf_counter() < until:
            await asyncio.sleep(rng.uniform(2, 5))
            told.ticks.append(await visitor.tick(round(rng.uniform(*MODELS[model]), 4)))
    except (LostError, TimeoutError, ValueError):
        told.lost += 1
    finally:
        await visitor.close()


async def hog(server: Server, model: str, until: float, rng: random.Random) -> None:
    name, bounds = HOGS[model]
    visitor = Visitor(server.url, {"model": model})
    await visitor.open()
    while time.perf_counter() < until:
        await asyncio.sleep(0.05 if model == "tbg" else 0.5)
        value = rng.choice(bounds) if model == "cri3" else round(rng.uniform(*bounds), 4)
        visitor.move(name, value)
    await visitor.close()


async def crowd(server: Server, sessions: int, minutes: float, hogs: str, how_many: int) -> Told:
    told, until, rng = Told(), time.perf_counter() + 60 * minutes, random.Random(0)
    models = list(MODELS)
    work = [session(server, models[i % len(models)], until, told, random.Random(i)) for i in range(sessions)]
    work += [hog(server, hogs, until, rng) for _ in range(how_many if hogs != "none" else 0)]
    await asyncio.gather(*work)
    return told


def spread(seconds: list[float]) -> str:
    if not seconds:
        return "-"
    middle, high = 1e3 * np.percentile(seconds, (50, 95))
    return f"{middle:.0f} / {high:.0f} ms"


def main() -> None:
    """Print one row."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.visitors", description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--hogs", choices=HOGS, default="none")
    parser.add_argument("--how-many", type=int, default=10, help="hogs")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        told = asyncio.run(crowd(server, options.sessions, options.minutes, options.hogs, options.how_many))
        print(
            f"{options.sessions} sessions, {options.how_many if options.hogs != 'none' else 0} hogs {options.hogs}, "
            f"load {load:.1f} before: document {spread(told.documents)}, first frame {spread(told.first)}, "
            f"tick {spread(told.ticks)} of {len(told.ticks)}, lost {told.lost}, {server.memory:.0f} MB, "
            f"errors {server.log.count('ERROR') + server.log.count('Traceback')}",
            flush=True,
        )


if __name__ == "__main__":
    main()
