"""The kernels' T1 and T2 against equation (11) as printed and against the curl of the metric."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_levels
from explorer.physics.geometry.equation_11_as_printed import bands_at, literal_metric, literal_term1, slopes
from explorer.physics.geometry.equation_11_gauge_free import geometry_block
from tests.physics.random_hamiltonians import (
    in_kramers_pairs,
    random_hamiltonian,
    random_unitary,
    random_wave_vectors,
)

TERM1_TOLERANCE = 1e-10
CURL_TOLERANCE = 1e-6


def single(bands: int, dipoles: bool) -> LatticeHamiltonian:
    return random_hamiltonian(bands, seed=bands, dipoles=dipoles)


def pairs(bands: int, dipoles: bool) -> LatticeHamiltonian:
    return in_kramers_pairs(random_hamiltonian(bands // 2, seed=bands, dipoles=dipoles), seed=bands)


CASES = [
    pytest.param(make(n, dipoles), id=f"{make.__name__}-{n}{'-dipoles' if dipoles else ''}")
    for make, sizes in ((single, range(2, 9)), (pairs, (4, 6, 8)))
    for n in sizes
    for dipoles in (False, True)
]


def dense_geometry(h: LatticeHamiltonian, k: np.ndarray) -> BandGeometry:
    """By the plain linear algebra of the definition, whatever faster kernel there is for h."""
    values = geometry_block(bloch_matrices(h, k), h.degeneracy_tolerance, h.kramers_pairs)
    return BandGeometry(k, values, group_levels(values[0], h.degeneracy_tolerance, h.kramers_pairs))


KERNELS = pytest.mark.parametrize("geometry", [band_geometry, dense_geometry], ids=["fastest", "dense"])


def worst(computed: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(computed - expected).max() / np.abs(expected).max())


@KERNELS
@pytest.mark.parametrize("h", CASES)
def test_term1_is_equation_11_as_printed(
    h: LatticeHamiltonian, geometry: Callable[..., BandGeometry]
) -> None:
    k = random_wave_vectors(h, 12, seed=1)
    g = geometry(h, k)
    expected = np.stack([literal_term1(bands_at(h, q)) for q in k.T], axis=-1)
    assert worst(g.term1, expected) < TERM1_TOLERANCE


@KERNELS
@pytest.mark.parametrize("h", CASES)
def test_term2_is_half_the_curl_of_the_metric(
    h: LatticeHamiltonian, geometry: Callable[..., BandGeometry]
) -> None:
    k = random_wave_vectors(h, 6, seed=2)
    g = geometry(h, k)
    expected = np.stack([slopes(h, q).curl for q in k.T], axis=-1)
    assert worst(g.term2, expected) < CURL_TOLERANCE


@KERNELS
@pytest.mark.parametrize("h", CASES)
def test_metric_is_that_of_the_interband_connection(
    h: LatticeHamiltonian, geometry: Callable[..., BandGeometry]
) -> None:
    k = random_wave_vectors(h, 12, seed=3)
    expected = np.stack([literal_metric(bands_at(h, q)) for q in k.T], axis=-1)
    assert worst(geometry(h, k).metric, expected) < TERM1_TOLERANCE


@pytest.mark.parametrize("dipoles", [False, True])
@pytest.mark.parametrize("bands", [4, 6, 8])
def test_mixing_inside_the_pairs_changes_nothing(bands: int, dipoles: bool) -> None:
    """Equation (11) itself, traced over a pair, knows nothing of the basis chosen inside the pair."""
    h = pairs(bands, dipoles)
    rng = np.random.default_rng(bands)
    for k in random_wave_vectors(h, 4, seed=4).T:
        mixing = np.zeros((bands, bands), complex)
        for i in range(0, bands, 2):
            mixing[i : i + 2, i : i + 2] = random_unitary(rng, 2)
        plain, mixed = (literal_term1(bands_at(h, k, mixing=u)) for u in (None, mixing))
        assert worst(mixed, plain) < TERM1_TOLERANCE
        assert worst(band_geometry(h, k[:, None]).term1[..., 0], mixed) < TERM1_TOLERANCE


@pytest.mark.parametrize("dipoles", [False, True])
def test_a_doubled_hamiltonian_has_the_bands_of_the_single_one(dipoles: bool) -> None:
    h = random_hamiltonian(4, seed=21, dipoles=dipoles)
    k = random_wave_vectors(h, 8, seed=5)
    one, two = band_geometry(h, k), band_geometry(in_kramers_pairs(h, seed=22), k)
    assert np.array_equal(two.groups, np.repeat(np.arange(4), 2)[:, None] * np.ones((1, 8), int))
    for row in range(len(one.values)):
        assert worst(two.values[row], np.repeat(one.values[row], 2, axis=0)) < TERM1_TOLERANCE


def test_groups_are_chained() -> None:
    energy = np.array([[0.0], [0.9e-6], [1.8e-6], [1.0]])
    assert group_levels(energy, 1e-6)[:, 0].tolist() == [0, 0, 0, 1]
