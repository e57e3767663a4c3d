"""Bad input on the command line: one line that says what and where, exit code 2, never a traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from explorer.cli import main
from explorer.models.kit.hamiltonian import HoppingList, LatticeHamiltonian
from explorer.models.kit.model import Model

COMPUTE = ["compute", "haldane", "--mu", "0", "--temperature", "300", "--method", "sum", "--mesh", "8"]
GEOMETRY = ["geometry", "haldane", "--k", "0,0"]
KMAP = ["kmap", "haldane", "--mu", "0", "--temperature", "300"]


def error_of(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(argv) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("om-explorer: error: ")
    return printed.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["nonsense"], ["nonsense", "geometry"]),
        (["--nonsense"], ["--nonsense"]),
        (["geometry", "haldene", "--k", "0,0"], ["haldene", "did you mean haldane"]),
        (["geometry", "haldane"], ["--k"]),
        ([*GEOMETRY, "--set", "mas=0.1"], ["mas", "did you mean mass"]),
        ([*GEOMETRY, "--set", "mass=7"], ["mass", "-2 ... 2 eV", "7"]),
        ([*GEOMETRY, "--set", "mass=-7"], ["mass", "-2 ... 2 eV", "-7"]),
        ([*GEOMETRY, "--set", "mass=heavy"], ["--set", "'heavy'", "number"]),
        ([*GEOMETRY, "--set", "mass=nan"], ["--set", "finite"]),
        ([*GEOMETRY, "--set", "mass"], ["--set", "NAME=VALUE"]),
        (["geometry", "haldane", "--k", "1"], ["--k", "KX,KY"]),
        (["geometry", "haldane", "--k", "1,2,3"], ["--k", "KX,KY"]),
        (["geometry", "haldane", "--k", "-1,b"], ["--k", "'b'"]),
        ([*GEOMETRY, "--degeneracy-tolerance", "-1"], ["--degeneracy-tolerance", "-1"]),
        ([*GEOMETRY, "--plane", "xy"], ["plane is for Wannier files", "haldane"]),
        ([*GEOMETRY, "--plane", "xz"], ["--plane", "xz"]),
        ([*COMPUTE, "--temperature", "0"], ["--temperature", "above 0 K"]),
        ([*COMPUTE, "--temperature", "-5"], ["--temperature", "-5"]),
        ([*COMPUTE, "--temperature", "300,,"], ["--temperature", "number"]),
        ([*COMPUTE, "--mesh", "1"], ["--mesh", "2 points"]),
        ([*COMPUTE, "--mesh", "2.5"], ["--mesh", "whole"]),
        ([*COMPUTE, "--mesh", "10000000"], ["mesh", "GiB"]),
        ([*COMPUTE, "--mu", "0:1"], ["--mu", "START:STOP:COUNT"]),
        ([*COMPUTE, "--mu", "0:1:0"], ["--mu", "COUNT"]),
        ([*COMPUTE, "--mu", "0:1:1"], ["--mu", "COUNT"]),
        ([*COMPUTE, "--mu", "inf"], ["--mu", "finite"]),
        ([*COMPUTE, "--rtol", "0"], ["--rtol", "above 0"]),
        ([*COMPUTE, "--max-evaluations", "0"], ["--max-evaluations", "1 or more"]),
        ([*COMPUTE, "--max-evaluations", "1e5"], ["--max-evaluations", "whole"]),
        ([*COMPUTE, "--method", "magic"], ["--method", "magic"]),
        ([*COMPUTE, "--form", "volume"], ["--form", "volume"]),
        ([*COMPUTE, "--json", "--out", "a.csv"], ["--out", "--json"]),
        ([*COMPUTE, "--out", "a.xls"], ["a.xls", ".csv", ".nc"]),
        ([*COMPUTE, "--out", "nowhere/a.csv"], ["nowhere"]),
        (["compute", "haldane", "--mu", "0"], ["--temperature"]),
        (["compute", "haldane", "--temperature", "3"], ["--mu"]),
        (KMAP, ["--out"]),
        ([*KMAP, "--out", "a.gif"], ["a.gif", ".png"]),
        ([*KMAP, "--band", "2", "--out", "a.png"], ["bands 0 to 1", "2"]),
        (["bands", "haldane", "--points", "3"], ["7 corners", "3"]),
        (["serve", "--port", "70000"], ["--port", "65535"]),
        (["serve", "--port", "http"], ["--port", "whole"]),
    ],
)
def test_bad_input_is_named_in_one_line(
    argv: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    message = error_of(capsys, *argv)
    for word in words:
        assert word in message


def test_an_odd_number_of_bands_has_no_kramers_pairs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Chain(Model):
        def hamiltonian(self) -> LatticeHamiltonian:
            bonds = HoppingList(np.eye(2), np.zeros((3, 2)))
            bonds.onsite(np.diag([-1.0, 0.0, 1.0]))
            return bonds.hamiltonian()

    monkeypatch.setattr("explorer.models.files.source.catalogue", lambda: {"chain": Chain})
    assert main(["geometry", "chain", "--k", "0,0"]) == 0
    capsys.readouterr()
    message = error_of(capsys, "geometry", "chain", "--k", "0,0", "--kramers-pairs")
    assert "even number" in message
    assert "has 3" in message


def test_a_folder_is_no_output_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").mkdir()
    assert "cannot be written" in error_of(capsys, *COMPUTE, "--out", str(tmp_path / "a.csv"))


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none_tb.dat"
    assert f"{file}: no such file" in error_of(capsys, "geometry", str(file), "--k", "0,0")


def test_a_malformed_file_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad_tb.dat"
    file.write_text("a comment\n 3.0 0.0 0.0\n 0.0 three 0.0\n 0.0 0.0 9.0\n", encoding="utf-8")
    message = error_of(capsys, "geometry", str(file), "--k", "0,0")
    assert str(file) in message
    assert "line 3" in message


def test_a_port_in_use_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = error_of(capsys, "serve", "--no-show", "--address", "127.0.0.1", "--port", str(port))
    assert f"127.0.0.1:{port}" in message
    assert "--port" in message


def test_an_address_of_another_machine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "192.0.2.1" in error_of(capsys, "serve", "--no-show", "--address", "192.0.2.1")
