"""The Mott relation between two computations that share no integration, and its low-temperature limit."""

import numpy as np
import pytest

from explorer.models.kit.model import catalogue
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.mott_integral import mott_alpha
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT, K_B

CASES = [("haldane", (-2.0, 1.0, 1.5)), ("cumnas", (0.1, 0.25, 0.5)), ("tilted-dirac", (0.15, 0.3))]


@pytest.mark.parametrize(("key", "mu"), CASES)
@pytest.mark.parametrize("kelvin", [300.0, 100.0, 10.0])
def test_direct_alpha_is_the_mott_integral(key: str, mu: tuple[float, ...], kelvin: float) -> None:
    h = catalogue()[key]().hamiltonian()
    direct = adaptive_response(h, INTRINSIC, np.array(mu), kelvin)
    integral = mott_alpha(h, INTRINSIC, np.array(mu), kelvin)
    assert direct.converged.all()
    assert integral.complete.all()
    assert np.abs(direct.alpha - integral.alpha).max() < 1e-3 * np.abs(direct.alpha).max()


@pytest.mark.parametrize("kelvin", [100.0, pytest.param(10.0, marks=pytest.mark.long)])
def test_mott_at_the_near_crossings_of_bilayer_cri3(kelvin: float) -> None:
    h = catalogue()["cri3-eg"]().hamiltonian()
    mu = np.array([0.9])
    direct, integral = adaptive_response(h, INTRINSIC, mu, kelvin), mott_alpha(h, INTRINSIC, mu, kelvin)
    assert direct.converged.all()
    assert np.abs(direct.alpha - integral.alpha).max() < 1e-3 * np.abs(direct.alpha).max()


def test_alpha_of_bilayer_cri3_is_linear_in_the_temperature() -> None:
    # Away from sharp features of chi(mu): alpha/T at 2 K and 4 K agree to 2 %, and (13) with the slope of chi.
    h = catalogue()["cri3-eg"]().hamiltonian()
    mu, kelvin = np.array([0.8]), np.array([2.0, 4.0])
    alpha = adaptive_response(h, INTRINSIC, mu, kelvin).alpha[:, 0, 0]
    assert alpha[1] / alpha[0] == pytest.approx(2.0, rel=0.02)
    step = 1e-3
    pair = adaptive_response(h, INTRINSIC, mu + np.array([-step, step]), 2.0).chi[0, :, 0]
    slope = (pair[1] - pair[0]) / (2 * step) / CHI_UNIT
    assert alpha[0] == pytest.approx(np.pi**2 / 3 * K_B * 2.0 * slope * ALPHA_UNIT, rel=0.03)


def test_printed_sign_of_the_mott_relation_is_wrong() -> None:
    # An empty crystal but for one level e0 with L = 1: alpha of (9) is +s0/... in units of e/hbar, and so is (12)
    # with the corrected sign; the printed (12) gives its negative (theory section 3).
    mu, kelvin, e0 = 0.0, 300.0, 0.03
    eta = np.linspace(-1.5, 1.5, 60_001)
    x = (eta - mu) / (K_B * kelvin)
    weight = 1 / (4 * K_B * kelvin * np.cosh(x / 2) ** 2)
    corrected = float((weight * x * (eta > e0)).sum() * (eta[1] - eta[0]))
    f = 1 / (1 + np.exp((e0 - mu) / (K_B * kelvin)))
    entropy = -f * np.log(f) - (1 - f) * np.log(1 - f)
    assert corrected == pytest.approx(entropy, rel=1e-3)


def test_what_is_not_resolved_spoils_only_the_chemical_potentials_in_its_reach() -> None:
    # A tilted cone without mass 45 meV above the first mu: |chi(eta; 0)| ~ 1/|eta - e_D| there, alpha is infinite.
    model = catalogue()["cumnas"](
        neel_angle=180.0, neel_tilt=-2.0, exchange=1.0, spin_orbit=0.9, staggering=-0.4
    )
    h = model.hamiltonian()
    ky = np.linspace(0.0, 2 * np.pi, 2001) / model.lattice_constant
    levels = band_geometry(h, np.stack([np.full_like(ky, np.pi / model.lattice_constant), ky])).energy
    gap = levels[2] - levels[1]
    tip = float(levels[1, gap.argmin()])
    assert gap.min() < 1e-2
    r = mott_alpha(h, INTRINSIC, np.array([tip - 0.05, 1.3]), 300.0)
    assert r.complete.tolist() == [[False, True]]


def test_a_loose_tolerance_takes_fewer_wave_vectors_and_is_kept() -> None:
    h, mu = catalogue()["cumnas"]().hamiltonian(), np.array([0.1, 0.25, 0.5])
    exact = mott_alpha(h, INTRINSIC, mu, 10.0)
    size = np.abs(exact.alpha).max()
    used = [exact.evaluations]
    for rtol in (1e-2, 1e-1):
        loose = mott_alpha(h, INTRINSIC, mu, 10.0, rtol=rtol)
        assert loose.complete.all()
        assert np.abs(loose.alpha - exact.alpha).max() < rtol * size
        used.append(loose.evaluations)
    assert used[2] < used[1] < used[0]


def test_a_size_that_is_known_is_what_the_tolerance_refers_to() -> None:
    h, mu = catalogue()["cumnas"]().hamiltonian(), np.array([0.1, 0.25, 0.5])
    own = mott_alpha(h, INTRINSIC, mu, 10.0, rtol=1e-2)
    size = np.abs(own.alpha).max()
    known, larger = (
        mott_alpha(h, INTRINSIC, mu, 10.0, rtol=1e-2, size=np.array([s])) for s in (size, 30 * size)
    )
    assert known.complete.all()
    assert larger.complete.all()
    assert np.abs(known.alpha - own.alpha).max() < 1e-2 * size
    assert np.abs(larger.alpha - own.alpha).max() < 0.3 * size
    assert larger.evaluations < known.evaluations


def test_wave_vectors_end_with_the_level_that_exceeds_them() -> None:
    h, mu = catalogue()["cumnas"]().hamiltonian(), np.array([0.25])
    whole = mott_alpha(h, INTRINSIC, mu, 10.0)
    bound = whole.evaluations // 3
    r = mott_alpha(h, INTRINSIC, mu, 10.0, max_evaluations=bound)
    assert not r.complete.any()
    assert bound < r.evaluations < whole.evaluations
    enough = mott_alpha(h, INTRINSIC, mu, 10.0, max_evaluations=whole.evaluations)
    assert enough.complete.all()
    assert enough.evaluations == whole.evaluations
