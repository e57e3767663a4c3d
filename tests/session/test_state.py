"""The state, its form in a URL, and what a URL may not do to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.physics.observables.induced_magnetization import induced_magnetization
from explorer.physics.units import MAGNETIZATION_UNIT
from explorer.session.query import from_query, to_query
from explorer.session.ranges import (
    density_bounds,
    is_widened,
    mu_bounds,
    mu_reach,
    reaching,
    whole_range,
    widened,
)
from explorer.session.source import open_source
from explorer.session.state import COLOURS, NEAREST, OCCUPIED, State, default_state, opened


@pytest.fixture
def state() -> State:
    return default_state("haldane")


def test_a_default_state_needs_only_its_model_in_the_url(state: State) -> None:
    assert to_query(state) == {"model": "haldane"}


def test_the_url_holds_the_whole_state(state: State) -> None:
    changed = replace(
        state.with_parameter("mass", -0.71).with_parameter("t2", 0.05),
        mu=0.1,
        temperature=12.5,
        field=3e5,
        field_angle=30.0,
        gradient=1e4,
        gradient_angle=-45.0,
        band=2,
        colour=COLOURS[2],
    )
    for one in (changed, replace(changed, band=NEAREST), replace(changed, band=OCCUPIED)):
        again, refused = from_query(to_query(one))
        assert refused == []
        assert again == one


def test_the_url_holds_what_differs_from_how_the_maps_of_a_model_open() -> None:
    follows = default_state("tbg")
    assert follows.band == NEAREST
    assert "band" not in to_query(follows)
    for band, text in ((OCCUPIED, "0"), (26, "26"), (48, "48")):
        query = to_query(replace(follows, band=band))
        assert query["band"] == text
        assert from_query(query) == (replace(follows, band=band), [])
    assert to_query(replace(default_state("haldane"), band=NEAREST))["band"] == "nearest"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"mass": "99"}, "mass=99: must lie between -2 and 2 eV"),
        ({"mass": "nan"}, "mass=nan: must lie between"),
        ({"mass": "x"}, "mass=x: not a number"),
        ({"no_such": "1"}, "no_such=1: haldane has no such parameter"),
        ({"T": "0"}, "T=0: must lie between 1 and 1000 K"),
        ({"mu": "1e9"}, "mu=1e9: must lie between"),
        ({"band": "3"}, "band=3: must be 0"),
        ({"band": "1.5"}, "band=1.5: must be 0"),
        ({"colour": "pink"}, "colour=pink: must be one of"),
        ({"model": "no-such-model"}, "no-such-model"),
    ],
)
def test_a_bad_value_is_named_and_changes_nothing(state: State, query: dict[str, str], said: str) -> None:
    kept, refused = from_query({"model": "haldane", **query}, state)
    assert kept == state
    assert len(refused) == 1
    assert said in refused[0]


def test_good_values_beside_a_bad_one_are_kept(state: State) -> None:
    kept, refused = from_query({"mass": "99", "flux": "0.5"}, state)
    assert dict(kept.parameters)["flux"] == 0.5
    assert len(refused) == 1


def test_geometry_does_not_depend_on_what_is_free(state: State) -> None:
    moved = replace(
        state, mu=0.2, temperature=7.0, field=1.0, gradient=2.0, band=1, colour="none", k=(0.1, 0.2)
    )
    assert moved.geometry_key == state.geometry_key
    assert state.with_parameter("mass", 0.31).geometry_key != state.geometry_key


def test_magnetization_is_chi_e_minus_alpha_grad_t(state: State) -> None:
    """(7) in SI units by hand: 1e-5 nm/ohm times 1e4 V/m is 1e-10 A, 2 nA nm/K times 1e6 K/m is 2e-12 A."""
    fields = replace(state, field=1e4, field_angle=90.0, gradient=1e6, gradient_angle=0.0)
    amperes = 1e-10 - 2e-12
    chi, alpha = np.array([5.0, 1e-5]), np.array([2.0, 7.0])
    found = induced_magnetization(chi, alpha, *fields.fields).in_muB_per_nm2
    assert found == pytest.approx(amperes / MAGNETIZATION_UNIT, rel=1e-12)


@pytest.mark.parametrize("source", ["haldane", "cumnas", "tilted-dirac"])
def test_mu_bounds_hold_the_default(source: str) -> None:
    low, high = mu_bounds(source)
    assert low < default_state(source).mu < high


def test_the_rule_for_groups_reaches_the_hamiltonian(state: State) -> None:
    assert opened(replace(state, degeneracy_tolerance=0.01)).hamiltonian.degeneracy_tolerance == 0.01


def test_a_held_density_takes_the_place_of_mu_in_the_url(state: State) -> None:
    held = replace(state, density=2.5, mu=0.123)
    query = to_query(held)
    assert query == {"model": "haldane", "n": "2.5"}
    again, refused = from_query(query)
    assert refused == []
    assert again == replace(held, mu=state.mu)
    freed, _ = from_query({"model": "haldane", "mu": "0.2"}, held)
    assert (freed.mu, freed.density) == (0.2, None)
    _, refused = from_query({"n": "1e9"}, state)
    assert "n=1e9: must lie between" in refused[0]


@pytest.mark.parametrize("source", ["haldane", "cumnas", "tilted-dirac"])
def test_density_bounds_hold_neutrality_and_what_mu_reaches(source: str) -> None:
    low, high = density_bounds(source)
    assert low <= 0 < high or low < 0 <= high
    cell = 4 / opened(default_state(source)).hamiltonian.cell_area * 1e3 if source == "cumnas" else np.inf
    assert high - low <= cell  # no more than four electrons a cell, [1e13/cm2]


@pytest.mark.parametrize("name", ["tbg", "mnbi2te4"])
def test_a_model_of_many_energies_opens_near_mu_and_reaches_all(name: str) -> None:
    state = default_state(name)
    (low, high), (least, most) = mu_bounds(name), whole_range(name)
    assert least < 2 * low < state.mu < 2 * high < most
    assert mu_reach(name) == (least, most)
    assert from_query({"model": name, "mu": f"{high:g}"}) == (replace(state, mu=high), [])
    far, refused = from_query({"model": name, "mu": f"{1.5 * high:g}"})
    assert refused == []
    assert (far.mu, mu_bounds(far.source)) == (pytest.approx(1.5 * high), (least, most))
    assert far.parameters == state.parameters
    assert from_query(to_query(far)) == (far, [])
    assert widened(far, False) == replace(state, mu=high)
    assert from_query({"model": name, "mu": f"{1.1 * most:g}"})[1] != []


def test_the_path_goes_with_the_energies_shown() -> None:
    near, whole = (open_source(name).path() for name in ("mnbi2te4", "mnbi2te4#window=-2:2"))
    inside = open_source("mnbi2te4#window=-0.1:0.3").path()
    assert near == inside
    assert [p.label for p in near] == ["→K'", "Γ", "→K", "Γ", "→M'"]
    assert [p.label for p in whole] == ["Γ", "M", "K", "Γ", "M'", "K'", "Γ"]
    assert [p.label for p in opened(widened(default_state("mnbi2te4"), True)).path()] == [
        p.label for p in whole
    ]


def test_a_window_that_is_named_is_kept() -> None:
    state, refused = from_query({"model": "tbg#window=-0.1:0.1", "mu": "0.2"})
    assert "between -0.1 and 0.1" in refused[0]
    assert reaching(replace(state, mu=0.2)).source == state.source
    assert is_widened(state.source) is is_widened("haldane") is None
    assert (is_widened("tbg"), is_widened(widened(default_state("tbg"), True).source)) == (False, True)
