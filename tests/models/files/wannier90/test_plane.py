"""From three dimensions to two: vacuum, planes, cuts, tilts, layers that the cell's boundary cuts through."""

from __future__ import annotations

import gzip
from dataclasses import replace

import numpy as np
import pytest

from explorer import assets
from explorer.models.files.wannier90 import WannierFile, WannierOptions, read_matrices, read_report
from explorer.models.files.wannier90.data import WannierData, home
from explorer.models.files.wannier90.layer import moved
from explorer.models.files.wannier90.plane import PLANES, find_plane, in_plane
from explorer.models.kit.errors import InputError
from explorer.physics.geometry.band_geometry import band_geometry
from tests.models.files.wannier90.wannier_files import random_model, save, tb_lines, without_tau

K = np.random.default_rng(2).uniform(-0.5, 0.5, (2, 5))


@pytest.fixture(scope="module")
def conduction() -> WannierData:
    return read_matrices(assets.path("cri3/cri3_bilayer_eg_tb.dat"))


def geometry(data: WannierData, name: str | None = None):
    return band_geometry(in_plane(data, find_plane(data, name)), K)


def turned(data: WannierData, plane: str) -> WannierData:
    """The same crystal with its x, y, z along the axes of `plane` and their cross product."""
    axes = [*PLANES[plane], 3 - sum(PLANES[plane])]
    order = np.argsort(axes)
    return replace(
        data,
        cell=data.cell[:, order],
        positions=data.positions[:, order],
        centres=data.centres[:, order],
    )


def test_vacuum_does_not_matter(conduction):
    thicker = conduction.cell.copy()
    thicker[2, 2] *= 2.5
    a, b = geometry(conduction), geometry(replace(conduction, cell=thicker))
    assert np.array_equal(a.values, b.values)
    assert in_plane(conduction, find_plane(conduction)).cell_area == pytest.approx(6.867**2 * np.sqrt(3) / 2)


@pytest.mark.parametrize("plane", ["yz", "zx"])
@pytest.mark.parametrize("named", [True, False])
def test_planes_give_the_same_numbers(conduction, plane, named):
    other = turned(conduction, plane)
    assert find_plane(other).name == plane
    assert np.allclose(
        geometry(other, plane if named else None).values, geometry(conduction).values, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 0, 1), (0, 2, 1)])
def test_order_of_lattice_vectors_does_not_matter(conduction, order):
    other = replace(conduction, cell=conduction.cell[list(order)], vectors=conduction.vectors[:, list(order)])
    plane = find_plane(other)
    assert plane.stacking == order.index(2)
    assert np.linalg.det(in_plane(other, plane).cell) > 0
    assert np.allclose(geometry(other).values, geometry(conduction).values, rtol=1e-9, atol=1e-9)


def test_a_3d_crystal_without_a_cartesian_plane_is_told_what_to_do(tmp_path):
    fcc = 2.7 * (np.ones((3, 3)) - np.eye(3))
    path = save(tmp_path / "bulk_tb.dat", tb_lines(random_model(stacking_reach=1, cell=fcc)))
    with pytest.raises(InputError, match=r"name a plane by two combinations of them, such as -?\d"):
        WannierFile(path)


def test_3d_is_refused_or_cut(tmp_path):
    model = random_model(stacking_reach=1)
    path = save(tmp_path / "bulk_tb.dat", tb_lines(model))
    with pytest.raises(
        InputError, match=r"bulk_tb\.dat: a 3D crystal: .* along a1, a2, a3\); name a plane \(xy or zx\)"
    ):
        WannierFile(path)
    report = read_report(path)
    assert report.plane == ""
    assert [(r.option, r.value) for r in report.repairs if r.option == "plane"] == [
        ("plane", "xy"),
        ("plane", "zx"),
    ]
    file = WannierFile(path, WannierOptions(plane="xy"))
    assert file.plane.is_cut
    assert "cut out of a 3D crystal" in file.physics
    assert any("cut out" in note for note in file.report().notes)
    layer = replace_hoppings_across(model)
    h = file.hamiltonian()
    for k in K.T:
        H, _ = layer.at(np.array([*k, 0.0]))
        assert np.abs(without_tau(h, h.hoppings, k) - H).max() < 1e-12


def replace_hoppings_across(model):
    for R in model.H:
        if R[2]:
            model.H[R] = 0 * model.H[R]
    return model


