"""Opening a Wannier90 or model file from the page: by its path on this machine, or by dropping it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from explorer.models.files.formats import pick
from explorer.views.browser import script

UPLOAD_LIMIT = 100 * 2**20
"""Largest upload [bytes]; larger files are opened by path."""


class FolderDrop(pn.custom.JSComponent):
    """Lets a folder be dropped where files can be; see assets/live/folder.js."""

    empty = param.String(doc="Name of a folder without a model, and when it was dropped; set by the browser")

    _esm = script("folder")

    def __init__(self, **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)


PREFIX = "om-explorer-dropped-"


def is_dropped(path: Path) -> bool:
    """Whether a path, resolved, lies in the folder of a page on which it was dropped."""
    kept = Path(tempfile.gettempdir()).resolve()
    return path.is_relative_to(kept) and "".join(path.relative_to(kept).parts[:1]).startswith(PREFIX)


class FileOpener:
    """A path box and a drop area. `choose` is called with the path of a file to open."""

    def __init__(self, choose: Callable[[str], None], toast: Callable[[str], None]) -> None:
        self._choose, self._toast = choose, toast
        self._folder: Path | None = None
        self._path = pmui.TextInput(
            label="Open a file by its path",
            placeholder="SEED_tb.dat or SEED_hr.dat",
            sizing_mode="stretch_width",
        )
        self._path.param.watch(lambda e: self._choose(e.new.strip()) if e.new.strip() else None, "value")
        self._drop = pmui.FileInput(
            label="or drop SEED_tb.dat; SEED_hr.dat with .win, _centres.xyz; or their folder",
            multiple=True,
            sizing_mode="stretch_width",
        )
        self._drop.param.watch(self._dropped, "value")
        self._folders = FolderDrop()
        self._folders.param.watch(
            lambda e: self._toast(f"no _tb.dat or _hr.dat in the folder {e.new.rpartition(' ')[0]}"), "empty"
        )

    def layout(self) -> Any:
        """Both, folded away."""
        return pmui.Accordion(
            (
                "Open a Wannier90 file",
                pn.Column(self._path, self._drop, self._folders, sizing_mode="stretch_width"),
            ),
            sizing_mode="stretch_width",
            active=[],
            title_variant="body1",
        )

    def close(self) -> None:
        """Remove what was uploaded."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _dropped(self, event: Any) -> None:
        names, contents = self._drop.filename, event.new
        if not contents:
            return
        names = [names] if isinstance(names, str) else names
        contents = [contents] if isinstance(contents, bytes) else contents
        if sum(map(len, contents)) > UPLOAD_LIMIT:
            self._toast(f"more than {UPLOAD_LIMIT >> 20} MB: give the file's path instead")
            return
        # A folder of its own for each drop: companions are found beside the file, and nothing else is.
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix=PREFIX))
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        for name, content in zip(names, contents, strict=True):
            (folder / Path(name).name).write_bytes(content)
        found = pick([Path(name).name for name in names])
        if found is None:
            self._toast(
                f"{', '.join(names)}: no _tb.dat or _hr.dat (packed or not), .toml, .npz or HDF5 among what was dropped"
            )
            return
        self._choose(str(folder / found))
