"""Every response beside the intrinsic one on a frame's own mesh, kept with it, for the tabs.

A curve at T = 0 knows neither mu nor T: once it is there a move of either costs a convolution. What an experiment
reads is the sum of four parts, the orbital and the spin moment along z, each intrinsic and extrinsic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from explorer.frames import Frame
from explorer.meshes import NODES_PER_POINT, MeshGeometry
from explorer.physics.experiment import Induced, induced_magnetization
from explorer.physics.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.integrand import Integrand
from explorer.physics.live import thermal_curves
from explorer.physics.spin import CHI_IN_NM_PER_OHM, COMPONENTS, SpinEdelstein, spin_edelstein
from explorer.physics.sums import plain_sum
from explorer.physics.thermal import ZeroTemperatureCurve
from explorer.physics.triangles import energy_nodes, triangle_curve
from explorer.physics.units import MAGNETIZATION_UNIT
from explorer.session import State
from models.arrays import Floats

Progress = Callable[[float], None]

ALPHA_IN_NA_NM_PER_K = 1e18 * MAGNETIZATION_UNIT
"""1 mu_B/nm^2 per K/m in nA nm/K, the unit of the orbital alpha."""
ALONG_Z = [COMPONENTS.index("zx"), COMPONENTS.index("zy")]
"""Where the spin moment along z stands among the components of the spin responses."""

_CURVES: WeakKeyDictionary[MeshGeometry, dict[Integrand, ZeroTemperatureCurve]] = WeakKeyDictionary()
_SPINS: WeakKeyDictionary[MeshGeometry, SpinEdelstein] = WeakKeyDictionary()


def mesh_curve(m: MeshGeometry, integrand: Integrand) -> ZeroTemperatureCurve:
    """T = 0 curve of a response by triangles, with the nodes of `MeshGeometry.curve`; kept with the mesh."""
    kept = _CURVES.setdefault(m, {})
    if integrand not in kept:
        kept[integrand] = curve_on_nodes(m, integrand, energy_nodes(m.corners.energy, node_count(m)))
    return kept[integrand]


def node_count(m: MeshGeometry) -> int:
    """Equidistant energies of a curve: finer ones would resolve triangles."""
    return max(100, NODES_PER_POINT * m.mesh)


def curve_on_nodes(m: MeshGeometry, integrand: Integrand, nodes: Floats) -> ZeroTemperatureCurve:
    """The same on nodes of one's own [eV]; not kept."""
    return triangle_curve(m.corners, m.triangles, m.triangle_weights, integrand, nodes)


def spin_responses(m: MeshGeometry, progress: Progress | None = None) -> SpinEdelstein | None:
    """Both spin responses, the extrinsic one at 1 ps; None where the model has no spin.

    The spin at each wave vector of the mesh is kept with it. progress : called with the fraction done; what it
    raises ends the computation.
    """
    spin = m.source.model.spin()
    if spin is None:
        return None
    if m not in _SPINS:
        pair = spin_edelstein(m.source.hamiltonian, spin)
        pair.prepare(m.corners, progress)
        _SPINS[m] = pair
    return _SPINS[m]


@dataclass(frozen=True, eq=False)
class Part:
    """One part of the moment along z at a state's mu and T, and what its fields make of it.

    moment : "orbital" or "spin". mechanism : "intrinsic" or "extrinsic". chi [nm/ohm], alpha [nA nm/K] and their
    errors, (2,) each. induced, error : magnetization of the state's fields. curve : the same over `Curves.mu`, (M,)
    [A].
    """

    moment: str
    mechanism: str
    chi: Floats
    alpha: Floats
    chi_error: Floats
    alpha_error: Floats
    induced: Induced
    error: Induced
    curve: Floats


def response_parts(frame: Frame, spin: bool, progress: Progress | None = None) -> tuple[Part, ...]:
    """The parts at the frame's mu, T, relaxation time and fields; with their spin halves if asked for and there.

    The orbital intrinsic part is the frame's own, with its error bar. The others come from triangles on the frame's
    mesh; their error is what a plain sum over the same mesh differs by.
    """
    state, p, c = frame.state, frame.point, frame.curves
    tau = state.relaxation_time
    own = _Numbers(p.chi, p.alpha, p.chi_error, p.alpha_error, c.chi, c.alpha_mott)
    found = [
        ("orbital", "intrinsic", own),
        ("orbital", "extrinsic", _numbers(frame, EXTRINSIC_PER_PICOSECOND, tau)),
    ]
    pair = spin_responses(frame.geometry, progress) if spin else None
    if pair is not None:
        units = CHI_IN_NM_PER_OHM, ALPHA_IN_NA_NM_PER_K
        found.append(("spin", "intrinsic", _numbers(frame, pair.intrinsic, 1.0, units, ALONG_Z)))
        found.append(("spin", "extrinsic", _numbers(frame, pair.extrinsic, tau, units, ALONG_Z)))
    return tuple(_part(state, *each) for each in found)


@dataclass(frozen=True, eq=False)
class _Numbers:
    """chi, alpha and their errors at mu, (2,) each, and over the curve's mu, (M, 2)."""

    chi: Floats
    alpha: Floats
    chi_error: Floats
    alpha_error: Floats
    chi_curve: Floats
    alpha_curve: Floats


def _numbers(
    frame: Frame, integrand: Integrand, factor: float, units: tuple[float, float] = (1.0, 1.0),
    components: Sequence[int] = (0, 1),
) -> _Numbers:  # fmt: skip
    m, state, kept = frame.geometry, frame.state, list(components)
    mu, kelvin = np.append(frame.curves.mu, state.mu), np.array([state.temperature])
    curves = thermal_curves(mesh_curve(m, integrand), mu, state.temperature)[:2]
    chi, alpha = (factor * u * v[:, kept] for u, v in zip(units, curves, strict=True))
    sums = plain_sum(m.corners, m.weights, integrand, mu[-1:], kelvin)
    chi_sum, alpha_sum = (factor * u * v[0, 0, kept] for u, v in zip(units, sums, strict=True))
    errors = np.abs(chi[-1] - chi_sum), np.abs(alpha[-1] - alpha_sum)
    return _Numbers(chi[-1], alpha[-1], *errors, chi[:-1], alpha[:-1])


def _part(state: State, moment: str, mechanism: str, n: _Numbers) -> Part:
    field, gradient = (
        in_plane(*v) for v in ((state.field, state.field_angle), (state.gradient, state.gradient_angle))
    )
    wrong = induced_magnetization(n.chi_error, -n.alpha_error, np.abs(field), np.abs(gradient))
    curve = np.array([
        induced_magnetization(chi, alpha, field, gradient).total
        for chi, alpha in zip(n.chi_curve, n.alpha_curve, strict=True)
    ])  # fmt: skip
    induced = induced_magnetization(n.chi, n.alpha, field, gradient)
    return Part(moment, mechanism, n.chi, n.alpha, n.chi_error, n.alpha_error, induced, wrong, curve)


def in_plane(size: float, degrees: float) -> Floats:
    """A vector of the plane by its size and its angle from x."""
    angle = np.radians(degrees)
    return size * np.array([np.cos(angle), np.sin(angle)])
