"""Whether somebody looks at a page, from the first connection of its browser on; and since when it is spoken to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import panel as pn
import pytest

from explorer.app.loop import EventLoop


class Document:
    """As much of one as the loop asks for; a change is told to all who listen."""

    def __init__(self, session_context: Any) -> None:
        self.session_context = session_context
        self.listeners: list[Any] = []
        self.on_change, self.remove_on_change = self.listeners.append, self.listeners.remove

    def change(self, setter: Any) -> None:
        for listener in list(self.listeners):
            listener(SimpleNamespace(setter=setter))


def served(monkeypatch: pytest.MonkeyPatch) -> tuple[Document, Any]:
    """The document of a session that is opened now, and its context."""
    context = SimpleNamespace(id="one", server_context=SimpleNamespace(sessions=[]))
    doc = Document(context)
    monkeypatch.setattr(type(pn.state), "curdoc", doc)
    return doc, context


def test_without_a_server_somebody_looks() -> None:
    assert EventLoop().watched


def test_a_page_is_watched_until_the_browser_that_came_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    _, context = served(monkeypatch)
    session = SimpleNamespace(id="one", connection_count=0)
    others = SimpleNamespace(id="two", connection_count=3)
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


def test_a_browser_is_spoken_to_once_it_has_changed_something(monkeypatch: pytest.MonkeyPatch) -> None:
    doc, _ = served(monkeypatch)
    loop = EventLoop()
    doc.change(None)
    assert doc not in pn.state._connected, "that was this side"
    doc.change("a browser")
    assert pn.state._connected[doc]
    assert pn.state._loaded[doc], "or answers to events would be written without the lock"
    assert doc.listeners == []
    loop.heard()
    assert pn.state._connected[doc]


def test_a_browser_is_spoken_to_once_it_has_sent_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    doc, _ = served(monkeypatch)
    EventLoop().heard()
    assert pn.state._connected[doc]
    assert doc.listeners == []


def test_a_page_that_is_closed_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    doc, _ = served(monkeypatch)
    loop, told = EventLoop(), list[str]()
    doc.session_context = None
    loop.later(lambda: told.append("too late"))
    assert told == []
