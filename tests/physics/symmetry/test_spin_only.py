"""Operations on spin alone, against how a random crystal was built and against its zone sums."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian, PolynomialHamiltonian
from explorer.models.kit.model import catalogue
from explorer.models.kit.spin_half import PAULI, site_terms, spin_of_sites
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.catalogue import kinds
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.symmetry.operations import verify
from explorer.physics.symmetry.report import symmetry_report
from explorer.physics.symmetry.spin_only import spin_operations
from explorer.physics.zone.domain import zone_of

SITES = 3
SPIN = spin_of_sites(SITES)


def magnet(moments: Floats, spin_orbit: float = 0.0) -> LatticeHamiltonian:
    """Three sites at random with real hoppings, moments (3, 3) [eV], and Rashba-like terms if asked for."""
    rng = np.random.default_rng(3)
    vectors = np.array([(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)])
    hoppings = np.zeros((5, 2 * SITES, 2 * SITES), complex)
    hoppings[0] = site_terms(np.array([0.0, 0.4, -0.3]), moments)
    for r in (0, 1, 2):
        plain = np.kron(rng.normal(size=(SITES, SITES)), np.eye(2))
        coupled = sum(np.kron(rng.normal(size=(SITES, SITES)), s) for s in PAULI)
        hop = plain + 1j * spin_orbit * coupled
        hoppings[r] += hop + hop.conj().T if r == 0 else hop
    hoppings[3:] = hoppings[1:3].conj().transpose(0, 2, 1)
    cell = np.array([[3.0, 0.0], [0.7, 3.4]])
    return LatticeHamiltonian(cell, np.repeat(rng.uniform(0, 3, (SITES, 2)), 2, axis=0), vectors, hoppings)


def turned(moments: Floats) -> tuple[Floats, Floats]:
    """Moments turned at random, and the turn (3, 3)."""
    turn, _ = np.linalg.qr(np.random.default_rng(8).normal(size=(3, 3)))
    return moments @ turn.T, turn


def sums(h: LatticeHamiltonian) -> tuple[Floats, Floats]:
    """Intrinsic chi and sigma_xy at kT of some 0.2 eV."""
    k, weights = zone_of(h).mesh(16)
    g, mu, kelvin = band_geometry(h, k), np.array([0.2]), np.array([2500.0])
    return tuple(plain_sum(g, weights, what, mu, kelvin)[0][0, 0] for what in (INTRINSIC, HALL))  # type: ignore[return-value]


COLLINEAR = np.array([[0, 0, 1.0], [0, 0, -0.6], [0, 0, 0.4]])
COPLANAR = np.array([[1.0, 0, 0.2], [-0.3, 0, 0.8], [-0.5, 0, -0.9]])
CHIRAL = np.array([[1.0, 0.2, 0.2], [-0.3, 0.7, 0.8], [-0.5, -0.6, 0.9]])


@pytest.mark.parametrize(
    ("moments", "turns", "reversals"),
    [(COLLINEAR, 1, 2), (COPLANAR, 0, 1), (CHIRAL, 0, 0), (0 * CHIRAL, 3, 3)],
)
def test_found_as_built(moments: Floats, turns: int, reversals: int) -> None:
    """Axes along which all moments lie, and across which they all lie, in any orientation of the spins."""
    moved, turn = turned(moments)
    h = magnet(moved)
    found = spin_operations(h, SPIN)
    assert [s.antiunitary for s in found] == [False] * turns + [True] * reversals
    assert all(c.holds and c.residual < 1e-12 for c in verify(h, found))
    if reversals == 1:
        normal = np.tensordot(turn[:, 1], SPIN, axes=1)
        (only,) = found
        image = only.matrix @ normal.conj() @ only.matrix.conj().T
        assert np.allclose(image, -normal)


@pytest.mark.parametrize("moments", [COLLINEAR, COPLANAR, CHIRAL])
def test_zone_sums_vanish_where_spin_turns_say_so(moments: Floats) -> None:
    """No other symmetry is there: coplanar moments give nothing without spin-orbit coupling, chiral ones do."""
    h = magnet(turned(moments)[0])
    forbidden = moments is not CHIRAL
    report = symmetry_report(h, kinds(), [Symmetry("E", np.eye(2), np.eye(2 * SITES, dtype=complex))], SPIN)
    chi, hall = sums(h)
    chi_free, hall_free = sums(magnet(turned(moments)[0], spin_orbit=0.3))
    for row, value, free in (("intrinsic", chi, chi_free), ("anomalous Hall and Nernst", hall, hall_free)):
        assert (report.row(row).direction == "none") == forbidden
        assert np.abs(free).max() > 0
        assert (np.abs(value).max() < 1e-10 * np.abs(free).max()) == forbidden
    assert report.group.order == 1, "spin turns are no part of the point group"


def test_spin_orbit_coupling_ends_them() -> None:
    assert not spin_operations(magnet(turned(COLLINEAR)[0], spin_orbit=0.3), SPIN)


@pytest.mark.parametrize("key", [k for k, m in catalogue().items() if not k.startswith(("cri3", "tbg"))])
def test_those_of_the_models_hold(key: str) -> None:
    model = catalogue()[key]
    for values in ({}, *model.presets.values()):
        instance = model(**values)
        h, spin = instance.hamiltonian(), instance.spin()
        if spin is not None:
            assert all(c.residual < 1e-12 for c in verify(h, spin_operations(h, spin)))


def test_the_preset_without_spin_orbit_coupling_says_why_chi_vanishes() -> None:
    model = catalogue()["honeycomb-afm"]
    plain = model(**model.presets["No spin-orbit coupling (χ vanishes)"])
    row = symmetry_report(plain.hamiltonian(), kinds(), plain.symmetries(), plain.spin()).row("intrinsic")
    assert row.direction == "none"
    assert any("spin turn" in name for name in row.forbidden_by[0])


def test_polynomials_in_k() -> None:
    """A magnet of parabolic bands conserves its spin and has T with a turn; a Rashba term ends both."""
    powers = np.array([(0, 0), (2, 0), (0, 2), (1, 0)])
    free = np.array([0.1 * PAULI[2], np.eye(2), np.eye(2), np.zeros((2, 2))])
    h = PolynomialHamiltonian(powers, free, 0.5)
    names = [s.name for s in spin_operations(h, PAULI)]
    assert names == ["spin turn about z", "T with spin turn about x", "T with spin turn about y"]
    assert all(c.residual < 1e-15 for c in verify(h, spin_operations(h, PAULI)))
    rashba = PolynomialHamiltonian(powers, np.array([*free[:3], 0.3 * PAULI[1]]), 0.5)
    assert [s.name for s in spin_operations(rashba, PAULI)] == ["T with spin turn about y"]
    assert all(c.residual < 1e-15 for c in verify(rashba, spin_operations(rashba, PAULI)))
