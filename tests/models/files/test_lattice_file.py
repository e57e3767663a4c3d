from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from explorer import assets
from explorer.models.files.expressions import evaluate, holds
from explorer.models.files.lattice_file import load_lattice_file
from explorer.models.files.source import open_source
from explorer.models.haldane import Haldane
from explorer.models.kit.errors import InputError
from explorer.models.kit.model import catalogue
from tests.models.symmetry_checks import matrices, names

HALDANE = """
[model]
title = "Haldane, in a file"

[lattice]
a1 = [2.5, 0]
a2 = [1.25, "2.5*sqrt(3)/2"]

[parameters.flux]
default = 1.2
bounds = ["-pi", "pi"]
unit = "rad"

[constants]
t1 = 1.0
bond = "t1*(1 + 0.3)"
turn = "0.15*exp(i*flux)"

[[orbitals]]
name = "A"
position = [0, 0]
energy = 0.3

[[orbitals]]
name = "B"
position = ["-1/3", "2/3"]
energy = "-0.3"

[[hoppings]]
from = "A"
to = "B"
cells = [[0, 0]]
value = "bond"

[[hoppings]]
from = "A"
to = "B"
cells = [[0, -1], [1, -1]]
value = "t1"

[[hoppings]]
from = "A"
to = "A"
cells = [[1, 0], [-1, 1], [0, -1]]
value = "turn"

[[hoppings]]
from = "B"
to = "B"
cells = [[1, 0], [-1, 1], [0, -1]]
value = "0.15*exp(-i*flux)"
"""
BLANK = assets.path("models/blank.toml").read_text(encoding="utf-8")


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def line_of(text: str, fragment: str) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def test_a_file_gives_the_matrix_of_the_model_it_describes(tmp_path: Path) -> None:
    model = load_lattice_file(written(tmp_path, HALDANE))
    same = {"t1": 1.0, "anisotropy": 0.3, "t2": 0.15, "mass": 0.3, "lattice_constant": 2.5}
    k = np.random.default_rng(0).normal(size=(2, 10))
    assert np.allclose(matrices(model.hamiltonian(), k), matrices(Haldane(flux=1.2, **same).hamiltonian(), k))
    model.flux = 0.4
    assert np.allclose(matrices(model.hamiltonian(), k), matrices(Haldane(flux=0.4, **same).hamiltonian(), k))
    assert model.spin() is None
    assert model.title == "Haldane, in a file"
    assert model.quantities()["flux"].bounds == pytest.approx((-np.pi, np.pi))


def test_a_users_file_stays_out_of_the_catalogue_and_opens_by_path(tmp_path: Path) -> None:
    path = written(tmp_path, HALDANE)
    before = set(catalogue())
    model = open_source(str(path))
    assert model.values() == {"flux": 1.2}
    assert set(catalogue()) == before
    assert "blank" in before


def test_the_blank_is_a_pair_antiferromagnet() -> None:
    model = catalogue()["blank"]()
    assert names(model) == {"PT", "M_y", "M_x T"}
    model.polar = 30.0
    model.azimuth = 50.0
    assert names(model) == {"PT"}
    model.staggering = 0.1
    assert names(model) == set()
    e = np.linalg.eigvalsh(
        matrices(catalogue()["blank"]().hamiltonian(), np.random.default_rng(1).normal(size=(2, 5)))
    )
    assert np.abs(e[:, 1::2] - e[:, ::2]).max() < 1e-12


