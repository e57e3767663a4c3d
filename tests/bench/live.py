"""How live the page is: frames per second in a drag, key press to paint, the last value after a drag, cold
start.

Run `python -m tests.bench.live [--model haldane] [--seconds 5]`; it serves the page itself and drives
Chromium.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.browser import launch

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
  const slider = deep(document, (el) => el.type === 'range' && el.getAttribute('aria-label') === name)
  const log = window.__log = {frames: [], keys: [], last: 0}
  const note = () => { log.last = performance.now(); log.keys.push(log.last) }
  new MutationObserver(() => log.frames.push(performance.now()))
    .observe(live, {attributeFilter: ['data-painted']})
  for (const kind of ['input', 'moved']) { slider.addEventListener(kind, note) }
  slider.scrollIntoView({block: 'center'})
  slider.focus()
}"""


@contextmanager
def served() -> Iterator[tuple[str, float, int]]:
    """A server of its own on a free port: its URL, when it was started, and its process."""
    with socket.socket() as s:
        s.bind(("localhost", 0))
        port = s.getsockname()[1]
    start = time.perf_counter()
    code = f"from explorer.serve import serve; serve(port={port}, show=False)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
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


def wait_for_rest(page: Page) -> None:
    """Until no frame has been painted for two seconds (five minutes at most)."""
    page.wait_for_function(
        """() => { const l = window.__log, n = performance.now(); l.begun ??= n;
        return n - Math.max(l.begun, l.frames.at(-1) ?? 0) > 2000 }""",
        timeout=300_000,
    )


def drag(page: Page, name: str, seconds: float, server: int) -> dict[str, float]:
    """Move a slider back and forth with the mouse at 60 positions a second."""
    page.evaluate(PROBE, name)
    box = page.get_by_role("slider", name=name, exact=True).bounding_box()
    assert box is not None
    y, left, width = box["y"] + box["height"] / 2, box["x"] + 0.2 * box["width"], 0.6 * box["width"]
    page.mouse.move(left + width / 2, y)
    page.mouse.down()
    page.evaluate("() => { window.__log.frames.length = window.__log.keys.length = 0 }")
    used = processor_seconds(server)
    start = time.perf_counter()
    step = 0
    while (now := time.perf_counter() - start) < seconds:
        step += 1
        # 0.6 of the range a second: slower, and moves within one step of the slider would ask for no frame.
        page.mouse.move(left + width * abs(now % 2 - 1), y)
        time.sleep(max(0.0, start + step / 60 - time.perf_counter()))
    used = processor_seconds(server) - used
    count, moves = page.evaluate("() => [window.__log.frames.length, window.__log.keys.length]")
    page.mouse.up()
    time.sleep(1.5)
    # The value is final with the last input event; the first frame after it that shows it ends the wait.
    gap = page.evaluate(
        "() => (window.__log.frames.find((t) => t > window.__log.last + 1) ?? NaN) - window.__log.last"
    )
    return {
        "frames per second": count / seconds,
        "slider events per second": moves / seconds,
        "server processor time per frame [ms]": 1e3 * used / max(count, 1),
        "first frame after the last move [ms]": gap,
    }


def key_presses(page: Page, name: str, count: int = 60) -> dict[str, float]:
    """Arrow keys on a slider: from the event to the frame's painting."""
    page.evaluate(PROBE, name)
    delays = []
    for i in range(count):
        page.evaluate("() => { window.__log.frames.length = 0; window.__log.keys.length = 0 }")
        page.keyboard.press("ArrowRight" if i % 20 < 10 else "ArrowLeft")
        page.wait_for_function(
            "() => window.__log.keys.length && window.__log.frames.length", polling=5, timeout=20_000
        )
        delays.append(page.evaluate("() => window.__log.frames[0] - window.__log.keys[0]"))
        time.sleep(0.12)
    delays.sort()
    return {"median [ms]": statistics.median(delays), "95th percentile [ms]": delays[int(0.95 * len(delays))]}


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", nargs="*", default=["haldane", "cumnas"])
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument(
        "--parameter", default=None, help="model parameter to drag (its first one otherwise)"
    )
    chosen = options.parse_args()
    from models.base import catalogue

    with served() as (url, start, server), sync_playwright() as playwright:
        browser = launch(playwright)
        for model in chosen.model:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{url}?model={model}")
            page.wait_for_selector(".live[data-stage]", timeout=120_000)
            if model == chosen.model[0]:
                print(f"cold start to the first picture: {time.perf_counter() - start:.1f} s")
            time.sleep(3.0)
            parameter = chosen.parameter or next(iter(catalogue()[model].quantities()))
            for name in ("mu", "T", parameter):
                rows = {f"drag {k}": v for k, v in drag(page, name, chosen.seconds, server).items()}
                rows |= {f"key press to paint, {k}": v for k, v in key_presses(page, name).items()}
                print(f"{model:14} {name:12}", "; ".join(f"{k} {v:.1f}" for k, v in rows.items()), flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
