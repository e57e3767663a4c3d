"""Whether somebody looks at a page: from the first connection of its browser on."""

from __future__ import annotations

from types import SimpleNamespace

import panel as pn
import pytest

from explorer.app.loop import EventLoop


def test_without_a_server_somebody_looks() -> None:
    assert EventLoop().watched


def test_a_page_is_watched_until_the_browser_that_came_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    session = SimpleNamespace(id="one", connection_count=0)
    others = SimpleNamespace(id="two", connection_count=3)
    context = SimpleNamespace(id="one", server_context=SimpleNamespace(sessions=[]))
    monkeypatch.setattr(type(pn.state), "curdoc", SimpleNamespace(session_context=context))
    loop = EventLoop()
    assert loop.watched
    context.server_context.sessions = [others, session]
    assert loop.watched
    session.connection_count = 1
    assert loop.watched
    session.connection_count = 0
    assert not loop.watched
    session.connection_count = 1
    assert loop.watched
