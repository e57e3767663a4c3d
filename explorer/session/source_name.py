"""A source as it is written: a model's key or a path, with settings behind a #."""

from __future__ import annotations

from math import inf
from pathlib import Path

from explorer.models.files.wannier90.file_version import GONE, file_version
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.kit.model import catalogue

SETTINGS = ("plane", "hermitise", "kramers_pairs", "degeneracy_tolerance", "window")
"""What may follow a source's name, so that one word says how the page shows it; all but the last are for files."""
VERSION = "version"
"""Follows a file's name as settings do, put there by `versioned` and never shown: which version of it is meant."""


class ChangedError(ValueError):
    """A file is not any more what it was when it was opened. version : what it is now; gone : it is not there."""

    def __init__(self, source: str) -> None:
        name = Path(split_settings(source)[0]).name
        self.version = _version(source)
        self.gone = self.version == GONE
        now = "is gone from its place" if self.gone else "has changed on disk since it was opened"
        super().__init__(f"{name} {now}" + ("" if self.gone else ": reload it"))


def split_settings(text: str) -> tuple[str, dict[str, str]]:
    """A SOURCE and the settings after its last `#`.

    >>> split_settings("GaAs_tb.dat#plane=xy&hermitise")
    ('GaAs_tb.dat', {'plane': 'xy', 'hermitise': ''})
    """
    name, settings = _split(text)
    return name, {key: value for key, value in settings.items() if key != VERSION}


def with_setting(text: str, setting: str, value: str | None = "") -> str:
    """The SOURCE with one setting more, or, where its value is None, without it."""
    name, settings = _split(text)
    settings.pop(setting, None)
    if value is not None:
        settings[setting] = value
    listed = "&".join(f"{key}={v}" if v else key for key, v in settings.items())
    return f"{name}#{listed}" if listed else name


def _split(text: str) -> tuple[str, dict[str, str]]:
    name, mark, rest = text.rpartition("#")
    words = [word.partition("=") for word in rest.split("&")]
    if not mark or any(key not in (*SETTINGS, VERSION) for key, _, _ in words):
        return text, {}  # a file may have this sign in its name
    return name, {key: value for key, _, value in words}


def versioned(text: str) -> str:
    """The SOURCE with the version that its file has now, so that what is known of it is known of this content.

    A model by name, and what names a version already, is returned as it is.
    """
    if VERSION in _split(text)[1] or split_settings(text)[0] in catalogue():
        return text
    return with_setting(text, VERSION, _version(text))


def unversioned(text: str) -> str:
    """The SOURCE as a user writes it, and may open it again."""
    return with_setting(text, VERSION, None)


def require_current(text: str) -> None:
    """ChangedError where a SOURCE names a version of its file that is not the one on disk."""
    wanted = _split(text)[1].get(VERSION)
    if wanted is not None and wanted != _version(text):
        raise ChangedError(text)


def _version(text: str) -> str:
    return file_version(Path(split_settings(text)[0]).expanduser())


def energy_window(text: str) -> tuple[float, float] | None:
    """Energies that the page shows [eV], where the settings of a SOURCE name them; ValueError where unusable.

    >>> energy_window("cri3#window=-1:4")
    (-1.0, 4.0)
    """
    window = split_settings(text)[1].get("window")
    if window is None:
        return None
    try:
        low, high = (float(part) for part in window.split(":"))
    except ValueError:
        low = high = inf
    if not -inf < low < high < inf:
        raise ValueError(f"the energy window must be LOW:HIGH in eV, got {window or 'nothing'}")
    return low, high


def file_options(text: str) -> WannierOptions:
    """How a file is to be taken by the settings after its name; ValueError where one is no number."""
    settings = split_settings(text)[1]
    tolerance = settings.get("degeneracy_tolerance")
    try:
        level = None if tolerance is None else float(tolerance)
    except ValueError:
        raise ValueError(
            f"degeneracy_tolerance={tolerance} after {split_settings(text)[0]} is not a number"
        ) from None
    return WannierOptions(
        plane=settings.get("plane"),
        degeneracy_tolerance=level,
        kramers_pairs="kramers_pairs" in settings,
        hermitise="hermitise" in settings,
    )
