"""Serving the page on this machine, or to many: the address is printed once it answers."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import threading
import webbrowser
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import panel as pn
from bokeh.server.views.ws import WSHandler
from threadpoolctl import threadpool_limits
from tornado.ioloop import PeriodicCallback

from explorer.app import page, quicken_widgets
from explorer.app.admission import EVERYTHING, Admission
from explorer.app.counts import COUNTS
from explorer.app.page import OPEN
from explorer.models.files.reading import read_by
from explorer.server import preload as head_start
from explorer.server.gate import Gate, log_request
from explorer.server.parsing import OWN, STRANGERS, Parser
from explorer.server.queue import Queue
from explorer.server.settings import KEPT_SECONDS, Settings, prefix_of, secret
from explorer.server.watch import patterns
from explorer.session.query import to_query
from explorer.session.uploads import remove_left_over

SWITCH_SECONDS = 0.001
"""How long a computing thread may hold the interpreter while the event loop waits [s]; Python's default is 5
ms."""
LONGEST_MESSAGE = 8 * 2**20
"""Bytes of one message of a browser; files come in pieces of one MiB."""
STOP_SECONDS = 3.0
"""What pages are given to hear that the server ends, and what runs to end itself."""
LOOK_SECONDS = 5.0
"""How often sessions without a connection are looked for."""


M_ARENA_MAX = -8
"""As malloc.h of the GNU C library numbers it."""


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


def serve(settings: Settings | None = None) -> None:
    """Serve the explorer until interrupted.

    Raises
    ------
    ValueError : the port is taken, a folder is none, an origin or the secret is unusable.
    """
    settings = settings or Settings()
    admission = EVERYTHING if settings.local else Admission.below(settings.folders)
    prefix, signing = prefix_of(settings.root_path), secret()
    settings.allowed(settings.port)
    few_arenas()
    read_by(Parser(OWN if settings.local else STRANGERS))
    remove_left_over()
    sys.setswitchinterval(SWITCH_SECONDS)
    # Products of a few numbers wait milliseconds for a second BLAS thread, which spins on the core that draws.
    threadpool_limits(1, "blas")
    quicken_widgets()
    send_at_once()
    queue = Queue(lambda: len(OPEN), settings.most_sessions)
    head_start.give(None if settings.local else queue, prefix)
    threading.Thread(target=warm, name="warm", daemon=True).start()
    pn.extension()
    # A page that was left while it was sent to: no fault of anybody's.
    logging.getLogger("bokeh.server.views.ws").addFilter(
        lambda record: "connection was closed" not in str(record.msg)
    )
    try:
        server = pn.serve(
            {"/": lambda: page(settings.state, admission)},
            address=settings.address,
            port=settings.port,
            show=False,
            start=False,
            verbose=False,
            title="OM explorer",
            # The gate checks origins itself: Bokeh would warn of the wildcard, and know no "same as the host".
            websocket_origin=None,
            prefix=prefix,
            use_xheaders=bool(settings.origins or prefix),
            sign_sessions=True,
            secret_key=signing,
            cookie_secret=signing,
            websocket_max_message_size=LONGEST_MESSAGE,
            check_unused_sessions_milliseconds=int(1000 * LOOK_SECONDS),
            unused_session_lifetime_milliseconds=1000 * kept_seconds(),
            extra_patterns=patterns(lambda: len(OPEN), lambda: queue.waiting),
            log_function=log_request,
            **authentication(settings),
        )
    except OSError as error:
        where = f"{settings.address}:{settings.port}"
        raise ValueError(f"cannot listen on {where}: {error.strerror or error}") from error
    gate = Gate(settings, settings.allowed(server.port))
    gate.install(server._tornado)  # noqa: SLF001 - it has no other door
    WSHandler.check_origin = lambda handler, origin: gate.check_origin(handler, origin)
    server.start()
    query = "?" + urlencode(to_query(settings.state)) if settings.state is not None else ""
    address = settings.address
    host = f"[{address}]" if ":" in address else address  # an IPv6 address in a URL stands in brackets
    url = f"http://{host}:{server.port}{prefix}/{query}"

    def answer() -> None:
        print(f"om-explorer is at {url}", flush=True)
        if settings.show:
            webbrowser.open(url)

    server.io_loop.add_callback(answer)
    tidier = PeriodicCallback(Tidier(), 1000 * LOOK_SECONDS)
    tidier.start()
    end_on_signals(server)
    server.io_loop.start()


def few_arenas() -> None:
    """Let all threads take memory from two places; of one for each thread most would stay with it for ever.

    Measured after twenty sessions of one model: 209 instead of 322 MB.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


class Tidier:
    """Gives back what pages that have ended held: a page is a ring of objects, which waits for a full collection."""

    def __init__(self) -> None:
        self._ended = 0

    def __call__(self) -> None:
        """After ten pages, or once none is open: everything stands still while it lasts, so not after each."""
        ended = COUNTS.pages - len(OPEN)
        if ended - self._ended >= 10 or (ended > self._ended and not OPEN):
            self._ended = ended
            gc.collect()
            if sys.platform == "linux":
                with suppress(OSError, AttributeError):
                    ctypes.CDLL(None).malloc_trim(0)


def kept_seconds() -> int:
    """How long a session is kept without a connection, as of the environment for tests of its end."""
    return int(os.environ.get("OM_EXPLORER_KEPT_SECONDS", KEPT_SECONDS))


def authentication(settings: Settings) -> dict[str, Any]:
    """What Panel is told of who may come in."""
    if settings.password_file is not None:
        return {"basic_auth": settings.password_file}
    if settings.oauth is not None:
        return {"oauth_provider": settings.oauth}
    return {}


def end_on_signals(server: Any) -> None:
    """On SIGINT and SIGTERM: pages are told, files that were sent are removed, what runs is ended; then the loop."""
    loop = server.io_loop
    ending = threading.Event()

    def finish() -> None:
        for shown in list(OPEN):
            shown.close()
        server.stop()
        loop.stop()

    def end() -> None:
        for shown in list(OPEN):
            shown.toast("The server ends: what is on screen stays; the page connects again when it is back.")
        loop.call_later(0.3 if len(OPEN) else 0.0, finish)

    def asked(number: int, frame: object) -> None:
        if ending.is_set():
            os._exit(1)  # asked twice
        ending.set()
        loop.add_callback_from_signal(end)
        overdue = threading.Timer(STOP_SECONDS + 2.0, _leave)
        overdue.daemon = True
        overdue.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked)


def _leave() -> None:
    """End though a thread still computes: it has been told to stop, and asks for that too seldom."""
    from explorer.session.uploads import remove_all

    remove_all()
    sys.stdout.flush()
    os._exit(0)


def warm() -> None:
    """Load what the first page needs while the server starts; the kernels come while the browser builds the page."""
    import markdown_it  # noqa: F401 - Panel loads it while the browser waits otherwise
