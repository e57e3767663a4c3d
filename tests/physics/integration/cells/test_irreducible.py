"""The irreducible part of the zone against the whole of it, on models of every kind of operation."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.model import catalogue
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.cells.cells import base_cells
from explorer.physics.integration.cells.irreducible import irreducible
from explorer.physics.integration.mott_integral import mott_alpha
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.equilibrium_moment import STREDA
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC, INTRINSIC_SEA
from explorer.physics.zone.domain import Disc, ReciprocalCell, zone_of

REDUCED = {"haldane": 2, "rashba": 2, "cumnas": 2, "honeycomb-afm": 2, "mnbi2te4": 2, "mos2": 4, "cri3-eg": 2}
"""Elements that move wave vectors differently."""
INTEGRANDS = (INTRINSIC, INTRINSIC_SEA, HALL, STREDA, EXTRINSIC_PER_PICOSECOND)


def area(cells: Floats) -> Floats:
    (a, b), (c, d) = (cells[:, 1] - cells[:, 0]).T, (cells[:, 2] - cells[:, 0]).T
    return np.asarray(np.abs(a * d - b * c) / 2)


@pytest.mark.parametrize("key", REDUCED)
def test_cells_and_their_images_tile_the_zone(key: str) -> None:
    model = catalogue()[key]()
    zone = zone_of(model.hamiltonian())
    part = irreducible(zone, INTRINSIC, model.symmetries())
    cells, share = part.cells(zone, 12)
    assert len(part.maps) == REDUCED[key]
    assert len(part.maps) * area(cells) @ share == pytest.approx(1.0, abs=1e-12)
    # Any point lies in the images of one cell, whose weights add up to one.
    points = np.random.default_rng(3).uniform(0, 1, (50, 2))
    images = np.concatenate([cells @ m.T for m in part.maps])
    everywhere = images - np.floor(images.mean(axis=1) + 1e-6)[:, None]
    weight = np.tile(share, len(part.maps))
    for p in points:
        held = np.zeros(len(everywhere), dtype=bool)
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                a, b, c = (everywhere - p - (i, j)).transpose(1, 2, 0)
                turns = [x[0] * y[1] - x[1] * y[0] > 0 for x, y in ((a, b), (b, c), (c, a))]
                held |= (turns[0] == turns[1]) & (turns[1] == turns[2])
        assert weight[held].sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("integrand", INTEGRANDS, ids=lambda i: i.name)
@pytest.mark.parametrize("key", REDUCED)
def test_densities_are_those_of_all_images(key: str, integrand: Integrand) -> None:
    """Against the geometry computed at each image."""
    model = catalogue()[key]()
    h = model.hamiltonian()
    zone = zone_of(h)
    assert isinstance(zone, ReciprocalCell)
    part = irreducible(zone, integrand, model.symmetries())
    s, t = np.random.default_rng(5).uniform(0, 1, (2, 20))
    g = band_geometry(h, zone.wave_vectors(s, t))
    images = [band_geometry(h, zone.wave_vectors(*(m @ [s, t]))) for m in part.maps]
    for image in images:
        np.testing.assert_allclose(image.energy, g.energy, atol=1e-9)
    for found, expected in zip(
        part.densities(g), zip(*(integrand.densities(i) for i in images), strict=True), strict=True
    ):
        size = max(np.abs(e).max() for e in expected)
        np.testing.assert_allclose(found, sum(expected), atol=1e-6 * size + 1e-9)


@pytest.mark.parametrize(
    ("key", "integrand"),
    [
        ("haldane", INTRINSIC),
        ("haldane", EXTRINSIC_PER_PICOSECOND),
        ("rashba", HALL),
        ("cumnas", INTRINSIC_SEA),
        ("mos2", EXTRINSIC_PER_PICOSECOND),
        ("cri3-eg", INTRINSIC),
    ],
)
def test_part_and_whole_agree_within_their_bars(key: str, integrand: Integrand) -> None:
    model = catalogue()[key]()
    h = model.hamiltonian()
    mu = model.default_mu + np.array([-0.05, 0.0, 0.07])
    whole = adaptive_response(h, integrand, mu, 100.0)
    part = adaptive_response(h, integrand, mu, 100.0, operations=model.symmetries())
    assert part.converged.all()
    assert part.evaluations < 0.75 * whole.evaluations
    for name in ("chi", "alpha"):
        one, other = getattr(whole, name), getattr(part, name)
        bars = getattr(whole, f"{name}_error") + getattr(part, f"{name}_error")
        assert np.abs(one).max() > 0
        assert (np.abs(one - other) <= bars + 1e-9 * np.abs(one).max()).all()
        forbidden = np.abs(one).max(axis=(0, 1)) < 1e-6 * np.abs(one).max()
        assert (other[..., forbidden] == 0).all()


def test_mott_integral_of_the_part_is_that_of_the_whole() -> None:
    model = catalogue()["cumnas"]()
    h, mu = model.hamiltonian(), model.default_mu + np.array([-0.1, 0.0])
    whole, part = (mott_alpha(h, INTRINSIC, mu, 100.0, operations=o) for o in ((), model.symmetries()))
    assert whole.complete.all()
    assert part.complete.all()
    assert np.abs(part.alpha - whole.alpha).max() < 1e-5 * np.abs(whole.alpha).max()
    assert part.evaluations < 0.75 * whole.evaluations


def test_a_threefold_axis_leaves_a_third() -> None:
    angle = 2 * np.pi / 3
    axis = Symmetry(
        "C3z", np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), np.eye(1)
    )
    for corner in (np.pi / 3, 2 * np.pi / 3):
        zone = ReciprocalCell(2.0 * np.array([[1.0, 0.0], [np.cos(corner), np.sin(corner)]]))
        part = irreducible(zone, INTRINSIC, [axis])
        cells, share = part.cells(zone, 12)
        assert len(part.maps) == 3
        assert len(cells) == 2 * 12**2 / 3
        assert (share == 1).all()
        # What has a direction in the plane does not survive it.
        assert np.abs(part.sea).max() == 0
        assert irreducible(zone, HALL, [axis]).sea == pytest.approx(3.0)


def test_what_does_not_map_the_cells_is_left_out() -> None:
    mirror = Symmetry("M_x", np.diag([-1.0, 1.0]), np.eye(1))
    straight = ReciprocalCell(np.array([[1.0, 0.0], [0.0, 1.3]]))
    skewed = ReciprocalCell(np.array([[1.0, 0.0], [1.0, 1.3]]))
    askew = ReciprocalCell(np.array([[1.0, 0.1], [0.3, 1.3]]))
    assert len(irreducible(straight, INTRINSIC, [mirror]).maps) == 2
    for zone in (skewed, askew, Disc(1.0)):
        part = irreducible(zone, INTRINSIC, [mirror])
        assert part.whole
        cells, share = part.cells(zone, 6)
        np.testing.assert_array_equal(cells, base_cells(zone, 6))
        assert (share == 1).all()


def test_densities_that_do_not_follow_are_refused() -> None:
    zone = ReciprocalCell(np.eye(2))
    odd = Integrand("odd", ("x",), lambda g: np.exp(g.velocity[:1]), None, 1.0, 1.0)
    with pytest.raises(ValueError, match="do not follow"):
        irreducible(zone, odd, [Symmetry("M_x", np.diag([-1.0, 1.0]), np.eye(1))])
