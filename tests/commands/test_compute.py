"""`om-explorer compute`: what its JSON and its tables promise to scripts, whatever is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from explorer.cli import main

QUICK = ("--method", "triangle", "--mesh", "24", "--checks", "none")
NAMED = (
    "mu_eV",
    "chi_nm_per_ohm",
    "alpha_nA_nm_per_K",
    "chi_error_nm_per_ohm",
    "alpha_error_nA_nm_per_K",
    "converged",
)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that must succeed prints."""
    assert main(["compute", "haldane", *arguments, *QUICK]) == 0
    return capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, *arguments, "--json"))
    return found


def columns(table: str) -> Sequence[Sequence[str]]:
    return [line.split() for line in table.splitlines()]


def test_a_response_in_json_is_unit_components_value_error_and_converged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """value and error as [temperature][mu][component]; in the gap at -0.1 eV the Hall conductivity is whole."""
    found = as_json(capsys, "--mu=-0.1,0.2,0.3", "--temperature", "20,40", "--response", "hall,chi")
    assert list(found["responses"]) == ["hall", "chi"]
    for name, unit, components in (("hall", "e2/h", ["xy"]), ("chi", "nm/ohm", ["x", "y"])):
        r = found["responses"][name]
        assert set(r) == {"unit", "components", "value", "error", "converged"}
        assert (r["unit"], r["components"]) == (unit, components)
        for key in ("value", "error"):
            assert np.shape(r[key]) == (2, 3, len(components))
        assert np.shape(r["converged"]) == (2, 3)
    hall = found["responses"]["hall"]
    assert abs(hall["value"][0][0][0] + 1) < hall["error"][0][0][0] + 1e-3
    assert found["responses"]["chi"]["value"] == found["chi_nm_per_ohm"]


def test_the_keys_of_chi_and_alpha_are_there_whatever_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Filled by chi or alpha, else null: a script finds every key, and never a number nobody computed."""
    point = ("--mu", "0.2", "--temperature", "40")
    plain = as_json(capsys, *point)
    assert "responses" not in plain
    both = as_json(capsys, *point, "--response", "alpha,hall")
    assert {key: both[key] for key in plain} == plain
    other = as_json(capsys, *point, "--response", "hall")
    assert set(other) == {*plain, "responses"}
    for key in NAMED[1:]:
        assert other[key] is None
    assert other["checks"] == {}
    assert other["mu_eV"] == plain["mu_eV"]


def test_the_error_of_a_solved_mu_is_in_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    held = ("--density", "0.5", "--temperature", "100")
    solved = as_json(capsys, *held, "--response", "hall")
    for response in ("chi", "hall"):
        head, row = columns(printed(capsys, *held, "--response", response))[:2]
        assert head[:3] == ["T/K", "mu/eV", "+-"]
        assert float(row[2]) == pytest.approx(solved["mu_error_eV"][0][0], rel=1e-4)
    at_mu = columns(printed(capsys, "--mu", "0.1", "--temperature", "100", "--response", "hall"))
    assert at_mu[0] == ["T/K", "mu/eV", "hall_xy/(e2/h)", "+-", "converged"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("hal", "no response hal; did you mean hall?"),
        ("hall,spin", "haldane has no response spin: the orbitals of this source carry no spin matrices"),
        ("hall,,chi", "is not NAME[,NAME..]"),
    ],
)
def test_what_cannot_be_computed_ends_with_a_sentence(
    capsys: pytest.CaptureFixture[str], asked: str, said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(
            main(["compute", "haldane", "--mu", "0", "--temperature", "50", "--response", asked])
        )
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
