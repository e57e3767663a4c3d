"""Curves over mu at 10 K against closed forms, and what is said where they are not right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.live.frame import frame_of
from explorer.meshes.halves import half_mesh
from explorer.meshes.mesh import MeshGeometry, mesh_geometry
from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.integration.uniform.thermal_curves import thermal_curves
from explorer.physics.observables.equilibrium_curves import equilibrium_curves, equilibrium_integrand
from explorer.physics.progress import UNATTENDED
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.equilibrium_moment import STREDA
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.responses.spin_edelstein import COMPONENTS
from explorer.session.state import default_state, opened
from explorer.studies.curves import (
    ResponseCurve,
    response_curve,
    thermal_nodes,
    unresolved,
    vanishes,
)
from explorer.studies.induced_moment import response_parts
from explorer.studies.mesh_curves import mesh_curve, spin_responses
from tests.rashba_by_hand import HBAR, KB, E, rashba_by_hand

KELVIN = 10.0


def mesh_of(source: str, n: int = 24, **parameters: float) -> MeshGeometry:
    state = default_state(source)
    for name, value in parameters.items():
        state = state.with_parameter(name, value)
    return mesh_geometry(opened(state), n)


def tilted_dirac_by_hand(mu: Floats, kelvin: float) -> tuple[Floats, Floats]:
    """chi_ext_x [nm/ohm] and alpha_ext_x [nA nm/K] of the cone at its defaults, mu above the gap, at tau = 1 ps.

    E = w k_x + d, d = sqrt(v^2 k^2 + m^2); the moment is -v^2 m/2 d^2 [eV angstrom^2 |e|/hbar]. On the Fermi line the
    radius follows from a quadratic equation at each angle, and the thermal window is a Gauss-Legendre sum.
    """
    v, w, m = 3.0, 1.2, 0.1
    kT = KB * kelvin / E
    x, shares = np.polynomial.legendre.leggauss(200)
    x, shares = 30 * x, 30 * shares
    angle = 2 * np.pi * np.arange(400) / 400
    out = []
    for level in mu:
        eta = (level + kT * x)[:, None]
        # (eta - w k cos)^2 = v^2 k^2 + m^2
        c = w * np.cos(angle)
        a, b = v**2 - c**2, eta * c
        k = (-b + np.sqrt(b**2 + a * (eta**2 - m**2))) / a
        d = eta - c * k
        radial, slope_x = c + v**2 * k / d, w + v**2 * k * np.cos(angle) / d
        line = (k / radial * slope_x * (-(v**2) * m / (2 * d**2))).mean(axis=1) * 2 * np.pi / (4 * np.pi**2)
        peak = shares / (4 * np.cosh(x / 2) ** 2)
        out.append(((peak * line).sum(), (x * peak * line).sum()))
    sums = np.array(out).T  # eV angstrom
    unit = E * 1e-10 * 1e-12 / HBAR**2
    return -1e9 * E**2 * unit * sums[0], 1e18 * E * KB * unit * sums[1]


@pytest.mark.parametrize("kelvin", [1.0, KELVIN])
def test_extrinsic_curve_of_the_tilted_cone_by_hand(kelvin: float) -> None:
    """chi and alpha within their error bars, which are below 1 % of the curve; a mesh's alpha is off by half."""
    m, mu = mesh_of("tilted-dirac"), np.linspace(0.13, 0.4, 7)
    chi, alpha = tilted_dirac_by_hand(mu, kelvin)
    c = response_curve(m, EXTRINSIC_PER_PICOSECOND, mu, kelvin, UNATTENDED)
    assert c.method == "adaptive"
    for values, errors, expected in ((c.chi, c.chi_error, chi), (c.alpha, c.alpha_error, alpha)):
        top = np.abs(expected).max()
        assert errors.max() < 0.01 * top
        assert np.all(np.abs(values[:, 0] - expected) < errors[:, 0] + 1e-6 * top)
        assert not unresolved(values, errors).any()
    rough = response_curve(mesh_of("tilted-dirac", 36), EXTRINSIC_PER_PICOSECOND, mu, kelvin)
    assert not rough.known
    assert np.abs(rough.alpha[:, 0] - alpha).max() > 0.5 * np.abs(alpha).max()


