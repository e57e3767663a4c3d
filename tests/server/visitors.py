"""Visitors without a browser: the page's own websocket protocol, as Bokeh 3.9 speaks it, and a server for them."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

ENTRY = Path(sys.executable).with_name("om-explorer")
LIMIT = 2**30
"""Largest message that is received [bytes]."""

Head = dict[str, Any]


class LostError(ConnectionError):
    """The server has closed the socket."""


class Visitor:
    """One session: fetches the page, connects, moves sliders, acknowledges each frame as the page does.

    url : of the server, with a slash at its end. query : of the page's address. headers : of every request.
    """

    def __init__(self, url: str, query: dict[str, str] | str | None = None, **headers: str) -> None:
        self.url, self.query, self.headers = url, query or {}, headers
        self.html = ""
        self.frames: list[tuple[float, Head]] = []
        """When each frame came (as `time.perf_counter`), and its head."""
        self.toasts: list[str] = []
        self.queued: list[int] = []
        """Places in the queue that were told."""
        self._models: dict[str, str] = {}
        self._socket: WebSocketClientConnection | None = None
        self._ids = count(1)
        self._news = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._document: asyncio.Future[None] | None = None

    async def fetch(self, patient: bool = True) -> HTTPResponse:
        """Ask for the page, and leave it at that; patient : ask again from the queue, as a browser does."""
        query = self.query if isinstance(self.query, str) else urlencode(self.query)
        client, headers = AsyncHTTPClient(max_clients=1000), dict(self.headers)
        while True:
            request = HTTPRequest(
                f"{self.url}?{query}", headers=headers, connect_timeout=300, request_timeout=300
            )
            found = await client.fetch(request, raise_error=False)
            self.html = found.body.decode()
            if found.code != 202 or not patient:
                return found
            headers["Cookie"] = found.headers["Set-Cookie"].partition(";")[0]
            self.queued.append(int(re.findall(r"number (\d+)", self.html)[0]))
            await asyncio.sleep(int(found.headers["Retry-After"]))

    @property
    def token(self) -> str:
        """Of the page that was fetched."""
        found = re.search(r'"token":"([^"]+)"', self.html)
        if found is None:
            raise ValueError(f"no session in this page: {self.html[:200]}")
        return found.group(1)

    async def connect(self, origin: str | None = None, token: str | None = None) -> None:
        """Open the socket and take the document over."""
        address = f"ws{self.url.removeprefix('http')}ws"
        named = self.headers | ({"Origin": origin} if origin else {})
        request = HTTPRequest(address, headers=named, connect_timeout=300, request_timeout=300)
        self._socket = await websocket_connect(
            request, subprotocols=["bokeh", token or self.token], max_message_size=LIMIT
        )
        self._document = asyncio.get_running_loop().create_future()
        try:
            for _ in range(3):
                await self._part()  # ACK: what is sent before it ends the connection
        except LostError:
            self._socket.close()
            raise
        self._reader = asyncio.create_task(self._read())
        self._send("PULL-DOC-REQ", {})
        await self._document

    async def close(self) -> None:
        """Leave, and wait until nothing of it runs."""
        self.leave()
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=2)

    async def open(self) -> None:
        """Fetch, connect, and say that the picture and the sliders stand."""
        await self.fetch()
        await self.connect()
        self.say("LiveCanvas", {"opened": 1440})
        self.say("LiveSliders", {"opened": 1440})

    def say(self, component: str, data: dict[str, Any]) -> None:
        """A message of one of the page's own components, as its JavaScript sends it."""
        entries = [[key, value] for key, value in data.items()]
        values = [["model", {"id": self._models[component]}], ["data", {"type": "map", "entries": entries}]]
        event = {"type": "event", "name": "data_event", "values": {"type": "map", "entries": values}}
        self._send(
            "PATCH-DOC",
            {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]},
        )

    def set(self, component: str, attribute: str, value: Any) -> None:
        """Set a property of a component's model, as the browser does."""
        change = {
            "kind": "ModelChanged",
            "model": {"id": self._models[component]},
            "attr": attribute,
            "new": value,
        }
        self._send("PATCH-DOC", {"events": [change]})

    def move(self, name: str, value: float) -> None:
        """Move a slider."""
        self.say("LiveSliders", {"name": name, "value": value, "n": next(self._ids)})

    async def wait(self, test: Callable[[Head], bool], seconds: float = 60.0, since: int = 0) -> float:
        """When the first frame came, from number `since` on, whose head passes; TimeoutError, or `LostError`."""
        limit, seen = time.perf_counter() + seconds, since
        while True:
            for at, head in self.frames[seen:]:
                seen += 1
                if test(head):
                    return at
            if self._reader is None or self._reader.done():
                raise LostError
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), limit - time.perf_counter())

    async def tick(self, mu: float, seconds: float = 60.0) -> float:
        """Seconds from a move of mu to its frame."""
        since, start = len(self.frames), time.perf_counter()
        self.move("mu", mu)
        return await self.wait(lambda head: abs(head["mu"] - mu) < 1e-9, seconds, since) - start

    def leave(self) -> None:
        """Close the socket as a browser does."""
        if self._socket is not None:
            self._socket.close()
        if self._reader is not None:
            self._reader.cancel()

    def drop(self) -> None:
        """Cut the connection without a word."""
        if self._socket is not None:
            assert self._socket.protocol is not None
            self._socket.protocol.stream.close()
            self._socket.close()
        if self._reader is not None:
            self._reader.cancel()

    @property
    def lost(self) -> bool:
        """Whether the server has hung up."""
        return self._reader is not None and self._reader.done()

    # -- Bokeh's wire protocol: header, metadata and content as JSON, then pairs of a buffer's header and the buffer

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        if self._socket is None or self._socket.protocol is None:
            raise LostError
        for part in ({"msgid": str(next(self._ids)), "msgtype": kind, "num_buffers": 0}, {}, content):
            self._socket.write_message(json.dumps(part))

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            while (first := await self._socket.read_message()) is not None:
                header = json.loads(first)
                await self._part()
                content = await self._part()
                if header["msgtype"] == "PULL-DOC-REPLY":
                    self._find(json.loads(content)["doc"])
                for _ in range(header.get("num_buffers", 0)):
                    await self._part()
                    self._heard(await self._part())
                if header["msgtype"] == "PULL-DOC-REPLY" and self._document is not None:
                    self._document.set_result(None)
                if '"messages"' in content:
                    self._note(str(content))
        except LostError:
            pass
        finally:
            self._news.set()
            if self._document is not None and not self._document.done():
                self._document.set_exception(LostError())

    def _note(self, content: str) -> None:
        """Toasts, which come again with each newer one."""
        for text in re.findall(r'\["text",\s*("(?:[^"\\]|\\.)*")', content):
            if (said := json.loads(text)) not in self.toasts:
                self.toasts.append(said)
        self._news.set()

    async def _part(self) -> Any:
        assert self._socket is not None
        part = await self._socket.read_message()
        if part is None:
            raise LostError
        return part

    def _heard(self, buffer: bytes) -> None:
        if len(buffer) > 4 and (length := struct.unpack("<I", buffer[:4])[0]) < len(buffer) - 4:
            try:
                head = json.loads(buffer[4 : 4 + length])
            except ValueError:
                return  # another buffer than a frame
            if "frame" in head and self._models:  # what comes before the document is in it
                self.frames.append((time.perf_counter(), head))
                self.say("LiveCanvas", {"drawn": head["frame"]})
                self._news.set()

    def _find(self, node: Any) -> None:
        """Ids of the page's own components, by the name of their class."""
        if isinstance(node, dict):
            if isinstance(found := node.get("attributes"), dict) and "class_name" in found:
                self._models.setdefault(str(found["class_name"]), node["id"])
            for value in node.values():
                self._find(value)
        elif isinstance(node, list):
            for value in node:
                self._find(value)


class Server:
    """A served explorer, a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: Path) -> None:
        self.process, self.url, self._log = process, url, log

    @property
    def memory(self) -> float:
        """Resident, without what is shared with files [MB]."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return float(re.findall(r"RssAnon:\s+(\d+)", status)[0]) / 1024

    @property
    def log(self) -> str:
        """What it has written."""
        return self._log.read_text(encoding="utf-8")


@contextmanager
def served(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[Server]:
    """`om-explorer serve` on a free port, ended at the end; its output is kept in a folder."""
    log = folder / "server.log"
    argv: Sequence[str] = [str(ENTRY), "serve", "--no-show", "--port", "0", *arguments]
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors, text=True, env=env) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+/", line)
            if found is None:
                raise RuntimeError(f"no address: {line}{log.read_text(encoding='utf-8')}")
            yield Server(process, found.group(), log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
