"""The choice of kernel: made once, forgotten with its Hamiltonian, the same numbers on any threads."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.kernels.dispatch import SMALL, kernel_of
from explorer.physics.kernels.rows import ROW_COUNT
from tests.physics.kernels.kernel_comparison import TOLERANCE, dense, deviation
from tests.physics.random_hamiltonians import random_hamiltonian, random_wave_vectors


@pytest.mark.parametrize(
    ("bands", "name"), [(1, "small"), (2, "two levels"), (4, "small"), (SMALL, "small"), (SMALL + 1, "large")]
)
def test_each_size_has_its_kernel(bands: int, name: str) -> None:
    h = random_hamiltonian(bands, seed=1)
    assert kernel_of(h).name == name
    assert kernel_of(h) is kernel_of(h)
    k = random_wave_vectors(h, 5, seed=1)
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("bands", [2, 3, 30])
def test_a_kernel_does_not_keep_its_hamiltonian(bands: int) -> None:
    h = random_hamiltonian(bands, seed=2)
    kernel_of(h)
    alive = weakref.ref(h)
    del h
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("bands", [2, 6, 30])
def test_threads_change_nothing(bands: int) -> None:
    h = random_hamiltonian(bands, seed=3, dipoles=bands == 6)
    k = random_wave_vectors(h, 9000 if bands == 2 else 700 if bands == 6 else 40, seed=2)
    done: list[float] = []
    with ThreadPoolExecutor(3) as pool:
        g = band_geometry(h, k, pool=pool, progress=done.append)
    alone = band_geometry(h, k)
    assert np.array_equal(g.values, alone.values)
    assert np.array_equal(g.groups, alone.groups)
    assert done == sorted(done)
    assert done[-1] == 1.0


def test_no_wave_vectors() -> None:
    assert band_geometry(random_hamiltonian(3, seed=4), np.empty((2, 0))).values.shape == (ROW_COUNT, 3, 0)


def test_progress_can_stop_the_work() -> None:
    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    h = random_hamiltonian(3, seed=5)
    with pytest.raises(KeyboardInterrupt):
        band_geometry(h, random_wave_vectors(h, 50, seed=3), progress=stop)


@pytest.mark.parametrize("bands", [3, 31])
def test_pairs_of_an_odd_number_of_bands_are_refused(bands: int) -> None:
    h = random_hamiltonian(bands, seed=6).with_levels(None, True)
    with pytest.raises(ValueError, match=f"even number of bands, this Hamiltonian has {bands}"):
        band_geometry(h, np.zeros((2, 1)))


@pytest.mark.parametrize("tolerance", [None, 0.4])
@pytest.mark.parametrize(("bands", "dipoles"), [(2, False), (6, True), (40, False), (40, True)])
def test_a_range_of_bands_is_cut_from_all(bands: int, dipoles: bool, tolerance: float | None) -> None:
    h = random_hamiltonian(bands, seed=7, dipoles=dipoles).with_levels(tolerance, False)
    k = random_wave_vectors(h, 21, seed=4)
    kept = slice(bands // 3, bands - bands // 4)
    every, some = band_geometry(h, k), band_geometry(h, k, bands=kept)
    numbers = every.groups[kept]
    assert np.array_equal(some.groups, numbers - numbers[0])
    cut = BandGeometry(k, every.values[:, kept], some.groups)
    assert deviation(some, cut) < 1e-12


def test_an_empty_range_of_bands_is_refused() -> None:
    with pytest.raises(ValueError, match="no bands from 5 to 5"):
        band_geometry(random_hamiltonian(5, seed=8), np.zeros((2, 1)), bands=slice(7, 9))
