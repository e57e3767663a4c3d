r"""Adaptive quadrature of (8) and (9): the mesh is refined in L and in e - mu until an error estimate is met.

A family is a cell with its four children. Its value is the children's sum, its error the difference d from the
cell's own value, which is an estimate for the coarser of the two and so errs on the safe side. The error bar of the
whole is $2\sqrt{\sum d^2} + \frac14|\sum d|$: the d of cells along a Fermi line have random signs, and what they
have in common is the difference of two quadratures of the whole. Level by level, families whose errors together fit
the budget are settled; in the others, where the bands are smooth, the refinement goes on on polynomials
(`cell_polynomial`), and elsewhere each child becomes a family. A family is also refined, whatever its error says,
where its points cannot know better: where a band edge or the Fermi line may lie between them, or where two bands
that straddle mu come closer than the points resolve. Where a tenth of the degeneracy tolerance makes other groups of
the levels, what that changes is added to the bar: it is a choice, not a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.cost import MANY_BANDS, affordable
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry, blocks
from explorer.physics.geometry.finer_groups import Refinement
from explorer.physics.integration.cells.cell_polynomial import (
    UNSEEN,
    integrate_families,
    polynomial_tables,
)
from explorer.physics.integration.cells.cell_sums import WINDOW, Samples, cell_sums
from explorer.physics.integration.cells.cells import RULE, quadrature_points, split
from explorer.physics.integration.cells.irreducible import Irreducible, irreducible
from explorer.physics.integration.cells.near_crossings import hidden_crossings
from explorer.physics.integration.expected_size import NOTHING, first_look
from explorer.physics.integration.families import Families, Totals, refined
from explorer.physics.progress import Pool, Progress
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Zone, zone_of

POINTS = len(RULE)
MAX_LEVEL = 16


class _Integration:
    """One adaptive run: a Hamiltonian, an integrand, and J jobs (mu, k_B T) with wanted errors (J, 2 C)."""

    def __init__(
        self,
        h: Hamiltonian,
        part: Irreducible,
        mu: Floats,
        kT: Floats,
        want: Floats,
        pool: Pool | None,
        geometry: Callable[..., BandGeometry] = band_geometry,
    ) -> None:
        self.geometry = geometry
        self.refinement = Refinement(h, partial(geometry, pool=pool))
        self.regrouped: tuple[np.ndarray, ...] | None = None
        self.sampled: list[Floats] = []
        self.h, self.part, self.mu, self.kT, self.want, self.pool = h, part, mu, kT, want, pool
        self.zone: Zone = zone_of(h)
        self.outputs = want.shape[1]
        self.evaluations = 0

    def sample(self, cells: Floats, share: Floats) -> Samples:
        """Arrays of `cell_sums` on the points of cells (P, 3, 2) of weights (P,); sets `regrouped`."""
        k, weights, reach = quadrature_points(self.zone, cells)
        weights *= share[:, None]
        g: BandGeometry = self.geometry(self.h, k.reshape(2, -1), pool=self.pool)
        self.sampled.append(cells)
        self.evaluations += g.k.shape[1]
        sea, surface = self.part.densities(g)
        shape = (g.energy.shape[0], len(cells), POINTS)
        energy, speed = np.ascontiguousarray(g.energy).reshape(shape), np.hypot(*g.velocity).reshape(shape)
        fastest = speed.max(axis=2)
        bottom, top = (self.mu - WINDOW * self.kT).min(), (self.mu + WINDOW * self.kT).max()
        self.regrouped = self._regrouped(g, energy, weights)
        change = 2 * UNSEEN * (fastest[1:] + fastest[:-1]) * reach
        return (
            energy,
            speed,
            np.ascontiguousarray(sea).reshape(len(sea), *shape),
            np.ascontiguousarray(surface).reshape(len(sea), *shape),
            weights,
            reach,
            hidden_crossings(
                self.h, k, energy, change, bottom, top, getattr(self.geometry, "velocities", None)
            ),
        )

    def _regrouped(self, g: BandGeometry, energy: Floats, weights: Floats) -> tuple[np.ndarray, ...] | None:
        """What a finer tolerance changes in the cells that it does: their numbers, energies, changes, weights."""
        found = self.refinement.of(g)
        if found is None:
            return None
        self.evaluations += found.at.size
        cells, place = np.unique(found.at // POINTS, return_inverse=True)
        column = place.ravel() * POINTS + found.at % POINTS
        changes = []
        for coarse, fine in zip(*(self.part.densities(x) for x in (found.coarse, found.fine)), strict=True):
            whole = np.zeros((*coarse.shape[:2], cells.size * POINTS))
            whole[..., column] = fine - coarse
            changes.append(whole.reshape(*coarse.shape[:2], cells.size, POINTS))
        return cells, np.ascontiguousarray(energy[:, cells]), *changes, weights[cells]

    def changes(self, cell: Integers, job: Integers) -> Floats:
        """What a finer tolerance changes in (cell, job) pairs of the cells sampled last, (J, 2 C)."""
        change = np.zeros((cell.size, self.outputs))
        if self.regrouped is None:
            return change
        cells, energy, sea, surface, weights = self.regrouped
        at = np.searchsorted(cells, cell)
        own = np.flatnonzero(cells[np.minimum(at, cells.size - 1)] == cell)
        found, still = np.zeros((own.size, self.outputs)), np.zeros_like(energy)
        nothing = np.zeros(cells.size), np.zeros((len(energy), cells.size), dtype=bool)
        cell_sums(
            energy,
            still,
            sea,
            surface,
            weights,
            *nothing,
            at[own],
            self.mu[job[own]],
            self.kT[job[own]],
            np.inf,
            found,
            np.zeros(own.size, dtype=bool),
        )
        change[own] = found
        return change

    def share(self, work: Callable[[slice], None], count: int, size: int) -> None:
        """Run work over slices of range(count), on the pool where there is one."""
        parts = list(blocks(count, size))
        list(self.pool.map(work, parts) if self.pool else map(work, parts))

    def start(self, base: int) -> Families:
        """The coarsest cells, active for every job."""
        cells, share = self.part.cells(self.zone, base)
        cell, job = (
            a.ravel() for a in np.meshgrid(np.arange(len(cells)), np.arange(self.mu.size), indexing="ij")
        )
        value, _ = self.values(self.sample(cells, share), cell, job)
        return Families(cells, share, cell, job, value)

    def values(self, arrays: Samples, cell: Integers, job: Integers) -> tuple[Floats, Bools]:
        """Values (J, 2 C) and blindness (J,) of (cell, job) pairs."""
        value = np.zeros((cell.size, self.outputs))
        blind = np.zeros(cell.size, dtype=bool)

        def work(s: slice) -> None:
            cell_sums(
                *arrays,
                cell[s],
                self.mu[job[s]],
                self.kT[job[s]],
                self.h.degeneracy_tolerance,
                value[s],
                blind[s],
            )

        self.share(work, cell.size, 4096)
        return value, blind

    def polynomials(
        self, arrays: Samples, family: Integers, job: Integers, budget: Floats
    ) -> tuple[Floats, Floats, Floats, Bools]:
        """value, signed, squared (J, 2 C) and done (J,) of pairs refined on polynomials."""
        value, signed, squared = np.zeros((3, family.size, self.outputs))
        done = np.zeros(family.size, dtype=bool)

        def work(s: slice) -> None:
            integrate_families(
                *arrays[:-1],
                family[s],
                self.mu[job[s]],
                self.kT[job[s]],
                budget[s],
                self.want[job[s]],
                *polynomial_tables(),
                value[s],
                signed[s],
                squared[s],
                done[s],
            )

        self.share(work, family.size, 64)
        return value, signed, squared, done

    def level(self, families: Families, totals: Totals, last: bool) -> Families | None:
        """Settle what can be settled of one level; the rest as the families of the next."""
        pairs = families.cell.size
        child_value = np.empty((pairs, 4, self.outputs))
        blind = np.empty(pairs, dtype=bool)
        regrouped = np.zeros((pairs, self.outputs))
        kept: list[Samples] = []
        children, share = split(families.cells), np.repeat(families.share[:, None], 4, axis=1)
        for part, own in families.chunks():
            arrays = self.sample(children[part].reshape(-1, 3, 2), share[part].ravel())
            kept.append(arrays)
            cell = (4 * (families.cell[own, None] - part.start) + np.arange(4)).ravel()
            value, unsure = self.values(arrays, cell, np.repeat(families.job[own], 4))
            child_value[own] = value.reshape(-1, 4, self.outputs)
            blind[own] = unsure.reshape(-1, 4).any(axis=1)
            if self.regrouped is not None:
                change = self.changes(cell, np.repeat(families.job[own], 4))
                regrouped[own] = change.reshape(-1, 4, self.outputs).sum(axis=1)

        fine = child_value.sum(axis=1)
        difference = fine - families.value
        # 2 sqrt(sum d^2) is to stay below 0.8 of the tolerance, the signed sum has the rest. In squares, a level may
        # settle with a third of what the levels before it left, and spend another third on polynomials.
        budget = np.maximum(0.16 - totals.squared / self.want**2, 0.0).min(axis=1) / 3
        ratio = ((difference / self.want[families.job]) ** 2).max(axis=1)
        refine = refined(ratio, blind, families.job, budget)
        settle = ~refine

        unsettled = np.bincount(families.job[refine], minlength=self.mu.size)
        allowed = 0.5 * budget[families.job] / np.maximum(unsettled[families.job], 1)
        for arrays, (part, own) in zip(kept, families.chunks(), strict=True):
            ask = own.start + np.flatnonzero(refine[own])
            if not ask.size:
                continue
            value, signed, squared, done = self.polynomials(
                arrays, families.cell[ask] - part.start, families.job[ask], allowed[ask]
            )
            totals.add(families.job[ask[done]], value[done], signed[done], squared[done])
            totals.regroup(families.job[ask[done]], regrouped[ask[done]])
            refine[ask[done]] = False

        if last:
            totals.met[np.unique(families.job[refine])] = False
            settle |= refine
            refine[:] = False
        totals.add(families.job[settle], fine[settle], difference[settle], difference[settle] ** 2)
        totals.regroup(families.job[settle], regrouped[settle])
        if not refine.any():
            return None
        used, compact = np.unique(families.cell[refine], return_inverse=True)
        cell = (4 * compact[:, None] + np.arange(4)).ravel()
        order = np.argsort(cell, kind="stable")
        return Families(
            children[used].reshape(-1, 3, 2),
            share[used].ravel(),
            cell[order],
            np.repeat(families.job[refine], 4)[order],
            child_value[refine].reshape(-1, self.outputs)[order],
        )


def adaptive_response(
    h: Hamiltonian,
    integrand: Integrand = INTRINSIC,
    mu: Floats | float = 0.0,
    temperature: Floats | float = 300.0,
    *,
    rtol: float = 1e-3,
    scale: tuple[float, float] | None = None,
    base: int | None = None,
    look: int | None = None,
    max_evaluations: int | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
    geometry: Callable[..., BandGeometry] = band_geometry,
    operations: Sequence[Symmetry] = (),
) -> Response:
    """Chi and alpha, (8) and (9), each with its error bar.

    Parameters
    ----------
    h : Hamiltonian; integrand : which response.
    mu, temperature : (M,) [eV] and (T,) [K].
    rtol : wanted error relative to the largest |chi| (|alpha|) over mu at each temperature, or to `scale`; where
        these are next to nothing (`FirstLook.floor`), to that.
    scale : (chi, alpha) in the integrand's units to which rtol refers, e.g. a curve's maximum.
    base : squares per side of the coarsest mesh; None: 12, or 6 where a wave vector takes milliseconds.
    max_evaluations : wave vectors after which what is left counts as not converged; None: what takes minutes.
    progress : called with a rough fraction; an exception it raises cancels.
    geometry : what computes the geometry at wave vectors, called as `band_geometry(h, k, pool=)`; one that keeps
        what it computed lets a run go on where another stopped, and one of a group of bands that has `velocities`
        tells how close two of them come.
    look : points a side of the mesh from which sizes are guessed; None: 64, or 24 where a wave vector is dear.
    operations : operations that hold (`symmetry.verify`), by which the zone is reduced: what they forbid is then zero
        by their word, not by the quadrature's. None are taken by themselves.

    Returns
    -------
    Response, values (T, M, C), with the cells it sampled.
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    if np.any(temperature <= 0):
        raise ValueError(f"temperature must be above 0 K, got {temperature.min()}")
    large = h.size > MANY_BANDS
    base = base or (6 if large else 12)
    ceiling = max_evaluations or affordable(h)
    components = len(integrand.components)
    units = np.repeat([integrand.chi_unit, integrand.alpha_unit], components)
    job_mu, job_kT = np.tile(mu, temperature.size), np.repeat(K_B * temperature, mu.size)
    shape = (temperature.size, mu.size, 2, components)

    part = irreducible(zone_of(h), integrand, operations)
    sampled: list[Floats] = []

    def run(size: Floats) -> tuple[Totals, int]:
        want = rtol * size / np.abs(units)
        work = _Integration(h, part, job_mu, job_kT, want, pool, geometry)
        sampled[:] = [np.zeros((0, 3, 2))]
        totals = Totals.none(want.shape)
        families: Families | None = work.start(base)
        for level in range(MAX_LEVEL + 1):
            if families is None:
                break
            spent = work.evaluations + 4 * POINTS * len(families.cells) > ceiling
            families = work.level(families, totals, last=spent or level == MAX_LEVEL)
            if progress:
                # Jobs that are done, and of one that is not as much as levels halve what is left.
                waiting = 0 if families is None else np.unique(families.job).size
                progress(1.0 - waiting / (job_mu.size + 1.0) * (0.5 + 0.5**level / 2))
        totals.met &= (totals.quadrature <= want).all(axis=1)
        sampled.extend(work.sampled)
        return totals, work.evaluations

    if scale is not None:
        true_size = np.repeat(np.abs(scale) + NOTHING, components) * np.ones((job_mu.size, 1))
        totals, evaluations = run(true_size)
    else:
        points = look or (24 if large else 64)
        first = first_look(h, integrand, mu, temperature, points, pool, geometry if look else band_geometry)
        guess = np.repeat(np.repeat(first.size(), components, axis=1), mu.size, axis=0)
        totals, evaluations = run(guess)
        found = np.abs(totals.value * units).reshape(shape).max(axis=(1, 3))
        found = np.maximum(found, first.floor)
        true_size = np.repeat(np.repeat(found, components, axis=1), mu.size, axis=0)
        if np.any((totals.quadrature * np.abs(units) > rtol * true_size) & totals.met[:, None]):
            # The coarse curve overestimated what rtol refers to.
            totals, more = run(np.minimum(guess, true_size))
            evaluations += more
    totals.met &= (totals.bar * np.abs(units) <= rtol * true_size).all(axis=1)
    result = (totals.value * units).reshape(shape) + 0.0  # what is forbidden is 0, not -0
    bars = (totals.bar * np.abs(units)).reshape(shape)
    return Response(
        mu,
        temperature,
        result[:, :, 0],
        result[:, :, 1],
        bars[:, :, 0],
        bars[:, :, 1],
        totals.met.reshape(shape[:2]),
        evaluations,
        np.concatenate(sampled),
    )
