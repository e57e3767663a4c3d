"""`om-explorer compute`: chi and alpha over chemical potentials and temperatures."""

from __future__ import annotations

import argparse
from typing import Any

from explorer.commands.arguments import (
    add_source,
    energies,
    mesh_size,
    opened,
    output_file,
    positive,
    temperatures,
)
from explorer.commands.output import print_json, print_table, save
from explorer.commands.progress import Bar
from explorer.sweep import METHODS, Sweep, sweep


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    parser.add_argument(
        "--mu", metavar="START:STOP:COUNT|VALUE[,VALUE..]", type=energies, required=True,
        help="chemical potentials [eV]; in a file's case on the file's scale",
    )  # fmt: skip
    parser.add_argument(
        "--temperature",
        metavar="VALUE[,VALUE..]",
        type=temperatures,
        required=True,
        help="temperatures [K], above 0",
    )
    parser.add_argument("--mesh", metavar="N", type=mesh_size, help="N x N points (i/N, j/N), Gamma included")
    parser.add_argument("--method", choices=METHODS, default="adaptive", help="default: adaptive")
    parser.add_argument(
        "--rtol", metavar="R", type=positive, default=1e-3,
        help="wanted error relative to the curve's maximum (default: 1e-3)",
    )  # fmt: skip
    parser.add_argument(
        "--form",
        choices=("surface", "sea"),
        default="surface",
        help="of the second term of (11); default: surface",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--json", action="store_true", help="print JSON")
    where.add_argument(
        "--out", metavar="FILE.csv|FILE.nc", type=output_file(".csv", ".nc"), help="write a file"
    )


def as_json(result: Sweep) -> dict[str, Any]:
    """The result as the JSON says it: arrays are [T][M][2]."""
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
    }


def run(options: argparse.Namespace) -> int:
    """Compute, then print or write."""
    with Bar() as bar:
        result = sweep(
            opened(options), options.mu, options.temperature,
            method=options.method, form=options.form, mesh=options.mesh, rtol=options.rtol, progress=bar,
        )  # fmt: skip
    if options.json:
        print_json(as_json(result))
    elif options.out:
        save(result, options.out)
    else:
        r = result.response
        head = ("T/K", "mu/eV", "chi_x/(nm/ohm)", "+-", "chi_y/(nm/ohm)", "+-", "alpha_x/(nA nm/K)", "+-",
                "alpha_y/(nA nm/K)", "+-", "converged")  # fmt: skip
        print_table(head, [
            (kelvin, mu, r.chi[t, m, 0], r.chi_error[t, m, 0], r.chi[t, m, 1], r.chi_error[t, m, 1],
             r.alpha[t, m, 0], r.alpha_error[t, m, 0], r.alpha[t, m, 1], r.alpha_error[t, m, 1],
             "yes" if r.converged[t, m] else "no")
            for t, kelvin in enumerate(r.temperature) for m, mu in enumerate(r.mu)
        ])  # fmt: skip
        for name, value in result.checks.items():
            print(f"{name}: {value:.2e}")
    return 0
