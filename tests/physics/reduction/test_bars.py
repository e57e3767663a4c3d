"""Error bars of what a group of bands gives, against all bands computed far finer."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.many_bands import adaptive
from explorer.physics.reduction import reduced as module
from explorer.physics.reduction.reduced import reduce_bands
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.results.adaptive import ON_DISK
from tests.physics.reduction.test_reduced_bands import layered


def inside(seeds: range) -> list[bool]:
    """For every number of every crystal: whether the finer value lies within the bars of both."""
    found: list[bool] = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        below, above = rng.integers(0, 4, 2)
        h = layered(
            int(below), int(rng.integers(1, 5)), int(above), seed, dipoles=bool(rng.integers(2)), gap=2.5
        )
        mu, kelvin = rng.uniform(-0.6, 0.6, 1), rng.uniform(60.0, 400.0, 1)
        rtol = float(10 ** rng.uniform(-2.5, -1.5))
        group = reduce_bands(h, mu, kelvin, INTRINSIC.densities, rtol)
        if group is None:
            continue  # all bands are taken: nothing of the group to judge
        r = adaptive(h, INTRINSIC, mu, kelvin, rtol=rtol, kept=ON_DISK, group=group)
        fine = adaptive_response(h, INTRINSIC, mu, kelvin, rtol=0.1 * rtol)
        for value, bar, right, rest in (
            (r.chi, r.chi_error, fine.chi, fine.chi_error),
            (r.alpha, r.alpha_error, fine.alpha, fine.alpha_error),
        ):
            found += (np.abs(value - right) <= bar + rest).ravel().tolist()
    return found


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_BANDS", 2)


def test_bars_of_a_few_crystals_hold() -> None:
    found = inside(range(4))
    assert len(found) >= 8
    assert np.mean(found) >= 0.95


@pytest.mark.long
def test_bars_of_a_hundred_crystals_hold() -> None:
    found = inside(range(100, 200))
    assert len(found) >= 200
    assert np.mean(found) >= 0.95
