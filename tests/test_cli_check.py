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


def test_symmetries_are_checked_at_the_parameters_given(capsys: pytest.CaptureFixture[str]) -> None:
    names = []
    for angle in ("0", "40"):
        assert main(["check", "cumnas", "--set", f"neel_angle={angle}", "--json"]) == 0
        names.append({entry["name"] for entry in json.loads(capsys.readouterr().out)["checks"]})
    assert names[0] - names[1] >= {"symmetry C2y", "symmetry M_y T"}
    assert "symmetry PT" in names[1]
