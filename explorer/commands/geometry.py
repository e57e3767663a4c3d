"""`om-explorer geometry`: everything of equation (11) at given wave vectors."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from explorer.commands.arguments import add_source, opened, wave_vector
from explorer.commands.output import print_json, print_table
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.units import MOMENT_UNIT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    parser.add_argument(
        "--k",
        dest="points",
        metavar="KX,KY",
        type=wave_vector,
        action="append",
        required=True,
        help="Cartesian wave vector [1/angstrom]; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def point(g: BandGeometry, i: int) -> dict[str, Any]:
    """One wave vector as the JSON says it; Lambda in e/hbar angstrom^3 with e < 0 kept outside."""
    return {
        "k_inv_angstrom": g.k[:, i],
        "energy_eV": g.energy[:, i],
        "group": g.groups[:, i],
        "lambda_A3": g.lambda_[..., i].T,
        "term1_A3": g.term1[..., i].T,
        "term2_A3": g.term2[..., i].T,
        "metric_A2": g.metric[..., i].T,
        "berry_curvature_A2": g.berry_curvature[:, i],
        "orbital_moment_muB": MOMENT_UNIT * g.orbital_moment[:, i],
    }


def run(options: argparse.Namespace) -> int:
    """Compute and print."""
    source = opened(options)
    g = band_geometry(source.hamiltonian, np.array(options.points).T)
    points = [point(g, i) for i in range(g.k.shape[1])]
    if options.json:
        print_json({"points": points})
        return 0
    for p in points:
        print(f"k = {p['k_inv_angstrom'][0]:g}, {p['k_inv_angstrom'][1]:g} 1/angstrom")
        head = (
            "band",
            "group",
            "E/eV",
            "L_x/A^3",
            "L_y/A^3",
            "g_xx/A^2",
            "g_xy/A^2",
            "g_yy/A^2",
            "Omega/A^2",
            "m/mu_B",
        )
        print_table(
            head,
            [
                (
                    n,
                    p["group"][n],
                    p["energy_eV"][n],
                    *p["lambda_A3"][n],
                    *p["metric_A2"][n],
                    p["berry_curvature_A2"][n],
                    p["orbital_moment_muB"][n],
                )
                for n in range(len(p["energy_eV"]))
            ],
        )
    return 0
