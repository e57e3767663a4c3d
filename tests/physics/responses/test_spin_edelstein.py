"""Spin Edelstein response against Schroedinger's equation, the Rashba gas by hand, and symmetry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.kit.hamiltonian import PolynomialHamiltonian
from explorer.models.kit.model import Model
from explorer.models.kit.spin_half import PAULI
from explorer.models.mos2 import MoS2
from explorer.models.rashba_magnet import RashbaMagnet
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_levels
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.occupations import fermi_slope
from explorer.physics.responses.spin_edelstein import COMPONENTS, SPIN_CHI_UNIT, spin_edelstein, spin_geometry
from explorer.physics.units import (
    ALPHA_UNIT,
    CHI_UNIT,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    HBAR,
    PLANCK_REDUCED_J,
)
from explorer.physics.zone.domain import zone_of


def evolved_spin(model: Model, k0: np.ndarray, band: int, field: float) -> np.ndarray:
    """Spin of a group carried by a field [V/angstrom], less that of the adiabatic states where it arrives.

    hbar dk/dt = e E with e < 0, switched on smoothly; the evolution is exact up to the time step. No Berry
    connection and no perturbation theory enter. Returns the part odd in E, summed over the group, for fields
    along x and y: (2, 3).
    """
    h, spin = model.hamiltonian(), model.spin()
    assert spin is not None
    fields = field * np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]])
    step, count, ramp = 0.02, 4500, 80.0  # times in hbar/eV

    def solved(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # the phases of the orbital positions, which bloch_matrices leaves out, matter to an evolution
        phase = np.exp(1j * h.positions @ k).T
        return np.linalg.eigh(phase.conj()[:, :, None] * bloch_matrices(h, k).H * phase[:, None, :])

    def states(k: np.ndarray) -> np.ndarray:
        e, u = solved(k)
        label = group_levels(e.T, h.degeneracy_tolerance, h.kramers_pairs)[:, 0]
        return u[:, :, label == label[band]]

    k = np.repeat(k0[:, None], 4, axis=1)
    psi = states(k)
    for i in range(count):
        s = min((i + 0.5) * step / ramp, 1.0)
        on = s**4 * (35 - 84 * s + 70 * s**2 - 20 * s**3)
        e, u = solved(k - 0.5 * step * on * fields)
        psi = u @ (np.exp(-1j * step * e)[:, :, None] * (u.conj().swapaxes(1, 2) @ psi))
        k = k - step * on * fields
    rest = states(k)
    at = [np.einsum("fin,aij,fjn->fa", v.conj(), spin, v).real for v in (psi, rest)]
    induced = at[0] - at[1]
    return (induced[::2] - induced[1::2]) / 2


@pytest.mark.parametrize(
    ("model", "band"), [(RashbaMagnet(), 0), (RashbaMagnet(), 1), (CuMnAs(neel_angle=25.0), 0)]
)
def test_against_the_schroedinger_equation(model: Model, band: int) -> None:
    """Sign and scale of the interband term, single bands and a Kramers pair: 0.2 per cent."""
    k0, field = np.array([0.21, 0.33]), 5e-6
    induced = evolved_spin(model, k0, band, field)
    h, spin = model.hamiltonian(), model.spin()
    assert spin is not None
    groups = band_geometry(h, k0[:, None]).groups[:, 0]
    size = int((groups == groups[band]).sum())
    density = spin_geometry(h, spin, k0[:, None]).interband[:, band, 0].reshape(3, 2).T
    # M = -mu_B sigma = +mu_B |e| E a: the induced sigma is -E a
    np.testing.assert_allclose(induced, -field * size * density, atol=2e-3 * field * np.abs(density).max())
    assert np.abs(density).max() > 1e-2


def test_rashba_gas_by_hand() -> None:
    """k^2/2m + alpha (sigma_x k_y - sigma_y k_x), both subbands filled: int (-f0') v_x s_y = m alpha/2 pi.

    Each Fermi circle contributes -+k/(4 pi), and the radii differ by 2 m alpha/hbar^2.
    """
    mass, alpha, tau = 3.81, 0.8, 1e-13  # hbar^2/2m [eV angstrom^2], eV angstrom, s
    h = PolynomialHamiltonian(
        np.array([[2, 0], [0, 2], [0, 1], [1, 0]]),
        np.stack([mass * np.eye(2), mass * np.eye(2), alpha * PAULI[0], -alpha * PAULI[1]]),
        0.6,
    )
    k, weights = zone_of(h).mesh(200)
    edelstein = spin_edelstein(h, PAULI, tau).extrinsic
    chi, _ = plain_sum(band_geometry(h, k), weights, edelstein, np.array([0.4]), np.array([150.0]))
    by_name = dict(zip(COMPONENTS, chi[0, 0], strict=True))
    expected = SPIN_CHI_UNIT * tau / HBAR * alpha / (2 * mass) / (2 * np.pi)
    assert by_name["yx"] == pytest.approx(expected, rel=2e-3)
    assert by_name["xy"] == pytest.approx(-expected, rel=2e-3)
    assert max(abs(by_name[c]) for c in ("xx", "yy", "zx", "zy")) < 1e-3 * expected
    # the same in SI: mu_B |e| tau m alpha/(2 pi hbar^3) is a moment per area and field
    si_mass = PLANCK_REDUCED_J**2 / (2 * mass * ELEMENTARY_CHARGE * 1e-20)
    si = (
        ELEMENTARY_CHARGE
        * tau
        * si_mass
        * alpha
        * ELEMENTARY_CHARGE
        * 1e-10
        / (2 * np.pi * PLANCK_REDUCED_J**3)
    )
    assert expected == pytest.approx(si * 1e-18, rel=1e-9)
    assert si_mass == pytest.approx(ELECTRON_MASS, rel=1e-3)


def test_ratio_of_units_is_that_of_the_orbital_response() -> None:
    """C = e C' for every response: alpha over chi units agree up to 1 nm/ohm = 1e-9 m/ohm."""
    responses = spin_edelstein(RashbaMagnet().hamiltonian(), PAULI)
    for integrand in (responses.intrinsic, responses.extrinsic):
        assert integrand.alpha_unit / integrand.chi_unit == pytest.approx(
            1e-9 * ALPHA_UNIT / CHI_UNIT, rel=1e-12
        )


def responses(model: Model, mu: float, mesh: int = 24) -> tuple[np.ndarray, np.ndarray, float]:
    """Intrinsic and extrinsic chi, (6,), and the scale sum |a| of the intrinsic one."""
    h, spin = model.hamiltonian(), model.spin()
    assert spin is not None
    k, weights = zone_of(h).mesh(mesh)
    g = band_geometry(h, k)
    pair = spin_edelstein(h, spin)
    at = np.array([mu]), np.array([300.0])
    scale = SPIN_CHI_UNIT * float(np.abs(weights * pair.intrinsic.densities(g)[0]).sum())
    return (
        plain_sum(g, weights, pair.intrinsic, *at)[0][0, 0],
        plain_sum(g, weights, pair.extrinsic, *at)[0][0, 0],
        scale,
    )


def test_time_reversal() -> None:
    """T: intrinsic 0, extrinsic finite (spin-momentum locking of the Rashba bands)."""
    intrinsic, extrinsic, scale = responses(RashbaMagnet(exchange=0.0, rashba=1.0), 0.6)
    assert np.abs(intrinsic).max() < 1e-9 * scale
    assert np.abs(extrinsic).max() > 1e-9


def test_space_time_inversion() -> None:
    """PT: extrinsic 0 band by band, intrinsic finite."""
    intrinsic, extrinsic, scale = responses(CuMnAs(neel_angle=25.0), 0.5)
    assert np.abs(extrinsic).max() < 1e-9 * scale
    assert np.abs(intrinsic).max() > 1e-4 * scale


def test_full_bands() -> None:
    intrinsic, extrinsic, scale = responses(RashbaMagnet(), 40.0)
    assert np.abs(intrinsic).max() < 1e-12 * scale
    assert np.abs(extrinsic).max() < 1e-12 * scale


def test_mirror_with_time_reversal() -> None:
    """Exchange in the xz plane keeps M_y T: of the z components only zx, as for the orbital response."""
    intrinsic, _, scale = responses(RashbaMagnet(polar=60.0, azimuth=0.0), 0.1, 48)
    by_name = dict(zip(COMPONENTS, intrinsic, strict=True))
    assert abs(by_name["zy"]) < 1e-9 * scale
    assert abs(by_name["zx"]) > 1e-4 * scale


def test_bad_input() -> None:
    h = RashbaMagnet().hamiltonian()
    with pytest.raises(ValueError, match="2 orbitals"):
        spin_geometry(h, np.zeros((3, 4, 4), complex), np.zeros((2, 1)))
    with pytest.raises(ValueError, match="relaxation time"):
        spin_edelstein(h, PAULI, -1.0)


def test_a_spin_that_is_conserved_is_not_polarised_by_a_shift() -> None:
    """Each spin's occupation is moved as a whole, and the zone has no ends: zero, also on a mesh with points of the
    lines where bands of either spin cross, where velocity and spin of the pair have means apart."""
    model = MoS2()
    h, spin = model.hamiltonian(), model.spin()
    assert spin is not None
    for n in (24, 36):
        k, weights = zone_of(h).mesh(n)
        g = band_geometry(h, k)
        assert len(np.unique(g.groups[:, 0])) < h.size, "crossings on the mesh, which is what this is about"
        s = spin_geometry(h, spin, k)
        slope = fermi_slope(g.energy, -0.4, 1500.0)
        found = (weights * slope * s.flux).sum(axis=(1, 2))
        scale = float((weights * slope * np.hypot(*g.velocity)).sum())
        assert np.abs(found).max() < 1e-6 * scale


def test_velocity_times_spin_of_a_group_of_all_bands_is_that_of_the_matrices() -> None:
    model = RashbaMagnet()
    h, spin = replace(model.hamiltonian(), degeneracy_tolerance=1e3), model.spin()
    assert spin is not None
    k = np.random.default_rng(1).uniform(-1, 1, (2, 20))
    first = bloch_matrices(h, k).first
    whole = [np.einsum("kij,ji->k", v, s).real for s in spin for v in first]
    np.testing.assert_allclose(spin_geometry(h, spin, k).flux.sum(axis=1), whole, atol=1e-12)
