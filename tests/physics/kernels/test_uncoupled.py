"""Uncoupled parts one by one give what the whole matrix gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import explorer.physics.kernels.dispatch as kernels
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.twisted_bilayer_graphene import TwistedBilayerGraphene
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.kernels.dispatch import kernel_of
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.kernels.uncoupled import restricted, uncoupled_parts
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.zone.domain import zone_of
from tests.physics.kernels.kernel_comparison import TOLERANCE, dense, deviation, random_polynomial
from tests.physics.random_hamiltonians import random_hamiltonian, random_wave_vectors


def side_by_side(*parts: LatticeHamiltonian, order: int = 3) -> LatticeHamiltonian:
    """One Hamiltonian of several, its orbitals shuffled."""
    n = sum(p.size for p in parts)
    shuffled = np.random.default_rng(order).permutation(n)
    hoppings = np.zeros((len(parts[0].hoppings), n, n), complex)
    dipoles = None if parts[0].dipoles is None else np.zeros((len(hoppings), 2, n, n), complex)
    first = 0
    for p in parts:
        own = np.ix_(shuffled[first : first + p.size], shuffled[first : first + p.size])
        hoppings[:, *own] = p.hoppings
        if dipoles is not None and p.dipoles is not None:
            dipoles[:, :, *own] = p.dipoles
        first += p.size
    positions = np.empty((n, 2))
    positions[shuffled] = np.concatenate([p.positions for p in parts])
    return replace(parts[0], positions=positions, hoppings=hoppings, dipoles=dipoles)


@pytest.mark.parametrize("dipoles", [False, True], ids=["points", "dipoles"])
@pytest.mark.parametrize("sizes", [(4, 4), (2, 7, 1), (5, 12), (8, 47)])
def test_parts_are_found_and_give_the_whole(sizes: tuple[int, ...], dipoles: bool) -> None:
    h = side_by_side(*(random_hamiltonian(n, seed=n + i, dipoles=dipoles) for i, n in enumerate(sizes)))
    assert sorted(len(p) for p in uncoupled_parts(h)) == sorted(sizes)
    assert kernel_of(h).name == "parts"
    k = random_wave_vectors(h, 21, seed=1)
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE


def test_a_polynomial_of_two_parts() -> None:
    one, other = random_polynomial(5, seed=1), random_polynomial(6, seed=2)
    matrices = np.zeros((len(one.matrices), 11, 11), complex)
    matrices[:, :5, :5], matrices[:, 5:, 5:] = one.matrices, other.matrices
    h = replace(one, matrices=matrices)
    k = np.random.default_rng(2).uniform(-0.7, 0.7, (2, 30))
    assert kernel_of(h).name == "parts"
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE
    first = restricted(h, uncoupled_parts(h)[0])
    assert first.size == 5
    assert first.degeneracy_tolerance == h.degeneracy_tolerance


def counted(h: Hamiltonian, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wave vectors that the kernel of the whole matrix is asked for from now on, of h not seen before."""
    asked: list[int] = []
    plain = kernels._coupled

    def watched(some: Hamiltonian) -> kernels.Kernel:
        kernel = plain(some)
        if some.size < h.size:
            return kernel

        def fill(k, values, groups, part, window):  # type: ignore[no-untyped-def]
            asked.append(part.stop - part.start)
            kernel.fill(k, values, groups, part, window)

        return replace(kernel, fill=fill)

    monkeypatch.setattr(kernels, "_coupled", watched)
    return asked


@pytest.mark.parametrize("tolerance", [0.05, 0.5, 3.0, 100.0])
def test_groups_across_parts_are_those_of_the_whole(
    tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wide tolerance chains levels of one part through those of another: there the whole matrix decides."""
    h = side_by_side(random_hamiltonian(4, seed=5), random_hamiltonian(6, seed=6)).with_levels(
        tolerance, False
    )
    asked, k = counted(h, monkeypatch), random_wave_vectors(h, 40, seed=3)
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE
    assert sum(asked) > 0


def test_equal_levels_of_two_parts_are_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both spins without coupling: every level twice, and no need of the whole matrix."""
    one = random_hamiltonian(5, seed=9)
    h = side_by_side(one, one)
    asked, k = counted(h, monkeypatch), random_wave_vectors(h, 40, seed=4)
    g, alone = band_geometry(h, k), band_geometry(one, k)
    assert asked == []
    assert (g.groups == np.repeat(np.arange(5), 2)[:, None]).all()
    assert deviation(g, dense(h, k)) < TOLERANCE
    for row in range(ROW_COUNT):
        scale = np.abs(alone.values[row]).max()
        np.testing.assert_allclose(
            g.values[row] / scale, alone.values[row].repeat(2, axis=0) / scale, atol=1e-9
        )


def test_a_range_of_bands() -> None:
    h = side_by_side(random_hamiltonian(6, seed=1), random_hamiltonian(6, seed=2)).with_levels(0.5, False)
    k, kept = random_wave_vectors(h, 20, seed=5), slice(3, 8)
    every, some = band_geometry(h, k), band_geometry(h, k, bands=kept)
    np.testing.assert_allclose(some.values, every.values[:, kept], rtol=1e-9, atol=1e-9)


def test_pairs_by_number_are_left_to_the_whole() -> None:
    h = side_by_side(random_hamiltonian(4, seed=1), random_hamiltonian(4, seed=2)).with_levels(None, True)
    k = random_wave_vectors(h, 20, seed=6)
    assert kernel_of(h).name == "small"
    assert deviation(band_geometry(h, k), dense(h, k)) < TOLERANCE


def traced(g: BandGeometry) -> BandGeometry:
    """Every row as the mean of its group."""
    values = np.empty_like(g.values)
    for q in range(g.k.shape[1]):
        for label in np.unique(g.groups[:, q]):
            own = g.groups[:, q] == label
            values[:, own, q] = g.values[:, own, q].mean(axis=1, keepdims=True)
    return BandGeometry(g.k, values, g.groups)


def test_both_valleys_of_twisted_bilayer_graphene() -> None:
    h = TwistedBilayerGraphene(valley=0.0, shells=1.0).hamiltonian()
    assert kernel_of(h).name == "parts"
    k = zone_of(h).mesh(6)[0]  # with Gamma and M, where time reversal makes levels of both valleys one
    assert deviation(traced(band_geometry(h, k)), dense(h, k)) < TOLERANCE


@pytest.mark.parametrize("integrand", [INTRINSIC, EXTRINSIC_PER_PICOSECOND])
def test_uncoupled_valleys_add_up(integrand: Integrand) -> None:
    """Also where their levels meet: the mean of slope times moment is not the product of the means."""

    def sums(valley: float) -> tuple[Floats, Floats]:
        h = TwistedBilayerGraphene(valley=valley, shells=1.0).hamiltonian()
        k, weights = zone_of(h).mesh(6)
        at, kelvin = np.array([0.005]), np.array([300.0])
        return plain_sum(band_geometry(h, k), weights, integrand, at, kelvin)

    for one, other, both in zip(sums(1.0), sums(-1.0), sums(0.0), strict=True):
        scale = max(np.abs(one).max(), np.abs(other).max())
        np.testing.assert_allclose(both / scale, (one + other) / scale, atol=1e-7)
