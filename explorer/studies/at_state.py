"""One response at a state's mu and T: the number that the foot, every tab and every file show, and what is known of it.

Computed once for a frame and kept with its mesh, so that two tabs cannot differ. While the hand moves it is the mesh's
number, at rest that of an adaptive quadrature over the whole zone, which does not know what symmetry forbids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Bools, Floats
from explorer.physics.integration.expected_size import uncancelled_size
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.integration.uniform.thermal_curves import thermal_curves
from explorer.physics.observables.equilibrium_curves import (
    EquilibriumCurves,
    equilibrium_curves,
    equilibrium_integrand,
)
from explorer.physics.progress import Watch
from explorer.physics.responses import catalogue
from explorer.physics.responses.equilibrium_moment import STREDA
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.integrand import ROUNDING_SHARE, Integrand
from explorer.physics.responses.row import ALPHA, CHI, POTENTIAL, SPIN, TAU, Row
from explorer.results.responses import inputs_of
from explorer.studies.curves import UNRESOLVED, ResponseCurve, response_curve, vanishes
from explorer.studies.mesh_curves import mesh_curve, spin_responses
from explorer.studies.rounding import chi_rounding, curves_vanish, without_rounding
from explorer.studies.standing import Standing
from explorer.studies.symmetry_table import operations

EQUILIBRIUM_RTOL = 1e-3
"""Error wanted of the equilibrium integrals, relative to the largest: M is a difference of some."""
KUBO_NAME = "chi_kubo"
"""Name of the row that follows from chi and its second term."""
OF_EQUILIBRIUM = ("magnetization", "hall", "nernst")
"""Names of the rows that come from one set of integrals."""


@dataclass(frozen=True, eq=False)
class StateValue:
    """A response at a state. value, error, standing : of its C components, in the unit of the row."""

    row: Row
    value: Floats
    error: Floats
    standing: tuple[Standing, ...]

    def scaled(self, factor: float) -> StateValue:
        """The response in another unit."""
        return replace(self, value=factor * self.value, error=abs(factor) * self.error)


def at_state(frame: Frame, name: str, watch: Watch | None = None) -> StateValue | None:
    """The response of a name of the catalogue at the frame's mu, T and relaxation time; None where it has none.

    watch : told the fraction done, and asked whether to go on; without one it is what is known already, else the
    mesh's.
    """
    row = catalogue.row(name)
    m, state = frame.geometry, frame.state
    if row.needs and row.missing(inputs_of(m.source, state.relaxation_time)):
        return None
    if row.name in (CHI, ALPHA):
        p = without_rounding(frame)
        value, error = (p.chi, p.chi_error) if row.name == CHI else (p.alpha, p.alpha_error)
        method = "zero" if curves_vanish(frame) else "adaptive" if p.adaptive else "mesh"
        return _judged(frame, row, value, error, method, p.converged or not p.adaptive)
    if row.name == KUBO_NAME:
        p = without_rounding(frame)
        method = "zero" if curves_vanish(frame) else "adaptive" if p.adaptive else "mesh"
        value, error = p.chi - p.second / 3, p.chi_error + p.second_error / 3
        return _judged(frame, row, value, error, method, p.converged or not p.adaptive)
    if row.name in OF_EQUILIBRIUM:
        method, found, errors = equilibrium_at(frame, watch)
        pairs = {
            "magnetization": (found.moment + found.edge, errors.moment + errors.edge),
            "hall": (found.sigma, errors.sigma),
            "nernst": (found.nernst, errors.nernst),
        }
        return _judged(frame, row, *pairs[row.name], method)
    c, factor = _integral(frame, row, watch)
    if row.coefficient == CHI:
        value, error = c.chi[0], c.chi_error[0]
    else:
        value, error = c.alpha[0], c.alpha_error[0]
    return _judged(frame, row, factor * value, abs(factor) * error, c.method)


def response_at(frame: Frame, integrand: Integrand, watch: Watch | None = None) -> ResponseCurve:
    """chi and alpha of an integrand at the frame's mu and T, as a curve of one point, over the whole zone.

    Of the mesh alone, where nothing better is known and none is asked for, the error is what a plain sum differs by.
    """
    m, mu, kelvin = frame.geometry, np.array([frame.state.mu]), frame.state.temperature
    c = response_curve(m, integrand, mu, kelvin, watch, operations=())
    if c.known:
        return c
    chi, alpha = thermal_curves(mesh_curve(m, integrand), mu, kelvin)[:2]
    sums = plain_sum(m.corners, m.weights, integrand, mu, np.array([kelvin]))
    errors = np.abs(chi - sums[0][0]), np.abs(alpha - sums[1][0])
    return ResponseCurve(mu, chi, alpha, *errors, "mesh")


def equilibrium_at(
    frame: Frame, watch: Watch | None = None
) -> tuple[str, EquilibriumCurves, EquilibriumCurves]:
    """How they were found, and what exists without a field with its errors, (1,) each, at the frame's mu and T."""
    mu = frame.curves.mu
    zero, width = float(mu[0] + mu[-1]) / 2, float(mu[-1] - mu[0]) / 2
    at, kelvin = np.array([frame.state.mu]), frame.state.temperature
    integrand = equilibrium_integrand(zero, width)
    c = response_curve(frame.geometry, integrand, at, kelvin, watch, rtol=EQUILIBRIUM_RTOL)
    found = equilibrium_curves(c.chi, c.alpha, at, kelvin, zero, width)
    errors = equilibrium_curves(c.chi_error, c.alpha_error, at, kelvin, zero, width, errors=True)
    return c.method, found, errors


