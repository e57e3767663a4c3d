"""Opening a Wannier90 or model file from the page: by its path on this machine, or by dropping it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from explorer.models.files.formats import pick
from explorer.session.uploads import UPLOAD_LIMIT, Uploads
from explorer.views.browser import script

PIECE = 2**20
"""Bytes that come in one message: the page's other messages wait for no more."""


class FolderDrop(pn.custom.JSComponent):
    """Lets a folder be dropped where files can be; see assets/live/folder.js."""

    empty = param.String(doc="Name of a folder without a model, and when it was dropped; set by the browser")

    _esm = script("folder")

    def __init__(self, **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)


class FileOpener:
    """A path box and a drop area. `choose` is called with the path of a file to open."""

    def __init__(self, choose: Callable[[str], None], toast: Callable[[str], None]) -> None:
        self._choose, self._toast = choose, toast
        self._uploads = Uploads()
        self._refused = ""
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
            chunk_size=PIECE,
            max_file_size=UPLOAD_LIMIT,
            max_total_file_size=UPLOAD_LIMIT,
        )
        # The widget would collect the pieces in memory, without counting them, and hold them for as long as it lives.
        self._drop._process_chunk = self._receive  # noqa: SLF001
        self._drop._flush_buffer = self._finish  # noqa: SLF001
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

    @property
    def folder(self) -> Path | None:
        """Where the files of this page are, None before the first."""
        return self._uploads.folder

    def close(self) -> None:
        """Remove what was uploaded."""
        self._uploads.close()

    def _receive(self, message: dict[str, Any]) -> None:
        """A piece of a file, from the browser."""
        if self._refused:
            return  # the rest of what was too much
        try:
            self._uploads.receive(str(message["name"]), int(message["chunk"]), bytes(message["data"]))
        except (ValueError, KeyError, TypeError, OSError) as problem:
            self._refused = str(problem)
            self._uploads.forget()
            self._toast(self._refused)

    def _finish(self) -> None:
        """All pieces have come."""
        refused, self._refused = self._refused, ""
        folder, names = self._uploads.finish()
        if refused or folder is None:
            return
        found = pick(names)
        if found is None:
            self._toast(
                f"{', '.join(names)}: no _tb.dat or _hr.dat (packed or not), .toml, .npz or HDF5 among what was dropped"
            )
            return
        self._choose(str(folder / found))
