"""Equilibrium magnetization, Hall and Nernst against closed forms, a magnetic supercell and symmetry."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import constants

from explorer.models.haldane import Haldane
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian, PolynomialHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.potential import thermodynamic_potential
from explorer.physics.observables.equilibrium import (
    equilibrium_maps,
    magnetization,
)
from explorer.physics.occupations import entropy, entropy_slope, fermi, fermi_slope
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.equilibrium_moment import MU_B_PER_NM2, STREDA
from explorer.physics.units import BOLTZMANN_J, ELEMENTARY_CHARGE, K_B, PLANCK_REDUCED_J
from explorer.physics.zone.domain import zone_of

CONDUCTANCE_QUANTUM = constants.e**2 / constants.h  # [S]
GAP, SPEED, CUTOFF = 0.2, 3.0, 0.6  # eV, eV angstrom, 1/angstrom
SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def massive_dirac() -> PolynomialHamiltonian:
    """Delta sigma_z + v (k_x sigma_x + k_y sigma_y)."""
    return PolynomialHamiltonian(
        np.array([[0, 0], [1, 0], [0, 1]]),
        np.stack([GAP * SIGMA[2], SPEED * SIGMA[0], SPEED * SIGMA[1]]),
        CUTOFF,
    )


def on_mesh(h: LatticeHamiltonian | PolynomialHamiltonian, n: int) -> tuple[BandGeometry, Floats]:
    k, weights = zone_of(h).mesh(n)
    return band_geometry(h, k), weights


def hall(h: LatticeHamiltonian | PolynomialHamiltonian, n: int, mu: float, kelvin: float) -> float:
    g, w = on_mesh(h, n)
    return float(HALL.chi_unit * (w * fermi(g.energy, mu, kelvin) * HALL.densities(g)[0][0]).sum())


def test_units_of_hall_and_nernst() -> None:
    assert pytest.approx(3.874045865e-5, rel=1e-6) == CONDUCTANCE_QUANTUM  # S, CODATA
    # C = e C' (theory section 4), e < 0: alpha unit [nA/K] over chi unit [e^2/h] must be k_B/e.
    in_siemens = HALL.chi_unit * CONDUCTANCE_QUANTUM
    per_kelvin = HALL.alpha_unit * 1e-9
    assert per_kelvin / in_siemens == pytest.approx(-BOLTZMANN_J / ELEMENTARY_CHARGE, rel=1e-12)
    assert in_siemens == pytest.approx(-(ELEMENTARY_CHARGE**2) / PLANCK_REDUCED_J, rel=1e-9)


def test_massive_dirac_by_hand() -> None:
    """Curvature, moment, sigma_xy and M in the gap and above it; a cutoff only removes k beyond it."""
    g, w = on_mesh(massive_dirac(), 80)
    energy = np.hypot(GAP, SPEED * np.hypot(*g.k))
    omega = -(SPEED**2) * GAP / (2 * energy**3)  # upper band
    np.testing.assert_allclose(g.berry_curvature, [-omega, omega], rtol=1e-9, atol=1e-9)
    # m_n = -(e/hbar) e_n Omega_n: the same for both bands
    np.testing.assert_allclose(g.orbital_moment, g.energy * g.berry_curvature, rtol=1e-9, atol=1e-9)

    edge = np.hypot(GAP, SPEED * CUTOFF)
    in_gap = -0.5 * (1 - GAP / edge)
    assert hall(massive_dirac(), 80, 0.05, 20.0) == pytest.approx(in_gap, rel=1e-6)
    doped = 0.4
    expected = -0.5 * (GAP / doped - GAP / edge)
    assert hall(massive_dirac(), 400, doped, 30.0) == pytest.approx(expected, rel=2e-3)
    # T -> 0 in the gap: M = mu sigma_xy/e.
    mu = np.array([-0.05, 0.0, 0.08])
    total = magnetization(g, w, mu, np.array([15.0])).total[0]
    # sigma/e with e < 0 and mu in eV: -sigma[e^2/h] |e|/(2 pi hbar) per eV
    np.testing.assert_allclose(total, -in_gap / (2 * np.pi) * MU_B_PER_NM2 * mu, rtol=1e-6, atol=1e-9)


def streda(g: BandGeometry, w: Floats, mu: Floats, kelvin: Floats) -> tuple[Floats, Floats, Floats]:
    """dM/dmu by differences of M, sigma_xy/e and int (-f0') m_n on the same points, (T, M) each [mu_B/(nm^2 eV)]."""
    slope = thermodynamic_potential(g, w, mu, kelvin, STREDA).chi[..., 0]
    energy = g.energy.ravel()
    parts = ((fermi, g.berry_curvature), (fermi_slope, g.orbital_moment))
    curvature, moment = (
        MU_B_PER_NM2 * np.array([[f(energy, m, t) @ np.ravel(row * w) for m in mu] for t in kelvin])
        for f, row in parts
    )
    return slope, curvature, moment


def test_chern_number_in_the_gap() -> None:
    h = Haldane(mass=0.1, flux=np.pi / 2, anisotropy=0.2).hamiltonian()
    g, w = on_mesh(h, 48)
    chern = (w * g.berry_curvature[0]).sum() * 2 * np.pi
    assert abs(abs(chern) - 1) < 1e-6
    assert hall(h, 48, 0.0, 50.0) == pytest.approx(-round(chern), abs=1e-6)
    slope, _, moment = streda(g, w, np.array([0.0]), np.array([50.0]))
    assert slope[0, 0] == pytest.approx(round(chern) / (2 * np.pi) * MU_B_PER_NM2, rel=1e-6)
    assert abs(moment[0, 0]) < 1e-9


def magnetic_grand_potential(
    h: LatticeHamiltonian, q: int, sign: int, mu: float, kelvin: float, mesh: int
) -> float:
    """Grand potential per unpierced cell [eV] at flux phase e B A/hbar = sign 2 pi/q, from Peierls phases.

    A = B (cell area) u grad(w), u and w the fractional coordinates; q cells along a1 make the magnetic cell.
    """
    n = h.size
    frac = h.positions @ np.linalg.inv(h.cell)
    flux = sign * 2 * np.pi / q
    total = 0.0
    for p1 in (np.arange(2) + 0.5) / 2:
        for p2 in (np.arange(mesh) + 0.5) / mesh:
            H = np.zeros((q, n, q, n), complex)
            for (r1, r2), t in zip(h.vectors, h.hoppings, strict=True):
                for cell in range(q):
                    wraps, other = divmod(cell + r1, q)
                    u = cell + r1 / 2 + (frac[:, None, 0] + frac[None, :, 0]) / 2
                    dw = frac[:, None, 1] - frac[None, :, 1] - r2
                    # the image of j over `wraps` magnetic cells carries the magnetic translation's gauge
                    gauge = np.exp(1j * sign * 2 * np.pi * wraps * frac[None, :, 1])
                    bloch = np.exp(2j * np.pi * (p1 * wraps + p2 * r2))
                    H[cell, :, other, :] += t * np.exp(1j * flux * u * dw) * gauge * bloch
            square = H.reshape(q * n, q * n)
            np.testing.assert_allclose(square, square.conj().T, atol=1e-9)
            energy = np.linalg.eigvalsh(square)
            total += -(K_B * kelvin) * np.logaddexp(0, -(energy - mu) / (K_B * kelvin)).sum()
    return total / (2 * mesh * q)


@pytest.mark.parametrize("mu", [0.1, 1.1])
def test_magnetization_is_minus_the_field_derivative_of_the_grand_potential(mu: float) -> None:
    """Sign and size of M, insulator and metal, against the same lattice in a magnetic field: 1 per cent."""
    h = Haldane(mass=0.3).hamiltonian()
    kelvin = 1500.0
    g, w = on_mesh(h, 96)
    computed = magnetization(g, w, np.array([mu]), np.array([kelvin])).total[0, 0]

    def derivative(q: int) -> float:
        up, down = (magnetic_grand_potential(h, q, s, mu, kelvin, 16) for s in (1, -1))
        return (up - down) / (4 * np.pi / q)

    a, b = derivative(16), derivative(24)
    slope = b + (b - a) / ((24 / 16) ** 2 - 1)  # odd in B: the error falls as 1/q^2
    # M = -d(Omega/A)/dB with flux phase e B A/hbar: M = (|e|/hbar) dOmega_cell/dphase
    assert computed == pytest.approx(MU_B_PER_NM2 * slope, rel=1e-2)


def test_streda_holds_in_the_metal_and_both_terms_matter() -> None:
    g, w = on_mesh(Haldane().hamiltonian(), 48)
    slope, hall_part, moment = streda(g, w, np.linspace(-2.5, 2.5, 11), np.array([100.0, 600.0]))
    largest = np.abs(slope).max()
    assert (
        np.abs(slope - hall_part - moment).max() < 1e-3 * largest
    )  # five-point differences of step 0.1 k_B T
    assert min(np.abs(moment).max(), np.abs(hall_part).max()) > 0.1 * largest


def test_thermal_slope_of_the_magnetization() -> None:
    """dM/dT of `STREDA` (its alpha) against a finite difference of M in T."""
    g, w = on_mesh(Haldane().hamiltonian(), 32)
    mu, kelvin, step = np.array([1.0]), 400.0, 2.0
    sea, surface = (d[0] for d in STREDA.densities(g))
    slope = (
        STREDA.alpha_unit
        * (
            w * (entropy(g.energy, mu[0], kelvin) * sea + entropy_slope(g.energy, mu[0], kelvin) * surface)
        ).sum()
    )
    high, low = (magnetization(g, w, mu, np.array([kelvin + s])).total[0, 0] for s in (step, -step))
    assert slope == pytest.approx((high - low) / (2 * step), rel=1e-4)


def test_vanishing_with_time_reversal() -> None:
    g, w = on_mesh(Haldane(flux=0.0).hamiltonian(), 24)
    m = magnetization(g, w, np.array([-1.0, 1.0]), np.array([200.0]))
    assert np.abs(g.orbital_moment).max() > 0.1  # opposite at k and -k, not zero
    assert np.abs(m.total).max() < 1e-10
    assert abs(hall(Haldane(flux=0.0).hamiltonian(), 24, 1.0, 200.0)) < 1e-12


def test_all_bands_filled_carry_nothing() -> None:
    g, w = on_mesh(Haldane().hamiltonian(), 24)
    assert np.abs(magnetization(g, w, np.array([50.0]), np.array([300.0])).total).max() < 1e-9


def test_maps_sum_to_the_responses() -> None:
    h = Haldane().hamiltonian()
    g, w = on_mesh(h, 24)
    maps = equilibrium_maps(g, 1.0, 300.0)
    assert -2 * np.pi * (w * maps.curvature).sum() == pytest.approx(hall(h, 24, 1.0, 300.0), rel=1e-12)
    part = magnetization(g, w, np.array([1.0]), np.array([300.0])).moment[0, 0]
    assert 100 * (w * maps.moment).sum() == pytest.approx(part, rel=1e-12)
    one = equilibrium_maps(g, 1.0, 300.0, band=1)
    np.testing.assert_array_equal(one.curvature, g.berry_curvature[1])
