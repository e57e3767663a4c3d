"""A source as it is written, a model's key or a path with settings behind a #, parsed once into a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf
from pathlib import Path

from explorer.models.files.source import expanded
from explorer.models.files.wannier90.file_version import GONE, file_version
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.kit.model import catalogue

SETTINGS = ("plane", "hermitise", "kramers_pairs", "degeneracy_tolerance", "window")
"""What may follow a source's name, so that one word says how the page shows it; all but the last are for files."""
HIGHEST_ENERGY, NARROWEST_WINDOW = 1e4, 1e-6
"""Bounds of an energy window [eV]: beyond them its slider has no steps."""
VERSION = "version"
"""Follows a file's name as settings do, put there by `SourceName.current`, never shown: which version is meant."""


class ChangedError(ValueError):
    """A file is not any more what it was when it was opened. version : what it is now; gone : it is not there."""

    def __init__(self, source: SourceName) -> None:
        self.version = source.version_on_disk
        self.gone = self.version == GONE
        now = "is gone from its place" if self.gone else "has changed on disk since it was opened"
        super().__init__(f"{source.path.name} {now}" + ("" if self.gone else ": reload it"))


@dataclass(frozen=True)
class SourceName:
    """What a SOURCE of the command line, an address or `State.source` says; `str` writes it again.

    name : key of a model, or path of a file as written. settings : (key, value) pairs in the order they were written,
    the value empty for a switch. version : of the file's content that is meant; None where any will do.

    >>> SourceName.parse("GaAs_tb.dat#plane=xy&hermitise")
    SourceName(name='GaAs_tb.dat', settings=(('plane', 'xy'), ('hermitise', '')), version=None)
    """

    name: str
    settings: tuple[tuple[str, str], ...] = ()
    version: str | None = None

    @classmethod
    def parse(cls, text: str) -> SourceName:
        """Read a SOURCE: settings stand after its last `#`, where all of these are known."""
        return _parsed(text)

    def __str__(self) -> str:
        version = () if self.version is None else ((VERSION, self.version),)
        listed = "&".join(f"{key}={v}" if v else key for key, v in (*self.settings, *version))
        return f"{self.name}#{listed}" if listed else self.name

    @property
    def is_model(self) -> bool:
        """Whether it is a model of the catalogue; else it is a file."""
        return self.name in catalogue()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return expanded(self.name)

    def with_setting(self, setting: str, value: str | None = "") -> SourceName:
        """The name with one setting more, or, where its value is None, without it.

        >>> str(SourceName.parse("GaAs_tb.dat#plane=xy").with_setting("plane", "yz"))
        'GaAs_tb.dat#plane=yz'
        """
        kept = tuple((key, v) for key, v in self.settings if key != setting)
        return replace(self, settings=kept if value is None else (*kept, (setting, value)))

    @property
    def version_on_disk(self) -> str:
        """The version that its file has now."""
        return file_version(self.path)

    @property
    def current(self) -> SourceName:
        """The name with the version that its file has now, so that what is known of it is known of this content.

        A model by name, and what names a version already, is returned as it is.
        """
        if self.version is not None or self.is_model:
            return self
        return replace(self, version=self.version_on_disk)

    @property
    def written(self) -> SourceName:
        """The name as a user writes it, and may open it again: without a version."""
        return replace(self, version=None)

    def require_current(self) -> None:
        """ChangedError where it names a version of its file that is not the one on disk."""
        if self.version is not None and self.version != self.version_on_disk:
            raise ChangedError(self)

    @property
    def energy_window(self) -> tuple[float, float] | None:
        """Energies that the page shows [eV], where the settings name them; ValueError where unusable.

        >>> SourceName.parse("cri3#window=-1:4").energy_window
        (-1.0, 4.0)
        """
        window = dict(self.settings).get("window")
        if window is None:
            return None
        try:
            low, high = (float(part) for part in window.split(":"))
        except ValueError:
            low = high = inf
        if not -HIGHEST_ENERGY <= low < high <= HIGHEST_ENERGY or high - low < NARROWEST_WINDOW:
            raise ValueError(
                f"the energy window must be LOW:HIGH within {HIGHEST_ENERGY:g} eV and at least {NARROWEST_WINDOW:g} eV "
                f"wide, got {window or 'nothing'}"
            )
        return low, high

    @property
    def file_options(self) -> WannierOptions:
        """How a file is to be taken by the settings; ValueError where one is no number."""
        settings = dict(self.settings)
        tolerance = settings.get("degeneracy_tolerance")
        try:
            level = None if tolerance is None else float(tolerance)
        except ValueError:
            raise ValueError(f"degeneracy_tolerance={tolerance} after {self.name} is not a number") from None
        return WannierOptions(
            plane=settings.get("plane"),
            degeneracy_tolerance=level,
            kramers_pairs="kramers_pairs" in settings,
            hermitise="hermitise" in settings,
        )


@lru_cache(maxsize=256)
def _parsed(text: str) -> SourceName:
    name, mark, rest = text.rpartition("#")
    words = [word.partition("=") for word in rest.split("&")]
    if not mark or any(key not in (*SETTINGS, VERSION) for key, _, _ in words):
        return SourceName(text)  # a file may have this sign in its name
    found = {key: value for key, _, value in words}
    version = found.pop(VERSION, None)
    return SourceName(name, tuple(found.items()), version)
