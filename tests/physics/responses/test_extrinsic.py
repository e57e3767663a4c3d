"""Boltzmann response against a Fermi sea shifted in k, in SI; its symmetry; its Mott relation."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.mos2 import MoS2
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.integration.uniform.triangles import energy_nodes, mesh_triangles, triangle_curve
from explorer.physics.occupations import fermi
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND, extrinsic
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import BOLTZMANN_J, ELEMENTARY_CHARGE, HBAR, PLANCK_REDUCED_J
from explorer.physics.zone.domain import zone_of

TAU = 3e-13  # s


def test_shifted_fermi_sea() -> None:
    """chi = d/dE of int f0(e(k - e E tau/hbar)) m(k), every factor in SI, e < 0."""
    h = Haldane(flux=0.7, mass=1.0).hamiltonian()  # a wide gap, so that the filled band's sum converges
    zone, mu, kelvin = zone_of(h), 1.8, 600.0
    k, weights = zone.mesh(96)
    e = -ELEMENTARY_CHARGE
    for axis in (0, 1):
        density = []
        for field in (2e4, -2e4):  # V/m
            shift = np.zeros((2, 1))
            shift[axis] = e * field * TAU / PLANCK_REDUCED_J * 1e-10  # 1/angstrom
            occupied = fermi(band_geometry(h, k).energy, mu, kelvin)
            moved = band_geometry(h, k + shift)  # f0(k - shift) m(k) = f0(k) m(k + shift) over the zone
            moment = -(e / PLANCK_REDUCED_J) * moved.orbital_moment * ELEMENTARY_CHARGE * 1e-20  # A m^2
            density.append((weights * 1e20 * occupied * moment).sum())
        expected = 1e9 * (density[0] - density[1]) / 4e4  # nm/ohm
        chi, _ = plain_sum(band_geometry(h, k), weights, extrinsic(TAU), np.array([mu]), np.array([kelvin]))
        assert chi[0, 0, axis] == pytest.approx(expected, rel=1e-3, abs=1e-12)


def test_thermal_force_in_si() -> None:
    """dM = -alpha grad T with the Boltzmann shift df = tau (e - mu)/T f0' v grad T."""
    h = Haldane(flux=0.7).hamiltonian()
    mu, kelvin, gradient = 1.8, 600.0, 1e5  # eV, K, K/m
    k, weights = zone_of(h).mesh(64)
    g = band_geometry(h, k)
    x = (g.energy - mu) * ELEMENTARY_CHARGE / (BOLTZMANN_J * kelvin)
    slope = -1 / (4 * np.cosh(x / 2) ** 2) / (BOLTZMANN_J * kelvin)  # f0' [1/J]
    velocity = g.velocity * 1e-10 / HBAR  # m/s
    shift = TAU * (x * BOLTZMANN_J) * slope * velocity[0] * gradient
    moment = ELEMENTARY_CHARGE / PLANCK_REDUCED_J * g.orbital_moment * ELEMENTARY_CHARGE * 1e-20
    induced = (weights * 1e20 * shift * moment).sum()
    _, alpha = plain_sum(g, weights, extrinsic(TAU), np.array([mu]), np.array([kelvin]))
    assert -alpha[0, 0, 0] * 1e-18 * gradient == pytest.approx(induced, rel=1e-9)


def test_relaxation_time_is_a_factor() -> None:
    per = EXTRINSIC_PER_PICOSECOND
    assert extrinsic(2.5e-12).chi_unit == pytest.approx(2.5 * per.chi_unit)
    assert extrinsic(2.5e-12).alpha_unit == pytest.approx(2.5 * per.alpha_unit)
    with pytest.raises(ValueError, match="relaxation time"):
        extrinsic(0.0)


def test_time_reversal_keeps_extrinsic_and_kills_intrinsic() -> None:
    h = MoS2(strain=0.04).hamiltonian()
    k, weights = zone_of(h).mesh(36)
    g = band_geometry(h, k)
    edge = float(np.sort(g.energy[2])[0])
    mu, kelvin = np.array([edge + 0.15]), np.array([300.0])
    intrinsic, _ = plain_sum(g, weights, INTRINSIC, mu, kelvin)
    induced, _ = plain_sum(g, weights, extrinsic(1e-12), mu, kelvin)
    one_band = np.abs(weights * g.term1[:, 2]).sum() * INTRINSIC.chi_unit
    assert np.abs(intrinsic).max() < 1e-9 * one_band
    assert np.abs(induced).max() > 1e-8


def test_space_time_inversion_kills_extrinsic_band_by_band() -> None:
    h = CuMnAs().hamiltonian()
    k, _ = zone_of(h).mesh(12)
    g = band_geometry(h, k)
    assert np.all(g.groups[1] == g.groups[0])
    assert np.abs(g.velocity).max() > 0.1
    assert np.abs(g.moment_flux).max() < 1e-9


def test_mott_relation() -> None:
    """alpha by a plain sum against the Mott integral of the T = 0 curve by triangles."""
    h = Haldane(flux=0.7).hamiltonian()
    zone, mu, kelvin = zone_of(h), np.linspace(1.2, 2.6, 8), np.array([700.0])
    k, weights = zone.mesh(128)
    g = band_geometry(h, k)
    integrand = extrinsic(1e-12)
    chi, alpha = plain_sum(g, weights, integrand, mu, kelvin)
    nodes = energy_nodes(g.energy, 600, mu, kelvin[0])
    curve = triangle_curve(g, *mesh_triangles(zone, 128), integrand, nodes)
    np.testing.assert_allclose(curve.chi(mu, kelvin), chi, atol=3e-3 * np.abs(chi).max())
    np.testing.assert_allclose(curve.alpha(mu, kelvin), alpha, atol=3e-3 * np.abs(alpha).max())
