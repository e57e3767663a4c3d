"""The thermal strip across a triangle: closed forms for linear bands, and a sum over many points for curved ones."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.physics.integration.cells.fermi_strip import strip_integral, strip_tables
from explorer.physics.integration.cells.triangle_polynomial import monomials

CORNERS = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
TABLES = strip_tables()


def strip(
    coefficients: Floats, mu: float, kT: float, corners: Floats = CORNERS, unseen: float = 0.0
) -> tuple[bool, Floats, Floats]:
    components = (len(coefficients) - 1) // 2
    value, off = np.empty((2, 2 * components))
    work = np.empty(40 * components + 16)
    done = strip_integral(corners, 1.0, coefficients, mu, kT, unseen, *TABLES, work, value, off)
    return bool(done), value, off


def fitted(*functions: object) -> Floats:
    """Coefficients of functions of the barycentric (u, v), by least squares on a grid."""
    u, v = (a.ravel() for a in np.meshgrid(np.linspace(0, 1, 25), np.linspace(0, 1, 25)))
    inside = u + v <= 1.0 + 1e-12
    matrix = monomials(u[inside], v[inside])
    samples = np.stack([f(u[inside], v[inside]) * np.ones(inside.sum()) for f in functions])  # type: ignore[operator]
    return np.ascontiguousarray(np.linalg.lstsq(matrix, samples.T, rcond=None)[0].T)


@pytest.mark.parametrize("steepness", [1.0, -1.0])
def test_a_linear_band_with_constant_densities_has_a_closed_form(steepness: float) -> None:
    """e = S (1 - u): lines parallel to the edge opposite the first corner, at distance r = 1 - u from it.

    By Sommerfeld's expansion, which ends for polynomials: int 2 r f0 dr = r_F^2 + pi^2/3 (kT/S)^2, and so on.
    """
    sea, surface, kT, crossing = 1.3, -0.7, 0.004, 0.45
    band = fitted(lambda u, v: steepness * (1 - u), lambda u, v: sea, lambda u, v: surface)
    done, value, off = strip(band, steepness * crossing, kT)
    assert done
    filled = crossing**2 if steepness > 0 else 1 - crossing**2
    chi = sea * (filled + np.sign(steepness) * np.pi**2 / 3 * kT**2) + surface * 2 * crossing
    alpha = sea * 2 * crossing * kT * np.pi**2 / 3
    alpha += surface * 2 * kT * np.pi**2 / 3 * np.sign(steepness)
    assert value == pytest.approx([chi, alpha], rel=1e-10)
    assert np.abs(off).max() < 1e-9


def many_points(coefficients: Floats, mu: float, kT: float, corners: Floats, n: int = 1600) -> Floats:
    """Averages over a triangle by the centroids of 2.6 million small ones."""
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    up, down = i + j < n, i + j < n - 1
    bary = (
        np.concatenate([np.stack([i[m] + s, j[m] + s]) for m, s in ((up, 1 / 3), (down, 2 / 3))], axis=1) / n
    )
    components = (len(coefficients) - 1) // 2
    total = np.zeros(2 * components)
    for part in np.array_split(bary, 60, axis=1):
        points = corners[:2].T @ part + corners[2][:, None] * (1 - part.sum(axis=0))
        e, *rows = coefficients @ monomials(*points).T
        x = (e - mu) / kT
        f = 1 / (1 + np.exp(x))
        entropy = np.log1p(np.exp(-np.abs(x))) + np.abs(x) / (1 + np.exp(np.abs(x)))
        for c in range(components):
            sea, surface = rows[c], rows[components + c]
            total[c] += (f * sea + f * (1 - f) / kT * surface).sum()
            total[components + c] += (entropy * sea + x * f * (1 - f) / kT * surface).sum()
    return total / bary.shape[1]


@pytest.mark.parametrize("lone", [0, 1, 2])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_curved_band_agrees_with_a_sum_over_many_points(lone: int, sign: float) -> None:
    band = fitted(
        lambda u, v: sign * (0.9 * u + 0.1 * v + 0.15 * u * v - 0.1 * u**2),
        lambda u, v: 2 + np.cos(3 * u),
        lambda u, v: np.sin(2 * v + u),
        lambda u, v: np.exp(-v),
        lambda u, v: 1 - u * v,
    )
    corners = np.roll(CORNERS, lone, axis=0)
    done, value, off = strip(band, 0.45 * sign, 0.015, corners)
    assert done
    expected = many_points(band, 0.45 * sign, 0.015, corners)
    assert value == pytest.approx(expected, rel=2e-6, abs=2e-6)
    assert np.all(np.abs(value - expected) < np.abs(off) + 2e-6)


def test_what_lies_beyond_the_corners_counts_as_error() -> None:
    """With a corner 13 k_B T from mu, e^-13 of the thermal part is missing; the difference says so."""
    kT = 0.45 / 13
    band = fitted(lambda u, v: 1 - u, lambda u, v: 1.0, lambda u, v: 1.0)
    done, value, off = strip(band, 0.45, kT)
    assert done
    expected = many_points(band, 0.45, kT, CORNERS)
    missing = np.abs(value - expected)
    assert missing.max() > 1e-7
    assert np.all(missing <= np.abs(off) + 1e-7)


@pytest.mark.parametrize(
    "energy",
    [
        lambda u, v: 1.0 - u,  # mu at a corner
        lambda u, v: 3.0 + u,  # nothing crosses
        lambda u, v: 0.5 + (u - 0.33) ** 2 + (v - 0.33) ** 2 - 0.02,  # a pocket inside
        lambda u, v: 0.48 + 0.3 * (v - 0.5) ** 2 + 0.1 * u,  # one edge is crossed twice
    ],
)
def test_other_shapes_are_refused(energy: object) -> None:
    band = fitted(energy, lambda u, v: 1.0, lambda u, v: 1.0)
    mu = 0.0 if band[0] @ monomials(np.array([1.0]), np.array([0.0]))[0] < 1e-9 else 0.5
    assert not strip(band, mu, 1e-4)[0]
