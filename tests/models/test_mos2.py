from __future__ import annotations

import numpy as np
import pytest

from explorer.models.mos2 import E1, E2, T0, T1, T2, T11, T12, T22, MoS2
from explorer.physics.geometry.band_geometry import band_geometry
from tests.models.symmetry_checks import matrices, names


def liu_hamiltonian(k: np.ndarray, a: float) -> np.ndarray:
    """Eqs. (4)-(12) of Liu et al., transcribed: H_NN(k), (3, 3)."""
    x, y = k[0] * a / 2, np.sqrt(3) / 2 * k[1] * a
    h0 = 2 * T0 * (np.cos(2 * x) + 2 * np.cos(x) * np.cos(y)) + E1
    h1 = -2 * np.sqrt(3) * T2 * np.sin(x) * np.sin(y) + 2j * T1 * (np.sin(2 * x) + np.sin(x) * np.cos(y))
    h2 = 2 * T2 * (np.cos(2 * x) - np.cos(x) * np.cos(y)) + 2j * np.sqrt(3) * T1 * np.cos(x) * np.sin(y)
    h11 = 2 * T11 * np.cos(2 * x) + (T11 + 3 * T22) * np.cos(x) * np.cos(y) + E2
    h22 = 2 * T22 * np.cos(2 * x) + (3 * T11 + T22) * np.cos(x) * np.cos(y) + E2
    h12 = np.sqrt(3) * (T22 - T11) * np.sin(x) * np.sin(y) + 4j * T12 * np.sin(x) * (np.cos(x) - np.cos(y))
    upper = np.array([[h0, h1, h2], [0, h11, h12], [0, 0, h22]])
    return np.asarray(upper + np.triu(upper, 1).conj().T)


def corner(m: MoS2) -> np.ndarray:
    return np.array([[4 * np.pi / (3 * m.lattice_constant)], [0.0]])


def test_hoppings_give_the_published_matrix() -> None:
    m = MoS2(strain=0.0, soc=0.0)
    for k in np.random.default_rng(1).normal(size=(8, 2)):
        up = matrices(m.hamiltonian(), k[:, None])[0, :3, :3]
        assert np.allclose(up, liu_hamiltonian(k, m.lattice_constant), atol=1e-12)


def test_gap_and_spin_splitting_at_k() -> None:
    m = MoS2(strain=0.0)
    e = np.linalg.eigvalsh(matrices(m.hamiltonian(), corner(m)))[0]
    assert e[1] - e[0] == pytest.approx(0.146, abs=1e-3)  # 2 lambda; 0.148 eV from first principles
    bare = MoS2(strain=0.0, soc=0.0)
    e = np.linalg.eigvalsh(matrices(bare.hamiltonian(), corner(bare)))[0]
    assert e[2] - e[1] == pytest.approx(1.66, abs=5e-3)
    assert e[2] == pytest.approx(E1 - 3 * T0)


def test_gap_falls_by_90_mev_per_percent_of_biaxial_strain() -> None:
    def gap(strain: float) -> float:
        m = MoS2(strain=strain, poisson=-1.0, soc=0.0)
        e = np.linalg.eigvalsh(matrices(m.hamiltonian(), corner(m) / (1 + strain)))[0]
        return float(e[2] - e[1])

    assert (gap(0.005) - gap(-0.005)) == pytest.approx(-0.090, abs=0.002)


def test_time_reversal_pairs_and_mirror_spin() -> None:
    m = MoS2()
    h = m.hamiltonian()
    k = np.random.default_rng(2).normal(size=(2, 6))
    assert np.allclose(band_geometry(h, k).energy, band_geometry(h, -k).energy, atol=1e-12)
    sigma_z = m.spin()[2]
    assert np.abs(matrices(h, k) @ sigma_z - sigma_z @ matrices(h, k)).max() < 1e-14


def test_strain_lowers_the_group() -> None:
    assert len(names(MoS2(strain=0.0))) == 23  # -6m21' without the identity
    assert names(MoS2()) == {"T", "M_x", "M_x T", "M_z", "M_z T", "C2y", "C2y T"}
    assert names(MoS2(angle=60.0)) >= {"T", "M_z"}
    assert len(names(MoS2(angle=60.0))) == 7
    assert names(MoS2(angle=20.0)) == {"T", "M_z", "M_z T"}


def test_the_gap_under_strain_as_the_text_says() -> None:
    """meV per percent: biaxial 88, along one axis 33."""

    def gap(**parameters: float) -> float:
        h = MoS2(**parameters).hamiltonian()
        b1, b2 = h.reciprocal
        share = np.stack(np.meshgrid(*2 * [np.linspace(0.25, 0.75, 201)], indexing="ij")).reshape(2, -1)
        e = np.linalg.eigvalsh(matrices(h, share[0] * b1[:, None] + share[1] * b2[:, None]))
        return float((e[:, 2] - e[:, 1]).min())

    rest = gap(strain=0.0)
    assert 1e3 * (gap(strain=0.01, poisson=-1.0) - rest) == pytest.approx(-88, abs=1)
    assert 1e3 * (gap(strain=0.01) - rest) == pytest.approx(-33.5, abs=0.6)
