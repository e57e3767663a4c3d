"""Reading Wannier90's files against the plain Fourier sums of what was written; errors name file and line."""

from __future__ import annotations

import gzip
import io
import tarfile
import time

import numpy as np
import pytest

from explorer.models.files.wannier90 import WannierFile, WannierOptions, read_matrices, write_tb
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from tests.models.files.wannier90.wannier_files import (
    centres_lines,
    hr_lines,
    r_lines,
    random_model,
    save,
    sparse_lines,
    tb_lines,
    win_lines,
    without_tau,
)

K = np.random.default_rng(1).uniform(-1, 1, (4, 2))
MODEL = random_model()


def agrees(h: LatticeHamiltonian, model, tolerance=1e-12, shifts=None, positions=True) -> None:
    assert np.abs(h.positions - model.centres[:, :2]).max() < tolerance
    for k in K:
        H, A = model.at(np.array([*k, 0.0]), shifts)
        assert np.abs(without_tau(h, h.hoppings, k) - H).max() < tolerance
        if positions:
            tau = np.array([np.diag(t) for t in h.positions.T])
            assert np.abs(without_tau(h, h.dipoles, k) + tau - A[:2]).max() < tolerance
        else:
            assert h.dipoles is None


def test_tb_with_weights(tmp_path):
    h = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL))).hamiltonian()
    agrees(h, MODEL)
    assert h.degeneracy_tolerance == 1e-4


@pytest.mark.parametrize("packing", ["gz", "tar", "windows", "fortran", "remarks", "columns"])
def test_dialects(tmp_path, packing):
    lines = tb_lines(MODEL)
    path = tmp_path / "a_tb.dat"
    if packing == "remarks":  # comments behind counts, more weights than vectors, as model builders write
        lines = tb_lines(MODEL, extra_weight=True, remark="! number")
    if packing == "fortran":
        lines[8:] = [line.replace("E+", "D+").replace("E-", "D-") for line in lines[8:]]
    if packing == "columns":  # the second index fastest
        n, start = len(MODEL.centres), lines.index("") + 2
        block = lines[start : start + n * n]
        lines[start : start + n * n] = [block[m + n * j] for m in range(n) for j in range(n)]
    text = "\n".join(lines).encode()
    if packing == "gz":
        path = tmp_path / "a_tb.dat.gz"
        path.write_bytes(gzip.compress(text))
    elif packing == "tar":
        path = tmp_path / "a_tb.dat.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            member = tarfile.TarInfo("somewhere/a_tb.dat")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    else:
        path.write_bytes(text.replace(b"\n", b"\r\n") if packing == "windows" else text)
    agrees(WannierFile(path).hamiltonian(), MODEL)


def test_hr_with_centres_and_win_in_bohr(tmp_path):
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    save(tmp_path / "a.win", win_lines(MODEL, bohr=True))
    agrees(WannierFile(save(tmp_path / "a_hr.dat", hr_lines(MODEL))).hamiltonian(), MODEL, positions=False)


@pytest.mark.parametrize("counted", [True, False], ids=["version 3", "version 2"])
def test_hr_with_position_matrices(tmp_path, counted):
    save(tmp_path / "a.win", win_lines(MODEL))
    save(tmp_path / "a_r.dat", r_lines(MODEL, counted=counted))
    file = WannierFile(save(tmp_path / "a_hr.dat", hr_lines(MODEL)))
    agrees(file.hamiltonian(), MODEL)
    assert "Position matrices from a_r.dat." in file.report().notes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: replaced(r, 2, "  4"), r"a_r\.dat, line 2: .*the _hr\.dat has 3"),
        (lambda r: r[:-1], "the file ends too early"),
        (lambda r: replaced(r, 6, r[6]), "line 7: a matrix element appears twice"),
        (lambda r: replaced(r, 6, r[5].replace(r[5][:5], "    9")), r"line 6: .*not in the _hr\.dat"),
    ],
)
def test_bad_position_matrices(tmp_path, change, message):
    save(tmp_path / "a.win", win_lines(MODEL))
    save(tmp_path / "a_r.dat", change(r_lines(MODEL)))
    with pytest.raises(InputError, match=message):
        WannierFile(save(tmp_path / "a_hr.dat", hr_lines(MODEL)))


