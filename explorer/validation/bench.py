"""One model at its present parameters, with what several checks share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.model import Model
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.cost import MANY_BANDS
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.geometry.bloch import energies
from explorer.physics.geometry.equation_11_as_printed import Bands, bands_at, smallest_length
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.cells.irreducible import irreducible
from explorer.physics.kernels.rows import FLUX, METRIC, ROW_COUNT, ROWS, SURFACE, TERM1, TERM2, VELOCITY
from explorer.physics.progress import Pool
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.responses.row import Inputs
from explorer.physics.symmetry.operations import sample_wave_vectors, verify
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of
from explorer.results.adaptive import reached_points

TERM1_TOLERANCE = 1e-10
KELVIN = 300.0
"""Temperature of the checks that need one [K]..."""
COLD = 50.0
"""... and of the integrals of a crystal with many bands: there few of them are partly filled at it."""


@dataclass(frozen=True)
class Level:
    """How much is computed.

    points : random wave vectors. stars : of the symmetric set. mesh : points a side of the plain sums.
    evaluations : wave vectors that each converged integral may use, 0 for none of these; many : the same for a crystal
    with more than `MANY_BANDS` bands, fewer beyond `VERY_MANY_BANDS`.
    """

    points: int
    stars: int
    mesh: int
    evaluations: int
    many: int

    def for_size(self, bands: int) -> Level:
        """Less of everything where there are many bands."""
        share = min(1.0, SMALL / bands)
        return Level(
            max(1, round(2 * self.points * share)) if share < 0.5 else self.points,
            max(2, round(self.stars * share)),
            max(4, round(self.mesh * share)),
            round(
                self.evaluations * share**2
                if bands <= MANY_BANDS
                else self.many * min(1.0, VERY_MANY_BANDS / bands) ** 2
            ),
            self.many,
        )


LEVELS = {
    "brief": Level(3, 8, 12, 0, 0),
    "quick": Level(3, 8, 12, 900_000, 12_000),
    "full": Level(12, 40, 36, 4_000_000, 50_000),
}
"""Brief: nothing that needs converged integrals."""
SMALL = 8
"""Bands beyond which less is computed."""
VERY_MANY_BANDS = 112
"""Bands beyond which these, too, get fewer wave vectors: the work at one grows as their cube."""
BASE = 10
"""Squares per side of the coarsest cells of the Mott integral at most, and"""
REFINED = 256
"""wave vectors that one of their cells takes when it is refined."""
LOOK = 24
"""Points a side of the mesh on which that pocket is looked for."""
POCKET = 5.0
"""How far mu lies above the bottom of that pocket, in k_B T."""


@dataclass(frozen=True, eq=False)
class Bench:
    """One model at its present parameters, with what several checks share."""

    model: Model
    h: Hamiltonian
    level: Level
    seed: int
    pool: Pool | None
    _responses: dict[tuple[str, int], Response] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> Inputs:
        """What densities may need, at a relaxation time of 1 ps."""
        return Inputs(self.h, self.model.spin())

    @cached_property
    def points(self) -> Floats:
        """Wave vectors without symmetry, those where the groups of levels are widest apart, (2, K)."""
        candidates = sample_wave_vectors(self.h, 6 * self.level.points, self.seed)
        energy = band_geometry(self.h, candidates).energy
        return candidates[:, clear_of_crossings(energy, self.h)][:, : self.level.points]

    @cached_property
    def literal(self) -> list[Bands]:
        """Equation (11)'s ingredients at the points."""
        return [bands_at(self.h, k) for k in self.points.T]

    @cached_property
    def geometry(self) -> BandGeometry:
        """The kernels' geometry at the points."""
        return band_geometry(self.h, self.points)

    @cached_property
    def scales(self) -> Floats:
        """Natural size of each row of the geometry at the points, (ROW_COUNT,)."""
        return natural_scales(self.geometry, smallest_length(self.h))

    @cached_property
    def rounding(self) -> float:
        """What double precision leaves of the sums of (11): 1e-10, more where they are badly conditioned.

        States lose width/gap where two groups nearly meet, and A loses |dH|/gap over its own size where the
        states hardly depend on k.
        """
        energy, groups = self.geometry.energy, self.geometry.groups
        gaps = np.where(np.diff(groups, axis=0) > 0, np.diff(energy, axis=0), np.inf)
        gap = float(gaps.min(initial=np.inf))
        width, speed, area = (self.scales[ROWS[name]] for name in ("energy", "v_x", "g_xx"))
        length = np.sqrt(area)
        lost = float(max(width, speed / length) / gap * np.finfo(float).eps)
        return max(TERM1_TOLERANCE, 100 * lost)

    @cached_property
    def mesh(self) -> tuple[BandGeometry, Floats]:
        """Geometry and weights of a uniform mesh."""
        k, weights = zone_of(self.h).mesh(self.level.mesh)
        return band_geometry(self.h, k, pool=self.pool), weights

    def response(self, integrand: Integrand, evaluations: int) -> Response:
        """Chi and alpha at `integral_mu` by adaptive quadrature, within a number of wave vectors; computed once."""
        key = (integrand.name, evaluations)
        if key not in self._responses:
            self._responses[key] = adaptive_response(
                self.h,
                integrand,
                self.integral_mu,
                self.kelvin,
                rtol=self.rtol,
                max_evaluations=evaluations,
                pool=self.pool,
                geometry=self.reached,
                operations=self.operations,
            )
        return self._responses[key]

    @cached_property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """Declared operations that hold on H(k)."""
        return tuple(c.symmetry for c in verify(self.h, self.model.symmetries()) if c.holds)

    @cached_property
    def chemical_potentials(self) -> Floats:
        """Three levels inside the bands of the mesh [eV]."""
        g, _ = self.mesh
        return np.quantile(g.energy, (0.2, 0.45, 0.7))

    @cached_property
    def integral_mu(self) -> Floats:
        """Chemical potentials of the converged integrals [eV].

        Of many bands: where the model opens, or lower, just above the gap below that.
        """
        if self.h.size <= MANY_BANDS:
            return self.chemical_potentials
        energy, top = energies(self.h, zone_of(self.h).mesh(LOOK)[0]), self.model.default_mu
        gaps = [n for n in range(1, len(energy)) if energy[n - 1].max() < min(energy[n].min(), top)]
        bottom = float(energy[max(gaps, default=0)].min())
        return np.array([min(top, bottom + POCKET * K_B * self.kelvin)])

    @cached_property
    def reached(self) -> Callable[..., BandGeometry]:
        """What computes the geometry for the integrals: of many bands those that `integral_mu` reaches.

        A full band adds the same to both sides, the integral of its T1; its T2 is a total derivative.
        """
        return reached_points(self.h, self.integral_mu, np.array([self.kelvin]), self.pool)

    @property
    def rtol(self) -> float:
        """Error of the converged integrals relative to their curve's maximum."""
        return 1e-2 if self.h.size > MANY_BANDS else 1e-3

    @property
    def base(self) -> int:
        """Squares per side of the coarsest cells of the Mott integral: so few that the budget refines them once."""
        if self.h.size <= MANY_BANDS:
            return BASE
        zone = zone_of(self.h)
        cells = len(irreducible(zone, INTRINSIC, self.operations).cells(zone, BASE)[0])
        share = self.level.evaluations / (REFINED * cells)
        return max(2, int(BASE * min(1.0, np.sqrt(share))))

    @property
    def operations(self) -> tuple[Symmetry, ...]:
        """Operations by which the zone of the integrals is reduced: of many bands those that hold on H(k)."""
        return self.symmetries if self.h.size > MANY_BANDS else ()

    @property
    def kelvin(self) -> float:
        """Temperature of the converged integrals [K]."""
        return COLD if self.h.size > MANY_BANDS else KELVIN


