"""tau(T): the integral against quadrature, its two limits, and Matthiessen's rule."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from explorer.physics.observables.relaxation import Relaxation, bloch_gruneisen, bloch_gruneisen_temperature
from explorer.physics.units import ELECTRON_MASS, ELEMENTARY_CHARGE


@pytest.mark.parametrize("chirality", [0, 1])
@pytest.mark.parametrize("t", [0.03, 0.2, 1.0, 7.0])
def test_integral_against_adaptive_quadrature(t: float, chirality: int) -> None:
    z = 1 / t

    def integrand(x: float) -> float:
        return x**4 * (1 - x * x) ** (chirality - 0.5) * z * np.exp(-z * x) / np.expm1(-z * x) ** 2

    slope = quad(lambda x: x * x * (1 - x * x) ** (chirality - 0.5), 0, 1)[0]
    assert bloch_gruneisen(t, chirality) == pytest.approx(
        quad(integrand, 0, 1, limit=200)[0] / slope, rel=1e-6
    )


@pytest.mark.parametrize("chirality", [0, 1])
def test_limits(chirality: int) -> None:
    """T/T_BG above; 4! zeta(4) (T/T_BG)^4 over the slope below."""
    assert bloch_gruneisen(100.0, chirality) == pytest.approx(100.0, rel=1e-4)
    slope = np.pi / 16 if chirality else np.pi / 4
    assert bloch_gruneisen(1e-3, chirality) == pytest.approx(24 * np.pi**4 / 90 * 1e-12 / slope, rel=1e-4)
    t = np.array([0.01, 0.0101])
    assert np.diff(np.log(bloch_gruneisen(t, chirality))) / np.diff(np.log(t)) == pytest.approx(4, abs=0.01)


def test_matthiessen_and_the_two_regimes() -> None:
    r = Relaxation()
    cold, hot = r.relaxation_time(1.0), r.relaxation_time(np.array([2000.0, 4000.0]))
    assert cold == pytest.approx(r.impurity_time, rel=1e-3)
    assert hot[0] / hot[1] == pytest.approx(2, rel=0.2)
    t = np.geomspace(1, 1000, 30)
    assert np.all(np.diff(r.relaxation_time(t)) < 0)
    np.testing.assert_allclose(
        1 / r.relaxation_time(t),
        1 / r.impurity_time + r.phonon_scattering_rate(t) + r.optical_scattering_rate(t),
        rtol=1e-14,
    )


def test_defaults_follow_from_their_sources() -> None:
    mass = 0.48 * ELECTRON_MASS
    r = Relaxation()
    assert r.impurity_time == pytest.approx(0.102 * mass / ELEMENTARY_CHARGE, rel=0.02)  # 1020 cm2/Vs
    phonons = r.phonon_scattering_rate(300.0) + r.optical_scattering_rate(300.0)
    assert 1 / phonons == pytest.approx(0.041 * mass / ELEMENTARY_CHARGE, rel=0.02)  # 410 cm2/Vs, 0.11 ps
    assert 1 / r.phonon_scattering_rate(300.0) == pytest.approx(0.64e-12, rel=0.02)  # acoustic ones alone
    occupied = 1 / np.expm1(r.optical_energy * ELEMENTARY_CHARGE / (1.380649e-23 * 300.0))
    assert r.optical_scattering_rate(300.0) == pytest.approx(r.optical_rate * occupied, rel=1e-12)
    at_100_kelvin = 0.7 * mass / ELEMENTARY_CHARGE
    assert r.phonon_rate * 100 == pytest.approx(1 / at_100_kelvin, rel=0.02)
    density = 4 * r.fermi_wave_vector**2 / (4 * np.pi) * 1e16  # per cm2, fourfold degeneracy
    assert density == pytest.approx(1e13, rel=0.02)
    assert r.crossover_temperature == pytest.approx(36, abs=1)
    assert bloch_gruneisen_temperature(2e4, 0.0177) == pytest.approx(54, abs=1)  # graphene at 1e12 per cm2


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="above 0 K"):
        bloch_gruneisen(0.0)
    with pytest.raises(ValueError, match="impurity_time"):
        Relaxation(impurity_time=0.0)
    with pytest.raises(ValueError, match="chirality"):
        bloch_gruneisen(1.0, 2)
