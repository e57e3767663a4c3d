"""Paths and the Brillouin zone: geometry that is known without computing it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.models.kit.arrays import Floats
from explorer.models.kit.lattice_path import PathPoint, reduced
from explorer.physics.zone.brillouin import brillouin_zone
from explorer.physics.zone.path import sample_path


def area(polygon: Floats) -> float:
    x, y = polygon.T
    return float(0.5 * (x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def test_a_hexagonal_zone_is_a_regular_hexagon() -> None:
    zone = brillouin_zone(np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]]))
    assert len(zone) == 6
    np.testing.assert_allclose(np.linalg.norm(zone, axis=1), 1 / np.sqrt(3), rtol=1e-12)


@given(st.floats(0.3, 3.0), st.floats(0.3, 3.0), st.floats(0.4, 2.7), st.integers(-3, 3), st.integers(-2, 2))
def test_a_zone_has_the_area_of_the_cell_whatever_its_vectors(
    first: float, second: float, angle: float, n: int, m: int
) -> None:
    b = np.array([[first, 0.0], [second * np.cos(angle), second * np.sin(angle)]])
    sheared = np.array([[1, n], [0, 1]]) @ np.array([[1, 0], [m, 1]]) @ b
    zone = brillouin_zone(sheared)
    np.testing.assert_allclose(area(zone), abs(np.linalg.det(b)), rtol=1e-8)
    # No reciprocal vector brings a corner nearer to Gamma.
    shifts = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]) @ reduced(sheared)
    moved = np.linalg.norm(zone[:, None] - shifts, axis=2).min(axis=1)
    np.testing.assert_allclose(moved, np.linalg.norm(zone, axis=1), rtol=1e-8)


def test_a_path_meets_its_corners_with_even_steps() -> None:
    corners = [PathPoint("A", (0.0, 0.0)), PathPoint("B", (3.0, 0.0)), PathPoint("C", (3.0, 1.0))]
    path = sample_path(corners, 41)
    assert path.labels == ("A", "B", "C")
    np.testing.assert_allclose(path.k[:, path.corners].T, [c.k for c in corners])
    np.testing.assert_allclose(path.distance[path.corners], [0.0, 3.0, 4.0])
    np.testing.assert_allclose(np.diff(path.distance), 0.1)


def test_a_path_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="two corners"):
        sample_path([PathPoint("A", (0.0, 0.0))], 10)
    with pytest.raises(ValueError, match="as many points"):
        sample_path([PathPoint("A", (0.0, 0.0)), PathPoint("B", (1.0, 0.0))], 1)
