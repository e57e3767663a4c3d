"""The path of a lattice is that of its own zone, whatever vectors it is given by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.models.files.wannier90 import WannierFile, write_tb
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.models.kit.lattice_path import lattice_path
from explorer.models.kit.model import catalogue
from explorer.physics.zone.brillouin import brillouin_zone

CASES = Path(__file__).parents[1] / "files" / "cases"
HEXAGONAL = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def sheared(steps: list[int]) -> Floats:
    basis = np.eye(2, dtype=int)
    for i, n in enumerate(steps):
        basis[i % 2] += n * basis[1 - i % 2]
    return basis


def at(vectors: Floats) -> dict[str, Floats]:
    return {p.label: np.array(p.k) for p in lattice_path(vectors)}


def same_orbit(a: Floats, b: Floats, vectors: Floats) -> bool:
    steps = np.linalg.solve(vectors.T, a - b)
    return bool(np.abs(steps - np.round(steps)).max() < 1e-8)


@settings(deadline=None)  # scipy loads its geometry at the first
@given(st.lists(st.integers(-2, 2), max_size=4), st.floats(0, 6.3), st.booleans())
def test_every_cell_of_a_hexagonal_lattice_has_its_path(steps: list[int], angle: float, flip: bool) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    vectors = sheared(steps) @ (HEXAGONAL[::-1] if flip else HEXAGONAL) @ turn.T
    found = at(vectors)
    assert list(found) == ["Γ", "M", "K", "M'", "K'"]
    corners, side = brillouin_zone(vectors), 1 / np.sqrt(3)
    for label in ("K", "K'"):
        assert np.linalg.norm(corners - found[label], axis=1).min() < 1e-8
    for m, k in (("M", "K"), ("M'", "K'")):  # from the middle of a side to its end
        assert np.linalg.norm(found[m]) == pytest.approx(0.5)
        assert np.linalg.norm(found[m] - found[k]) == pytest.approx(side / 2)
    assert same_orbit(found["K"], -found["K'"], vectors)
    assert not same_orbit(found["K"], found["K'"], vectors)


@settings(deadline=None)  # scipy loads its geometry at the first
@given(st.floats(0.4, 2.5), st.floats(0, 0.5), st.lists(st.integers(-2, 2), max_size=4))
def test_points_of_any_other_lattice_lie_on_the_edge_of_its_zone(
    ratio: float, lean: float, steps: list[int]
) -> None:
    vectors = sheared(steps) @ np.array([[1.0, 0.0], [lean, ratio]])
    path = lattice_path(vectors)
    shifts = (
        np.array([[i, j] for i in range(-4, 5) for j in range(-4, 5)])
        @ np.linalg.inv(sheared(steps))
        @ vectors
    )
    for point in path:
        k = np.array(point.k)
        if point.label in ("X", "Y", "M"):
            assert same_orbit(k, -k, vectors)
        if point.label in ("X", "Y", "K", "K'"):
            assert np.linalg.norm(k - shifts, axis=1).min() >= np.linalg.norm(k) - 1e-9


def test_a_double_cell_of_a_hexagonal_crystal_is_rectangular() -> None:
    """1 x 2 of a hexagonal crystal, 3 x 3 sqrt 3: no K, and X, M, Y are the middles and corners of a rectangle."""
    path = WannierFile(CASES / "path_1x2_of_hex" / "a_tb.dat").path()
    found = {p.label: np.abs(p.k) for p in path}
    assert [p.label for p in path] == ["Γ", "X", "M", "Y", "Γ", "M'"]
    x, y = np.pi / 3.0, np.pi / (3.0 * np.sqrt(3))
    assert sorted(map(tuple, np.round([found["X"], found["Y"]], 6))) == sorted(
        [(round(x, 6), 0), (0, round(y, 6))]
    )
    assert found["M"] == pytest.approx([x, y])


def test_a_skew_cell_of_haldane_shows_the_gap_of_its_own(tmp_path: Path) -> None:
    """The smallest gap on the path is at K or K', not at the corners of a square that is none."""
    h = catalogue()["haldane"]().hamiltonian()
    basis = np.array([[1, 2], [1, 3]])
    inverse = np.round(np.linalg.inv(basis)).astype(int)
    skew = LatticeHamiltonian(basis @ h.cell, h.positions, h.vectors @ inverse, h.hoppings, h.dipoles)
    write_tb(tmp_path / "a_tb.dat", skew)
    own, other = explorer.bands("haldane"), explorer.bands(str(tmp_path / "a_tb.dat"))

    def gap(data: xr.Dataset) -> float:
        return float((data.energy.isel(band=1) - data.energy.isel(band=0)).min())

    assert gap(other) == pytest.approx(gap(own), rel=1e-6)


@pytest.mark.parametrize("key", ["haldane", "mos2", "honeycomb", "mnbi2te4"])
def test_hexagonal_models_go_to_the_near_corner(key: str) -> None:
    name = next((k for k in catalogue() if k.startswith(key)), key)
    h = catalogue()[name]().hamiltonian()
    assert isinstance(h, LatticeHamiltonian)
    found = at(h.reciprocal)
    corners, sides = brillouin_zone(h.reciprocal), np.linalg.norm(h.reciprocal, axis=1)
    for label in ("K", "K'"):
        assert np.linalg.norm(corners - found[label], axis=1).min() < 1e-9
    # half a side of the hexagon, also where strain makes it irregular
    assert np.linalg.norm(found["M'"] - found["K'"]) < 0.35 * sides.max()
