"""The live view: one component that draws every panel from one message per frame, and paces the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import param

from explorer import assets
from explorer.export.palette import palettes_script
from explorer.views.browser import Direct, script
from explorer.views.explain import explain_style
from explorer.views.text.explanations import LIVE, notes


class LiveCanvas(Direct, pn.custom.JSComponent):
    """Six canvases with axes, hover and zoom, and the numbers below; see assets/live."""

    _hot = "drawn"

    message = param.Bytes(default=b"", doc="The newest frame, as packed by explorer.views.live.wire_format")

    _esm = palettes_script() + "\n" + script("page", "colour", "plot", "explain", "panels", "live")
    notes = param.Dict(default={name: notes(keys) for name, keys in LIVE.items()}, doc="Of panels and cards")

    _stylesheets = [Path(assets.path("live/live.css")).read_text(encoding="utf-8"), explain_style()]  # noqa: RUF012

    def __init__(self, hear: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._hear = hear

    @property
    def _linked_properties(self) -> tuple[str, ...]:
        """Without the message: Panel would walk its parameters at each one, for 4 ms a frame, and nobody asks."""
        return tuple(name for name in super()._linked_properties if name != "message")

    def show(self, message: bytes) -> None:
        """Send a message to the browser, on the event loop.

        Written to the Bokeh model itself: by way of Panel's parameter and hold a message was lost now and
        then, and each one cost twice the time.
        """
        for model, _ in self._models.values():
            model.data.message = message

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """`{drawn: n}`, `{opened: px}`, `{mu: eV}`, `{k: [kx, ky]}`, `{theory: anchor}`, `{view: key}`."""
        self._hear(data)
