"""(11) beside calculations that know no wave packets: the Kubo formula at finite q, and numbers of another program."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.kubo_tensor import kubo_tensor, multipole_density, multipole_tensor
from explorer.physics.geometry.static_response import static_density
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.responses.intrinsic_by_terms import term_shares
from explorer.physics.responses.kubo import KUBO, static
from explorer.physics.zone.domain import zone_of
from explorer.session.source import open_source
from tests.physics.kernels.kernel_comparison import random_polynomial
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian, random_wave_vectors

CUMNAS = {"neel_tilt": 40.0, "neel_angle": 30.0}
TABLE = [
    ("haldane", 0.3, 1500.0, 1, 5.004197e-08, -1.435805e-08, 3.568392e-08, 4.046994e-08, -1.7884e-08),
    ("haldane", 1.0, 1500.0, 1, -1.185368e-08, 1.105410e-08, -7.995750e-10, -4.484275e-09, 2.2734e-08),
    ("haldane", 1.0, 300.0, 1, -1.320270e-08, 1.422796e-08, 1.025261e-09, -3.717391e-09, None),
    ("cumnas", 0.9, 1500.0, 0, 1.415868e-08, 3.461875e-07, 3.603462e-07, 2.449504e-07, 3.249713e-07),
    ("cumnas", 0.9, 1500.0, 1, 1.555442e-08, 2.291797e-07, 2.447342e-07, 1.683409e-07, 2.030622e-07),
    ("cumnas", 0.5, 1500.0, 0, 5.657064e-07, 9.927819e-08, 6.649846e-07, 6.318918e-07, 5.637441e-07),
    ("cumnas", 0.5, 1500.0, 1, 3.048701e-07, 6.485773e-08, 3.697279e-07, 3.481086e-07, 3.774456e-07),
]
"""Model, mu [eV], T [K], component; X1, X2, chi, chi^K, chi^st [nm/ohm], own dense sums of another program."""
ALPHAS = [
    ("haldane", 0.3, 1, 1.051097e-02, 1.081397e-02),
    ("haldane", 1.0, 1, -1.704859e-03, -1.550889e-03),
    ("cumnas", 0.9, 0, 1.457265e-02, 1.831463e-02),
    ("cumnas", 0.9, 1, 1.051758e-02, 1.284558e-02),
    ("cumnas", 0.5, 0, 2.983797e-02, 3.620122e-02),
    ("cumnas", 0.5, 1, 8.155645e-03, 1.222582e-02),
]
"""At 1500 K: alpha and alpha^K [nA nm/K]."""


def opened(name: str) -> Hamiltonian:
    return open_source(name, CUMNAS if name == "cumnas" else {}).hamiltonian


def at(h: Hamiltonian, integrand: Integrand, mu: float, kelvin: float, n: int = 120) -> tuple[Floats, Floats]:
    """chi and alpha by a plain sum."""
    k, weights = zone_of(h).mesh(n)
    chi, alpha = plain_sum(band_geometry(h, k), weights, integrand, np.array([mu]), np.array([kelvin]))
    return chi[0, 0], alpha[0, 0]


@pytest.mark.parametrize(("name", "mu", "kelvin", "i", "x1", "x2", "chi", "chi_k", "chi_st"), TABLE)
def test_chi_of_another_program(
    name: str, mu: float, kelvin: float, i: int, x1: float, x2: float, chi: float, chi_k: float, chi_st: float
) -> None:
    h, n = opened(name), 500 if kelvin < 1000 else 120
    first, second = at(h, term_shares(i), mu, kelvin, n)[0][:2]
    assert [first, second] == pytest.approx([x1, x2], rel=1e-5)
    assert at(h, INTRINSIC, mu, kelvin, n)[0][i] == pytest.approx(chi, rel=1e-5)
    assert at(h, KUBO, mu, kelvin, n)[0][i] == pytest.approx(chi_k, rel=1e-5)
    if chi_st is not None:
        printed = 1e-4 if name == "haldane" else 1e-5  # five digits
        assert at(h, static(h), mu, kelvin)[0][i] == pytest.approx(chi_st, rel=printed)


@pytest.mark.parametrize(("name", "mu", "i", "alpha", "alpha_k"), ALPHAS)
def test_alpha_of_another_program(name: str, mu: float, i: int, alpha: float, alpha_k: float) -> None:
    h = opened(name)
    found = [at(h, integrand, mu, 1500.0)[1][i] for integrand in (INTRINSIC, KUBO)]
    assert found == pytest.approx([alpha, alpha_k], rel=1e-5)


CRYSTALS = [
    *(random_hamiltonian(n, seed=n) for n in (2, 3, 4)),
    random_polynomial(3, seed=2),
    in_kramers_pairs(random_hamiltonian(2, seed=6), seed=7),
]


@pytest.mark.parametrize("h", CRYSTALS, ids=["2", "3", "4", "k.p", "Kramers pairs"])
def test_the_kubo_formula_at_finite_wave_vector(h: Hamiltonian) -> None:
    """Current correlation, expanded in q, against metric and (11): all eight components at random k."""
    k = (
        random_wave_vectors(h, 20, seed=3)
        if isinstance(h, LatticeHamiltonian)
        else np.random.default_rng(1).uniform(-0.5, 0.5, (2, 20))
    )
    g = band_geometry(h, k)
    by_current = kubo_tensor(h, k)
    expected = multipole_tensor(h, k, g.term1, g.term2)
    scale = np.abs(expected).max(axis=(0, 1, 2, 3))
    assert (np.abs(by_current - expected).max(axis=(0, 1, 2, 3)) <= 1e-13 * scale).all()
    found = multipole_density(by_current)
    assert (np.abs(found - g.term1 - 2 / 3 * g.term2).max(axis=(0, 1)) <= 1e-13 * scale).all()
    # (8) itself it is not: the difference is a third of T2.
    assert np.abs(found - g.lambda_).max() > 0.01 * np.abs(g.lambda_).max()


@pytest.mark.parametrize("name", ["haldane", "cumnas"])
def test_in_a_gap_all_are_the_polarization_of_a_field(name: str) -> None:
    h = opened(name)
    edges = np.sort(band_geometry(h, zone_of(h).mesh(60)[0]).energy, axis=0)
    half = h.size // 2
    mu = 0.5 * float(edges[half - 1].max() + edges[half].min())
    cold = float(edges[half].min() - edges[half - 1].max()) / (90 * 8.617e-5)
    values = [at(h, i, mu, cold)[0] for i in (INTRINSIC, KUBO, static(h))]
    size = np.abs(values[0]).max()
    assert size > 0
    for other in values[1:]:
        assert np.abs(other - values[0]).max() < 1e-12 * size
    second = at(h, term_shares(int(np.abs(values[0]).argmax())), mu, cold)[0][1]
    assert abs(second) < 1e-12 * size


@pytest.mark.parametrize("h", CRYSTALS[:4], ids=["2", "3", "4", "k.p"])
def test_the_slope_of_the_inverse_mass_by_differences(h: Hamiltonian) -> None:
    """d_a <n|H_ib|n> of the static term against differences of the matrix element; N from H, v and the states."""
    q, step = np.array([0.31, -0.17]), 1e-4

    def inertia(at: Floats) -> Floats:
        """<n|H_ib|n> of every band, (2, 2, N)."""
        m = bloch_matrices(h, at[:, None])
        U = np.linalg.eigh(m.H[0])[1]
        xx, xy, yy = (np.einsum("in,ij,jn->n", U.conj(), x[0], U).real for x in m.second)
        return np.array([[xx, xy], [xy, yy]])

    weights = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
    d = [sum(w * inertia(q + s * step * axis) for s, w in weights.items()) / step for axis in np.eye(2)]
    m = bloch_matrices(h, q[:, None])
    energy, U = np.linalg.eigh(m.H[0])
    B = [U.conj().T @ x[0] @ U for x in m.first]
    found = static_density(h, q[:, None])[:, :, 0]
    for i in (0, 1):
        for n in range(h.size):
            gap = energy[n] - energy
            gap[n] = np.inf
            X = [b[:, n] / gap for b in B]
            v = [b[n, n].real for b in B]
            N = 0.5 * np.vdot(X[i], B[0] @ X[1] + v[0] * X[1] - B[1] @ X[0] - v[1] * X[0]).real
            expected = 2 / 3 * N - (d[0][i, 1, n] - d[1][i, 0, n]) / 12
            assert found[i, n] == pytest.approx(expected, rel=1e-6, abs=1e-7 * np.abs(found).max())


def test_position_matrices_are_refused() -> None:
    h = random_hamiltonian(2, seed=1, dipoles=True)
    with pytest.raises(ValueError, match="without position matrices"):
        static_density(h, np.zeros((2, 1)))
