"""Any responses over chemical potentials (or densities) and temperatures: what `compute` prints and saves.

chi and alpha come with their checks, as `sweep` has them; every other response by `respond`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.progress import Progress, part_of
from explorer.physics.responses import catalogue
from explorer.physics.responses.row import ALPHA, CHI, TAU
from explorer.results.density_sweep import (
    ChemicalPotentials,
    DensitySweep,
    bars_of_mu,
    chemical_potentials,
    with_bars,
)
from explorer.results.responses import ResponseValue, chosen, respond
from explorer.results.settings import default_mesh
from explorer.results.sweep import Sweep, sweep
from explorer.session.source import Source

INTRINSIC_PAIR = (CHI, ALPHA)
"""Names of the rows that `sweep` computes."""


@dataclass(frozen=True, eq=False)
class ResponseSweep:
    """Responses by name over mu (M,) [eV] and temperature (T,) [K].

    intrinsic : chi and alpha with their checks, None where neither was asked for. relaxation_time : tau [ps] of those
    that need one. left_out : sentences on the responses of "all" that the source cannot have.
    """

    source: Source
    mu: Floats
    temperature: Floats
    method: str
    form: str
    mesh: int
    rtol: float
    relaxation_time: float
    intrinsic: Sweep | None
    values: Mapping[str, ResponseValue]
    left_out: tuple[str, ...] = ()

    @property
    def needs_tau(self) -> bool:
        """Whether any of them is proportional to the relaxation time."""
        return any(TAU in v.row.needs for v in self.values.values())


@dataclass(frozen=True, eq=False)
class ResponsesAtDensities:
    """Responses at carrier densities: `parts` has one sweep per temperature, over the mu of that temperature."""

    solved: ChemicalPotentials
    parts: tuple[ResponseSweep, ...]

    @property
    def intrinsic(self) -> DensitySweep | None:
        """chi and alpha with their checks, where they were asked for."""
        sweeps = [p.intrinsic for p in self.parts]
        return DensitySweep(self.solved, tuple(s for s in sweeps if s)) if all(sweeps) else None

    @property
    def left_out(self) -> tuple[str, ...]:
        """Sentences on the responses of "all" that the source cannot have."""
        return self.parts[0].left_out


def response_sweep(
    source: Source,
    names: Sequence[str],
    mu: Floats | float,
    temperature: Floats | float,
    *,
    relaxation_time: float = 1.0,
    method: str = "adaptive",
    form: str = "surface",
    mesh: int | None = None,
    rtol: float = 1e-3,
    max_evaluations: int | None = None,
    whole_zone: bool = False,
    checks: str = "quick",
    exact: bool = False,
    progress: Progress | None = None,
) -> ResponseSweep:
    """Responses by name ("all" for every one that the source can have); parameters as of `respond` and `sweep`.

    form : of the second term of (11) in chi and alpha. checks : of these two.

    Raises
    ------
    ValueError : what `respond` and `sweep` raise, and an unknown name.
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    rows, left_out = chosen(source, names)
    others = [row for row in rows if row.name not in INTRINSIC_PAIR]
    how: dict[str, Any] = {
        "method": method,
        "mesh": mesh,
        "rtol": rtol,
        "max_evaluations": max_evaluations,
        "whole_zone": whole_zone,
        "exact": exact,
    }
    both = len(others) < len(rows)
    # Before minutes of work for chi: what is wrong with the rest.
    respond(source, [], mu, temperature, relaxation_time=relaxation_time, **how)
    shares = (0.0, 0.5 if others else 1.0) if both else (0.0, 0.0)
    intrinsic = (
        sweep(source, mu, temperature, form=form, checks=checks, progress=part_of(progress, *shares), **how)
        if both
        else None
    )
    found = dict(
        respond(
            source,
            others,
            mu,
            temperature,
            relaxation_time=relaxation_time,
            progress=part_of(progress, shares[1], 1.0),
            **how,
        )
    )
    if intrinsic is not None:
        r = intrinsic.response
        pairs = {CHI: (r.chi, r.chi_error), ALPHA: (r.alpha, r.alpha_error)}
        for row in rows:
            if row.name in pairs:
                found[row.name] = ResponseValue(
                    row, mu, temperature, *pairs[row.name], r.converged, r.evaluations
                )
    return ResponseSweep(
        source,
        mu,
        temperature,
        method,
        form,
        default_mesh(source.hamiltonian) if mesh is None else mesh,
        rtol,
        relaxation_time,
        intrinsic,
        {row.name: found[row.name] for row in rows},
        left_out,
    )


def responses_at_densities(
    source: Source,
    names: Sequence[str],
    density: Floats,
    temperature: Floats,
    *,
    mesh: int | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> ResponsesAtDensities:
    """Responses at densities [1e13/cm2] instead of chemical potentials; options as of `response_sweep`."""
    chosen(source, names)
    solved = chemical_potentials(source, density, temperature, mesh)
    count = solved.temperature.size
    parts = tuple(
        _with_bars_of_mu(
            response_sweep(
                source,
                names,
                solved.mu[t],
                solved.temperature[t : t + 1],
                mesh=mesh,
                progress=part_of(progress, t / count, (t + 1) / count),
                **options,
            ),
            solved,
            t,
            options,
        )
        for t in range(count)
    )
    return ResponsesAtDensities(solved, parts)


def _with_bars_of_mu(
    part: ResponseSweep, solved: ChemicalPotentials, t: int, options: Mapping[str, Any]
) -> ResponseSweep:
    """The responses of one temperature with what the error of mu adds to their bars."""
    pair = [catalogue.row(name) for name in INTRINSIC_PAIR if part.intrinsic is not None]
    rows = list({row.name: row for row in [*pair, *(v.row for v in part.values.values())]}.values())
    known = {name: v.value for name, v in part.values.items()}
    intrinsic = part.intrinsic
    if intrinsic is not None:
        known |= {CHI: intrinsic.response.chi, ALPHA: intrinsic.response.alpha}
    added = bars_of_mu(part.source, rows, known, solved, t, options)
    if intrinsic is not None:
        response = with_bars(intrinsic.response, added[CHI], added[ALPHA], part.rtol)
        intrinsic = replace(intrinsic, response=response)
    values = {}
    for name, v in part.values.items():
        error = v.error + added[name]
        met = v.converged
        if name in INTRINSIC_PAIR and intrinsic is not None:
            met = intrinsic.response.converged
        elif added[name].any():
            met = met & (error.max(axis=2) <= part.rtol * np.abs(v.value).max())
        values[name] = replace(v, error=error, converged=met)
    return replace(part, intrinsic=intrinsic, values=values)


def default_names() -> tuple[str, ...]:
    """What is computed where nothing is asked for by name."""
    return tuple(r.name for r in catalogue.rows() if r.name in INTRINSIC_PAIR)
