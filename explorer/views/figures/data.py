"""The data of a tab's figures, as CSV files in one archive or as NetCDF."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import panel as pn

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Floats

ALONG_X, ALONG_Y = ("x", "xs", "left", "right", "x0", "x1"), ("y", "ys", "top", "bottom", "y0", "y1", "y2")
"""Properties of a glyph that hold coordinates."""
ASCII = {
    "μB": "mu_B",
    "μ": "u",
    "Å": "angstrom",
    "Ω": "ohm",
    "ħ": "hbar",
    "²": "^2",
    "³": "^3",
    "⁻¹": "^-1",
    "°": "degree",
    "·": " ",
}
"""Signs of units as programs that read them write them."""
WHOLE = {"1/Å": "angstrom^-1", "e/ħ Å³": "e hbar^-1 angstrom^3"}
"""Units that `explorer.export.datasets` writes otherwise than letter by letter."""


@dataclass(frozen=True)
class Drawn:
    """One set of data of a figure.

    name : unique among those of a tab. labels : title and axes, with units. axes : the label of the axis, or for an
    image the title, that each column belongs to.
    """

    name: str
    labels: dict[str, str]
    data: dict[str, Any]
    axes: dict[str, str]

    def attributes(self, column: str) -> dict[str, str]:
        """What a column of the table is and its unit, "1" for what has none."""
        what, unit = unit_of(self.axes.get(column, ""))
        plain = column in ("x", "y", "xs", "ys", "value") and what
        return {"units": unit, "long_name": what if plain else f"{column} ({what})" if what else column}


def unit_of(label: str) -> tuple[str, str]:
    """A label of an axis without its unit, and the unit in letters that every program reads.

    >>> unit_of("Λx [e/ħ Å³]")
    ('Λx', 'e hbar^-1 angstrom^3')
    """
    found = re.fullmatch(r"(.*?)\s*\[(.+)\]", label or "")
    if found is None:
        return label or "", "1"
    unit = WHOLE.get(found[2], found[2])
    for sign, letters in ASCII.items():
        unit = unit.replace(sign, letters)
    return found[1], unit


def _axes(figure: Any, source: Any, labels: dict[str, str]) -> dict[str, str]:
    """The label that belongs to each column of a source, by the glyphs that draw it."""
    found: dict[str, str] = {}
    columns = source.data
    for renderer in figure.renderers:
        if getattr(renderer, "data_source", None) is not source:
            continue
        for axis, properties in (("x", ALONG_X), ("y", ALONG_Y)):
            for name in properties:
                value = getattr(renderer.glyph, name, None)
                column = getattr(value, "field", value)
                if isinstance(column, str) and column in columns:
                    found.setdefault(column, labels[axis])
    if "image" in columns:
        found["value"] = labels["figure"]
    return found


def drawn_data(figures: Iterable[Any]) -> Iterator[Drawn]:
    """Every set of data drawn in Bokeh figures, empty ones left out."""
    for number, figure in enumerate(figures, start=1):
        name = re.sub(r"\W+", "_", figure.title.text or "figure").strip("_")
        labels = {
            "figure": figure.title.text or "",
            "x": figure.xaxis[0].axis_label or "",
            "y": figure.yaxis[0].axis_label or "",
        }
        seen: list[Any] = []
        for renderer in figure.renderers:
            source = getattr(renderer, "data_source", None)
            if source is None or any(source is other for other in seen):
                continue
            seen.append(source)
            if table(source.data):
                axes = _axes(figure, source, labels)
                yield Drawn(f"{number:02d}_{name}_{len(seen)}", labels, dict(source.data), axes)


def archive(figures: Iterable[Any], frame: Frame) -> io.BytesIO:
    """A zip with one CSV file for each set of data drawn in Bokeh figures, and where they come from at its head."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for drawn in drawn_data(figures):
            text = "".join(f"# {key}: {value}\n" for key, value in (_head(frame) | drawn.labels).items())
            file.writestr(f"{drawn.name}.csv", text + _csv(table(drawn.data)))
    packed.seek(0)
    return packed


def netcdf(figures: Iterable[Any], frame: Frame) -> io.BytesIO:
    """Sets of data as NetCDF: one group for each set of data, provenance at the root."""
    import xarray as xr  # takes a second to import: only when a file is asked for

    from explorer.export.datasets import provenance

    with TemporaryDirectory() as folder:
        path = Path(folder) / "figures.nc"
        s = frame.state
        where = {"mu_eV": s.mu, "temperature_K": s.temperature, "mesh": frame.geometry.mesh}
        root = xr.Dataset(attrs=provenance(frame.geometry.source) | where)
        root.to_netcdf(path, engine="h5netcdf")
        for drawn in drawn_data(figures):
            whole = xr.Dataset(_variables(drawn), attrs=dict(drawn.labels))
            whole.to_netcdf(path, mode="a", group=drawn.name, engine="h5netcdf")
        return io.BytesIO(path.read_bytes())


def _head(frame: Frame) -> dict[str, Any]:
    source = frame.geometry.source
    return {
        "source": source.name,
        "source_sha256": source.fingerprint,
        "parameters": source.parameters,
        "mu_eV": frame.state.mu,
        "temperature_K": frame.state.temperature,
        "mesh": frame.geometry.mesh,
    }


def _variables(drawn: Drawn) -> dict[str, Any]:
    """An image with its axes, else the columns of the table, each with its unit."""
    if "image" in drawn.data:
        image, (xs, ys) = np.asarray(drawn.data["image"][0]), _pixels(drawn.data)
        parts = {"x": ("x", xs), "y": ("y", ys), "value": (("y", "x"), image)}
        return {name: (*part, drawn.attributes(name)) for name, part in parts.items()}
    names, *rows = table(drawn.data)
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return {
        re.sub(r"[/\s]+", "_", name): ("row", np.array(column), drawn.attributes(name))
        for name, column in columns
    }


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


def _pixels(data: dict[str, Any]) -> tuple[Floats, Floats]:
    """Abscissae and ordinates of the middles of an image's pixels."""
    height, width = np.asarray(data["image"][0]).shape
    x, y, dw, dh = (float(data[name][0]) for name in ("x", "y", "dw", "dh"))
    return x + dw * (np.arange(width) + 0.5) / width, y + dh * (np.arange(height) + 0.5) / height


def _image(data: dict[str, Any]) -> list[list[Any]]:
    if not len(data["image"]):
        return []
    image, (xs, ys) = np.asarray(data["image"][0]), _pixels(data)
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
