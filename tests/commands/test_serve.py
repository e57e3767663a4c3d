"""`om-explorer serve` as a person starts it: the address is printed once the page answers there."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ENTRY = Path(sys.executable).with_name("om-explorer")


def handshake(address: str, host: str, origin: str) -> int:
    """Status with which the page's websocket at `host` answers a browser that shows a page of `origin`."""
    port = int(host.rpartition(":")[2])
    with socket.create_connection((address, port), timeout=60) as connection:
        connection.sendall(
            (
                f"GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: bokeh, none\r\n\r\n"
            ).encode()
        )
        return int(connection.recv(64).split()[1])


@pytest.mark.parametrize("address", ["localhost", "::1"])
def test_the_printed_address_answers_and_an_interrupt_ends_it(address: str) -> None:
    argv = [ENTRY, "serve", "--no-show", "--port", "0", "--address", address]
    host = f"[{address}]" if ":" in address else address
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            found = re.search(rf"http://{re.escape(host)}:(\d+)/\S*", line)
            assert found, line
            with urllib.request.urlopen(found.group(), timeout=60) as answer:
                assert answer.status == 200
            # The page's socket: pages of this address are let in, those of others are not.
            here = f"{host}:{found.group(1)}"
            for origin, status in ((f"http://{here}", 101), ("http://example.org", 403)):
                assert handshake(address, here, origin) == status
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0


def test_sockets_send_small_messages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`send_at_once` wraps a method of the pinned Bokeh: the one that tornado calls when a socket opens."""
    from bokeh.server.views.ws import WSHandler
    from tornado.websocket import WebSocketHandler

    from explorer.server.serve import send_at_once

    assert issubclass(WSHandler, WebSocketHandler)
    heard: list[object] = []
    monkeypatch.setattr(WSHandler, "open", lambda handler: heard.append("opened"))
    send_at_once()

    class Connected:
        ws_connection = object()

        def set_nodelay(self, value: bool) -> None:
            heard.append(value)

    class Closed:
        ws_connection = None

    WSHandler.open(Connected())
    WSHandler.open(Closed())
    assert heard == ["opened", True, "opened"]
