"""`om-explorer sweep`: responses over parameters of a model, or over several files, in a Zarr store."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from explorer.commands.arguments import (
    add_quantity,
    add_source_options,
    count,
    energies,
    mesh_size,
    names,
    number,
    numbers,
    positive,
    source_options,
    temperatures,
)
from explorer.commands.output import print_json, print_table
from explorer.commands.sweep_progress import Line
from explorer.models.kit.arrays import Floats
from explorer.results.response_sweep import default_names
from explorer.results.settings import METHODS
from explorer.results.sweep import CHECKS
from explorer.session.quantities import DENSITY, MU, RELAXATION_TIME, TEMPERATURE
from explorer.sweeps.plan import plan
from explorer.sweeps.run import run as compute
from explorer.sweeps.store import DONE, FAILED, NOT_DONE, RUNS, Store

FAILURES_PRINTED = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        nargs="*",
        help="name of a model, path of a _tb.dat or _hr.dat, or a folder of them; several make a dimension `source`",
    )
    add_source_options(parser)
    parser.add_argument(
        "--vary",
        metavar="NAME=START:STOP:COUNT",
        type=varied,
        action="append",
        default=[],
        help="a parameter of the model and its values, or NAME=VALUE[,VALUE..]; each one is a dimension more",
    )
    filling = parser.add_mutually_exclusive_group()
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
        help=f"instead of {MU.option}: carriers beyond neutrality [{DENSITY.plain_unit}], holes negative",
    )
    add_quantity(
        parser,
        TEMPERATURE,
        metavar="VALUE[,VALUE..]",
        type=temperatures,
        default=None,
        help=f"temperatures [{TEMPERATURE.unit}], above {TEMPERATURE.above:g}",
    )
    parser.add_argument(
        "--response", metavar="NAME[,NAME..]|all", type=names, help="as of compute (default: chi,alpha)"
    )
    add_quantity(
        parser,
        RELAXATION_TIME,
        type=number,
        help=f"{RELAXATION_TIME.help} of the extrinsic responses (default: {RELAXATION_TIME.initial:g})",
    )
    parser.add_argument("--method", choices=METHODS, default="adaptive", help="default: adaptive")
    parser.add_argument("--mesh", metavar="N", type=mesh_size, help="points a side of triangle and sum")
    parser.add_argument(
        "--rtol", metavar="R", type=positive, default=1e-3, help="wanted error of each point (default: 1e-3)"
    )
    parser.add_argument("--max-evaluations", metavar="N", type=count, help="wave vectors of a point at most")
    parser.add_argument("--whole-zone", action="store_true", help="as of compute")
    parser.add_argument("--exact", action="store_true", help="as of compute")
    parser.add_argument("--form", choices=("surface", "sea"), default="surface", help="default: surface")
    parser.add_argument(
        "--checks", choices=CHECKS, default="none", help="residuals of each point; default: none"
    )
    parser.add_argument("--out", metavar="DIR.zarr", type=Path, help="the store that holds it")
    parser.add_argument(
        "--workers", metavar="N", type=count, help="processes of this machine (default: as many as cores)"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask scheduler (tcp://host:8786) whose workers compute instead; they reach DIR.zarr and the sources "
        "by the same paths",
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument(
        "--resume",
        action="store_true",
        help="go on with a store of the same sweep; failed points are tried again",
    )
    again.add_argument("--overwrite", action="store_true", help="begin anew where a sweep's store is")
    parser.add_argument(
        "--status", metavar="DIR.zarr", type=Path, help="say how far a store is, and compute nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the status as JSON")


def varied(text: str) -> tuple[str, Floats]:
    """NAME=START:STOP:COUNT or NAME=VALUE[,VALUE..] of one parameter."""
    name, equals, values = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=START:STOP:COUNT")
    return name.strip(), energies(values)


def run(options: argparse.Namespace) -> int:
    """Compute, go on with, or look at a sweep; 1 where points failed."""
    if options.status is not None:
        return show(Store(options.status), options.json)
    for name in ("source", "out", "temperature"):
        value = getattr(options, name)
        if value is None or (name == "source" and not value):
            word = "SOURCE" if name == "source" else f"--{name}"
            raise ValueError(f"a sweep needs {word} (or --status DIR.zarr)")
    vary = dict(options.vary)
    if len(vary) < len(options.vary):
        raise ValueError("a parameter is varied twice")
    whole = plan(
        options.source,
        vary,
        mu=options.mu,
        density=options.density,
        temperature=options.temperature,
        response=options.response or default_names(),
        parameters=dict(options.assignments),
        options=source_options(options),
        relaxation_time=options.tau,
        method=options.method,
        form=options.form,
        mesh=options.mesh,
        rtol=options.rtol,
        max_evaluations=options.max_evaluations,
        whole_zone=options.whole_zone,
        checks=options.checks,
        exact=options.exact,
    )
    with Line() as line:
        try:
            store = compute(
                whole,
                options.out,
                workers=options.workers,
                scheduler=options.scheduler,
                resume=options.resume,
                overwrite=options.overwrite,
                watch=line,
            )
        except KeyboardInterrupt:
            print(
                f"om-explorer: stopped; what is done is in {options.out}: --resume goes on", file=sys.stderr
            )
            raise
    return show(store, options.json)


def show(store: Store, as_json: bool = False) -> int:
    """Print how far a store is; 1 where points failed, else 0."""
    status, plan = store.status(), store.plan
    codes = {"done": DONE, "failed": FAILED, "not_done": NOT_DONE}
    counts = {word: int((status == code).sum()) for word, code in codes.items()}
    reasons = store.reasons()
    failures = [
        {"point": plan.words(tuple(map(int, p))), "reason": str(reasons[tuple(p)])}
        for p in np.argwhere(status == FAILED)
    ]
    runs: list[dict[str, Any]] = json.loads(store.attrs.get(RUNS, "[]"))
    if as_json:
        print_json(
            {"store": str(store.path), "points": plan.count, **counts, "failures": failures, "runs": runs}
        )
        return int(bool(failures))
    sizes = ", ".join(f"{name} {size}" for name, size in zip(plan.dimensions, plan.shape, strict=True))
    print(
        f"{store.path}: {plan.count} points ({sizes}), {counts['done']} done, {counts['failed']} failed, "
        f"{counts['not_done']} not done"
    )
    for found in failures[:FAILURES_PRINTED]:
        print(f"failed: {found['point']}: {found['reason']}")
    if len(failures) > FAILURES_PRINTED:
        print(f"and {len(failures) - FAILURES_PRINTED} more (--json, or the variable reason)")
    if runs:
        head = ("begun", "workers", "hosts", "points", "seconds", "in tasks/%")
        print_table(
            head, [(r["begun"], r["workers"], r["hosts"], r["points"], r["seconds"], _share(r)) for r in runs]
        )
    return int(bool(failures))


def _share(run: dict[str, Any]) -> float:
    """Time in tasks over the time of all workers, in percent."""
    whole = run["seconds"] * run["workers"]
    return round(100 * run["seconds_in_tasks"] / whole, 1) if whole else 0.0
