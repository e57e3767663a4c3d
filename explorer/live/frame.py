"""The cheap stage: from a mesh and (mu, T) to everything on screen. Results are immutable, inputs inside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from explorer.meshes.halves import curves_of_halves
from explorer.meshes.mesh import MeshGeometry, mesh_geometry
from explorer.models.kit.arrays import Bools, Floats
from explorer.physics.carriers.adaptive_count import solved_tightly
from explorer.physics.carriers.filling import PER_CM2
from explorer.physics.cost import MANY_BANDS
from explorer.physics.integration.expected_size import uncancelled_size
from explorer.physics.integration.mott_integral import mott_alpha
from explorer.physics.integration.uniform.thermal_curves import thermal_curves
from explorer.physics.progress import Watch, part_of
from explorer.physics.responses.integrand import ROUNDING_SHARE
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.responses.kubo import SECOND_TERM
from explorer.physics.units import K_B
from explorer.results.adaptive import adaptive, reached_points
from explorer.session.declared_symmetries import exact_operations
from explorer.session.map_band import shown_band
from explorer.session.ranges import mu_bounds
from explorer.session.state import CARRIERS_PER_CM2, State, opened
from explorer.threads import BLOCKS, WatchedPool

CURVE_POINTS = 281
"""Chemical potentials of the curves."""
MARKERS = 41
"""Points of the curves that are evaluated directly, without the Mott integral: every seventh of `CURVE_POINTS`."""
ANY_SIZE = 1e30
"""Size that a tolerance refers to where nobody asks for a number: any error will do."""
RTOL = 1e-3


@dataclass(frozen=True, eq=False)
class Curves:
    """Responses over mu (M,) [eV] at one temperature.

    chi [nm/ohm], alpha_mott (12) and alpha_low (13) [nA nm/K], (M, 2): from the zero-temperature curve of a
    mesh.
    at : (D,) mu of the direct side; chi_direct (8), alpha_direct (9) with error bars, (D, 2), by adaptive
    quadrature;
    alpha_integral : at the same mu by (12) over a zero-temperature curve of its own refinement, with its
    error, (D, 2).
    converged, integral_complete : (D,), where the direct side and where the integral had wave vectors enough.
    adaptive : whether the direct side is there yet (NaN till then).
    chi_spread, alpha_spread : (M, 2), by how much every other point of the mesh differs, NaN till that is known.
    """

    mu: Floats
    temperature: float
    chi: Floats
    alpha_mott: Floats
    alpha_low: Floats
    at: Floats
    chi_direct: Floats
    alpha_direct: Floats
    chi_error: Floats
    alpha_error: Floats
    alpha_integral: Floats
    integral_error: Floats
    converged: Bools
    integral_complete: Bools
    adaptive: bool
    chi_spread: Floats
    alpha_spread: Floats

    @property
    def settled(self) -> Bools:
        """Where chi is not to move any more, (M,): between points of the direct side that converged."""
        if not self.adaptive:
            return np.zeros(self.mu.size, dtype=bool)
        return np.asarray(np.interp(self.mu, self.at, self.converged.astype(float)) == 1.0)


@dataclass(frozen=True, eq=False)
class Point:
    """Responses at the state's own mu and T: (2,) each, [nm/ohm] and [nA nm/K].

    chi_sum, chi_sea : plain sums of the mesh in surface and in sea form, whatever chi came from.
    neutral : the whole number of filled bands at the model's default mu. density : electrons beyond that
    number [1/cm^2].
    mu_error : of mu where it was solved for a density [eV]; chi_error and alpha_error hold what it moves them by.
    second : what the second term of (11) contributes to chi, (2,) [nm/ohm], with its error: three times chi - chi^K.
    cells, evaluations : what the adaptive quadrature sampled, as of `Response`; None before it ran.
    """

    chi: Floats
    alpha: Floats
    chi_error: Floats
    alpha_error: Floats
    converged: bool
    adaptive: bool
    chi_sum: Floats
    chi_sea: Floats
    neutral: int
    density: float
    cells: Floats | None = None
    evaluations: int = 0
    mu_error: float = 0.0
    second: Floats = field(default_factory=lambda: np.zeros(2))
    second_error: Floats = field(default_factory=lambda: np.zeros(2))


@dataclass(frozen=True, eq=False)
class Frame:
    """What is on screen: the state it belongs to, the mesh it came from, and the numbers.

    stage : "draft" (coarse mesh), "mesh" (final mesh), "sharp" (adaptive, with error bars).
    lambda_map : (2, K) on the picture's grid, sum over occupied states or one band [e/hbar angstrom^3].
    """

    state: State
    stage: str
    geometry: MeshGeometry
    lambda_map: Floats
    curves: Curves
    point: Point


def mesh_curves(m: MeshGeometry, state: State) -> Curves:
    """Curves of a mesh by triangles with the exact thermal convolution; the direct side is still to come."""
    low, high = mu_bounds(state.source)
    mu = np.linspace(low, high, CURVE_POINTS)
    at = mu[:: (CURVE_POINTS - 1) // (MARKERS - 1)]
    unknown, nowhere = np.full((at.size, 2), np.nan), np.full((mu.size, 2), np.nan)
    return Curves(
        mu,
        state.temperature,
        *thermal_curves(m.curve, mu, state.temperature, BLOCKS if m.mesh > 100 else None),
        at,
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        unknown,
        np.zeros(at.size, dtype=bool),
        np.zeros(at.size, dtype=bool),
        adaptive=False,
        chi_spread=nowhere,
        alpha_spread=nowhere,
    )


def spread_curves(m: MeshGeometry, before: Curves) -> Curves:
    """The same with how far every other point of the mesh has it otherwise; unknown where the mesh has no half."""
    curves = curves_of_halves(m, INTRINSIC, m.curve.nodes, fine=m.curve)
    if len(curves) < 2:
        return before
    chi, alpha, _ = thermal_curves(curves[1], before.mu, before.temperature)
    return replace(
        before, chi_spread=np.abs(before.chi - chi), alpha_spread=np.abs(before.alpha_mott - alpha)
    )


def sharp_curves(m: MeshGeometry, state: State, before: Curves, progress: Watch) -> Curves:
    """The curves with adaptive quadrature on the direct side, each number with its error bar.

    Zeros, and no Mott integral to come, where Lambda cancels over the zone at every mu.
    """
    if _cancels(m, state, before).all():
        zero, all_known = np.zeros((before.at.size, 2)), np.ones(before.at.size, dtype=bool)
        return replace(
            before,
            chi_direct=zero,
            alpha_direct=zero,
            chi_error=zero,
            alpha_error=zero,
            alpha_integral=zero,
            integral_error=zero,
            integral_complete=all_known,
            converged=all_known,
            adaptive=True,
        )
    r = adaptive(
        m.source.hamiltonian,
        INTRINSIC,
        before.at,
        state.temperature,
        rtol=RTOL,
        pool=WatchedPool(progress.ask),
        progress=progress,
    )
    return replace(
        before,
        chi=_drawn_through(before, before.chi, r.chi[0]),
        chi_direct=r.chi[0],
        alpha_direct=r.alpha[0],
        chi_error=r.chi_error[0],
        alpha_error=r.alpha_error[0],
        converged=np.asarray(r.converged[0]),
        adaptive=True,
    )


def _cancels(m: MeshGeometry, state: State, curves: Curves) -> Bools:
    """Whether the largest chi and alpha of the curves are rounding beside what cancels in them, (2,)."""
    found = np.array([np.abs(curves.chi).max(), np.abs(curves.alpha_mott).max()])
    terms = uncancelled_size(m.corners, m.weights, INTRINSIC, np.array([state.mu]), state.temperature)
    return np.asarray(found <= ROUNDING_SHARE * terms)


def integral_curves(m: MeshGeometry, state: State, before: Curves, progress: Watch) -> Curves:
    """The curves with the Mott integral (12) beside the direct side, refined on its own."""
    h, pool = m.source.hamiltonian, WatchedPool(progress.ask)
    size = np.array([np.abs(before.alpha_direct).max()]) if h.size > MANY_BANDS else None
    r = mott_alpha(
        h,
        INTRINSIC,
        before.at,
        state.temperature,
        size=size,
        pool=pool,
        progress=progress,
        geometry=reached_points(h, before.at, np.array([state.temperature]), pool, progress=progress),
        operations=exact_operations(h),
    )
    return replace(
        before,
        alpha_mott=_drawn_through(before, before.alpha_mott, r.alpha[0]),
        alpha_integral=r.alpha[0],
        integral_error=r.error[0],
        integral_complete=r.complete[0],
    )


def _drawn_through(c: Curves, line: Floats, points: Floats) -> Floats:
    """A mesh's line (M, 2) moved smoothly onto converged points (D, 2): the mesh is left its fine structure only."""
    from scipy.interpolate import PchipInterpolator  # slow to load, and the first picture does without

    off = points - np.stack([np.interp(c.at, c.mu, a) for a in line.T], axis=1)
    return np.asarray(line + PchipInterpolator(c.at, off)(c.mu))


