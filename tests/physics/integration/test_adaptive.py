"""Adaptive quadrature: values against plain sums, bars against far finer runs, symmetry to rounding."""

import numpy as np
import pytest

from explorer.models.haldane import Haldane
from explorer.models.kit.model import catalogue
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.equilibrium_moment import STREDA
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.physics.zone.domain import zone_of


def test_equals_a_converged_plain_sum_at_high_temperature() -> None:
    # At 1500 K a sum over 300 x 300 points of an analytic periodic function is exact to rounding.
    h = Haldane(mass=0.8).hamiltonian()
    mu, kelvin = np.array([-2.0, 0.2, 1.1]), np.array([1500.0])
    k, weights = zone_of(h).mesh(300)
    chi, alpha = plain_sum(band_geometry(h, k), weights, INTRINSIC, mu, kelvin)
    r = adaptive_response(h, INTRINSIC, mu, kelvin, rtol=1e-5)
    assert r.converged.all()
    assert np.abs(r.chi - chi).max() < 1e-6 * np.abs(chi).max()
    assert np.abs(r.alpha - alpha).max() < 1e-6 * np.abs(alpha).max()


def test_sea_and_surface_forms_agree() -> None:
    h = Haldane(mass=0.8).hamiltonian()
    mu = np.array([-1.5, 0.9])
    surface = adaptive_response(h, INTRINSIC, mu, 100.0, rtol=1e-4)
    sea = adaptive_response(h, INTRINSIC_SEA, mu, 100.0, rtol=1e-4)
    assert np.abs(surface.chi - sea.chi).max() < 2e-4 * np.abs(surface.chi).max()
    assert np.abs(surface.alpha - sea.alpha).max() < 2e-4 * np.abs(surface.alpha).max()


@pytest.mark.parametrize("kelvin", [300.0, 10.0])
def test_forbidden_component_cancels_on_the_adapted_mesh(kelvin: float) -> None:
    # The mirror of the strained honeycomb leaves chi_y; the adapted cells keep it.
    r = adaptive_response(Haldane(mass=0.8).hamiltonian(), INTRINSIC, np.array([1.3]), kelvin)
    assert np.abs(r.chi[..., 0]).max() < 1e-6 * np.abs(r.chi[..., 1]).max()
    assert np.abs(r.alpha[..., 0]).max() < 1e-6 * np.abs(r.alpha[..., 1]).max()


def test_budget_that_does_not_suffice_is_said() -> None:
    h = Haldane(mass=0.05, t2=0.01).hamiltonian()
    r = adaptive_response(h, INTRINSIC, np.array([0.06]), 5.0, rtol=1e-6, max_evaluations=30_000)
    assert not r.converged.any()


def test_refuses_zero_temperature() -> None:
    with pytest.raises(ValueError, match="above 0 K"):
        adaptive_response(Haldane().hamiltonian(), INTRINSIC, 0.0, 0.0)


def test_progress_cancels() -> None:
    class StopError(Exception):
        pass

    def stop(_: float) -> None:
        raise StopError

    with pytest.raises(StopError):
        adaptive_response(Haldane().hamiltonian(), INTRINSIC, 0.5, 300.0, progress=stop)


INTEGRANDS = {
    # T or PT forbids the others in models that have either.
    "intrinsic": (INTRINSIC, ("haldane", "cumnas", "tilted-dirac")),
    "extrinsic": (EXTRINSIC_PER_PICOSECOND, ("haldane", "rashba", "mos2", "tilted-dirac")),
    "Hall": (HALL, ("haldane", "rashba", "mos2", "tilted-dirac")),
    "magnetization": (STREDA, ("haldane", "rashba", "mos2", "tilted-dirac")),
}


