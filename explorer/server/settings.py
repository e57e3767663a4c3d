"""How the page is served: on this machine alone unless told otherwise."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from explorer.session.state import State

LOCAL = ("localhost", "127.0.0.1", "::1")
"""Addresses that only this machine reaches."""
SECRET_VARIABLE = "OM_EXPLORER_SECRET"
"""What signs sessions and cookies; of several processes behind one address all need the same."""
SHORTEST_SECRET = 32
KEPT_SECONDS = 90
"""How long a session is kept without a connection, so that a page that lost it finds its state again."""


def origin_host(text: str) -> str:
    """The host and port of an origin, as browsers name it: "https://name:port", or without the scheme.

    >>> origin_host("https://om.example.org")
    'om.example.org'
    """
    parts = urlsplit(text if "//" in text else f"//{text}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if not parts.hostname or port == -1 or parts.path.strip("/") or parts.query or "*" in text:
        raise ValueError(f"{text!r} is no origin: give HOST, HOST:PORT or https://HOST")
    return parts.netloc.lower()


def prefix_of(text: str) -> str:
    """A path below which the page is served, with a slash before and none behind; "" for the root.

    >>> prefix_of("om/")
    '/om'
    """
    inner = text.strip("/")
    if not all(part and set(part) <= ALLOWED for part in inner.split("/")) and inner:
        raise ValueError(f"{text!r} is no path prefix: give letters, digits, -, _ and /, such as /om")
    return f"/{inner}" if inner else ""


ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")


@dataclass(frozen=True)
class Settings:
    """What `om-explorer serve` is told.

    address, port : where to listen; port 0 takes a free one. show : open a browser. state : what a page shows whose
    address says nothing. folders : where others reach the server, pages open files by path below these alone.
    origins : HOST or HOST:PORT as browsers name the server where that is not its address; what embeds it not among
    them. root_path : prefix below which a reverse proxy serves it. frame_ancestors : origins that may embed the page.
    most_sessions : pages open at the same time. password_file : JSON of users and passwords, for basic
    authentication. oauth : name of a provider of Panel's; its key and secret stand in Panel's own variables.
    """

    address: str = "localhost"
    port: int = 5006
    show: bool = True
    state: State | None = None
    folders: tuple[str | Path, ...] = ()
    origins: tuple[str, ...] = ()
    root_path: str = ""
    frame_ancestors: tuple[str, ...] = ()
    most_sessions: int = 200
    password_file: str | None = None
    oauth: str | None = None

    @property
    def local(self) -> bool:
        """Whether only this machine reaches it; behind a reverse proxy others do."""
        return self.address in LOCAL and not (self.origins or self.root_path)

    def allowed(self, port: int) -> list[str]:
        """Hosts that a browser may name, as the page's and as its origin; empty where any may be the server's own."""
        known = [origin_host(text) for text in self.origins]
        if self.address in ("0.0.0.0", "::"):
            return (
                [*known, *(f"{host}:{port}" for host in ("localhost", "127.0.0.1", "[::1]"))] if known else []
            )
        own = LOCAL if self.address in LOCAL else (self.address,)
        return [*known, *(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host in own)]


def secret() -> str:
    """What signs sessions: of the environment, else made at start; ValueError for one that is too short."""
    given = os.environ.get(SECRET_VARIABLE)
    if given is None:
        return secrets.token_urlsafe(48)
    if len(given) < SHORTEST_SECRET:
        raise ValueError(f"{SECRET_VARIABLE} must have {SHORTEST_SECRET} characters at least")
    return given
