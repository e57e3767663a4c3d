"""Adaptive chi and alpha of crystals with many bands, where a wave vector takes milliseconds.

Bands that are full or empty at every mu and T asked for are left out of the refinement: the full ones below a gap
contribute a constant, a smooth integral for which a coarse mesh is enough. Points are kept on disk. What a relative
tolerance refers to is not known beforehand, and a coarse mesh may have it wrong tenfold: so the tolerance is tightened
in steps, each run refers to what the one before found and uses its points again, and the first that runs out of wave
vectors is the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.cost import MANY_BANDS, affordable
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.expected_size import first_look
from explorer.physics.integration.successive_runs import (
    certain_sizes,
    joined,
    largest_bars,
    largest_sizes,
    tightest,
    tolerances,
)
from explorer.physics.integration.uniform.triangles import energy_nodes, triangle_curve, zone_triangles
from explorer.physics.occupations import FULL
from explorer.physics.progress import Pool, Progress, part_of
from explorer.physics.reduction.reduced import ReducedBands
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc, ReciprocalCell, Zone, zone_of

LOOK_MESH = 24
"""Points a side of the mesh that tells full bands from empty ones, where none ships."""
FINEST_LOOK_MESH = 192
"""Points a side up to which the mesh of the full bands is refined."""
NODES = 2000
SEEN_FRACTION = 0.97
"""Progress when all wave vectors that are allowed are seen: the level under way and the full bands remain."""
GROUP_LOOK = 64
"""Points a side of the mesh from which sizes are guessed where a group of bands stands for all."""
GROUP_EVALUATIONS = 2_000_000
"""Wave vectors of such a group that take seconds."""
GROUP_WINDOW = 12.0
"""Distance from mu, in units of k_B T, within which the error of its interpolation counts."""
FIRST_RUN = 3000
"""Wave vectors of a first run, about."""
LADDER_SHARE = 0.9
"""Progress when the bands whose filling varies are integrated: the full ones remain."""
MAX_RUNS = 3
"""Runs at the final tolerance at most: each refers to the size of the curve that the one before found."""


class Geometries(Protocol):
    """Where geometry is looked up before it is computed, and left afterwards; signatures as of `band_geometry`."""

    def points(
        self,
        h: Hamiltonian,
        k: Floats,
        *,
        pool: Pool | None = None,
        progress: Progress | None = None,
        bands: slice | None = None,
    ) -> BandGeometry:
        """Geometry at wave vectors of an adaptive mesh."""
        ...

    def mesh(
        self,
        h: Hamiltonian,
        k: Floats,
        *,
        pool: Pool | None = None,
        progress: Progress | None = None,
        bands: slice | None = None,
    ) -> BandGeometry:
        """Geometry on a uniform mesh."""
        ...

    def coarse_mesh(self, h: Hamiltonian) -> int | None:
        """Points a side of a uniform mesh of every band that is there already."""
        ...


@dataclass(frozen=True, eq=False)
class Filled:
    """chi of the full bands below a gap, and its error, (C,) in the integrand's unit."""

    chi: Floats
    error: Floats

    def added_to(self, r: Response) -> Response:
        """The response of the other bands with that of the full ones."""
        return replace(r, chi=r.chi + self.chi, chi_error=r.chi_error + self.error)


