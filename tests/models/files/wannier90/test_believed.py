"""Files that contradict each other: what is computed is the crystal of the believed ones, and the user is told."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.cli import main
from explorer.models.files.wannier90 import WannierFile, read_report
from explorer.models.files.wannier90.beside import believed
from explorer.models.files.wannier90.beside.crystal import read_structure
from explorer.models.files.wannier90.beside.win import BOHR
from explorer.models.kit.errors import InputError
from tests.models.files.wannier90.wannier_files import (
    centres_lines,
    hr_lines,
    r_lines,
    random_model,
    save,
    tb_lines,
    win_lines,
)

CASES = Path(__file__).parents[1] / "cases"
RIGHT = np.array([1.12887e-8, -0.96406e-8])
"""chi [nm/ohm] of one random crystal of three bands at mu = -0.5 eV, 300 K, from files that do not contradict."""
MODEL = random_model(seed=5)
PROJECTIONS = (
    "begin projections",
    *(f"f={','.join(map(str, site))}:s" for site in MODEL.centres @ np.linalg.inv(MODEL.cell)),
    "end projections",
)


def wout_lines(centres: np.ndarray, cell: np.ndarray, unit: float = 1.0, told: bool = True) -> list[str]:
    """What Wannier90 prints, in angstrom or, with the Bohr radius as unit, in bohr."""
    name = "Ang" if unit == 1.0 else "Bohr"
    lines = [f"                              Lattice Vectors ({name})"] if told else []
    lines += [
        f"                    a_{i + 1}  {' '.join(f'{x / unit:10.6f}' for x in row)}"
        for i, row in enumerate(cell)
    ]
    lines += [f"  |  Length Unit                               :  {name:4s}                |"] if told else []
    lines += [" Final State"]
    for i, centre in enumerate(centres):
        place = ", ".join(f"{x / unit:10.6f}" for x in centre)
        lines += [f"  WF centre and spread {i + 1:4d}  ( {place} ) {1.5 / unit**2:14.8f}"]
    return lines


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("translate_home_cell/a_hr.dat", "1 of 3 centres in a_centres.xyz lie whole lattice vectors"),
        ("wout_in_bohr/a_hr.dat", ""),
        ("other_run/wannier90.up_hr.dat", ""),
        (
            "diag_r_not_wout/a_tb.dat",
            "Centre 3 lies 0.775 angstrom from that in the diagonal of r in a_tb.dat",
        ),
    ],
)
def test_chi_is_that_of_the_believed_files(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = explorer.compute(str(CASES / name), mu=-0.5, temperature=300.0)
    chi, bar = data.chi.values[0, 0], data.chi_error.values[0, 0]
    assert np.all(np.abs(chi - RIGHT) <= bar + 1e-13)  # the right value has six digits
    assert np.all(bar < 1e-11)
    assert told in data.attrs.get("cautions", "")
    assert main(["geometry", str(CASES / name), "--k", "0,0"]) == 0
    err = capsys.readouterr().err
    assert f"note: {told}" in err if told else not err
    assert any(told in note for note in read_report(CASES / name).notes) or not told


def positions_of(folder: Path, name: str = "a_hr.dat") -> np.ndarray:
    return WannierFile(folder / name).hamiltonian().positions


def written(folder: Path, **more: list[str]) -> Path:
    save(folder / "a_hr.dat", hr_lines(MODEL))
    for name, lines in more.items():
        save(folder / name.replace("__", "."), lines)
    return folder


@pytest.mark.parametrize("unit", [1.0, BOHR])
@pytest.mark.parametrize("with_win", [True, False])
def test_a_wout_in_its_unit(unit: float, with_win: bool, tmp_path: Path) -> None:
    written(tmp_path, a__wout=wout_lines(MODEL.centres, MODEL.cell, unit))
    if with_win:
        save(tmp_path / "a.win", win_lines(MODEL, bohr=True))
    file = WannierFile(tmp_path / "a_hr.dat")
    assert np.abs(file.hamiltonian().positions - MODEL.centres[:, :2]).max() < 1e-6
    assert np.abs(file.hamiltonian().cell - MODEL.cell[:2, :2]).max() < 2e-6
    assert file.report().spreads == pytest.approx([1.5] * 3, abs=1e-7)
    assert not file.cautions


def test_a_wout_whose_unit_only_its_lattice_shows(tmp_path: Path) -> None:
    written(
        tmp_path, a__wout=wout_lines(MODEL.centres, MODEL.cell, BOHR, told=False), a__win=win_lines(MODEL)
    )
    assert np.abs(positions_of(tmp_path) - MODEL.centres[:, :2]).max() < 1e-6
    both = [*wout_lines(MODEL.centres, MODEL.cell, BOHR), "  |  Length Unit :  Ang |"]
    save(tmp_path / "a.wout", both)
    with pytest.raises(InputError, match=r"a\.wout: lengths in bohr by one line, in angstrom by another"):
        positions_of(tmp_path)


def moved_home(seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """A _centres.xyz with some centres in other cells, as translate_home_cell leaves them."""
    steps = np.random.default_rng(seed).integers(-1, 2, (3, 3)) * [1, 1, 0]
    steps[0, 0] = 1
    rows = [f"X {x:.9f} {y:.9f} {z:.9f}" for x, y, z in MODEL.centres + steps @ MODEL.cell]
    return steps, ["3", "moved", *rows]


@pytest.mark.parametrize("seed", range(4))
def test_centres_moved_home_are_those_of_the_wout(seed: int, tmp_path: Path) -> None:
    steps, xyz = moved_home(seed)
    written(
        tmp_path, a_centres__xyz=xyz, a__win=win_lines(MODEL), a__wout=wout_lines(MODEL.centres, MODEL.cell)
    )
    file = WannierFile(tmp_path / "a_hr.dat")
    # ... in its cell, with the digits of the .xyz
    assert np.abs(file.hamiltonian().positions - MODEL.centres[:, :2]).max() < 2e-9
    count = int(steps.any(axis=1).sum())
    assert [
        c for c in file.cautions if f"{count} of 3 centres in a_centres.xyz lie whole lattice vectors" in c
    ]


def test_centres_moved_home_alone_are_refused_or_brought_back(tmp_path: Path) -> None:
    moving = win_lines(MODEL, more=["translate_home_cell : .true."])
    _, xyz = moved_home()
    written(tmp_path, a_centres__xyz=xyz, a__win=moving)
    with pytest.raises(
        InputError, match=r"a_centres\.xyz: translate_home_cell in the \.win .* put the \.wout"
    ):
        positions_of(tmp_path)
    save(tmp_path / "a.win", [*moving, *PROJECTIONS])  # the functions stayed where they started
    assert np.abs(positions_of(tmp_path) - MODEL.centres[:, :2]).max() < 2e-9
    save(tmp_path / "a.win", moving)
    save(tmp_path / "a_r.dat", r_lines(MODEL))
    assert np.abs(positions_of(tmp_path) - MODEL.centres[:, :2]).max() < 1e-12


@pytest.mark.parametrize("form", ["tb", "hr and r"])
def test_a_diagonal_of_r_off_the_wout(form: str, tmp_path: Path) -> None:
    """Off by a fraction of the lattice: a branch of the logarithm. By whole vectors: moved with its H(R)."""
    for shift, right, told in (
        (np.array([0.4, -0.3, 0.0]), "wout", "Centre 2 lies 0.5 angstrom from that in the diagonal of r"),
        (MODEL.cell[0] - MODEL.cell[1], "own", "1 of 3 centres in a.wout lie whole lattice vectors"),
    ):
        folder = tmp_path / right
        folder.mkdir()
        other = MODEL.centres + shift * (np.arange(3) == 1)[:, None]
        save(folder / "a.wout", wout_lines(other, MODEL.cell))
        save(folder / "a.win", win_lines(MODEL))
        if form == "tb":
            path = save(folder / "a_tb.dat", tb_lines(MODEL))
        else:
            path = save(folder / "a_hr.dat", hr_lines(MODEL))
            save(folder / "a_r.dat", r_lines(MODEL))
        file = WannierFile(path)
        h = file.hamiltonian()
        wanted = other if right == "wout" else MODEL.centres
        assert np.abs(h.positions - wanted[:, :2]).max() < 1e-6
        assert told in " ".join(file.cautions)
        each = np.arange(3)
        home = int(np.flatnonzero(~h.vectors.any(axis=1))[0])
        assert np.abs(h.dipoles[home][:, each, each]).max() < 1e-12


def test_a_wout_of_another_lattice_is_believed_last(tmp_path: Path) -> None:
    larger = wout_lines(1.1 * MODEL.centres, 1.1 * MODEL.cell)
    save(tmp_path / "a.wout", larger)
    file = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL)))
    assert np.abs(file.hamiltonian().positions - MODEL.centres[:, :2]).max() < 1e-12
    assert any(
        "lattice in a.wout differs from that in a_tb.dat by up to 1.7 angstrom" in c for c in file.cautions
    )


def test_centres_from_a_wout_of_another_lattice_alone_are_doubted(tmp_path: Path) -> None:
    written(tmp_path, a__win=win_lines(MODEL), a__wout=wout_lines(1.1 * MODEL.centres, 1.1 * MODEL.cell))
    told = " ".join(WannierFile(tmp_path / "a_hr.dat").cautions)
    assert "No other file than a.wout has the centres, and its lattice is another: is it of this run?" in told


def test_lattices_are_compared(tmp_path: Path) -> None:
    longer = [line.replace("17.0", "19.5") for line in win_lines(MODEL)]
    rows = ["  ".join(f"{x:.6f}" for x in row) for row in MODEL.cell @ np.diag([1.02, 1, 1])]
    written(tmp_path, a_centres__xyz=centres_lines(MODEL), a__win=longer, POSCAR=["strained", "1.0", *rows])
    told = " ".join(WannierFile(tmp_path / "a_hr.dat").cautions)
    assert (
        "lattice in POSCAR differs from that in a.win by up to 2.5 angstrom: that in a.win is taken" in told
    )
    save(tmp_path / "a_tb.dat", tb_lines(MODEL))
    told = " ".join(WannierFile(tmp_path / "a_tb.dat").cautions)
    assert "lattice in a.win differs from that in a_tb.dat by up to 2.5 angstrom" in told


def test_atoms_stand_on_the_lattice_that_is_believed(tmp_path: Path) -> None:
    """A .win of a larger cell beside a _tb.dat: its atoms keep their fractions of it, the lattice is that of H(R)."""
    atoms = ("begin atoms_frac", "Fe 0.1 0.2 0.3", "Te 0.6 0.7 0.4", "end atoms_frac")
    larger = replace(MODEL, cell=1.1 * MODEL.cell)
    save(tmp_path / "a.win", win_lines(larger, more=atoms))
    found = read_structure(WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL))))
    assert found is not None
    assert found.cell == pytest.approx(MODEL.cell)
    assert found.positions == pytest.approx(np.array([[0.1, 0.2, 0.3], [0.6, 0.7, 0.4]]))
    save(
        tmp_path / "a.win",
        [line.replace("num_wann = 3", "num_wann = 5") for line in win_lines(larger, more=atoms)],
    )
    assert read_structure(WannierFile(tmp_path / "a_tb.dat")) is None


def test_projections_far_from_the_centres_are_told(tmp_path: Path) -> None:
    moved = [line.replace(":s", ":s") for line in PROJECTIONS]
    moved[1] = "f=0.9,0.4,0.1:s"
    written(tmp_path, a_centres__xyz=centres_lines(MODEL), a__win=win_lines(MODEL, more=moved))
    file = WannierFile(tmp_path / "a_hr.dat")
    assert np.abs(file.hamiltonian().positions - MODEL.centres[:, :2]).max() < 1e-12
    assert any(
        c.startswith("Centre 1 lies ") and "the projections of a.win (modulo the lattice)" in c
        for c in file.cautions
    )


def test_files_of_another_seed(tmp_path: Path) -> None:
    """They stand in where the matrix file was renamed; beside its own .win, or their own matrices, they do not."""
    save(tmp_path / "a_hr.dat", hr_lines(MODEL))
    save(tmp_path / "wannier90.win", win_lines(MODEL))
    save(tmp_path / "wannier90_centres.xyz", centres_lines(MODEL))
    file = WannierFile(tmp_path / "a_hr.dat")
    assert any(
        "wannier90.win, wannier90_centres.xyz taken as of the same run" in n for n in file.report().notes
    )
    save(tmp_path / "a.win", win_lines(MODEL))
    with pytest.raises(InputError, match="no positions of the 3 functions"):
        WannierFile(tmp_path / "a_hr.dat")
    (tmp_path / "a.win").unlink()
    shutil.copy(tmp_path / "a_hr.dat", tmp_path / "wannier90_hr.dat")
    with pytest.raises(InputError, match="no lattice beside"):
        WannierFile(tmp_path / "a_hr.dat")


def test_why_a_win_was_not_used_is_part_of_the_message(tmp_path: Path) -> None:
    other = [line.replace("num_wann = 3", "num_wann = 4") for line in win_lines(MODEL)]
    written(tmp_path, a__win=other, a_centres__xyz=centres_lines(MODEL))
    with pytest.raises(
        InputError, match=r"no lattice .* \(a\.win has num_wann = 4, the file 3: it is not used\)"
    ):
        WannierFile(tmp_path / "a_hr.dat")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Particle = 'phonon'", "Particle = 'phonon': the matrices beside it are not those of electrons"),
        ("Add_Zeeman_Field = T", "Add_Zeeman_Field adds a field to H"),
        ("Add_Zeeman_Field = .TRUE.", "Add_Zeeman_Field adds a field to H"),
        ("Add_Zeeman_Field = F\n Particle='electron'", ""),
    ],
)
def test_what_a_wt_in_asks_for_is_not_ignored(line: str, message: str, tmp_path: Path) -> None:
    rows = [" ".join(f"{x:.12f}" for x in row) for row in MODEL.cell]
    places = [" ".join(f"{x:.12f}" for x in centre) for centre in MODEL.centres]
    wt = ["&TB_FILE", "Hrfile = 'a_hr.dat'", line, "/", "LATTICE", "Angstrom", *rows]
    written(tmp_path, wt__in=[*wt, "", "WANNIER_CENTRES", "Cartesian", *places])
    if not message:
        assert np.abs(positions_of(tmp_path) - MODEL.centres[:, :2]).max() < 1e-12
        return
    with pytest.raises(InputError, match=rf"wt\.in: {message}"):
        positions_of(tmp_path)
    # Nor beside a _tb.dat, whose lattice and centres do without it: what is asked for is not electrons alone.
    (tmp_path / "a_hr.dat").unlink()
    save(tmp_path / "wt.in", [line.replace("a_hr.dat", "a_tb.dat") for line in wt])
    with pytest.raises(InputError, match=rf"wt\.in: {message}"):
        WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL)))


def test_every_quantity_has_one_rule() -> None:
    assert len({rule.quantity for rule in believed.TABLE}) == len(believed.TABLE)
    assert all(len(set(rule.order)) == len(rule.order) for rule in believed.TABLE)


def test_a_win_of_other_functions_is_told_where_another_file_has_the_lattice(tmp_path: Path) -> None:
    other = [line.replace("num_wann = 3", "num_wann = 5") for line in win_lines(MODEL)]
    save(tmp_path / "a.win", other)
    file = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(MODEL)))
    said = "a.win has num_wann = 5, the file 3: it is not used."
    assert said in file.cautions
    assert file.report().notes.count(said) == 1
