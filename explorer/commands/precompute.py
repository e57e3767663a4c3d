"""`om-explorer precompute`: the geometry of a source on a mesh and along its path, kept on disk for the page."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits

from explorer.commands.arguments import add_source, energy_range, mesh_size, opened, output_file
from explorer.commands.progress import Bar
from explorer.disk.replaced import replaced
from explorer.export.datasets import geometry_dataset
from explorer.meshes.disk_store import GeometryStore
from explorer.meshes.mesh import LADDER, PATH_POINTS
from explorer.meshes.reachable_bands import kept_bands
from explorer.meshes.shipped import write_compact
from explorer.physics.cost import MANY_BANDS
from explorer.physics.progress import part_of
from explorer.physics.zone.domain import Disc, zone_of
from explorer.physics.zone.path import sample_path
from explorer.results.uniform import check_size
from explorer.session.source_name import SourceName


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_source(parser)
    parser.add_argument(
        "--mesh",
        metavar="N",
        type=mesh_size,
        default=96,
        help=f"N x N points (i/N, j/N), Gamma included (default: 96); the page takes {', '.join(map(str, LADDER))}",
    )
    parser.add_argument(
        "--window",
        metavar="LOW:HIGH",
        type=energy_range,
        help="the energy window [eV], as SOURCE#window=LOW:HIGH says it too: bands that no mu in it and no T on offer "
        "can fill are not kept; sums over intermediate states stay complete",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=output_file(".nc", ".npz"),
        help="write it too: .nc with units and provenance; .npz in the compact form that ships (whole bands of a "
        "crystal with PT and an axis)",
    )


def run(options: argparse.Namespace) -> int:
    """Compute what is not there yet, then say where it is."""
    if options.window is not None:
        options.source = str(
            SourceName.parse(options.source).with_setting("window", "{}:{}".format(*options.window))
        )
    source, store, begun = opened(options), GeometryStore(patience=0.0), time.monotonic()
    h = source.hamiltonian
    zone = zone_of(h)
    if isinstance(zone, Disc):
        raise ValueError(f"{source.name} is a k.p model on a disc: it states its own mesh, and is quick")
    compact = options.out is not None and options.out.suffix.lower() == ".npz"
    window = SourceName.parse(source.name).energy_window
    if compact and window is not None:
        raise ValueError("the compact form holds all bands: leave out the energy window, or write .nc")
    bands = None if window is None else kept_bands(source)
    check_size(h, options.mesh)
    k, line = zone.mesh(options.mesh)[0], sample_path(source.path(), PATH_POINTS).k
    share = line.shape[1] / (line.shape[1] + k.shape[1])
    with threadpool_limits(1, "blas"), ThreadPoolExecutor() as pool, Bar() as bar:
        if compact:
            write_compact(source, options.mesh, line, options.out, pool, bar)
        else:
            there = store.holds(h, k, bands)
            store.geometry(h, line, pool=pool, progress=part_of(bar, 0.0, share))
            g = store.geometry(h, k, pool=pool, bands=bands, progress=part_of(bar, share, 1.0))
    seconds = time.monotonic() - begun
    if not compact:
        count = h.size if bands is None else bands.stop
        size = store.entry_size(h, k, bands)
        print(
            f"{source.name}: {options.mesh} x {options.mesh} wave vectors, {count} of {h.size} bands, "
            f"{'read' if there else 'computed'} in {seconds:.1f} s, {size / 2**20:.0f} MiB on disk; "
            f"{store.folder} holds {store.size() / 2**20:.0f} MiB"
        )
        if h.size <= MANY_BANDS:
            print(f"The page computes up to {MANY_BANDS} bands anew: that is quicker than a read.")
        elif options.mesh not in LADDER:
            print(f"The page reads meshes of {', '.join(map(str, LADDER))} points a side only.")
        if options.out is not None:
            data = geometry_dataset(source, g).assign_attrs(mesh=options.mesh)
            with replaced(options.out) as draft:
                data.to_netcdf(draft, engine="h5netcdf")
    if options.out is not None:
        print(f"wrote {options.out}", file=sys.stderr)
    return 0
