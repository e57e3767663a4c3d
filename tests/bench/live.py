"""How live the page is: frames per second in a drag, key press to paint, the last value after a drag, cold
start.

Run `python -m tests.bench.live [--model haldane] [--seconds 5]`; it serves the page itself and drives
Chromium. `--cold` measures the start alone; `--first cri3` how soon all figures of a model stand: from the request
for the page, and from the choice in the sidebar.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from explorer.models.kit.model import catalogue
from tests.e2e.browser import ARGUMENTS, executable

PROBE = """(name) => {
  // Notes the time of every painted frame, and of every event on the slider.
  const deep = (root, test) => {
    for (const el of root.querySelectorAll('*')) {
      if (test(el)) { return el }
      const found = el.shadowRoot && deep(el.shadowRoot, test)
      if (found) { return found }
    }
  }
  const live = deep(document, (el) => el.classList.contains('live'))
  const slider = deep(document, (el) => el.type === 'range' && el.id === `p-${name}`)
  const log = window.__log = {frames: [], keys: [], last: 0}
  const note = () => { log.last = performance.now(); log.keys.push(log.last) }
  new MutationObserver(() => log.frames.push(performance.now()))
    .observe(live, {attributeFilter: ['data-painted']})
  for (const kind of ['input', 'moved']) { slider.addEventListener(kind, note) }
  slider.scrollIntoView({block: 'center'})
  slider.focus()
}"""


@contextmanager
def served(**environment: str) -> Iterator[tuple[str, float, int]]:
    """A server of its own on a free port: its URL, when it was started, and its process."""
    with socket.socket() as s:
        s.bind(("localhost", 0))
        port = s.getsockname()[1]
    start = time.perf_counter()
    code = f"from explorer.cli import main; main(['serve', '--no-show', '--port', '{port}'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ | environment
    )
    try:
        assert process.stdout is not None
        while "http" not in (line := process.stdout.readline()):
            if process.poll() is not None:
                raise RuntimeError("the server ended before it answered")
        yield line.split()[-1].split("?")[0], start, process.pid
    finally:
        process.terminate()
        process.wait()


def processor_seconds(pid: int) -> float:
    """Processor time a process and its descendants have used [s]: counts work, not waiting for other
    programs."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
        except OSError:  # ended meanwhile
            continue
        fields = rest.split()
        if int(name.split(" ", 1)[0]) == pid:
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        elif int(fields[1]) == pid:
            total += processor_seconds(int(name.split(" ", 1)[0]))
    return total


async def drag(page: Page, name: str, seconds: float, server: int) -> dict[str, float]:
    """Move a slider back and forth with the mouse at 60 positions a second, as a hand does: it waits for nothing."""
    await page.evaluate(PROBE, name)
    box = await page.locator(f"#p-{name}").bounding_box()
    assert box is not None
    y, left, width = box["y"] + box["height"] / 2, box["x"] + 0.2 * box["width"], 0.6 * box["width"]
    await page.mouse.move(left + width / 2, y)
    await page.mouse.down()
    await page.evaluate("() => { window.__log.frames.length = window.__log.keys.length = 0 }")
    used = processor_seconds(server)
    start = time.perf_counter()
    moves: list[asyncio.Task[None]] = []
    while (now := time.perf_counter() - start) < seconds:
        # 0.6 of the range a second: slower, and moves within one step of the slider would ask for no frame.
        moves.append(asyncio.create_task(page.mouse.move(left + width * abs(now % 2 - 1), y)))
        await asyncio.sleep(max(0.0, start + len(moves) / 60 - time.perf_counter()))
    used = processor_seconds(server) - used
    count, heard = await page.evaluate("() => [window.__log.frames.length, window.__log.keys.length]")
    await asyncio.gather(*moves)
    await page.mouse.up()
    await asyncio.sleep(1.5)
    # The value is final with the last input event; the first frame after it that shows it ends the wait.
    gap = await page.evaluate(
        "() => (window.__log.frames.find((t) => t > window.__log.last + 1) ?? NaN) - window.__log.last"
    )
    return {
        "frames per second": count / seconds,
        "slider events per second": heard / seconds,
        "server processor time per frame [ms]": 1e3 * used / max(count, 1),
        "first frame after the last move [ms]": gap,
    }


async def key_presses(page: Page, name: str, count: int = 60) -> dict[str, float]:
    """Arrow keys on a slider: from the event to the frame's painting."""
    await page.evaluate(PROBE, name)
    delays = []
    for i in range(count):
        await page.evaluate("() => { window.__log.frames.length = 0; window.__log.keys.length = 0 }")
        await page.keyboard.press("ArrowRight" if i % 20 < 10 else "ArrowLeft")
        await page.wait_for_function(
            "() => window.__log.keys.length && window.__log.frames.length", polling=5, timeout=20_000
        )
        delays.append(await page.evaluate("() => window.__log.frames[0] - window.__log.keys[0]"))
        await asyncio.sleep(0.12)
    delays.sort()
    return {"median [ms]": statistics.median(delays), "95th percentile [ms]": delays[int(0.95 * len(delays))]}


