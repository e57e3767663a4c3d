"""Exponents of Table I on shapes whose exponents are known, and on a model's own alpha(T)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from explorer.models.haldane import Haldane
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.triangles import energy_nodes, mesh_triangles, triangle_curve
from explorer.physics.observables.relaxation import Relaxation
from explorer.physics.observables.temperature_scaling import (
    Phonons,
    linear_range,
    local_exponent,
    phonon_angular_momentum,
    phonon_drag,
    sommerfeld_range,
    table_one,
    temperature_scaling,
)
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.zone.domain import zone_of

GRID = np.geomspace(0.5, 1000, 120)


def exponent_at(values: np.ndarray, kelvin: float) -> float:
    return float(np.interp(kelvin, GRID, local_exponent(GRID, values)))


def test_local_exponent_of_powers_and_sign_changes() -> None:
    np.testing.assert_allclose(local_exponent(GRID, -3.0 * GRID**2.5), 2.5, rtol=1e-9)
    changing = local_exponent(GRID, GRID - 10.0)
    assert np.isnan(changing).sum() == 2  # the two neighbours of the sign change
    assert np.isnan(local_exponent(GRID, np.zeros_like(GRID))).all()


def test_heat_capacity_against_quadrature_and_limits() -> None:
    p = Phonons()
    for kelvin in (5.0, 60.0, 400.0):
        t = kelvin / p.debye_temperature
        value = 2 * t**2 * quad(lambda x: x**3 * np.exp(-x) / np.expm1(-x) ** 2, 0, 1 / t)[0]
        assert p.heat_capacity(kelvin) == pytest.approx(value, rel=1e-6)
    assert p.heat_capacity(1e5) == pytest.approx(1, rel=1e-4)


def test_phonon_drag_peaks() -> None:
    """T^3 while tau_p is constant and 1/tau_ep ~ T^4; falling once tau_p does; one peak between."""
    drag = phonon_drag(GRID, Relaxation(), Phonons())
    assert exponent_at(drag, 1.0) == pytest.approx(3, abs=0.05)
    assert exponent_at(drag, 800.0) < -0.8
    assert (np.diff(np.sign(np.diff(drag))) != 0).sum() == 1
    assert 5 < GRID[drag.argmax()] < 100
    # what sets the peak: a smaller flake has its phonons limited by boundaries for longer
    small = phonon_drag(GRID, Relaxation(), Phonons(flake_size=1e-7))
    assert GRID[small.argmax()] > GRID[drag.argmax()]


def test_phonon_angular_momentum() -> None:
    moment = phonon_angular_momentum(GRID, Phonons())
    assert exponent_at(moment, 3.0) == pytest.approx(2, abs=0.05)
    assert exponent_at(moment, 800.0) < -0.8


def test_table_one_on_a_model() -> None:
    """Every row of Table I with the intrinsic and extrinsic alpha of a doped Haldane model."""
    h = Haldane(flux=0.9, mass=0.5).hamiltonian()
    zone = zone_of(h)
    k, _ = zone.mesh(192)
    kelvins = np.geomspace(2, 300, 40)
    g = band_geometry(h, k)
    mu = np.array([2.2])
    nodes = np.unique(np.concatenate([energy_nodes(g.energy, 400, mu, t) for t in kelvins[::4]]))
    alpha = {}
    for name, integrand in (("intrinsic", INTRINSIC), ("extrinsic", EXTRINSIC_PER_PICOSECOND)):
        alpha[name] = triangle_curve(g, *mesh_triangles(zone, 192), integrand, nodes).alpha(mu, kelvins)
    relaxation = Relaxation(impurity_time=100e-12, sound_velocity=6.7e3, optical_rate=0.0)
    scaling = temperature_scaling(
        kelvins,
        alpha["intrinsic"][:, 0, 1],
        alpha["extrinsic"][:, 0, 0],
        relaxation,
        Phonons(sound_velocity=6.7e3),
        drag_size=1.0,
        angular_momentum_size=2.0,
        reference_temperature=30.0,
    )
    compared = scaling.compared()
    assert [(r.contribution, r.exponent) for r, _ in compared] == [
        ("intrinsic", 1),
        ("extrinsic", 1),
        ("extrinsic", 0),
        ("phonon drag", 3),
        ("phonon angular momentum", 2),
    ]
    for regime, found in compared:
        assert found == pytest.approx(regime.exponent, abs=0.2), regime
    at_reference = {n: float(np.interp(30.0, kelvins, v)) for n, v in scaling.contributions.items()}
    assert at_reference["phonon drag"] == pytest.approx(1.0, rel=0.05)
    assert at_reference["phonon angular momentum"] == pytest.approx(2.0, rel=0.05)


def test_sommerfeld_range() -> None:
    direct = GRID * (1 - (GRID / 100) ** 2)
    assert sommerfeld_range(GRID, direct, GRID) == pytest.approx(30, rel=0.1)
    assert sommerfeld_range(GRID, GRID, GRID) == GRID[-1]
    assert sommerfeld_range(GRID, GRID, 2 * GRID) == GRID[0]


def test_each_contribution_is_compared_where_it_is_linear_itself() -> None:
    """An intrinsic part that vanishes, as with time reversal, says nothing of where the extrinsic one follows (13)."""
    bent = GRID / (1 + (GRID / 1500.0) ** 2)
    gaps = np.where(GRID < 3.0, np.nan, bent)
    assert linear_range(GRID, np.zeros_like(GRID)) == GRID[-1]
    assert linear_range(GRID, np.full_like(GRID, np.nan)) == GRID[0]
    limit = linear_range(GRID, bent)
    assert 380 < limit < 500  # (T/1500)^2 = 0.1
    assert linear_range(GRID, gaps) == pytest.approx(limit, rel=0.1)
    found = temperature_scaling(
        GRID,
        np.zeros_like(GRID),
        bent,
        Relaxation(impurity_time=9.3e-12, optical_rate=0.0),
        Phonons(),
        drag_size=1.0,
        angular_momentum_size=1.0,
        reference_temperature=30.0,
        extrinsic_limit=limit,
    )
    (flat,) = (
        each for each in found.compared() if each[0].contribution == "extrinsic" and each[0].exponent == 0
    )
    assert flat[0].high == limit
    assert flat[1] == pytest.approx(0.0, abs=0.2)


def test_where_optical_phonons_scatter_no_power_is_claimed() -> None:
    """1/tau ~ T is that of acoustic phonons: the row ends where optical ones are a twentieth of them."""
    clean = Relaxation(impurity_time=100e-12)

    def rows(relaxation: Relaxation) -> list[tuple[float, float]]:
        found = table_one(relaxation, Phonons(), GRID, np.inf, np.inf)
        return [(r.low, r.high) for r in found if (r.contribution, r.exponent) == ("extrinsic", 0.0)]

    ((low, high),) = rows(clean)
    assert clean.phonon_scattering_rate(low) * clean.impurity_time > 5
    share = clean.optical_scattering_rate(high) / clean.phonon_scattering_rate(high)
    assert 0.03 < share < 0.05
    assert rows(replace(clean, optical_rate=0.0))[0][1] == GRID[-1]
    assert not rows(Relaxation())  # a monolayer of today: impurities, then optical phonons


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="flake_size"):
        Phonons(flake_size=0.0)
    one = np.ones(2)
    with pytest.raises(ValueError, match="ascend"):
        temperature_scaling(
            np.array([2.0, 1.0]),
            one,
            one,
            Relaxation(),
            Phonons(),
            drag_size=1.0,
            angular_momentum_size=1.0,
            reference_temperature=30.0,
        )