def test_sparse_hr_of_wanniertools(tmp_path):
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    save(tmp_path / "a.win", win_lines(MODEL))
    lines = sparse_lines(MODEL)
    agrees(WannierFile(save(tmp_path / "a_hr.dat", lines)).hamiltonian(), MODEL, positions=False)
    for change, message in (
        (replaced(lines, 3, "  2000"), "line 3: 2000 functions are more than can be explored"),
        (replaced(lines, 5, lines[3]), "line 5: a matrix element appears twice"),
        (
            replaced(lines, 5, lines[4].replace(lines[4][15:25], "    7    1")),
            "line 5: .*functions from 1 to 3",
        ),
        (lines[:-1], "the file ends too early"),
    ):
        with pytest.raises(InputError, match=message):
            WannierFile(save(tmp_path / "a_hr.dat", change))


def test_lattice_vectors_without_a_decimal_point(tmp_path):
    model = random_model(cell=np.diag([3.0, 4.0, 17.0]))
    lines = tb_lines(model)
    lines[1:4] = ["3 0 0", "0 4 0", "0 0 17"]
    agrees(WannierFile(save(tmp_path / "a_tb.dat", lines)).hamiltonian(), model)


def test_hr_with_projections(tmp_path):
    more = ["begin atoms_frac", "Mo 0.1 0.2 0.5", "Te 0.5 0.25 0.4", "end atoms_frac"]
    more += ["begin projections", "Mo:pz;dxy", "f=0.5,0.25,0.4:s", "end projections"]
    save(tmp_path / "a.win", win_lines(MODEL, more=more))
    h = WannierFile(save(tmp_path / "a_hr.dat", hr_lines(MODEL))).hamiltonian()
    a, b = np.array([0.1, 0.2]) @ h.cell, np.array([0.5, 0.25]) @ h.cell
    assert np.allclose(h.positions, [a, a, b], atol=1e-12)


def test_projections_of_spinors_alternate(tmp_path):
    model = random_model(n=8)
    more = ["spinors = .true.", "begin atoms_cart", "ang", "C 1 0 5", "N 0 2 5", "end atoms_cart"]
    more += ["begin projections", "C:l=1", "N:s", "end projections"]
    save(tmp_path / "a.win", win_lines(model, more=more))
    h = WannierFile(save(tmp_path / "a_hr.dat", hr_lines(model))).hamiltonian()
    assert np.allclose(h.positions, [[1, 0]] * 6 + [[0, 2]] * 2)


def test_hr_with_wanniertools_input(tmp_path):
    model = random_model(n=6)
    cell = [" ".join(map(str, row)) for row in model.cell]
    text = ["&TB_FILE", "Hrfile = 'a_hr.dat'", "/", "&SYSTEM", "SOC = 1  ! spin", "E_FERMI = -0.25", "/"]
    text += ["LATTICE", "Angstrom", *cell, "ATOM_POSITIONS", "2", "Cartesian", "C 1 0 5", "N 0 2 5"]
    text += ["PROJECTORS", "1 2  ! each", "C s", "N s pz"]
    save(tmp_path / "wt.in", text)
    file = WannierFile(save(tmp_path / "a_hr.dat", hr_lines(model)))
    assert np.allclose(file.hamiltonian().positions, [[1, 0], [0, 2], [0, 2]] * 2)
    assert file.default_mu == -0.25
    text[-3] = "2*1"
    save(tmp_path / "wt.in", text)
    with pytest.raises(InputError, match="no positions of the 6 functions"):  # 2 projectors, 6 functions
        WannierFile(tmp_path / "a_hr.dat")


