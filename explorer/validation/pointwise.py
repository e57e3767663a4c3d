"""Checks at single wave vectors: what the kernels say against the definitions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from explorer.models.kit.arrays import Complexes, Integers
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.equation_11_as_printed import (
    Slopes,
    bands_at,
    literal_metric,
    literal_term1,
    slopes,
)
from explorer.physics.geometry.kubo_tensor import kubo_tensor, multipole_density
from explorer.physics.kernels.rows import ROWS
from explorer.physics.responses.catalogue import KUBO_TENSOR
from explorer.physics.responses.kubo import SHARE
from explorer.physics.symmetry.operations import verify
from explorer.validation.bench import Bench
from explorer.validation.result import CheckResult, not_compared, relative, result

CURL_TOLERANCE = 1e-6
REPEAT_TOLERANCE = 1e-9
ROUNDINGS = 4.0
"""Roundings of an energy that the seven-point formula of a slope adds up to."""


def declared_symmetries(b: Bench) -> Iterator[CheckResult]:
    """U H(k) U^-1 = H(gk) for every declared operation."""
    for check in verify(b.h, b.model.symmetries()):
        yield result(
            f"symmetry {check.symmetry.name}",
            check.residual,
            b.h.degeneracy_tolerance,
            "eV",
            "physics",
            "largest entry of U H(k) U^-1 - H(gk) at random k",
        )


def equation_11(b: Bench) -> Iterator[CheckResult]:
    """T1 against (11) as printed, also with states mixed inside the groups."""
    term1 = np.stack([literal_term1(bands) for bands in b.literal], axis=-1)
    yield result(
        "first term of (11)",
        relative(b.geometry.term1, term1, b.scales[ROWS["t1_x"]]),
        b.rounding,
        "",
        "physics",
        "kernel against the printed sum over A, M and v at random k, relative to the largest entry",
    )
    rng = np.random.default_rng(b.seed)
    mixed = np.stack(
        [
            literal_term1(bands_at(b.h, k, mixing=random_mixing(rng, bands.group)))
            for k, bands in zip(b.points.T, b.literal, strict=True)
        ],
        axis=-1,
    )
    yield result(
        "trace over the group",
        relative(mixed, term1, b.scales[ROWS["t1_x"]]),
        b.rounding,
        "",
        "physics",
        "the printed sum with the states of each degenerate group mixed at random",
    )


def metric_and_curl(b: Bench) -> Iterator[CheckResult]:
    """T2 against the curl of the metric, the metric against the interband connection, v against the slope."""
    metric = np.stack([literal_metric(bands) for bands in b.literal], axis=-1)
    yield result(
        "quantum metric",
        relative(b.geometry.metric, metric, b.scales[ROWS["g_xx"]]),
        b.rounding,
        "",
        "physics",
        "kernel against Re sum A_i A_j at random k",
    )
    found = [slopes(b.h, k) for k in b.points.T]
    curl, level = (np.stack(x, axis=-1) for x in ([s.curl for s in found], [s.level for s in found]))
    yield result(
        "second term of (11)",
        relative(b.geometry.term2, curl, b.scales[ROWS["t2_x"]]),
        CURL_TOLERANCE,
        "",
        "physics",
        "kernel against half the curl of the metric by finite differences at random k",
    )
    yield result(
        "velocity",
        relative(b.geometry.velocity, level, max(b.scales[ROWS["v_x"]], flat_slope(b, found))),
        CURL_TOLERANCE,
        "",
        "physics",
        "kernel against finite differences of the levels at random k",
    )


def flat_slope(b: Bench, found: list[Slopes]) -> float:
    """Slope [eV angstrom] below which the differences of levels are their rounding: of flat bands both vanish."""
    rounding = float(np.finfo(float).eps * np.abs(b.geometry.energy).max())
    return ROUNDINGS * rounding / min(s.step for s in found) / CURL_TOLERANCE


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


def reciprocal_lattice(b: Bench) -> Iterator[CheckResult]:
    """All of the geometry repeats with the reciprocal lattice."""
    if not isinstance(b.h, LatticeHamiltonian):
        return
    image = band_geometry(b.h, b.points + (b.h.reciprocal[0] - 2 * b.h.reciprocal[1])[:, None])
    moved = np.abs(image.values - b.geometry.values).max(axis=(1, 2))
    worst = float(np.max(moved / np.where(b.scales > 0, b.scales, 1.0)))
    yield result(
        "reciprocal lattice",
        worst,
        REPEAT_TOLERANCE,
        "",
        "physics",
        "every row of the geometry at k and at k + G, relative to its natural size",
    )


def kubo_formula(b: Bench) -> Iterator[CheckResult]:
    """T1 + 2/3 T2 against the current correlation expanded in the wave vector."""
    if not b.h.point_orbitals:
        yield not_compared(
            KUBO_TENSOR, "physics", "the formula is that of orbitals without position matrices"
        )
        return
    yield result(
        KUBO_TENSOR,
        relative(
            b.geometry.term1 + SHARE * b.geometry.term2,
            multipole_density(kubo_tensor(b.h, b.points)),
            b.scales[ROWS["t1_x"]],
        ),
        b.rounding,
        "",
        "physics",
        "kernel's T1 + 2/3 T2 against the current correlation at finite wave vector, at random k",
    )
