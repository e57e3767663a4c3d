r"""The T = 0 curve resolved where a thermal window asks for it: the other side of the Mott check.

The zone is cut into triangles of its own (not those of the adaptive quadrature), each sampled at 64 points; where
a polynomial fits energies and densities these are put on a fine grid of sub-triangles, and the T = 0 integrals are
taken by linear interpolation there: corners below and above an energy, no Fermi factor anywhere. Two nested grids
give an extrapolated value and its error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.cost import MANY_BANDS, affordable
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry, blocks
from explorer.physics.geometry.bloch import energies
from explorer.physics.integration.cells.cells import RULE, quadrature_points, split
from explorer.physics.integration.cells.irreducible import Irreducible, irreducible
from explorer.physics.integration.cells.resolved_curve import GRID, WINDOW, Tables, add_resolved_families
from explorer.physics.integration.cells.triangle_polynomial import FIT, POINTS, VALUES
from explorer.physics.integration.expected_size import first_look
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.progress import Pool, Progress, part_of
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of

NODES_PER_KT = 16
FINEST_FEATURE = 4e-4
"""Widest piece of the curve [eV]: near-crossings put sharper features into it than a warm window asks for..."""
FEATURES_PER_WIDTH = 1e-5, 5e-5
"""... and its share of the width of the bands at least and at most: kinks follow the bands' own scale."""
LOOK = 12
"""Points a side of the mesh on which that width is looked up."""
MAX_LEVEL = 16
SHARE = 4
"""Families whose sums are taken in one call: what is under way when the hand moves is not stopped before its end."""
ENERGY_MISFIT = 2e-3
"""Misfit of an energy that is let pass, relative to k_B T; this and the next two at `RTOL`."""
DENSITY_MISFIT = 2e-5
FLOOR = 1e-6
"""Misfit of a density that is let pass, relative to its largest value or, times the cell's weight, to alpha."""
RTOL = 1e-3
"""Error of alpha, relative to its largest value, that these misfits keep well below."""


@dataclass(frozen=True, eq=False)
class MottAlpha:
    """alpha by (12) and, for low temperature, by (13), both (T, M, C) in the integrand's unit.

    error : of alpha, same shape; complete (T, M) : whether every cell within reach of mu could be resolved, without
    which the error holds nothing; evaluations : wave vectors.
    """

    alpha: Floats
    error: Floats
    low_temperature: Floats
    complete: Bools
    evaluations: int


def _grid(n: int) -> tuple[Floats, Integers]:
    """Barycentric grid with n intervals an edge, (points, 2), and its triangles (n*n, 3)."""
    index: dict[tuple[int, int], int] = {}
    for i in range(n + 1):
        for j in range(n + 1 - i):
            index[i, j] = len(index)
    points = np.array(list(index), dtype=float) / n
    up = [(index[i, j], index[i + 1, j], index[i, j + 1]) for i in range(n) for j in range(n - i)]
    down = [
        (index[i + 1, j], index[i + 1, j + 1], index[i, j + 1]) for i in range(n) for j in range(n - 1 - i)
    ]
    return points, np.array(up + down, dtype=np.int64)


