"""A SOURCE as users write it, a model's name or the path of a file, opened as a model."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from pathlib import Path

from explorer.models.files.formats import WANNIER, format_of
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.kit.errors import InputError
from explorer.models.kit.model import Model, catalogue


def expanded(text: str) -> Path:
    """A path as written; ~ and ~user stand for folders of users that there are."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # no such user
        return Path(text)


def is_file(text: str) -> bool:
    """Whether a SOURCE is meant as a path: it exists, has a folder in it, or ends as our files do."""
    known = format_of(text) is not None
    return known or "/" in text or "\\" in text or expanded(text).exists()


def open_source(text: str, options: WannierOptions | None = None) -> Model:
    """The model that a SOURCE names, at its defaults.

    Parameters
    ----------
    text : a key of `catalogue()`, or or the path of a file or folder that the table `formats.OPENED` has.
    options : for files; a plane for a model by name is refused. Level rules of a model by name and of
        a `.toml` are set on their Hamiltonian (`with_levels`).

    Raises
    ------
    InputError : no such model or file (the nearest name is suggested), or a file that cannot be used.
    """
    options = options or WannierOptions()
    known = catalogue()
    if text in known:
        if options.plane is not None:
            raise InputError(f"a plane is for Wannier files; {text} is a model of a 2D crystal already")
        return known[text]()
    if not is_file(text):
        near = get_close_matches(text, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"no model or file named {text}{hint} (models: {', '.join(known)})")
    path = expanded(text)
    known_format = format_of(path.name)
    module, _, function = (WANNIER if known_format is None else known_format.reader).partition(":")
    model: Model = getattr(importlib.import_module(module), function)(path, options)
    return model
