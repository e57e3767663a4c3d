"""What the live view is sent of a frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.export.colour_scale import ColourScale
from explorer.live.checks import checklist
from explorer.live.frame import Curves, Frame
from explorer.meshes.mesh import MeshGeometry
from explorer.studies.rounding import curves_vanish
from explorer.views.live.glyphs import curve_glyphs, map_glyphs, path_glyphs, state_head
from explorer.views.live.nothing import nothing_html
from explorer.views.live.readouts import foot_html
from explorer.views.live.wire_format import Glyphs, pack


class MessageWriter:
    """Turns frames into messages, leaving out what the browser holds already: a page opened anew needs a new one."""

    def __init__(self) -> None:
        self._path_scale, self._map_scale = ColourScale(), ColourScale()
        self._path: tuple[MeshGeometry, str] | None = None
        self._map: tuple[object, ...] | None = None
        self._curves: Curves | None = None
        self._exact: object = None

    def write(self, frame: Frame, number: int, exact: bool) -> bytes:
        """The message of a frame; `exact` adds the values behind the colours, for reading them off."""
        state = frame.state
        head: dict[str, Any] = {"frame": number, "stage": frame.stage, **state_head(state)}
        glyphs: Glyphs = {}
        if self._path != (frame.geometry, state.colour):
            head["path"], found = path_glyphs(frame.geometry, state, self._path_scale)
            glyphs |= found
            self._path = (frame.geometry, state.colour)
        picture = (frame.geometry, state.mu, state.temperature, state.band)
        if self._map != picture:
            head["map"], found = map_glyphs(frame, self._map_scale)
            glyphs |= found
            self._map = picture
        if exact and self._exact != picture:
            glyphs |= {"exact_x": frame.lambda_map[0], "exact_y": frame.lambda_map[1]}
            self._exact = picture
        if self._curves is not frame.curves:
            glyphs |= curve_glyphs(frame)
            self._curves = frame.curves
        head["adaptive"] = frame.curves.adaptive
        # A draft says nothing new of symmetry: testing the operations of each would slow a drag.
        if frame.stage != "draft":
            head["nothing"] = nothing_html(frame)
        elif not curves_vanish(frame):
            head["nothing"] = ""
        head["foot"] = foot_html(frame, checklist(frame))
        return pack(head, {name: np.asarray(a) for name, a in glyphs.items()})
