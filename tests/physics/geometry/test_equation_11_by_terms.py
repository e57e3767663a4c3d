"""The terms of (11) sum to T1 and T2; a known pair makes a known hot spot; shares sum to chi."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.hamiltonian import LatticeHamiltonian, PolynomialHamiltonian
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.equation_11_by_terms import TERMS, decompose, hottest
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.kernels.rows import TERM1, TERM2
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.physics.responses.intrinsic_by_terms import band_shares, band_sums, term_shares
from explorer.physics.zone.domain import zone_of
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian, random_wave_vectors

TOLERANCE = 1e-10

CASES = [
    pytest.param(random_hamiltonian(n, seed=n, dipoles=d), id=f"single-{n}{'-dipoles' if d else ''}")
    for n in (2, 3, 6)
    for d in (False, True)
] + [
    pytest.param(
        in_kramers_pairs(random_hamiltonian(n, seed=n, dipoles=d), seed=n),
        id=f"pairs-{2 * n}{'-dipoles' if d else ''}",
    )
    for n in (2, 4)
    for d in (False, True)
]


@pytest.mark.parametrize("h", CASES)
def test_terms_sum_to_the_kernel(h: LatticeHamiltonian) -> None:
    for k in random_wave_vectors(h, 3, seed=5).T:
        g = band_geometry(h, k[:, None])
        scale = np.abs(g.values[TERM1.start : TERM2.stop]).max()
        for band in range(h.size):
            found = decompose(h, k, band)
            by_term = {name: np.zeros(2) for name in TERMS}
            for term in found.terms:
                by_term[term.term] += term.value
            np.testing.assert_allclose(by_term["moment"], g.term1[:, band, 0], atol=TOLERANCE * scale)
            np.testing.assert_allclose(
                by_term["pair"] + by_term["inertia"], g.term2[:, band, 0], atol=TOLERANCE * scale
            )
            np.testing.assert_allclose(found.term1, by_term["moment"], atol=TOLERANCE * scale)
            assert found.levels == tuple(np.flatnonzero(g.groups[:, 0] == g.groups[band, 0]))
            sizes = [t.size for t in found.terms]
            assert sizes == sorted(sizes, reverse=True)


def test_kramers_pairs_are_never_split() -> None:
    h = CuMnAs().hamiltonian()
    found = decompose(h, np.array([0.3, 0.1]), 0)
    assert found.levels == (0, 1)
    assert {t.outer for t in found.terms} == {(2, 3)}
    assert len(found.terms) == 3  # one partner pair: moment, pair, inertia


def test_near_crossing_is_blamed_on_its_pair() -> None:
    """A narrow gap below a distant third level: the pair across the gap carries L, the rest corrects it."""
    matrices = np.zeros((3, 3, 3), complex)
    matrices[0] = np.diag([0.02, -0.02, 4.0])
    matrices[1, 0, 1] = matrices[1, 1, 0] = 2.0  # k_x
    matrices[1] += 0.7 * np.eye(3)
    matrices[2, :2, :2] = [[0, -2j], [2j, 0]]  # k_y
    matrices[2, 0, 2] = matrices[2, 2, 0] = 0.5
    h = PolynomialHamiltonian(np.array([[0, 0], [1, 0], [0, 1]]), matrices, 0.3)
    found = decompose(h, np.array([0.003, 0.002]), 0)
    assert (found.terms[0].outer, found.terms[0].inner) == ((1,), (1,))
    assert found.terms[0].energy[0] == pytest.approx(0.041, abs=0.002)
    pair = np.sum([t.value for t in found.terms if t.outer == t.inner == (1,)], axis=0)
    rest = found.term1 + found.term2 - pair
    assert np.hypot(*rest) < 0.02 * np.hypot(*pair)


def test_hottest() -> None:
    h = Haldane().hamiltonian()
    g = band_geometry(h, zone_of(h).mesh(20)[0])
    found = hottest(g, 0, 3)
    size = np.hypot(*g.lambda_[:, 0])
    assert size[found[0]] == size.max()
    assert np.all(np.diff(size[found]) <= 0)
    assert found.shape == (3,)


@pytest.mark.parametrize("component", [0, 1])
def test_shares_sum_to_chi(component: int) -> None:
    """Terms to chi in both forms, bands to terms; each way of summing a band is the other."""
    h = random_hamiltonian(3, seed=5)
    k, weights = zone_of(h).mesh(30)
    g = band_geometry(h, k)
    mu, kelvin = np.linspace(-2, 2, 5), np.array([400.0])
    terms = plain_sum(g, weights, term_shares(component), mu, kelvin)[0][0]
    bands = plain_sum(g, weights, band_shares(component, 3), mu, kelvin)[0][0].reshape(5, 2, 3)
    for form, total in ((INTRINSIC, terms[:, :2].sum(axis=1)), (INTRINSIC_SEA, terms[:, 0] + terms[:, 2])):
        chi = plain_sum(g, weights, form, mu, kelvin)[0][0]
        np.testing.assert_allclose(total, chi[:, component], rtol=1e-9, atol=1e-12 * np.abs(chi).max())
    size = np.abs(bands).max()
    np.testing.assert_allclose(bands.sum(axis=2), terms[:, :2], atol=1e-9 * size)
    np.testing.assert_allclose(
        band_sums(g, weights, component, mu[1], 400.0), bands[1], rtol=1e-9, atol=1e-12 * size
    )


def test_bad_band() -> None:
    with pytest.raises(ValueError, match="band 2 of a Hamiltonian of 2 bands"):
        decompose(Haldane().hamiltonian(), np.zeros(2), 2)
