"""What every request passes: which host it names, which session; and the headers of every answer."""

from __future__ import annotations

import logging
import re
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from bokeh.server.views.ws import WSHandler
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, ErrorHandler, RequestHandler

from explorer.server.settings import Settings

log = logging.getLogger("explorer.requests")
_count = count(1)
_numbers: WeakKeyDictionary[HTTPServerRequest, int] = WeakKeyDictionary()
"""Requests under way, numbered."""

CONTENT = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss: data: blob:; worker-src 'self' "
    "blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)
"""Panel writes scripts into its pages and makes modules of text (blob:, and eval for templates of Bokeh): scripts of
other hosts are refused, those of the page itself cannot be told apart. So whatever is foreign is text, never HTML."""


class Refused(ErrorHandler):
    """A request that is not answered, with why in one line."""

    def initialize(self, status_code: int, why: str = "") -> None:
        """Keep why."""
        super().initialize(status_code)
        self._why = why

    def check_xsrf_cookie(self) -> None:
        """Nothing is done, whoever asks."""

    def write_error(self, status_code: int, **rest: Any) -> None:
        """Text, so that nothing of the request can become HTML."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{self._why}\n")


class Gate:
    """Guards a server; hosts : as of `Settings.allowed`."""

    def __init__(self, settings: Settings, hosts: list[str]) -> None:
        self._settings, self._hosts = settings, hosts
        self._names = {host.rpartition(":")[0] if re.search(r":\d+$", host) else host for host in hosts}

    def install(self, application: Application) -> None:
        """Ask first, whatever is asked for."""
        find = application.find_handler

        def guarded(request: HTTPServerRequest, **kwargs: Any) -> Any:
            number = _numbers[request] = next(_count)
            why = self.why_not(request)
            if why is not None:
                log.warning("request %d refused: %s", number, why[1])
                arguments = {"status_code": why[0], "why": why[1]}
                return application.get_handler_delegate(request, Refused, arguments)
            return find(request, **kwargs)

        application.find_handler = guarded  # type: ignore[method-assign]
        dress(self._settings)

    def why_not(self, request: HTTPServerRequest) -> tuple[int, str] | None:
        """Why a request is not answered: its status, and words."""
        if "bokeh-session-id" in request.query_arguments or "bokeh-token" in request.query_arguments:
            return 403, "a session is not taken from an address: open the page without it"
        if "Bokeh-Session-Id" in request.headers:
            return 403, "a session is not taken from a header"
        # A page of another name that leads here (DNS rebinding) names that name.
        if self._hosts and _name(request.host) not in self._names:
            return 403, f"this server is not {request.host[:100]!r}; it is told its name by --allow-origin"
        return None

    def check_origin(self, handler: WSHandler, origin: str) -> bool:
        """Whether a page of this origin may open a socket: the server's own, or one it was told."""
        named = urlsplit(origin).netloc.lower()
        if named in self._hosts or (not self._hosts and named == handler.request.host.lower()):
            return True
        own = named == handler.request.host.lower() and _name(named) in self._names
        if not own:
            log.warning("a socket of origin %r is refused: allow it with --allow-origin", origin[:200])
        return own


def _name(host: str) -> str:
    return re.sub(r":\d+$", "", host.lower())


def dress(settings: Settings) -> None:
    """Give every answer its headers, and log it once."""
    ancestors = " ".join(("'self'", *settings.frame_ancestors))
    headers = {
        "Content-Security-Policy": CONTENT.format(ancestors=ancestors),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Server": "om-explorer",
    }
    if not settings.frame_ancestors:
        headers["X-Frame-Options"] = "SAMEORIGIN"

    def set_default_headers(handler: RequestHandler) -> None:
        for name, value in headers.items():
            handler.set_header(name, value)
        number = _numbers.get(handler.request)
        if number is not None:
            handler.set_header("X-Request-Id", str(number))

    RequestHandler.set_default_headers = set_default_headers  # type: ignore


def log_request(handler: RequestHandler) -> None:
    """One line for each answer, without the query: it may name files."""
    request = handler.request
    status = handler.get_status()
    level = logging.INFO if status < 500 else logging.ERROR
    log.log(
        level,
        "request %s %s %s %d %.0f ms",
        _numbers.get(request, 0),
        request.method,
        request.path,
        status,
        1e3 * request.request_time(),
    )
