"""What a preset's name promises, in brackets or by a word, against the declared group and against zone sums."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from explorer.models.kit.model import Model, catalogue
from explorer.physics.symmetry.operations import verify
from tests.models.symmetry_checks import names, responses

MODELS = [key for key in catalogue() if not key.startswith("cri3")]
PRESETS = [(key, name) for key in MODELS for name in catalogue()[key].presets]
SILENT = re.compile("vanish|time reversal|Paramagnet|No magnet|Bare|Chiral")
"""Words of those in which the response of the model is not to be seen."""
MESH = {"tbg": 12}
KELVIN = 300.0
VANISHED = 1e-7
"""Beside the same response of the defaults, or of the other kind where that vanishes too."""


def made(key: str, name: str | None = None) -> Model:
    values = dict(catalogue()[key].presets[name]) if name else {}
    if key == "tbg":
        values.setdefault("shells", 2.0)
    return catalogue()[key](**values)


def held(model: Model) -> set[str]:
    """Declared operations that H(k) has."""
    return {c.symmetry.name for c in verify(model.hamiltonian(), model.symmetries()) if c.holds}


def sums(model: Model) -> dict[str, np.ndarray]:
    return responses(model, MESH.get(model.key, 24), model.default_mu, KELVIN)[0]


def vanishes(kind: str) -> Callable[[Model, Model], None]:
    def check(model: Model, usual: Model) -> None:
        size = np.abs(sums(usual)[kind]).max()
        assert size > 1e-4
        assert np.abs(sums(model)[kind]).max() < VANISHED * size

    return check


def has(*operations: str) -> Callable[[Model, Model], None]:
    def check(model: Model, usual: Model) -> None:
        assert set(operations) <= held(model)

    return check


def both_components(model: Model, usual: Model) -> None:
    found = sums(model)
    kind = "extrinsic" if "T" in names(model) else "intrinsic"
    assert np.abs(found[kind]).min() > 1e-3 * np.abs(found[kind]).max() > 0


def parity_time_broken(model: Model, usual: Model) -> None:
    assert "PT" in held(usual)
    assert "PT" not in names(model)
    assert np.abs(sums(usual)["hall"]).max() < 1e-9
    assert np.abs(sums(model)["hall"]).max() > 1e-6 or np.abs(sums(model)["extrinsic"]).max() > 1e-6


def time_reversal(model: Model, usual: Model) -> None:
    assert "T" in held(model)
    found = sums(model)
    assert np.abs(found["hall"]).max() < 1e-9
    assert np.abs(found["intrinsic"]).max() < VANISHED * np.abs(sums(usual)["intrinsic"]).max()


def no_hall_effect(model: Model, usual: Model) -> None:
    assert "C2z T" in held(model)
    assert np.abs(sums(model)["hall"]).max() < 1e-9 < 1e-3 < np.abs(sums(usual)["hall"]).max()


def two_shells(model: Model, usual: Model) -> None:
    assert model.hamiltonian().size == 24 * (1 if model.values()["valley"] else 2)


CLAIMS: dict[str, Callable[[Model, Model], None]] = {
    r"χ vanishes": vanishes("intrinsic"),
    r"\bextrinsic vanishes": vanishes("extrinsic"),
    r"\bboth components": both_components,
    r"\bPT broken": parity_time_broken,
    r"\btime reversal": time_reversal,
    r"^Paramagnet": time_reversal,
    r"^Threefold": has("C3z"),
    r"twofold axis": has("C2z"),
    r"^In-plane field": no_hall_effect,
    r"^No order": has("T", "P", "PT"),
    r"^Bare": has("C2z T", "C3z", "C2x"),
    r"2 shells": two_shells,
}
"""Words of a name and what they promise, given the model and the same at its defaults."""


@pytest.mark.parametrize(("key", "name"), PRESETS)
def test_a_preset_keeps_what_its_name_says(key: str, name: str) -> None:
    claims = [claim for words, claim in CLAIMS.items() if re.search(words, name)]
    for claim in claims:
        claim(made(key, name), made(key))
    assert claims or "(" not in name, "brackets hold a claim that nothing checks"


@pytest.mark.parametrize(("key", "name"), [p for p in PRESETS if not SILENT.search(p[1])])
def test_every_other_preset_shows_an_effect(key: str, name: str) -> None:
    found = sums(made(key, name))
    kind = "extrinsic" if key == "mos2" else "intrinsic"
    assert np.abs(found[kind]).max() > 1e-4
