"""The checks are green on every model, and red on what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.physics.geometry import BandGeometry
from explorer.validation import CheckResult, pointwise, sums, validate
from explorer.validation.bench import LEVELS, Bench
from explorer.validation.result import result
from models.base import Model, catalogue
from models.cumnas import CuMnAs
from models.haldane import Haldane
from tests.physics.random_hamiltonians import random_hamiltonian

MODELS = catalogue()
HEAVY = {"cri3", "tbg"}
"""More than a second a run."""
ADJUSTABLE = [key for key, model in MODELS.items() if model.quantities()]


def random_parameters(model: type[Model], seed: int) -> dict[str, float]:
    """Anywhere within bounds; now and then a bound, zero or the default, where symmetries come and go."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, q in model.quantities().items():
        low, high = q.bounds
        special = [v for v in (low, high, 0.0, q.default) if low <= v <= high]
        found[name] = float(rng.choice(special) if rng.random() < 0.25 else rng.uniform(low, high))
    return found


def failures(results: list[CheckResult]) -> list[CheckResult]:
    assert results
    return [r for r in results if not r.passed]


@pytest.mark.parametrize("key", MODELS)
def test_every_check_is_green_at_defaults(key: str) -> None:
    assert failures(validate(MODELS[key](), "brief")) == []


@pytest.mark.parametrize("key", sorted(set(ADJUSTABLE) - HEAVY))
@pytest.mark.parametrize("seed", [0, 1])
def test_every_check_is_green_at_random_parameters(key: str, seed: int) -> None:
    model = MODELS[key]
    assert failures(validate(model(**random_parameters(model, seed)), "brief")) == []


@pytest.mark.parametrize("model", [Haldane(), CuMnAs(neel_angle=30.0)], ids=["haldane", "cumnas"])
def test_converged_integrals_agree(model: Model) -> None:
    results = validate(model, "quick")
    assert failures(results) == []
    assert {"sea = surface form", "Mott (12)"} <= {r.name for r in results}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("key", ADJUSTABLE)
def test_every_check_is_green_at_twenty_parameter_sets(key: str, seed: int) -> None:
    model = MODELS[key]
    assert failures(validate(model(**random_parameters(model, 100 + seed)), "quick")) == []


# --- the checks notice


def bench(model: Model, **changed: Any) -> Bench:
    """A bench whose kernels return some rows multiplied by a factor."""
    made = Bench(model, model.hamiltonian(), LEVELS["brief"], 11, None)
    values = made.geometry.values.copy()
    for row, factor in changed.get("scaled", {}).items():
        values[row] *= factor
    made.__dict__["geometry"] = BandGeometry(made.points, values, made.geometry.groups)
    return made


@pytest.mark.parametrize(
    ("row", "check", "name"),
    [
        (1, pointwise.metric_and_curl, "velocity"),
        (3, pointwise.equation_11, "first term of (11)"),
        (5, pointwise.metric_and_curl, "second term of (11)"),
        (7, pointwise.metric_and_curl, "quantum metric"),
        (10, pointwise.reciprocal_lattice, "reciprocal lattice"),
    ],
)
def test_a_wrong_row_is_found(row: int, check: Any, name: str) -> None:
    wrong = {r.name: r for r in check(bench(Haldane(), scaled={row: 1 + 1e-4}))}
    assert not wrong[name].passed
    right = {r.name: r for r in check(bench(Haldane()))}
    assert right[name].passed


def test_a_false_symmetry_is_found() -> None:
    class Tilted(Haldane):
        """Declares what the unequal bond breaks."""

        key = ""

        def hamiltonian(self) -> Any:
            h = super().hamiltonian()
            hoppings = h.hoppings.copy()
            vectors = h.vectors.tolist()
            for vector in ([0, -1], [0, 1]):
                hoppings[vectors.index(vector)] *= 1.1
            return replace(h, hoppings=hoppings)

    names = {r.name for r in failures(validate(Tilted(), "brief"))}
    assert any(name.startswith("symmetry") for name in names)


def test_forbidden_components_are_measured_against_the_declared_group() -> None:
    """A group that the crystal does not have: its forbidden components are there, and large."""
    made = Bench(CuMnAs(neel_angle=40.0), random_hamiltonian(4, seed=5), LEVELS["brief"], 11, None)
    made.__dict__["symmetries"] = CuMnAs(neel_tilt=90.0).symmetries()
    found = {r.name: r for r in sums.forbidden_components(made)}
    assert found["forbidden by symmetry, intrinsic"].value > 1e-3
    assert not found["forbidden by symmetry, intrinsic"].passed


def test_a_residual_that_is_no_number_does_not_pass() -> None:
    assert not result("any", float("nan"), 1.0, "", "physics", "").passed


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="no level thorough of checks; one of brief, quick, full"):
        validate(Haldane(), "thorough")