def _integral(frame: Frame, row: Row, watch: Watch | None) -> tuple[ResponseCurve, float]:
    """The densities of a row integrated at the frame's state, and what its coefficient is to be multiplied by.

    Those proportional to tau at 1 ps: a move of tau computes nothing anew.
    """
    m, tau = frame.geometry, frame.state.relaxation_time
    factor = row.factor * (tau if TAU in row.needs else 1.0)
    if SPIN in row.needs:
        spins = spin_responses(m, watch)
        assert spins is not None
        if TAU in row.needs:
            return response_at(frame, spins.extrinsic, watch), factor
        equilibrium = row.kind is catalogue.SPIN_KIND
        return response_at(frame, spins.equilibrium if equilibrium else spins.intrinsic, watch), factor
    if TAU in row.needs:
        return response_at(frame, EXTRINSIC_PER_PICOSECOND, watch), factor
    if row.coefficient == POTENTIAL:
        raise ValueError(f"{row.name} is no response to a field at a state")
    return response_at(frame, row.integrand(inputs_of(m.source)), watch), factor


def _judged(
    frame: Frame, row: Row, value: Floats, error: Floats, method: str, met: bool = True
) -> StateValue:
    """The value with a standing for each component, and zeros for those that have none."""
    value, error = np.atleast_1d(value).astype(float), np.atleast_1d(error).astype(float)
    rest = frame.stage == "sharp"
    never = forbidden(frame, row) if rest else np.zeros(value.size, dtype=bool)
    # A mesh has no rule for what is rounding beside what cancels in it but its own: see `vanishes`.
    nothing = method == "zero" or (row.name in OF_EQUILIBRIUM and _no_moments(frame))
    rounding = 0.0 if nothing or row.name in (CHI, ALPHA) else _rounding(frame, row)
    found: list[Standing] = []
    for v, e, no in zip(np.abs(value), error, never, strict=True):
        if no and (not np.isfinite(e) or v <= max(e, rounding)):
            found.append(Standing.FORBIDDEN)
        elif nothing or v <= rounding or (v == 0 and e == 0):
            found.append(Standing.ZERO)
        elif method == "mesh":
            found.append(Standing.COARSE)
        elif v <= e or not np.isfinite(e):
            found.append(Standing.UNRESOLVED)
        else:
            found.append(Standing.OPEN if e > UNRESOLVED * v or not met else Standing.KNOWN)
    gone = [s in (Standing.ZERO, Standing.FORBIDDEN) for s in found]
    return StateValue(row, np.where(gone, 0.0, value), np.where(gone, 0.0, error), tuple(found))


def forbidden(frame: Frame, row: Row) -> Bools:
    """Components that the model's own operations, verified on H(k), do not allow, (C,)."""
    found = operations(frame.state)
    allowed = next((r.allowed for r in found.report.table if r.kind == row.kind), None)
    if not found.declared or allowed is None:
        return np.zeros(len(row.components), dtype=bool)
    return ~np.array(allowed)


def _no_moments(frame: Frame) -> bool:
    """Whether all that exists without a field is rounding at every mu."""
    return vanishes(frame.geometry, STREDA, frame.curves.mu, frame.state.temperature)


def _rounding(frame: Frame, row: Row) -> float:
    """Size up to which a component is rounding beside what cancels in it at the frame's mu, in the row's unit."""
    if row.name in OF_EQUILIBRIUM or not row.from_geometry:
        return 0.0
    if row.name == "chi_kubo":
        return chi_rounding(
            frame
        )  # of every tick, where a sum over the mesh would take longer than the frame
    m, s = frame.geometry, frame.state
    tau = s.relaxation_time if TAU in row.needs else 1.0
    integrand = EXTRINSIC_PER_PICOSECOND if TAU in row.needs else row.integrand(inputs_of(m.source))
    sizes = uncancelled_size(m.corners, m.weights, integrand, np.array([s.mu]), s.temperature)
    return ROUNDING_SHARE * tau * abs(row.factor) * float(sizes[0 if row.coefficient == CHI else 1])
