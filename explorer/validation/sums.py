"""Checks on sums: what must vanish, by filling or by symmetry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.geometry.equation_11_as_printed import smallest_length
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.kernels.rows import ROWS
from explorer.physics.responses.catalogue import FILLED, FORBIDDEN, judged_by, kinds
from explorer.physics.responses.integrand import Integrand
from explorer.physics.symmetry.allowed_components import actions, allowed_components
from explorer.physics.symmetry.operations import magnetic_point_group, sample_wave_vectors
from explorer.validation.bench import KELVIN, Bench, natural_scales
from explorer.validation.result import CheckResult, result

FILLED_TOLERANCE = 1e-9
FORBIDDEN_TOLERANCE = 1e-6


def filled_bands(b: Bench) -> Iterator[CheckResult]:
    """All bands filled: what is a sum over full bands vanishes."""
    g, weights = b.mesh
    above = np.array([g.energy.max() + 1.0])
    for row in (r for r in judged_by(FILLED) if not r.missing(b.inputs)):
        integrand = row.integrand(b.inputs)
        chi, _ = plain_sum(g, weights, integrand, above, np.array([KELVIN]))
        value = float(np.abs(chi).max()) / without_cancellation(b, g, weights, integrand, above)[0]
        yield result(
            f"{FILLED}, {row.plain_label}",
            value,
            FILLED_TOLERANCE,
            "",
            "physics",
            "the sum over all bands, relative to the sum of absolute values",
        )


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
    judged = {r.kind: r for r in reversed(judged_by(FORBIDDEN)) if not r.missing(b.inputs)}
    known = actions(b.symmetries, b.inputs.spin)
    for kind in (k for k in kinds() if k in judged):
        row = allowed_components(kind, known)
        if row.rank == len(kind.components):
            continue
        integrand = judged[kind].integrand(b.inputs)
        forbidden = np.eye(len(kind.components)) - row.projector()
        sums = plain_sum(g, weights, integrand, mu, np.array([KELVIN]))
        own_rows = not judged[kind].from_geometry
        sizes = without_cancellation(b, g, weights, integrand, mu, own_rows=own_rows)
        worst = max(
            float(np.abs(response @ forbidden).max()) / size
            for response, size in zip(sums, sizes, strict=True)
        )
        yield result(
            f"{FORBIDDEN}, {kind.name}",
            worst,
            FORBIDDEN_TOLERANCE,
            "",
            "physics",
            f"components other than {row.direction} (Table I), relative to the sum of absolute values",
        )


def without_cancellation(
    b: Bench,
    g: BandGeometry,
    weights: Floats,
    integrand: Integrand,
    mu: Floats,
    kelvin: float = KELVIN,
    *,
    own_rows: bool = False,
) -> tuple[float, float]:
    """Sizes of chi and alpha if no two wave vectors or bands cancelled: what a residual is relative to.

    Densities that symmetry makes zero at each k count with a thousandth of their natural size, not with the
    rounding that is left of them. own_rows : whether the densities are made of more than the rows of a geometry.
    """
    lifted = typical(g, smallest_length(b.h))
    # What is no function of the rows alone is not lifted with them.
    sea, surface = (
        np.maximum(np.abs(density), np.where(np.any(density != 0), 1e-3 * size, 0.0))
        if own_rows
        else np.abs(density)
        for density, size in zip(integrand.densities(lifted), integrand.natural_sizes(lifted), strict=True)
    )
    rectified = replace(integrand, sea=lambda _: sea, surface=lambda _: surface)
    chi, _ = plain_sum(g, weights, rectified, mu, np.array([kelvin]))
    size = float(np.abs(chi).max()) or 1.0
    # s0/k_B and x (-f0') k_B T stay below one, so chi's own sum bounds that of alpha.
    return size, size * abs(integrand.alpha_unit / integrand.chi_unit)


def typical(g: BandGeometry, length: float) -> BandGeometry:
    """The geometry with every row lifted to a thousandth of its natural size where it is smaller."""
    floor = 1e-3 * natural_scales(g, length)[:, None, None]
    values = np.where(np.abs(g.values) < floor, floor, g.values)
    values[ROWS["energy"]] = g.energy
    return BandGeometry(g.k, values, g.groups)