def test_hr_with_wout(tmp_path):
    text = [f" a_{i + 1}  {' '.join(f'{x:.12f}' for x in row)}" for i, row in enumerate(MODEL.cell)]
    text += ["  WF centre and spread    1  (  9.0,  9.0,  9.0 )     9.0", " Final State"]
    text += [
        f"  WF centre and spread {i + 1:4d}  ( {x:.12f}, {y:.12f}, {z:.12f} )  {1.5 + i:.8f}"
        for i, (x, y, z) in enumerate(MODEL.centres)
    ]
    save(tmp_path / "a.wout", text)
    file = WannierFile(save(tmp_path / "a_hr.dat", hr_lines(MODEL)))
    agrees(file.hamiltonian(), MODEL, positions=False)
    assert file.report().spreads.tolist() == [1.5, 2.5, 3.5]


def test_hr_needs_lattice_and_positions(tmp_path):
    path = save(tmp_path / "a_hr.dat", hr_lines(MODEL))
    with pytest.raises(InputError, match=r"a_hr\.dat: no lattice .* put a\.win"):
        WannierFile(path)
    save(tmp_path / "a.win", win_lines(MODEL))
    with pytest.raises(InputError, match=r"no positions of the 3 functions .* a_centres\.xyz"):
        WannierFile(path)
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL)[:-2])
    with pytest.raises(InputError, match=r"a_centres\.xyz: 2 centres .* for 3 functions"):
        WannierFile(path)


def wsvec(model, seed=5):
    """Random shifts, those of (-R, j, i) opposite to those of (R, i, j), and the file that holds them."""
    rng = np.random.default_rng(seed)
    n, shifts = len(model.centres), {}
    for R in model.weight:
        back = tuple(-x for x in R)
        for m in range(n):
            for j in range(n):
                if (back, j, m) in shifts:
                    shifts[R, m, j] = [-T for T in shifts[back, j, m]]
                elif m == j:  # a function and its own images are at their nearest already
                    shifts[R, m, j] = [np.zeros(3, int)]
                else:
                    T = rng.integers(-1, 2, (int(rng.integers(1, 4)), 3)) * [1, 1, 0]
                    shifts[R, m, j] = list(T)
    lines = ["## written by Wannier90 with use_ws_distance=.true."]
    for (R, m, j), T in shifts.items():
        lines += [f"{R[0]} {R[1]} {R[2]} {m + 1} {j + 1}", str(len(T)), *(f"{t[0]} {t[1]} {t[2]}" for t in T)]
    return shifts, lines


def test_wsvec(tmp_path):
    shifts, lines = wsvec(MODEL)
    save(tmp_path / "a_wsvec.dat", lines)
    file = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL)))
    agrees(file.hamiltonian(), MODEL, shifts=shifts)
    assert any("a_wsvec.dat applied" in note for note in file.report().notes)


def test_absent_wsvec_is_said_where_weights_need_it(tmp_path):
    with_weights = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL)))
    assert any("a_wsvec.dat stands" in note for note in with_weights.report().notes)
    plain = WannierFile(save(tmp_path / "b_tb.dat", tb_lines(random_model(weights=False))))
    assert not plain.report().notes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w[:-1], r"a_wsvec\.dat, line \d+: the file ends too early"),
        (
            lambda w: [*w, *w[-3:]],
            r"a_wsvec\.dat, line \d+: .*(one entry expected, 2 found|too early|positive)",
        ),
        (
            lambda w: [*w[:1], "9 9 9 1 1", *w[2:]],
            r"R = \[9, 9, 9\], functions \[1, 1\] is not in the matrix",
        ),
        (lambda w: [*w[:2], "x", *w[3:]], r"a_wsvec\.dat, line 3: whole numbers up to 1e.06 expected"),
    ],
)
def test_bad_wsvec(tmp_path, change, message):
    save(tmp_path / "a_wsvec.dat", change(wsvec(MODEL)[1]))
    with pytest.raises(InputError, match=message):
        WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL)))


def replaced(lines, number, text):
    return [*lines[: number - 1], text, *lines[number:]]