def mott_alpha(
    h: Hamiltonian,
    integrand: Integrand,
    mu: Floats | float,
    temperature: Floats | float,
    *,
    rtol: float = RTOL,
    size: Floats | None = None,
    base: int = 10,
    max_evaluations: int | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
    geometry: Callable[..., BandGeometry] = band_geometry,
    operations: Sequence[Symmetry] = (),
    pause: Callable[[], None] | None = None,
    spend: Callable[[int, int], None] | None = None,
) -> MottAlpha:
    r"""Alpha from the T = 0 curve, $\alpha=\int(-f_0')\frac{\eta-\mu}{eT}\chi(\eta;0)\,d\eta$ (12), sign corrected.

    Parameters
    ----------
    mu, temperature : (M,) [eV], (T,) [K].
    rtol : error that may remain, relative to the largest alpha; looser ones than `RTOL` take fewer wave vectors.
    size : (T,) the largest |alpha| in the integrand's unit, where it is known; None takes it from a coarse mesh, which
        at low temperature may have it wrong by a factor of fifty.
    base : squares per side of the coarsest cells.
    max_evaluations : wave vectors per temperature after which the level under way is the last: what is left is taken
        as it is, and the result as not complete; None: what takes minutes.
    geometry : what computes the geometry at wave vectors, called as `band_geometry(h, k, pool=)`; full bands below a
        gap may be missing from it.
    operations : operations that hold, by which the zone is reduced, as in `adaptive_response`.
    pause : called after every few cells; an exception that it raises ends the work.
    spend : told of wave vectors before they are computed, and of what `add_resolved_families` has done, in an order
        that no thread changes; an exception that it raises ends the work.

    Returns
    -------
    MottAlpha; alpha is extrapolated from two nested grids (the error of linear interpolation falls fourfold),
    its error is a third of their difference.
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    shape = (temperature.size, mu.size, len(integrand.components))
    alpha, error, low = np.empty(shape), np.empty(shape), np.empty(shape)
    complete = np.ones(shape[:2], dtype=bool)
    evaluations = 0
    ceiling = max_evaluations or affordable(h)
    if size is None:
        look = 64 if h.size <= MANY_BANDS else 24
        size = first_look(h, integrand, mu, temperature, look, pool, geometry).size()[:, 1]
    loose = max(1.0, rtol / RTOL)
    reduced = irreducible(zone_of(h), integrand, operations)
    levels = energies(h, zone_of(h).mesh(LOOK)[0])
    for t, kelvin in enumerate(temperature):
        components = len(integrand.components)
        matters = np.full(components, FLOOR * loose * size[t] / abs(integrand.alpha_unit))
        floor = np.concatenate([matters, 4 * K_B * kelvin * matters])
        # Errors of an energy enter twice over, by the place of a level and by the slope of the density there.
        misfit = np.array([ENERGY_MISFIT * np.sqrt(loose) * K_B * kelvin, DENSITY_MISFIT * loose])
        windows, nodes = _nodes(mu, K_B * kelvin, levels)
        curves, complete[t], used = _curves(
            h,
            reduced,
            mu,
            float(kelvin),
            windows,
            nodes,
            misfit,
            floor,
            base,
            ceiling,
            pool,
            geometry,
            pause,
            spend,
            part_of(progress, t / temperature.size, (t + 1) / temperature.size),
        )
        evaluations += used
        one = np.array([kelvin])
        fine, coarse = (c.alpha(mu, one)[0] for c in curves)
        alpha[t] = fine + (fine - coarse) / 3
        error[t] = np.abs(fine - coarse) / 3
        low[t] = curves[0].alpha_low_temperature(mu, one)[0]
        if progress:
            progress((t + 1) / temperature.size)
    return MottAlpha(alpha, error, low, complete, evaluations)


def least_evaluations(
    h: Hamiltonian, integrand: Integrand, base: int = 10, operations: Sequence[Symmetry] = ()
) -> int:
    """Wave vectors of a Mott integral whose coarsest cells are all resolved: fewer it never takes."""
    zone = zone_of(h)
    return 4 * POINTS * len(irreducible(zone, integrand, operations).cells(zone, base)[0])


def _windows(mu: Floats, kT: float) -> Floats:
    """Disjoint ascending windows around all mu, (W, 2)."""
    edges: list[list[float]] = []
    for centre in np.sort(mu):
        if edges and centre - WINDOW * kT <= edges[-1][1]:
            edges[-1][1] = centre + WINDOW * kT
        else:
            edges.append([centre - WINDOW * kT, centre + WINDOW * kT])
    return np.array(edges)


def _nodes(mu: Floats, kT: float, levels: Floats) -> tuple[Floats, Floats]:
    """Windows (W, 2) around all mu and the energy nodes of the curve inside them.

    levels : energies on a coarse mesh [eV]; pieces stay as wide as k_B T asks for where there are none.
    """
    lowest, highest = float(levels.min()), float(levels.max())
    width = (highest - lowest) or kT
    fewest, most = FEATURES_PER_WIDTH
    feature = min(max(FINEST_FEATURE, fewest * width), most * width)
    wide = kT / NODES_PER_KT
    bounds = np.array([lowest - 0.1 * width, highest + 0.1 * width])
    windows, pieces = _windows(mu, kT), []
    for low, high in windows:
        edges = [low, *bounds[(bounds > low) & (bounds < high)], high]
        for start, stop in pairwise(edges):
            beyond = start >= bounds[1] or stop <= bounds[0]
            step = wide if beyond else min(wide, feature)
            pieces.append(np.linspace(start, stop, int(np.ceil((stop - start) / step)) + 1))
    return windows, np.unique(np.concatenate(pieces))


def _curves(
    h: Hamiltonian,
    reduced: Irreducible,
    mu: Floats,
    kelvin: float,
    windows: Floats,
    nodes: Floats,
    misfit: Floats,
    floor: Floats,
    base: int,
    ceiling: int,
    pool: Pool | None,
    geometry: Callable[..., BandGeometry],
    pause: Callable[[], None] | None,
    spend: Callable[[int, int], None] | None,
    report: Progress | None,
) -> tuple[list[ZeroTemperatureCurve], Bools, int]:
    """The T = 0 curve inside the windows on the fine and on the coarse grid; outside it is not meant to be right.

    Also for which mu (M,) it is complete, and the wave vectors that it took.
    """
    zone, kT = zone_of(h), K_B * kelvin
    grids = (*_grid(GRID), *_grid(GRID // 2))
    rule, fit, values = RULE, FIT, VALUES
    components = len(reduced.integrand.components)
    sums = np.zeros((2, 2, nodes.size, 2 * components))
    cells, share = reduced.cells(zone, base)
    evaluations, complete = 0, np.ones(mu.size, dtype=bool)
    for level in range(MAX_LEVEL + 1):
        last = level == MAX_LEVEL or evaluations + 4 * POINTS * len(cells) > ceiling
        left = []
        for part in blocks(len(cells), 1024):
            k, weights, reach = quadrature_points(zone, split(cells[part]).reshape(-1, 3, 2))
            weights *= np.repeat(share[part], 4)[:, None]
            if spend:
                spend(weights.size, 0)  # before, as they may take minutes
            g = geometry(h, k.reshape(2, -1), pool=pool)
            evaluations += g.k.shape[1]
            shape = (g.energy.shape[0], len(weights), POINTS)
            energy, speed = (
                np.ascontiguousarray(g.energy).reshape(shape),
                np.hypot(*g.velocity).reshape(shape),
            )
            densities = np.concatenate(reduced.densities(g)).reshape(-1, *shape)
            done = np.empty(len(weights) // 4, dtype=bool)
            add = partial(
                _share_of_sums,
                (energy, speed, densities, weights, reach),
                (mu, windows, kT, misfit, floor, fit, values, rule, *grids, nodes),
                done,
                last,
                sums.shape,
            )
            # The sums of each share are its own; adding them up is cheap beside filling them.
            shares = list(blocks(done.size, SHARE))
            for n, (added, unresolved, work) in enumerate(
                pool.map(add, shares) if pool else map(add, shares), start=1
            ):
                sums += added
                complete &= ~unresolved
                if spend:
                    spend(0, work)
                if pause:
                    pause()
                if report:
                    # Whether a level is the last is not known before: each has half of what is left.
                    through = part.start + n / len(shares) * (part.stop - part.start)
                    report(1 - 0.5**level * (1 - 0.5 * through / len(cells)))
            left.append(part.start + np.flatnonzero(~done))
        kept = np.concatenate(left)
        if not len(kept):
            break
        cells, share = split(cells[kept]).reshape(-1, 3, 2), np.repeat(share[kept], 4)
    curves = []
    for inside, steps in sums:
        cumulative = (inside + np.cumsum(steps, axis=0)).T
        sea, surface = cumulative[:components].copy(), cumulative[components:].copy()
        curves.append(ZeroTemperatureCurve(reduced.integrand, nodes, sea, surface))
    return curves, complete, evaluations


def _share_of_sums(
    samples: tuple[Floats, ...],
    tables: Tables,
    done: Bools,
    last: bool,
    shape: tuple[int, ...],
    share: slice,
) -> tuple[Floats, Bools, int]:
    """Sums of the families of one share, for which mu they are not resolved, and the work; fills its part of `done`."""
    energy, speed, densities, weights, reach = samples
    own = slice(4 * share.start, 4 * share.stop)
    sums, unresolved = np.zeros(shape), np.zeros(tables[0].size, dtype=bool)
    work = add_resolved_families(
        np.ascontiguousarray(energy[:, own]),
        np.ascontiguousarray(speed[:, own]),
        np.ascontiguousarray(densities[:, :, own]),
        weights[own],
        reach[own],
        *tables,
        sums,
        done[share],
        last,
        unresolved,
    )
    return sums, unresolved, work
