"""The kernel for large matrices against `equation_11_gauge_free`, and BLAS kept to one thread meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.model import catalogue
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.kernels.large_matrices import large_geometry, one_blas_thread
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.kernels.small_matrices import element_series
from tests.physics.kernels.kernel_comparison import TOLERANCE, dense, deviation, random_polynomial
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian, random_wave_vectors


def large(h: Hamiltonian, k: Floats, window: slice | None = None) -> BandGeometry:
    """Geometry by the kernel under test, whichever is faster; of other bands than `window` it means nothing."""
    values = np.empty((ROW_COUNT, h.size, k.shape[1]))
    groups = np.empty(values.shape[1:], dtype=np.int64)
    series = element_series(h)
    for part in (slice(0, 3), slice(3, k.shape[1])):
        large_geometry(
            series,
            h.size,
            k,
            h.degeneracy_tolerance,
            h.kramers_pairs,
            values,
            groups,
            part,
            window or slice(0, h.size),
        )
    return BandGeometry(k, values, groups)


def few_against_all(h: Hamiltonian, k: Floats, window: slice) -> float:
    """Deviation of a range of bands computed by itself from the same bands among all."""
    few, every = large(h, k, window), large(h, k)

    def part(g: BandGeometry) -> BandGeometry:
        return BandGeometry(k, g.values[:, window], g.groups[window])

    return deviation(part(few), part(every))


@pytest.mark.parametrize("dipoles", [False, True], ids=["points", "dipoles"])
@pytest.mark.parametrize("bands", [1, 2, 5, 27, 40])
def test_random_hamiltonians(bands: int, dipoles: bool) -> None:
    h = random_hamiltonian(bands, seed=bands, dipoles=dipoles)
    k = random_wave_vectors(h, 13, seed=1)
    assert deviation(large(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("dipoles", [False, True], ids=["points", "dipoles"])
def test_degenerate_pairs_with_random_mixing(dipoles: bool) -> None:
    h = in_kramers_pairs(random_hamiltonian(15, seed=3, dipoles=dipoles), seed=9)
    k = random_wave_vectors(h, 9, seed=2)
    assert deviation(large(h, k), dense(h, k)) < TOLERANCE


def test_polynomial() -> None:
    h = random_polynomial(26, seed=1)
    k = np.random.default_rng(3).normal(size=(2, 9))
    assert deviation(large(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize(("tolerance", "pairs"), [(0.5, False), (1e-9, True), (100.0, False)])
def test_groups_of_split_levels(tolerance: float, pairs: bool) -> None:
    h = random_hamiltonian(28, seed=5, dipoles=True).with_levels(tolerance, pairs)
    k = random_wave_vectors(h, 9, seed=4)
    g = large(h, k)
    assert (g.groups[-1] < 27).any()
    assert deviation(g, dense(h, k)) < TOLERANCE


def test_bilayer_cri3() -> None:
    h = catalogue()["cri3"]().hamiltonian()
    k = np.array([[0.0, 0.1, 0.3], [0.0, -0.2, 0.25]])
    g, plain = large(h, k), dense(h, k)
    assert np.array_equal(g.groups, plain.groups)
    # Entries reach 1e7 angstrom^3 where bands nearly touch: each relative to the largest of its kind.
    assert deviation(g, plain) < TOLERANCE


@pytest.mark.parametrize("dipoles", [False, True], ids=["points", "dipoles"])
@pytest.mark.parametrize("window", [slice(0, 1), slice(11, 17), slice(29, 40)])
def test_few_bands_are_those_of_all(window: slice, dipoles: bool) -> None:
    h = random_hamiltonian(40, seed=6, dipoles=dipoles)
    assert few_against_all(h, random_wave_vectors(h, 11, seed=3), window) < TOLERANCE


@pytest.mark.parametrize(("tolerance", "pairs"), [(0.3, False), (1e-9, True)])
def test_few_bands_of_groups_that_the_range_cuts(tolerance: float, pairs: bool) -> None:
    """Groups of levels apart: mean energies, slopes inside the groups, and whole groups all enter."""
    h = random_hamiltonian(40, seed=5, dipoles=True).with_levels(tolerance, pairs)
    assert few_against_all(h, random_wave_vectors(h, 11, seed=4), slice(15, 20)) < TOLERANCE


def test_few_bands_of_a_polynomial() -> None:
    h = random_polynomial(26, seed=1)
    assert few_against_all(h, np.random.default_rng(3).normal(size=(2, 9)), slice(10, 14)) < TOLERANCE


def test_few_bands_of_bilayer_cri3() -> None:
    h = catalogue()["cri3"]().hamiltonian()
    k = np.array([[0.0, 0.1, 0.3], [0.0, -0.2, 0.25]])
    assert few_against_all(h, k, slice(84, 92)) < TOLERANCE


def test_blas_threads_come_back() -> None:
    def threads() -> list[int]:
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = threads()
    with one_blas_thread(), one_blas_thread():
        assert set(threads()) == {1}
    assert threads() == before
