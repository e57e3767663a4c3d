"""A source as it is written: a model's key or a path, with settings behind a #."""

from __future__ import annotations

from math import inf

from explorer.models.files.wannier90.options import WannierOptions

SETTINGS = ("plane", "hermitise", "kramers_pairs", "degeneracy_tolerance", "window")
"""What may follow a source's name, so that one word says how the page shows it; all but the last are for files."""


def split_settings(text: str) -> tuple[str, dict[str, str]]:
    """A SOURCE and the settings after its last `#`.

    >>> split_settings("GaAs_tb.dat#plane=xy&hermitise")
    ('GaAs_tb.dat', {'plane': 'xy', 'hermitise': ''})
    """
    name, mark, rest = text.rpartition("#")
    words = [word.partition("=") for word in rest.split("&")]
    if not mark or any(key not in SETTINGS for key, _, _ in words):
        return text, {}  # a file may have this sign in its name
    return name, {key: value for key, _, value in words}


def with_setting(text: str, setting: str, value: str | None = "") -> str:
    """The SOURCE with one setting more, or, where its value is None, without it."""
    name, settings = split_settings(text)
    settings.pop(setting, None)
    if value is not None:
        settings[setting] = value
    listed = "&".join(f"{key}={v}" if v else key for key, v in settings.items())
    return f"{name}#{listed}" if listed else name


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
            f"degeneracy_tolerance={tolerance} after {text.rpartition('#')[0]} is not a number"
        ) from None
    return WannierOptions(
        plane=settings.get("plane"),
        degeneracy_tolerance=level,
        kramers_pairs="kramers_pairs" in settings,
        hermitise="hermitise" in settings,
    )
