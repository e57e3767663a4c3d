from __future__ import annotations

import numpy as np
import pytest

from explorer.models.mnbi2te4 import MnBi2Te4
from explorer.physics.geometry.band_geometry import band_geometry
from tests.models.symmetry_checks import matrices, names

GAMMA = np.zeros((2, 1))


def at_gamma(**values: float) -> np.ndarray:
    return np.asarray(np.linalg.eigvalsh(matrices(MnBi2Te4(**values).hamiltonian(), GAMMA))[0])


def test_two_layers_at_gamma_in_closed_form() -> None:
    # Up spins: a chain J, J-D, D-J, -J with bonds S, Delta_D, S; E^4 - b E^2 + c = 0.
    s, d, j, m = 0.084, -0.127, 0.036, 0.036 - 0.029
    b = j**2 + m**2 + 2 * s**2 + d**2
    c = (j**2) * (m**2 + d**2) - 2 * s**2 * j * m + s**4
    squares = np.array([b - np.sqrt(b * b - 4 * c), b + np.sqrt(b * b - 4 * c)]) / 2
    expected = np.sort(np.repeat(np.concatenate([-np.sqrt(squares), np.sqrt(squares)]), 2))
    assert np.allclose(at_gamma(polar=0.0), expected, atol=1e-12)


def test_the_paramagnet_is_a_topological_insulator_with_end_states() -> None:
    # A chain of alternating bonds: the surface cones split by (S/D)^L, the bulk gap is 2(|D| - |S|).
    ratio = 0.084 / 0.127
    for layers in (4, 6):
        e = at_gamma(layers=layers, exchange=0.0, neighbour_exchange=0.0)
        surface = np.sort(np.abs(e))[:4]
        estimate = 0.127 * (1 - ratio**2) * ratio**layers
        assert surface == pytest.approx(np.full(4, estimate), rel=0.15)
        assert np.sort(np.abs(e))[4] > 0.127 - 0.084


def test_exchange_gaps_the_surfaces_of_a_thick_film() -> None:
    # Alternating layers: J_S at the surface, weakened by the state's tail over layers of alternating sign.
    e = at_gamma(layers=6, polar=0.0)
    assert 0.3 * 0.036 < np.abs(e).min() < 0.036


def test_the_dirac_velocity_is_the_parameter() -> None:
    m = MnBi2Te4(intra=0.0, inter=0.0, exchange=0.0, neighbour_exchange=0.0, curvature=0.0, warping=0.0)
    d = 1e-3
    for direction in (np.array([[1.0], [0.0]]), np.array([[0.6], [0.8]])):
        e = np.linalg.eigvalsh(matrices(m.hamiltonian(), d * direction))[0]
        assert e[-1] == pytest.approx(3.291 * d, rel=1e-5)


def test_warping_is_cubic_and_threefold() -> None:
    m = MnBi2Te4(intra=0.0, inter=0.0, exchange=0.0, neighbour_exchange=0.0, curvature=0.0, warping=100.0)
    k = 0.02
    for angle in (0.0, 0.4):
        h = matrices(m.hamiltonian(), k * np.array([[np.cos(angle)], [np.sin(angle)]]))[0]
        assert h[0, 0].real == pytest.approx(100 * k**3 * np.cos(3 * angle), rel=1e-2)
        assert h[2, 2] == pytest.approx(-h[0, 0])


@pytest.mark.parametrize("velocity", [1.0, 3.291, 6.0])
def test_the_near_path_leads_out_of_the_energies_shown_and_not_far(velocity: float) -> None:
    m = MnBi2Te4(velocity=velocity)
    ends = [p for p in m.near_path() if p.label != "Γ"]
    k = np.array([p.k for p in ends]).T
    upper = np.linalg.eigvalsh(matrices(m.hamiltonian(), k))[:, 4]
    assert np.all(upper > 0.9 * m.mu_range[1])
    assert [p.label for p in ends] == ["→K'", "→K", "→M'"]
    assert k[:, 1] == pytest.approx([m.mu_range[1] / velocity, 0.0])
    assert np.hypot(*k) == pytest.approx(np.full(3, k[0, 1]))
    assert k[1, 2] == pytest.approx(k[0, 1])


def test_a_slow_cone_ends_its_path_at_the_corners_of_the_zone() -> None:
    m = MnBi2Te4(velocity=0.5)
    whole = {p.label: p.k for p in m.path()}
    whole["K'"] = (-whole["K"][0], -whole["K"][1])
    assert all(p.k == pytest.approx(whole[p.label]) for p in m.near_path())


@pytest.mark.parametrize("layers", [2, 4])
def test_bands_are_pairs_without_curvature(layers: int) -> None:
    m = MnBi2Te4(layers=layers, polar=50.0, azimuth=20.0)
    g = band_geometry(m.hamiltonian(), 0.2 * np.random.default_rng(3).normal(size=(2, 10)))
    assert np.abs(g.energy[1::2] - g.energy[::2]).max() < 1e-12
    assert np.abs(g.berry_curvature).max() < 1e-8 * np.abs(g.metric).max()
    assert "PT" in names(m)


def test_group_follows_moments_strain_and_gate() -> None:
    assert names(MnBi2Te4()) == {"PT", "C2x", "M_x T"}
    assert names(MnBi2Te4(azimuth=0.0)) == {"PT"}
    assert len(names(MnBi2Te4(polar=0.0))) == 11  # -3'm' without the identity
    assert names(MnBi2Te4(polar=0.0, anisotropy=0.1)) == {"PT", "C2x", "M_x T"}
    assert names(MnBi2Te4(bias=0.04)) == {"M_x T"}
    assert "T" in names(MnBi2Te4(exchange=0.0, neighbour_exchange=0.0))