def at_density(m: MeshGeometry, state: State, draft: bool = False) -> State:
    """The state with mu solved for on this mesh where a carrier density is held; ValueError if out of reach.

    draft : by a plain sum, which needs no preparation of the mesh.
    """
    if state.density is None:
        return state
    held = state.density * CARRIERS_PER_CM2 / PER_CM2
    counted = m.filling if draft else m.count
    return replace(state, mu=counted.chemical_potential(held, state.temperature, near=state.mu))


def at_density_tightly(m: MeshGeometry, state: State, watch: Watch) -> tuple[State, float]:
    """As `at_density`, solved on an adaptive count where a wave vector is cheap; and the error of mu [eV]."""
    if state.density is None:
        return state, 0.0
    h, kelvin = m.source.hamiltonian, state.temperature
    held = state.density * CARRIERS_PER_CM2 / PER_CM2
    error = m.count.mu_error(state.mu, kelvin)
    if h.size > MANY_BANDS:
        return state, error
    mu, errors = solved_tightly(
        h,
        np.array([held]),
        kelvin,
        np.array([state.mu]),
        np.array([error]),
        m.filled_bands,
        operations=exact_operations(h),
        pool=WatchedPool(watch.ask),
        watch=watch,
    )
    return replace(state, mu=float(mu[0])), float(errors[0])


