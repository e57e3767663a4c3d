"""The Zarr store of a sweep: made whole, written chunk by chunk, read lazily.

Of every chunk the data is written first and the status of its points last, so that what counts as done is on disk.
Zarr writes each file beside and renames it; no two tasks write one chunk.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
import zarr

from explorer.disk.replaced import replaced
from explorer.sweeps.plan import SOURCE, Plan
from explorer.sweeps.point import Template, Values

NOT_DONE, DONE, FAILED = 0, 1, 2
"""Status of a point."""
STATUS, REASON = "status", "reason"
PLAN, LAYOUT, RUNS = "plan", "points_in_a_chunk", "runs"
"""Attributes of the store: the plan as text, the points in a chunk along each dimension, what computed it."""
METADATA = "zarr.json"

Block = tuple[slice, ...]
"""Points of one chunk, a slice along each dimension."""


class Store:
    """An existing store of a sweep; ValueError where a path holds something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not is_store(path):
            raise ValueError(f"{path} is not a sweep's store")
        self._group = zarr.open_group(path, mode="r+", use_consolidated=False)
        self.attrs: dict[str, Any] = dict(self._group.attrs.asdict())
        self.plan = Plan.read(str(self.attrs[PLAN]))
        layout: Any = self.attrs[LAYOUT]
        self.layout = tuple(int(n) for n in layout)

    def blocks(self) -> list[Block]:
        """Points of every chunk, in order."""
        return blocks(self.plan.shape, self.layout)

    def status(self, block: Block | None = None) -> npt.NDArray[np.int8]:
        """Status of all points, or of a block's."""
        return np.asarray(self._array(STATUS)[block or ...], dtype=np.int8)

    def reasons(self, block: Block | None = None) -> npt.NDArray[Any]:
        """Why points failed, "" where they did not."""
        return np.asarray(self._array(REASON)[block or ...])

    def write(self, block: Block, points: Mapping[tuple[int, ...], Values | str]) -> None:
        """Write points of one chunk over what it holds: arrays by variable, or why the point failed.

        Raises OSError where the disk refuses; the points then count as not done.
        """
        status, reason = self.status(block), self.reasons(block).astype(object)
        begin = tuple(part.start for part in block)
        at = {p: tuple(i - b for i, b in zip(p, begin, strict=True)) for p in points}
        for name in self._group.array_keys():
            array = self._array(name)
            if name in (STATUS, REASON, *self.plan.dimensions) or not self._has_points(array):
                continue
            values = np.asarray(array[block])
            values = values.astype(object) if values.dtype.kind not in "biuf" else values
            for point, found in points.items():
                values[at[point]] = array.fill_value if isinstance(found, str) else found[name]
            array[block] = values
        for point, found in points.items():
            status[at[point]] = FAILED if isinstance(found, str) else DONE
            reason[at[point]] = found if isinstance(found, str) else ""
        self._array(REASON)[block] = reason
        self._array(STATUS)[block] = status

    def note(self, run: Mapping[str, Any]) -> None:
        """Add how a run went to the attributes."""
        # By hand: zarr drops the consolidated metadata where attributes change.
        file = self.path / METADATA
        metadata = json.loads(file.read_text(encoding="utf-8"))
        runs = json.loads(metadata["attributes"].get(RUNS, "[]"))
        self.attrs[RUNS] = metadata["attributes"][RUNS] = json.dumps([*runs, dict(run)])
        with replaced(file) as draft:
            draft.write_text(json.dumps(metadata, indent=2), encoding="utf-8")

    def dataset(self) -> xr.Dataset:
        """All of it, read when it is asked for."""
        found: xr.Dataset = xr.open_zarr(self.path, chunks=None)
        return found

    def _array(self, name: str) -> zarr.Array[Any]:
        found = self._group[name]
        assert isinstance(found, zarr.Array)
        return found

    def _has_points(self, array: zarr.Array[Any]) -> bool:
        own: Any = array.metadata
        return tuple(own.dimension_names)[: len(self.layout)] == self.plan.dimensions


