"""Writing `_tb.dat` and reading it back."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.cri3 import CrI3Conduction
from explorer.models.files.wannier90 import WannierFile, write_tb
from explorer.models.haldane import Haldane
from explorer.models.kit.errors import InputError


def same(a, b) -> None:
    """Equal up to the order of the vectors and the last digit."""
    assert np.allclose(a.cell, b.cell, atol=1e-14)
    assert np.allclose(a.positions, b.positions, atol=1e-14)
    order = [np.lexsort(h.vectors.T) for h in (a, b)]
    assert np.array_equal(a.vectors[order[0]], b.vectors[order[1]])
    assert np.allclose(a.hoppings[order[0]], b.hoppings[order[1]], rtol=1e-15, atol=1e-15)
    if a.dipoles is not None:
        assert np.allclose(a.dipoles[order[0]], b.dipoles[order[1]], rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("plane", ["xy", "yz", "zx"])
def test_round_trip(tmp_path, plane):
    h = CrI3Conduction().hamiltonian()
    write_tb(tmp_path / "a_tb.dat", h, plane=plane, height=11.0)
    file = WannierFile(tmp_path / "a_tb.dat")
    assert file.plane.name == plane
    assert file.report().cell_height == pytest.approx(11.0)
    same(h, file.hamiltonian())


def test_points_have_zero_dipoles(tmp_path):
    h = Haldane(mass=0.1).hamiltonian()
    write_tb(tmp_path / "a_tb.dat", h)
    back = WannierFile(tmp_path / "a_tb.dat").hamiltonian()
    same(h, back)
    assert np.abs(back.dipoles).max() < 1e-15


def test_no_such_plane(tmp_path):
    with pytest.raises(InputError, match="plane 'yx'"):
        write_tb(tmp_path / "a_tb.dat", Haldane().hamiltonian(), plane="yx")