def clear_of_crossings(energy: Floats, h: Hamiltonian) -> Integers:
    """Indices of wave vectors, those first whose closest pair of groups is widest apart.

    Where two levels are split by about the degeneracy tolerance, rounding decides whether they are one group,
    and (11) is a different sum for either answer.
    """
    gaps = np.diff(energy, axis=0)
    gaps = np.where(gaps > h.degeneracy_tolerance, gaps, np.inf)
    if h.kramers_pairs:
        gaps[::2] = np.inf
    return np.asarray(np.argsort(-gaps.min(axis=0, initial=np.inf), kind="stable"))


def natural_scales(g: BandGeometry, length: float) -> Floats:
    """What each row of a geometry can be at most, or is typically, by its dimension, (ROW_COUNT,).

    |Omega| <= tr G; the moment is at most tr G times the width of the spectrum; L is a length cubed. Where
    the states do not depend on k at all the metric is rounding: below (1e-6 length)^2 it counts as that.
    """
    width = float(np.ptp(g.energy))
    area = max(float((g.metric[0] + g.metric[2]).max()), (1e-6 * length) ** 2)
    speed = float(np.abs(g.velocity).max())
    size = max(float(np.abs(g.values[TERM1.start : TERM2.stop]).max()), 1e-3 * area**1.5)
    each = (
        (ROWS["energy"], width),
        (VELOCITY, speed),
        (TERM1, size),
        (TERM2, size),
        (METRIC, area),
        (ROWS["curvature"], area),
        (ROWS["moment"], width * area),
        (SURFACE, speed * area),
        (FLUX, speed * width * area),
    )
    scales = np.empty(ROW_COUNT)
    for rows, scale in each:
        scales[rows] = scale
    return scales
