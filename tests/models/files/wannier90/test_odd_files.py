"""Files as other people write them: read, or refused with one error that names the file and says what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import random
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from explorer.cli import main
from explorer.models.files.source import open_source
from explorer.models.files.wannier90 import WannierFile, read_report
from explorer.models.kit.errors import InputError
from tests.models.files.wannier90.test_read import replaced, wsvec
from tests.models.files.wannier90.wannier_files import (
    centres_lines,
    hr_lines,
    r_lines,
    random_model,
    save,
    tb_lines,
    win_lines,
    without_tau,
)

MODEL = random_model()
TB, HR, WIN, XYZ, R = (f(MODEL) for f in (tb_lines, hr_lines, win_lines, centres_lines, r_lines))
FIRST_HOPPING = next(i for i, line in enumerate(HR) if len(line.split()) == 7)
ROWS = ["  ".join(f"{x:.15f}" for x in row) for row in MODEL.cell]
IN_BOHR = ["  ".join(f"{x / 0.52917721067:.15f}" for x in row) for row in MODEL.cell]
CENTRES = [f"X {x:.15f} {y:.15f} {z:.15f}" for x, y, z in MODEL.centres]
FORTRAN = (r"(\d\.\d+)", r"\1D+00")


def text(lines: list[str], end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode()


def zipped(**members: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return raw.getvalue()


def put(folder: Path, **files: list[str] | bytes) -> None:
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else text(content)
        (folder / name.replace("__", ".")).write_bytes(raw)


def same(file: Path, model=MODEL) -> None:
    """The Hamiltonian of the file is the model's at a wave vector, to its last digits."""
    h = open_source(str(file)).hamiltonian()
    k = np.array([0.13, 0.21])
    expected = model.at(np.array([*k, 0.0]))[0]
    np.testing.assert_allclose(without_tau(h, h.hoppings, k), expected, rtol=0, atol=1e-11)
    np.testing.assert_allclose(h.positions, model.centres[:, :2], rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(text(TB, "\r\n"), id="Windows line ends"),
        pytest.param(text(TB, "\r"), id="line ends of an old Mac"),
        pytest.param(text(TB) + b"\n  \n\n", id="blank lines at the end"),
        pytest.param(text(TB).rstrip(), id="last line not ended"),
        pytest.param(b"\xef\xbb\xbf" + text(TB), id="byte order mark"),
        pytest.param("\n".join([*TB, ""]).encode("utf-16"), id="UTF-16"),
        pytest.param(text(["", *TB[1:]]), id="empty comment"),
        pytest.param(text(["# one", "! two", "", "# three", *TB[1:]]), id="more comments"),
        pytest.param(text([*TB[:4], "", "# counts", *TB[4:]]), id="comments within the head"),
        pytest.param(
            text([TB[0], *(f"{line}  # a" for line in TB[1:4]), *TB[4:]]), id="remarks behind vectors"
        ),
        pytest.param(text([*TB[:-1], f"{TB[-1]} ! the last"]), id="remark behind a row"),
        pytest.param(text([line.replace("  ", "\t") for line in TB]), id="tabs"),
        pytest.param(
            text([TB[0], *(re.sub(*FORTRAN, line) for line in TB[1:4]), *TB[4:]]), id="D exponents above"
        ),
        pytest.param(text([*TB[:8], *(line.replace("E", "D") for line in TB[8:])]), id="D exponents below"),
        pytest.param(gzip.compress(text(TB)), id="gzip without .gz"),
        pytest.param(bz2.compress(text(TB)), id="bzip2"),
        pytest.param(lzma.compress(text(TB)), id="xz"),
        pytest.param(zipped(sub_tb__dat=text(TB), readme=b"x"), id="zip"),
    ],
)
def test_tb_as_others_write_it(content: bytes, tmp_path: Path) -> None:
    put(tmp_path, a_tb__dat=content)
    same(tmp_path / "a_tb.dat")


@pytest.mark.parametrize("per_line", [1, 4, 7, 15, 100])
def test_weights_on_lines_of_any_length(per_line: int, tmp_path: Path) -> None:
    weights = [str(w) for w in MODEL.weight.values()]
    listed = [" ".join(weights[i : i + per_line]) for i in range(0, len(weights), per_line)]
    put(tmp_path, a_hr__dat=[*HR[:3], *listed, *HR[FIRST_HOPPING:]], a__win=WIN, a_centres__xyz=XYZ)
    same(tmp_path / "a_hr.dat")


