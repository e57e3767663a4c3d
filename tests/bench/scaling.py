"""How time grows with the mesh and with the bands, and what accuracy costs: `python -m tests.bench.scaling OUT.png`."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.model import catalogue
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.equation_11_gauge_free import geometry_block
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.integration.uniform.triangles import energy_nodes, triangle_curve, zone_triangles
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.zone.domain import zone_of
from tests.bench.kernels import mesh, model
from tests.physics.random_hamiltonians import random_hamiltonian

MESHES = (12, 24, 48, 96, 192)
BANDS = (2, 4, 8, 16, 24, 32, 48, 64, 112)
SUMS = (24, 48, 96, 192, 384, 768)
TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
COLOURS = {
    "ours": "#0072b2",
    "eigh alone": "#777777",
    "plain numpy": "#d55e00",
    "adaptive": "#0072b2",
    "triangles": "#009e73",
    "plain sum": "#d55e00",
}
MARKS = {
    "ours": "o",
    "eigh alone": "^",
    "plain numpy": "s",
    "adaptive": "o",
    "triangles": "D",
    "plain sum": "s",
}


def processor_seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Least processor time of a call [s]."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def kernels(h: Hamiltonian, k: Floats) -> dict[str, float]:
    """Time per wave vector of everything we compute, of eigh of the same matrices, of plain numpy [s]."""
    band_geometry(h, k[:, :8])
    H = bloch_matrices(h, k[:, :512]).H
    few = k[:, : max(1, 2048 // h.size**2)]

    def dense() -> None:
        geometry_block(bloch_matrices(h, few), h.degeneracy_tolerance, False)

    return {
        "ours": processor_seconds(lambda: band_geometry(h, k)) / k.shape[1],
        "eigh alone": processor_seconds(lambda: np.linalg.eigh(H)) / len(H),
        "plain numpy": processor_seconds(dense, 1) / few.shape[1],
    }


def draw_meshes(axes: Axes) -> None:
    """Whole geometry against wave vectors, for two, four and eight bands."""
    for key, dash in (("haldane", "-"), ("cumnas", "--"), ("honeycomb-afm", ":")):
        h = model(key)
        seconds = {n: processor_seconds(lambda h=h, n=n: band_geometry(h, mesh(h, n))) for n in MESHES}
        axes.loglog(
            [n * n for n in MESHES],
            list(seconds.values()),
            dash,
            marker="o",
            color=COLOURS["ours"],
            label=f"{key}, N = {h.size}",
        )
    axes.set(title="Geometry of all bands, one thread", xlabel="wave vectors", ylabel="time [s]")


def draw_bands(axes: Axes) -> None:
    """Time per wave vector against bands."""
    found: dict[str, list[float]] = {}
    for n in BANDS:
        h = random_hamiltonian(n, 1)
        for name, seconds in kernels(h, mesh(h, 64)[:, : max(16, 16384 // n**2)]).items():
            found.setdefault(name, []).append(seconds)
    for name, times in found.items():
        axes.loglog(BANDS, times, marker=MARKS[name], color=COLOURS[name], label=name)
    axes.set(title="Random Hamiltonians", xlabel="bands", ylabel="time per wave vector [s]")


def draw_errors(axes: Axes, key: str = "cumnas", temperature: float = 10.0) -> None:
    """Worst error of chi and alpha over five mu, relative to their maxima, against time."""
    h = catalogue()[key]().hamiltonian()
    mu = np.array([-0.6, -0.25, 0.05, 0.3, 0.55])
    warm = np.array([temperature])
    exact = adaptive_response(h, INTRINSIC, mu, temperature, rtol=1e-7)

    def error(chi: Floats, alpha: Floats) -> float:
        off = (np.abs(a - b).max() / np.abs(b).max() for a, b in ((chi, exact.chi), (alpha, exact.alpha)))
        return float(max(off))

    found: dict[str, list[tuple[float, float]]] = {"adaptive": [], "triangles": [], "plain sum": []}
    for rtol in TOLERANCES:
        seconds = processor_seconds(
            lambda r=rtol: adaptive_response(h, INTRINSIC, mu, temperature, rtol=r), 1
        )
        r = adaptive_response(h, INTRINSIC, mu, temperature, rtol=rtol)
        found["adaptive"].append((seconds, error(r.chi, r.alpha)))
    for n in (SUMS[0], *SUMS):  # the first is for the compiler
        start = time.process_time()
        k, triangles, weights = zone_triangles(zone_of(h), n)
        g = band_geometry(h, k)
        shared = time.process_time() - start
        corners = np.bincount(triangles.ravel(), np.repeat(weights / 3, 3), minlength=k.shape[1])
        start = time.process_time()
        values = plain_sum(g, corners, INTRINSIC, mu, warm)
        found["plain sum"].append((shared + time.process_time() - start, error(*values)))
        start = time.process_time()
        nodes = energy_nodes(g.energy, max(100, 3 * n), mu, temperature)
        curve = triangle_curve(g, triangles, weights, INTRINSIC, nodes)
        values = curve.chi(mu, warm), curve.alpha(mu, warm)
        found["triangles"].append((shared + time.process_time() - start, error(*values)))
    del found["triangles"][0], found["plain sum"][0]
    for name, points in found.items():
        axes.loglog(*zip(*points, strict=True), marker=MARKS[name], color=COLOURS[name], label=name)
    axes.set(
        title=f"{key} at {temperature:g} K, five μ",
        xlabel="processor time [s]",
        ylabel="worst error / maximum of χ, α",
    )


def main() -> None:
    """Draw the three panels into a file."""
    warnings.simplefilter("ignore")
    figure = Figure(figsize=(13, 4), layout="constrained", dpi=110)
    with threadpool_limits(1):
        for axes, draw in zip(figure.subplots(1, 3), (draw_meshes, draw_bands, draw_errors), strict=True):
            draw(axes)
            axes.grid(alpha=0.3)
            axes.legend(frameon=False)
    FigureCanvasAgg(figure).print_png(sys.argv[1])


if __name__ == "__main__":
    main()
