"""Triangles and the thermal convolution against closed forms of a parabolic band and of a flat one."""

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.integration.uniform.triangles import (
    disc_triangles,
    energy_nodes,
    triangle_curve,
    zone_triangles,
)
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.occupations import entropy, fermi, grand_potential
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc, ReciprocalCell, zone_of


def _geometry(k: np.ndarray, energy: np.ndarray) -> BandGeometry:
    values = np.zeros((ROW_COUNT, *energy.shape))
    values[0] = energy
    return BandGeometry(k, values, np.zeros(energy.shape, dtype=np.int64))


ONE_AND_K2 = Integrand(
    "test",
    ("one",),
    lambda g: np.ones((1, *g.energy.shape)),
    lambda g: (g.k**2).sum(0) * np.ones((1, *g.energy.shape)),
    1.0,
    1.0,
)
"""a = 1 counts states; b = k^2 has a known Fermi-line integral."""


def test_parabolic_band_counts_states_and_the_fermi_line() -> None:
    # e = k^2: int theta(eta - e) d2k/(2 pi)^2 = eta/(4 pi); int delta(eta - e) k^2 = eta/(4 pi).
    zone = Disc(1.0)
    k, triangles, weights = disc_triangles(zone, 160)
    nodes = np.linspace(0.0, 0.9, 181)
    curve = triangle_curve(_geometry(k, (k**2).sum(0)[None]), triangles, weights, ONE_AND_K2, nodes)
    np.testing.assert_allclose(curve.sea[0], nodes / (4 * np.pi), atol=2e-5)
    middle = (nodes[1:] + nodes[:-1]) / 2
    chi = (curve.sea[0, 1:] + curve.sea[0, :-1]) / 2 + np.diff(curve.surface[0]) / np.diff(nodes)  # at T = 0
    np.testing.assert_allclose(chi, 2 * middle / (4 * np.pi), atol=2e-3)


@pytest.mark.parametrize("kelvin", [10.0, 300.0, 2000.0])
def test_convolution_of_a_step_is_the_occupation_itself(kelvin: float) -> None:
    # A = theta(eta - e0) of a flat band: chi = f0(e0), alpha = s0(e0)/k_B, both to 1e-9; B = theta: -f0', x(-f0').
    e0, width = 0.05, 1e-9
    nodes = np.array([-1.0, e0 - width, e0 + width, 1.0])
    step = np.array([[0.0, 0.0, 1.0, 1.0]])
    curve = ZeroTemperatureCurve(ONE_AND_K2, nodes, step, 0 * step)
    mu = np.array([-0.02, 0.049, 0.05, 0.08])
    np.testing.assert_allclose(curve.chi(mu, kelvin)[0, :, 0], fermi(np.array(e0), mu, kelvin), atol=1e-6)
    np.testing.assert_allclose(curve.alpha(mu, kelvin)[0, :, 0], entropy(np.array(e0), mu, kelvin), atol=1e-6)


def test_convolution_is_exact_on_a_linear_curve() -> None:
    # A = eta on the whole window: chi = mu, alpha = pi^2/3 k_B T (Sommerfeld, exact for a linear curve).
    nodes = np.linspace(-3.0, 3.0, 7)
    curve = ZeroTemperatureCurve(ONE_AND_K2, nodes, nodes[None].copy(), np.zeros((1, 7)))
    assert curve.chi(0.3, 300.0)[0, 0, 0] == pytest.approx(0.3, rel=1e-12)
    assert curve.alpha(0.3, 300.0)[0, 0, 0] == pytest.approx(np.pi**2 / 3 * K_B * 300.0, rel=1e-10)
    assert curve.alpha_low_temperature(0.3, 300.0)[0, 0, 0] == pytest.approx(
        np.pi**2 / 3 * K_B * 300.0, rel=1e-9
    )