def _inside(seed: int, name: str) -> bool:
    """Whether a run's error bars hold the error against a run a hundred times finer, at random inputs."""
    rng = np.random.default_rng(seed)
    integrand, keys = INTEGRANDS[name]
    model = catalogue()[keys[seed % len(keys)]]()
    for parameter, quantity in model.quantities().items():
        low, high = quantity.bounds
        middle = getattr(model, parameter)
        spread = 0.5 * min(middle - low, high - middle)
        setattr(model, parameter, middle + rng.uniform(-1, 1) * spread)
    h = model.hamiltonian()
    k, _ = zone_of(h).mesh(24)
    energy = band_geometry(h, k).energy
    mu = float(np.quantile(energy, rng.uniform(0.1, 0.9)))
    kelvin = float(np.exp(rng.uniform(np.log(10.0), np.log(400.0))))
    run = adaptive_response(h, integrand, mu, kelvin)
    # What vanishes by symmetry has a bar but no size.
    pairs = (run.chi, run.chi_error), (run.alpha, run.alpha_error)
    scale = tuple(max(float(np.abs(v).max()), 1e3 * float(bar.max())) or 1.0 for v, bar in pairs)
    fine = adaptive_response(
        h, integrand, mu, kelvin, rtol=1e-5, scale=scale, base=20, max_evaluations=20_000_000
    )
    rounding = [1e-9 * s for s in scale]
    return bool(
        (np.abs(run.chi - fine.chi) <= run.chi_error + fine.chi_error + rounding[0]).all()
        and (np.abs(run.alpha - fine.alpha) <= run.alpha_error + fine.alpha_error + rounding[1]).all()
    )


@pytest.mark.parametrize("name", INTEGRANDS)
def test_error_bars_hold(name: str) -> None:
    assert all(_inside(seed, name) for seed in range(4))


def test_bars_of_alpha_hold_where_points_are_a_few_k_b_t_apart() -> None:
    """One mu at a time, relative to the curve: nothing but the family's own points tells the Fermi line."""
    h = catalogue()["cumnas"]().hamiltonian()
    mu = np.random.default_rng(5).uniform(-2.5, 2.1, 40)
    curve = adaptive_response(h, INTRINSIC, np.linspace(-2.5, 2.1, 60), 100.0, rtol=1e-2)
    scale = float(np.abs(curve.chi).max()), float(np.abs(curve.alpha).max())
    true = adaptive_response(h, INTRINSIC, mu, 100.0, rtol=1e-5, scale=scale)
    for m, exact in zip(mu, true.alpha[0], strict=True):
        r = adaptive_response(h, INTRINSIC, m, 100.0, rtol=1e-3, scale=scale)
        assert (np.abs(r.alpha[0, 0] - exact) <= 0.5 * r.alpha_error[0, 0] + 1e-5 * scale[1]).all()


@pytest.mark.long
@pytest.mark.parametrize("name", INTEGRANDS)
def test_error_bars_hold_in_95_percent_of_fifty(name: str) -> None:
    held = sum(_inside(seed, name) for seed in range(100, 150))
    assert held >= 48, f"{held} of 50"


@pytest.mark.parametrize("name", INTEGRANDS)
@pytest.mark.parametrize("coupling", [0.0, 1e-8, 1e-3])
def test_states_that_hardly_depend_on_k_take_no_time(name: str, coupling: float) -> None:
    """Without Rashba coupling no state moves: every response but the bands' own is zero, or 1e-30."""
    h = catalogue()["rashba"](rashba=coupling).hamiltonian()
    for kelvin in (10.0, 300.0):
        r = adaptive_response(h, INTEGRANDS[name][0], np.array([0.1, 2.0]), kelvin)
        assert r.converged.all()
        assert r.evaluations < 100_000


def test_twofold_axis_of_bilayer_cri3_kills_the_y_component() -> None:
    # Kramers pairs, position matrices and near-crossings of a few meV: still to 1e-6 on the adapted cells.
    r = adaptive_response(catalogue()["cri3-eg"]().hamiltonian(), INTRINSIC, np.array([0.9]), 300.0)
    assert r.converged.all()
    assert np.abs(r.chi[..., 1]).max() < 1e-6 * np.abs(r.chi[..., 0]).max()
    assert np.abs(r.alpha[..., 1]).max() < 1e-6 * np.abs(r.alpha[..., 0]).max()


def test_response_that_vanishes_by_symmetry_ends_quickly() -> None:
    # Three equal bonds: chi and alpha are zero, and zero has no size to be accurate to a thousandth of.
    r = adaptive_response(Haldane(anisotropy=0.0).hamiltonian(), INTRINSIC, np.array([-1.0, 1.0]), 100.0)
    strained = adaptive_response(Haldane().hamiltonian(), INTRINSIC, np.array([-1.0, 1.0]), 100.0)
    assert r.converged.all()
    assert r.evaluations < 300_000
    assert np.abs(r.chi).max() < 1e-5 * np.abs(strained.chi).max()
