"""A SOURCE opened by name or path."""

from __future__ import annotations

import shutil

import pytest

from explorer import assets
from explorer.models.cri3 import CrI3Conduction
from explorer.models.files.source import is_file, open_source
from explorer.models.files.wannier90 import WannierFile, WannierOptions
from explorer.models.kit.errors import InputError


def test_names_and_paths(tmp_path):
    assert isinstance(open_source("cri3-eg"), CrI3Conduction)
    path = tmp_path / "run_tb.dat"
    shutil.copy(assets.path("cri3/cri3_bilayer_eg_tb.dat"), path)
    file = open_source(str(path), WannierOptions(plane="xy"))
    assert isinstance(file, WannierFile)
    assert file.title == "run_tb.dat (8 functions)"
    assert open_source(str(assets.path("cri3/cri3_bilayer_cb28_h0.1r1.npz"))).hamiltonian().size == 28


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("haldan", "no model or file named haldan; did you mean haldane"),
        ("zzz", r"no model or file named zzz \(models: .*cri3-eg"),
        ("nowhere/run_tb.dat", r"nowhere/run_tb\.dat: no such file"),
        (".", r"a folder without a _tb\.dat or _hr\.dat"),
        ("run_tb.dat.gz", "no such file"),
        ("model.toml", "no such file"),
    ],
)
def test_unknown(text, message):
    with pytest.raises(InputError, match=message):
        open_source(text)


def test_plane_is_for_files():
    with pytest.raises(InputError, match="a plane is for Wannier files"):
        open_source("cri3", WannierOptions(plane="xy"))


def test_what_looks_like_a_path():
    assert is_file("a_hr.dat")
    assert is_file("a/b")
    assert not is_file("cri3-eg")
