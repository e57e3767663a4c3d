"""The checks are green on every model, and red on what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.model import Model, catalogue
from explorer.models.tilted_dirac import TiltedDirac
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.session.source import open_source
from explorer.validation import CheckResult, integrals, pointwise, sums, validate
from explorer.validation.bench import LEVELS, Bench
from explorer.validation.integrals import compared
from explorer.validation.result import result
from explorer.validation.sides import Side, settled
from tests.cases import CASES
from tests.physics.random_hamiltonians import random_hamiltonian

MODELS = catalogue()
HEAVY = {"cri3", "tbg"}
"""More than a second a run."""
ADJUSTABLE = [key for key, model in MODELS.items() if model.quantities()]


def random_parameters(model: type[Model], seed: int) -> dict[str, float]:
    """Anywhere within bounds; now and then a bound, zero or the default, where symmetries come and go.

    Counts and switches take whole steps.
    """
    rng = np.random.default_rng(seed)
    found = {}
    for name, q in model.quantities().items():
        low, high = q.bounds
        special = [v for v in (low, high, 0.0, q.default) if low <= v <= high]
        value = float(rng.choice(special) if rng.random() < 0.25 else rng.uniform(low, high))
        found[name] = low + q.step * round((value - low) / q.step) if q.step and q.step >= 1 else value
    return found


def twenty_sets() -> list[Any]:
    """The 20 random parameter sets of each model, equal ones once: bilayer CrI3 has but one switch."""
    found = []
    for key in ADJUSTABLE:
        sets = {seed: random_parameters(MODELS[key], seed) for seed in range(100, 120)}
        once = {tuple(parameters.values()): seed for seed, parameters in reversed(sets.items())}
        found += [pytest.param(key, sets[seed], id=f"{key}-{seed}") for seed in sorted(once.values())]
    return found


def failures(results: list[CheckResult]) -> list[CheckResult]:
    assert results
    return [r for r in results if r.passed is False]


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
    verdicts = {r.name: r.passed for r in validate(model, "quick")}
    assert False not in verdicts.values()
    assert verdicts["sea = surface form"]
    assert verdicts["Mott (12)"]


@pytest.mark.long
@pytest.mark.parametrize(("key", "parameters"), twenty_sets())
def test_every_check_is_green_at_twenty_parameter_sets(key: str, parameters: dict[str, float]) -> None:
    assert failures(validate(MODELS[key](**parameters), "quick")) == []


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


def side(name: str, value: float, bar: float, *, met: bool) -> Side:
    ones = np.ones((1, 2))
    return Side(name, value * ones, bar * ones, np.array([met]), 5000)


@pytest.mark.parametrize(
    ("other", "verdict", "words"),
    [
        (side("sea form", 1.0004, 3e-4, met=True), True, "at 1 of 1 chemical potentials"),
        (side("sea form", 1.02, 3e-4, met=True), False, "at 1 of 1 chemical potentials"),
        (side("sea form", 1.02, 3e-2, met=False), True, "sea form not converged within 5000 wave vectors"),
        (side("sea form", 1.2, 3e-1, met=False), None, "sea form not converged within 5000 wave vectors"),
        (side("sea form", 1.2, 3e-1, met=True), None, "error bars above 5% of the curve"),
    ],
)
def test_a_comparison_reaches_as_far_as_its_bars(other: Side, verdict: bool | None, words: str) -> None:
    found = compared("sea = surface form", (side("surface form", 1.0, 1e-4, met=True), other), 1.0, "chi")
    assert found.passed is verdict
    assert words in found.meaning
    if verdict is None:
        assert found.meaning.startswith("not compared: ")


def test_what_does_not_converge_is_said_and_fails_nothing() -> None:
    """The near-crossings of bilayer CrI3 on the coarsest cells."""
    model = MODELS["cri3-eg"]()
    starved = Bench(model, model.hamiltonian(), replace(LEVELS["quick"], evaluations=4), 11, None)
    for check, name in ((integrals.sea_and_surface, "sea = surface form"), (integrals.mott, "Mott (12)")):
        (found,) = check(starved)
        assert found.name == name
        assert found.passed is None
        assert found.meaning.startswith("not compared: ")
        assert "not converged within 4 wave vectors" in found.meaning


@pytest.mark.parametrize(("finest", "bar"), [(10**6, 2 * 0.03), (100, np.inf)])
def test_the_bar_of_what_did_not_converge_is_its_change(finest: int, bar: float) -> None:
    """None where the finest cells end both runs: what lies inside them is not known."""

    def run(evaluations: int) -> tuple[Any, Any, Any, int]:
        spent = min(evaluations, finest)
        return np.full((1, 2), 1.0 + 10.0 / spent), np.full((1, 2), 1e-4), np.array([False]), spent

    np.testing.assert_allclose(settled("any", run, 1000).bar, bar)


def test_what_is_infinite_sets_no_size() -> None:
    first, second = (
        Side(
            name,
            np.array([[1e3, 0.0], [1.0, 0.0]]),
            np.array([[bar, 0.0], [1e-3, 0.0]]),
            np.array([False, True]),
            9,
        )
        for name, bar in (("alpha of (9)", np.inf), ("the Mott integral", 1e-3))
    )
    found = compared("Mott (12)", (first, second), 1.0, "alpha")
    assert found.tolerance == pytest.approx(2e-3)
    assert "at 1 of 2 chemical potentials" in found.meaning


def test_on_a_disc_the_forms_differ_by_its_edge() -> None:
    model = TiltedDirac()
    (found,) = integrals.sea_and_surface(Bench(model, model.hamiltonian(), LEVELS["quick"], 11, None))
    assert found.passed is None


def test_a_residual_that_is_no_number_does_not_pass() -> None:
    assert not result("any", float("nan"), 1.0, "", "physics", "").passed


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="no level thorough of checks; one of brief, quick, full"):
        validate(Haldane(), "thorough")


def test_the_relations_hold_on_bands_of_eight_millielectronvolts() -> None:
    """Mott said FAIL 1.7e-2 where the same bands a thousand times wider passed."""
    source = open_source(str(CASES / "refx0.001_tb.dat"))
    found = {r.name: r for r in validate(source.model, hamiltonian=source.hamiltonian)}
    assert not failures(list(found.values()))
    assert found["Mott (12)"].value < 1e-5


def test_flat_levels_have_the_velocity_that_differences_find() -> None:
    """Three levels that do not depend on k: the slope of either side is rounding, and both vanish."""
    source = open_source(str(CASES / "onsite_only_tb.dat"))
    found = {r.name: r for r in validate(source.model, hamiltonian=source.hamiltonian)}
    assert not failures(list(found.values()))
    assert found["velocity"].passed
