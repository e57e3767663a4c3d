"""Parts of the induced moment: each against a way of its own, their units, and what symmetry forbids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.live.frame import Frame, frame_of
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.observables.induced_magnetization import in_plane, induced_magnetization
from explorer.physics.responses.extrinsic import extrinsic
from explorer.physics.responses.spin_edelstein import spin_edelstein
from explorer.physics.units import BOHR_MAGNETON, MAGNETIZATION_UNIT
from explorer.session.state import default_state
from explorer.studies.induced_moment import Part, response_parts
from explorer.studies.mesh_curves import mesh_curve, spin_responses


def frame(source: str, mesh: int = 48, **changes: float) -> Frame:
    return frame_of(replace(default_state(source), temperature=400.0, **changes), mesh)


def part(found: tuple[Part, ...], moment: str, mechanism: str) -> Part:
    return next(p for p in found if (p.moment, p.mechanism) == (moment, mechanism))


def test_extrinsic_and_spin_parts_against_plain_sums() -> None:
    """At 400 K a sum over 96 x 96 points and triangles agree to a percent of the larger component."""
    f = frame("rashba", 96, relaxation_time=2.0)
    m, mu, kelvin = f.geometry, np.array([f.state.mu]), np.array([400.0])
    found = response_parts(f, spin=True)
    chi, alpha = (v[0, 0] for v in plain_sum(m.corners, m.weights, extrinsic(2e-12), mu, kelvin))
    own = part(found, "orbital", "extrinsic")
    np.testing.assert_allclose(own.chi, chi, atol=0.01 * np.abs(chi).max())
    np.testing.assert_allclose(own.alpha, alpha, atol=0.02 * np.abs(alpha).max())
    np.testing.assert_allclose(own.chi_error, np.abs(own.chi - chi), atol=1e-12 * np.abs(chi).max())
    pair = spin_edelstein(m.source.hamiltonian, m.source.model.spin(), 2e-12)
    for mechanism, integrand in (("intrinsic", pair.intrinsic), ("extrinsic", pair.extrinsic)):
        chi, alpha = (v[0, 0, 4:6] for v in plain_sum(m.corners, m.weights, integrand, mu, kelvin))
        own = part(found, "spin", mechanism)
        # in amperes: chi per V/m, alpha per K/m
        np.testing.assert_allclose(
            1e-9 * own.chi, chi * MAGNETIZATION_UNIT, atol=0.01 * np.abs(chi).max() * MAGNETIZATION_UNIT
        )
        np.testing.assert_allclose(
            1e-18 * own.alpha,
            alpha * MAGNETIZATION_UNIT,
            atol=0.02 * np.abs(alpha).max() * MAGNETIZATION_UNIT,
        )


def test_the_induced_magnetization_is_that_of_the_fields_of_the_state() -> None:
    f = frame("rashba", field=2e4, field_angle=70.0, gradient=3e6, gradient_angle=-20.0)
    for p in response_parts(f, spin=True):
        e, g = in_plane(2e4, 70.0), in_plane(3e6, -20.0)
        expected = 1e-9 * (p.chi[0] * e[0] + p.chi[1] * e[1]) - 1e-18 * (
            p.alpha[0] * g[0] + p.alpha[1] * g[1]
        )
        assert p.induced.total == pytest.approx(expected, rel=1e-12)
        assert p.error.total >= 0
        # the curve passes through the number at mu, to the spacing of its points
        near = int(np.abs(f.curves.mu - f.state.mu).argmin())
        steps = np.abs(np.diff(p.curve)[max(0, near - 2) : near + 2]).max()
        assert abs(p.curve[near] - p.induced.total) <= 2 * steps + 0.02 * np.abs(p.curve).max()


def test_the_orbital_intrinsic_part_is_the_frames_own() -> None:
    f = frame("cumnas")
    own = response_parts(f, spin=False)[0]
    assert own.induced.in_muB_per_nm2 == pytest.approx(
        induced_magnetization(f.point.chi, f.point.alpha, *f.state.fields).in_muB_per_nm2, rel=1e-12
    )
    assert own.induced.total == pytest.approx(own.induced.in_muB_per_nm2 * BOHR_MAGNETON * 1e18, rel=1e-12)


def test_what_pt_and_time_reversal_forbid_is_nothing_beside_what_they_allow() -> None:
    pt = response_parts(frame("cumnas"), spin=True)
    for moment in ("orbital", "spin"):
        assert (
            np.abs(part(pt, moment, "extrinsic").chi).max()
            < 1e-9 * np.abs(part(pt, moment, "intrinsic").chi).max()
        )
    reversible = response_parts(frame("mos2"), spin=True)
    for moment in ("orbital", "spin"):
        inner, outer = (part(reversible, moment, kind) for kind in ("intrinsic", "extrinsic"))
        # strain along an axis leaves an extrinsic response; without it the threefold axis forbids that too
        assert np.abs(inner.chi).max() < max(1e-9 * np.abs(outer.chi).max(), 1e-15)


def test_curves_and_spins_are_kept_with_their_mesh() -> None:
    m = frame("rashba", 16).geometry
    pair = spin_responses(m)
    assert spin_responses(m) is pair
    assert mesh_curve(m, pair.extrinsic) is mesh_curve(m, pair.extrinsic)
    assert spin_responses(frame("haldane", 16).geometry) is None


def test_spin_asks_as_it_goes_and_keeps_nothing_of_what_was_stopped() -> None:
    m = frame("rashba", 36).geometry
    told: list[float] = []

    def stop(done: float) -> None:
        told.append(done)
        if done > 0.3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        spin_responses(m, stop)
    assert told == sorted(told)
    assert spin_responses(m, told.append) is not None
    assert 0 <= told[-1] < 1
