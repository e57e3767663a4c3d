"""Verdicts of the live page's checks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.live.checks import Check, checklist
from explorer.live.frame import Frame, frame_of, spread_curves
from explorer.session.state import default_state


@pytest.fixture(scope="module")
def frame() -> Frame:
    return frame_of(default_state("haldane"), mesh=24)


def mott(frame: Frame, off: float, converged: list[int], complete: list[int]) -> Check:
    """Of curves of 4 mu whose two sides differ at the second one by `off`."""
    direct = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, -4.0], [0.0, 0.5]])
    moved = direct + off * np.eye(4)[1][:, None]
    sides = {"alpha_direct": direct, "alpha_integral": moved, "adaptive": True}
    known = {"converged": np.isin(range(4), converged), "integral_complete": np.isin(range(4), complete)}
    curves = replace(frame.curves, **sides, **known)  # type: ignore[arg-type]
    return next(c for c in checklist(replace(frame, curves=curves)) if c.key == "mott")


@pytest.mark.parametrize(
    ("off", "converged", "complete", "kind", "words", "value"),
    [
        (1e-4, [0, 1, 2, 3], [0, 1, 2, 3], "good", "holds", 2.5e-5),
        (0.1, [0, 1, 2, 3], [0, 1, 2, 3], "bad", "above", 2.5e-2),
        (0.1, [0, 2, 3], [0, 1, 2, 3], "good", "holds at 3 of 4 μ", 0.0),
        (0.1, [0, 1, 2, 3], [2, 3], "good", "holds at 2 of 4 μ", 0.0),
        (0.1, [0, 1], [1, 2], "bad", "above", 5e-2),
        (0.1, [0, 1], [2, 3], "open", "not converged", np.nan),
    ],
)
def test_mott_is_judged_where_both_sides_converged(
    frame: Frame,
    off: float,
    converged: list[int],
    complete: list[int],
    kind: str,
    words: str,
    value: float,
) -> None:
    """The residual is relative to the largest alpha among these."""
    found = mott(frame, off, converged, complete)
    assert found.kind == kind
    assert found.words.startswith(words)
    assert found.value == pytest.approx(value, abs=1e-12, nan_ok=True)


def sea(frame: Frame, off: float) -> Check:
    """Of a frame whose sea form is off by so much of the curve's maximum."""
    point = replace(frame.point, chi_sea=frame.point.chi_sum + off * np.abs(frame.curves.chi).max())
    return next(c for c in checklist(replace(frame, point=point)) if c.key == "sea_surface")


@pytest.mark.parametrize(
    ("off", "kind", "words", "value"),
    [
        (0.01, "good", "mesh suffices", 0.01),
        (0.5, "open", "mesh too coarse", 0.5),
        (1e4, "open", "sea not resolved", np.nan),
    ],
)
def test_sea_and_surface_are_compared_where_both_are_resolved(
    frame: Frame, off: float, kind: str, words: str, value: float
) -> None:
    found = sea(frame, off)
    assert (found.kind, found.words) == (kind, words)
    assert found.value == pytest.approx(value, nan_ok=True)


def test_a_surface_form_that_is_off_is_no_fault_of_the_sea(frame: Frame) -> None:
    """As at low temperature, where a mesh does not resolve the derivative of the occupations."""
    size = float(np.abs(frame.curves.chi).max())
    point = replace(frame.point, chi_sea=frame.point.chi, chi_sum=frame.point.chi + 3 * size)
    found = next(c for c in checklist(replace(frame, point=point)) if c.key == "sea_surface")
    assert (found.words, found.value) == ("mesh too coarse", pytest.approx(3.0))


def test_on_a_disc_the_edge_is_named() -> None:
    disc = frame_of(default_state("tilted-dirac"), mesh=48)
    assert sea(disc, 0.01).words == "mesh suffices"
    assert (sea(disc, 0.5).words, np.isnan(sea(disc, 1e4).value)) == ("edge of the disc", True)


def test_no_mesh_resolves_the_sea_of_many_remote_bands() -> None:
    found = [
        next(c for c in checklist(frame_of(default_state("tbg"), mesh=n)) if c.key == "sea_surface")
        for n in (12, 24)
    ]
    assert [c.words for c in found] == ["sea not resolved"] * 2


def test_what_has_not_come_yet_is_said(frame: Frame) -> None:
    assert next(c for c in checklist(frame) if c.key == "mott").words == "sharpening"


def test_a_curve_settles_where_its_points_converged() -> None:
    """Nothing of a mesh's curve is settled; then all between neighbours that both converged."""
    hot = replace(default_state("haldane"), temperature=3000.0)
    frame = frame_of(hot, 24)
    c = frame.curves
    assert not c.settled.any()
    assert np.isnan(c.chi_spread).all()
    spread = spread_curves(frame.geometry, c)
    half = frame_of(hot, 12).curves
    np.testing.assert_allclose(spread.chi_spread, np.abs(c.chi - half.chi), atol=0.05 * np.abs(c.chi).max())
    converged = np.ones(c.at.size, dtype=bool)
    converged[3] = False
    found = replace(spread, adaptive=True, converged=converged).settled
    assert not found[(c.mu > c.at[2]) & (c.mu < c.at[4])].any()
    assert found[(c.mu <= c.at[2]) | (c.mu >= c.at[4])].all()
