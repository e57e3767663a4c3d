"""Every check of the theory on one model, as numbers with tolerances: what `om-explorer check` prints.

A check of kind "physics" compares two computations that share no more than H(k); one of kind "self-test"
holds for any densities because of the occupations alone and says nothing about the crystal (theory section 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from explorer.physics.equilibrium import HALL, STREDA
from explorer.physics.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.geometry import BandGeometry, band_geometry
from explorer.physics.integrand import INTRINSIC, Integrand
from explorer.physics.literal import Bands, bands_at, literal_metric, literal_term1, slopes, smallest_length
from explorer.physics.potential import thermodynamic_potential
from explorer.physics.sums import plain_sum
from explorer.physics.symmetry import magnetic_point_group, sample_wave_vectors, verify
from explorer.physics.tensor_symmetry import ORBITAL_RESPONSES, actions, allowed_components
from explorer.physics.units import K_B
from explorer.physics.zone import zone_of
from models.arrays import Complexes, Floats, Integers
from models.base import Model
from models.hamiltonian import Hamiltonian, LatticeHamiltonian
from models.symmetry import Symmetry

TERM1_TOLERANCE = 1e-10
CURL_TOLERANCE = 1e-6
FORBIDDEN_TOLERANCE = 1e-6
SUM_TOLERANCE = 1e-9
OCCUPATION_TOLERANCE = 1e-3
KELVIN = 300.0
"""Temperature of the checks that need one [K]."""


@dataclass(frozen=True)
class CheckResult:
    """One relation. value : its residual, in `unit`, to be compared with `tolerance`.

    kind : "physics" or "self-test". meaning : what is compared with what.
    """

    name: str
    value: float
    tolerance: float
    unit: str
    passed: bool
    kind: str
    meaning: str


@dataclass(frozen=True)
class Level:
    """How much is computed: random wave vectors, stars of the symmetric set, points a side of the mesh."""

    points: int
    stars: int
    mesh: int

    def for_size(self, bands: int) -> Level:
        """Less of everything where there are many bands."""
        share = min(1.0, LARGE / bands)
        return Level(
            max(1, round(self.points * share)),
            max(2, round(self.stars * share)),
            max(4, round(self.mesh * share)),
        )


LEVELS = {"quick": Level(3, 8, 12), "full": Level(12, 40, 36)}
LARGE = 24
"""Bands beyond which less is computed."""


@dataclass(frozen=True, eq=False)
class Bench:
    """One model at its present parameters, with what several checks share."""

    model: Model
    h: Hamiltonian
    level: Level
    seed: int
    pool: ThreadPoolExecutor | None

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
        """Natural size of each row of the geometry at the points, (12,)."""
        return natural_scales(self.geometry, smallest_length(self.h))

    @cached_property
    def rounding(self) -> float:
        """What double precision leaves of the sums of (11): 1e-10, more where two groups nearly meet."""
        energy, groups = self.geometry.energy, self.geometry.groups
        gaps = np.where(np.diff(groups, axis=0) > 0, np.diff(energy, axis=0), np.inf)
        lost = float(np.ptp(energy)) / float(gaps.min(initial=np.inf)) * np.finfo(float).eps
        return max(TERM1_TOLERANCE, 100 * lost)

    @cached_property
    def mesh(self) -> tuple[BandGeometry, Floats]:
        """Geometry and weights of a uniform mesh."""
        k, weights = zone_of(self.h).mesh(self.level.mesh)
        return band_geometry(self.h, k, pool=self.pool), weights

    @cached_property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """Declared operations that hold on H(k)."""
        return tuple(c.symmetry for c in verify(self.h, self.model.symmetries()) if c.holds)

    @cached_property
    def chemical_potentials(self) -> Floats:
        """Three levels inside the bands of the mesh [eV]."""
        g, _ = self.mesh
        return np.quantile(g.energy, (0.2, 0.45, 0.7))


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


def validate(
    model: Model,
    level: str = "quick",
    *,
    hamiltonian: Hamiltonian | None = None,
    seed: int = 11,
    pool: ThreadPoolExecutor | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[CheckResult]:
    """Run every check that applies to a model at its present parameters.

    Parameters
    ----------
    model : the model; its declared symmetries are among what is checked.
    level : "quick" or "full".
    hamiltonian : used in place of the model's own, e.g. with other rules for degenerate levels.
    seed : of the random wave vectors.
    pool : threads that share the blocks of k.
    progress : called with the finished fraction; an exception it raises stops the work.

    Raises
    ------
    ValueError : no such level.
    """
    if level not in LEVELS:
        raise ValueError(f"no level {level} of checks; one of {', '.join(LEVELS)}")
    h = hamiltonian or model.hamiltonian()
    bench = Bench(model, h, LEVELS[level].for_size(h.size), seed, pool)
    results: list[CheckResult] = []
    for done, check in enumerate(CHECKS, start=1):
        results += check(bench)
        if progress:
            progress(done / len(CHECKS))
    return results


def _result(name: str, value: float, tolerance: float, unit: str, kind: str, meaning: str) -> CheckResult:
    return CheckResult(name, value, tolerance, unit, bool(value <= tolerance), kind, meaning)


def _relative(computed: Floats, expected: Floats, floor: float = 0.0) -> float:
    """Largest difference over the largest entry, or over `floor` where symmetry leaves only rounding."""
    scale = max(float(np.abs(expected).max(initial=0.0)), floor)
    return float(np.abs(computed - expected).max(initial=0.0)) / scale if scale > 0 else 0.0


def natural_scales(g: BandGeometry, length: float) -> Floats:
    """What each row of a geometry can be at most, or is typically, by its dimension, (12,).

    |Omega| <= tr G; the moment is at most tr G times the width of the spectrum; L is a length cubed. States
    that do not depend on k at all have no geometry but rounding: a metric below (1e-6 length)^2 counts as that.
    """
    width = float(np.ptp(g.energy))
    area = max(float((g.metric[0] + g.metric[2]).max()), (1e-6 * length) ** 2)
    speed = float(np.abs(g.velocity).max())
    size = max(float(np.abs(g.values[3:7]).max()), 1e-3 * area**1.5)
    return np.array([width, speed, speed, size, size, size, size, area, area, area, area, width * area])


# --- at single wave vectors


def declared_symmetries(b: Bench) -> Iterator[CheckResult]:
    """U H(k) U^-1 = H(gk) for every declared operation."""
    for check in verify(b.h, b.model.symmetries()):
        yield _result(
            f"symmetry {check.symmetry.name}", check.residual, b.h.degeneracy_tolerance, "eV", "physics",
            "largest entry of U H(k) U^-1 - H(gk) at random k",
        )  # fmt: skip


def equation_11(b: Bench) -> Iterator[CheckResult]:
    """T1 against (11) as printed, also with states mixed inside the groups."""
    term1 = np.stack([literal_term1(bands) for bands in b.literal], axis=-1)
    yield _result(
        "first term of (11)", _relative(b.geometry.term1, term1, b.scales[3]), b.rounding, "", "physics",
        "kernel against the printed sum over A, M and v at random k, relative to the largest entry",
    )  # fmt: skip
    rng = np.random.default_rng(b.seed)
    mixed = np.stack(
        [
            literal_term1(bands_at(b.h, k, mixing=random_mixing(rng, bands.group)))
            for k, bands in zip(b.points.T, b.literal, strict=True)
        ],
        axis=-1,
    )
    yield _result(
        "trace over the group", _relative(mixed, term1, b.scales[3]), b.rounding, "", "physics",
        "the printed sum with the states of each degenerate group mixed at random",
    )  # fmt: skip


def metric_and_curl(b: Bench) -> Iterator[CheckResult]:
    """T2 against the curl of the metric, the metric against the interband connection, v against the slope."""
    metric = np.stack([literal_metric(bands) for bands in b.literal], axis=-1)
    yield _result(
        "quantum metric", _relative(b.geometry.metric, metric, b.scales[7]), b.rounding, "", "physics",
        "kernel against Re sum A_i A_j at random k",
    )  # fmt: skip
    found = [slopes(b.h, k) for k in b.points.T]
    curl, level = (np.stack(x, axis=-1) for x in ([s.curl for s in found], [s.level for s in found]))
    yield _result(
        "second term of (11)", _relative(b.geometry.term2, curl, b.scales[5]), CURL_TOLERANCE, "", "physics",
        "kernel against half the curl of the metric by finite differences at random k",
    )  # fmt: skip
    yield _result(
        "velocity", _relative(b.geometry.velocity, level, b.scales[1]), CURL_TOLERANCE, "", "physics",
        "kernel against finite differences of the levels at random k",
    )  # fmt: skip


def random_mixing(rng: np.random.Generator, group: Integers) -> Complexes:
    """A unitary matrix, random inside each group of levels, (N, N)."""
    n = len(group)
    mixing = np.zeros((n, n), complex)
    for g in np.unique(group):
        members = np.flatnonzero(group == g)
        size = (len(members), len(members))
        q, _ = np.linalg.qr(rng.normal(size=size) + 1j * rng.normal(size=size))
        mixing[np.ix_(members, members)] = q
    return mixing


# --- over the zone


def reciprocal_lattice(b: Bench) -> Iterator[CheckResult]:
    """All of the geometry repeats with the reciprocal lattice."""
    if not isinstance(b.h, LatticeHamiltonian):
        return
    image = band_geometry(b.h, b.points + (b.h.reciprocal[0] - 2 * b.h.reciprocal[1])[:, None])
    moved = np.abs(image.values - b.geometry.values).max(axis=(1, 2))
    worst = float(np.max(moved / np.where(b.scales > 0, b.scales, 1.0)))
    yield _result(
        "reciprocal lattice", worst, SUM_TOLERANCE, "", "physics",
        "every row of the geometry at k and at k + G, relative to its natural size",
    )  # fmt: skip


def filled_bands(b: Bench) -> Iterator[CheckResult]:
    """All bands filled: chi, alpha and the Hall conductivity vanish."""
    g, weights = b.mesh
    above = np.array([g.energy.max() + 1.0])
    for integrand, what in ((INTRINSIC, "chi"), (HALL, "sigma_xy")):
        chi, _ = plain_sum(g, weights, integrand, above, np.array([KELVIN]))
        value = float(np.abs(chi).max()) / without_cancellation(b, g, weights, integrand, above)[0]
        yield _result(
            f"all bands filled, {what}", value, SUM_TOLERANCE, "", "physics",
            "the sum over all bands, relative to the sum of absolute values",
        )  # fmt: skip


RESPONSES: dict[str, Integrand] = {
    "intrinsic": INTRINSIC,
    "extrinsic": EXTRINSIC_PER_PICOSECOND,
    "equilibrium magnetization": STREDA,
    "anomalous Hall and Nernst": HALL,
}


def forbidden_components(b: Bench) -> Iterator[CheckResult]:
    """What Table I forbids vanishes on a symmetric set of wave vectors."""
    if not b.symmetries:
        return
    elements = magnetic_point_group(b.symmetries).elements
    k = sample_wave_vectors(b.h, b.level.stars, b.seed + 1)
    star = np.concatenate([(-1 if e.antiunitary else 1) * e.rotation @ k for e in elements], axis=1)
    g = band_geometry(b.h, star, pool=b.pool)
    weights = np.full(star.shape[1], 1.0)
    mu = np.quantile(g.energy, (0.25, 0.5, 0.75))
    for kind in ORBITAL_RESPONSES:
        row = allowed_components(kind, actions(b.symmetries))
        if row.rank == len(kind.components):
            continue
        integrand = RESPONSES[kind.name]
        forbidden = np.eye(len(kind.components)) - row.projector()
        sums = plain_sum(g, weights, integrand, mu, np.array([KELVIN]))
        sizes = without_cancellation(b, g, weights, integrand, mu)
        worst = max(
            float(np.abs(response @ forbidden).max()) / size
            for response, size in zip(sums, sizes, strict=True)
        )
        yield _result(
            f"forbidden by symmetry, {kind.name}", worst, FORBIDDEN_TOLERANCE, "", "physics",
            f"components other than {row.direction} (Table I), relative to the sum of absolute values",
        )  # fmt: skip


def without_cancellation(
    b: Bench, g: BandGeometry, weights: Floats, integrand: Integrand, mu: Floats
) -> tuple[float, float]:
    """Sizes of chi and alpha if no two wave vectors or bands cancelled: what a residual is relative to.

    Densities that symmetry makes zero at each k count with a thousandth of their natural size, not with the
    rounding that is left of them.
    """
    sea, surface = (np.abs(d) for d in integrand.densities(typical(g, smallest_length(b.h))))
    rectified = replace(integrand, sea=lambda _: sea, surface=lambda _: surface)
    chi, _ = plain_sum(g, weights, rectified, mu, np.array([KELVIN]))
    size = float(np.abs(chi).max()) or 1.0
    # s0/k_B and x (-f0') k_B T stay below one, so chi's own sum bounds that of alpha.
    return size, size * abs(integrand.alpha_unit / integrand.chi_unit)


def typical(g: BandGeometry, length: float) -> BandGeometry:
    """The geometry with every row lifted to a thousandth of its natural size where it is smaller."""
    floor = 1e-3 * natural_scales(g, length)[:, None, None]
    values = np.where(np.abs(g.values) < floor, floor, g.values)
    values[0] = g.energy
    return BandGeometry(g.k, values, g.groups)


# --- identities of the occupations


def occupations(b: Bench) -> Iterator[CheckResult]:
    """Einstein, Maxwell and Streda: they hold on any mesh, for any densities."""
    g, weights = b.mesh
    mu, kelvin = b.chemical_potentials, np.array([KELVIN])
    for integrand, name in ((INTRINSIC, "Einstein"), (STREDA, "Streda")):
        potential = thermodynamic_potential(g, weights, mu, kelvin, integrand)
        pairs = zip(
            (potential.chi, potential.alpha), plain_sum(g, weights, integrand, mu, kelvin),
            without_cancellation(b, g, weights, integrand, mu), strict=True,
        )  # fmt: skip
        value = max(_relative(by_difference, direct, size) for by_difference, direct, size in pairs)
        yield _result(
            name, value, OCCUPATION_TOLERANCE, "", "self-test",
            "sums of (8) and (9) against derivatives of the potential by differences, same points",
        )  # fmt: skip
    step = 0.02
    hot, cold = (plain_sum(g, weights, INTRINSIC, mu, kelvin * (1 + s))[0][0] for s in (step, -step))
    up, down = (plain_sum(g, weights, INTRINSIC, mu + s * K_B * KELVIN, kelvin)[1][0] for s in (step, -step))
    left = (hot - cold) / (2 * step * KELVIN) / INTRINSIC.chi_unit
    right = (up - down) / (2 * step * K_B * KELVIN) / INTRINSIC.alpha_unit * K_B
    size = without_cancellation(b, g, weights, INTRINSIC, mu)[0] / KELVIN / INTRINSIC.chi_unit
    yield _result(
        "Maxwell", _relative(left, right, size), OCCUPATION_TOLERANCE, "", "self-test",
        "dchi/dT against e dalpha/dmu by differences, same points",
    )  # fmt: skip


CHECKS: tuple[Callable[[Bench], Iterator[CheckResult]], ...] = (
    declared_symmetries, equation_11, metric_and_curl, reciprocal_lattice, filled_bands, forbidden_components,
    occupations,
)  # fmt: skip
