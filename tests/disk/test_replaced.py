"""What bears the name of an output is whole: what stood there before, or what was to be written."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from explorer.cli import main
from explorer.disk.replaced import replaced
from explorer.export import datasets, pictures
from explorer.models.files.wannier90.write import write_tb
from explorer.models.haldane import Haldane

EARLIER = b"an earlier file\n"


def test_a_file_takes_the_place_of_another_once_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_bytes(EARLIER)
    target.chmod(0o640)
    with replaced(target) as draft:
        draft.write_text("half")
        assert target.read_bytes() == EARLIER
    assert target.read_text() == "half"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_what_fails_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_bytes(EARLIER)

    def interrupted() -> None:
        with replaced(target) as draft:
            draft.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_bytes() == EARLIER
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_has_the_permissions_of_any_other_and_a_link_stays_one(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        with replaced(tmp_path / "new.csv") as draft:
            draft.write_text("")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == 0o640
    link = tmp_path / "link.csv"
    link.symlink_to("new.csv")
    with replaced(link) as draft:
        draft.write_text("through")
    assert link.is_symlink()
    assert (tmp_path / "new.csv").read_text() == "through"


def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    with replaced(os.devnull) as draft:
        assert draft == Path(os.devnull)


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    target = tmp_path / "none" / "a.csv"
    with pytest.raises(FileNotFoundError) as raised, replaced(target):
        pass
    assert raised.value.filename == str(target)


COMMANDS = {
    ".nc": ["compute", "haldane", "--mu", "0.3", "--temperature", "300", "--method", "sum", "--mesh", "12"],
    ".csv": ["bands", "haldane", "--points", "12"],
    ".png": ["bands", "haldane", "--points", "12"],
    ".svg": ["kmap", "haldane", "--mu", "0", "--temperature", "300", "--mesh", "12"],
}


@pytest.mark.parametrize("suffix", COMMANDS)
def test_every_output_of_the_command_line_leaves_the_earlier_file_where_it_fails(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk is full once half is written."""
    target = tmp_path / f"a{suffix}"
    target.write_bytes(EARLIER)

    def full(*arguments: Any, **options: Any) -> None:
        next(p for p in arguments if isinstance(p, Path) and p.suffix == ".tmp").write_bytes(b"half")
        raise OSError(28, "No space left on device", str(target))

    if suffix == ".csv":
        monkeypatch.setattr(datasets.csv, "writer", lambda file: full(Path(file.name)))
    elif suffix == ".nc":
        monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    else:
        for canvas in (pictures.FigureCanvasAgg, pictures.FigureCanvasSVG):
            monkeypatch.setattr(canvas, "print_figure", full)
    assert main([*COMMANDS[suffix], "--out", str(target)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert target.read_bytes() == EARLIER
    assert list(tmp_path.iterdir()) == [target]


def test_a_notebook_that_holds_a_file_open_goes_on_reading_it(tmp_path: Path) -> None:
    """Lazily: nothing but the names has been read when the command line writes again."""
    target = tmp_path / "chi.nc"
    words = [*COMMANDS[".nc"], "--out", str(target)]
    assert main(words) == 0
    with xr.open_dataset(target, engine="h5netcdf") as held:
        assert main([*words, "--set", "mass=0.3"]) == 0
        before = held.chi.values
        assert held.attrs["parameters"] != ""
    with xr.open_dataset(target, engine="h5netcdf") as new:
        assert np.abs(before).max() > 0
        assert not np.allclose(new.chi.values, before, atol=0)
    assert list(tmp_path.iterdir()) == [target]


def test_a_wannier_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "a_tb.dat"
    write_tb(target, Haldane().hamiltonian())
    kept = target.read_bytes()
    write_tb(target, Haldane().hamiltonian())
    assert target.read_bytes()[100:] == kept[100:]
    assert list(tmp_path.iterdir()) == [target]
