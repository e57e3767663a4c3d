"""The Mott residual: the same in any unit of energy, silent where there is nothing to compare, never dear unasked."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from time import process_time

import numpy as np
import pytest

import explorer
import explorer.results.mott_check as mott_check_module
from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.bloch import energies
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.mott_integral import MottAlpha, mott_alpha
from explorer.physics.responses.integrand import Response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import K_B
from explorer.results.mott_check import (
    NOTHING_TO_COMPARE,
    TOO_DEAR,
    Budget,
    mott_check,
    mott_residual,
)
from explorer.results.sweep import sweep
from explorer.session.source import open_source
from tests.cases import CASES
from tests.physics.random_hamiltonians import random_hamiltonian, random_wave_vectors


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(s, marks=pytest.mark.long) for s in range(4, 40))]
)
def test_the_residual_does_not_depend_on_the_unit_of_energy(seed: int) -> None:
    """Energies, mu and k_B T times 1e-3 to 1e3: both sides of (12) scale, and so does their distance."""
    rng = np.random.default_rng(seed)
    bands = int(rng.integers(2, 4))
    h = random_hamiltonian(bands, seed)
    levels = energies(h, random_wave_vectors(h, 20, seed))
    mu, kT = float(rng.choice(levels.ravel())), 10 ** rng.uniform(-1.7, -0.7)
    found = []
    for factor in (1.0, 10 ** rng.uniform(-3, 3), 1e-3, 1e3):
        scaled = replace(
            h, hoppings=factor * h.hoppings, degeneracy_tolerance=factor * h.degeneracy_tolerance
        )
        at, kelvin = np.array([factor * mu]), factor * kT / K_B
        direct, integral = (
            adaptive_response(scaled, INTRINSIC, at, kelvin),
            mott_alpha(scaled, INTRINSIC, at, kelvin),
        )
        assert direct.converged.all()
        assert integral.complete.all()
        size = np.abs(direct.alpha).max()
        assert np.abs(direct.alpha - integral.alpha).max() < 3e-4 * size
        found.append((direct.chi, integral.alpha))
    for chi, alpha in found[1:]:
        # chi and alpha are lengths in units of constants: the same whatever the unit of energy
        np.testing.assert_allclose(chi, found[0][0], rtol=0, atol=2e-3 * np.abs(found[0][0]).max())
        np.testing.assert_allclose(alpha, found[0][1], rtol=0, atol=3e-4 * np.abs(found[0][1]).max())


def test_bands_of_eight_millielectronvolts_satisfy_the_mott_relation() -> None:
    """Once 0.157: pieces of 4e-4 eV were as wide as the features of the curve."""
    found = sweep(open_source(str(CASES / "refx0.001_tb.dat")), 1e-3, 10.0)
    assert found.mott_complete.all()
    assert found.checks["mott_residual"] < 5e-5


@pytest.mark.parametrize("checks", ["quick", "full"])
def test_noise_over_noise_is_no_residual(checks: str) -> None:
    """Graphene has alpha = 0; -5e-14 +- 1e-7 against another -5e-14 was called a residual of 1.83."""
    found = sweep(open_source(str(CASES / "graphene_tb.dat")), -1.0, 300.0, checks=checks)
    assert np.abs(found.response.alpha).max() <= found.response.alpha_error.max()
    assert np.isnan(found.checks["mott_residual"])
    assert found.unknown["mott_residual"] == NOTHING_TO_COMPARE


def response(alpha: Floats, error: float) -> Response:
    """A response of one temperature with the alphas (M, 2) and no chi."""
    values = alpha[None]
    bars = np.full_like(values, error)
    mu = np.arange(len(alpha), dtype=float)
    return Response(mu, np.array([10.0]), 0 * values, values, bars, bars, bars[..., 0] >= 0, 1)


def integral(alpha: Floats, error: float = 0.0) -> MottAlpha:
    values = alpha[None]
    return MottAlpha(values, np.full_like(values, error), values, values[..., 0] == values[..., 0], 1)


def test_a_residual_is_relative_to_the_largest_alpha_of_either_side() -> None:
    alpha = np.array([[2.0, 0.0], [1.0, 0.0]])
    assert mott_residual(response(alpha, 0.01), integral(1.5 * alpha)) == pytest.approx(1 / 3)
    assert mott_residual(response(0 * alpha, 0.0), integral(0 * alpha)) == 0.0
    assert np.isnan(mott_residual(response(alpha, 1.0), integral(alpha, 1.0)))
    assert mott_residual(response(alpha, 0.9), integral(alpha, 1.0)) == 0.0


def test_a_check_that_runs_out_of_work_says_what_it_has() -> None:
    """The largest alpha first; each mu is one moment of work here."""
    alpha = np.array([[1.0, 0.0], [3.0, 0.0], [2.0, 0.0], [0.5, 0.0]])
    asked: list[list[float]] = []

    def by_mott(mu: Floats, budget: Budget | None) -> MottAlpha:
        asked.append(list(mu))
        for _ in mu:
            if budget:
                budget.spend(1.0)
        return integral(alpha[mu.astype(int)])

    assert mott_check(response(alpha, 0.0), by_mott, 10.0).complete.all()
    assert asked == [[1.0], [0.0, 1.0, 2.0, 3.0]]
    asked.clear()
    found = mott_check(response(alpha, 0.0), by_mott, 2.5)
    assert asked == [[1.0], [2.0]]
    assert found.complete.tolist() == [[False, True, True, False]]
    assert found.residual == 0.0

    def stuck(mu: Floats, budget: Budget | None) -> MottAlpha:
        while budget:
            budget.spend(1.0)
        return by_mott(mu, budget)

    late = mott_check(response(alpha, 0.0), stuck, 2.5)
    assert np.isnan(late.residual)
    assert late.why_not == TOO_DEAR


def test_the_residual_does_not_depend_on_how_busy_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wave vector a thousand times slower, or each sub-triangle: the same number over the same mu.

    Once processor time was the bound, and which mu were covered depended on what else ran.
    """
    source, mu = open_source("haldane"), np.linspace(-0.5, 0.5, 9)
    monkeypatch.setattr(mott_check_module, "SUB_TRIANGLES_IN_A_MOMENT", 1e6)
    swept = partial(sweep, source, mu, 100.0, rtol=1e-2)
    quiet = swept()
    assert 0 < quiet.mott_complete.sum() < mu.size, "the bound is to be met halfway"
    clock = iter(range(10**9))
    for name in ("process_time", "perf_counter", "monotonic", "thread_time"):
        monkeypatch.setattr(time, name, lambda: 1e3 * next(clock))
    busy = swept()
    np.testing.assert_array_equal(busy.mott_complete, quiet.mott_complete)
    assert busy.checks == quiet.checks


