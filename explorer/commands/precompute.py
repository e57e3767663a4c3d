"""`om-explorer precompute`: the geometry of a source on a mesh and along its path, kept on disk for the page."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from explorer.commands.arguments import add_source, energy_range, mesh_size, opened, output_file
from explorer.commands.progress import Bar
from explorer.export import geometry_dataset
from explorer.meshes import PATH_POINTS
from explorer.paths import sample_path
from explorer.physics.bloch import energies
from explorer.physics.zone import Disc, zone_of
from explorer.shipped import write_compact
from explorer.source import Source
from explorer.store import GeometryStore
from explorer.uniform import check_size

LOOK = 12
"""Points a side of the mesh on which the bands of an energy window are found."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    parser.add_argument(
        "--mesh", metavar="N", type=mesh_size, default=96,
        help="N x N points (i/N, j/N), Gamma included (default: 96)",
    )  # fmt: skip
    parser.add_argument(
        "--window", metavar="LOW:HIGH", type=energy_range,
        help="keep the bands that enter this range of energies [eV]; sums over states stay complete",
    )  # fmt: skip
    parser.add_argument(
        "--out", metavar="FILE", type=output_file(".nc", ".npz"),
        help="write it too: .nc with units and provenance; .npz in the compact form that ships (whole bands of a "
        "crystal with PT and an axis)",
    )  # fmt: skip


def window_bands(source: Source, window: tuple[float, float]) -> slice:
    """Bands that enter an energy range [eV] on a coarse mesh or along the path, whole Kramers pairs.

    Raises ValueError where there is none.
    """
    h, path = source.hamiltonian, sample_path(source.path(), 5 * LOOK).k
    k = np.concatenate([zone_of(h).mesh(LOOK)[0], path], axis=1)
    energy = energies(h, k)
    inside = np.flatnonzero((energy.max(axis=1) >= window[0]) & (energy.min(axis=1) <= window[1]))
    if not inside.size:
        raise ValueError(f"no band of {source.name} between {window[0]:g} and {window[1]:g} eV")
    first, last = int(inside[0]), int(inside[-1])
    if h.size % 2 == 0:
        first, last = first - first % 2, last + 1 - last % 2
    return slice(first, last + 1)


def run(options: argparse.Namespace) -> int:
    """Compute what is not there yet, then say where it is."""
    source, store, begun = opened(options), GeometryStore(patience=0.0), time.monotonic()
    h = source.hamiltonian
    zone = zone_of(h)
    if isinstance(zone, Disc):
        raise ValueError(f"{source.name} is a k.p model on a disc: it states its own mesh, and is quick")
    compact = options.out is not None and options.out.suffix.lower() == ".npz"
    if compact and options.window is not None:
        raise ValueError("the compact form holds all bands: leave out --window, or write .nc")
    bands = None if options.window is None else window_bands(source, options.window)
    check_size(h, options.mesh)
    k, line = zone.mesh(options.mesh)[0], sample_path(source.path(), PATH_POINTS).k
    share = line.shape[1] / (line.shape[1] + k.shape[1])
    with threadpool_limits(1, "blas"), ThreadPoolExecutor() as pool, Bar() as bar:
        if compact:
            write_compact(source, options.mesh, line, options.out, pool, bar)
        else:
            there = store.holds(h, k, bands)
            store.geometry(h, line, pool=pool, progress=lambda f: bar(share * f))
            g = store.geometry(h, k, pool=pool, bands=bands, progress=lambda f: bar(share + (1 - share) * f))
    seconds = time.monotonic() - begun
    if not compact:
        count = h.size if bands is None else bands.stop - bands.start
        which = "" if bands is None else f" ({bands.start} to {bands.stop - 1})"
        print(
            f"{source.name}: {options.mesh} x {options.mesh} wave vectors, {count} bands{which}, "
            f"{'read' if there else 'computed'} in {seconds:.1f} s; {store.folder} holds {store.size() / 2**20:.0f} MiB"
        )
        if options.out is not None:
            data = geometry_dataset(source, g).assign_attrs(
                mesh=options.mesh, first_band=bands.start if bands else 0
            )
            data.to_netcdf(options.out, engine="h5netcdf")
    if options.out is not None:
        print(f"wrote {options.out}", file=sys.stderr)
    return 0
