"""The data of a tab's figures as CSV files in one archive."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

import numpy as np
import panel as pn

from explorer.frames import Frame


def archive(figures: Iterable[Any], frame: Frame) -> io.BytesIO:
    """A zip with one CSV file for each set of data drawn in Bokeh figures, and where they come from at its head."""
    source = frame.geometry.source
    head = {
        "source": source.name, "source_sha256": source.fingerprint, "parameters": source.parameters,
        "mu_eV": frame.state.mu, "temperature_K": frame.state.temperature, "mesh": frame.geometry.mesh,
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for number, figure in enumerate(figures, start=1):
            name = re.sub(r"\W+", "_", figure.title.text or "figure").strip("_")
            labels = {
                "figure": figure.title.text,
                "x": figure.xaxis[0].axis_label,
                "y": figure.yaxis[0].axis_label,
            }
            seen: list[Any] = []
            for renderer in figure.renderers:
                data = getattr(renderer, "data_source", None)
                if data is None or any(data is other for other in seen):
                    continue
                seen.append(data)
                rows = table(data.data)
                if rows:
                    text = "".join(f"# {key}: {value}\n" for key, value in (head | labels).items())
                    file.writestr(f"{number:02d}_{name}_{len(seen)}.csv", text + _csv(rows))
    packed.seek(0)
    return packed


def table(data: dict[str, Any]) -> list[list[Any]]:
    """Columns of equal length as rows under their names; an image as x, y, value; lines of several points joined."""
    if "image" in data:
        return _image(data)
    columns = {name: list(values) for name, values in data.items()}
    if not columns or not next(iter(columns.values())):
        return []
    if all(np.ndim(v) == 1 for values in columns.values() for v in values[:1]):
        columns = {name: [x for line in values for x in line] for name, values in columns.items()}
    return [list(columns), *map(list, zip(*columns.values(), strict=True))]


def _image(data: dict[str, Any]) -> list[list[Any]]:
    if not len(data["image"]):
        return []
    image = np.asarray(data["image"][0])
    x0, y0, width, height = (float(data[name][0]) for name in ("x", "y", "dw", "dh"))
    ys, xs = (start + span * (np.arange(n) + 0.5) / n for start, span, n in
              ((y0, height, image.shape[0]), (x0, width, image.shape[1])))  # fmt: skip
    inside = np.argwhere(np.isfinite(image))
    return [["x", "y", "value"], *([xs[j], ys[i], float(image[i, j])] for i, j in inside)]


def _csv(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([f"{v:.9g}" if isinstance(v, (float, np.floating)) else v for v in row])
    return text.getvalue()


def figures_in(layout: Any) -> list[Any]:
    """Bokeh figures of a Panel layout, in order."""
    return [pane.object for pane in layout.select(pn.pane.Bokeh)]
