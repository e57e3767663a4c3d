"""A plot for the Convergence tab: chi against what cuts the model off, with the numbers in words."""

from __future__ import annotations

import numpy as np
import panel as pn

from explorer.studies.truncation import Truncation
from explorer.views.figures.layout import note_html
from explorer.views.figures.plots import BLUE, ORANGE, LinePlot


class TruncationPlot:
    """`pane` is hidden while the model is not cut off."""

    def __init__(self) -> None:
        lines = {"χx": (BLUE, "solid"), "χy": (ORANGE, "dashed")}
        self.plot = LinePlot("χ against the truncation of the model", "setting", "χ [nm/Ω]", lines)
        self.words = pn.pane.HTML("", sizing_mode="stretch_width")
        self.pane = pn.Column(self.plot.pane, self.words, sizing_mode="stretch_width", visible=False)

    def show(self, t: Truncation | None) -> None:
        """Replace the data."""
        self.pane.visible = t is not None
        if t is None:
            return
        self.plot.figure.xaxis.axis_label = f"{t.name} [{t.unit}]" if t.unit else t.name
        self.plot.show(t.settings, {"χx": t.chi[:, 0], "χy": t.chi[:, 1]}, t.present)
        sizes = ", ".join(str(n) for n in t.bands) if np.ptp(t.bands) else str(t.bands[0])
        self.words.object = note_html(
            f"The model is cut off by <b>{t.name}</b> ({sizes} bands): from the present setting to the widest "
            f"χ changes by {100 * t.change:.2g} % of its largest component. Plain sums of {t.mesh}² points each."
        )
