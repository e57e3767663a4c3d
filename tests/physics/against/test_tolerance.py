"""The degeneracy tolerance: what files get by default, and what it decides is part of the error bar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.models.files.wannier90.plane import FILE_TOLERANCE, default_tolerance
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.results.uniform import uniform_responses
from explorer.session.source import open_source
from tests.physics.random_hamiltonians import random_hamiltonian
from tests.physics.transformations import supercell, turned

CASES = Path(__file__).parent / "cases"
CRYSTAL, DOUBLED, NARROW = (str(CASES / f"{n}_tb.dat") for n in ("refx0.01", "s21x0.01", "ex1e-05"))
RIGHT_CHI, RIGHT_ALPHA = np.array([8.18176e-9, 3.28287e-8]), np.array([-4.760e-4, 2.6877e-3])
"""The first at 0.01 eV and 10 K: its own quadrature to 1e-4, and a plain sum over 180 x 180 points."""
NARROW_CHI = np.array([7.57e-9, 31.0e-9])
"""The third at 1e-5 eV and 0.003 K [nm/ohm]."""


@pytest.mark.parametrize("name", [CRYSTAL, DOUBLED])
def test_the_bands_of_a_supercell_that_cross(name: str) -> None:
    r = adaptive_response(open_source(name).hamiltonian, INTRINSIC, 0.01, 10.0)
    assert r.converged.all()
    assert (np.abs(r.chi[0, 0] - RIGHT_CHI) <= 1.5 * r.chi_error[0, 0] + 5e-14).all()
    assert (np.abs(r.alpha[0, 0] - RIGHT_ALPHA) <= r.alpha_error[0, 0] + 5e-8).all()
    assert np.abs(r.chi[0, 0] / RIGHT_CHI - 1).max() < 1e-4


def test_bands_a_millionth_of_an_electronvolt_wide() -> None:
    h = open_source(NARROW).hamiltonian
    r = adaptive_response(h, INTRINSIC, 1e-5, 0.003)
    assert r.converged.all()
    assert np.abs(r.chi[0, 0] / NARROW_CHI - 1).max() < 1e-3
    wide = replace(h, hoppings=1e6 * h.hoppings, degeneracy_tolerance=1e6 * h.degeneracy_tolerance)
    image = adaptive_response(wide, INTRINSIC, 10.0, 3000.0)
    assert (np.abs(r.chi - image.chi) <= r.chi_error + image.chi_error).all()


def test_a_tolerance_wider_than_the_bands_is_told_by_the_bar() -> None:
    """All levels are one: chi is zero by decision, not by physics."""
    r = adaptive_response(open_source(NARROW, degeneracy_tolerance=1e-4).hamiltonian, INTRINSIC, 1e-5, 0.003)
    assert not r.converged.any()
    assert (np.abs(r.chi[0, 0] - NARROW_CHI) <= r.chi_error[0, 0]).all()


def test_a_tolerance_that_hides_a_gap_is_told_by_the_bar() -> None:
    """cumnas with its pairs split by up to 0.1 eV, grouped all the same: what is left out is 10 times the answer."""
    split = open_source("cumnas", {"staggering": 0.05}).hamiltonian
    right = adaptive_response(split, INTRINSIC, 0.9, 300.0)
    r = adaptive_response(split.with_levels(0.2, False), INTRINSIC, 0.9, 300.0)
    assert right.converged.all()
    assert not r.converged.any()
    assert r.chi_error[0, 0, 0] > 0.3 * abs(right.chi[0, 0, 0]) > 3 * abs(r.chi[0, 0, 0])
    paired = adaptive_response(split.with_levels(0.2, True), INTRINSIC, 0.9, 300.0)
    assert paired.converged.all()  # pairs by number are the user's word, whatever their splitting


@pytest.mark.parametrize("method", ["sum", "triangle"])
def test_a_mesh_tells_it_too(method: str) -> None:
    h = open_source(NARROW, degeneracy_tolerance=1e-4).hamiltonian
    (r,) = uniform_responses(h, [INTRINSIC], np.array([1e-5]), np.array([0.003]), mesh=48, method=method)
    assert not r.chi.any()
    assert not r.converged.any()
    assert (1.1 * r.chi_error[0, 0] >= NARROW_CHI).all()


def test_the_default_of_a_file_knows_no_cell_no_axes_and_no_origin_of_energies() -> None:
    h = random_hamiltonian(3, 2)
    small = replace(h, hoppings=1e-3 * h.hoppings)
    one = default_tolerance(small.vectors, small.hoppings)
    assert 1e-7 < one < 1e-5
    for image in (supercell(small, 3), turned(small, np.array([[0.0, 1.0], [1.0, 0.0]]))):
        assert default_tolerance(image.vectors, image.hoppings) == pytest.approx(one, rel=1e-12)
    home = int(np.flatnonzero(~h.vectors.any(axis=1))[0])
    shifted = small.hoppings.copy()
    shifted[home] += 5.0 * np.eye(3)
    assert default_tolerance(h.vectors, shifted) == pytest.approx(one, rel=1e-9)
    assert default_tolerance(h.vectors, 1e-6 * small.hoppings) == pytest.approx(1e-6 * one, rel=1e-12)
    assert default_tolerance(h.vectors, h.hoppings) == FILE_TOLERANCE
