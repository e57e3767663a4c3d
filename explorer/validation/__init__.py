"""Every check of the theory on one model, as numbers with tolerances: what `om-explorer check` prints.

A check of kind "physics" compares two computations that share no more than H(k); one of kind "self-test"
holds for any densities because of the occupations alone and says nothing of the crystal (theory section 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.model import Model
from explorer.physics.progress import Pool, Progress
from explorer.physics.responses.catalogue import (
    FILLED,
    FORBIDDEN,
    KUBO_TENSOR,
    MOTT,
    OCCUPATIONS,
    SEA_SURFACE,
)
from explorer.validation.bench import LEVELS, Bench
from explorer.validation.integrals import mott, sea_and_surface
from explorer.validation.occupations import occupations
from explorer.validation.pointwise import (
    declared_symmetries,
    equation_11,
    kubo_formula,
    metric_and_curl,
    reciprocal_lattice,
)
from explorer.validation.result import CheckResult
from explorer.validation.sums import filled_bands, forbidden_components

__all__ = ["LEVELS", "CheckResult", "validate"]

CHECKS: dict[str, Callable[[Bench], Iterator[CheckResult]]] = {
    "declared symmetries": declared_symmetries,
    "equation 11": equation_11,
    "metric and curl": metric_and_curl,
    KUBO_TENSOR: kubo_formula,
    "reciprocal lattice": reciprocal_lattice,
    FILLED: filled_bands,
    FORBIDDEN: forbidden_components,
    SEA_SURFACE: sea_and_surface,
    MOTT: mott,
    OCCUPATIONS: occupations,
}
"""By the names under which rows of the catalogue say what judges them; those that are judged are read there."""


def validate(
    model: Model,
    level: str = "quick",
    *,
    hamiltonian: Hamiltonian | None = None,
    seed: int = 11,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> list[CheckResult]:
    """Run every check that applies to a model at its present parameters.

    Parameters
    ----------
    model : the model; its declared symmetries are among what is checked.
    level : "brief", "quick" or "full".
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
    for done, check in enumerate(CHECKS.values(), start=1):
        results += check(bench)
        if progress:
            progress(done / len(CHECKS))
    return results
