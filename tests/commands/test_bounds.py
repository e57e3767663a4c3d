"""Numbers and settings at the edge of what is taken, and terminals that lack letters: a sentence, not a traceback."""

from __future__ import annotations

import io
import re
import sys

import numpy as np
import pytest

import explorer
from explorer.cli import main
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.models.kit.model import catalogue
from explorer.physics.geometry.bloch import energies
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of
from explorer.results.temperatures import check_temperatures

ENCODINGS = ("ascii", "cp1252", "cp932", "utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", [["models"], ["bands", "haldane", "--points", "20"]])
def test_any_terminal_can_be_written_to(
    encoding: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    assert main(command) == 0
    sys.stdout.flush()
    said = raw.getvalue().decode(encoding)
    assert "?" not in said, "a sign that nobody can read"
    assert ("Gamma" in said or "A" in said) if encoding == "ascii" else said


@pytest.mark.parametrize(
    ("kelvin", "message"),
    [
        (1e9, r"temperatures up to 1e\+06 K are taken, where k_B T is 86 eV; got 1e\+09"),
        (np.nan, "temperature must be finite numbers"),
        ([], "give a value of temperature"),
        ([[300.0]], r"temperature must be one number or a list of numbers, got an array of shape \(1, 1\)"),
        (1e-6, r"the lowest temperature for this source is 0\.078 K, .* got 1e-06 K.*equation \(13\)"),
        (0.01, r"the lowest temperature for this source is 0\.078 K"),
    ],
)
def test_temperatures(kelvin: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer.compute("haldane", mu=[0.1, 0.2], temperature=kelvin)
    with pytest.raises(ValueError, match=message):
        explorer.compute("haldane", density=[0.1], temperature=kelvin)


def test_the_lowest_temperature_is_taken() -> None:
    """A millionth of the width of the bands, which for bands of 0.01 meV is a millionth of a kelvin."""
    h = catalogue()["haldane"]().hamiltonian()
    check_temperatures(h, np.array([0.078]))
    assert 1e-6 < K_B * 0.078 / np.ptp(energies(h, zone_of(h).mesh(12)[0])) < 1.02e-6
    narrow = LatticeHamiltonian(h.cell, h.positions, h.vectors, 1e-6 * h.hoppings)
    check_temperatures(narrow, np.array([0.078e-6]))
    with pytest.raises(ValueError, match=r"lowest temperature for this source is 7\.8e-08 K"):
        check_temperatures(narrow, np.array([0.07e-6]))


@pytest.mark.parametrize(
    ("mu", "message"),
    [
        ([[0.1, 0.2]], r"mu must be one number or a list of numbers, got an array of shape \(1, 2\)"),
        (np.nan, "mu must be finite numbers"),
        ([0.1, np.inf], "mu must be finite numbers"),
        ([], "give a value of mu, or more"),
    ],
)
def test_chemical_potentials_of_a_notebook(mu: object, message: str) -> None:
    for method in ("adaptive", "sum", "triangle"):
        with pytest.raises(ValueError, match=message):
            explorer.compute("haldane", mu=mu, temperature=300.0, method=method)
    with pytest.raises(ValueError, match=re.sub(r"\bmu\b", "density", message)):
        explorer.compute("haldane", density=mu, temperature=300.0)


@pytest.mark.parametrize("k", [[], [np.nan, 0.0], [[0.1, 0.2], [np.inf, 0.0]]])
def test_wave_vectors_of_a_notebook(k: object) -> None:
    with pytest.raises(ValueError, match=r"k must be \(K, 2\)|finite"):
        explorer.geometry("haldane", k)


@pytest.mark.parametrize(("mu", "kelvin"), [(np.nan, 300.0), (0.1, np.nan), (0.1, 0.0), (0.1, np.inf)])
def test_maps_of_a_notebook(mu: float, kelvin: float) -> None:
    with pytest.raises(ValueError, match=r"finite|above 0 K"):
        explorer.kmap("haldane", mu=mu, temperature=kelvin, mesh=9)


def test_a_limit_that_is_no_number_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OM_EXPLORER_CACHE_BYTES", "abc")
    assert main(["precompute", "haldane", "--mesh", "4"]) == 2
    err = capsys.readouterr().err
    assert "OM_EXPLORER_CACHE_BYTES must be a whole number of bytes, it is 'abc'" in err
