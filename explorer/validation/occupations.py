"""Identities of the occupations: they hold on any mesh for any densities, and are labelled self-tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from explorer.physics.integration.potential import thermodynamic_potential
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.catalogue import OCCUPATIONS, judged_by
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import K_B
from explorer.validation.bench import KELVIN, Bench
from explorer.validation.result import CheckResult, relative, result
from explorer.validation.sums import without_cancellation

OCCUPATION_TOLERANCE = 1e-3
NAMES = {"potential": "Einstein", "magnetization": "Streda"}
"""Of the relation between a potential and its slopes, by response."""


def occupations(b: Bench) -> Iterator[CheckResult]:
    """Einstein, Streda and the like of every potential, and Maxwell: they hold on any mesh, for any densities."""
    g, weights = b.mesh
    mu, kelvin = b.chemical_potentials, np.array([KELVIN])
    for row in (r for r in judged_by(OCCUPATIONS) if not r.missing(b.inputs)):
        integrand, name = row.integrand(b.inputs), NAMES.get(row.name, f"slopes, {row.name}")
        potential = thermodynamic_potential(g, weights, mu, kelvin, integrand)
        pairs = zip(
            (potential.chi, potential.alpha),
            plain_sum(g, weights, integrand, mu, kelvin),
            without_cancellation(b, g, weights, integrand, mu),
            strict=True,
        )
        value = max(relative(by_difference, direct, size) for by_difference, direct, size in pairs)
        yield result(
            name,
            value,
            OCCUPATION_TOLERANCE,
            "",
            "self-test",
            "sums of (8) and (9) against derivatives of the potential by differences, same points",
        )
    step = 0.02
    hot, cold = (plain_sum(g, weights, INTRINSIC, mu, kelvin * (1 + s))[0][0] for s in (step, -step))
    up, down = (plain_sum(g, weights, INTRINSIC, mu + s * K_B * KELVIN, kelvin)[1][0] for s in (step, -step))
    left = (hot - cold) / (2 * step * KELVIN) / INTRINSIC.chi_unit
    right = (up - down) / (2 * step * K_B * KELVIN) / INTRINSIC.alpha_unit * K_B
    size = without_cancellation(b, g, weights, INTRINSIC, mu)[0] / KELVIN / INTRINSIC.chi_unit
    yield result(
        "Maxwell",
        relative(left, right, size),
        OCCUPATION_TOLERANCE,
        "",
        "self-test",
        "dchi/dT against e dalpha/dmu by differences, same points",
    )
