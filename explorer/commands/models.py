"""`om-explorer models`: what can be explored, and with which parameters."""

from __future__ import annotations

import argparse
from typing import Any

from explorer.commands.output import print_json, print_table
from explorer.models.kit.model import Model, catalogue
from explorer.session.source import limits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def description(model: type[Model]) -> dict[str, Any]:
    """Name, title and parameters of a model, as the JSON says them."""
    return {
        "name": model.key,
        "title": model.title,
        "reference": model.reference,
        "default_mu_eV": model.default_mu,
        "parameters": [
            {
                "name": name,
                "default": float(quantity.default),
                "bounds": list(limits(quantity)),
                "unit": quantity.unit,
                "doc": quantity.doc,
            }
            for name, quantity in model.quantities().items()
        ],
    }


def run(options: argparse.Namespace) -> int:
    """Print the catalogue."""
    listed = [description(model) for model in catalogue().values()]
    if options.json:
        print_json(listed)
        return 0
    for model in listed:
        print(f"{model['name']}: {model['title']}")
        if model["parameters"]:
            rows = [
                (f"  {p['name']}", p["default"], *p["bounds"], p["unit"], p["doc"])
                for p in model["parameters"]
            ]
            print_table(("  parameter", "default", "from", "to", "unit", ""), rows)
        print()
    return 0