TB, HR = tb_lines(MODEL), hr_lines(MODEL)
FIRST = TB.index("") + 3  # line number of the first matrix element


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (TB[:-1], len(TB) - 1, "the file ends too early"),
        (TB[: FIRST + 3], FIRST + 3, "the file ends too early"),
        (TB[:3], 3, "the file ends where a lattice vector"),
        ([*TB, "1 1 0 0"], len(TB) + 1, "unexpected text after"),
        (replaced(TB, FIRST, "    1    1  0.5"), FIRST, "4 numbers expected, 3 found"),
        (replaced(TB, FIRST + 1, "    2    1  0.5 nan"), FIRST + 1, "not a finite number"),
        (replaced(TB, FIRST + 1, "    2    1  0.5 ******"), FIRST + 1, "numbers expected"),
        (replaced(TB, FIRST + 1, "    2    7  0.5 0.0"), FIRST + 1, "functions are numbered 1 to 3"),
        (replaced(TB, FIRST + 1, TB[FIRST - 1]), FIRST + 1, "a matrix element appears twice"),
        (replaced(TB, FIRST - 1, "  0.5 0 0"), FIRST - 1, "whole numbers expected for a lattice vector"),
        (replaced(TB, 3, " 3.0 0.0"), 3, "a lattice vector"),
        (replaced(TB, 3, TB[1]), 4, "span no volume"),
        (replaced(TB, 5, " many"), 5, "the number of Wannier functions .* expected"),
        (replaced(TB, 6, " -3"), 6, "the number of lattice vectors expected"),
        (replaced(TB, 6, " 99999999"), 6, "more than can be read"),
        (replaced(TB, 5, " 1025"), 5, "1025 functions are more than can be explored"),
        (replaced(TB, 7, " 1 1 0 1"), 7, "weights"),
        (HR[:-1], len(HR) - 1, "the file ends too early"),
        (replaced(HR, 9, "0 0"), 9, "7 numbers expected, 2 found"),
        (replaced(HR, len(HR), "8 8 8 3 3 0.0 0.0"), len(HR), "lines of one lattice vector must follow"),
    ],
)
def test_errors_name_file_and_line(tmp_path, lines, line, message):
    with pytest.raises(InputError, match=rf"a_tb\.dat, line {line}: .*{message}") as caught:
        read_matrices(save(tmp_path / "a_tb.dat", lines))
    assert caught.value.line == line


def test_errors_without_a_line(tmp_path):
    path = tmp_path / "a_tb.dat"
    with pytest.raises(InputError, match=r"a_tb\.dat: no such file"):
        read_matrices(path)
    path.write_bytes(b"\x1f\x8b broken")
    with pytest.raises(InputError, match="cannot be read"):
        read_matrices(path)
    path.write_bytes(b"PK\0\0\0\0")
    with pytest.raises(InputError, match="a binary file"):
        read_matrices(path)
    save(path, [])
    with pytest.raises(InputError, match="the file is empty"):
        read_matrices(path)
    (tmp_path / "a.npz").write_bytes(b"no archive")
    with pytest.raises(InputError, match="not a readable npz"):
        read_matrices(tmp_path / "a.npz")


def test_not_hermitian(tmp_path):
    path = save(tmp_path / "a_tb.dat", replaced(TB, FIRST, "    1    1  5.0 0.0"))
    with pytest.raises(InputError, match=r"H is not Hermitian: .* hermitise"):
        WannierFile(path)
    h = WannierFile(path, WannierOptions(hermitise=True)).hamiltonian()
    H = without_tau(h, h.hoppings, K[0])
    assert np.abs(H - H.conj().T).max() < 1e-14


def test_rounding_is_averaged_out(tmp_path):
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    save(tmp_path / "a.win", win_lines(MODEL))
    path = save(tmp_path / "a_hr.dat", hr_lines(MODEL, digits=6))
    agrees(WannierFile(path).hamiltonian(), MODEL, tolerance=2e-5, positions=False)


