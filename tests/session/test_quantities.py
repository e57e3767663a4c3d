"""One declaration of mu, n, T, the fields and tau: what sliders, addresses and the command line make of it."""

from __future__ import annotations

import argparse
from dataclasses import fields

import numpy as np
import pytest

from explorer.cli import main
from explorer.commands.arguments import add_quantity
from explorer.physics.observables.induced_magnetization import in_plane
from explorer.session.quantities import (
    APPLIED,
    BY_KEY,
    DENSITY,
    FIELD_ANGLE,
    GRADIENT_ANGLE,
    MU,
    RELAXATION_TIME,
    TEMPERATURE,
    StateQuantity,
)
from explorer.session.query import from_query, to_query
from explorer.session.ranges import bounds_of
from explorer.session.state import State, default_state
from explorer.views.sidebar.sliders import slider_spec, slider_values

DECLARED = [TEMPERATURE, *APPLIED]


@pytest.fixture
def state() -> State:
    return default_state("haldane")


def test_every_quantity_is_a_number_of_the_state_with_its_default(state: State) -> None:
    names = {f.name for f in fields(State)}
    assert {q.field for q in BY_KEY.values()} <= names
    assert all(q.of(state) == q.initial for q in DECLARED)
    assert DENSITY.of(state) is None


@pytest.mark.parametrize("q", BY_KEY.values(), ids=list(BY_KEY))
def test_the_address_takes_its_bounds_and_nothing_beyond(state: State, q: StateQuantity) -> None:
    for end, beyond in zip(bounds_of(q, state.source), (-1, 1), strict=True):
        found, refused = from_query({q.key: f"{end:.17g}"}, state)
        assert (q.of(found), refused) == (end, [])
        if not q.periodic:
            kept, refused = from_query({q.key: f"{end + beyond * max(1e-3, abs(end)):.17g}"}, state)
            assert kept == state
            assert "must lie between" in refused[0]
            assert refused[0].endswith(q.unit)


@pytest.mark.parametrize("q", [FIELD_ANGLE, GRADIENT_ANGLE])
@pytest.mark.parametrize("degrees", [-360.0, -270.0, -181.0, -180.0, 0.0, 179.0, 180.0, 190.0, 359.0, 720.0])
def test_a_direction_a_turn_away_is_the_same_and_within_the_slider(
    state: State, q: StateQuantity, degrees: float
) -> None:
    """Addresses written while the slider was narrower than they were keep their meaning."""
    found, refused = from_query({q.key: f"{degrees:g}"}, state)
    value = q.of(found)
    assert refused == []
    assert value is not None
    assert q.limits[0] <= value <= q.limits[1]
    np.testing.assert_allclose(in_plane(1.0, value), in_plane(1.0, degrees), atol=1e-12)
    assert from_query(to_query(found))[0] == found


def test_no_direction_is_no_number(state: State) -> None:
    for text in ("nan", "inf", "-inf"):
        found, refused = from_query({"E_angle": text}, state)
        assert found == state
        assert "must lie between -180 and 180 °" in refused[0]


def test_sliders_say_what_is_declared(state: State) -> None:
    items = {item["name"]: item for group in slider_spec(state) for item in group["items"]}
    for q in DECLARED:
        item = items[q.key]
        assert (item["min"], item["max"]) == q.bounds
        assert (item["unit"], item["default"], item["log"]) == (q.unit, q.initial, q.log)
    assert {q.key for q in BY_KEY.values()} <= set(items)
    moved = RELAXATION_TIME.set(state, 2.5)
    assert slider_values(moved)["tau"] == 2.5
    assert "n" not in slider_values(state), "no density is held"
    assert slider_values(DENSITY.set(state, 0.25))["n"] == 0.25


def test_the_command_line_says_what_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    for q in (MU, TEMPERATURE, RELAXATION_TIME):
        add_quantity(parser, q, type=float)
    options = parser.parse_args(["--mu", "0.25"])
    assert (options.mu, options.temperature, options.tau) == (
        0.25,
        TEMPERATURE.initial,
        RELAXATION_TIME.initial,
    )
    with pytest.raises(SystemExit):
        main(["kmap", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "--mu EV chemical potential [eV]" in text
    assert "--temperature K temperature [K], above 0" in text


def test_what_is_computed_keeps_to_the_bounds_of_tau(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        "compute",
        "haldane",
        "--mu",
        "0",
        "--temperature",
        "100",
        "--response",
        "chi_extrinsic",
        "--json",
    ]
    assert main([*asked, "--tau", "1000"]) == 2
    assert "tau must lie in 0.001 ... 100 ps, got 1000" in capsys.readouterr().err
    with pytest.raises(ValueError, match="tau must lie in"):
        RELAXATION_TIME.refuse(float("nan"))
