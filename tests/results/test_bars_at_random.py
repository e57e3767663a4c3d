"""Error bars of responses drawn at random hold: at least 95 % contain what a far finer run gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.model import catalogue as models
from explorer.physics.carriers.filling import OutOfReachError
from explorer.physics.responses import catalogue
from explorer.physics.responses.row import POTENTIAL
from explorer.results.density_sweep import ChemicalPotentials, chemical_potentials
from explorer.results.response_sweep import responses_at_densities
from explorer.results.responses import inputs_of, respond
from explorer.session.source import Source, open_source
from tests.physics.random_hamiltonians import random_hamiltonian
from tests.physics.transformations import supercell

CHEAP = ("haldane", "cumnas", "tilted-dirac", "rashba", "mos2", "honeycomb-afm", "supercell")
FINER = 30.0
"""Tolerance of a run over that of the run that judges it."""


def source_at_random(rng: np.random.Generator) -> Source:
    """A model anywhere near its defaults, or two cells of a random crystal."""
    name = str(rng.choice(CHEAP))
    if name == "supercell":
        plain = open_source("haldane")
        return replace(plain, hamiltonian=supercell(random_hamiltonian(2, int(rng.integers(1000))), 2))
    values: dict[str, Any] = {}
    for key, q in models()[name].quantities().items():
        low, high = q.bounds
        if not (q.step and q.step >= 1):
            values[key] = float(np.clip(q.default + 0.2 * rng.normal() * (high - low) / 4, low, high))
    return open_source(name, values)


def one(seed: int) -> tuple[Floats, Floats, Floats] | None:
    """Value, bar and judge's value of a random response, (C,) each; None where the run says that it has none."""
    rng = np.random.default_rng(seed)
    source = source_at_random(rng)
    inputs = inputs_of(source)
    rows = [r for r in catalogue.available(inputs)[0] if r.coefficient != POTENTIAL and not r.needs]
    row, kelvin = rows[int(rng.integers(len(rows)))], float(10 ** rng.uniform(1.3, 2.8))
    rtol = 1e-3
    if seed % 3 == 0 and source.model.neutral_bands is None and source.hamiltonian.size <= 4:
        density = float(rng.uniform(-3, 3))
        try:
            chemical_potentials(source, np.array([density]), np.array([kelvin]), 24)
        except OutOfReachError:  # no band lies below, or none above
            density = -density
        found = responses_at_densities(
            source, [row.name], np.array([density]), np.array([kelvin]), rtol=rtol, checks="none"
        )
        v = found.parts[0].values[row.name]
        solved: ChemicalPotentials = chemical_potentials(source, np.array([density]), np.array([kelvin]), 768)
        # The judge's mu is that of a mesh four times as fine, put on an adaptive count of its own.
        mu = float(solved.mu[0, 0])
    else:
        low, high = source.model.mu_range or (-1.5, 1.5)
        mu = float(rng.uniform(max(low, -1.5), min(high, 1.5)))
        v = respond(source, [row], mu, kelvin, rtol=rtol)[row.name]
    if not v.converged.all():
        return None
    exact = respond(source, [row], mu, kelvin, rtol=rtol / FINER)[row.name]
    return v.value[0, 0], v.error[0, 0] + exact.error[0, 0], exact.value[0, 0]


@pytest.mark.parametrize("count", [16, pytest.param(200, marks=pytest.mark.long)])
def test_bars_hold_what_a_far_finer_run_gives(count: int) -> None:
    held, all_of_them, missed = 0, 0, []
    for seed in range(count):
        found = one(seed)
        if found is None:
            continue
        value, bar, exact = found
        inside = bool((np.abs(value - exact) <= bar + 1e-12 * np.abs(exact).max()).all())
        held, all_of_them = held + inside, all_of_them + 1
        if not inside:
            missed.append((seed, value, bar, exact))
    assert all_of_them >= 0.8 * count
    assert held >= 0.95 * all_of_them, missed