def test_all_curves_of_the_rashba_magnet_by_hand_at_10_kelvin() -> None:
    """Of a frame at rest, within error bars and 1e-3 of the larger value: alpha by hand is right to that."""
    mu = np.array([0.31, 1.1])
    by_hand = rashba_by_hand((0.31, 1.1), KELVIN)
    state = replace(default_state("rashba"), temperature=KELVIN, mu=0.31)
    frame = replace(frame_of(state, 24), stage="sharp")
    frame = replace(frame, curves=replace(frame.curves, mu=mu))
    parts = response_parts(frame, True, UNATTENDED, sharpen=True)
    found = {(p.moment, p.mechanism): p for p in parts}
    orbital, spin = found["orbital", "extrinsic"], found["spin", "extrinsic"]
    pair = spin_responses(frame.geometry)
    assert pair is not None
    zero, width = 1.0, 1.0
    c = response_curve(frame.geometry, equilibrium_integrand(zero, width), mu, KELVIN, UNATTENDED, rtol=1e-3)
    values = equilibrium_curves(c.chi, c.alpha, mu, KELVIN, zero, width)
    errors = equilibrium_curves(c.chi_error, c.alpha_error, mu, KELVIN, zero, width, errors=True)
    compared = {
        "chi": (orbital.over_mu.chi[:, 1], orbital.over_mu.chi_error[:, 1]),
        "alpha": (orbital.over_mu.alpha[:, 1], orbital.over_mu.alpha_error[:, 1]),
        "spin": (spin.over_mu.chi[:, 1] / 9274.01, spin.over_mu.chi_error[:, 1] / 9274.01),
        "sigma": (values.sigma, errors.sigma),
        "nernst": (values.nernst, errors.nernst),
        "M": (values.moment + values.edge, errors.moment + errors.edge),
    }
    for name, (value, error) in compared.items():
        expected = np.array(by_hand[name])
        top = np.abs(expected).max()
        assert np.all(error < 0.02 * top), name
        assert np.all(np.abs(value - expected) < error + 1e-3 * top), name
    # the numbers at the state's own mu are those of the curve
    np.testing.assert_allclose(orbital.chi, orbital.over_mu.chi[0], atol=1e-2 * np.abs(orbital.chi).max())
    np.testing.assert_allclose(spin.chi, spin.over_mu.chi[0], atol=1e-2 * np.abs(spin.chi).max())
    # what the fields make of it: E = 1e4 V/m along x, no gradient
    np.testing.assert_allclose(spin.curve, 1e-9 * 1e4 * spin.over_mu.chi[:, 0], rtol=1e-12)
    np.testing.assert_allclose(spin.curve_error, 1e-5 * spin.over_mu.chi_error[:, 0], rtol=1e-12)
    assert COMPONENTS[4:] == ("zx", "zy")


def test_without_rest_a_curve_is_the_meshs_and_says_so_and_what_is_known_is_kept() -> None:
    m, mu = mesh_of("haldane"), np.linspace(-1.0, 1.0, 5)
    rough = response_curve(m, INTRINSIC, mu, KELVIN)
    assert rough.method == "mesh"
    assert np.isnan(rough.chi_error).all()
    np.testing.assert_array_equal(rough.chi, thermal_curves(mesh_curve(m, INTRINSIC), mu, KELVIN)[0])
    assert not unresolved(rough.chi, rough.chi_error).any(), "an error that is not known is no large one"
    fine = response_curve(m, INTRINSIC, mu, KELVIN, UNATTENDED)
    assert response_curve(m, INTRINSIC, mu, KELVIN) is fine
    assert response_curve(m, INTRINSIC, mu, KELVIN, alpha=False) is fine
    assert response_curve(m, INTRINSIC, mu, 2 * KELVIN).method == "mesh"


def test_what_nobody_asks_for_is_not_resolved() -> None:
    """With alpha=False chi meets its tolerance; at 10 K alpha may carry any error."""
    m, mu = mesh_of("rashba"), np.linspace(0.0, 2.0, 9)
    both, half = (
        response_curve(m, EXTRINSIC_PER_PICOSECOND, mu, KELVIN, UNATTENDED, alpha=alpha)
        for alpha in (True, False)
    )
    top = np.abs(both.chi).max()
    assert half.chi_error.max() < 0.01 * top
    assert np.all(np.abs(half.chi - both.chi) <= half.chi_error + both.chi_error)


def test_of_many_bands_what_half_the_mesh_does_not_confirm_is_marked() -> None:
    m = mesh_of("tbg", 8, shells=2.0, valley=0.0)
    mu = np.linspace(-0.3, 0.3, 21)
    cold, warm = (response_curve(m, HALL, mu, kelvin, UNATTENDED) for kelvin in (1.0, 1000.0))
    assert cold.method == warm.method == "halves"
    assert unresolved(cold.alpha, cold.alpha_error).mean() > 0.2
    assert np.isfinite(warm.alpha_error).all()
    odd = response_curve(mesh_of("tbg", 7, shells=2.0, valley=0.0), HALL, mu, 1000.0, UNATTENDED)
    assert unresolved(odd.chi, odd.chi_error).all(), "of an odd mesh there is no half"


