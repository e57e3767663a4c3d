"""Only bands that mu can reach are refined: the same chi and alpha as with all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer.meshes.disk_store
import explorer.physics.integration.many_bands
import explorer.results.responses
import explorer.results.sweep
from explorer.meshes.disk_store import GeometryStore
from explorer.models.kit.arrays import Floats
from explorer.physics.cost import affordable
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.many_bands import bands_in_reach
from explorer.physics.integration.mott_integral import MottAlpha, mott_alpha
from explorer.physics.integration.successive_runs import tightest
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.physics.units import K_B
from explorer.results.adaptive import ON_DISK, adaptive, reached_points
from explorer.results.sweep import sweep
from explorer.session.source import open_source

MU = np.array([0.3, 0.6, 1.0])
"""In the upper band of the model below, whose gap is from -0.55 to 0.24 eV."""


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two bands count as many, and a disk of its own."""
    for module in (explorer.physics.integration.many_bands, explorer.meshes.disk_store):
        monkeypatch.setattr(module, "MANY_BANDS", 1)
    monkeypatch.setattr(explorer.meshes.disk_store, "STORE", GeometryStore(tmp_path, patience=0.0))


def geometry(energy: Floats, speed: float = 0.0) -> BandGeometry:
    values = np.zeros((ROW_COUNT, *energy.shape))
    values[0], values[1] = energy, speed
    return BandGeometry(np.zeros((2, energy.shape[1])), values, np.zeros(energy.shape, dtype=np.int64))


def test_full_and_empty_bands_are_told_apart() -> None:
    energy = np.array([[-3.0, -2.0], [-1.0, -0.5], [0.5, 1.0], [0.8, 1.5], [4.0, 5.0]])
    g = geometry(energy)
    cold = 1.0

    def found(*mu: float, kelvin: float = cold, **rest: float) -> slice:
        return bands_in_reach(geometry(energy, **rest) if rest else g, 0.1, np.array(mu), kelvin)

    assert found(1.0) == slice(2, 4)
    assert found(0.2, 4.5) == slice(2, 5)
    assert found(-0.7) == slice(1, 2)
    assert found(-5.0) == slice(0, 1)  # all empty: one band is kept
    assert found(9.0).stop == 5
    # within 40 k_B T of a gap's edge, or where the edge may lie between points, the bands below stay
    assert found(0.55, kelvin=1.2 / (40 * K_B)) == slice(1, 4)
    assert found(0.55, kelvin=3.0 / (40 * K_B)) == slice(0, 4)
    assert found(1.0, speed=3.0) == slice(2, 4)
    assert found(1.0, speed=24.0).start < 2


def model():  # type: ignore[no-untyped-def]
    return open_source("haldane", {"mass": 0.3, "flux": 1.2}).hamiltonian


@pytest.mark.parametrize("form", [INTRINSIC, INTRINSIC_SEA], ids=["surface", "sea"])
@pytest.mark.usefixtures("small_is_large")
def test_a_window_gives_what_all_bands_give(form: Integrand) -> None:
    h, kelvin, rtol = model(), np.array([60.0, 100.0]), 1e-2
    seen: list[float] = []
    r = adaptive(h, form, MU, kelvin, rtol=rtol, progress=seen.append)
    exact = adaptive_response(h, form, MU, kelvin, rtol=1e-4)
    assert r.chi.shape == (2, 3, 2)
    assert r.converged.all()
    for name in ("chi", "alpha"):
        value, error, true = getattr(r, name), getattr(r, f"{name}_error"), getattr(exact, name)
        largest = np.abs(true).max(axis=(1, 2), keepdims=True)
        assert (np.abs(value - true) <= error + 2e-4 * largest).all()
        assert (error <= rtol * largest).all()
    assert seen[-1] == pytest.approx(1.0)
    assert r.cells is not None
    assert r.evaluations == 16 * len(r.cells)


@pytest.mark.usefixtures("small_is_large")
def test_progress_is_of_the_whole_and_ends_without_a_leap() -> None:
    """Of wave vectors allowed a run that converges early has seen a fifth, and leapt from there to its end."""
    h, kelvin, most = model(), np.array([30.0, 100.0]), 60_000
    seen: list[float] = []
    r = adaptive(h, INTRINSIC, MU, 100.0, rtol=1e-3, max_evaluations=most, progress=seen.append)
    assert seen == sorted(seen)
    assert r.evaluations < 0.3 * most
    assert seen[-1] == 1.0
    assert max(np.diff(seen)) < 0.2
    assert seen[-2] > 0.9
    told: list[float] = []
    points = reached_points(h, MU, kelvin, max_evaluations=1000, progress=told.append)
    for _ in range(4):
        points(h, np.zeros((2, 250)))
    assert told[-1] == pytest.approx(0.5, abs=1e-12)


@pytest.mark.usefixtures("small_is_large")
def test_the_constant_is_the_full_bands_chi() -> None:
    """Without it the result is off by more than the bars: chi of the gap."""
    h = model()
    look = explorer.physics.integration.many_bands._Look(h, ON_DISK, None)
    assert look.bands(MU, 60.0) == slice(1, 2)
    gap = adaptive_response(h, mu=-0.15, temperature=20.0, rtol=1e-4, scale=(1e-7, 1.0))
    rough, fine = look.filled(INTRINSIC, 1), look.filled(INTRINSIC, 1, error=1e-11)
    for found in (rough, fine):
        assert (np.abs(found.chi - gap.chi[0, 0]) <= found.error + gap.chi_error[0, 0]).all()
    assert fine.error.max() <= 1e-11 < rough.error.max()
    assert np.abs(gap.chi).max() > 1e-8


