"""Messages beside the picture. A property holds them, which the browser reads whenever it is ready: none is lost."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import param

from explorer import assets
from explorer.views.browser import script

MAX_MESSAGES = 5
"""Messages held at once; older ones have been read, or never will be."""

log = logging.getLogger(__name__)


class Toasts(pn.custom.JSComponent):
    """A stack of messages in the corner of the window; see assets/live/toasts.js."""

    messages = param.List(
        default=[], doc="id, kind (info, warning, error), text, and what a button says, oldest first"
    )

    _esm = script("toasts")
    _stylesheets = [Path(assets.path("live/toasts.css")).read_text(encoding="utf-8")]  # noqa: RUF012

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._ids = itertools.count(1)
        self._acts: dict[int, Callable[[], None]] = {}

    def show(
        self, text: str, kind: str = "warning", button: str = "", act: Callable[[], None] | None = None
    ) -> None:
        """Tell the user something; with a button, what it does is offered until the message is closed."""
        log.info("%s: %s", kind, text)
        number = next(self._ids)
        new = {"id": number, "kind": kind, "text": text, "button": button}
        self.messages = [*self.messages[1 - MAX_MESSAGES :], new]
        if act is not None:
            self._acts[number] = act

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """`{pressed: id}` from the browser."""
        act = self._acts.pop(int(data.get("pressed", 0)), None)
        if act is not None:
            act()

    def send(self) -> None:
        """Tell the Bokeh model itself, on the event loop: Panel puts off what changes before its `document_ready`."""
        for model, _ in self._models.values():
            model.data.messages = self.messages
