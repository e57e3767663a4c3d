"""Runs of a quadrature at ever tighter tolerances: which these are, and what is taken of what they find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.integration.cells.cells import RULE
from explorer.physics.responses.integrand import Response

LOOSEST, STEP = 1.0, 3.0
"""Tolerance of the first run at most, and how much tighter each one is than the one before."""


def tightest(before: Response, r: Response) -> Response:
    """A run, and where it ran out of wave vectors before it met its tolerance, the one before, if that met its own."""
    old = (before.converged & ~r.converged)[..., None]
    return replace(
        r,
        chi=np.where(old, before.chi, r.chi),
        alpha=np.where(old, before.alpha, r.alpha),
        chi_error=np.where(old, before.chi_error, r.chi_error),
        alpha_error=np.where(old, before.alpha_error, r.alpha_error),
        converged=before.converged | r.converged,
    )


def tolerances(rtol: float) -> list[float]:
    """From loose to tight, the last one rtol.

    >>> [f"{t:.3g}" for t in tolerances(1e-3)]
    ['0.729', '0.243', '0.081', '0.027', '0.009', '0.003', '0.001']
    """
    found = [rtol]
    while STEP * found[0] <= LOOSEST:
        found.insert(0, STEP * found[0])
    return found


def largest_sizes(r: Response) -> Floats:
    """Largest |chi| and |alpha|, (2,)."""
    return np.array([np.abs(r.chi).max(), np.abs(r.alpha).max()])


def largest_bars(r: Response) -> Floats:
    """Largest error bars, (2,)."""
    return np.array([r.chi_error.max(), r.alpha_error.max()])


def certain_sizes(r: Response) -> Floats:
    """What the largest |chi| and |alpha| are at least, their error bars taken off, (2,)."""
    pairs = ((r.chi, r.chi_error), (r.alpha, r.alpha_error))
    return np.array([max(0.0, float((np.abs(value) - error).max())) for value, error in pairs])


def joined(done: list[Response], temperature: Floats) -> Response:
    """One response over all temperatures; wave vectors counted once."""
    cells = np.unique(np.concatenate([r.cells for r in done if r.cells is not None]), axis=0)

    def stacked(name: str) -> Floats:
        return np.concatenate([getattr(r, name) for r in done])

    return replace(
        done[0],
        temperature=temperature,
        chi=stacked("chi"),
        alpha=stacked("alpha"),
        chi_error=stacked("chi_error"),
        alpha_error=stacked("alpha_error"),
        converged=stacked("converged"),
        evaluations=len(RULE) * len(cells),
        cells=cells,
    )
