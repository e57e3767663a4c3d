"""A mesh from one wave vector of each star equals the mesh itself, on models of every kind of operation."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.symmetry.images import reduced_geometry
from explorer.physics.symmetry.operations import verify
from explorer.physics.zone.domain import zone_of
from explorer.session.source import open_source


@pytest.mark.parametrize(
    ("source", "least"), [("haldane", 1.5), ("cumnas", 1.5), ("mos2", 1.9), ("honeycomb-afm", 1.5)]
)
def test_stars_give_the_whole_mesh(source: str, least: float) -> None:
    opened = open_source(source)
    h = opened.hamiltonian
    operations = opened.model.symmetries()
    assert all(check.holds for check in verify(h, operations))
    k = zone_of(h).mesh(15)[0] + 0.0
    counted = []

    def compute(some: Floats) -> BandGeometry:
        counted.append(some.shape[1])
        return band_geometry(h, some)

    found, plain = reduced_geometry(h, k, operations, compute), band_geometry(h, k)
    assert k.shape[1] >= least * counted[0]
    np.testing.assert_array_equal(found.k, plain.k)
    for row in range(ROW_COUNT):
        scale = np.abs(plain.values[row]).max() + 1e-2  # curvature and moment may vanish by symmetry
        np.testing.assert_allclose(
            found.values[row] / scale, plain.values[row] / scale, atol=1e-6, err_msg=str(row)
        )
    np.testing.assert_array_equal(found.groups, plain.groups)


def test_without_operations_nothing_changes() -> None:
    h = open_source("haldane").hamiltonian
    k = np.random.default_rng(2).uniform(-1, 1, (2, 30))
    found = reduced_geometry(h, k, (), lambda some: band_geometry(h, some))
    np.testing.assert_array_equal(found.values, band_geometry(h, k).values)