BROKEN = [
    ('value = "-t2"', 'value = "-t2 * q"', "'q', which is neither", 'value = "-t2 * q"'),
    ('value = "i*soc"', 'value = "i*soc.real"', "are understood", 'value = "i*soc.real"'),
    ('value = "i*soc"', "value = \"__import__('os').getcwd()\"", "are understood", "__import__"),
    ('value = "i*soc"', 'value = "1/(soc - soc)"', "no finite value", "1/(soc"),
    ('value = "i*soc"', "value = true", "expected a number", "value = true"),
    ('to = "B"', 'to = "C"', "no orbital is named 'C'; there are A, B", 'to = "C"'),
    ("cells = [[-1, 0]]", "cells = [-1, 0]", "list of pairs of integers", "cells = [-1, 0]"),
    ("cells = [[-1, 0]]", "cells = [[0.5, 0]]", "list of pairs of integers", "cells = [[0.5"),
    ("cells = [[1, 0], [-1, 1]", "cells = [[1, 0], [-1, 0]", "is the adjoint of line", "[[1, 0], [-1, 0]"),
    (
        "cells = [[1, 0], [-1, 1]",
        "cells = [[1, 0], [1, 0]",
        "given a second time, after line",
        "[[1, 0], [1, 0]",
    ),
    ("cells = [[1, 0], [-1, 1], [0, -1]]", "cells = [[0, 0]]", "is its energy", None),
    ('spin = "z"', 'spin = "w"', 'spin is "x", "y", "z"', 'spin = "w"'),
    ('energy = "staggering"', 'energy = "i"', "must be real", 'energy = "i"'),
    ('energy = "staggering"', 'enregy = "staggering"', "no key 'enregy'", "enregy"),
    ("default = 6.0", "default = 60.0", "outside the bounds 2 to 10", "[parameters.a]"),
    ("[parameters.a]", "[parameters.values]", "cannot be named 'values'", "[parameters.values]"),
    ("bounds = [2.0, 10.0]\n", "", "lacks bounds", "[parameters.a]"),
    ('a2 = ["a/2", "a*sqrt(3)/2"]', 'a2 = ["2*a", 0]', "span no area", "[lattice]"),
    ('a1 = ["a", 0]', 'a1 = ["a"]', "two numbers", 'a1 = ["a"]'),
    ("[lattice] ", "[latice] ", "no table is named 'latice'", "[latice]"),
    ('images = { A = "B", B = "A" }', 'images = { A = "B" }', "where orbital 'B' goes", None),
    ("rotation = [[-1, 0], [0, -1]]", "rotation = [[-1, 0], [0, -2]]", "orthogonal", None),
    ('when = "staggering == 0"', 'when = "staggering"', "is not a condition", None),
    ("spinful = true ", "spinful = false ", "spinful = true", None),
    ("staggering = 0.1\n", "staggering = 9.0\n", "outside -0.5 to 0.5", None),
    ("staggering = 0.1\n", "stagering = 0.1\n", "which is no parameter", None),
    ("default = 6.0", "default = ", "not valid TOML", "default = \n"),
]


@pytest.mark.parametrize(("good", "bad", "message", "at"), BROKEN)
def test_errors_name_file_line_and_cause(
    tmp_path: Path, good: str, bad: str, message: str, at: str | None
) -> None:
    text = BLANK.replace(good, bad, 1)
    assert text != BLANK
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        load_lattice_file(path)
    assert caught.value.path == path
    assert caught.value.line is not None
    if at is not None:
        assert caught.value.line == line_of(text, at)
    assert "\n" not in str(caught.value)


def test_missing_parts_and_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_lattice_file(tmp_path / "none.toml")
    with pytest.raises(InputError, match="no lattice given"):
        load_lattice_file(written(tmp_path, '[model]\ntitle = "x"\n'))
    with pytest.raises(InputError, match="a list of tables"):
        load_lattice_file(written(tmp_path, "[lattice]\na1 = [1, 0]\na2 = [0, 1]\n[orbitals]\nname = 1\n"))
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        load_lattice_file(tmp_path / "mine.toml")
    (tmp_path / "mine.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="longer than"):
        load_lattice_file(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    "text",
    [
        "().__class__",
        "open('x')",
        "lambda: 1",
        "t if t else 1",
        "[1]",
        "'a'*9",
        "t := 1",
        "t @ t",
        "f'{t}'",
        "",
        "sin()",
        "sin(t, t)",
        "sin(x=t)",
        "9**9**9**9",
        "1e400*t - 1e400",
        "t" * 501,
        "(" * 200 + ")" * 200,
        "True",
        "sin",
        "1\n+",
        "t//2",
        "-" * 490 + "t",
    ],
)
def test_only_arithmetic_is_evaluated(text: str) -> None:
    if text.startswith("-"):
        assert evaluate(text, {"t": 1.0}) == 1.0
        return
    with pytest.raises(ValueError, match=r"\S"):
        evaluate(text, {"t": 1.0})


def test_arithmetic_and_conditions() -> None:
    values = {"t": 2.0, "d": 0.5}
    assert evaluate("-t*(1 + d)**2/3 + exp(i*pi)", values) == pytest.approx(-2 * 2.25 / 3 - 1)
    assert evaluate("sqrt(-1)*radians(180) - pi*i", values) == pytest.approx(0)
    assert evaluate(3, values) == 3
    assert holds("t == 2 and d < 1 and d != 0", values)
    assert not holds("t > 2", values)
    with pytest.raises(ValueError, match="not a condition"):
        holds("t == 2 or d == 1", values)