def test_triangles_converge_to_the_plain_sum_of_a_fine_mesh() -> None:
    h = Haldane(mass=0.8).hamiltonian()
    zone = zone_of(h)
    mu, kelvin = np.array([-2.0, 0.3, 1.2]), np.array([1000.0])
    k, weights = zone.mesh(240)
    exact = plain_sum(band_geometry(h, k), weights, INTRINSIC, mu, kelvin)
    errors = []
    for n in (96, 192):
        k, triangles, weights = zone_triangles(zone, n)
        g = band_geometry(h, k)
        curve = triangle_curve(g, triangles, weights, INTRINSIC, energy_nodes(g.energy, 3000))
        errors.append(
            [
                np.abs(curve.chi(mu, kelvin) - exact[0]).max() / np.abs(exact[0]).max(),
                np.abs(curve.alpha(mu, kelvin) - exact[1]).max() / np.abs(exact[1]).max(),
            ]
        )
    assert max(errors[1]) < 0.02
    # Linear interpolation: halving the mesh quarters the error.
    assert 3.0 < errors[0][0] / errors[1][0] < 5.5
    assert 3.0 < errors[0][1] / errors[1][1] < 5.5


@pytest.mark.parametrize("angle", [60, 90, 120])
def test_triangulation_keeps_the_point_group(angle: float) -> None:
    # A density odd under a mirror of the lattice integrates to zero at every energy.
    a = np.deg2rad(angle)
    zone = ReciprocalCell(np.array([[1.0, 0.0], [np.cos(a), np.sin(a)]]))
    n = 12
    k, triangles, weights = zone_triangles(zone, n)
    lattice = 2 * np.pi * np.linalg.inv(zone.reciprocal)
    phase = np.tensordot(lattice.T, k, axes=1)
    sign = -1 if angle == 60 else 1
    energy = np.cos(phase[0]) + np.cos(phase[1]) + 0.7 * np.cos(phase[0] + sign * phase[1] * (angle != 90))
    odd = Integrand(
        "odd",
        ("o",),
        None,
        lambda g: (np.sin(phase[0]) - np.sin(phase[1]))[None, None] * np.ones((1, *g.energy.shape)),
        1.0,
        1.0,
    )
    curve = triangle_curve(_geometry(k, energy[None]), triangles, weights, odd, np.linspace(-2.6, 2.6, 101))
    assert np.abs(curve.surface).max() < 1e-13


def test_degenerate_bands_are_one_level_with_the_sum_of_their_densities() -> None:
    h = CuMnAs(neel_tilt=20.0).hamiltonian()
    k, triangles, weights = zone_triangles(zone_of(h), 24)
    g = band_geometry(h, k)
    nodes = energy_nodes(g.energy, 300)
    together = triangle_curve(g, triangles, weights, INTRINSIC, nodes)
    # Bands in the order 0, 2, 1, 3 have no neighbours of one energy.
    order = [0, 2, 1, 3]
    apart = triangle_curve(
        BandGeometry(g.k, g.values[:, order], g.groups[order]), triangles, weights, INTRINSIC, nodes
    )
    for a, b in ((together.sea, apart.sea), (together.surface, apart.surface)):
        assert a == pytest.approx(b, rel=1e-12, abs=1e-14 * np.abs(b).max())
        assert np.abs(b).max() > 0


@pytest.mark.parametrize("kelvin", [3.0, 300.0])
def test_potential_of_a_linear_curve_is_the_sum_over_its_states(kelvin: float) -> None:
    """Sea density 0.7 and surface density -0.2, spread evenly over -1 to 2 eV, against quadrature of g0 and f0."""
    nodes = np.sort(np.concatenate([np.linspace(-1.0, 2.0, 7), [-1.5, 2.5]]))
    filled = np.clip((nodes + 1.0) / 3.0, 0.0, 1.0)
    curve = ZeroTemperatureCurve(
        INTRINSIC, nodes, np.stack([0.7 * filled] * 2), np.stack([-0.2 * filled] * 2)
    )
    mu = np.array([-2.0, -0.3, 1.1, 2.2, 4.0])
    found = curve.potential(mu, np.array([kelvin]))[0]
    states = -1.0 + 3.0 * (np.arange(600_000) + 0.5) / 600_000
    for m, level in enumerate(mu):
        expected = np.mean(0.7 * grand_potential(states, level, kelvin) + 0.2 * fermi(states, level, kelvin))
        assert found[m] == pytest.approx([expected] * 2, rel=1e-8, abs=1e-10)