@pytest.mark.parametrize(
    "win",
    [
        ["begin unit_cell_cart", "ang", *ROWS, "end unit_cell_cart"],
        ["begin unit_cell_cart", *ROWS, "end unit_cell_cart"],
        ["BEGIN UNIT_CELL_CART", "ANGSTROM", *ROWS, "END UNIT_CELL_CART"],
        ["  Begin   Unit_Cell_Cart  ! cell", " BOHR ", *IN_BOHR, "End Unit_Cell_Cart"],
        ["begin unit_cell_cart", "bohr", "", IN_BOHR[0], "", *IN_BOHR[1:], "end unit_cell_cart"],
        ["begin unit_cell_cart bohr", *IN_BOHR, "end unit_cell_cart"],
        ["begin\tunit_cell_cart", *(re.sub(*FORTRAN, row) for row in ROWS), "end\tunit_cell_cart"],
        ["begin unit_cell_cart", *(row.replace("  ", ", ") for row in ROWS), "end unit_cell_cart"],
    ],
)
def test_lattices_of_win_files(win: list[str], tmp_path: Path) -> None:
    put(tmp_path, a_hr__dat=text(HR, "\r\n"), a__win=text(["num_wann : 3", *win], "\r\n"), a_centres__xyz=XYZ)
    same(tmp_path / "a_hr.dat")


@pytest.mark.parametrize("unit", ["atoms_frac", "atoms_cart ang", "atoms_cart bohr"])
def test_atoms_of_win_files_place_the_functions(unit: str, tmp_path: Path) -> None:
    block, _, name = unit.partition(" ")
    places = MODEL.centres / 0.52917721067 if name == "bohr" else MODEL.centres
    places = np.linalg.solve(MODEL.cell.T, places.T).T if block == "atoms_frac" else places
    rows = [f"{label} {x:.15f}, {y:.15f}, {z:.15f}" for label, (x, y, z) in zip("ABC", places, strict=True)]
    atoms = [f"Begin {block.upper()}", *([name.upper()] if name else []), *rows, f"End {block.upper()}"]
    put(
        tmp_path,
        a_hr__dat=HR,
        a__WIN=[*WIN, *atoms, "begin projections", "a:s", "B : pz", "c:l=0", "end projections"],
    )
    same(tmp_path / "a_hr.dat")


@pytest.mark.parametrize(
    "rows",
    [
        ["C 0 0 0", *CENTRES],
        [*CENTRES, "C 0 0 0", "Xe 1 1 1", "", ""],
        [row.replace("X", "x") for row in CENTRES],
        [re.sub(*FORTRAN, row) for row in CENTRES],
    ],
)
def test_centres_among_atoms(rows: list[str], tmp_path: Path) -> None:
    put(tmp_path, a_hr__dat=HR, a__win=WIN, a_centres__xyz=text(["7", "Wannier centres", *rows], "\r\n"))
    same(tmp_path / "a_hr.dat")


def test_packed_companions(tmp_path: Path) -> None:
    put(
        tmp_path,
        a_hr__dat__gz=gzip.compress(text(HR)),
        a__win__bz2=bz2.compress(text(WIN)),
        a_centres__xyz__gz=gzip.compress(text(XYZ)),
    )
    same(tmp_path / "a_hr.dat.gz")


def test_one_band(tmp_path: Path) -> None:
    one = random_model(n=1, seed=5)
    same(save(tmp_path / "a_tb.dat", tb_lines(one)), one)
    put(tmp_path, b_hr__dat=hr_lines(one), b__win=win_lines(one), b_centres__xyz=centres_lines(one))
    same(tmp_path / "b_hr.dat", one)


def test_a_folder_stands_for_the_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a folder without a _tb\.dat or _hr\.dat"):
        open_source(str(tmp_path))
    put(tmp_path, a_hr__dat=HR, a__win=WIN, a_centres__xyz=XYZ)
    same(tmp_path)
    put(tmp_path, a_tb__dat__gz=gzip.compress(text(TB)))
    model = open_source(str(tmp_path))
    assert isinstance(model, WannierFile)
    assert model.path_of_file.name == "a_tb.dat.gz"  # it holds more than the _hr.dat
    assert read_report(tmp_path).position_matrices
    put(tmp_path, b_tb__dat=TB)
    with pytest.raises(InputError, match=r"name one of a_tb\.dat\.gz, b_tb\.dat"):
        open_source(str(tmp_path))


