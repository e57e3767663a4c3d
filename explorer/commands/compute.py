"""`om-explorer compute`: responses over chemical potentials (or carrier densities) and temperatures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from explorer.commands.arguments import (
    add_quantity,
    add_source,
    count,
    energies,
    mesh_size,
    names,
    number,
    numbers,
    opened,
    output_file,
    positive,
    temperatures,
)
from explorer.commands.output import print_json, print_table, save
from explorer.commands.progress import Bar
from explorer.export.formats import DATA
from explorer.results.density_sweep import DensitySweep
from explorer.results.mott_check import NOT_RESOLVED
from explorer.results.response_sweep import (
    INTRINSIC_PAIR,
    ResponsesAtDensities,
    ResponseSweep,
    default_names,
    response_sweep,
    responses_at_densities,
)
from explorer.results.settings import METHODS
from explorer.results.sweep import CHECKS, Sweep
from explorer.session.quantities import DENSITY, MU, RELAXATION_TIME, TEMPERATURE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    filling = parser.add_mutually_exclusive_group(required=True)
    add_quantity(
        filling,
        MU,
        metavar="START:STOP:COUNT|VALUE[,VALUE..]",
        type=energies,
        help=f"chemical potentials [{MU.unit}]; in a file's case on the file's scale",
    )
    add_quantity(
        filling,
        DENSITY,
        metavar="VALUE[,VALUE..]",
        type=numbers,
        help=f"instead of {MU.option}: carriers beyond neutrality [{DENSITY.plain_unit}], holes negative; mu is solved "
        "for at each T",
    )
    add_quantity(
        parser,
        TEMPERATURE,
        metavar="VALUE[,VALUE..]",
        type=temperatures,
        required=True,
        help=f"temperatures [{TEMPERATURE.unit}], above {TEMPERATURE.above:g}",
    )
    parser.add_argument(
        "--response",
        metavar="NAME[,NAME..]|all",
        type=names,
        help="what to compute, as `om-explorer responses` lists it, with a part of the JSON of its own (default: "
        "chi,alpha)",
    )
    add_quantity(
        parser,
        RELAXATION_TIME,
        type=number,
        help=f"{RELAXATION_TIME.help} of the extrinsic responses (default: {RELAXATION_TIME.initial:g})",
    )
    parser.add_argument(
        "--mesh",
        metavar="N",
        type=mesh_size,
        help="N x N points (i/N, j/N), Gamma included, of the methods triangle and sum",
    )
    parser.add_argument("--method", choices=METHODS, default="adaptive", help="default: adaptive")
    parser.add_argument(
        "--rtol",
        metavar="R",
        type=positive,
        default=1e-3,
        help="wanted error relative to the curve's maximum (default: 1e-3)",
    )
    parser.add_argument(
        "--max-evaluations",
        metavar="N",
        type=count,
        help="wave vectors after which the adaptive quadrature ends with the level under way, and what is left counts "
        "as not converged; for each temperature of a large crystal (default: what takes minutes)",
    )
    parser.add_argument(
        "--whole-zone",
        action="store_true",
        help="integrate the whole zone also where the crystal's operations, which hold to rounding, give it from a "
        "part: what they forbid is then computed, not set to zero",
    )
    parser.add_argument(
        "--exact",
        action="store_true",
        help="all bands at every wave vector; else, of a crystal of many, the group that mu reaches is interpolated "
        "where its error, which the bars hold, is small enough, and the output says so",
    )
    parser.add_argument(
        "--form",
        choices=("surface", "sea"),
        default="surface",
        help="of the second term of (11); default: surface",
    )
    parser.add_argument(
        "--checks",
        choices=CHECKS,
        default="quick",
        help="residuals: quick (default) spends no more on each than the answer took, or about four seconds of "
        "work, counted so that no number depends on the machine; full whatever they take; none computes none",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--json", action="store_true", help="print JSON")
    where.add_argument(
        "--out", metavar="|".join(f"FILE{e}" for e in DATA), type=output_file(*DATA), help="write a file"
    )


UNASKED: dict[str, Any] = {
    "chi_nm_per_ohm": None,
    "alpha_nA_nm_per_K": None,
    "chi_error_nm_per_ohm": None,
    "alpha_error_nA_nm_per_K": None,
    "converged": None,
    "checks": {},
}
"""What the JSON says of chi and alpha where neither was asked for."""


def as_json(result: ResponseSweep | ResponsesAtDensities) -> dict[str, Any]:
    """The result as the JSON says it: arrays are [T][M][C]; at densities mu_eV is [T][M]."""
    if isinstance(result, ResponseSweep):
        found = intrinsic_as_json(result.intrinsic) if result.intrinsic else _unasked(result)
        return found | _tau(result) | {"responses": responses_as_json((result,))}
    found = density_as_json(result.intrinsic) if result.intrinsic else _unasked(result.parts[0])
    solved = result.solved
    return (
        found
        | {
            "density_1e13_per_cm2": solved.density,
            "neutral_bands": solved.bands,
            "mu_eV": solved.mu,
            "mu_error_eV": solved.error,
            "temperature_K": solved.temperature,
        }
        | _tau(result.parts[0])
        | {"responses": responses_as_json(result.parts)}
    )


def responses_as_json(parts: tuple[ResponseSweep, ...]) -> Mapping[str, Any]:
    """Each response by name, over the temperatures of all parts."""
    return {
        name: {
            "unit": first.row.unit,
            "components": first.row.components,
            **{
                key: np.concatenate([getattr(p.values[name], key) for p in parts])
                for key in ("value", "error", "converged")
            },
        }
        for name, first in parts[0].values.items()
    }


def _tau(result: ResponseSweep) -> dict[str, float]:
    return {"tau_ps": result.relaxation_time} if result.needs_tau else {}


def _unasked(result: ResponseSweep) -> dict[str, Any]:
    return {
        "source": result.source.name,
        "parameters": result.source.parameters,
        "mesh": result.mesh,
        "method": result.method,
        "form": result.form,
        "mu_eV": result.mu,
        "temperature_K": result.temperature,
        **UNASKED,
    }


def intrinsic_as_json(result: Sweep) -> dict[str, Any]:
    """chi and alpha with their checks as the JSON says them: arrays are [T][M][2]."""
    r = result.response
    return {
        "source": result.source.name,
        "parameters": result.source.parameters,
        "mesh": result.mesh,
        "method": result.method,
        "form": result.form,
        "mu_eV": r.mu,
        "temperature_K": r.temperature,
        "chi_nm_per_ohm": r.chi,
        "alpha_nA_nm_per_K": r.alpha,
        "chi_error_nm_per_ohm": r.chi_error,
        "alpha_error_nA_nm_per_K": r.alpha_error,
        "converged": r.converged,
        "checks": dict(result.checks),
        **({"interpolated_from": result.interpolated_from} if result.interpolated_from else {}),
    }


def density_as_json(result: DensitySweep) -> dict[str, Any]:
    """The JSON of a sweep at densities: mu_eV is [T][M], one row per temperature, and all arrays are [T][M] as ever."""
    parts = [intrinsic_as_json(part) for part in result.parts]
    arrays = [key for key, value in parts[0].items() if isinstance(value, np.ndarray) and key != "mu_eV"]
    return (
        parts[0]
        | {key: np.concatenate([p[key] for p in parts]) for key in arrays}
        | {
            "density_1e13_per_cm2": result.solved.density,
            "neutral_bands": result.solved.bands,
            "mu_eV": result.solved.mu,
            "mu_error_eV": result.solved.error,
            "checks": result.checks,
        }
    )


def run(options: argparse.Namespace) -> int:
    """Compute, then print or write."""
    source = opened(options)
    how = {
        "relaxation_time": options.tau,
        "method": options.method,
        "form": options.form,
        "mesh": options.mesh,
        "rtol": options.rtol,
        "max_evaluations": options.max_evaluations,
        "whole_zone": options.whole_zone,
        "checks": options.checks,
        "exact": options.exact,
    }
    result: ResponseSweep | ResponsesAtDensities
    with Bar() as bar:
        where = (
            options.response or default_names(),
            options.mu if options.density is None else options.density,
            options.temperature,
        )
        run = response_sweep if options.density is None else responses_at_densities
        result = run(source, *where, progress=bar, **how)
    for sentence in result.left_out:
        print(sentence, file=sys.stderr)
    if options.json:
        listed = as_json(result)
        if not options.response:
            listed.pop("responses")  # chi and alpha are there by their names of old
        print_json(listed)
    elif options.out:
        save(result, options.out)
    else:
        _print(result)
    return 0


KNOWN = {"mott_residual": "mott_complete", "sea_surface_residual": "forms_known"}
"""Field of a `Sweep` that says which numbers a residual covers."""


def _print(result: ResponseSweep | ResponsesAtDensities) -> None:
    """chi and alpha with their residuals, then a table for each other response."""
    if result.intrinsic is not None:
        _print_intrinsic(result.intrinsic)
    parts, errors_of_mu = (
        ((result,), [None]) if isinstance(result, ResponseSweep) else (result.parts, result.solved.error)
    )
    for part, solved in zip(parts, errors_of_mu, strict=True):
        bar_of_mu = () if solved is None else ("+-",)
        for name, v in part.values.items():
            if name in INTRINSIC_PAIR:
                continue
            columns = [f"{name}_{c}/({v.row.unit})" for c in v.row.components]
            print_table(
                (
                    "T/K",
                    "mu/eV",
                    *bar_of_mu,
                    *(word for column in columns for word in (column, "+-")),
                    "converged",
                ),
                [
                    (
                        kelvin,
                        mu,
                        *(() if solved is None else (solved[m],)),
                        *(n for pair in zip(v.value[t, m], v.error[t, m], strict=True) for n in pair),
                        "yes" if v.converged[t, m] else "no",
                    )
                    for t, kelvin in enumerate(v.temperature)
                    for m, mu in enumerate(v.mu)
                ],
            )


def _print_intrinsic(result: Sweep | DensitySweep) -> None:
    """A table for each set of chemical potentials, then the residuals."""
    parts = (result,) if isinstance(result, Sweep) else result.parts
    for n, part in enumerate(parts):
        r = part.response
        solved = result.solved.error[n] if isinstance(result, DensitySweep) else None
        head = (
            "T/K",
            "mu/eV",
            *(() if solved is None else ("+-",)),
            "chi_x/(nm/ohm)",
            "+-",
            "chi_y/(nm/ohm)",
            "+-",
            "alpha_x/(nA nm/K)",
            "+-",
            "alpha_y/(nA nm/K)",
            "+-",
            "converged",
        )
        print_table(
            head,
            [
                (
                    kelvin,
                    mu,
                    *(() if solved is None else (solved[m],)),
                    r.chi[t, m, 0],
                    r.chi_error[t, m, 0],
                    r.chi[t, m, 1],
                    r.chi_error[t, m, 1],
                    r.alpha[t, m, 0],
                    r.alpha_error[t, m, 0],
                    r.alpha[t, m, 1],
                    r.alpha_error[t, m, 1],
                    "yes" if r.converged[t, m] else "no",
                )
                for t, kelvin in enumerate(r.temperature)
                for m, mu in enumerate(r.mu)
            ],
        )
        reduced = f" (zone reduced by {', '.join(part.reduced_by)}; --whole-zone)" if part.reduced_by else ""
        side = part.interpolated_from
        interpolated = f"; interpolated from {side} x {side} (--exact)" if side else ""
        print(f"wave vectors: {r.evaluations}{reduced}{interpolated}")
    for name, value in result.checks.items():
        known = np.concatenate([getattr(part, KNOWN[name]).ravel() for part in parts])
        where = "" if known.all() else f" (where both sides are known: {known.sum()} of {known.size} numbers)"
        missing = next((p.unknown[name] for p in parts if name in p.unknown), NOT_RESOLVED)
        print(f"{name}: {value:.2e}{where}" if isfinite(value) else f"{name}: {missing}")