def timed_reading(tmp_path, n, steps):
    rng = np.random.default_rng(0)
    side = np.arange(-steps, steps + 1)
    vectors = np.array([(i, j) for i in side for j in side])
    h = rng.normal(size=(len(vectors), n, n)) + 0j
    h = 0.5 * (h + h[::-1].conj().transpose(0, 2, 1))
    r = 0.1 * h[:, None].repeat(2, axis=1)
    r[len(vectors) // 2][:, np.arange(n), np.arange(n)] = 0.0
    write_tb(tmp_path / "a_tb.dat", LatticeHamiltonian(np.eye(2) * 3.0, np.zeros((n, 2)), vectors, h, r))
    start = time.process_time()
    data = read_matrices(tmp_path / "a_tb.dat")
    took = time.process_time() - start
    assert np.abs(data.hoppings - h).max() == 0
    return took


def test_large_files_read_in_bulk(tmp_path):
    """24 functions, 49 vectors: 340 thousand numbers; a line-by-line reader takes longer than a second."""
    assert timed_reading(tmp_path, 24, 3) < 1.0


@pytest.mark.long
def test_112_functions_read_in_seconds(tmp_path):
    assert timed_reading(tmp_path, 112, 2) < 12.0


POSCAR = ["made up", "1.0", "3.0 0.0 0.0", "-1.2 2.8 0.0", "0.0 0.0 17.0", "C", "1", "Direct", "0 0 0"]
"""The lattice of MODEL."""


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("POSCAR", {}),
        ("CONTCAR", {1: "2.0 ! factor", 2: "1.5 0 0", 3: "-0.6 1.4 0", 4: "0 0 8.5"}),
        ("a.vasp", {1: "1.0 1.0 2.0", 4: "0 0 8.5"}),
        ("another.vasp", {1: f"{-3.0 * 2.8 * 17.0}", 2: "0.3 0 0", 3: "-0.12 0.28 0", 4: "0 0 1.7"}),
    ],
)
def test_the_lattice_of_a_poscar(tmp_path, name, change):
    """VASP's, where Wannier90's own files did not come along; scaled by a factor, three, or to a volume."""
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    path = save(tmp_path / "a_hr.dat", hr_lines(MODEL))
    with pytest.raises(InputError, match=r"no lattice beside .* or VASP's POSCAR"):
        WannierFile(path)
    save(tmp_path / name, [change.get(i, line) for i, line in enumerate(POSCAR)])
    file = WannierFile(path)
    agrees(file.hamiltonian(), MODEL, positions=False)
    assert any(f"Lattice from {name}" in note for note in file.report().notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({1: "one"}, "line 2: the scale of the lattice expected, found 'one'"),
        ({1: "0.0"}, "line 2: the scale"),
        ({1: "1 -1 1"}, "line 2: the scale"),
        ({3: "1.0 2.0"}, "line 4: a lattice vector"),
        ({3: "3.0 0 0"}, "POSCAR: the lattice vectors span no volume"),
    ],
)
def test_a_broken_poscar(tmp_path, change, message):
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    save(tmp_path / "POSCAR", [change.get(i, line) for i, line in enumerate(POSCAR)])
    with pytest.raises(InputError, match=message):
        WannierFile(save(tmp_path / "a_hr.dat", hr_lines(MODEL)))


def test_hr_without_its_small_elements(tmp_path):
    """As programs that filter write it: elements left out in pairs of adjoints, wherever they stand."""
    model = random_model(weights=False)
    small = 0.7
    for block in model.H.values():
        block[np.abs(block) < small] = 0.0
    whole = hr_lines(model)
    start = len(whole) - 9 * len(model.H)
    listed = [line for line in whole[start:] if abs(complex(*map(float, line.split()[5:]))) >= small]
    assert 9 < len(listed) < 0.9 * 9 * len(model.H)
    save(tmp_path / "a_centres.xyz", centres_lines(model))
    save(tmp_path / "a.win", win_lines(model))
    file = WannierFile(save(tmp_path / "a_hr.dat", [*whole[:start], *listed]))
    agrees(file.hamiltonian(), model, positions=False)
    assert any("are not listed" in note for note in file.report().notes)
    # What lacks the adjoint of an element, or all of its end, was cut off; weights could not be told to vectors.
    weighted = [line.replace("    1", "    2") if i == 3 else line for i, line in enumerate(whole[:start])]
    for broken in ([*whole[:start], *listed[:-1]], whole[:-1], whole[:-9], [*weighted, *listed]):
        with pytest.raises(InputError, match=r"too early|must follow|twice|numbers expected"):
            WannierFile(save(tmp_path / "a_hr.dat", broken))
