"""A mesh and every other of its points: what the two make of a curve differs by about three of its errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Floats, Integers
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.uniform.triangles import disc_triangles, mesh_triangles, triangle_curve
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.progress import Pool
from explorer.physics.responses.integrand import Integrand
from explorer.physics.zone.domain import Disc


def half_mesh(m: MeshGeometry) -> tuple[Integers, Integers, Floats]:
    """Every other point of a mesh: which of its corners (Q,), their triangles (P, 3) and weights (P,)."""
    n, half = m.mesh, m.mesh // 2
    rows = n + 1 if isinstance(m.zone, Disc) else n
    index = np.arange(rows * n).reshape(rows, n)[::2, ::2].ravel()
    if isinstance(m.zone, Disc):
        return index, *disc_triangles(m.zone, half)[1:]
    return index, *mesh_triangles(m.zone, half)


def curves_of_halves(
    m: MeshGeometry,
    integrand: Integrand,
    nodes: Floats,
    pool: Pool | None = None,
    *,
    fine: ZeroTemperatureCurve | None = None,
) -> list[ZeroTemperatureCurve]:
    """The T = 0 curve of a mesh on nodes [eV], and that of every other of its points, where it has such.

    fine : the first of the two, where it is known already.
    """
    g = m.corners
    sea, surface = integrand.densities(g)
    own = replace(integrand, sea=lambda _: sea, surface=lambda _: surface)
    whole = fine or triangle_curve(g, m.triangles, m.triangle_weights, own, nodes, pool)
    curves = [whole]
    if m.mesh % 2 == 0:
        index, triangles, weights = half_mesh(m)
        part = BandGeometry(g.k[:, index], np.ascontiguousarray(g.values[:, :, index]), g.groups[:, index])
        fewer = replace(integrand, sea=lambda _: sea[:, :, index], surface=lambda _: surface[:, :, index])
        curves.append(triangle_curve(part, triangles, weights, fewer, nodes, pool))
    return curves
