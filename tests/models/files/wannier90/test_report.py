"""The report of what was read."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import assets
from explorer.models.files.wannier90 import WannierFile, WannierOptions, read_report, write_tb
from explorer.models.haldane import Haldane
from tests.models.files.wannier90.wannier_files import random_model, save, tb_lines, win_lines

EG = assets.path("cri3/cri3_bilayer_eg_tb.dat")


def test_cri3():
    r = read_report(EG)
    assert (r.bands, r.vectors, r.plane, r.largest_weight) == (8, 51, "xy", 1)
    assert r.position_matrices
    assert r.hermiticity_h < 1e-12
    assert r.hermiticity_r < 1e-12
    assert r.kramers
    assert r.pair_splitting < 1e-8
    assert r.cell_height == pytest.approx(26.0)
    assert r.vacuum == pytest.approx(26.0 - 2 * 3.28828, abs=0.02)
    assert r.gaps == ()  # the 23 meV window of the assets' README holds on its path only
    assert 0.8 < r.fermi_energy < 1.0
    assert r.fermi_source == "median of the levels"
    assert not r.notes
    assert "alternate" not in r.spinor_order


def test_whole_cri3_archive():
    r = read_report(assets.path("cri3/cri3_bilayer_h0.1r1.npz"))
    assert (r.bands, r.plane, r.kramers) == (112, "xy", True)
    filled = {gap.filled: gap for gap in r.gaps}
    assert filled[84].upper - filled[84].lower == pytest.approx(0.7337, abs=1e-3)
    assert r.fermi_energy == 0.0
    assert r.spinor_order == "if spinors: up and down alternate"


def test_gap_and_shift(tmp_path):
    write_tb(tmp_path / "a_tb.dat", Haldane(mass=1.2, flux=0.4).hamiltonian())
    r = read_report(tmp_path / "a_tb.dat", WannierOptions(energy_shift=20.0))
    assert [gap.filled for gap in r.gaps] == [1]
    assert r.fermi_source == "middle of the largest gap"
    (repair,) = (x for x in r.repairs if x.option == "energy_shift")
    moved = WannierFile(tmp_path / "a_tb.dat", WannierOptions(energy_shift=repair.value))
    assert moved.default_mu == pytest.approx(0.0, abs=1e-9)


def test_companions_that_cannot_be_read_are_a_note(tmp_path):
    model = random_model()
    save(tmp_path / "a.win", ["begin unit_cell_cart", "ang", "1 0", "end unit_cell_cart"])
    r = read_report(save(tmp_path / "a_tb.dat", tb_lines(model)))
    assert any("Not used: " in note and "a.win, line 1: unit_cell_cart" in note for note in r.notes)


def test_win_of_another_run_is_not_used(tmp_path):
    win = win_lines(random_model(n=5), more=["fermi_energy = 3.25"])
    save(tmp_path / "a.win", win)
    path = save(tmp_path / "a_tb.dat", tb_lines(random_model()))
    assert any("num_wann = 5, the file 3" in note for note in read_report(path).notes)
    win[0] = "num_wann : 3"
    save(tmp_path / "a.win", win)
    assert read_report(path).fermi_energy == 3.25


def test_offers_the_hermitian_part(tmp_path):
    model = random_model()
    model.H[1, 0, 0] = model.H[1, 0, 0] + 0.3
    r = read_report(save(tmp_path / "a_tb.dat", tb_lines(model)))
    assert r.hermiticity_h > 0.05
    assert any(x.option == "hermitise" for x in r.repairs)


def test_levels_within_the_tolerance_are_counted(tmp_path):
    """Two copies of one model, 5e-5 eV apart: every level has a neighbour within the tolerance, none equal."""
    plain = random_model(weights=False)
    both = random_model(6, weights=False)
    for R, h in plain.H.items():
        both.H[R] = np.kron(np.eye(2), h) + (5e-5 * np.kron([[0, 0], [0, 1]], np.eye(3)) if not any(R) else 0)
        both.r[R] = np.kron(np.eye(2), plain.r[R])
    path = save(tmp_path / "a_tb.dat", tb_lines(both))
    r = read_report(path)
    assert (r.tolerance, r.neighbours, r.grouped, r.split) == (1e-4, 5 * 64, 3 * 64, 3 * 64)
    assert any("192 of 320 neighbouring levels" in note for note in r.notes)
    (repair,) = (x for x in r.repairs if x.option == "degeneracy_tolerance")
    resolved = read_report(path, WannierOptions(degeneracy_tolerance=repair.value))
    assert (resolved.grouped, resolved.split) == (0, 0)
    equal = random_model(6, weights=False)
    for R, h in plain.H.items():
        equal.H[R], equal.r[R] = np.kron(np.eye(2), h), np.kron(np.eye(2), plain.r[R])
    r = read_report(save(tmp_path / "b_tb.dat", tb_lines(equal)))
    assert (r.grouped, r.split) == (3 * 64, 0)
    assert not r.notes


def test_offers_pairs_that_rounding_splits(tmp_path):
    lines = EG.read_text().split("\n")
    start = lines.index("    0    0    0") + 1
    words = lines[start].split()
    lines[start] = f"1 1 {float(words[2]) + 3e-4:.10f} {words[3]}"
    r = read_report(save(tmp_path / "a_tb.dat", lines))
    assert 1e-4 < r.pair_splitting < 3e-4
    assert not r.kramers
    assert any(x.option == "kramers_pairs" for x in r.repairs)