def _moved_by(m: MeshGeometry, state: State, mu_error: float) -> tuple[Floats, Floats]:
    """What an error of mu [eV] may move chi and alpha by, (2,) each, by the curves of the mesh."""
    if not mu_error:
        return np.zeros(2), np.zeros(2)
    step = max(mu_error, 0.25 * K_B * state.temperature)
    around = np.array([state.mu - step, state.mu, state.mu + step])
    chi, alpha, _ = thermal_curves(m.curve, around, state.temperature)
    share = mu_error / step
    return tuple(share * np.abs(a[[0, 2]] - a[1]).max(axis=0) for a in (chi, alpha))  # type: ignore[return-value]


def mesh_point(m: MeshGeometry, state: State, quick: bool = False) -> tuple[Floats, Point]:
    """The map, sum_n f0 L^n (8) or L^n of one band (2, K), and the responses at mu and T from the mesh alone.

    The spread between triangles and plain sum is the error shown. quick : carriers by the plain sum, until they have
    been counted by triangles.
    """
    chi, alpha, _ = thermal_curves(m.curve, np.array([state.mu]), state.temperature)
    picture, chi_sum, alpha_sum, chi_sea, filled = m.sums.at(state.mu, state.temperature)
    band = shown_band(state.band, m.picture.energy, state.mu)
    if band is not None:
        picture = m.picture.lambda_of(band)
    elif m.picture is not m.corners:
        picture = m.picture_sums.at(state.mu, state.temperature)[0]
    area = float(m.weights.sum())
    carriers = (
        filled - m.filled_bands * area
        if quick and not m.counted
        else float(m.count.density(state.mu, state.temperature))
    )
    return picture, Point(
        chi[0],
        alpha[0],
        np.abs(chi[0] - chi_sum),
        np.abs(alpha[0] - alpha_sum),
        False,
        False,
        chi_sum,
        chi_sea,
        m.filled_bands,
        carriers * PER_CM2,
        second=thermal_curves(
            replace(m.curve, sea=np.zeros_like(m.curve.sea)), np.array([state.mu]), state.temperature
        )[0][0],
        second_error=np.abs(chi[0] - chi_sum),
    )


def sharp_point(
    m: MeshGeometry,
    state: State,
    curves: Curves,
    before: Point,
    progress: Watch,
    mu_error: float = 0.0,
) -> Point:
    """Responses at the state's mu and T by adaptive quadrature, to 1e-3 of the curve's maximum; carriers by triangles.

    Over the whole zone: these numbers stand beside what symmetry forbids, and are not to know of it. Where that is all
    of the curve, its maximum is rounding, of which no thousandth is asked for. mu_error : of a mu that was solved for
    [eV], which adds to the bars what it may move them by.
    """
    scale = float(np.abs(curves.chi).max()), float(np.abs(curves.alpha_mott).max())
    known = None if _cancels(m, state, curves).any() else scale
    both = INTRINSIC, SECOND_TERM
    r, second = (
        adaptive(
            m.source.hamiltonian,
            integrand,
            state.mu,
            state.temperature,
            rtol=RTOL,
            # A third of the second term is wanted, and of its alpha nothing.
            scale=None if known is None else known if integrand is INTRINSIC else (3 * known[0], ANY_SIZE),
            pool=WatchedPool(progress.ask),
            progress=part_of(progress, *share),
            operations=(),
        )
        for integrand, share in zip(both, ((0.0, 0.7), (0.7, 1.0)), strict=True)
    )
    held = None if state.density is None else state.density * CARRIERS_PER_CM2
    chi_moved, alpha_moved = _moved_by(m, state, mu_error)
    return replace(
        before,
        chi=r.chi[0, 0],
        alpha=r.alpha[0, 0],
        chi_error=r.chi_error[0, 0] + chi_moved,
        alpha_error=r.alpha_error[0, 0] + alpha_moved,
        mu_error=mu_error,
        converged=bool(r.converged[0, 0]),
        adaptive=True,
        density=held if held is not None else float(m.count.density(state.mu, state.temperature)) * PER_CM2,
        cells=r.cells,
        evaluations=r.evaluations,
        second=second.chi[0, 0],
        second_error=second.chi_error[0, 0],
    )


def frame_of(state: State, mesh: int = 96) -> Frame:
    """A frame without a page: the mesh's answer to a state, as the live view shows it before it sharpens."""
    m = mesh_geometry(opened(state), mesh)
    picture, point = mesh_point(m, state)
    return Frame(state, "mesh", m, picture, mesh_curves(m, state), point)
