"""`om-explorer kmap`: Lambda, or the density of any response, over the Brillouin zone, as data or as a picture."""

from __future__ import annotations

import argparse
from typing import Literal

from explorer.commands.arguments import (
    add_quantity,
    add_source,
    mesh_size,
    number,
    opened,
    output_file,
    positive,
    whole,
)
from explorer.commands.output import listed, save
from explorer.commands.progress import Bar
from explorer.export.formats import ENDINGS
from explorer.physics.responses import catalogue
from explorer.results.bands_and_maps import LambdaMap, lambda_map
from explorer.results.response_map import ResponseMap, response_map
from explorer.session.quantities import MU, RELAXATION_TIME, TEMPERATURE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    add_quantity(parser, MU, type=number, required=True)
    add_quantity(parser, TEMPERATURE, type=positive, required=True, help=f"{TEMPERATURE.help}, above 0")
    parser.add_argument(
        "--mesh", metavar="N", type=mesh_size, default=201, help="N x N points (i/N, j/N) (default: 201)"
    )
    parser.add_argument(
        "--band",
        metavar="n",
        type=band,
        help="one band, counted from 0, or nearest (the one nearest mu), instead of the occupied sum",
    )
    parser.add_argument(
        "--response",
        metavar="NAME",
        help="what each wave vector (with --band: one band) contributes at mu and T to a response of `om-explorer "
        "responses`, instead of Lambda",
    )
    add_quantity(
        parser,
        RELAXATION_TIME,
        type=number,
        help=f"{RELAXATION_TIME.help} of the extrinsic responses (default: {RELAXATION_TIME.initial:g})",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=output_file(*ENDINGS),
        required=True,
        help=listed(ENDINGS),
    )


def band(text: str) -> int | Literal["nearest"]:
    """A whole number, or "nearest"."""
    if text == "nearest":
        return "nearest"
    try:
        return whole(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a whole number nor nearest") from None


def run(options: argparse.Namespace) -> int:
    """Compute and write."""
    source, at = opened(options), (options.mu, options.temperature)
    how = {"mesh": options.mesh, "band": options.band}
    result: LambdaMap | ResponseMap
    with Bar() as bar:
        if options.response is None:
            result = lambda_map(source, *at, progress=bar, **how)
        else:
            row = catalogue.row(options.response)
            result = response_map(source, row, *at, relaxation_time=options.tau, progress=bar, **how)
    save(result, options.out)
    return 0
