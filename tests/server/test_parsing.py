"""Files that are meant to hurt are refused by one sentence that names them, and cost the server nothing."""

from __future__ import annotations

import io
import os
import pickle
import resource
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from explorer import assets
from explorer.models.files.reading import read, read_by, read_here
from explorer.models.files.source import open_source
from explorer.models.kit.errors import InputError
from explorer.server.parsing import Limits, Parser, unpacked

BLANK = Path(assets.path("models/blank.toml")).read_text(encoding="utf-8")
FAR = "x\n 2\n 3\n 1 1 1\n" + "".join(
    f" {r} {r} 0 {i} {j} {float(i == j)} 0.0\n" for r in (-900000, 0, 900000) for i in (1, 2) for j in (1, 2)
)
WIN = "begin unit_cell_cart\n3 0 0\n0 3 0\n0 0 20\nend unit_cell_cart\n"


@pytest.fixture
def parser() -> Iterator[Parser]:
    made = Parser(Limits(256, 8.0))
    read_by(made)
    yield made
    read_by(read_here)


def orbitals(count: int) -> str:
    return "".join(f'[[orbitals]]\nname="o{i}"\nposition=[0,0]\n' for i in range(count))


def many_cells() -> str:
    cells = [[i, j] for i in range(50) for j in range(40)]
    head = "[model]\nspinful=true\n[lattice]\na1=[1,0]\na2=[0,1]\n"
    return f'{head}{orbitals(256)}[[hoppings]]\nfrom="o0"\nto="o1"\nvalue=1\ncells={cells}\n'


def promising_npz() -> bytes:
    head = b"{'descr': '<c16', 'fortran_order': False, 'shape': (100000, 1000, 1000), }".ljust(117) + b"\n"
    with io.BytesIO() as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as file:
            for name in ("R", "cell", "tau", "hR", "hi", "hj", "h"):
                file.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + head)
        return raw.getvalue()


def zip_bomb() -> bytes:
    with io.BytesIO() as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a_hr.dat", b"0 " * 80_000_000)
        return raw.getvalue()


def large_hdf5() -> bytes:
    with io.BytesIO() as raw:
        with h5py.File(raw, "w") as file:
            file["uc"], file["pos"], file["size"], file["dim"] = np.eye(2), np.zeros((2, 2)), 10**6, 2
            file.create_group("hop")
        return raw.getvalue()


HOSTILE: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "a table header of 100,000 parts": ("parts.toml", lambda: f"[{'.'.join(['a'] * 100_000)}]\n"),
    "brackets 100,000 deep": ("deep.toml", lambda: "a=" + "[" * 100_000),
    "an expression 482 signs deep": (
        "tilde.toml",
        lambda: f'[lattice]\na1=["~{"-" * 482}1","0"]\na2=[0,1]\n{orbitals(1)}',
    ),
    "256 orbitals in 2000 cells": ("many.toml", many_cells),
    "a number of 5000 digits": (
        "digits.toml",
        lambda: BLANK.replace("default = ", f"default = {'9' * 5000}", 1),
    ),
    "functions counted by 5000 digits": ("digits_hr.dat", lambda: FAR.replace(" 2\n", f" {'9' * 5000}\n", 1)),
    "a square sign for a number": ("square_hr.dat", lambda: FAR.replace(" 2\n", " ²\n", 1)),
    "cells a million apart": ("far_hr.dat", lambda: FAR),
    "a npz whose headers promise terabytes": ("promise.npz", promising_npz),
    "a zip of 160 MB of zeros": ("bomb_hr.dat.zip", zip_bomb),
    "an HDF5 of a million orbitals": ("size.hdf5", large_hdf5),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_one_sentence(what: str, parser: Parser, tmp_path: Path) -> None:
    name, content = HOSTILE[what]
    made = content()
    path = tmp_path / name
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    path.with_name("far.win").write_text(WIN, encoding="utf-8")
    del made
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(InputError, match=name) as refused:
        open_source(str(path))
    assert "\n" not in str(refused.value)
    assert time.perf_counter() - begun < 20  # 8 s are given; a machine may be busy
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_a_projector_repeated_a_billion_times_is_refused(parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / "a_hr.dat"
    path.write_text(FAR.replace("900000", "1"), encoding="utf-8")
    path.with_name("wt.in").write_text(
        "&TB_FILE\nHrfile='a_hr.dat'\n/\nLATTICE\nAngstrom\n3 0 0\n0 3 0\n0 0 20\n"
        "ATOM_POSITIONS\n1\nDirect\nCr 0 0 0\nPROJECTORS\n999999999*1\nCr dz2\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="projectors"):
        open_source(str(path))


def test_arrays_come_back_as_they_were_read(parser: Parser) -> None:
    path = Path(assets.path("cri3/cri3_bilayer_eg_tb.dat"))
    from explorer.models.files.wannier90.matrices import read_wannier90

    here, there = read_wannier90(path), read(read_wannier90, path)
    for name in ("cell", "vectors", "hoppings", "positions", "centres"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    assert (there.comment, there.notes, there.cautions) == (here.comment, here.notes, here.cautions)


def _dies(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _sleeps(path: Path) -> None:
    time.sleep(60)


def _writes(path: Path) -> None:
    path.write_text("x", encoding="utf-8")


def _raises(path: Path) -> None:
    raise NotImplementedError("compression type 97")


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (_dies, "cannot be read within"),
        (_sleeps, "not read within 1 s"),
        (_writes, "File too large"),
        (_raises, "type 97"),
    ],
)
def test_a_reader_that_dies_hangs_writes_or_raises(
    reader: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "any.dat"
    parser = Parser(Limits(256, 1.0 if reader is _sleeps else 8.0))
    with pytest.raises(InputError, match=said) as refused:
        parser(reader, path)
    assert str(path) in str(refused.value)
    assert not path.exists() or path.stat().st_size == 0
    assert parser(_lengths, Path("abc")) == 3  # the next file is read


def _lengths(path: Path) -> int:
    return len(str(path))


def test_only_plain_values_come_back() -> None:
    found = {"a": [1, 2.5, "x", None, 1j], "b": np.arange(3.0)}
    back = unpacked(pickle.dumps(found, protocol=5))
    assert back["a"] == found["a"]
    np.testing.assert_array_equal(back["b"], found["b"])
    for harm in (os.system, Path("/"), eval):
        with pytest.raises(pickle.UnpicklingError, match="no plain value"):
            unpacked(pickle.dumps(harm))
