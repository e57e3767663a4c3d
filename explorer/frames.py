"""The cheap stage: from a mesh and (mu, T) to everything on screen. Results are immutable, inputs inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.meshes import BLOCKS, MeshGeometry, Progress
from explorer.physics.adaptive import adaptive_response
from explorer.physics.geometry import BandGeometry
from explorer.physics.integrand import INTRINSIC, Response
from explorer.physics.occupations import fermi
from explorer.physics.sums import plain_sum
from explorer.physics.units import K_B
from explorer.session import OCCUPIED, State, mu_bounds
from models.arrays import Bools, Floats

CURVE_POINTS = 121
"""Chemical potentials of the curves."""
MARKERS = 41
"""Of these, how many are evaluated directly, without the Mott integral (every third)."""
RTOL = 1e-3


@dataclass(frozen=True, eq=False)
class Curves:
    """Responses over mu (M,) [eV] at one temperature.

    chi [nm/ohm], alpha_mott (12) and alpha_low (13) [nA nm/K], (M, 2): from the zero-temperature curve of a mesh.
    at : (D,) mu of the direct side; chi_direct (8), alpha_direct (9) with error bars, (D, 2), NaN where a method has
    none; converged : (D,). adaptive : the direct side is adaptive quadrature, else the plain sum of the mesh.
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
    converged: Bools
    adaptive: bool


@dataclass(frozen=True, eq=False)
class Point:
    """Responses at the state's own mu and T: (2,) each, [nm/ohm] and [nA nm/K].

    electrons : per cell (per disc), all bands counted from the lowest. neutral : the whole number of filled bands at
    the model's default mu. density : electrons beyond that number [1/cm^2].
    """

    chi: Floats
    alpha: Floats
    chi_error: Floats
    alpha_error: Floats
    converged: bool
    adaptive: bool
    electrons: float
    neutral: int
    density: float


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


def lambda_map(g: BandGeometry, state: State) -> Floats:
    """L_x and L_y over the grid: sum_n f0 L^n (8), or L^n of the chosen band; (2, K) [e/hbar angstrom^3]."""
    if state.band != OCCUPIED:
        n = min(state.band, g.energy.shape[0]) - 1
        return np.asarray(g.term1[:, n] + g.term2[:, n])
    total = np.zeros((2, g.k.shape[1]))
    reach = 40 * K_B * state.temperature
    for n, energy in enumerate(g.energy):
        low = float(energy.min())
        if low > state.mu + reach:
            break
        share = g.term1[:, n] + g.term2[:, n]
        if float(energy.max()) > state.mu - reach:
            share = share * fermi(energy, state.mu, state.temperature)
        total += share
    return total


def mesh_curves(m: MeshGeometry, state: State) -> Curves:
    """Curves of a mesh: triangles with the exact thermal convolution, and plain sums on the direct side."""
    low, high = mu_bounds(state.source)
    mu = np.linspace(low, high, CURVE_POINTS)
    at = mu[:: (CURVE_POINTS - 1) // (MARKERS - 1)]
    kelvin = np.array([state.temperature])
    chi, alpha = plain_sum(m.corners, m.weights, INTRINSIC, at, kelvin)
    unknown = np.full_like(chi[0], np.nan)
    return Curves(
        mu, state.temperature, m.curve.chi(mu, kelvin)[0], m.curve.alpha(mu, kelvin)[0],
        m.curve.alpha_low_temperature(mu, kelvin)[0], at, chi[0], alpha[0], unknown, unknown,
        np.zeros(at.size, dtype=bool), adaptive=False,
    )  # fmt: skip


def sharp_curves(m: MeshGeometry, state: State, before: Curves, progress: Progress | None = None) -> Curves:
    """The same with adaptive quadrature on the direct side, each number with its error bar."""
    r = adaptive_response(
        m.source.hamiltonian, INTRINSIC, before.at, state.temperature, rtol=RTOL, pool=BLOCKS, progress=progress
    )
    return Curves(
        before.mu, before.temperature, before.chi, before.alpha_mott, before.alpha_low, before.at,
        r.chi[0], r.alpha[0], r.chi_error[0], r.alpha_error[0], np.asarray(r.converged[0]), adaptive=True,
    )  # fmt: skip


def mesh_point(m: MeshGeometry, state: State) -> Point:
    """Responses at the state's mu and T from the mesh alone; the spread of two methods is the error shown."""
    mu, kelvin = np.array([state.mu]), np.array([state.temperature])
    chi, alpha = m.curve.chi(mu, kelvin)[0, 0], m.curve.alpha(mu, kelvin)[0, 0]
    chi_sum, alpha_sum = (a[0, 0] for a in plain_sum(m.corners, m.weights, INTRINSIC, mu, kelvin))
    return Point(
        chi, alpha, np.abs(chi - chi_sum), np.abs(alpha - alpha_sum), False, False, *electrons(m, state)
    )  # fmt: skip


def sharp_point(m: MeshGeometry, state: State, curves: Curves, progress: Progress | None = None) -> Point:
    """Responses at the state's mu and T by adaptive quadrature, to 1e-3 of the curve's maximum."""
    scale = (float(np.abs(curves.chi).max()), float(np.abs(curves.alpha_mott).max()))
    r: Response = adaptive_response(
        m.source.hamiltonian, INTRINSIC, state.mu, state.temperature, rtol=RTOL,
        scale=scale if min(scale) > 0 else None, pool=BLOCKS, progress=progress,
    )  # fmt: skip
    return Point(
        r.chi[0, 0], r.alpha[0, 0], r.chi_error[0, 0], r.alpha_error[0, 0], bool(r.converged[0, 0]), True,
        *electrons(m, state),
    )  # fmt: skip


def electrons(m: MeshGeometry, state: State) -> tuple[float, int, float]:
    """Electrons per cell (or disc), filled bands at the default mu, and the density beyond them [1/cm^2]."""
    energy = m.corners.energy
    area = float(m.weights.sum())
    filled = float((m.weights * fermi(energy, state.mu, state.temperature)).sum()) / area
    neutral = round(float((m.weights * (energy < m.source.model.default_mu)).sum()) / area)
    return filled, neutral, (filled - neutral) * area * 1e16
