"""Planes by two combinations of lattice vectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import explorer
from explorer.cli import main
from explorer.models.files.wannier90 import WannierFile, WannierOptions, read_report
from explorer.models.files.wannier90.beside.crystal import read_structure
from explorer.models.files.wannier90.cut import dense_planes, parse_combinations, turn_to, turned
from explorer.models.files.wannier90.matrices import read_wannier90
from explorer.models.files.wannier90.plane import PLANES, crystal_in_plane, in_plane
from explorer.models.kit.errors import InputError
from explorer.physics.geometry.band_geometry import band_geometry
from tests.models.files.wannier90.wannier_files import random_model, save, tb_lines, win_lines

FCC = 2.7 * (np.ones((3, 3)) - np.eye(3))
BCC = 1.6 * (np.ones((3, 3)) - 2 * np.eye(3))


@pytest.mark.parametrize("cell", [FCC, BCC], ids=["fcc", "bcc"])
@pytest.mark.parametrize(
    "plane", ["1,0,0:0,1,0", "1,-1,0:0,1,-1", "1,1,0:0,1,1", "1,1,0:0,0,1", "-1,2,0:0,1,1"]
)
def test_a_layer_is_what_hops_in_its_plane(cell: np.ndarray, plane: str, tmp_path: Path) -> None:
    """H of the layer at k is the sum over the lattice vectors in the plane, taken one by one in three dimensions."""
    model = random_model(stacking_reach=1, cell=cell, weights=False)
    file = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(model)), WannierOptions(plane=plane))
    p, q = parse_combinations(plane)
    normal = np.cross(p, q)
    h, turn = file.hamiltonian(), file.plane.turn
    assert turn is not None
    axes = PLANES[
        file.plane.name
    ]  # xy, but where the combinations lie in another Cartesian plane of the file
    x, y, z = turn.axes[[*axes, 3 - sum(axes)]]
    assert np.abs(turn.axes @ turn.axes.T - np.eye(3)).max() < 1e-12
    assert np.linalg.det(turn.axes) == pytest.approx(1)
    assert abs((p @ cell) @ z) + abs((q @ cell) @ z) < 1e-12
    # the size of the layer's cell and what it leaves out
    area = np.linalg.norm(np.cross(p @ cell, q @ cell))
    assert h.cell_area == pytest.approx(area, rel=1e-12)
    out = max((np.abs(m).max() for R, m in model.H.items() if np.dot(R, normal)), default=0.0)
    assert file.plane.cut_hopping == pytest.approx(out, rel=1e-9)
    for k in np.random.default_rng(1).uniform(-1, 1, (3, 2)):
        k3 = k[0] * x + k[1] * y
        H = sum(
            m * np.exp(1j * k3 @ (np.array(R) @ cell)) for R, m in model.H.items() if not np.dot(R, normal)
        )
        mine = np.tensordot(np.exp(1j * (h.vectors @ h.cell) @ k), h.hoppings, axes=1)
        assert np.abs(mine - H).max() < 1e-9


def test_the_cell_that_was_chosen_does_not_matter(tmp_path: Path) -> None:
    """A crystal on a cell with two vectors in xy, and on skew cells turned in space, cut along the same plane."""
    model = random_model(stacking_reach=1, weights=False)
    straight = read_wannier90(save(tmp_path / "a_tb.dat", tb_lines(model)))
    layer, plane = crystal_in_plane(straight, "xy")
    k = np.array([[0.3, -0.2], [0.1, 0.45]])
    right = band_geometry(in_plane(layer, plane), k)
    rng = np.random.default_rng(2)
    for _ in range(5):
        skew = np.eye(3, dtype=int)
        for _ in range(4):
            i, j = rng.choice(3, 2, replace=False)
            skew[i] += rng.integers(-1, 2) * skew[j]
        q = Rotation.random(random_state=rng).as_matrix()
        inverse = np.round(np.linalg.inv(skew)).astype(int)
        other = replace(
            straight,
            cell=skew @ straight.cell @ q.T,
            vectors=straight.vectors @ inverse,
            positions=np.einsum("ab,rbij->raij", q, straight.positions),
            centres=straight.centres @ q.T,
        )
        name = ":".join(",".join(map(str, row)) for row in inverse[:2])
        data, found = crystal_in_plane(other, name)
        assert found.is_cut
        h = in_plane(data, found)
        # x of the cut is along a1, as it is in the straight cell: only the sense of z may differ
        side = np.sign(np.linalg.det(found.turn.axes @ q)) if found.turn else 1.0
        assert side == pytest.approx(1.0)
        mine = band_geometry(h, k)
        assert np.allclose(mine.energy, right.energy, atol=1e-9)
        assert np.allclose(mine.lambda_, right.lambda_, rtol=1e-6, atol=1e-8)


def test_a_cartesian_plane_keeps_the_axes_of_the_file(tmp_path: Path) -> None:
    path = save(tmp_path / "a_tb.dat", tb_lines(random_model(stacking_reach=1)))
    named = WannierFile(path, WannierOptions(plane="xy")).hamiltonian()
    for text in ("1,0,0:0,1,0", "0,1,0:1,0,0", "1,1,0:0,1,0"):
        h = WannierFile(path, WannierOptions(plane=text)).hamiltonian()
        k = np.array([[0.3, -0.2], [0.1, 0.45]])
        assert np.allclose(band_geometry(h, k).lambda_, band_geometry(named, k).lambda_, rtol=1e-8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,1,0", "not two combinations"),
        ("1,1,0:0,1", "not two combinations"),
        ("1,1,0:0,1,x", "not two combinations"),
        ("1,1,0:0.5,1,1", "not two combinations"),
        ("1,1,0:2,2,0", "parallel"),
        ("1,1,0:1,-1,0", "leave out 1 of 2 lattice points"),
        ("99,1,0:1,-1,0", "whole numbers up to 9"),
    ],
)
def test_combinations_that_are_none(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=message):
        parse_combinations(text)
    assert main(["bands", "haldane", "--plane", text]) == 2
    assert message in capsys.readouterr().err


def test_a_minus_copied_from_the_page_is_one() -> None:
    assert np.array_equal(parse_combinations("1,0,−1:1,−1,0"), [[1, 0, -1], [1, -1, 0]])


def test_planes_are_offered_and_taken_in_every_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path / "fcc_tb.dat", tb_lines(random_model(stacking_reach=1, cell=FCC, weights=False)))
    offered = [r for r in read_report(path).repairs if r.option == "plane"]
    assert [r.value for r in offered] == dense_planes(FCC)
    assert all("leaving out hoppings up to" in r.reason for r in offered)
    how = {"mu": 0.0, "temperature": 3000.0, "method": "sum", "mesh": 8}
    by_option = explorer.compute(str(path), plane=str(offered[0].value), **how)
    by_name = explorer.compute(f"{path}#plane={offered[0].value}", **how)
    assert np.array_equal(by_option.chi, by_name.chi)
    assert "One layer of cells is cut out of a 3D crystal: hoppings across it up to" in by_option.cautions
    assert main(["geometry", str(path), "--plane", str(offered[0].value), "--k", "0,0"]) == 0
    assert "are left out." in capsys.readouterr().err
    report = read_report(path, WannierOptions(plane=str(offered[0].value)))
    assert report.plane == offered[0].value
    assert any(note.startswith(f"Axes of the plane {offered[0].value}: x along") for note in report.notes)


def test_dense_planes_of_fcc_and_bcc_are_those_of_the_textbook() -> None:
    """{111} of fcc, a/sqrt 3 apart; {110} of bcc, a/sqrt 2 apart."""
    for cell, constant, spacing in ((FCC, 5.4, 5.4 / np.sqrt(3)), (BCC, 3.2, 3.2 / np.sqrt(2))):
        p, q = parse_combinations(dense_planes(cell)[0]) @ cell
        assert abs(np.linalg.det(cell)) / np.linalg.norm(np.cross(p, q)) == pytest.approx(spacing)
        assert constant > spacing


def test_atoms_turn_with_the_plane(tmp_path: Path) -> None:
    """Atoms of the .win on the cell and axes of the cut: the same distances, fields on the same atoms."""
    atoms = ["begin atoms_cart", "Fe 0.1 0.2 0.3", "Te 1.0 -0.7 0.4", "Te -0.2 0.9 1.4", "end atoms_cart"]
    model = random_model(stacking_reach=1, cell=FCC, weights=False)
    save(tmp_path / "a.win", win_lines(model, more=atoms))
    file = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(model)), WannierOptions(plane="1,0,-1:1,-1,0"))
    found = read_structure(file)
    assert found is not None
    assert found.labels == ("Fe", "Te", "Te")
    places = np.array([[float(x) for x in row.split()[1:]] for row in atoms[1:-1]])

    def distances(at: np.ndarray) -> np.ndarray:
        return np.linalg.norm(at[:, None] - at[None], axis=2)

    assert distances(found.positions @ found.cell) == pytest.approx(distances(places))
    assert np.abs(found.cell[:2, 2]).max() < 1e-12
    assert found.cell[:2, :2] == pytest.approx(file.hamiltonian().cell)
    assert abs(np.linalg.det(found.cell)) == pytest.approx(abs(np.linalg.det(FCC)))


def test_turned_data_are_the_same_crystal(tmp_path: Path) -> None:
    data = read_wannier90(save(tmp_path / "a_tb.dat", tb_lines(random_model(stacking_reach=1, cell=FCC))))
    turn = turn_to(parse_combinations("1,1,0:0,1,1"), data.cell)
    other = turned(data, turn)
    assert np.abs(other.vectors @ other.cell - data.vectors @ data.cell @ turn.axes.T).max() < 1e-9
