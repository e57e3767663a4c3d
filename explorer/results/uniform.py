"""Responses on a uniform mesh, by plain sums or triangles; the mesh half as fine gives the error bar."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from explorer.meshes.disk_store import kept_geometry
from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.geometry.finer_groups import Refinement
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.integration.uniform.triangles import (
    disc_triangles,
    energy_nodes,
    mesh_triangles,
    triangle_curve,
)
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.kernels.rows import ROW_COUNT
from explorer.physics.progress import Pool, Progress
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.zone.domain import Disc, zone_of

NODES = 2000
"""Equidistant energies of a T = 0 curve, beside those that resolve k_B T around each mu."""


@dataclass(frozen=True, eq=False)
class UniformMesh:
    """Geometry on a uniform mesh of `size` points a side.

    weights : (K,) of the plain sum [1/angstrom^2], or None on the nodes of a disc's triangles.
    triangles, triangle_weights : (P, 3) and (P,) [1/angstrom^2], or None on the points of a disc's plain sum.
    """

    size: int
    geometry: BandGeometry
    weights: Floats | None
    triangles: Integers | None
    triangle_weights: Floats | None

    def plain_sum(self, integrand: Integrand, mu: Floats, temperature: Floats) -> tuple[Floats, Floats]:
        """Chi and alpha by the plain sum, (T, M, C)."""
        if self.weights is None:
            raise ValueError("this mesh was made for triangles")
        return plain_sum(self.geometry, self.weights, integrand, mu, temperature)

    def by_triangles(
        self, integrand: Integrand, mu: Floats, temperature: Floats, pool: Pool | None = None
    ) -> tuple[Floats, Floats]:
        """Chi and alpha by triangles and the exact thermal convolution, (T, M, C)."""
        curves = [self.curve(integrand, mu, kelvin, pool) for kelvin in temperature]
        at = [np.array([kelvin]) for kelvin in temperature]
        chi = [curve.chi(mu, kelvin)[0] for curve, kelvin in zip(curves, at, strict=True)]
        alpha = [curve.alpha(mu, kelvin)[0] for curve, kelvin in zip(curves, at, strict=True)]
        return np.array(chi), np.array(alpha)

    def curve(
        self, integrand: Integrand, mu: Floats, temperature: float, pool: Pool | None = None
    ) -> ZeroTemperatureCurve:
        """The T = 0 curve with nodes that resolve k_B T around each mu."""
        if self.triangles is None or self.triangle_weights is None:
            raise ValueError("this mesh was made for plain sums")
        nodes = energy_nodes(self.geometry.energy, NODES, mu, temperature)
        return triangle_curve(self.geometry, self.triangles, self.triangle_weights, integrand, nodes, pool)


def uniform_mesh(
    h: Hamiltonian,
    size: int,
    *,
    for_triangles: bool = False,
    bands: slice | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> UniformMesh:
    """Geometry at size x size points: (i/size, j/size) of the reciprocal cell, or polar on a disc.

    for_triangles : on a disc, nodes up to the rim instead of Gauss points; a lattice serves both alike. bands : those
    that can be filled, None for all; of many bands what is on disk is read.
    Raises ValueError for a mesh that is too small or does not fit into memory.
    """
    check_size(h, size)
    zone = zone_of(h)
    weights: Floats | None
    triangles: Integers | None
    triangle_weights: Floats | None
    if not isinstance(zone, Disc):
        k, weights = zone.mesh(size)
        triangles, triangle_weights = mesh_triangles(zone, size)
    elif for_triangles:
        weights = None
        k, triangles, triangle_weights = disc_triangles(zone, size)
    else:
        triangles = triangle_weights = None
        k, weights = zone.mesh(size)
    g = kept_geometry(h, k, pool=pool, progress=progress, bands=bands)
    return UniformMesh(size, g, weights, triangles, triangle_weights)


def check_size(h: Hamiltonian, size: int) -> None:
    """ValueError for a mesh of fewer than 2 points a side, or more than half the memory holds."""
    if size < 2:
        raise ValueError(f"a mesh needs 2 points a side or more, got {size}")
    # The geometry itself and about as much again in densities, four corners a point in triangles.
    need = 2 * ROW_COUNT * h.size * size**2 * 8 + 8 * size**2 * 16
    have = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2
    if need > have:
        fits = int(size * (have / need) ** 0.5)
        raise ValueError(
            f"a mesh of {size} x {size} with {h.size} bands needs {need / 2**30:.0f} GiB; at most {fits} fit"
        )


def uniform_responses(
    h: Hamiltonian,
    integrands: Sequence[Integrand],
    mu: Floats,
    temperature: Floats,
    *,
    mesh: int,
    method: str,
    rtol: float = 1e-3,
    bands: slice | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> tuple[Response, ...]:
    """Chi and alpha of each integrand by `method` "sum" or "triangle", on one geometry.

    Error bars are the change from the mesh half as fine, and on the finer what a tenth of the degeneracy tolerance
    changes.

    Parameters
    ----------
    mu, temperature : (M,) [eV] and (T,) [K]. rtol : error that counts as converged, relative to the largest
        value over mu at each temperature. bands : as of `uniform_mesh`.
    """

    refinement = Refinement(h, partial(kept_geometry, pool=pool, bands=bands))
    regrouped: list[tuple[Floats, Floats]] | None = None

    def solved(size: int, share: tuple[float, float]) -> tuple[int, list[tuple[Floats, Floats]]]:
        nonlocal regrouped

        def report(fraction: float) -> None:
            if progress:
                progress(share[0] + share[1] * fraction)

        m = uniform_mesh(h, size, for_triangles=method == "triangle", bands=bands, pool=pool, progress=report)
        points = m.geometry.k.shape[1]

        def each(m: UniformMesh) -> list[tuple[Floats, Floats]]:
            if method == "triangle":
                return [m.by_triangles(i, mu, temperature, pool) for i in integrands]
            return [m.plain_sum(i, mu, temperature) for i in integrands]

        other = refinement.of(m.geometry) if size == mesh else None
        if other is not None:
            values, groups = m.geometry.values.copy(), m.geometry.groups.copy()
            values[..., other.at], groups[:, other.at] = other.fine.values, other.fine.groups
            regrouped = each(replace(m, geometry=BandGeometry(m.geometry.k, values, groups)))
        return points, each(m)

    few, coarse = solved((mesh + 1) // 2 if mesh > 2 else 2, (0.0, 0.2))
    many, fine = solved(mesh, (0.2, 0.8))

    def judged(
        before: tuple[Floats, Floats], after: tuple[Floats, Floats], finer: tuple[Floats, Floats]
    ) -> Response:
        chi_error, alpha_error = (
            np.abs(b - a) + np.abs(c - b) for a, b, c in zip(before, after, finer, strict=True)
        )
        met = np.all(
            [
                error.max(axis=2) <= rtol * np.abs(value).max(axis=(1, 2))[:, None]
                for value, error in zip(after, (chi_error, alpha_error), strict=True)
            ],
            axis=0,
        )
        return Response(mu, temperature, *after, chi_error, alpha_error, met, few + many)

    return tuple(judged(*each) for each in zip(coarse, fine, regrouped or fine, strict=True))
