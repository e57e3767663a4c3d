"""Fields of an edge current and of a driven sheet against the law of Biot and Savart; the current of a parabola."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from explorer.models.kit.hamiltonian import HoppingList
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.observables.experiment import VACUUM_PERMEABILITY, stray_field
from explorer.physics.observables.magnetometry import (
    disc_field,
    largest_field,
    offset_of_equal_field,
    sheet_field,
    strip_field,
)
from explorer.physics.responses.conductivity import CONDUCTIVITY_PER_PICOSECOND
from explorer.physics.units import ELEMENTARY_CHARGE, HBAR
from explorer.physics.zone.domain import zone_of

RADIUS, HEIGHT = 5e-6, 50e-9


@pytest.mark.parametrize("distance", [0.0, 2e-6, 4.9e-6, 5.2e-6, 9e-6])
def test_the_ring_against_biot_and_savart(distance: float) -> None:
    z = 3e-7

    def piece(angle: float) -> float:
        r = np.array([distance - RADIUS * np.cos(angle), -RADIUS * np.sin(angle), z])
        dl = RADIUS * np.array([-np.sin(angle), np.cos(angle), 0.0])
        return float(np.cross(dl, r)[2] / np.linalg.norm(r) ** 3)

    whole = 2 * quad(piece, 0, np.pi, limit=500, points=[1e-2, 0.1])[0]
    right = VACUUM_PERMEABILITY * 2e-9 / (4 * np.pi) * whole
    assert disc_field(2e-9, RADIUS, distance, z) == pytest.approx(right, rel=1e-7)


def test_on_the_axis_it_is_the_closed_form() -> None:
    assert disc_field(1e-9, RADIUS, 0.0, HEIGHT) == pytest.approx(
        stray_field(1e-9, RADIUS, HEIGHT), rel=1e-12
    )


def test_near_the_edge_the_field_is_largest() -> None:
    """16.9 times that above the centre; a straight wire, mu_0 M / 4 pi z, within the ring's own few percent."""
    field, depth = largest_field(-1e-9, RADIUS, HEIGHT)
    assert field / stray_field(-1e-9, RADIUS, HEIGHT) == pytest.approx(16.9, abs=0.05)
    assert depth == pytest.approx(HEIGHT, rel=0.05)
    assert field == pytest.approx(-VACUUM_PERMEABILITY * 1e-9 / (4 * np.pi * HEIGHT), rel=0.08)
    everywhere = disc_field(-1e-9, RADIUS, np.linspace(0, 2 * RADIUS, 20001), HEIGHT)
    assert everywhere.min() == pytest.approx(field, rel=1e-4)
    assert largest_field(1.0, 1e-6, 1e-5) == (
        pytest.approx(float(stray_field(1.0, 1e-6, 1e-5))),
        1e-6,
    )  # far above


def test_the_field_of_a_strip() -> None:
    current = 50.0
    assert strip_field(current, RADIUS, 0.0, HEIGHT) == 0
    x = 1.3e-6
    right = quad(lambda at: (x - at) / ((x - at) ** 2 + HEIGHT**2), -RADIUS, RADIUS, points=[x], limit=500)[0]
    assert strip_field(current, RADIUS, x, HEIGHT) == pytest.approx(
        VACUUM_PERMEABILITY * current / (2 * np.pi) * right, rel=1e-6
    )
    assert sheet_field(current) == pytest.approx(2e-7 * np.pi * current, rel=1e-9)
    small = 1e-11
    offset = offset_of_equal_field(small, current, RADIUS, HEIGHT)
    assert strip_field(current, RADIUS, offset, HEIGHT) == pytest.approx(small, rel=1e-6)
    assert offset_of_equal_field(small, 0.0, RADIUS, HEIGHT) == np.inf


def test_the_conductivity_of_a_parabola_is_that_of_drude() -> None:
    """n e^2 tau / m at the bottom of a cosine band, per spin, with m = hbar^2 / 2 t a^2."""
    t, a, kelvin, mu = 0.5, 3.0, 60.0, 0.05
    bonds = HoppingList(a * np.eye(2), np.zeros((1, 2)))
    bonds.onsite(np.array([[4 * t]]))
    for step in ((1, 0), (0, 1)):
        bonds.add(step, np.array([[-t]]))
    h = bonds.hamiltonian()
    k, weights = zone_of(h).mesh(240)
    g = band_geometry(h, k)
    chi, _ = plain_sum(g, weights, CONDUCTIVITY_PER_PICOSECOND, np.array([mu]), np.array([kelvin]))
    xx, xy, yy = chi.ravel()
    inverse_mass = 2 * t * ELEMENTARY_CHARGE * (a * 1e-10) ** 2 / (HBAR * ELEMENTARY_CHARGE) ** 2
    density = mu / (4 * np.pi * t * a**2) * 1e20  # [1/m^2], two dimensions, lowest order in mu/t
    right = density * ELEMENTARY_CHARGE**2 * 1e-12 * inverse_mass
    assert xx == pytest.approx(right, rel=0.03)
    assert yy == pytest.approx(xx, rel=1e-9)
    assert abs(xy) < 1e-9 * xx
