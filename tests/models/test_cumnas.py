r"""The CuMnAs-type antiferromagnet against its spectrum and geometry by hand.

H = h0 + a tau_x + tau_z b.sigma is h0 plus four anticommuting matrices: e = h0 +- d, d^2 = a^2 + |b|^2, each
twice, with a = -2t cos(k_x a/2) cos(k_y a/2) and b = J_n n + lambda (-sin k_y a, sin k_x a, 0). Per band of a
pair G_il = (1/4) d_i n . d_l n with n = (a, b)/d, and <m|H_x|m'> is v_x delta within the other pair, so that
the two-band result holds: T1_i = +- (1/d)(d_x h0 G_iy - d_y h0 G_ix); curvature and moment cancel in a pair.
"""

from __future__ import annotations

import numpy as np
import pytest
import wannierberri.models
from hypothesis import given, settings

from explorer.models.cumnas import CuMnAs
from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.symmetry.operations import verify
from explorer.physics.symmetry.spectrum import pairing_residual
from tests.models.parameter_sets import parameter_sets
from tests.models.symmetry_checks import matrices

POINTS = np.random.default_rng(5).uniform(-1.2, 1.2, (2, 40))


def five_vector(model: CuMnAs, k: Floats) -> tuple[Floats, Floats]:
    """h0 (K,) and the four components (a, b) (4, K) [eV], written out."""
    x, y = model.lattice_constant * k
    phi, theta = np.radians(model.neel_angle), np.radians(model.neel_tilt)
    n = (np.cos(theta) * np.cos(phi), np.cos(theta) * np.sin(phi), np.sin(theta))
    J, soc = model.exchange, model.spin_orbit
    d = np.array(
        [
            -2 * model.t * np.cos(x / 2) * np.cos(y / 2),
            J * n[0] - soc * np.sin(y),
            J * n[1] + soc * np.sin(x),
            J * n[2] + 0 * x,
        ]
    )
    return -model.t_prime * (np.cos(x) + np.cos(y)), d


@pytest.mark.parametrize("parameters", [{}, {"t": 0.7, "t_prime": -0.2, "spin_orbit": 1.1, "exchange": 0.3}])
def test_matrix_is_that_of_wannierberri(parameters: dict[str, float]) -> None:
    """CuMnAs_2d, which names the same paper; without parameters, both at their defaults."""
    model = CuMnAs(neel_angle=37.0, neel_tilt=25.0, lattice_constant=2.0, **parameters)
    names = {"t": "hop1", "t_prime": "hop2", "spin_orbit": "l", "exchange": "J"}
    nx, ny, nz = (float(n) for n in model.neel_vector())
    theirs = wannierberri.models.CuMnAs_2d(nx, ny, nz, **{names[n]: v for n, v in parameters.items()})
    ours = matrices(model.hamiltonian(), POINTS)
    for k, matrix in zip(POINTS.T, ours, strict=True):
        energies, states = theirs.solve_one(model.lattice_constant * k / (2 * np.pi), eig_vectors=True)
        assert np.abs(states.T * energies @ states.conj() - matrix).max() < 1e-12


@pytest.mark.parametrize(
    "parameters", [{}, {"neel_angle": 37.0, "neel_tilt": -20.0, "t_prime": 0.3, "t": 0.6}]
)
def test_spectrum_is_the_closed_form(parameters: dict[str, float]) -> None:
    model = CuMnAs(**parameters)
    h0, d = five_vector(model, POINTS)
    size = np.linalg.norm(d, axis=0)
    energy = band_geometry(model.hamiltonian(), POINTS).energy
    assert np.abs(energy - np.array([h0 - size, h0 - size, h0 + size, h0 + size])).max() < 1e-12


