"""Occupation functions of (10): identities, limits and arguments of any size."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.physics.occupations import entropy, entropy_slope, fermi, fermi_slope, grand_potential
from explorer.physics.units import K_B

ENERGY = st.floats(-3.0, 3.0)
MU = st.floats(-3.0, 3.0)
TEMPERATURE = st.floats(0.5, 3000.0)
Occupation = Callable[..., np.ndarray]
FUNCTIONS = (fermi, fermi_slope, entropy, entropy_slope, grand_potential)


def exact(energy: float, mu: float, temperature: float) -> dict[str, float]:
    """The five functions from their definitions, with 60 digits."""
    with localcontext() as context:
        context.prec = 60
        e, m, kt = Decimal(energy), Decimal(mu), Decimal(K_B) * Decimal(temperature)
        x = (e - m) / kt
        f = 1 / (x.exp() + 1)
        log = (1 + (-x).exp()).ln()
        return {
            "fermi": float(f),
            "fermi_slope": float(f * (1 - f) / kt),
            "entropy": float(x * f + log),
            "entropy_slope": float(x * f * (1 - f) / kt),
            "grand_potential": float(-kt * log),
        }


@given(ENERGY, MU, st.floats(30.0, 3000.0))
def test_every_function_is_its_definition(energy: float, mu: float, temperature: float) -> None:
    scale = {"fermi_slope": 1 / (K_B * temperature), "entropy_slope": 1 / (K_B * temperature)}
    expected = exact(energy, mu, temperature)
    for function in FUNCTIONS:
        name = function.__name__
        computed = float(function(np.array(energy), mu, temperature))
        assert computed == pytest.approx(expected[name], rel=1e-11, abs=1e-12 * scale.get(name, 1.0))


@given(ENERGY, MU, TEMPERATURE)
def test_entropy_is_that_of_independent_levels(energy: float, mu: float, temperature: float) -> None:
    """s0/k_B = -f ln f - (1-f) ln(1-f) = (e - mu) f / k_B T - g0 / k_B T."""
    e = np.array(energy)
    f, hole = fermi(e, mu, temperature), fermi(-e, -mu, temperature)
    s = entropy(e, mu, temperature)
    mixed = -sum(float(p * np.log(p)) for p in (f, hole) if p > 1e-300)
    assert s == pytest.approx(mixed, rel=1e-6, abs=1e-12)
    kt = K_B * temperature
    assert s == pytest.approx((energy - mu) / kt * f - grand_potential(e, mu, temperature) / kt, abs=1e-9)


@given(ENERGY, MU, TEMPERATURE)
def test_symmetries_and_bounds(energy: float, mu: float, temperature: float) -> None:
    e, mirrored = np.array(energy), np.array(2 * mu - energy)
    close = {"rel": 1e-9, "abs": 1e-12}
    assert fermi(e, mu, temperature) + fermi(mirrored, mu, temperature) == pytest.approx(1.0)
    slopes = fermi_slope(e, mu, temperature), fermi_slope(mirrored, mu, temperature)
    assert slopes[0] == pytest.approx(slopes[1], **close)
    assert entropy(e, mu, temperature) == pytest.approx(entropy(mirrored, mu, temperature), **close)
    odd = entropy_slope(e, mu, temperature), entropy_slope(mirrored, mu, temperature)
    assert odd[0] == pytest.approx(-odd[1], rel=1e-9, abs=1e-9)
    assert 0 <= fermi(e, mu, temperature) <= 1
    assert 0 <= entropy(e, mu, temperature) <= np.log(2) * (1 + 1e-15)
    assert 0 <= fermi_slope(e, mu, temperature) <= 0.25 / (K_B * temperature) * (1 + 1e-14)
    assert grand_potential(e, mu, temperature) <= 0


@given(st.floats(-25.0, 25.0), TEMPERATURE)
def test_derivatives_by_differences(x: float, temperature: float) -> None:
    """-f0', -s0', -dg0/dmu = f0, -dg0/dT = s0, and the Maxwell identity ds0/dmu = df0/dT."""
    kt = K_B * temperature
    e, h = np.array(x * kt), 1e-4

    def by_energy(function: Occupation) -> float:
        return float(function(e + h * kt, 0.0, temperature) - function(e - h * kt, 0.0, temperature)) / (
            2 * h
        )

    def by_mu(function: Occupation) -> float:
        return float(function(e, h * kt, temperature) - function(e, -h * kt, temperature)) / (2 * h)

    def by_temperature(function: Occupation) -> float:
        up, down = temperature * (1 + h), temperature * (1 - h)
        return float(function(e, 0.0, up) - function(e, 0.0, down)) / (2 * h)

    close = {"abs": 2e-7}
    assert -by_energy(fermi) == pytest.approx(kt * fermi_slope(e, 0.0, temperature), **close)
    assert -by_energy(entropy) == pytest.approx(kt * entropy_slope(e, 0.0, temperature), **close)
    assert -by_mu(grand_potential) / kt == pytest.approx(fermi(e, 0.0, temperature), **close)
    assert -by_temperature(grand_potential) / kt == pytest.approx(entropy(e, 0.0, temperature), abs=1e-5)
    assert by_mu(entropy) == pytest.approx(by_temperature(fermi), abs=1e-5)


@pytest.mark.parametrize("temperature", [1e-6, 1e-3, 300.0, 1e6])
@pytest.mark.parametrize("energy", [-1e8, -50.0, 0.0, 50.0, 1e8])
def test_no_argument_overflows(energy: float, temperature: float) -> None:
    """Warnings are errors here: an overflow in any of them fails."""
    e = np.array([energy, energy])
    values = {f.__name__: f(e, 0.0, temperature) for f in FUNCTIONS}
    assert all(np.isfinite(v).all() for v in values.values())
    if abs(energy) > 1e3 * K_B * temperature:
        assert values["fermi"][0] == (energy < 0)
        assert values["fermi_slope"][0] == values["entropy"][0] == values["entropy_slope"][0] == 0
        assert values["grand_potential"][0] == pytest.approx(min(energy, 0.0), rel=1e-12)


def test_moments_of_the_thermal_window() -> None:
    """int -f0' = 1, int x^2 (-f0') = pi^2/3, int s0 = pi^2 k_B T/3: what (13) rests on."""
    temperature = 77.0
    kt = K_B * temperature
    e = np.linspace(-45, 45, 4001) * kt
    slope = fermi_slope(e, 0.0, temperature)
    assert np.trapezoid(slope, e) == pytest.approx(1.0, rel=1e-12)
    assert np.trapezoid(slope * (e / kt) ** 2, e) == pytest.approx(np.pi**2 / 3, rel=1e-12)
    assert np.trapezoid(entropy(e, 0.0, temperature), e) / kt == pytest.approx(np.pi**2 / 3, rel=1e-6)


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.array([10.0, 0.0])])
def test_temperatures_of_zero_or_less_are_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature must be above 0 K"):
        fermi(np.array([0.0, 0.0]), 0.0, temperature)