def adaptive(
    h: Hamiltonian,
    integrand: Integrand = INTRINSIC,
    mu: Floats | float = 0.0,
    temperature: Floats | float = 300.0,
    *,
    kept: Geometries,
    group: ReducedBands | None = None,
    operations: Sequence[Symmetry] = (),
    rtol: float = 1e-3,
    scale: tuple[float, float] | None = None,
    max_evaluations: int | None = None,
    patience: float = 1.0,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Response:
    """`adaptive_response` for a crystal of any size; parameters as there.

    kept : where geometry is looked up and left. group : bands that stand for all of a large crystal; its filled bands
    and the error of its interpolation are added. patience : of a large crystal, wave vectors where `max_evaluations`
    is not given, in units of what takes minutes. Of a large matrix each temperature is run by itself, so
    `max_evaluations` holds for each.
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    if group is not None:
        r = adaptive_response(
            h,
            integrand,
            mu,
            temperature,
            rtol=rtol,
            scale=scale,
            base=12,
            look=GROUP_LOOK,
            max_evaluations=max_evaluations or GROUP_EVALUATIONS,
            pool=pool,
            progress=progress,
            geometry=group,
            operations=operations,
        )
        return _of_all_bands(r, group, integrand, zone_of(h))
    if h.size <= MANY_BANDS or isinstance(zone_of(h), Disc):
        return adaptive_response(
            h,
            integrand,
            mu,
            temperature,
            rtol=rtol,
            scale=scale,
            max_evaluations=max_evaluations,
            pool=pool,
            progress=progress,
            geometry=kept.points,
            operations=operations,
        )
    if np.any(temperature <= 0):
        raise ValueError(f"temperature must be above 0 K, got {temperature.min()}")
    max_evaluations = max_evaluations or int(patience * affordable(h))
    look = _Look(h, kept, pool)
    bands = look.bands(mu, float(temperature.max()))
    filled = look.filled(integrand, bands.start)

    def run(
        kelvin: float, size: Floats, tolerance: float, report: Progress, expected: int | None = None
    ) -> Response:
        geometry = _Points(kept, bands, min(expected or max_evaluations, max_evaluations), report)
        return adaptive_response(
            h,
            integrand,
            mu,
            kelvin,
            rtol=tolerance,
            scale=(float(size[0]), float(size[1])),
            max_evaluations=max_evaluations,
            pool=pool,
            progress=lambda _: geometry.tell(),
            geometry=geometry,
            operations=operations,
        )

    done: list[Response] = []
    reached = 0.0
    for t, kelvin in enumerate(temperature):

        def share(fraction: float, t: int = t) -> None:
            nonlocal reached
            reached = max(
                reached, (t + fraction) / temperature.size
            )  # each run begins with the points before it
            if progress:
                progress(reached)

        if scale is not None:
            size = np.abs(np.array(scale, dtype=float))
            r = run(kelvin, size, rtol, share)
        else:
            floor = first_look(h, integrand, mu, np.array([kelvin]), look.n, pool, geometry=kept.mesh).floor[
                0
            ]
            size = np.maximum(look.size(integrand, mu, kelvin), floor)
            best = None
            ladder = [*tolerances(rtol), *[rtol] * (MAX_RUNS - 1)]
            for step, tolerance in enumerate(ladder):
                # A run takes about as many wave vectors as all before it, which it begins with: each rung of the
                # ladder is as long as the next, and where it ends early the rest is not counted as done before.
                rungs = len(tolerances(rtol))
                begin, end = (min(1.0, (step + n) / rungs) * LADDER_SHARE for n in (0, 1))
                expected = 2 * (r.evaluations if step else FIRST_RUN)
                r = run(kelvin, size, tolerance, part_of(share, begin, end) or share, expected)
                spent = not r.converged.all()
                best = r = r if best is None else tightest(best, r)
                largest = np.maximum(largest_sizes(filled.added_to(r)), floor)
                if spent or (largest_bars(r) <= rtol * largest).all():
                    break
                size = np.maximum(certain_sizes(filled.added_to(r)), floor)
            size = largest
        share(LADDER_SHARE)
        filled = look.filled(
            integrand, bands.start, 0.1 * rtol * float(size[0]), part_of(share, LADDER_SHARE, 1.0)
        )
        r = filled.added_to(r)
        met = (r.chi_error.max(axis=2) <= rtol * size[0]) & (r.alpha_error.max(axis=2) <= rtol * size[1])
        done.append(replace(r, converged=r.converged & met))
        share(1.0)
    return joined(done, temperature)


def reached_points(
    h: Hamiltonian,
    mu: Floats,
    temperature: Floats,
    pool: Pool | None = None,
    *,
    kept: Geometries,
    group: ReducedBands | None = None,
    max_evaluations: int | None = None,
    progress: Progress | None = None,
) -> Callable[..., BandGeometry]:
    """Geometry of the bands whose filling varies, for integrals to which full bands add nothing.

    progress : of a large matrix called with the part of `max_evaluations` wave vectors a temperature that are done.
    """
    if group is not None:
        return group
    if h.size <= MANY_BANDS or isinstance(zone_of(h), Disc):
        return kept.points
    most = temperature.size * (max_evaluations or affordable(h))
    return _Points(kept, _Look(h, kept, pool).bands(mu, float(temperature.max())), most, progress)


def bands_in_reach(g: BandGeometry, spacing: float, mu: Floats, kelvin: float) -> slice:
    """Bands between those full, with a gap above them, and those empty at every mu [eV]; at least one.

    spacing : largest distance from a point of the mesh to the next [1/angstrom]: an edge may lie between points.
    """
    between = 0.5 * spacing * np.hypot(*g.velocity).max(axis=1)
    top = np.maximum.accumulate(g.energy.max(axis=1) + between)
    bottom = np.minimum.accumulate((g.energy.min(axis=1) - between)[::-1])[::-1]
    far = FULL * K_B * kelvin
    full = [n for n in range(1, len(top)) if top[n - 1] < min(mu.min() - far, bottom[n])]
    first = full[-1] if full else 0
    last = int(np.searchsorted(bottom, mu.max() + far, "right"))
    return slice(first, max(last, first + 1))


def _of_all_bands(r: Response, group: ReducedBands, integrand: Integrand, zone: Zone) -> Response:
    """The response of a group with that of the filled bands below it, and with the error of the interpolation.

    The check's misfit, twice over, of the largest value at each temperature joins every bar.
    """
    filled, error = group.filled_density(integrand.densities)
    unit = integrand.chi_unit * zone.area / (4 * np.pi**2)
    if group.check is None:
        raise ValueError("a reduction whose error is not known")
    reach = GROUP_WINDOW * K_B * float(r.temperature.max())
    off = 2 * group.check.misfit(integrand.densities, float(r.mu.min()) - reach, float(r.mu.max()) + reach)

    def largest(values: Floats) -> Floats:
        return np.asarray(np.abs(values).max(axis=(1, 2), keepdims=True))

    # A component that the operations forbid is zero to the last digit, of the filled bands, too.
    left = (r.chi != 0).any(axis=(0, 1)) | (r.chi_error != 0).any(axis=(0, 1))
    return replace(
        r,
        chi=r.chi + left * unit * filled,
        chi_error=r.chi_error + left * (abs(unit) * error + off * largest(r.chi)),
        alpha_error=r.alpha_error + left * off * largest(r.alpha),
    )


class _Look:
    """A coarse mesh of every band, kept on disk."""

    def __init__(self, h: Hamiltonian, kept: Geometries, pool: Pool | None) -> None:
        zone = zone_of(h)
        assert isinstance(zone, ReciprocalCell)
        self.h, self.kept, self.pool, self.zone = h, kept, pool, zone
        self.n = kept.coarse_mesh(h) or LOOK_MESH
        self.geometry = kept.mesh(h, zone.mesh(self.n)[0], pool=pool)
        self._filled: dict[tuple[str, int, int], Filled] = {}

    def bands(self, mu: Floats, kelvin: float) -> slice:
        """Bands whose filling varies."""
        edges = self.zone.reciprocal / self.n
        spacing = max(np.linalg.norm(edges[0] + edges[1]), np.linalg.norm(edges[0] - edges[1]))
        return bands_in_reach(self.geometry, float(spacing), mu, kelvin)

    def filled(
        self, integrand: Integrand, count: int, error: float | None = None, progress: Progress | None = None
    ) -> Filled:
        """Chi of the lowest bands, full, to an error wanted [integrand's unit] or as the mesh has it.

        The sum over bands below a gap is smooth, so a uniform mesh converges exponentially; the error is the change
        from the mesh of every other point.
        """
        found = self._chi_of(integrand, count, self.n, self.geometry)
        n, done = self.n, 0.0
        while error is not None and found.error.max() > error and 2 * n <= FINEST_LOOK_MESH:
            n *= 2
            key = (integrand.name, count, n)
            if key not in self._filled:
                # Each mesh has half of what is left: whether a finer one is needed is not known before.
                g = self.kept.mesh(
                    self.h,
                    self.zone.mesh(n)[0],
                    pool=self.pool,
                    progress=part_of(progress, done, 0.5 * (1 + done)),
                    bands=slice(0, count),
                )
                done = 0.5 * (1 + done)
                self._filled[key] = self._chi_of(integrand, count, n, g)
            found = self._filled[key]
        return found

    def _chi_of(self, integrand: Integrand, count: int, n: int, g: BandGeometry) -> Filled:
        sea = integrand.chi_unit * integrand.densities(g)[0][:, :count].sum(axis=1) * self.zone.mesh(n)[1]
        fine, every_other = sea.sum(axis=1), 4 * sea.reshape(-1, n, n)[:, ::2, ::2].sum(axis=(1, 2))
        return Filled(fine, np.abs(fine - every_other))

    def size(self, integrand: Integrand, mu: Floats, kelvin: float) -> Floats:
        """Rough largest |chi| and |alpha| (2,) in the integrand's units."""
        _, triangles, weights = zone_triangles(self.zone, self.n)
        nodes = energy_nodes(self.geometry.energy, NODES, mu, kelvin)
        curve = triangle_curve(self.geometry, triangles, weights, integrand, nodes)
        at = np.array([kelvin])
        return np.array([np.abs(f(mu, at)).max() for f in (curve.chi, curve.alpha)])


class _Points:
    """Points of a range of bands, that tells how much of the wave vectors allowed it has seen."""

    def __init__(self, kept: Geometries, bands: slice, most: int, report: Progress | None) -> None:
        self.kept = kept
        self.bands, self.most, self.report, self.seen = bands, most, report, 0

    def __call__(self, h: Hamiltonian, k: Floats, *, pool: Pool | None = None) -> BandGeometry:
        g = self.kept.points(
            h, k, pool=pool, bands=self.bands, progress=lambda done: self.tell(done * k.shape[1])
        )
        self.seen += k.shape[1]
        self.tell()  # of points that were on disk nothing was told yet
        return g

    def tell(self, under_way: float = 0.0) -> None:
        """Report, and let the report end the work."""
        if self.report:
            self.report(min(SEEN_FRACTION, (self.seen + under_way) / self.most))