def test_geometry_of_the_pairs_is_the_closed_form() -> None:
    model = CuMnAs(neel_angle=37.0, neel_tilt=25.0, t_prime=0.3)
    g = band_geometry(model.hamiltonian(), POINTS)
    step = 1e-5

    def along(i: int) -> tuple[Floats, Floats]:
        shift = step * np.eye(2)[i][:, None]
        up, down = five_vector(model, POINTS + shift), five_vector(model, POINTS - shift)
        unit = [v / np.linalg.norm(v, axis=0) for v in (up[1], down[1])]
        return (up[0] - down[0]) / (2 * step), (unit[0] - unit[1]) / (2 * step)

    (h0_x, n_x), (h0_y, n_y) = along(0), along(1)
    size = np.linalg.norm(five_vector(model, POINTS)[1], axis=0)
    gxx, gxy, gyy = ((p * q).sum(axis=0) / 4 for p, q in ((n_x, n_x), (n_x, n_y), (n_y, n_y)))
    upper = np.array([h0_x * gxy - h0_y * gxx, h0_x * gyy - h0_y * gxy]) / size
    scale = np.abs(g.term1).max()
    for band, sign in enumerate((-1, -1, 1, 1)):
        assert np.abs(g.metric[:, band] - np.array([gxx, gxy, gyy])).max() < 1e-7 * np.abs(g.metric).max()
        assert np.abs(g.term1[:, band] - sign * upper).max() < 1e-7 * scale
    assert np.abs(g.berry_curvature).max() < 1e-10 * np.abs(g.metric).max()
    assert np.abs(g.orbital_moment).max() < 1e-10 * np.abs(g.metric).max()


@settings(max_examples=40, deadline=None)
@given(parameter_sets(CuMnAs))
def test_declared_symmetries_hold_at_any_parameters(parameters: dict[str, float]) -> None:
    model = CuMnAs(**parameters)
    for check in verify(model.hamiltonian(), model.symmetries()):
        assert check.holds, (check.symmetry.name, check.residual)


@settings(max_examples=40, deadline=None)
@given(parameter_sets(CuMnAs))
def test_bands_are_kramers_pairs_while_pt_holds(parameters: dict[str, float]) -> None:
    paired = CuMnAs(**{**parameters, "staggering": 0.0})
    assert "PT" in {s.name for s in paired.symmetries()}
    assert pairing_residual(paired.hamiltonian()) < 1e-12
    g = band_geometry(paired.hamiltonian(), POINTS)
    assert (np.diff(g.groups, axis=0)[::2] == 0).all()


def test_a_staggered_potential_splits_the_pairs() -> None:
    broken = CuMnAs(staggering=0.2)
    assert "PT" not in {s.name for s in broken.symmetries()}
    assert pairing_residual(broken.hamiltonian()) > 0.05


@pytest.mark.parametrize("tilt", [0.0, 12.0])
def test_the_neel_vector_gaps_the_dirac_points(tilt: float) -> None:
    """At k_x = pi/a, sin(k_y a) = J cos(theta)/lambda only J n_z is left: a gap of 2 J sin(theta)."""
    model = CuMnAs(neel_angle=0.0, neel_tilt=tilt)
    sine = model.exchange * np.cos(np.radians(tilt)) / model.spin_orbit
    k = np.array([[np.pi], [np.arcsin(sine)]]) / model.lattice_constant
    e = band_geometry(model.hamiltonian(), k).energy[:, 0]
    assert e[2] - e[1] == pytest.approx(2 * model.exchange * np.sin(np.radians(tilt)), abs=1e-12)


@pytest.mark.parametrize(
    ("parameters", "present", "absent", "count"),
    [
        ({}, {"PT", "M_y T", "C2y"}, {"P", "T", "M_x T"}, 3),
        ({"neel_tilt": 0.0}, {"PT", "M_x", "C2z T", "M_z"}, {"P", "T", "C2z"}, 7),
        ({"neel_tilt": 90.0}, {"PT", "C4z", "M_z T"}, {"P", "T", "M_z"}, 15),
        ({"neel_angle": 30.0}, {"PT"}, {"M_y T", "M_x T"}, 1),
        ({"exchange": 0.0}, {"P", "T", "C4z", "M_z"}, set(), 31),
        ({"staggering": 0.1}, {"M_y T"}, {"PT", "C2y"}, 1),
    ],
)
def test_operations_follow_the_neel_vector(
    parameters: dict[str, float], present: set[str], absent: set[str], count: int
) -> None:
    names = [s.name for s in CuMnAs(**parameters).symmetries()]
    assert present <= set(names)
    assert not absent & set(names)
    assert len(names) == len(set(names)) == count
