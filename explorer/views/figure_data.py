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

from explorer.frames import Frame
from models.arrays import Floats


@dataclass(frozen=True)
class Drawn:
    """One set of data of a figure. name : unique among those of a tab. labels : title and axes, with units."""

    name: str
    labels: dict[str, str]
    data: dict[str, Any]


def drawn_data(figures: Iterable[Any]) -> Iterator[Drawn]:
    """Every set of data drawn in Bokeh figures, empty ones left out."""
    for number, figure in enumerate(figures, start=1):
        name = re.sub(r"\W+", "_", figure.title.text or "figure").strip("_")
        labels = {
            "figure": figure.title.text,
            "x": figure.xaxis[0].axis_label,
            "y": figure.yaxis[0].axis_label,
        }
        seen: list[Any] = []
        for renderer in figure.renderers:
            source = getattr(renderer, "data_source", None)
            if source is None or any(source is other for other in seen):
                continue
            seen.append(source)
            if table(source.data):
                yield Drawn(f"{number:02d}_{name}_{len(seen)}", labels, dict(source.data))


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
    """The same as NetCDF: one group for each set of data, provenance at the root."""
    import xarray as xr  # takes a second to import: only when a file is asked for

    from explorer.export import provenance

    with TemporaryDirectory() as folder:
        path = Path(folder) / "figures.nc"
        s = frame.state
        where = {"mu_eV": s.mu, "temperature_K": s.temperature, "mesh": frame.geometry.mesh}
        root = xr.Dataset(attrs=provenance(frame.geometry.source) | where)
        root.to_netcdf(path, engine="h5netcdf")
        for drawn in drawn_data(figures):
            whole = xr.Dataset(_variables(drawn.data), attrs={k: v or "" for k, v in drawn.labels.items()})
            whole.to_netcdf(path, mode="a", group=drawn.name, engine="h5netcdf")
        return io.BytesIO(path.read_bytes())


def _head(frame: Frame) -> dict[str, Any]:
    source = frame.geometry.source
    return {
        "source": source.name, "source_sha256": source.fingerprint, "parameters": source.parameters,
        "mu_eV": frame.state.mu, "temperature_K": frame.state.temperature, "mesh": frame.geometry.mesh,
    }  # fmt: skip


def _variables(data: dict[str, Any]) -> dict[str, Any]:
    """An image with its axes, else the columns of the table."""
    if "image" in data:
        image, (xs, ys) = np.asarray(data["image"][0]), _pixels(data)
        return {"x": ("x", xs), "y": ("y", ys), "value": (("y", "x"), image)}
    names, *rows = table(data)
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return {re.sub(r"[/\s]+", "_", name): ("row", np.array(column)) for name, column in columns}


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