def test_spins_side_by_side_or_in_halves(tmp_path: Path) -> None:
    """The report says which order the centres allow; the energies are those of the file either way."""
    model = random_model(n=4, seed=11)
    centres = model.centres.copy()
    for order, words in (([0, 0, 1, 1], "up and down alternate"), ([0, 1, 0, 1], "all up, then all down")):
        places = centres[order]
        for axis in range(3):
            model.r[0, 0, 0][axis][np.diag_indices(4)] = places[:, axis]
        path = save(tmp_path / "a_tb.dat", tb_lines(model))
        same(path, model)
        assert words in read_report(path).spinor_order


def test_a_number_without_the_letter_of_its_exponent(tmp_path: Path) -> None:
    """Fortran leaves the E out where the exponent has three digits."""
    lines = [re.sub(r"0\.000000000000000E\+00", "0.123456789012345-101", line) for line in TB]
    assert lines != TB
    same(save(tmp_path / "a_tb.dat", lines))


# -- broken files

HOPPING = TB.index("") + 3
"""Line of the first matrix element."""


def in_columns(line: str) -> str:
    """A row of a matrix in columns, as Wannier90 writes it."""
    words = line.split()
    return "".join(f"{word:>24}" for word in words) if len(words) in (4, 8) else line


FIXED = [*TB[: HOPPING - 1], *map(in_columns, TB[HOPPING - 1 :])]
TAB = text(TB)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n \n", "the file is empty"),
        (b"written on 1Jan2026\n", r"line 1: the file ends where the number of Wannier functions"),
        (TAB[: len(TAB) // 2], r"line \d+: (the file ends too early|\d numbers expected, \d found)"),
        (text(FIXED).rstrip()[:-4], rf"line {len(FIXED)}: the file ends within a number"),
        (gzip.compress(TAB)[:-300], "cannot be read .* is it whole"),
        (gzip.compress(TAB)[:-8] + b"12345678", "cannot be read .* is it whole"),
        (bytes(range(256)) * 20, "a binary file, where text is expected"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture; text is expected"),
        (b"\x93NUMPY\x01\x00", "an array of NumPy"),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), r"opened by the ending \.hdf5"),
        (zipped(R__npy=b""), r"opened by the ending \.npz"),
        (zipped(a_tb__dat=TAB, b_tb__dat=TAB), "must hold one matrix file, it holds a_tb.dat, b_tb.dat"),
        (b"PK\3\4" + bytes(30), "cannot be read .* is it whole"),
        (b"\n<!DOCTYPE html>\n<html></html>", "a web page, .*: download the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (pickle.dumps({"lat": [1.0]}), "a Python pickle, .* refused: .*from_pythtb"),
        (
            text(replaced(TB, 2, " 1e300 0 0")),
            "line 4: the lattice vectors span no volume, or an endless one",
        ),
        (
            text(replaced(TB, 5, " 99999999999999999999")),
            "line 5: 99999999999999999999 functions are more than",
        ),
        (text(replaced(TB, HOPPING, " 1 1 Infinity 0.0")), f"line {HOPPING}: not a finite number"),
        (text(replaced(TB, HOPPING - 1, " 99999999999 0 0")), f"line {HOPPING - 1}: whole numbers expected"),
    ],
)
def test_broken_tb(content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line each is one line on stderr and exit code 2."""
    put(tmp_path, a_tb__dat=content)
    assert main(["geometry", str(tmp_path / "a_tb.dat"), "--k", "0,0", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(rf"^om-explorer: error: .*a_tb\.dat.*{message}", err), err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a__win", bytes(300), "a binary file"),
        ("a__win", WIN[:4], "line 2: .*three lattice vectors that span a volume"),
        ("a__win", replaced(WIN, 4, " 1.0 nan 0.0"), "line 2: .*three lattice vectors that span a volume"),
        ("a__win", replaced(WIN, 4, " 1.0 one 0.0"), "line 2: .*three rows of three numbers expected"),
        ("a__win", replaced(WIN, 1, "num_wann = 8"), "no lattice beside"),
        ("a_centres__xyz", XYZ[:4], "2 centres .* for 3 functions: is this file of the same run"),
        ("a_centres__xyz", replaced(XYZ, 3, "X 0 nan 0"), "line 3: three numbers expected"),
        ("a_centres__xyz", replaced(XYZ, 3, "X 0 b 0"), "line 3: a centre expected"),
        ("a_centres__xyz", replaced(XYZ, 3, "X 0 1e9 0"), "a length beyond"),
        ("a_r__dat", R[:9], "line 9: the file ends too early"),
        ("a_wsvec__dat", b"", "the file is empty"),
        ("a_wsvec__dat", ["c", " 0 0 0 1 1", "999999", "0 0 0"], "the file ends too early"),
        ("a_wsvec__dat", ["c", " 0 0 0 1 1e30", "1", "0 0 0"], "line 2: whole numbers up to"),
    ],
)
def test_broken_companions(name: str, content: list[str] | bytes, message: str, tmp_path: Path) -> None:
    put(tmp_path, **{"a_hr__dat": HR, "a__win": WIN, "a_centres__xyz": XYZ, name: content})
    with pytest.raises(InputError, match=message):
        open_source(str(tmp_path / "a_hr.dat"))


SPARSE = {
    "R": np.array([[0, 0]]),
    "cell": np.diag([3.0, 3.0, 20.0]),
    "tau": np.zeros((1, 3)),
    "hR": np.array([0]),
    "hi": np.array([0]),
    "hj": np.array([0]),
    "h": np.array([1.0]),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"R": np.zeros(3)}, "R should be a table"),
        ({"R": np.array([[1, 0]])}, "R = 0 0 0 is missing"),
        ({"R": np.array([[0, 0], [0, 0]])}, "R appears twice"),
        ({"cell": np.eye(2)}, "the lattice should be"),
        ({"cell": np.zeros((3, 3))}, "span no volume"),
        ({"cell": np.full((3, 3), np.nan)}, "not a finite number in the lattice"),
        ({"tau": np.zeros((2, 2))}, "tau should be a table"),
        ({"tau": np.full((1, 3), np.inf)}, "not a finite number in the centres"),
        ({"hR": np.array([7])}, "sparse entries do not fit"),
        ({"h": np.array(["x"])}, "sparse entries do not fit"),
        ({"h": np.array([np.nan])}, "not a finite number in H"),
        ({"h": np.array([{}], dtype=object)}, "not a readable npz"),
    ],
)
def test_broken_archives(change: dict[str, np.ndarray], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **(SPARSE | change))
    with pytest.raises(InputError, match=rf"a\.npz: .*{message}"):
        open_source(str(tmp_path / "a.npz"))


@pytest.mark.parametrize("raw", [b"", b"PK\3\4cut"])
def test_archives_cut_short(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(raw)
    with pytest.raises(InputError, match="not a readable npz"):
        open_source(str(tmp_path / "a.npz"))


JUNK = (
    b"nan",
    b"inf",
    b"***",
    b"1e999",
    b"99999999999",
    b"-1",
    b"\n",
    b"\0",
    b"\xff",
    b"abc",
    b"1.5",
    b"!",
    b"end",
)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A few random wounds: an end, a hole, junk, a repetition."""
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(data) + 1) if rng.random() < 0.5 else rng.randrange(min(200, len(data) + 1))
        length = rng.choice([1, 3, 30, 300])
        wounds = (
            data[:at],
            data[:at] + data[at + length :],
            data[:at] + b" " + rng.choice(JUNK) + b" " + data[at + length :],
            data[:at] + data[at : at + length] + data[at:],
        )
        data = rng.choice(wounds)
    return data


