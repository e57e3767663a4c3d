"""`om-explorer bands`: energies and Lambda along the model's path."""

from __future__ import annotations

import argparse
from typing import Any

from explorer.commands.arguments import add_source, opened, output_file, whole
from explorer.commands.output import listed, print_json, print_table, save
from explorer.commands.progress import Bar
from explorer.export.formats import ENDINGS
from explorer.results.bands_and_maps import Bands, bands_along_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    parser.add_argument(
        "--points", metavar="N", type=whole, default=301, help="points on the path (default: 301)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--json", action="store_true", help="print JSON")
    where.add_argument(
        "--out",
        metavar="FILE",
        type=output_file(*ENDINGS),
        help=listed(ENDINGS),
    )


def as_json(result: Bands) -> dict[str, Any]:
    """The result as the JSON says it: energies [K][N], Lambda [K][N][2]."""
    path, g = result.path, result.geometry
    return {
        "source": result.source.name,
        "parameters": result.source.parameters,
        "corners": [
            {"label": name, "index": i} for name, i in zip(path.labels, path.corners.tolist(), strict=True)
        ],
        "distance_inv_angstrom": path.distance,
        "k_inv_angstrom": g.k.T,
        "energy_eV": g.energy.T,
        "group": g.groups.T,
        "lambda_A3": g.lambda_.T,
    }


def run(options: argparse.Namespace) -> int:
    """Compute, then print or write."""
    with Bar() as bar:
        result = bands_along_path(opened(options), options.points, progress=bar)
    if options.json:
        print_json(as_json(result))
    elif options.out:
        save(result, options.out)
    else:
        names = dict(zip(result.path.corners.tolist(), result.path.labels, strict=True))
        head = ("", "kx/A^-1", "ky/A^-1", *(f"E_{n}/eV" for n in range(result.geometry.energy.shape[0])))
        print_table(
            head,
            [
                (names.get(i, ""), *result.path.k[:, i], *result.geometry.energy[:, i])
                for i in range(len(result.path.distance))
            ],
        )
    return 0
