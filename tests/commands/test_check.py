"""`om-explorer check`: green is 0, anything else is 1."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from explorer.cli import main
from explorer.commands import check


def test_a_sound_model_is_green(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "haldane", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["passed"] is True
    assert data["source"] == "haldane"
    assert {entry["kind"] for entry in data["checks"]} == {"physics", "self-test"}
    for entry in data["checks"]:
        assert entry["passed"] == (entry["value"] <= entry["tolerance"])


def test_one_failed_relation_is_told_and_is_exit_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = check.validate

    def broken(*args: object, **options: object) -> list[check.CheckResult]:
        first, *rest = sound(*args, **options)  # type: ignore[arg-type]
        return [replace(first, passed=False), *rest]

    monkeypatch.setattr(check, "validate", broken)
    assert main(["check", "haldane"]) == 1
    assert capsys.readouterr().out.count("FAIL") == 1


def test_what_is_not_compared_is_a_line_of_its_own_and_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """The sea form on the disc of a k.p model."""
    assert main(["check", "tilted-dirac"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "sea = surface" in line]
    assert line.startswith("none")
    assert "not compared: " in line
    assert main(["check", "tilted-dirac", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (entry,) = [entry for entry in data["checks"] if entry["name"] == "sea = surface form"]
    assert entry["passed"] is entry["value"] is entry["tolerance"] is None
    assert data["passed"] is True


def test_symmetries_are_checked_at_the_parameters_given(capsys: pytest.CaptureFixture[str]) -> None:
    names = []
    for angle in ("0", "40"):
        assert main(["check", "cumnas", "--set", f"neel_angle={angle}", "--json"]) == 0
        names.append({entry["name"] for entry in json.loads(capsys.readouterr().out)["checks"]})
    assert names[0] - names[1] >= {"symmetry C2y", "symmetry M_y T"}
    assert "symmetry PT" in names[1]
