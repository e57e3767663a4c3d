"""Levels that meet at one wave vector only: their trace is the limit of the levels before they meet.

H = diag(-1, -1, 0.7, 1.9, 3) at k = 0, with random linear and quadratic terms: the lowest two meet there and part
at first order in k, as the Dirac points and the high-symmetry points of crystals do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import PolynomialHamiltonian
from explorer.models.twisted_bilayer_graphene import TwistedBilayerGraphene
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.equation_11_as_printed import bands_at, literal_term1
from explorer.physics.geometry.equation_11_by_terms import decompose
from tests.physics.kernels.kernel_comparison import dense
from tests.physics.kernels.test_large_matrices import large
from tests.physics.kernels.test_small_matrices import small
from tests.physics.random_hamiltonians import random_hamiltonian, random_wave_vectors

KERNELS = pytest.mark.parametrize("geometry", [dense, small, large])
HOME = np.zeros((2, 12))
"""More than eight: the parts in which the kernels are called need not be empty."""
Geometry = Callable[..., BandGeometry]


def meeting(seed: int, tolerance: float = 1e-9) -> PolynomialHamiltonian:
    rng = np.random.default_rng(seed)
    powers = np.array([(p, q) for p in range(3) for q in range(3 - p)])
    raw = rng.normal(size=(len(powers), 5, 5)) + 1j * rng.normal(size=(len(powers), 5, 5))
    matrices = (raw + raw.conj().swapaxes(1, 2)) / 2
    matrices[0] = np.diag([-1.0, -1.0, 0.7, 1.9, 3.0])
    return PolynomialHamiltonian(powers, matrices, 1.0, tolerance)


@KERNELS
@pytest.mark.parametrize("seed", range(3))
def test_first_term_is_the_limit_of_the_two_levels(geometry: Geometry, seed: int) -> None:
    """Their own first terms grow as 1/gap^3; the sum, averaged over k and -k, differs from the limit by k^2."""
    h = meeting(seed)
    met = geometry(h, HOME).term1[:, :, 0]
    assert np.array_equal(met[:, 0], met[:, 1])
    turn = 2 * np.pi * np.arange(16) / 16
    apart = dense(h, 2e-3 * np.array([np.cos(turn), np.sin(turn)])).term1[:, :2].sum(axis=1)
    pairs = (apart[:, :8] + apart[:, 8:]) / 2
    assert np.abs(pairs - met[:, :2].sum(axis=1)[:, None]).max() < 1e-3 * np.abs(met).max()
    expected = literal_term1(bands_at(h, np.zeros(2)))
    assert np.abs(met - expected).max() < 1e-12 * np.abs(expected).max()


def projector_metric(h: PolynomialHamiltonian, k: Floats) -> Floats:
    """Re tr P d_iP d_jP of the lowest two levels, whatever their energies: (xx, xy, yy)."""
    m = bloch_matrices(h, k[:, None])
    energy, states = np.linalg.eigh(m.H[0])
    gap = energy[None, :2] - energy[2:, None]
    x, y = ((states.conj().T @ d[0] @ states)[2:, :2] / gap for d in m.first)
    return np.array([np.vdot(a, b).real for a, b in ((x, x), (x, y), (y, y))])


@KERNELS
def test_second_term_is_half_the_curl_of_the_metric_of_both(geometry: Geometry) -> None:
    h, step = meeting(7), 1e-3
    weights = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
    d_x, d_y = (
        sum(w * projector_metric(h, s * step * axis) for s, w in weights.items()) / step for axis in np.eye(2)
    )
    curl = 0.5 * np.array([d_x[1] - d_y[0], d_x[2] - d_y[1]])
    found = geometry(h, HOME).term2[:, :2, 0].sum(axis=1)
    assert np.abs(found - curl).max() < 1e-8 * np.abs(curl).max()


@KERNELS
@pytest.mark.parametrize("tolerance", [0.5, 0.9])
def test_first_terms_and_curvatures_of_all_bands_cancel_whatever_is_grouped(
    geometry: Geometry, tolerance: float
) -> None:
    h = random_hamiltonian(7, seed=3, dipoles=False).with_levels(tolerance, False)
    g = geometry(h, random_wave_vectors(h, 40, seed=5))
    assert (g.groups[-1] < 6).any()
    for row in (*g.term1, g.berry_curvature):
        assert np.abs(row.sum(axis=0)).max() < 1e-11 * np.abs(row).max()


def test_the_terms_of_a_decomposition_sum_to_the_geometry() -> None:
    h = meeting(3)
    found = decompose(h, np.zeros(2), 0)
    expected = dense(h, HOME[:, :1])
    for total, row in ((found.term1, expected.term1), (found.term2, expected.term2)):
        assert np.abs(total - row[:, 0, 0]).max() < 1e-12 * np.abs(row).max()
    assert np.allclose(sum(np.array(t.value) for t in found.terms), found.term1 + found.term2)


def test_remote_bands_of_twisted_bilayer_graphene_that_meet_at_gamma() -> None:
    """72 bands without strain, groups 0.5 microelectronvolts wide: what cancels is 1e10 angstrom^3."""
    h = TwistedBilayerGraphene(shells=4.0, strain=0.0).hamiltonian()
    g = large(h, HOME)
    assert g.groups[-1, 0] < h.size - 1
    assert np.abs(g.term1[:, :, 0].sum(axis=1)).max() < 1e-5 * np.abs(g.term1[:, :, 0]).max()
    curvature = g.berry_curvature[:, 0]
    assert abs(curvature.sum()) < 1e-9 * np.abs(curvature).max()