def test_negligible_hoppings_across_the_vacuum_are_reported(tmp_path):
    model = random_model(stacking_reach=1)
    for R in ((0, 0, 1), (0, 0, -1)):
        model.H[R] = 1e-5 * model.H[R] / np.abs(model.H[R]).max()
    file = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(model)))
    report = file.report()
    assert report.plane == "xy"
    assert any("across the vacuum are taken at k_perp = 0" in note for note in report.notes)
    h = file.hamiltonian()
    assert np.abs(h.positions - model.centres[:, :2]).max() < 1e-12
    tau = np.array([np.diag(t) for t in h.positions.T])
    for k in K.T:
        H, A = model.at(np.array([*k, 0.0]))
        assert np.abs(without_tau(h, h.hoppings, k) - H).max() < 1e-12
        assert np.abs(without_tau(h, h.dipoles, k) + tau - A[:2]).max() < 1e-12


def test_face_centred_cell_has_no_layer(tmp_path):
    cell = 2.8 * np.array([[-1.0, 0, 1], [0, 1, 1], [-1, 1, 0]])
    path = save(tmp_path / "fcc_tb.dat", tb_lines(random_model(stacking_reach=1, cell=cell)))
    with pytest.raises(InputError, match="no two of its lattice vectors lie in a Cartesian plane"):
        WannierFile(path)
    with pytest.raises(
        InputError, match="1 of the three lattice vectors lie in the plane yz, two are needed"
    ):
        WannierFile(path, WannierOptions(plane="yz"))


def test_layer_in_no_cartesian_plane(tmp_path):
    cell = np.array([[3.0, 0.0, 0.0], [0.0, 2.0, 2.0], [0.0, -9.0, 9.0]])
    path = save(tmp_path / "a_tb.dat", tb_lines(random_model(cell=cell)))
    with pytest.raises(InputError, match="a1 and a2 of the 2D crystal lie in none of the Cartesian planes"):
        WannierFile(path)
    with pytest.raises(InputError, match="plane 'xz' is not one of xy, yz, zx"):
        WannierFile(path, WannierOptions(plane="xz"))


def test_slight_tilt_is_projected_and_said(tmp_path):
    cell = np.array([[3.0, 0.0, 0.0], [0.0, 5.0, -0.04], [0.0, 0.3, 20.0]])
    model = random_model(cell=cell)
    file = WannierFile(save(tmp_path / "a_tb.dat", tb_lines(model)))
    assert any("tilted out of the plane xy by 0.46 degrees" in note for note in file.report().notes)
    h = file.hamiltonian()
    for k in K.T:  # exact: k lies in the plane
        H, _ = model.at(np.array([*k, 0.0]))
        assert np.abs(without_tau(h, h.hoppings, k) - H).max() < 1e-12


@pytest.mark.parametrize("skew", [0.0, 1.3])
def test_layer_across_the_cell_boundary(conduction, skew):
    """Functions moved by whole cells along a3, as a slab that sits at the boundary has them."""
    cell = conduction.cell.copy()
    cell[2, 0] = skew
    whole = replace(conduction, cell=cell)
    offsets = np.array([0, 1, 0, -1, 1, 1, 0, 2])
    split = moved(whole, 2, offsets)
    assert len(split.vectors) > len(whole.vectors)
    plane = find_plane(split)
    assert (plane.stacking, plane.is_cut) == (2, False)
    assert np.allclose(geometry(split).values, geometry(whole).values, rtol=1e-8, atol=1e-8)
    back = moved(split, 2, plane.offsets)
    assert np.ptp(back.centres - whole.centres, axis=0).max() < 1e-12


def test_moved_keeps_r_at_home(conduction):
    steps = np.array([0, 1, 0, -1, 1, 1, 0, 2])
    split = moved(conduction, 2, steps)
    diagonal = np.diagonal(split.positions[home(split.vectors)], axis1=1, axis2=2).real.T
    assert np.allclose(diagonal - conduction.centres, steps[:, None] * conduction.cell[2], atol=1e-12)


def test_energy_shift_and_position_switch():
    path = assets.path("cri3/cri3_bilayer_eg_tb.dat")
    plain = WannierFile(path)
    raised = WannierFile(path, WannierOptions(energy_shift=-0.5, position_matrices=False, kramers_pairs=True))
    a, b = plain.hamiltonian(), raised.hamiltonian()
    assert b.dipoles is None
    assert b.kramers_pairs
    assert np.allclose(
        np.linalg.eigvalsh(b.hoppings.sum(axis=0)),
        np.linalg.eigvalsh(a.hoppings.sum(axis=0)) - 0.5,
        atol=1e-12,
    )
    assert raised.values() == {"position_matrices": 0.0, "energy_shift": -0.5}
    raised.energy_shift = 0.0
    assert np.abs(raised.hamiltonian().hoppings - a.hoppings).max() == 0


def test_gzip_of_the_asset_is_the_asset(tmp_path, conduction):
    packed = tmp_path / "cri3_tb.dat.gz"
    packed.write_bytes(gzip.compress(assets.path("cri3/cri3_bilayer_eg_tb.dat").read_bytes()))
    assert np.array_equal(read_matrices(packed).hoppings, conduction.hoppings)