def test_work_is_counted_alike_by_any_number_of_threads() -> None:
    h, mu = open_source("haldane").hamiltonian, np.linspace(-0.2, 0.2, 3)
    counts = []
    for threads in (1, 3):
        told: list[tuple[int, int]] = []
        with ThreadPoolExecutor(threads) as pool:
            found = mott_alpha(
                h, INTRINSIC, mu, 100.0, pool=pool, spend=lambda *work, to=told: to.append(work)
            )
        counts.append(told)
        assert sum(k for k, _ in told) == found.evaluations
    assert counts[0] == counts[1]
    assert sum(work for _, work in counts[0]) > 1e5


def test_a_cheap_sum_over_sixteen_bands_is_not_followed_by_minutes_of_checking() -> None:
    """The residual of such a sum took 250 s and came to nothing; now it is left out, and said."""
    source = open_source("haldane")
    wide = replace(source, hamiltonian=random_hamiltonian(16, 1))
    begin = process_time()
    answer = sweep(wide, 0.3, 300.0, method="sum", mesh=12, checks="none")
    middle = process_time()
    found = sweep(wide, 0.3, 300.0, method="sum", mesh=12)
    spent = process_time() - middle
    np.testing.assert_array_equal(answer.response.chi, found.response.chi)
    assert found.unknown["mott_residual"] == TOO_DEAR
    assert spent < 2 * (middle - begin) + 1.0
    assert all(np.isnan(v) for v in answer.checks.values())
    assert "none" in answer.unknown["mott_residual"]


def test_full_checks_are_what_quick_ones_are_where_these_suffice() -> None:
    quick, full = (
        explorer.compute("haldane", mu=[0.1, 0.2], temperature=100, checks=checks)
        for checks in ("quick", "full")
    )
    assert quick.attrs["mott_residual"] == full.attrs["mott_residual"] < 1e-3
    assert quick.attrs["sea_surface_residual"] == full.attrs["sea_surface_residual"]
    none = explorer.compute("haldane", mu=[0.1, 0.2], temperature=100, checks="none")
    np.testing.assert_array_equal(none.chi, full.chi)
    assert none.attrs["mott_residual_missing"] == "not asked for (--checks none)"
    with pytest.raises(ValueError, match="no checks thorough"):
        explorer.compute("haldane", mu=[0.1], temperature=100, checks="thorough")
