"""Sea against surface form of chi: a number where both are known, none where one is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.physics.responses.integrand import Response
from explorer.results.sea_and_surface import both_forms, contradicted, not_comparable
from explorer.results.sweep import Sweep, sweep
from explorer.session.source import open_source

MU = np.array([0.3, 0.45])


def response(chi: list[list[float]], bar: float, met: bool = True) -> Response:
    """At one temperature and as many chemical potentials as chi (M, 2) has."""
    values = np.array([chi])
    bars = np.full(values.shape, bar)
    return Response(
        np.arange(len(chi)), np.array([300.0]), values, values, bars, bars, np.full(values.shape[:2], met), 1
    )


def test_the_largest_difference_is_relative_to_the_largest_value() -> None:
    found = both_forms(response([[1.0, 0.0], [2.0, 0.0]], 0.01), response([[1.0, 0.0], [1.5, 0.1]], 0.01))
    assert found.residual == pytest.approx(0.25, rel=1e-12)
    assert found.known.all()


def test_what_one_side_does_not_know_is_not_compared() -> None:
    one, other = response([[2.0, 0.0], [1.0, 0.0]], 0.01), response([[9.0, 0.0], [1.1, 0.0]], 0.01)
    other.chi_error[0, 0] = 3.0
    found = both_forms(one, other)
    assert (found.residual, found.known.tolist()) == (pytest.approx(0.1 / 9.0, rel=1e-12), [[False, True]])
    other.chi_error[:] = 9.0
    nowhere = both_forms(one, response([[2.0, 0.0], [1.0, 0.0]], 9.0, met=False))
    assert np.isnan(nowhere.residual)
    assert not nowhere.known.any()


def test_rounding_in_either_form_is_no_difference() -> None:
    found = both_forms(response([[1e-20, 0.0]], 1e-19), response([[-3e-20, 0.0]], 1e-19))
    assert (found.residual, found.known.all()) == (0.0, True)


@pytest.mark.parametrize("form", ["surface", "sea"])
@pytest.mark.parametrize("source", ["haldane", "cumnas"])
def test_two_adaptive_integrals_agree_within_their_bars(source: str, form: str) -> None:
    """Each refines where its own form needs it: no wave vector below the coarsest cells is shared by plan."""
    for kelvin in (10.0, 300.0):
        found = sweep(open_source(source), MU, kelvin, form=form)
        assert found.forms_known.all()
        assert found.checks["sea_surface_residual"] < 2e-3


def test_on_a_mesh_both_forms_stand_on_that_mesh() -> None:
    """Of a smooth curve their difference is the mesh's, of second order."""

    def at(mesh: int) -> Sweep:
        return sweep(open_source("cumnas"), 1.2, 1000.0, method="triangle", mesh=mesh)

    coarse, fine = at(96), at(288)
    assert coarse.forms_known.all()
    ratio = coarse.checks["sea_surface_residual"] / fine.checks["sea_surface_residual"]
    assert ratio == pytest.approx(9.0, rel=0.05)


def test_of_a_large_crystal_a_mesh_serves_both_forms_and_an_adaptive_integral_is_left_at_one() -> None:
    h = open_source("tbg").hamiltonian
    assert (not_comparable(h, "sum"), not_comparable(h, "adaptive") != "") == ("", True)


def test_a_mesh_that_resolves_neither_form_tells_no_number() -> None:
    found = sweep(open_source("haldane"), MU, 10.0, method="triangle", mesh=6)
    assert not found.forms_known.any()
    assert np.isnan(found.checks["sea_surface_residual"])


@pytest.mark.parametrize("options", [{}, {"method": "sum", "mesh": 24}])
def test_a_disc_has_an_edge_that_only_the_sea_form_sees(options: dict[str, Any]) -> None:
    found = sweep(open_source("tilted-dirac"), MU, 300.0, **options)
    assert np.isnan(found.checks["sea_surface_residual"])
    assert not found.forms_known.any()


def test_forms_further_apart_than_their_bars_are_both_in_doubt() -> None:
    one, near, far = (response([[x, 0.0], [2.0, 0.0]], 0.01) for x in (1.0, 1.05, 1.2))
    assert not contradicted(one, near).any()
    assert contradicted(one, far).tolist() == [[True, False]]
