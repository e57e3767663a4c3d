"""The triangle rule and its refinement."""

from math import factorial

import numpy as np
import pytest

from explorer.physics.integration.cells.cells import BARYCENTRIC, RULE, base_cells, quadrature_points, split
from explorer.physics.zone.domain import Disc, ReciprocalCell

SQUARE = ReciprocalCell(np.eye(2) * 2.0)
HEXAGONAL = ReciprocalCell(np.array([[2.0, 0.0], [1.0, np.sqrt(3)]]))


def test_rule_is_exact_to_degree_eight() -> None:
    for p in range(9):
        for q in range(9 - p):
            exact = 2 * factorial(p) * factorial(q) / factorial(p + q + 2)
            assert RULE @ (BARYCENTRIC[:, 0] ** p * BARYCENTRIC[:, 1] ** q) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("zone", [SQUARE, HEXAGONAL, Disc(0.7)])
def test_cells_and_their_quarters_tile_the_zone(zone: ReciprocalCell | Disc) -> None:
    cells = base_cells(zone, 5)
    for tiling in (cells, split(cells).reshape(-1, 3, 2)):
        _, weights, _ = quadrature_points(zone, tiling)
        assert weights.sum() == pytest.approx(zone.area / (4 * np.pi**2), rel=1e-13)


def test_lattice_sum_of_a_trigonometric_polynomial() -> None:
    # int over the cell of 1 + cos(k.a1) is the cell's area: the rule's error at 8 x 8 squares is below 1e-9.
    k, weights, _ = quadrature_points(HEXAGONAL, base_cells(HEXAGONAL, 8))
    a1 = 2 * np.pi * np.linalg.inv(HEXAGONAL.reciprocal)[:, 0]
    total = (weights * (1 + np.cos(np.tensordot(a1, k, axes=1)))).sum()
    assert total == pytest.approx(HEXAGONAL.area / (4 * np.pi**2), rel=1e-9)
