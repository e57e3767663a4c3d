"""`om-explorer check`: a source held against the relations of the theory, each as a number and a verdict."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from explorer.commands.arguments import add_source, opened
from explorer.commands.output import print_json, print_table
from explorer.commands.progress import Bar
from explorer.source import Source
from explorer.validation import CheckResult, validate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    parser.add_argument("--full", action="store_true", help="more wave vectors and a finer mesh")
    parser.add_argument("--json", action="store_true", help="print JSON")


def as_json(source: Source, results: list[CheckResult]) -> dict[str, Any]:
    """The verdicts as the JSON says them."""
    return {
        "source": source.name,
        "parameters": source.parameters,
        "passed": all(result.passed for result in results),
        "checks": [asdict(result) for result in results],
    }


def run(options: argparse.Namespace) -> int:
    """Check and print; 0 when all is green, 1 otherwise."""
    source = opened(options)
    with Bar() as bar, ThreadPoolExecutor() as pool:
        results = validate(
            source.model, "full" if options.full else "quick",
            hamiltonian=source.hamiltonian, pool=pool, progress=bar,
        )  # fmt: skip
    if options.json:
        print_json(as_json(source, results))
    else:
        print_table(
            ("verdict", "check", "residual", "tolerance", "unit", "kind", "meaning"),
            [
                (
                    "pass" if r.passed else "FAIL",
                    r.name,
                    f"{r.value:.1e}",
                    f"{r.tolerance:.0e}",
                    r.unit,
                    r.kind,
                    r.meaning,
                )
                for r in results
            ],
        )
    return 0 if all(result.passed for result in results) else 1
