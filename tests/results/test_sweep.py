"""Sweeps on uniform meshes: what their error bars and verdicts mean."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.results.sweep import sweep
from explorer.results.uniform import uniform_mesh, uniform_responses
from explorer.session.source import open_source

MU, KELVIN = np.array([-0.5, 0.3]), np.array([600.0, 900.0])


@pytest.mark.parametrize("method", ["sum", "triangle"])
def test_the_error_bar_holds_against_a_far_finer_mesh(method: str) -> None:
    h = open_source("haldane").hamiltonian
    coarse = uniform_responses(h, [INTRINSIC], MU, KELVIN, mesh=24, method=method)[0]
    fine = uniform_responses(h, [INTRINSIC], MU, KELVIN, mesh=144, method=method)[0]
    scale = np.abs(fine.chi).max()
    assert np.all(np.abs(coarse.chi - fine.chi) <= coarse.chi_error + 1e-9 * scale)
    assert coarse.evaluations == 24**2 + 12**2


def test_converged_is_said_only_of_what_is_within_rtol() -> None:
    h = open_source("haldane").hamiltonian
    strict, lax = (
        uniform_responses(h, [INTRINSIC], MU, KELVIN, mesh=24, method="sum", rtol=rtol)[0]
        for rtol in (1e-9, 1e3)
    )
    assert not strict.converged.any()
    assert lax.converged.all()


@pytest.mark.parametrize("name", ["haldane", "tilted-dirac"])
def test_triangles_approach_the_converged_sum_at_second_order(name: str) -> None:
    h = open_source(name).hamiltonian
    # At 600 K and more the plain sum converges exponentially: at 120 points it serves as the exact value.
    exact = uniform_mesh(h, 120).plain_sum(INTRINSIC, MU, KELVIN)[0][..., 1]
    meshes = [uniform_mesh(h, n, for_triangles=True) for n in (48, 96)]
    off = [np.abs(m.by_triangles(INTRINSIC, MU, KELVIN)[0][..., 1] - exact).max() for m in meshes]
    assert 3.0 < off[0] / off[1] < 5.0


def test_a_mesh_serves_only_the_method_it_was_made_for() -> None:
    h = open_source("tilted-dirac").hamiltonian
    with pytest.raises(ValueError, match="made for plain sums"):
        uniform_mesh(h, 4).by_triangles(INTRINSIC, MU, KELVIN)
    with pytest.raises(ValueError, match="made for triangles"):
        uniform_mesh(h, 4, for_triangles=True).plain_sum(INTRINSIC, MU, KELVIN)


def test_progress_runs_to_one_and_can_cancel() -> None:
    seen: list[float] = []
    sweep(open_source("haldane"), MU, KELVIN, method="sum", mesh=32, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)

    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        sweep(open_source("haldane"), MU, KELVIN, method="sum", mesh=32, progress=stop)


@pytest.mark.parametrize("name", ["haldane", "cumnas"])
@pytest.mark.parametrize("kelvin", [300.0, 100.0, 10.0])
def test_the_mott_relation_holds_between_two_independent_integrations(name: str, kelvin: float) -> None:
    result = sweep(open_source(name), np.array([-0.2, 0.0, 0.2]), kelvin, mesh=24)
    assert result.response.converged.all()
    assert result.checks["mott_residual"] < 1e-3


def test_what_symmetry_forbids_is_zero_by_its_word_or_computed() -> None:
    """The mirror of the strained honeycomb forbids chi_x; both ways agree on what is left."""
    source = open_source("haldane")
    part, whole = (sweep(source, MU, 300.0, mesh=24, whole_zone=w) for w in (False, True))
    assert part.reduced_by == ("M_x T",)
    assert whole.reduced_by == ()
    assert part.response.evaluations < 0.75 * whole.response.evaluations
    assert (part.response.chi[..., 0] == 0).all()
    found = np.abs(whole.response.chi[..., 0]).max()
    assert 0 < found < 1e-6 * np.abs(whole.response.chi).max()
    bars = part.response.chi_error + whole.response.chi_error
    assert (
        np.abs(part.response.chi - whole.response.chi) <= bars + 1e-9 * np.abs(part.response.chi).max()
    ).all()
    assert sweep(source, MU, 300.0, mesh=24, method="sum").reduced_by == ()


@pytest.mark.parametrize("azimuth", [20.0, 1e-5])
def test_a_broken_mirror_reduces_nothing(azimuth: float) -> None:
    tilted = sweep(open_source("rashba", {"azimuth": azimuth}), 0.1, 300.0, mesh=24)
    assert tilted.reduced_by == ()
    forbidden = np.abs(tilted.response.chi[..., 1]).max() / np.abs(tilted.response.chi).max()
    assert forbidden == pytest.approx(np.tan(np.radians(azimuth)), rel=0.5)


def test_forms_of_a_response_that_vanishes_do_not_differ() -> None:
    """Chi of a crystal that forbids it is rounding in either form: their ratio says nothing."""
    r = sweep(open_source("haldane", {"anisotropy": 0.0}), MU, KELVIN, rtol=1e-2, mesh=12, whole_zone=True)
    assert r.response.converged.all()
    assert np.abs(r.response.chi).max() <= r.response.chi_error.max()
    assert r.checks["sea_surface_residual"] == 0.0
