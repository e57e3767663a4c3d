"""`om-explorer responses`: what can be computed of a source, with units, symmetry and needs."""

from __future__ import annotations

import argparse

from explorer.commands.output import print_json, print_table
from explorer.physics.responses import catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the catalogue."""
    listed = [row.description() for row in catalogue.rows()]
    if options.json:
        print_json(listed)
        return 0
    print_table(
        ("response", "unit", "components", "needs", "exists where broken", "what it is"),
        [
            (
                r["name"],
                r["unit"],
                ",".join(r["components"]),
                ",".join(r["needs"]) or "-",
                r["symmetry"],
                f"{r['title']}, {r['equation']}",
            )
            for r in listed
        ],
    )
    return 0
