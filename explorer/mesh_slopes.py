"""Slopes by numerical differentiation of plain sums over a mesh, and where the mesh is too coarse for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.meshes import MeshGeometry
from explorer.physics.equilibrium import magnetization
from explorer.physics.geometry import BandGeometry
from explorer.physics.potential import Potential, thermodynamic_potential
from explorer.physics.units import K_B
from explorer.resolved_curves import half_mesh
from models.arrays import Bools, Floats

STEP = 0.1
"""Of a difference, in k_B T."""
SPACING = 4.0
"""Change of the energy from point to point, in k_B T, from which on a plain sum is off by a percent and more."""
SHARE = 12
"""Chemical potentials at a time: each needs nine passes over the mesh."""

Progress = Callable[[float], None]


def mesh_slopes(m: MeshGeometry, mu: Floats, temperature: float, progress: Progress) -> tuple[Floats, Floats]:
    """dM/dmu by differences [mu_B/(nm^2 eV)], and what every other point of the mesh makes of it differs by, (M,)."""
    kelvin, step = np.array([temperature]), STEP * K_B * temperature
    both = np.concatenate([mu - step, mu + step])

    def slope(g: BandGeometry, weights: Floats) -> Floats:
        below, above = np.split(magnetization(g, weights, both, kelvin).total[0], 2)
        return np.asarray((above - below) / (2 * step))

    whole = slope(m.corners, m.weights)
    progress(0.5)
    half = half_geometry(m)
    return whole, np.full_like(whole, np.inf) if half is None else np.abs(whole - slope(*half))


def mesh_potential(
    m: MeshGeometry, mu: Floats, temperature: float, progress: Progress
) -> tuple[Potential, dict[str, Floats]]:
    """Phi(mu, T) of the intrinsic response with its slopes (1, M, 2), and how far half of the mesh differs in each."""
    whole = _potential(m.corners, m.weights, mu, temperature, lambda done: progress(0.8 * done))
    names, half = ("chi", "alpha"), half_geometry(m)
    if half is None:
        return whole, {name: np.full_like(getattr(whole, name), np.inf) for name in names}
    other = _potential(*half, mu, temperature, lambda done: progress(0.8 + 0.2 * done))
    return whole, {name: np.abs(getattr(whole, name) - getattr(other, name)) for name in names}


def _potential(
    g: BandGeometry, weights: Floats, mu: Floats, temperature: float, progress: Progress
) -> Potential:
    found, kelvin = [], np.array([temperature])
    for start in range(0, mu.size, SHARE):
        progress(start / mu.size)
        found.append(thermodynamic_potential(g, weights, mu[start : start + SHARE], kelvin))
    phi, chi, alpha = (
        np.concatenate([getattr(part, name) for part in found], axis=1) for name in ("phi", "chi", "alpha")
    )
    return Potential(mu, kelvin, found[0].components, phi, chi, alpha)


def too_coarse(m: MeshGeometry, mu: Floats, temperature: float) -> Bools:
    """Where a plain sum over the mesh does not resolve k_B T, (M,), whatever half of it says.

    From one point to the next the energy changes by the slope times their distance. Where that is `SPACING` k_B T, for
    the mean of all states that have mu between them and a neighbour, points miss the thermal window or meet it by
    chance; a sum over a third of that spacing is exact to 1e-4.
    """
    spacing = np.sqrt(4 * np.pi**2 * float(m.weights.sum()) / m.corners.k.shape[1])
    energy, change = m.corners.energy, spacing * np.hypot(*m.corners.velocity)
    found = np.zeros(mu.size, dtype=bool)
    for i, level in enumerate(mu):
        near = change[np.abs(energy - level) < change]
        found[i] = near.size > 0 and float(near.mean()) > SPACING * K_B * temperature
    return found


def half_geometry(m: MeshGeometry) -> tuple[BandGeometry, Floats] | None:
    """Every other point of a mesh with its weights, where it has such."""
    if m.mesh % 2:
        return None
    index, triangles, shares = half_mesh(m)
    g = m.corners
    part = BandGeometry(g.k[:, index], np.ascontiguousarray(g.values[:, :, index]), g.groups[:, index])
    weights = np.bincount(triangles.ravel(), np.repeat(shares / 3, 3), minlength=index.size)
    return part, np.asarray(weights, dtype=float)
