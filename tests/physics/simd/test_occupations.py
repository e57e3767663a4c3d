"""Occupations without library calls against SciPy's."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.special import expit, spence

from explorer.physics.simd.lanes import LANES, load, store
from explorer.physics.simd.occupations import DILOG_SERIES, LOG_SERIES, lane_integrals, lane_occupations

X = np.concatenate(
    [
        np.linspace(-60, 60, 8 * 601),
        np.random.default_rng(1).normal(0, 3, 800),
        [0.0, -0.0, 1e-12, -1e-12] * 2,
    ]
)


@njit
def _all(x, logs, dilogs, out):  # type: ignore[no-untyped-def]
    for at in range(0, x.size, LANES):
        f, peak, s = lane_occupations(load(x, at), logs)
        store(out[0], at, f)
        store(out[1], at, peak)
        store(out[2], at, s)
        peak, f, tail, s, grand = lane_integrals(load(x, at), logs, dilogs)
        store(out[3], at, peak)
        store(out[4], at, f)
        store(out[5], at, tail)
        store(out[6], at, s)
        store(out[7], at, grand)


def test_occupations_and_integrals() -> None:
    out = np.empty((8, X.size))
    _all(X, LOG_SERIES, DILOG_SERIES, out)
    f, tail = expit(-X), np.logaddexp(0.0, -X)
    inner = spence(1.0 + np.exp(-np.abs(X)))
    dilog = np.where(X >= 0, inner, -(np.pi**2) / 6 - X**2 / 2 - inner)
    peak, s = expit(X) * expit(-X), X * f + tail
    for found, wanted in zip(out, (f, peak, s, peak, f, tail, s, 2 * dilog - X * tail), strict=True):
        # What the reference loses where large terms cancel is below 1e-12 at |x| = 60.
        np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-12)
    near = np.abs(X) < 8
    for found, wanted in zip(out[:3, near], (f[near], peak[near], s[near]), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=3e-13)
