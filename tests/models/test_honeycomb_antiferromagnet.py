from __future__ import annotations

import numpy as np

from explorer.models.honeycomb_antiferromagnet import HoneycombAntiferromagnet
from explorer.physics.geometry.band_geometry import band_geometry
from tests.models.symmetry_checks import matrices, names, responses

K = np.random.default_rng(4).normal(size=(2, 12)) * 0.5


def test_one_layer_in_closed_form() -> None:
    # Without interlayer and Rashba hopping: E = s J +- sqrt(|f|^2 + (2 lambda sum sin)^2) for spin s.
    m = HoneycombAntiferromagnet(interlayer=0.0, rashba=0.0)
    a = m.lattice_constant
    bonds = a / np.sqrt(3) * np.array([[0, -1], [np.sqrt(3) / 2, 0.5], [-np.sqrt(3) / 2, 0.5]])
    turns = a * np.array([[1, 0], [-0.5, np.sqrt(3) / 2], [-0.5, -np.sqrt(3) / 2]])
    f = m.t * np.exp(1j * bonds @ K).sum(axis=0)
    d = np.sqrt(np.abs(f) ** 2 + (2 * m.soc * np.sin(turns @ K).sum(axis=0)) ** 2)
    levels = np.array([s * m.exchange + u * d for s in (1, -1) for u in (1, -1)])
    expected = np.sort(np.repeat(levels, 2, axis=0), axis=0)
    assert np.allclose(band_geometry(m.hamiltonian(), K).energy, expected, atol=1e-12)


def test_the_group_is_that_of_bilayer_cri3() -> None:
    assert names(HoneycombAntiferromagnet()) == {"PT", "C2y", "M_y T"}
    assert names(HoneycombAntiferromagnet(bias=0.05)) == {"M_y T"}
    assert names(HoneycombAntiferromagnet(polar=30.0, azimuth=40.0)) == {"PT"}
    assert names(HoneycombAntiferromagnet(exchange=0.0)) == {"T", "P", "PT", "C2y", "C2y T", "M_y", "M_y T"}
    assert {"C3z", "PT"} <= names(HoneycombAntiferromagnet(shift=0.0))
    assert len(names(HoneycombAntiferromagnet(shift=0.0))) == 23


def test_pairs_at_every_k_and_only_the_x_component() -> None:
    m = HoneycombAntiferromagnet()
    total, g = responses(m, 24, m.default_mu, 100.0)
    assert np.abs(g.energy[1::2] - g.energy[::2]).max() < 1e-12
    assert np.abs(g.berry_curvature).max() < 1e-8 * np.abs(g.metric).max()
    assert abs(total["intrinsic"][1]) < 1e-10 * abs(total["intrinsic"][0])
    assert abs(total["intrinsic"][0]) > 1e-2


def test_lambda_parity_in_kx_is_that_of_the_paper() -> None:
    m = HoneycombAntiferromagnet()
    mirrored = K * np.array([[-1.0], [1.0]])
    here, there = (band_geometry(m.hamiltonian(), k).lambda_ for k in (K, mirrored))
    assert np.allclose(here[0], there[0], rtol=1e-6, atol=1e-6)
    assert np.allclose(here[1], -there[1], rtol=1e-6, atol=1e-6)


def test_spin_orbit_coupling_is_what_induces() -> None:
    for values in ({"soc": 0.0, "rashba": 0.0}, {"shift": 0.0}):
        m = HoneycombAntiferromagnet(**values)
        total, _ = responses(m, 24, m.default_mu, 100.0)
        assert np.abs(total["intrinsic"]).max() < 1e-9


def test_hermitian_and_real_energy_of_the_bias() -> None:
    m = HoneycombAntiferromagnet(bias=0.2, interlayer=0.0)
    H = matrices(m.hamiltonian(), K)
    assert np.abs(H - H.conj().swapaxes(1, 2)).max() < 1e-14
    assert np.allclose(np.einsum("kii->ki", H).real.sum(axis=1), 0.0, atol=1e-12)
