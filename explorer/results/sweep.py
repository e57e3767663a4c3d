"""Chi and alpha of a source over chemical potentials and temperatures, by any of the three integrators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from threadpoolctl import threadpool_limits

from explorer.meshes.reachable_bands import bands_in_use
from explorer.models.kit.arrays import Bools, Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.cost import MANY_BANDS, affordable, in_a_moment
from explorer.physics.integration.many_bands import GROUP_EVALUATIONS
from explorer.physics.integration.mott_integral import MottAlpha, least_evaluations, mott_alpha
from explorer.physics.progress import Progress, never_back, part_of
from explorer.physics.responses.integrand import Response
from explorer.physics.responses.intrinsic import FORMS, INTRINSIC
from explorer.results.adaptive import SET_UP, adaptive, reached_points
from explorer.results.mott_check import (
    AT_LEAST,
    NOT_ASKED,
    NOT_RESOLVED,
    TOO_DEAR,
    Budget,
    MottCheck,
    absent,
    in_moments,
    mott_check,
)
from explorer.results.reduction import group_for, worth_a_group
from explorer.results.sea_and_surface import both_forms, contradicted, not_comparable
from explorer.results.settings import WAVE_VECTORS_OF_A_COMMAND, check_settings, default_mesh
from explorer.results.uniform import check_size, uniform_responses
from explorer.session.declared_symmetries import exact_operations
from explorer.session.source import Source
from explorer.threads import Sharing

CHECKS = ("quick", "full", "none")
"""How much the residuals may cost: no more than the answer itself, whatever they take, nothing."""
LOOSER_INTEGRAL = 3.0
"""Tolerance of the Mott integral of a large crystal over that of the direct side: its misfits keep it far below."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """A response with everything it came from.

    mesh : points a side of the uniform mesh, which "adaptive" has no use for.
    reduced_by : operations by which the zone of an adaptive integral was reduced.
    mott_complete : (T, M), where the Mott integral was resolved within its wave vectors.
    forms_known : (T, M), where chi is known in its sea and in its surface form.
    unknown : by the name of a residual, why there is none.
    checks : residuals relative to the curve's maximum, by name, where both sides are known; NaN if nowhere.
    """

    source: Source
    method: str
    form: str
    mesh: int
    rtol: float
    response: Response
    reduced_by: tuple[str, ...]
    mott_complete: Bools
    forms_known: Bools
    checks: Mapping[str, float] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    interpolated_from: int | None = None


def sweep(
    source: Source,
    mu: Floats | float,
    temperature: Floats | float,
    *,
    method: str = "adaptive",
    form: str = "surface",
    mesh: int | None = None,
    rtol: float = 1e-3,
    max_evaluations: int | None = None,
    whole_zone: bool = False,
    checks: str = "quick",
    exact: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Chi and alpha, (8) and (9), with error bars and residuals.

    Parameters
    ----------
    source : what `open_source` returned.
    mu, temperature : (M,) [eV] and (T,) [K > 0].
    method : "adaptive", "triangle" or "sum".
    form : "surface" or "sea", how the second term of (11) is integrated (theory section 2).
    mesh : points a side; None chooses by the number of bands.
    rtol : wanted error, relative to the curve's maximum at each temperature.
    max_evaluations : wave vectors after which what is left of an adaptive integral counts as not converged, at each
        temperature of a large crystal; None: what takes minutes.
    whole_zone : integrate the whole zone where the model's operations hold to rounding, too, and its irreducible part
        would do: what they forbid is then a result.
    checks : "quick" lets each residual take as many wave vectors as the answer, or as many as take a second, and what
        is counted of its other work as many seconds, or four; what does not fit is NaN with a word why in `unknown`.
        "full" has no such bounds, "none" computes no residual.
    exact : all bands at every wave vector, also where a group of them, interpolated, stands for all.
    progress : called with the finished fraction; an exception it raises cancels.

    Raises
    ------
    ValueError : an unknown form or kind of checks, a mesh too small or too large, what `check_settings` refuses.
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    check_settings(source.hamiltonian, method, rtol, max_evaluations, mu, temperature)
    if form not in FORMS:
        raise ValueError(f"no form {form}; one of {', '.join(FORMS)}")
    if checks not in CHECKS:
        raise ValueError(f"no checks {checks}; one of {', '.join(CHECKS)}")
    h = source.hamiltonian
    mesh = default_mesh(h) if mesh is None else mesh
    check_size(h, mesh)
    bands = bands_in_use(source, mu, temperature)
    operations = () if whole_zone else exact_operations(h)
    integrands = [FORMS[form]]
    one_form = not_comparable(h, method) if checks != "none" else NOT_ASKED
    if not one_form:
        integrands += [other for name, other in FORMS.items() if name != form]
    # The pool shares the blocks; BLAS threads on top of it would fight for the same cores.
    with threadpool_limits(1, "blas"), Sharing() as pool:
        group = None
        if method == "adaptive" and not exact and worth_a_group(h):
            group = group_for(
                h, mu, temperature, rtol=rtol, pool=pool, progress=part_of(progress, 0.0, SET_UP)
            )
            progress = part_of(progress, SET_UP, 1.0)
        dear = h.size > MANY_BANDS and group is None
        if max_evaluations is None and group is not None:
            max_evaluations = GROUP_EVALUATIONS
        elif max_evaluations is None and dear:
            max_evaluations = int(WAVE_VECTORS_OF_A_COMMAND * affordable(h))
        if method == "adaptive":
            shares = [(0.0, 0.6)] if len(integrands) == 1 else [(0.0, 0.3), (0.3, 0.6)]
            responses: tuple[Response, ...] = ()
            for n, integrand in enumerate(integrands):
                allowed = max_evaluations
                if n and checks == "quick":
                    allowed = min(
                        max_evaluations or affordable(h), max(responses[0].evaluations, in_a_moment(h))
                    )
                found = adaptive(
                    h,
                    integrand,
                    mu,
                    temperature,
                    rtol=rtol,
                    max_evaluations=allowed,
                    pool=pool,
                    progress=part_of(progress, *shares[n]),
                    operations=operations,
                    exact=exact,
                )
                responses += (found,)
        else:
            responses = uniform_responses(
                h,
                integrands,
                mu,
                temperature,
                mesh=mesh,
                method=method,
                rtol=rtol,
                bands=bands,
                pool=pool,
                progress=part_of(progress, 0.0, 0.6),
            )
        response = responses[0]
        if len(responses) > 1:
            response = replace(response, converged=response.converged & ~contradicted(*responses))
        report = never_back(part_of(progress, 0.6, 1.0))

        def by_mott(at: Floats, budget: Budget | None) -> MottAlpha:
            # The other side of (12), on triangles of its own that resolve k_B T: no integration is shared. Where a
            # wave vector is dear it is told what its tolerance refers to, and its misfits need not keep as far below
            # that.
            return mott_alpha(
                h,
                INTRINSIC,
                at,
                temperature,
                rtol=LOOSER_INTEGRAL * rtol if dear else rtol,
                size=_alpha_size(response, rtol) if dear else None,
                max_evaluations=limit,
                pool=pool,
                progress=report,
                operations=operations,
                geometry=reached_points(
                    h,
                    at,
                    temperature,
                    pool,
                    max_evaluations=max_evaluations,
                    progress=report,
                    rtol=rtol,
                    exact=group is None,
                ),
                spend=None
                if budget is None
                else lambda points, pieces: budget.spend(in_moments(h, points, pieces)),
            )

        limit = max_evaluations
        if checks == "none":
            mott = absent(response, NOT_ASKED)
        elif checks == "full":
            mott = mott_check(response, by_mott, None)
        else:
            ceiling = limit or affordable(h)
            if not dear:  # else the budget does, which is asked before any wave vector
                limit = min(ceiling, max(response.evaluations, in_a_moment(h)))
            moments = max(in_moments(h, response.evaluations), AT_LEAST)
            mott = _quick_mott(h, response, limit or ceiling, ceiling, by_mott, moments, operations)
    forms = both_forms(*responses)
    residuals = {
        "mott_residual": mott.residual,
        "sea_surface_residual": forms.residual,
    }
    unknown = {"mott_residual": mott.why_not, "sea_surface_residual": one_form}
    reduced_by = tuple(s.name for s in operations) if method == "adaptive" else ()
    return Sweep(
        source,
        method,
        form,
        mesh,
        rtol,
        response,
        reduced_by,
        mott.complete,
        forms.known,
        residuals,
        {name: why for name, why in unknown.items() if why},
        None if group is None else group.n,
    )


def _quick_mott(
    h: Hamiltonian,
    response: Response,
    limit: int,
    allowed: int,
    by_mott: Callable[[Floats, Budget | None], MottAlpha],
    moments: float,
    operations: Sequence[Symmetry],
) -> MottCheck:
    """The check within wave vectors and moments of work; not begun where the coarsest cells alone are beyond them."""
    least = least_evaluations(h, INTRINSIC, operations=operations)
    if h.size <= MANY_BANDS and least > limit:
        return absent(response, NOT_RESOLVED if least > allowed else TOO_DEAR)
    return mott_check(response, by_mott, moments)


def _alpha_size(r: Response, rtol: float) -> Floats:
    """What rtol refers to at each temperature, (T,): the largest |alpha|, or what stood for one that is nothing."""
    largest, bar = (np.abs(a).max(axis=(1, 2)) for a in (r.alpha, r.alpha_error))
    met = r.converged.all(axis=1)
    return np.asarray(np.where(met, np.maximum(largest, bar / rtol), largest + bar))