@pytest.mark.usefixtures("small_is_large")
def test_the_mott_integral_needs_no_full_bands() -> None:
    h = model()
    for kelvin in (100.0,):
        whole = mott_alpha(h, INTRINSIC, MU, kelvin)
        window = mott_alpha(h, INTRINSIC, MU, kelvin, geometry=reached_points(h, MU, np.array([kelvin])))
        size = np.abs(whole.alpha).max()
        np.testing.assert_allclose(window.alpha, whole.alpha, atol=1e-6 * size)


@pytest.mark.usefixtures("small_is_large")
def test_a_budget_is_kept_and_said() -> None:
    h = model()
    r = adaptive(h, INTRINSIC, MU, 10.0, rtol=1e-7, max_evaluations=30_000)
    assert not r.converged.any()
    assert r.evaluations <= 4 * 30_000  # the level under way is finished, at most four times the one before
    assert r.chi_error.max() > 1e-7 * np.abs(r.chi).max()


@pytest.mark.usefixtures("small_is_large")
def test_running_out_spoils_nothing_that_was_reached() -> None:
    """With too few wave vectors for the tolerance, bars are those of the tightest one that was met, and hold."""
    h, mu = model(), np.array([0.3, 0.45, 0.6, 1.0])
    loose = adaptive(h, INTRINSIC, mu, 10.0, rtol=0.1)
    assert loose.converged.all()
    r = adaptive(h, INTRINSIC, mu, 10.0, rtol=1e-7, max_evaluations=2 * loose.evaluations)
    assert not r.converged.any()
    exact = adaptive_response(h, INTRINSIC, mu, 10.0, rtol=1e-5)
    for name in ("chi", "alpha"):
        value, error, true = getattr(r, name), getattr(r, f"{name}_error"), getattr(exact, name)
        size = np.abs(true).max()
        assert error.max() <= 0.1 * size
        assert (np.abs(value - true) <= error + 1e-5 * size).all()


def test_the_run_before_stands_in_where_the_last_met_nothing() -> None:
    def run(value: float, met: list[bool]) -> Response:
        numbers = np.full((1, 3, 2), value)
        mu, kelvin = np.zeros(3), np.ones(1)
        return Response(mu, kelvin, numbers, numbers, numbers, numbers, np.array([met]), 5)

    found = tightest(run(1.0, [True, True, False]), run(2.0, [True, False, False]))
    assert found.chi[0, :, 0].tolist() == [2.0, 1.0, 2.0]
    assert found.alpha_error[0, :, 1].tolist() == [2.0, 1.0, 2.0]
    assert found.converged.tolist() == [[True, True, False]]


@pytest.mark.usefixtures("small_is_large")
def test_an_interrupted_run_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    h = model()
    computed: list[int] = []
    limit = 10**9

    def watched(h, k, **rest):  # type: ignore[no-untyped-def]
        if sum(computed) + k.shape[1] > limit:
            raise KeyboardInterrupt
        computed.append(k.shape[1])
        return band_geometry(h, k, **rest)

    monkeypatch.setattr(explorer.meshes.disk_store, "BLOCK", 64)
    monkeypatch.setattr(explorer.meshes.disk_store, "band_geometry", watched)
    whole = adaptive(h, INTRINSIC, MU, 60.0, rtol=1e-2)
    needed = sum(computed)
    monkeypatch.setattr(explorer.meshes.disk_store, "STORE", GeometryStore(tmp_path / "other", patience=0.0))
    computed.clear()
    limit = needed // 2
    with pytest.raises(KeyboardInterrupt):
        adaptive(h, INTRINSIC, MU, 60.0, rtol=1e-2)
    limit = 10**9
    resumed = adaptive(h, INTRINSIC, MU, 60.0, rtol=1e-2)
    assert sum(computed) == needed
    np.testing.assert_array_equal(resumed.chi, whole.chi)


def test_a_command_tells_the_mott_integral_what_its_tolerance_refers_to(
    small_is_large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def heard(*arguments: Any, **how: Any) -> MottAlpha:
        asked.update(how)
        return mott_alpha(*arguments, **how)

    monkeypatch.setattr(explorer.results.sweep, "mott_alpha", heard)
    monkeypatch.setattr(explorer.results.sweep, "MANY_BANDS", 1)
    source, kelvin, rtol = open_source("haldane"), np.array([100.0, 300.0]), 1e-2
    found = sweep(source, MU, kelvin, rtol=rtol, mesh=12)
    largest = np.abs(found.response.alpha).max(axis=(1, 2))
    np.testing.assert_allclose(asked["size"], largest, rtol=2 * rtol)
    assert asked["max_evaluations"] > affordable(source.hamiltonian)
    assert found.mott_complete.all()
    assert found.checks["mott_residual"] < rtol
    # What vanishes by symmetry has the size that its error bars were measured by.
    regular = open_source("haldane", {"anisotropy": 0.0})
    nothing = sweep(regular, MU, kelvin, rtol=rtol, mesh=12, whole_zone=True)
    assert np.abs(nothing.response.alpha).max() < 1e-3 * largest.min()
    assert (asked["size"] > 1e2 * np.abs(nothing.response.alpha).max(axis=(1, 2))).all()
    assert nothing.mott_complete.all()
    assert sweep(regular, MU, kelvin, rtol=rtol, mesh=12).mott_complete.all()
