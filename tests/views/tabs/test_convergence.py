"""The Convergence tab counts the sampled points where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.live.frame import mesh_curves, sharp_point
from explorer.physics.integration.cells.cells import base_cells, split
from explorer.physics.progress import UNATTENDED
from explorer.physics.zone.domain import zone_of
from explorer.views.tabs.convergence import ConvergenceView, point_density
from tests.views.tabs.test_all_tabs import frame_of, opened


@pytest.mark.parametrize("source", ["cumnas", "tilted-dirac"])
def test_sharp_points_bring_their_cells(source: str) -> None:
    frame = frame_of(source, 24, mu=0.2)
    view, result, _ = opened(ConvergenceView, frame)
    assert result.density is None
    assert "has not run" in view._table.object
    point = sharp_point(
        frame.geometry, frame.state, mesh_curves(frame.geometry, frame.state), frame.point, UNATTENDED
    )
    sharp = replace(frame, point=point, stage="sharp")
    result = view.compute(sharp)
    view.draw(sharp, result)
    assert result.density is not None
    assert 16 * len(point.cells) == point.evaluations
    if source == "cumnas":  # bins of equal area, one a point of the picture: their mean is 1
        assert result.density.mean() == pytest.approx(1.0, abs=1e-12)
    assert "converged" in view._table.object


@pytest.mark.parametrize(("source", "shown"), [("cumnas", False), ("tilted-dirac", True)])
def test_a_truncated_model_shows_what_its_truncation_does(source: str, shown: bool) -> None:
    view, result, _ = opened(ConvergenceView, frame_of(source, 24, mu=0.2))
    assert (result.truncation is not None) == shown
    drawn = view._truncation
    assert drawn.pane.visible == shown
    if result.truncation is not None:
        assert drawn.plot.source.data["x"].tolist() == result.truncation.settings.tolist()
        assert "cut off by <b>cutoff</b> (2 bands)" in drawn.words.object


def test_a_small_cell_is_counted_at_its_place() -> None:
    frame = frame_of("cumnas", 24)
    m = frame.geometry
    corner = np.array([0.25, 0.5])
    cell = corner + 1e-3 * np.array([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    density = point_density(m, cell)
    (place,) = np.flatnonzero(density)
    assert density[place] == pytest.approx(24 * 24)
    zone = zone_of(m.source.hamiltonian)
    np.testing.assert_allclose(m.picture.k[:, place], zone.wave_vectors(*corner), atol=1e-12)


@pytest.mark.parametrize(
    "source", ["cumnas", "haldane", "cri3-eg"]
)  # cells split at centres, along either diagonal
def test_a_zone_that_was_not_refined_is_even_and_what_was_refined_stands_out(source: str) -> None:
    m = frame_of(source, 48).geometry
    coarse = base_cells(m.zone, 12)
    np.testing.assert_allclose(point_density(m, coarse), 1.0, atol=1e-12)
    # The first sampling of a cell and its four parts' are both counted: five times as many as elsewhere.
    finer = point_density(m, np.concatenate([coarse, split(coarse[:1]).reshape(-1, 3, 2)]))
    elsewhere = len(coarse) / (len(coarse) + 4)
    assert finer.min() == pytest.approx(elsewhere, rel=1e-12)
    assert finer.max() == pytest.approx(5 * elsewhere, rel=1e-12)
