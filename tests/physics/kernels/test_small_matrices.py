"""The kernel for small matrices against `equation_11_gauge_free`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.kernels.fourier_series import half_of
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.kernels.small_matrices import element_series, small_geometry
from tests.physics.kernels.kernel_comparison import TOLERANCE, dense, deviation, random_polynomial
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian, random_wave_vectors


def small(h: Hamiltonian, k: Floats) -> BandGeometry:
    """Geometry by the kernel under test, whichever is faster."""
    values = np.empty((ROW_COUNT, h.size, k.shape[1]))
    groups = np.empty(values.shape[1:], dtype=np.int64)
    series = element_series(h)
    # Two parts, so that a part that starts in the middle is tested too.
    for part in (slice(0, 11), slice(11, k.shape[1])):
        small_geometry(series, k, h.degeneracy_tolerance, h.kramers_pairs, values, groups, part)
    return BandGeometry(k, values, groups)


@pytest.mark.parametrize("dipoles", [False, True], ids=["points", "dipoles"])
@pytest.mark.parametrize("bands", [1, 2, 3, 4, 5, 8, 14, 16, 24, 32])
def test_random_hamiltonians(bands: int, dipoles: bool) -> None:
    h = random_hamiltonian(bands, seed=bands, dipoles=dipoles, reach=2)
    k = random_wave_vectors(h, 29, seed=1)
    assert deviation(small(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("dipoles", [False, True], ids=["points", "dipoles"])
@pytest.mark.parametrize("pairs", [1, 2, 4, 7])
def test_degenerate_pairs_with_random_mixing(pairs: int, dipoles: bool) -> None:
    h = in_kramers_pairs(random_hamiltonian(pairs, seed=pairs, dipoles=dipoles), seed=9)
    k = random_wave_vectors(h, 29, seed=2)
    assert deviation(small(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("bands", [1, 2, 3, 6])
def test_polynomials(bands: int) -> None:
    h = random_polynomial(bands, seed=bands, degree=4)
    k = np.random.default_rng(3).normal(size=(2, 29))
    k[:, :3] = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    assert deviation(small(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("tolerance", [0.3, 1.0, 100.0])
def test_chains_of_levels_within_the_tolerance(tolerance: float) -> None:
    h = random_hamiltonian(6, seed=4, dipoles=True).with_levels(tolerance, False)
    k = random_wave_vectors(h, 60, seed=3)
    g = small(h, k)
    assert (g.groups[-1] < 5).any()
    assert deviation(g, dense(h, k)) < TOLERANCE


def test_forced_pairs_of_split_levels() -> None:
    h = random_hamiltonian(6, seed=5, dipoles=True).with_levels(1e-6, True)
    k = random_wave_vectors(h, 29, seed=4)
    g = small(h, k)
    assert (g.groups.max(axis=0) == 2).all()
    assert deviation(g, dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("gap", [1e-2, 1e-3, 1e-4])
def test_near_crossings(gap: float) -> None:
    # Two copies of one spectrum, the second shifted by the gap and weakly coupled to the first.
    pair = in_kramers_pairs(random_hamiltonian(2, seed=6), seed=7)
    hoppings = pair.hoppings + gap * random_hamiltonian(4, seed=8).hoppings
    h = replace(pair, hoppings=hoppings, degeneracy_tolerance=1e-9)
    k = random_wave_vectors(h, 29, seed=5)
    assert deviation(small(h, k), dense(h, k)) < TOLERANCE


def test_a_vector_without_its_opposite_and_one_that_comes_twice() -> None:
    # Half of the vectors stand for both signs; a list need not hold both, nor each only once.
    h = random_hamiltonian(4, seed=9, dipoles=True)
    assert h.dipoles is not None
    one = np.flatnonzero((h.vectors == [1, 0]).all(axis=1))[0]
    split = replace(
        h,
        vectors=np.vstack([h.vectors, h.vectors[one]]),
        hoppings=np.concatenate([h.hoppings, 0.25 * h.hoppings[one][None]]),
        dipoles=np.concatenate([h.dipoles, 0.25 * h.dipoles[one][None]]),
    )
    split.hoppings[one] *= 0.75
    split.dipoles[one] *= 0.75
    k = random_wave_vectors(h, 29, seed=6)
    assert deviation(small(split, k), dense(h, k)) < TOLERANCE
    assert np.array_equal(half_of(np.array([[0, 0], [1, -2], [0, 1], [0, -1]]))[1], [-1, -1, 3])
