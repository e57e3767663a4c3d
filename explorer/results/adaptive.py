"""Adaptive chi and alpha with what is known of a source: its geometry on disk, its exact symmetries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from explorer.meshes import disk_store
from explorer.meshes.shipped import shipped_mesh
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration import many_bands
from explorer.physics.progress import Pool, Progress, part_of
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.results.reduction import group_for, worth_a_group
from explorer.session.declared_symmetries import exact_operations


class _OnDisk:
    """Geometry by way of the user's store, where a wave vector takes milliseconds."""

    points = staticmethod(disk_store.kept_points)
    mesh = staticmethod(disk_store.kept_geometry)
    coarse_mesh = staticmethod(shipped_mesh)


ON_DISK = _OnDisk()
SET_UP = 0.3
"""Share of the progress of a large crystal that goes to finding the group of bands that stands for all."""


def adaptive(
    h: Hamiltonian,
    integrand: Integrand = INTRINSIC,
    mu: Floats | float = 0.0,
    temperature: Floats | float = 300.0,
    *,
    rtol: float = 1e-3,
    scale: tuple[float, float] | None = None,
    max_evaluations: int | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
    operations: Sequence[Symmetry] | None = None,
    patience: float = 1.0,
    exact: bool = False,
) -> Response:
    """`many_bands.adaptive` by way of the disk; parameters as there.

    operations : None takes those that the model declares and that hold to rounding; an empty sequence integrates the
    whole zone. exact : no group of bands stands for all of a large crystal.
    """
    group = None
    if not exact and worth_a_group(h, integrand):
        first, progress = part_of(progress, 0.0, SET_UP), part_of(progress, SET_UP, 1.0)
        group = group_for(h, mu, temperature, integrand=integrand, rtol=rtol, pool=pool, progress=first)
    return many_bands.adaptive(
        h,
        integrand,
        mu,
        temperature,
        kept=ON_DISK,
        group=group,
        operations=exact_operations(h) if operations is None else operations,
        rtol=rtol,
        scale=scale,
        max_evaluations=max_evaluations,
        patience=patience,
        pool=pool,
        progress=progress,
    )


def reached_points(
    h: Hamiltonian,
    mu: Floats,
    temperature: Floats,
    pool: Pool | None = None,
    *,
    max_evaluations: int | None = None,
    progress: Progress | None = None,
    integrand: Integrand = INTRINSIC,
    rtol: float = 1e-3,
    exact: bool = False,
) -> Callable[..., BandGeometry]:
    """`many_bands.reached_points` by way of the disk; parameters as there, and of `adaptive`."""
    group = None
    if not exact and worth_a_group(h, integrand):
        first, progress = part_of(progress, 0.0, SET_UP), part_of(progress, SET_UP, 1.0)
        group = group_for(h, mu, temperature, integrand=integrand, rtol=rtol, pool=pool, progress=first)
    return many_bands.reached_points(
        h,
        mu,
        temperature,
        pool,
        kept=ON_DISK,
        group=group,
        max_evaluations=max_evaluations,
        progress=progress,
    )
