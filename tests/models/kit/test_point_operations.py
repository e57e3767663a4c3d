from __future__ import annotations

import numpy as np
import pytest

from explorer.models.kit.point_operations import (
    layer_operations,
    magnetic_symmetries,
    site_images,
    with_time_reversal,
)
from explorer.models.kit.spin_half import PAULI


@pytest.mark.parametrize(("fold", "order"), [(4, 16), (6, 24)])
def test_groups_have_their_order_and_distinct_elements(fold: int, order: int) -> None:
    operations = layer_operations(fold)
    assert len(operations) == order == len({g.name for g in operations})
    for a in operations:
        for b in operations:
            assert any(np.allclose(a.polar @ b.polar, c.polar, atol=1e-12) for c in operations)


@pytest.mark.parametrize("g", layer_operations(6), ids=lambda g: g.name)
def test_spin_matrix_turns_pauli_vectors(g) -> None:
    v = np.array([0.3, -0.7, 0.5])
    turned = g.spin @ np.tensordot(v, PAULI, axes=1) @ g.spin.conj().T
    assert np.allclose(turned, np.tensordot(g.axial @ v, PAULI, axes=1))
    assert np.isclose(np.linalg.det(g.axial), 1.0)


def test_only_square_and_hexagonal_axes() -> None:
    with pytest.raises(ValueError, match="order 4 or 6, asked for 3"):
        layer_operations(3)


def test_honeycomb_inversion_exchanges_sites() -> None:
    cell = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    sites = np.array([[0.0, 0.0, 0.0], [0.5, 0.5 / np.sqrt(3), 0.0]])
    by_name = {g.name: g for g in layer_operations(6)}
    assert list(site_images(cell, sites, by_name["P"])) == [1, 0]
    assert list(site_images(cell, sites, by_name["C3z"])) == [0, 1]
    assert site_images(cell, sites + np.array([[0, 0, 0], [0.1, 0, 0]]), by_name["C3z"]) is None


def test_time_reversal_is_lost_to_moments_and_energies() -> None:
    cell, site = np.eye(2), np.zeros((1, 3))
    operations = layer_operations(4)

    def names(moment: list[float]) -> set[str]:
        return {s.name for s in magnetic_symmetries(cell, site, np.array([moment]), np.zeros(1), operations)}

    assert "T" in names([0, 0, 0])
    assert names([0, 0, 1]) >= {"C4z", "P", "M_z", "C2x T"}
    assert "T" not in names([0, 0, 1])
    assert with_time_reversal("P") == "PT"
