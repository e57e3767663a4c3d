"""`om-explorer check`: a source held against the relations of the theory, each as a number and a verdict."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from explorer.commands.arguments import add_source, opened
from explorer.commands.output import print_json, print_table
from explorer.commands.progress import Bar
from explorer.session.source import Source
from explorer.threads import Sharing
from explorer.validation import CheckResult, validate

VERDICTS = {True: "pass", False: "FAIL", None: "none"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    parser.add_argument("--full", action="store_true", help="more wave vectors and a finer mesh")
    parser.add_argument("--json", action="store_true", help="print JSON")


def as_json(source: Source, results: list[CheckResult]) -> dict[str, Any]:
    """The verdicts as the JSON says them; what could not be compared has neither numbers nor a verdict."""
    return {
        "source": source.name,
        "parameters": source.parameters,
        "passed": all(result.passed is not False for result in results),
        "checks": [asdict(result) for result in results],
    }


def run(options: argparse.Namespace) -> int:
    """Check and print; 1 where a relation fails, 0 otherwise."""
    source = opened(options)
    with Bar() as bar, Sharing() as pool:
        results = validate(
            source.model,
            "full" if options.full else "quick",
            hamiltonian=source.hamiltonian,
            pool=pool,
            progress=bar,
        )
    if options.json:
        print_json(as_json(source, results))
    else:
        print_table(
            ("verdict", "check", "residual", "tolerance", "unit", "kind", "meaning"),
            [
                (
                    VERDICTS[r.passed],
                    r.name,
                    "" if r.passed is None else f"{r.value:.1e}",
                    "" if r.passed is None else f"{r.tolerance:.0e}",
                    r.unit,
                    r.kind,
                    r.meaning,
                )
                for r in results
            ],
        )
    return 1 if any(result.passed is False for result in results) else 0
