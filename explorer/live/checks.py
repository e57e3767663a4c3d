"""Each relation of the theory as a number and a verdict, from what a frame holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.live.frame import Curves, Frame
from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Floats
from explorer.physics.integration.uniform.thermal_curves import potential, thermal_curves
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc

LIMIT = 1e-3
"""Largest residual that passes, relative to the curve's maximum."""
SEA_LIMIT = 0.02
"""Largest residual of the sea form that passes on a mesh, relative to the maximum: it measures the mesh alone."""


@dataclass(frozen=True)
class Check:
    """One relation. value : its residual. kind : "good", "bad", "open" (not yet decided) or "self"
    (self-test).

    words : the verdict; meaning : what is compared with what.
    """

    key: str
    title: str
    value: float
    kind: str
    words: str
    meaning: str


def checklist(frame: Frame) -> tuple[Check, ...]:
    """Mott (12), low-temperature Mott (13), sea against surface form, Maxwell and Einstein."""
    c = frame.curves
    return (
        _mott(c),
        _low_mott(c),
        _sea(frame),
        _maxwell(frame.geometry, frame),
        _einstein(frame.geometry, frame),
    )


def _relative(difference: Floats, reference: Floats) -> float:
    top = float(np.abs(reference).max(initial=0.0))
    return float(np.abs(difference).max(initial=0.0)) / top if top > 1e-30 else 0.0


def _mott(c: Curves) -> Check:
    known = c.converged & c.integral_complete
    residual = _relative((c.alpha_direct - c.alpha_integral)[known], c.alpha_direct[known])
    meaning = (
        "Largest |α by (9) − α by (12)| where both sides converged. Direct side: adaptive quadrature of the "
        "entropy on its own wave vectors; other side: the Mott integral over a zero-temperature curve with its "
        "own refinement. They share no integration."
    )
    if not np.isfinite(c.alpha_integral).all():
        return Check("mott", "Mott (12)", float("nan"), "open", "sharpening", meaning)
    if not known.any():
        return Check("mott", "Mott (12)", float("nan"), "open", "not converged", meaning)
    good = residual <= LIMIT
    words = "holds" if known.all() else f"holds at {known.sum()} of {known.size} μ"
    return Check(
        "mott",
        "Mott (12)",
        residual,
        "good" if good else "bad",
        words if good else f"above {LIMIT:g}",
        meaning,
    )


def _low_mott(c: Curves) -> Check:
    residual = _relative(c.alpha_low - c.alpha_mott, c.alpha_mott)
    meaning = "Largest |α by (13) − α by (12)|: small only where χ(μ) is straight over a few k_B T."
    words = "low T reached" if residual < 0.02 else "not yet low T"
    return Check(
        "low_mott", "Low-T Mott (13)", residual, "good" if residual < 0.02 else "open", words, meaning
    )


def _sea(frame: Frame) -> Check:
    """The difference says something of the mesh only where it is smaller than the curve.

    On a disc the sea form carries a term of its edge. Where filled bands nearly cross, the second term of each is up
    to 1/gap^3, and only its integral vanishes: what a plain sum leaves of the remote bands of `tbg` is 1e4 times the
    curve, on 24 x 24 points as on 96 x 96. The surface form, in which all numbers are taken, knows neither.
    """
    key, title, p = "sea_surface", "Sea = surface form", frame.point
    residual = _relative(p.chi_sea - p.chi_sum, frame.curves.chi)
    meaning = (
        "|χ in sea form − χ in surface form| at μ, plain sums of the mesh: measures the mesh, not the theory."
    )
    if residual < SEA_LIMIT:
        return Check(key, title, residual, "good", "mesh suffices", meaning)
    nothing = float("nan")
    if isinstance(frame.geometry.zone, Disc):
        meaning += " Not compared here: on a disc the sea form carries a term of the disc's edge, the surface form not."
        return Check(key, title, nothing, "open", "edge of the disc", meaning)
    away = [_relative(form - p.chi, frame.curves.chi) for form in (p.chi_sea, p.chi_sum)]
    if (
        residual > 1 and away[0] > away[1]
    ):  # else the mesh does not resolve k_B T, which the surface form asks for
        meaning += (
            " Not compared here: near-crossings of filled bands, sharper than any mesh, are all that is left of the "
            "sea form. Each number of the page is taken in the surface form, which does not see them."
        )
        return Check(key, title, nothing, "open", "sea not resolved", meaning)
    return Check(key, title, residual, "open", "mesh too coarse", meaning)


def _maxwell(m: MeshGeometry, frame: Frame) -> Check:
    s, curve = frame.state, m.curve
    mu, step = np.array([s.mu]), 0.02 * K_B * s.temperature
    ratio = INTRINSIC.chi_unit / INTRINSIC.alpha_unit * K_B
    hot, cold = (thermal_curves(curve, mu, s.temperature * f)[0][0] for f in (1.02, 0.98))
    up, down = thermal_curves(curve, np.array([s.mu + step, s.mu - step]), s.temperature)[1]
    left = (hot - cold) / (0.04 * s.temperature)
    right = (up - down) / (2 * step) * ratio
    scale = float(np.abs(frame.curves.chi).max()) / s.temperature
    residual = float(np.abs(left - right).max()) / scale if scale > 0 else 0.0
    meaning = "∂χ/∂T = e ∂α/∂μ by finite differences on one curve: an identity of the occupations."
    return Check("maxwell", "Maxwell (occupations)", residual, "self", "self-test", meaning)


def _einstein(m: MeshGeometry, frame: Frame) -> Check:
    s, step = frame.state, 1e-3 * K_B * frame.state.temperature
    up, down = potential(m.curve, np.array([s.mu + step, s.mu - step]), s.temperature)
    chi = thermal_curves(m.curve, np.array([s.mu]), s.temperature)[0][0]
    residual = _relative(-(up - down) / (2 * step) - chi, frame.curves.chi)
    meaning = "χ of E by (8) against χ of −∇μ/e from Φ by differences: an identity of the occupations."
    return Check("einstein", "Einstein (occupations)", residual, "self", "self-test", meaning)
