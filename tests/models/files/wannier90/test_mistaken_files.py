"""Files that are no _tb.dat with position matrices: those of H alone are read, others told what they are."""

from __future__ import annotations

import re
import shutil
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from explorer.models.files.source import open_source
from explorer.models.files.wannier90 import WannierFile, read_report
from explorer.models.kit.errors import InputError
from tests.models.files.wannier90.wannier_files import (
    centres_lines,
    hr_lines,
    random_model,
    save,
    tb_lines,
    win_lines,
    without_tau,
)

MODEL = random_model()
ALL = tb_lines(MODEL)
H_ALONE = ALL[: ALL.index("", 0) + len(MODEL.H) * (2 + len(MODEL.centres) ** 2)]


def test_a_tb_of_h_alone(tmp_path: Path) -> None:
    """As WannierBerri writes a system without r: positions are then the centres beside it."""
    path = save(tmp_path / "a_tb.dat", H_ALONE)
    with pytest.raises(InputError, match=r"a_tb\.dat: no positions of the 3 functions .* put a_centres\.xyz"):
        WannierFile(path)
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    h, k = WannierFile(path).hamiltonian(), np.array([0.13, 0.21])
    expected = MODEL.at(np.array([*k, 0.0]))[0]
    np.testing.assert_allclose(without_tau(h, h.hoppings, k), expected, rtol=0, atol=1e-11)
    np.testing.assert_allclose(h.positions, MODEL.centres[:, :2], rtol=0, atol=1e-11)
    assert h.dipoles is None
    notes = read_report(path).notes
    assert "This _tb.dat holds no position matrices." in notes
    assert "Centres of the functions from a_centres.xyz." in notes


@pytest.mark.parametrize("end", [-1, -4])
def test_a_tb_cut_off_within_h(end: int, tmp_path: Path) -> None:
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    path = save(tmp_path / "a_tb.dat", H_ALONE[:end])
    with pytest.raises(InputError, match=r"a_tb\.dat, line \d+: the file ends too early"):
        WannierFile(path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.win", "line 2: .* open the SEED_tb.dat or SEED_hr.dat .* `write_tb = true`"),
        ("a_wsvec.dat", "holds no H"),
        ("wt.in", "holds no H"),
        ("POSCAR", "holds no H"),
        ("model.py", "a program, .*from_pythtb"),
        ("+hamdata", "FPLO's .hamdata: turn it into a _tb.dat, .* SEED_centres.xyz"),
        ("a.HWR", "OpenMX's HWR"),
        ("data-HR-sparse_SPIN0.csr", "ABACUS"),
        ("model.json", "not a format that is read"),
        ("a_tb.dat", r"the number of Wannier functions \(of a _tb.dat or _hr.dat\) expected"),
    ],
)
def test_what_else_is_opened(name: str, message: str, tmp_path: Path) -> None:
    path = save(tmp_path / name, ["import numpy", "RTG:", "F", "1.0"])
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}.*{message}"):
        open_source(str(path))


def test_a_name_alone_refuses_nothing(tmp_path: Path) -> None:
    """A file that can be read is read, whatever it is called; the files beside keep their own errors."""
    save(tmp_path / "odd.py", ALL)
    assert open_source(str(tmp_path / "odd.py")).hamiltonian().size == 3
    save(tmp_path / "a_hr.dat", hr_lines(MODEL))
    save(tmp_path / "a.win", [*win_lines(MODEL)[:3], "no numbers"])
    with pytest.raises(InputError, match=r"a\.win, line 2: unit_cell_cart"):
        open_source(str(tmp_path / "a_hr.dat"))


def test_a_folder_with_a_bare_name(tmp_path: Path) -> None:
    save(tmp_path / "hr.dat", hr_lines(MODEL))
    save(tmp_path / "wannier90.win", win_lines(MODEL))
    save(tmp_path / "hr_centres.xyz", centres_lines(MODEL))
    assert open_source(str(tmp_path)).hamiltonian().size == 3


def test_a_list_of_hoppings_without_its_header(tmp_path: Path) -> None:
    path = save(tmp_path / "a_hr.dat", hr_lines(MODEL)[-18:])
    with pytest.raises(
        InputError, match=r"a_hr\.dat, line 1: a list of hoppings without its header: .* Ndegen"
    ):
        open_source(str(path))


@pytest.mark.parametrize("packing", ["tar.gz", "zip"])
def test_a_folder_that_holds_only_an_archive(packing: str, tmp_path: Path) -> None:
    save(tmp_path / "a_tb.dat", ALL)
    save(tmp_path / "a_hr.dat", hr_lines(MODEL))
    save(tmp_path / "a.win", win_lines(MODEL))
    save(tmp_path / "a_centres.xyz", centres_lines(MODEL))
    for content in (["a_tb.dat"], ["a_hr.dat", "a.win", "a_centres.xyz"]):
        folder = tmp_path / content[0].partition(".")[0]
        folder.mkdir()
        if packing == "zip":
            with zipfile.ZipFile(folder / "a.zip", "w") as archive:
                for name in content:
                    archive.write(tmp_path / name, name)
        else:
            with tarfile.open(folder / "a.tar.gz", "w:gz") as packed:
                for name in content:
                    packed.add(tmp_path / name, name)
    assert open_source(str(tmp_path / "a_tb")).hamiltonian().size == 3
    with pytest.raises(
        InputError, match=r"no lattice .*\(the archive holds a\.win, a_centres\.xyz, .*unpack it\)"
    ):
        open_source(str(tmp_path / "a_hr"))
    shutil.copy(tmp_path / "a_tb" / f"a.{packing}", tmp_path / "a_tb" / f"b.{packing}")
    with pytest.raises(InputError, match="a folder of several archives: name one of"):
        open_source(str(tmp_path / "a_tb"))