PAINTED = """(count) => {
  const deep = (root) => {
    for (const el of root.querySelectorAll('*')) {
      if (el.classList.contains('live')) { return el }
      const found = el.shadowRoot && deep(el.shadowRoot)
      if (found) { return found }
    }
  }
  return Number(deep(document)?.dataset.painted ?? 0) > count
}"""


async def first_pictures(models: list[str], runs: int) -> None:
    """Print how long the first picture of each model takes, by a server that has been asked for nothing before."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        for model in models:
            for way in ("its address opened", "chosen in the sidebar"):
                taken, used = zip(
                    *[await first_picture(browser, model, way) for _ in range(runs)], strict=True
                )
                print(
                    f"{model}, {way}: first picture after {', '.join(f'{t:.2f}' for t in taken)} s; "
                    f"{statistics.median(used):.1f} processor seconds of the server",
                    flush=True,
                )
        await browser.close()


async def first_picture(browser: Browser, model: str, way: str) -> tuple[float, float]:
    """Seconds till all six figures are painted, and processor seconds of the server."""
    with served() as (url, _, server):
        await rest(server)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        before = 0
        if way == "its address opened":
            used, start = processor_seconds(server), time.perf_counter()
            await page.goto(f"{url}?model={model}", wait_until="commit")
        else:
            await page.goto(url)
            await page.wait_for_selector(".live[data-stage='sharp']", timeout=120_000)
            await rest(server)
            before = int(await page.locator(".live").get_attribute("data-painted") or 0)
            await page.get_by_role("combobox").first.click()
            choice = page.get_by_text(catalogue()[model].title, exact=True)
            await choice.wait_for()
            used, start = processor_seconds(server), time.perf_counter()
            await choice.click()
        await page.wait_for_function(PAINTED, arg=before, polling=10, timeout=120_000)
        taken = time.perf_counter() - start, processor_seconds(server) - used
        await page.close()
        return taken


async def rest(server: int) -> None:
    """Wait until the server computes nothing."""
    before = -1.0
    while (now := processor_seconds(server)) - before > 0.05:
        before = now
        await asyncio.sleep(1.0)


async def cold_start(browser: Browser, **environment: str) -> float:
    """Seconds from the start of the server to the first picture, in a browser that is there but holds no files."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    with served(**environment) as (url, start, _):
        await page.goto(url, wait_until="commit")
        await page.wait_for_function(PAINTED, arg=0, polling=10, timeout=120_000)
        taken = time.perf_counter() - start
    await page.close()
    return taken


async def cold_starts(runs: int) -> None:
    """Print how long a start takes with kernels from an earlier one, and without any."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        with tempfile.TemporaryDirectory() as kept:
            first = await cold_start(browser, NUMBA_CACHE_DIR=kept)
            taken = sorted([await cold_start(browser, NUMBA_CACHE_DIR=kept) for _ in range(runs)])
        print(
            f"start of the server to the first picture: {statistics.median(taken):.1f} s "
            f"({taken[0]:.1f} to {taken[-1]:.1f} in {runs} runs); with no kernel compiled before {first:.1f} s",
            flush=True,
        )
        await browser.close()


async def measure(models: list[str], seconds: float, parameter: str | None) -> None:
    """Print the table."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        with served() as (url, _, server):
            for model in models:
                page = await browser.new_page(viewport={"width": 1440, "height": 900})
                await page.goto(f"{url}?model={model}")
                await page.wait_for_selector(".live[data-stage]", timeout=120_000)
                await asyncio.sleep(3.0)
                first = next(iter(catalogue()[model].quantities()))
                for name in ("mu", "T", parameter or first):
                    rows = {f"drag {k}": v for k, v in (await drag(page, name, seconds, server)).items()}
                    keys = await key_presses(page, name)
                    rows |= {f"key press to paint, {k}": v for k, v in keys.items()}
                    print(
                        f"{model:14} {name:12}",
                        "; ".join(f"{k} {v:.1f}" for k, v in rows.items()),
                        flush=True,
                    )
                await page.close()
        await browser.close()


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", nargs="*", default=["haldane", "cumnas"])
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument(
        "--parameter", default=None, help="model parameter to drag (its first one otherwise)"
    )
    options.add_argument("--first", nargs="+", metavar="MODEL", help="measure the first picture of these")
    options.add_argument("--cold", action="store_true", help="measure the start of the server")
    options.add_argument("--runs", type=int, default=5, help="of starts and of --first")
    chosen = options.parse_args()
    if chosen.first:
        asyncio.run(first_pictures(chosen.first, chosen.runs))
        return
    asyncio.run(cold_starts(chosen.runs))
    if chosen.cold:
        return
    asyncio.run(measure(chosen.model, chosen.seconds, chosen.parameter))


if __name__ == "__main__":
    main()
