"""What .github/SECURITY.md promises of requests and sessions."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import urllib.error
import urllib.request
from http.client import HTTPMessage
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from explorer.server.settings import Settings, origin_host, prefix_of, secret
from tests.server.visitors import LostError, Server, Visitor


def asked(url: str, **headers: str) -> tuple[int, HTTPMessage, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as found:
            return found.status, found.headers, found.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


def test_every_answer_has_its_headers(server: Server) -> None:
    for place in ("", "healthz", "metrics", "static/js/bokeh.min.js", "nothing/here", "?bokeh-session-id=x"):
        _, headers, _ = asked(server.url + place)
        content = headers["Content-Security-Policy"]
        assert "object-src 'none'" in content
        assert "frame-ancestors 'self'" in content
        assert "http" not in content  # no other host
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert headers["Server"] == "om-explorer"
        assert int(headers["X-Request-Id"]) > 0


def test_a_page_asks_nothing_of_other_hosts(server: Server) -> None:
    _, _, html = asked(server.url)
    assert "cdn" not in html.lower()
    assert "https://" not in html


def test_health_and_metrics(server: Server) -> None:
    assert json.loads(asked(server.url + "healthz")[2]) == {"status": "ok"}
    before = figures(server)
    asked(server.url)
    after = figures(server)
    assert after["om_explorer_pages_total"] == before["om_explorer_pages_total"] + 1
    assert after["om_explorer_memory_bytes"] > 50e6
    assert {"om_explorer_sessions", "om_explorer_queue", "om_explorer_cache_bytes"} <= after.keys()


def figures(server: Server) -> dict[str, float]:
    lines = [line.split() for line in asked(server.url + "metrics")[2].splitlines() if line[0] != "#"]
    return {name: float(value) for name, value in lines}


@pytest.mark.parametrize(
    "place", ["?bokeh-session-id=mine", "?bokeh-token=mine", "autoload.js?bokeh-session-id=x"]
)
def test_a_session_is_not_taken_from_an_address(server: Server, place: str) -> None:
    status, _, text = asked(server.url + place)
    assert status == 403
    assert "not taken from an address" in text
    assert asked(server.url, **{"Bokeh-Session-Id": "mine"})[0] == 403


def forged(token: str) -> str:
    """The same token with another session in it."""
    payload, _, signature = token.partition(".")
    found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    found["session_id"] = "mine"
    changed = base64.urlsafe_b64encode(json.dumps(found).encode()).decode().rstrip("=")
    return f"{changed}.{signature}" if signature else changed


def test_a_token_is_signed(server: Server) -> None:
    async def connect(change: bool) -> None:
        visitor = Visitor(server.url)
        await visitor.fetch()
        token = visitor.token
        await visitor.connect(token=forged(token) if change else token)
        await visitor.close()

    asyncio.run(connect(change=False))
    with pytest.raises((LostError, HTTPClientError)):
        asyncio.run(connect(change=True))


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://{host}", True),
        ("http://evil.example", False),
        ("http://{host}.evil.example", False),
        ("null", False),
    ],
)
def test_a_socket_of_another_origin_is_refused(server: Server, origin: str | None, welcome: bool) -> None:
    host = server.url.removeprefix("http://").rstrip("/")

    async def connect() -> None:
        visitor = Visitor(server.url)
        await visitor.fetch()
        await visitor.connect(origin=origin and origin.format(host=host))
        await visitor.close()

    if welcome:
        asyncio.run(connect())
    else:
        with pytest.raises(HTTPClientError, match="403"):
            asyncio.run(connect())


def test_which_hosts_a_server_answers_to() -> None:
    assert Settings().allowed(5006) == ["localhost:5006", "127.0.0.1:5006", "[::1]:5006"]
    assert Settings("0.0.0.0").allowed(5006) == []  # by whichever of the machine's names
    named = Settings("0.0.0.0", origins=("https://om.example.org",)).allowed(80)
    assert named == ["om.example.org", "localhost:80", "127.0.0.1:80", "[::1]:80"]
    for bad in ("*", "https://a.example/path", "a b:x", "http://"):
        with pytest.raises(ValueError, match="no origin"):
            origin_host(bad)
    for text, prefix in (("", ""), ("/", ""), ("om", "/om"), ("/a/b/", "/a/b")):
        assert prefix_of(text) == prefix
    for bad in ("/a//b", "/a b", "/<script>"):
        with pytest.raises(ValueError, match="no path prefix"):
            prefix_of(bad)


def test_the_secret_is_long_and_of_each_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OM_EXPLORER_SECRET", raising=False)
    assert len(secret()) >= 48
    assert secret() != secret()
    monkeypatch.setenv("OM_EXPLORER_SECRET", "short")
    with pytest.raises(ValueError, match="32 characters"):
        secret()


def test_each_promise_names_its_test() -> None:
    root = Path(__file__).parents[2]
    rows = [
        line.rstrip("|").rpartition("|")
        for line in (root / ".github/SECURITY.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and "`tests/" in line
    ]
    assert len(rows) >= 10
    for promise, _, names in rows:
        file = None
        for path, name in re.findall(r"`([\w/]*\.py)?(?:::(test_\w+))?`", names):
            file = root / path if path else file
            assert file is not None, promise
            assert f"def {name or 'test_'}" in file.read_text(encoding="utf-8"), (promise, name)
