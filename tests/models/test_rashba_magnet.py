from __future__ import annotations

import numpy as np
import pytest

from explorer.models.rashba_magnet import RashbaMagnet
from explorer.physics.geometry.band_geometry import band_geometry
from tests.models.symmetry_checks import names, responses


def test_energies_have_their_closed_form() -> None:
    m = RashbaMagnet(t=0.4, rashba=0.7, exchange=0.3, polar=40.0, azimuth=70.0)
    k = np.random.default_rng(0).normal(size=(2, 20))
    a, n = m.lattice_constant, m.field()
    h = np.array([n[0] + 0.7 / a * np.sin(k[1] * a), n[1] - 0.7 / a * np.sin(k[0] * a), n[2] + 0 * k[0]])
    h0 = 2 * 0.4 * (2 - np.cos(k * a).sum(axis=0))
    length = np.linalg.norm(h, axis=0)
    assert np.allclose(band_geometry(m.hamiltonian(), k).energy, [h0 - length, h0 + length], atol=1e-13)


def test_gap_and_curvature_of_the_polar_point() -> None:
    # About Gamma: a massive Dirac cone of mass J and velocity alpha_R; |Omega| = alpha^2 / (2 J^2).
    m = RashbaMagnet(polar=0.0, exchange=0.2, rashba=1.0)
    g = band_geometry(m.hamiltonian(), np.zeros((2, 1)))
    assert g.energy[1, 0] - g.energy[0, 0] == pytest.approx(0.4)
    assert np.abs(g.berry_curvature[:, 0]) == pytest.approx(1 / (2 * 0.2**2))


def test_group_follows_the_field() -> None:
    assert names(RashbaMagnet()) == {"M_y T"}
    assert names(RashbaMagnet(azimuth=90.0)) == {"M_x T"}
    assert names(RashbaMagnet(azimuth=30.0)) == set()
    assert names(RashbaMagnet(polar=90.0)) == {"M_x", "M_y T", "C2z T"}
    assert len(names(RashbaMagnet(exchange=0.0))) == 15  # 4mm1' without the identity
    assert len(names(RashbaMagnet(polar=0.0))) == 7


def test_field_in_the_plane_induces_without_a_hall_effect() -> None:
    total, g = responses(RashbaMagnet(polar=90.0), 24, 0.1, 300.0)
    assert np.abs(g.berry_curvature).max() < 1e-9  # C2z T at every k
    assert abs(total["intrinsic"][0]) > 1e-2
