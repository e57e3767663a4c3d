"""Serving the page on this machine: the address is printed once it answers."""

from __future__ import annotations

import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import panel as pn
from bokeh.server.views.ws import WSHandler
from threadpoolctl import threadpool_limits

from explorer.app import page, quicken_widgets
from explorer.app.admission import EVERYTHING, Admission
from explorer.server import preload as head_start
from explorer.session.query import to_query
from explorer.session.state import State

SWITCH_SECONDS = 0.001
"""How long a computing thread may hold the interpreter while the event loop waits [s]; Python's default is 5
ms."""


def send_at_once() -> None:
    """Let Bokeh's sockets send small messages at once.

    Bokeh writes each message in three pieces; by Nagle's algorithm the second would wait up to 40 ms until the
    browser has acknowledged the first.
    """
    opened = WSHandler.open

    def undelayed(handler: WSHandler) -> None:
        opened(handler)
        if handler.ws_connection is not None:
            handler.set_nodelay(True)

    WSHandler.open = undelayed


LOCAL = ("localhost", "127.0.0.1", "::1")
"""Addresses that only this machine reaches."""


def serve(
    address: str = "localhost",
    port: int = 5006,
    show: bool = True,
    state: State | None = None,
    folders: Sequence[str | Path] = (),
) -> None:
    """Serve the explorer until interrupted.

    Parameters
    ----------
    address, port : where to listen; port 0 takes a free one.
    show : open a browser.
    state : what a page shows whose URL says nothing.
    folders : where others reach the server, pages open files by path below these alone; on `LOCAL` addresses any.

    Raises
    ------
    ValueError : the port is taken, or a folder is none.
    """
    admission = EVERYTHING if address in LOCAL else Admission.below(folders)
    sys.setswitchinterval(SWITCH_SECONDS)
    # Products of a few numbers wait milliseconds for a second BLAS thread, which spins on the core that draws.
    threadpool_limits(1, "blas")
    quicken_widgets()
    send_at_once()
    head_start.give()
    threading.Thread(target=warm, name="warm", daemon=True).start()
    pn.extension("mathjax")
    try:
        server = pn.serve(
            {"/": lambda: page(state, admission)},
            address=address,
            port=port,
            show=False,
            start=False,
            verbose=False,
            title="OM explorer",
            websocket_origin=None if address in LOCAL else "*",
        )
    except OSError as error:
        raise ValueError(f"cannot listen on {address}:{port}: {error.strerror or error}") from error
    server.start()
    query = "?" + urlencode(to_query(state)) if state is not None else ""
    host = f"[{address}]" if ":" in address else address  # an IPv6 address in a URL stands in brackets
    url = f"http://{host}:{server.port}/{query}"

    def answer() -> None:
        print(f"om-explorer is at {url}", flush=True)
        if show:
            webbrowser.open(url)

    server.io_loop.add_callback(answer)
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        server.stop()


def warm() -> None:
    """Load what the first page needs while the server starts; the kernels come while the browser builds the page."""
    import markdown_it  # noqa: F401 - Panel loads it while the browser waits otherwise
