"""Responses by the one place that computes them, against closed forms, sums in SI by hand, and other integrations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.observables.equilibrium import magnetization
from explorer.physics.responses import catalogue
from explorer.physics.responses.row import Inputs
from explorer.physics.units import BOHR_MAGNETON, CHI_UNIT, ELEMENTARY_CHARGE, HBAR, K_B
from explorer.physics.zone.domain import ReciprocalCell, zone_of
from explorer.results.response_map import response_map
from explorer.results.response_sweep import response_sweep
from explorer.results.responses import ResponseValue, chosen, respond
from explorer.session.source import Source, open_source
from tests.rashba_by_hand import rashba_by_hand

E2_PER_H = ELEMENTARY_CHARGE / (2 * np.pi * HBAR)
"""[S]; HBAR in eV s."""


def found(source: Source, name: str, mu: float | Floats, kelvin: float | Floats, **how: Any) -> ResponseValue:
    return respond(source, [catalogue.row(name)], mu, kelvin, **how)[name]


def chern_of_lowest(h: LatticeHamiltonian, n: int = 24) -> float:
    """By phases around plaquettes of states alone, in the gauge in which these are periodic: int Omega / 2 pi."""
    zone = zone_of(h)
    assert isinstance(zone, ReciprocalCell)
    s, t = np.meshgrid(np.arange(n) / n, np.arange(n) / n, indexing="ij")
    k = (s[..., None] * zone.reciprocal[0] + t[..., None] * zone.reciprocal[1]).reshape(-1, 2)
    states = np.linalg.eigh(bloch_matrices(h, k.T).H)[1][:, :, 0] * np.exp(1j * k @ h.positions.T)
    u = states.reshape(n, n, h.size)

    def link(a: Any, b: Any) -> Any:
        return np.einsum("ijn,ijn->ij", a.conj(), b)

    right, up = np.roll(u, -1, axis=0), np.roll(u, -1, axis=1)
    both = np.roll(right, -1, axis=1)
    around = link(u, right) * link(right, both) * link(both, up) * link(up, u)
    return float(-np.angle(around).sum() / (2 * np.pi) * np.sign(np.linalg.det(zone.reciprocal)))


@pytest.mark.parametrize("flux", [1.2, -1.2])
def test_hall_in_a_gap_is_the_chern_number(flux: float) -> None:
    source = open_source("haldane", {"flux": flux})
    assert isinstance(source.hamiltonian, LatticeHamiltonian)
    chern = round(chern_of_lowest(source.hamiltonian))
    assert abs(chern) == 1
    hall = found(source, "hall", -0.15, 20.0)
    assert hall.converged.all()
    assert hall.row.unit == "e2/h"
    # sigma_xy = -(e^2/hbar) int Omega
    assert abs(hall.value[0, 0, 0] + chern) <= hall.error[0, 0, 0] < 1e-3


def test_nernst_is_the_slope_of_hall_when_cold() -> None:
    """pi^2 k_B^2 T/(3 e) dsigma/dmu with e < 0, in nA/K."""
    source, mu, step, kelvin = open_source("haldane"), 1.4, 0.01, 10.0
    hall = found(source, "hall", np.array([mu - step, mu + step]), kelvin, rtol=1e-5)
    nernst = found(source, "nernst", mu, kelvin)
    slope = np.diff(hall.value[0, :, 0])[0] / (2 * step)
    expected = -1e9 * np.pi**2 / 3 * K_B**2 * kelvin * E2_PER_H * slope
    assert nernst.value[0, 0, 0] == pytest.approx(expected, rel=3e-3)
    assert nernst.converged.all()


def test_magnetization_obeys_streda_in_the_gap() -> None:
    """dM/dmu = sigma_xy/e where nothing is at the Fermi level, e < 0; in mu_B/(nm^2 eV)."""
    source, mu, kelvin = open_source("haldane"), np.array([-0.2, -0.1]), 20.0
    m = found(source, "magnetization", mu, kelvin, rtol=1e-5)
    hall = found(source, "hall", -0.15, kelvin)
    slope = np.diff(m.value[0, :, 0])[0] / np.diff(mu)[0]
    sigma_over_e = -hall.value[0, 0, 0] * E2_PER_H / BOHR_MAGNETON * 1e-18
    bar = m.error[0, :, 0].sum() / np.diff(mu)[0]
    assert abs(slope - sigma_over_e) <= bar + hall.error[0, 0, 0] * abs(sigma_over_e)
    assert bar < 0.02 * abs(sigma_over_e)


def test_extrinsic_response_of_a_tilted_dirac_cone() -> None:
    r"""First order in the tilt: $\int(-f_0')v_xb=-\frac{w\Delta(\mu^2-\Delta^2)}{4\pi\mu^3}$ [eV A] as T -> 0."""
    w, gap, mu, tau = 0.01, 0.1, 0.2, 2.5
    parameters = {"tilt": w, "mass": gap, "v_x": 1.0, "v_y": 1.0, "curvature": 0.0}
    source = open_source("tilted-dirac", parameters)
    chi = found(source, "chi_extrinsic", mu, 4.0, relaxation_time=tau)
    integral = -w * gap * (mu**2 - gap**2) / (4 * np.pi * mu**3)
    expected = -CHI_UNIT * tau * 1e-12 / HBAR * integral
    assert chi.value[0, 0, 0] == pytest.approx(expected, rel=2e-3)
    assert abs(chi.value[0, 0, 1]) <= chi.error[0, 0, 1] + 1e-9 * abs(expected)


def test_second_order_responses_of_a_tilted_dirac_cone() -> None:
    r"""First order in the tilt, T -> 0: $\chi_{xyy}=\frac{e^3}{\hbar}\frac{w(\mu^2-\Delta^2)}{8\pi\mu^4}$, and
    $D_x=-3\frac{w\Delta(\mu^2-\Delta^2)}{8\pi\mu^4}$ [A] (theory section 7)."""
    w, gap, mu = 0.01, 0.1, 0.2
    parameters = {"tilt": w, "mass": gap, "v_x": 1.0, "v_y": 1.0, "curvature": 0.0}
    source = open_source("tilted-dirac", parameters)
    hall, dipole = (found(source, name, mu, 4.0) for name in ("nonlinear_hall", "berry_dipole"))
    per_angstrom = -1e6 * ELEMENTARY_CHARGE / HBAR * 0.1  # |e|^3/hbar as S/V, in uA/V^2, nm per angstrom
    share = (mu**2 - gap**2) / (8 * np.pi * mu**4)
    assert w * per_angstrom * share == pytest.approx(-18.16 * w, rel=1e-3)
    assert hall.row.unit == "uA nm/V2"
    assert hall.value[0, 0, 1] == pytest.approx(w * per_angstrom * share, rel=2e-3)
    assert abs(hall.value[0, 0, 0]) <= hall.error[0, 0, 0] + 1e-9
    assert dipole.value[0, 0, 0] == pytest.approx(-3 * w * gap * share, rel=2e-3)
    assert abs(dipole.value[0, 0, 1]) <= dipole.error[0, 0, 1] + 1e-12


@pytest.mark.parametrize("name", ["nonlinear_hall", "berry_dipole"])
def test_second_order_responses_of_a_crystal_beside_itself(name: str) -> None:
    """Every level twice: groups of two, whose traces are twice the densities of one."""
    single = open_source("rashba").hamiltonian
    assert isinstance(single, LatticeHamiltonian)
    double = LatticeHamiltonian(
        single.cell, np.tile(single.positions, (2, 1)), single.vectors, np.kron(np.eye(2), single.hoppings)
    )
    k = np.random.default_rng(3).uniform(-0.7, 0.7, (2, 12))
    one, two = (
        catalogue.row(name).integrand(Inputs(h)).densities(band_geometry(h, k))[1] for h in (single, double)
    )
    np.testing.assert_allclose(two[:, ::2] + two[:, 1::2], 2 * one, rtol=1e-8, atol=1e-10 * np.abs(one).max())


def test_rashba_magnet_by_hand() -> None:
    """Six responses in SI from the closed forms of two bands; each within three bars and a thousandth."""
    mu, kelvin = 0.3, 300.0
    hand = rashba_by_hand((mu,), kelvin, n=720)
    asked = {
        "chi_extrinsic": ("chi", "y"),
        "alpha_extrinsic": ("alpha", "y"),
        "hall": ("sigma", "xy"),
        "nernst": ("nernst", "xy"),
        "magnetization": ("M", "z"),
        "spin_extrinsic": ("spin", "zy"),
    }
    source = open_source("rashba")
    values = respond(source, [catalogue.row(name) for name in asked], mu, kelvin)
    for name, (key, component) in asked.items():
        v = values[name]
        c = v.row.components.index(component)
        value, error = v.value[0, 0, c], v.error[0, 0, c]
        assert v.converged.all()
        assert error <= 2e-3 * np.abs(v.value).max()
        assert abs(value - hand[key][0]) <= 3 * error + 1e-3 * abs(hand[key][0]), name


def test_spin_moment_without_a_field_is_the_slope_of_the_energy() -> None:
    """<s_z> = dOmega/dJ_z by an exchange field along z (Hellmann-Feynman), by energies alone; moment -mu_B s."""
    kelvin, mu, step = 300.0, 0.3, 1e-3
    sides = []
    for polar_field in (-step, step):
        # J n along (60 degrees) + a field along z: another strength and another angle
        x, z = 0.2 * np.sin(np.radians(60.0)), 0.2 * np.cos(np.radians(60.0)) + polar_field
        source = open_source(
            "rashba", {"exchange": float(np.hypot(x, z)), "polar": float(np.degrees(np.arctan2(x, z)))}
        )
        zone = zone_of(source.hamiltonian)
        k, weights = zone.mesh(240)
        energy = np.linalg.eigvalsh(bloch_matrices(source.hamiltonian, k).H)
        kT = K_B * kelvin
        sides.append(float(-kT * (np.logaddexp(0.0, -(energy - mu) / kT).sum(axis=1) @ weights)))
    expected = -100.0 * (sides[1] - sides[0]) / (2 * step)
    s = found(open_source("rashba"), "spin_equilibrium", mu, kelvin)
    assert s.value[0, 0, 2] == pytest.approx(expected, rel=2e-3)


def test_potential_is_what_chi_and_alpha_are_slopes_of() -> None:
    """chi = -e dPhi/dmu, alpha = -dPhi/dT: with Phi in nA nm and mu in volts chi is in nm/ohm, times 1e-9."""
    source, mu, kelvin = open_source("cumnas"), 0.9, 300.0
    step = 0.02
    phi = found(source, "potential", np.array([mu - step, mu + step]), kelvin, rtol=1e-6)
    slope = np.diff(phi.value[0], axis=0)[0] / (2 * step)
    pair = respond(source, [catalogue.row(n) for n in ("chi", "alpha")], mu, kelvin)
    # -e dPhi/dmu with e < 0 and mu in eV: +dPhi/dmu in volts
    np.testing.assert_allclose(1e-9 * slope, pair["chi"].value[0, 0], rtol=5e-3)
    hot = found(source, "potential", mu, np.array([297.0, 303.0]), rtol=1e-6)
    alpha = -np.diff(hot.value[:, 0], axis=0)[0] / 6.0
    np.testing.assert_allclose(alpha, pair["alpha"].value[0, 0], rtol=2e-2)


def _magnetization_of_a_mesh(h: LatticeHamiltonian, mu: Floats, kelvin: Floats, n: int) -> Floats:
    k, weights = zone_of(h).mesh(n)
    return magnetization(band_geometry(h, k), weights, mu, kelvin).total


def test_magnetization_is_the_one_of_the_sums() -> None:
    """By parts that the integrators know, against the sum of its own formula on a mesh."""
    source, mu, kelvin = open_source("haldane"), np.array([-1.0, 0.2, 1.5]), np.array([300.0, 900.0])
    m = found(source, "magnetization", mu, kelvin)
    coarse, plain = (_magnetization_of_a_mesh(source.hamiltonian, mu, kelvin, n) for n in (121, 240))
    assert m.converged.all()
    away = np.abs(m.value[..., 0] - plain)
    assert (away <= m.error[..., 0] + np.abs(plain - coarse)).all()
    assert (m.error <= 1e-3 * np.abs(m.value).max()).all()


@pytest.mark.parametrize("method", ["triangle", "sum"])
def test_meshes_agree_with_the_quadrature_within_bars(method: str) -> None:
    source = open_source("haldane")
    rows, left_out = chosen(source, ["all"])
    assert len(left_out) == 1  # no spin
    on_mesh = respond(source, rows, 1.4, 900.0, method=method, mesh=192)
    for name, v in respond(source, rows, 1.4, 900.0).items():
        away = np.abs(v.value - on_mesh[name].value)
        scale = 1e-9 * np.abs(v.value).max()
        assert (away <= v.error + on_mesh[name].error + scale).all(), name


def test_a_response_is_the_same_whatever_is_asked_for_with_it() -> None:
    source, mu, kelvin = open_source("rashba"), 0.3, 900.0
    rows, _ = chosen(source, ["all"])
    together = respond(source, rows, mu, kelvin, rtol=1e-2)
    for name in ("nernst", "alpha_spin", "magnetization"):
        alone = found(source, name, mu, kelvin, rtol=1e-2)
        np.testing.assert_array_equal(alone.value, together[name].value)
        np.testing.assert_array_equal(alone.error, together[name].error)
    sweep = response_sweep(source, ["chi"], mu, kelvin, rtol=1e-2)
    np.testing.assert_array_equal(sweep.values["chi"].value, together["chi"].value)


@pytest.mark.parametrize("name", [r.name for r in catalogue.rows()])
def test_a_map_adds_up_to_the_response(name: str) -> None:
    opened, mesh = open_source("rashba"), 24
    row = catalogue.row(name)
    chart = response_map(opened, row, 0.3, 300.0, mesh=mesh, relaxation_time=3.0)
    weights = zone_of(opened.hamiltonian).mesh(mesh)[1]
    total = chart.values.reshape(len(row.components), -1) @ weights
    on_mesh = found(opened, name, 0.3, 300.0, method="sum", mesh=mesh, relaxation_time=3.0)
    size = np.abs(chart.values).max() * weights.sum()
    np.testing.assert_allclose(total, on_mesh.value[0, 0], rtol=1e-9, atol=1e-9 * size)
    bands = [
        response_map(opened, row, 0.3, 300.0, mesh=mesh, band=n, relaxation_time=3.0).values
        for n in range(opened.hamiltonian.size)
    ]
    np.testing.assert_allclose(sum(bands), chart.values, rtol=0, atol=1e-12 * size + 1e-300)


def test_pt_leaves_exact_zeros_of_what_it_forbids() -> None:
    """Each pair cancels to rounding: nothing to integrate, and no bar."""
    for name in ("chi_extrinsic", "berry_dipole", "hall", "magnetization", "spin_extrinsic"):
        v = found(open_source("cumnas"), name, 0.9, 100.0)
        assert (v.value == 0).all(), name
        assert (v.error == 0).all(), name
        assert v.converged.all()


def test_bad_input_is_one_sentence() -> None:
    source = open_source("haldane")
    with pytest.raises(ValueError, match=r"haldane has no response spin: .* no spin matrices"):
        chosen(source, ["spin"])
    with pytest.raises(ValueError, match="did you mean hall"):
        chosen(source, ["haal"])
    with pytest.raises(ValueError, match=r"tau must lie in 0\.001 \.\.\. 100 ps, got 1000"):
        found(source, "chi_extrinsic", 0.0, 300.0, relaxation_time=1000.0)
