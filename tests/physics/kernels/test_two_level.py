"""The closed form for two levels: where it is recognised, and its numbers against `equation_11_gauge_free`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.kit.hamiltonian import (
    Hamiltonian,
    HoppingList,
    LatticeHamiltonian,
    PolynomialHamiltonian,
)
from explorer.models.kit.model import catalogue
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.kernels.dispatch import kernel_of
from explorer.physics.kernels.rows import TERM1
from explorer.physics.kernels.two_level import two_level
from tests.physics.kernels.kernel_comparison import TOLERANCE, dense, deviation, random_polynomial
from tests.physics.random_hamiltonians import (
    OBLIQUE_CELL,
    in_kramers_pairs,
    random_hamiltonian,
    random_unitary,
    random_wave_vectors,
)

_S = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
DIRAC = np.array([np.kron(_S[0], s) for s in _S] + [np.kron(_S[1], np.eye(2)), np.kron(_S[2], np.eye(2))])
"""Five anticommuting 4 x 4 matrices."""


def dirac_lattice(matrices: int, seed: int) -> LatticeHamiltonian:
    """h0 + h.Gamma with random Fourier coefficients, the Dirac matrices rotated and the basis mixed."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0][:matrices]
    mix = random_unitary(rng, 4)
    gamma = mix.conj().T @ np.einsum("ab,bij->aij", turn, DIRAC) @ mix
    basis = np.concatenate([np.eye(4)[None], gamma])
    bonds = HoppingList(OBLIQUE_CELL, np.zeros((4, 2)))
    bonds.onsite(np.tensordot(rng.normal(size=len(basis)), basis, 1))
    for vector in ((1, 0), (0, 1), (1, 1), (2, -1)):
        z = rng.normal(size=len(basis)) + 1j * rng.normal(size=len(basis))
        bonds.add(vector, np.tensordot(0.3 * z, basis, 1))
    return bonds.hamiltonian()


def dirac_polynomial(seed: int) -> PolynomialHamiltonian:
    rng = np.random.default_rng(seed)
    powers = np.array([(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)], dtype=np.int64)
    basis = np.concatenate([np.eye(4)[None], DIRAC])
    return PolynomialHamiltonian(powers, np.tensordot(rng.normal(size=(6, 6)), basis, 1), 1.0)


RECOGNISED: dict[str, tuple[Hamiltonian, int]] = {
    "two bands": (random_hamiltonian(2, 1), 3),
    "two bands, three neighbours": (random_hamiltonian(2, 2, reach=3), 3),
    "two bands doubled": (in_kramers_pairs(random_hamiltonian(2, 3), 4), 3),
    "three Dirac matrices": (dirac_lattice(3, 5), 3),
    "four Dirac matrices": (dirac_lattice(4, 6), 4),
    "five Dirac matrices": (dirac_lattice(5, 7), 5),
    "two bands k.p": (random_polynomial(2, 8), 3),
    "five Dirac matrices k.p": (dirac_polynomial(9), 5),
    "a doubled single band": (in_kramers_pairs(random_hamiltonian(1, 10), 11), 0),
}


@pytest.mark.parametrize("name", RECOGNISED)
def test_recognised_and_equal_to_the_plain_kernel(name: str) -> None:
    h, matrices = RECOGNISED[name]
    found = two_level(h)
    assert found is not None
    assert found.matrices == matrices
    assert kernel_of(h).name == "two levels"
    k = np.random.default_rng(0).normal(size=(2, 61))
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize(
    "h",
    [
        random_hamiltonian(3, 1),
        random_hamiltonian(4, 2),
        random_hamiltonian(2, 3, dipoles=True),
        random_polynomial(4, 4),
        in_kramers_pairs(random_hamiltonian(3, 5), 6),
        catalogue()["cumnas"](staggering=0.01).hamiltonian(),
    ],
    ids=["three bands", "four bands", "position matrices", "k.p", "three pairs", "PT broken"],
)
def test_not_recognised_where_there_are_no_two_levels(h: Hamiltonian) -> None:
    assert two_level(h) is None
    k = np.random.default_rng(0).normal(size=(2, 21))
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE


def test_a_small_fifth_level_is_not_overlooked() -> None:
    h = dirac_lattice(3, 12)
    hoppings = h.hoppings.copy()
    hoppings[len(h.vectors) // 2] += 1e-9 * np.diag([1.0, 2.0, -1.0, -2.0])
    assert two_level(replace(h, hoppings=hoppings)) is None


@pytest.mark.parametrize("key", ["haldane", "cumnas", "tilted-dirac"])
def test_models_with_two_levels(key: str) -> None:
    h = catalogue()[key]().hamiltonian()
    assert kernel_of(h).name == "two levels"
    k = np.random.default_rng(1).uniform(-0.3, 0.3, size=(2, 40))
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("count", [1, 7, 8, 9, 17])
def test_any_number_of_wave_vectors(count: int) -> None:
    h = random_hamiltonian(2, 4)
    k = random_wave_vectors(h, count, seed=count)
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("mass", [0.0, 1e-3, 1e-5])
def test_at_and_near_a_dirac_point(mass: float) -> None:
    h = catalogue()["haldane"](mass=mass, t2=0.0, anisotropy=0.0).hamiltonian()
    assert isinstance(h, LatticeHamiltonian)
    b1, b2 = h.reciprocal
    corner = (2 * b1 + b2) / 3
    # The point itself only where its levels are merged: else T1 and T2 vanish there by the threefold axis.
    steps = np.array([[0.0, 0.0] if mass == 0.0 else [2e-4, 1e-4], [1e-3, 0.0], [0.2, 0.1]])
    for sign in (1, -1):
        k = (sign * corner + steps).T
        g, plain = band_geometry(h, k), dense(h, k)
        for q in range(k.shape[1]):  # each alone: entries grow as 1/gap^3
            one = (
                replace(x, k=k[:, [q]], values=x.values[..., [q]], groups=x.groups[:, [q]])
                for x in (g, plain)
            )
            assert deviation(*one) < TOLERANCE
        assert (g.groups[1, 0] == 0) == (mass == 0.0)


def test_levels_within_the_tolerance_are_one_group() -> None:
    h = random_hamiltonian(2, 13).with_levels(4.2, False)
    k = random_wave_vectors(h, 100, seed=2)
    g = band_geometry(h, k)
    merged = g.groups[1] == 0
    assert 0 < merged.sum() < 100
    assert deviation(g, dense(h, k)) < TOLERANCE
    assert not g.values[TERM1.start :, :, merged].any()


def test_forced_pairs_of_two_bands_are_one_group() -> None:
    h = random_hamiltonian(2, 14).with_levels(None, True)
    k = random_wave_vectors(h, 9, seed=3)
    g = band_geometry(h, k)
    assert not g.groups.any()
    assert deviation(g, dense(h, k)) < TOLERANCE


def test_nan_stays_at_its_wave_vector() -> None:
    h = random_hamiltonian(2, 15)
    k = random_wave_vectors(h, 16, seed=4)
    expected = band_geometry(h, k)
    k[0, 3] = np.nan
    values = band_geometry(h, k).values
    assert np.isnan(values[0, :, 3]).all()
    assert np.array_equal(np.delete(values, 3, axis=2), np.delete(expected.values, 3, axis=2))