@pytest.mark.parametrize("source", ["haldane", "tilted-dirac"])
def test_half_a_mesh_is_the_mesh_of_half_its_points(source: str) -> None:
    whole, half = mesh_of(source, 24), mesh_of(source, 12)
    index, triangles, weights = half_mesh(whole)
    np.testing.assert_allclose(whole.corners.k[:, index], half.corners.k, atol=1e-12)
    np.testing.assert_array_equal(triangles, half.triangles)
    np.testing.assert_allclose(weights, half.triangle_weights, rtol=1e-12)


def test_nodes_resolve_the_temperature_around_every_mu_and_no_finer_where_windows_overlap() -> None:
    energy, mu = np.array([[-1.0, 1.0]]), np.linspace(-0.5, 0.5, 41)
    kT = KB * 300.0 / E
    nodes = thermal_nodes(energy, 100, mu, 300.0)
    inside = np.diff(nodes)[(nodes[1:] > -0.5) & (nodes[1:] < 0.5)]
    assert inside.max() <= kT / 16 * (1 + 1e-9)
    assert nodes.size < 100 + 4 + 2.2 * 16 / kT
    assert np.all(np.diff(nodes) > 0)


def test_a_curve_in_other_units_keeps_its_errors_positive() -> None:
    one = np.ones((3, 6))
    c = ResponseCurve(np.arange(3.0), one, 2 * one, 0.1 * one, 0.2 * one, "adaptive")
    part = c.scaled(-2.0, -3.0, [4, 5])
    assert part.chi.shape == (3, 2)
    np.testing.assert_allclose(part.chi_error, 0.2)
    np.testing.assert_allclose(part.alpha, -6.0)
    np.testing.assert_allclose(part.alpha_error, 0.6)


@pytest.mark.parametrize(
    ("energy", "length"), [(1.0, 1.0), (1e-4, 1.0), (1e3, 1.0), (1.0, 1e2), (1e-3, 1e-2)]
)
@pytest.mark.parametrize("source", ["cumnas", "haldane", "mos2"])
def test_what_is_rounding_does_not_depend_on_units(source: str, energy: float, length: float) -> None:
    """A crystal of other energies and another lattice constant: the same responses vanish, by symmetry."""
    h = opened(default_state(source)).hamiltonian
    scaled = replace(
        h,
        cell=length * h.cell,
        positions=length * h.positions,
        hoppings=energy * h.hoppings,
        degeneracy_tolerance=energy * h.degeneracy_tolerance,
    )
    m = mesh_of(source, 12)
    g = mesh_geometry(replace(m.source, hamiltonian=scaled), 12)
    by_band = [
        i.only_rounding(g.corners, g.weights) for i in (INTRINSIC, EXTRINSIC_PER_PICOSECOND, HALL, STREDA)
    ]
    assert by_band == [False, *[source == "cumnas"] * 3]
    mu = energy * np.linspace(-1.0, 2.0, 7)
    in_sum = [vanishes(g, i, mu, 300.0 * energy) for i in (INTRINSIC, EXTRINSIC_PER_PICOSECOND, HALL, STREDA)]
    # time reversal: k and -k cancel; only what the field shifts is left
    assert (
        in_sum
        == {"cumnas": [False, True, True, True], "haldane": [False] * 4, "mos2": [True, False, True, True]}[
            source
        ]
    )


def test_levels_that_only_meet_do_not_matter_between_the_points_of_a_mesh() -> None:
    """MoS2's bands cross on lines of high symmetry, where a mesh takes means over groups: 1e-3 off on 96 x 96 points.

    The quadrature's points lie beside them, as those of a mesh of 300 x 300 moved off the lines do.
    """
    m, mu = mesh_of("mos2"), np.array([-0.3, 2.2])
    c = response_curve(m, EXTRINSIC_PER_PICOSECOND, mu, 300.0, UNATTENDED, rtol=3e-4)
    k, weights = m.zone.mesh(300)
    moved = k + 0.37 / 300 * m.zone.reciprocal.sum(axis=0)[:, None]
    g = band_geometry(m.source.hamiltonian, moved)
    chi = plain_sum(g, weights, EXTRINSIC_PER_PICOSECOND, mu, np.array([300.0]))[0][0]
    np.testing.assert_allclose(c.chi, chi, atol=2e-5 * np.abs(chi).max())
    assert np.all(np.abs(c.chi - chi) < c.chi_error + 1e-5 * np.abs(chi).max())
