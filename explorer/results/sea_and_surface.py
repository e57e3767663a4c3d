"""Chi in its surface against its sea form, where both are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Bools
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.cost import MANY_BANDS
from explorer.physics.responses.integrand import Response
from explorer.physics.zone.domain import Disc, zone_of

WIDEST_BAR = 0.05
"""Both error bars together, relative to the largest chi, beyond which agreement would say nothing."""


FAR_OUTSIDE = 5.0
"""Difference of the two forms, in units of both bars together, from which on one of the bars cannot be right."""
ROUNDING_SHARE_OF_CHI = 1e-9
"""Difference relative to the largest chi that is none."""


@dataclass(frozen=True, eq=False)
class BothForms:
    """residual : largest difference over the largest chi, NaN if nowhere. known : (T, M), where both are."""

    residual: float
    known: Bools


def not_comparable(h: Hamiltonian, method: str) -> str:
    """Why a sweep by this method does not integrate both forms of a crystal, in words; "" where it does."""
    if isinstance(zone_of(h), Disc):  # theory section 2
        return "on a disc the sea form carries a term of the disc's edge"
    if h.size > MANY_BANDS and method == "adaptive":
        # Near-crossings swell the sea form: over whole curves at 10 K it wants several times the wave vectors.
        return (
            f"not compared above {MANY_BANDS} bands; `om-explorer check` does, at a few chemical potentials"
        )
    return ""


def both_forms(one: Response, other: Response | None = None) -> BothForms:
    """Compare two integrals of one response over the same mu and temperatures, whichever form each is in.

    Where both are nothing, which is where none is above its error bar, they do not differ. Without another nothing is
    compared.
    """
    if other is None:
        return BothForms(float("nan"), np.zeros(one.converged.shape, dtype=bool))
    bars = one.chi_error + other.chi_error
    largest = max(float(np.abs(r.chi).max()) for r in (one, other))
    if largest <= float(bars.max()) and one.converged.all() and other.converged.all():
        return BothForms(0.0, np.ones(one.converged.shape, dtype=bool))
    known = bars.max(axis=2) <= WIDEST_BAR * largest
    away = np.abs(one.chi - other.chi)[known]
    return BothForms(float(away.max()) / largest if away.size else float("nan"), known)


def contradicted(one: Response, other: Response) -> Bools:
    """Where two integrals of one response are further apart than both their bars allow, (T, M): neither is settled."""
    bars = one.chi_error + other.chi_error
    largest = max(float(np.abs(r.chi).max()) for r in (one, other))
    apart = np.abs(one.chi - other.chi) > FAR_OUTSIDE * bars + ROUNDING_SHARE_OF_CHI * largest
    return np.asarray(apart.any(axis=2))