def is_store(path: Path) -> bool:
    """Whether a path holds the store of a sweep."""
    try:
        found = json.loads((path / METADATA).read_text(encoding="utf-8"))
        return PLAN in found["attributes"] and LAYOUT in found["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def blocks(shape: Sequence[int], layout: Sequence[int]) -> list[Block]:
    """Slices of every chunk of an array of a shape.

    >>> blocks((3,), (2,))
    [(slice(0, 2, None),), (slice(2, 3, None),)]
    """
    parts = [
        [slice(i, min(i + step, size)) for i in range(0, size, step)]
        for size, step in zip(shape, layout, strict=True)
    ]
    return list(product(*parts))


def layout_for(shape: Sequence[int], wanted: int) -> tuple[int, ...]:
    """Points in a chunk along each dimension, of equal chunks with no more than `wanted` points; the last fill first.

    >>> layout_for((10, 9), 4), layout_for((10, 9), 30)
    ((1, 3), (3, 9))
    """
    found = []
    left = max(1, wanted)
    for size in reversed(shape):
        step = ceil(size / ceil(size / min(size, left)))
        found.append(step)
        left = max(1, left // step) if step == size else 1
    return tuple(reversed(found))


def create(
    path: Path, plan: Plan, template: Template, layout: tuple[int, ...], overwrite: bool = False
) -> Store:
    """Make the store of a plan, every point not done: whole under its name at once, or not at all.

    overwrite : whether a sweep's store under the name gives way; nothing else does.

    Raises ValueError where something is there, OSError where the disk refuses.
    """
    if path.exists() and not (overwrite and is_store(path)):
        raise ValueError(f"{path} is there already")
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        draft.chmod(0o777 & ~_umask())
        _fill(draft, plan, template, layout)
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
            path.rename(old / path.name)
            draft.rename(path)
            shutil.rmtree(old)
        else:
            draft.rename(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Store(path)


def _fill(path: Path, plan: Plan, template: Template, layout: tuple[int, ...]) -> None:
    sources = [{"source": s.label, "sha256": s.fingerprint, "file_sha256": s.content} for s in plan.sources]
    own: dict[str, Any] = {
        PLAN: plan.text,
        LAYOUT: list(layout),
        "sources": json.dumps(sources),
        "parameters": json.dumps(dict(plan.parameters)),
        "options": json.dumps(dict(plan.options)),
    }
    group = zarr.open_group(path, mode="w", zarr_format=3, attributes={**template.attrs, **own})
    dims, shape = plan.dimensions, plan.shape
    for name, variable in template.variables.items():
        text = variable.dtype == "str"
        numbers = np.dtype(variable.dtype) if not text else None
        fill: Any = "" if text else np.nan if numbers is not None and numbers.kind == "f" else 0
        group.create_array(
            name,
            shape=(*shape, *variable.shape),
            chunks=(*layout, *variable.shape),
            dtype=str if text else variable.dtype,
            fill_value=bool(fill) if numbers is not None and numbers.kind == "b" else fill,
            dimension_names=(*dims, *variable.dims),
            attributes=dict(variable.attrs),
        )
    flags: dict[str, Any] = {"flag_values": [NOT_DONE, DONE, FAILED], "flag_meanings": "not_done done failed"}
    listed: tuple[tuple[str, Any, Any, dict[str, Any]], ...] = (
        (STATUS, "int8", NOT_DONE, {"long_name": "whether a point is computed", **flags}),
        (REASON, str, "", {"long_name": "why a point failed"}),
    )
    for name, dtype, fill, attrs in listed:
        group.create_array(
            name,
            shape=shape,
            chunks=layout,
            dtype=dtype,
            fill_value=fill,
            dimension_names=dims,
            attributes={"units": "1", **attrs},
        )
    axes: dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]] = {
        a.dimension: ((a.dimension,), list(a.values), {"units": a.unit or "1", "long_name": a.doc or a.name})
        for a in plan.axes
    }
    if len(plan.sources) > 1:
        axes[SOURCE] = ((SOURCE,), [s.label for s in plan.sources], {"units": "1", "long_name": "source"})
    for name, (own_dims, found, attrs) in {**template.coordinates, **axes}.items():
        values = np.asarray(found)
        text = values.dtype.kind == "U"
        array = group.create_array(
            name,
            shape=values.shape,
            dtype=str if text else values.dtype,
            dimension_names=own_dims,
            attributes=attrs,
        )
        array[...] = values.astype(object) if text else values
    with warnings.catch_warnings():
        # What xarray reads first; other readers do without.
        warnings.filterwarnings("ignore", "Consolidated metadata", category=UserWarning)
        zarr.consolidate_metadata(group.store)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def points_of(block: Block) -> list[tuple[int, ...]]:
    """Indices of the points of a block, in order."""
    return list(product(*(range(part.start, part.stop) for part in block)))