def all_damaged(folder: Path, seeds: range) -> int:
    """Damage files at random; nothing but an `InputError` about one of them may come of it. How many were refused."""
    whole = {
        "a_tb.dat": TB,
        "a_hr.dat": HR,
        "a.win": WIN,
        "a_centres.xyz": XYZ,
        "a_r.dat": R,
        "a_wsvec.dat": wsvec(MODEL)[1],
    }
    refused: list[str] = []
    for seed in seeds:
        rng = random.Random(seed)
        victim = rng.choice(list(whole))
        for name, lines in whole.items():
            (folder / name).write_bytes(damaged(text(lines), rng) if name == victim else text(lines))
        for name in ("a_tb.dat", "a_hr.dat"):
            for look in (lambda p: open_source(str(p)).hamiltonian(), read_report):
                try:
                    look(folder / name)
                except InputError as problem:
                    refused.append(str(problem))
    assert all(message.startswith(str(folder)) for message in refused)
    return len(refused)


def test_random_damage_is_an_error_or_nothing(tmp_path: Path) -> None:
    assert all_damaged(tmp_path, range(60)) > 60


@pytest.mark.long
def test_much_random_damage(tmp_path: Path) -> None:
    assert all_damaged(tmp_path, range(1000, 4000)) > 3000


def test_the_command_line_reads_an_odd_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, a_tb__dat=text(["# one", "# two", *TB[1:]], "\r\n"))
    assert main(["geometry", str(tmp_path), "--k", "0.13,0.21", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["points"][0]["energy_eV"]
    np.testing.assert_allclose(
        found, np.linalg.eigvalsh(MODEL.at(np.array([0.13, 0.21, 0.0]))[0]), rtol=0, atol=1e-10
    )
