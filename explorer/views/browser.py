"""Components whose JavaScript is ours: scripts of assets/live, messages that are heard at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bokeh.document import Document
from bokeh.events import Event
from panel.io.state import set_curdoc
from panel.models.esm import DataEvent

from explorer import assets


def script(*names: str) -> str:
    """Scripts of assets/live joined into one module (only the last one exports)."""
    return "\n".join(Path(assets.path(f"live/{name}.js")).read_text(encoding="utf-8") for name in names)


class Direct:
    """Mixed into a component: messages from the browser with the key `_hot` are heard at once.

    Panel's own way counts each message in a watched list of busy events, which takes longer than the physics of
    a frame; all other messages still go that way. Both run under Bokeh's lock of the document.
    """

    _hot = ""
    _handle_msg: Callable[[dict[str, Any]], None]

    def _server_event(self, doc: Document, event: Event) -> None:
        data = event.data if isinstance(event, DataEvent) else None
        if isinstance(data, dict) and self._hot in data:
            with set_curdoc(doc):
                self._handle_msg(data)
        else:
            super()._server_event(doc, event)  # type: ignore[misc]
