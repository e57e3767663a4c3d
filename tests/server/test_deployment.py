"""Behind a reverse proxy as the docs show it, and how a server ends."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from explorer import assets
from explorer.session.uploads import PREFIX
from tests.server.test_security import asked
from tests.server.visitors import Visitor, served

DOCS = Path(assets.path("docs/serving.md")).read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_another_host_is_refused(tmp_path: Path) -> None:
    with served(
        tmp_path, "--allow-origin", "om.example.org", "--frame-ancestors", "https://a.example"
    ) as server:
        assert asked(server.url)[0] == 200
        assert asked(server.url, Host="om.example.org")[0] == 200
        for host in ("evil.example", "om.example.org.evil.example", "evil.example:80", ""):
            status, _, text = asked(server.url + "healthz", Host=host)
            assert status in (400, 403), host  # without any it is no request
            assert "<" not in text or status == 400
        headers = asked(server.url)[1]
        assert "frame-ancestors 'self' https://a.example" in headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in headers


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[str]:
    """Address of two servers behind nginx, by the sample of the docs."""
    port = free_port()
    with ExitStack() as stack:
        sample = re.findall(r"```nginx\n(.*?)```", DOCS, re.DOTALL)[0]
        sample = sample.replace("listen 80;", f"listen 127.0.0.1:{port};")
        env = os.environ | {"OM_EXPLORER_SECRET": "s" * 40}
        for number in ("5006", "5007"):
            folder = tmp_path / number
            folder.mkdir()
            arguments = ("--root-path", "/om", "--allow-origin", f"127.0.0.1:{port}")
            server = stack.enter_context(served(folder, *arguments, env=env))
            own = re.findall(r":(\d+)/om/", server.url)
            sample = sample.replace(f"127.0.0.1:{number};", f"127.0.0.1:{own[0]};")
        places = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"daemon off;\nmaster_process off;\npid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{places}{sample}}}\n",
            encoding="utf-8",
        )
        command = [str(shutil.which("nginx")), "-e", "stderr", "-p", str(tmp_path), "-c", str(config)]
        nginx = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        stack.callback(nginx.terminate)
        yield f"http://127.0.0.1:{port}/om/"


@pytest.mark.nginx
def test_behind_nginx_with_a_prefix_and_two_processes(proxied: str) -> None:
    limit = time.perf_counter() + 20
    while asked_or_none(proxied + "healthz") != 200:
        assert time.perf_counter() < limit
        time.sleep(0.05)

    async def visit() -> float:
        visitor = Visitor(proxied, {"model": "haldane"})
        await visitor.open()
        await visitor.wait(lambda head: True)
        waited = await visitor.tick(0.123)
        await visitor.close()
        return waited

    assert asyncio.run(visit()) < 30
    assert asked(proxied + "static/js/bokeh.min.js")[0] == 200
    assert asked(proxied + "metrics")[0] == 403  # by the sample


def asked_or_none(url: str) -> int | None:
    try:
        return asked(url)[0]
    except OSError:
        return None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_sessions_open(number: signal.Signals, tmp_path: Path) -> None:
    env = os.environ | {"TMPDIR": str(tmp_path)}
    left = tmp_path / f"{PREFIX}999999999-left"
    left.mkdir()
    with served(tmp_path, env=env) as server:

        async def visit() -> list[str]:
            visitor = Visitor(server.url, {"model": "haldane"})
            await visitor.open()
            await visitor.wait(lambda head: True)
            drop(visitor, b"1 2 3")
            limit = time.perf_counter() + 20
            while not list(tmp_path.glob(f"{PREFIX}*/*/*")):
                assert time.perf_counter() < limit
                await asyncio.sleep(0.02)
            server.process.send_signal(number)
            while not visitor.lost:
                assert time.perf_counter() < limit
                await asyncio.sleep(0.02)
            await visitor.close()
            return visitor.toasts

        assert not left.exists()  # removed at start
        assert "The server ends" in "".join(asyncio.run(visit()))
        assert server.process.wait(20) == 0
    assert "Traceback" not in server.log
    assert not list(Path(tempfile.gettempdir()).glob(f"{PREFIX}{server.process.pid}-*"))
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def drop(visitor: Visitor, content: bytes) -> None:
    """A file that is dropped, as the widget's JavaScript sends it."""
    piece = {"status": "upload_event", "name": "a.win", "chunk": 1, "total_chunks": 2, "mime_type": ""}
    visitor.say("FileInput", piece | {"data": list(content)})
