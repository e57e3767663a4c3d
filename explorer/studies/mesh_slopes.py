"""Slopes by numerical differentiation of what triangles make of a mesh, which resolves k_B T at any temperature."""

from __future__ import annotations

import numpy as np

from explorer.meshes.halves import curves_of_halves, half_mesh
from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.potential import Potential, differentiated
from explorer.physics.progress import Watch
from explorer.physics.responses.equilibrium_moment import STREDA
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.studies.curves import thermal_nodes
from explorer.studies.mesh_curves import node_count
from explorer.threads import WatchedPool

NAMES = "chi", "alpha"
"""Slopes of a potential."""
NEIGHBOURS = 2
"""On either side, of which the largest error holds."""


def mesh_slopes(m: MeshGeometry, mu: Floats, temperature: float, progress: Watch) -> tuple[Floats, Floats]:
    """dM/dmu by differences [mu_B/(nm^2 eV)], and what every other point of the mesh makes of it differs by, (M,)."""
    found, unsure = mesh_potential(m, mu, temperature, progress, STREDA)
    return found.chi[0, :, 0], unsure["chi"][0, :, 0]


def mesh_potential(
    m: MeshGeometry, mu: Floats, temperature: float, progress: Watch, integrand: Integrand = INTRINSIC
) -> tuple[Potential, dict[str, Floats]]:
    """Phi(mu, T) with its slopes (1, M, C), and how far every other point of the mesh differs in each of these."""
    pool = WatchedPool(progress.ask)
    nodes = thermal_nodes(m.corners.energy, node_count(m), mu, temperature)
    found = list[Potential]()
    for curve in curves_of_halves(m, integrand, nodes, pool):
        progress(0.5 + 0.2 * len(found))
        found.append(differentiated(curve.potential, mu, np.array([temperature]), integrand))
    whole, *half = found
    if not half:
        return whole, {name: np.full_like(getattr(whole, name), np.inf) for name in NAMES}
    return whole, {name: _near(np.abs(getattr(whole, name) - getattr(half[0], name))) for name in NAMES}


def _near(errors: Floats) -> Floats:
    """The largest of the errors (T, M, C) at a mu and its neighbours: at one mu two meshes may agree by chance."""
    padded = np.pad(errors, ((0, 0), (NEIGHBOURS, NEIGHBOURS), (0, 0)), mode="edge")
    shifts = range(2 * NEIGHBOURS + 1)
    return np.asarray(np.max([padded[:, i : i + errors.shape[1]] for i in shifts], axis=0))


def half_geometry(m: MeshGeometry) -> tuple[BandGeometry, Floats] | None:
    """Every other point of a mesh with its weights, where it has such."""
    if m.mesh % 2:
        return None
    index, triangles, shares = half_mesh(m)
    g = m.corners
    part = BandGeometry(g.k[:, index], np.ascontiguousarray(g.values[:, :, index]), g.groups[:, index])
    weights = np.bincount(triangles.ravel(), np.repeat(shares / 3, 3), minlength=index.size)
    return part, np.asarray(weights, dtype=float)
