"""What an experiment reads is the sum of four parts, the orbital and the spin moment along z, each intrinsic and
extrinsic: their responses at a state's mu and over all mu, and what its fields make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Floats
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.integration.expected_size import uncancelled_size
from explorer.physics.observables.induced_magnetization import (
    Induced,
    in_plane,
    induced_curve,
    induced_error,
    induced_magnetization,
)
from explorer.physics.progress import Watch, part_of
from explorer.physics.responses.conductivity import CONDUCTIVITY_PER_PICOSECOND
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.integrand import ROUNDING_SHARE, Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.responses.spin_edelstein import CHI_IN_NM_PER_OHM, COMPONENTS
from explorer.physics.units import MAGNETIZATION_UNIT
from explorer.studies.at_state import response_at
from explorer.studies.curves import ResponseCurve, response_curve
from explorer.studies.mesh_curves import spin_responses

ALPHA_IN_NA_NM_PER_K = 1e18 * MAGNETIZATION_UNIT
"""1 mu_B/nm^2 per K/m in nA nm/K, the unit of the orbital alpha."""
ALONG_Z = [COMPONENTS.index("zx"), COMPONENTS.index("zy")]
"""Where the spin moment along z stands among the components of the spin responses."""


@dataclass(frozen=True, eq=False)
class Part:
    """One part of the moment along z at a state's mu and T, and what its fields make of it.

    moment : "orbital" or "spin". mechanism : "intrinsic" or "extrinsic". chi [nm/ohm], alpha [nA nm/K] and their
    errors, (2,) each. induced, error : magnetization of the state's fields. over_mu : the response over `Curves.mu`;
    curve, curve_error : magnetization there, (M,) [A], the error NaN where it is not known.
    """

    moment: str
    mechanism: str
    chi: Floats
    alpha: Floats
    chi_error: Floats
    alpha_error: Floats
    induced: Induced[float]
    error: Induced[Floats]
    over_mu: ResponseCurve
    curve: Floats
    curve_error: Floats


def response_parts(
    frame: Frame, spin: bool, progress: Watch | None = None, *, sharpen: bool = False, alpha: bool = True
) -> tuple[Part, ...]:
    """The parts at the frame's mu, T, relaxation time and fields; with their spin halves if asked for and there.

    The orbital intrinsic part at mu is the frame's own, with its error bar. The others come from triangles on the
    frame's mesh, where the error at mu is what a plain sum over the same mesh differs by; with `sharpen` from
    `resolved_curves`, with errors over all mu.

    progress : told the fraction done, and asked whether to go on. alpha : whether alpha over
    mu is wanted, too; without a gradient it makes nothing.
    """
    state = frame.state
    tau = state.relaxation_time
    pair = spin_responses(frame.geometry, progress) if spin else None
    units = CHI_IN_NM_PER_OHM, ALPHA_IN_NA_NM_PER_K
    wanted = [
        _Wanted("orbital", "intrinsic", INTRINSIC, (1.0, 1.0)),
        _Wanted("orbital", "extrinsic", EXTRINSIC_PER_PICOSECOND, (tau, tau)),
    ]
    if pair is not None:
        outer = tau * units[0], tau * units[1]
        wanted.append(_Wanted("spin", "intrinsic", pair.intrinsic, units, ALONG_Z))
        wanted.append(_Wanted("spin", "extrinsic", pair.extrinsic, outer, ALONG_Z))
    parts = []
    for done, each in enumerate(wanted):
        share = part_of(progress, done / len(wanted), (done + 1) / len(wanted))
        parts.append(_part(frame, each, share if sharpen else None, alpha))
    return _without_rounding(parts, frame, wanted)


@dataclass(frozen=True)
class _Wanted:
    """A part by its names, its integrand, that one's units in nm/ohm and nA nm/K, and the components taken of it."""

    moment: str
    mechanism: str
    integrand: Integrand
    units: tuple[float, float]
    components: Sequence[int] = (0, 1)


def _part(frame: Frame, w: _Wanted, progress: Watch | None, alpha: bool) -> Part:
    m, state = frame.geometry, frame.state
    # The densities of spin are no function of the geometry: no part of the zone gives the rest.
    operations: tuple[Symmetry, ...] | None = () if w.moment == "spin" else None
    over_mu = response_curve(
        m, w.integrand, frame.curves.mu, state.temperature, progress, alpha=alpha, operations=operations
    ).scaled(*w.units, w.components)
    if w.integrand is INTRINSIC:
        p, drawn = frame.point, frame.curves
        values = p.chi, p.alpha, p.chi_error, p.alpha_error
        if not over_mu.known:
            unknown = np.full(drawn.chi.shape, np.nan)
            over_mu = ResponseCurve(drawn.mu, drawn.chi, drawn.alpha_mott, unknown, unknown, "mesh")
    else:
        c = response_at(frame, w.integrand, progress).scaled(*w.units, w.components)
        values = c.chi[0], c.alpha[0], c.chi_error[0], c.alpha_error[0]
    induced = induced_magnetization(values[0], values[1], *state.fields)
    error = induced_error(values[2], values[3], *state.fields)
    curve = induced_curve(over_mu.chi, over_mu.alpha, *state.fields).total
    wrong = induced_error(over_mu.chi_error, over_mu.alpha_error, *state.fields).total
    return Part(w.moment, w.mechanism, *values, induced, error, over_mu, curve, wrong)


def _without_rounding(parts: Sequence[Part], frame: Frame, wanted: Sequence[_Wanted]) -> tuple[Part, ...]:
    """Zeros for what is rounding beside what the largest part would be if no two wave vectors cancelled in it."""
    m, s = frame.geometry, frame.state
    mu = np.array([s.mu])
    sizes = [uncancelled_size(m.corners, m.weights, w.integrand, mu, s.temperature) * w.units for w in wanted]
    chi, alpha = (np.array([v, 0.0]) for v in ROUNDING_SHARE * np.max(sizes, axis=0))
    nothing = induced_magnetization(chi, alpha, in_plane(s.field, 0.0), in_plane(s.gradient, 0.0))

    def clean(found: Induced[float]) -> Induced[float]:
        return Induced(
            found.electric if abs(found.electric) > abs(nothing.electric) else 0.0,
            found.thermal if abs(found.thermal) > abs(nothing.thermal) else 0.0,
        )

    return tuple(replace(p, induced=clean(p.induced)) for p in parts)


def driven_current(frame: Frame) -> float:
    """The current per width [A/m] that the state's field drives, sigma E, from the frame's mesh."""
    state = frame.state
    xx, xy, yy = state.relaxation_time * response_at(frame, CONDUCTIVITY_PER_PICOSECOND).chi[0]
    return float(np.hypot(*(np.array([[xx, xy], [xy, yy]]) @ state.fields[0])))
