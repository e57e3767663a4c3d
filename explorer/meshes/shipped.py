"""The geometry of a large model that ships with the explorer, in a compact form that is complete.

Of Kramers pairs one band is kept; of a mesh, the points that a symmetry of the plane does not give from others;
curvature and moment, which vanish with PT, are left out. Numbers are of single precision. The file is used only for
the very Hamiltonian it was made from: it holds the overlap of its matrices with fixed random ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from explorer import assets
from explorer.disk.replaced import replaced
from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.kernels.rows import METRIC, ROW_COUNT, fill_products
from explorer.physics.progress import Pool, Progress
from explorer.physics.symmetry.images import carried
from explorer.physics.zone.domain import Disc, zone_of
from explorer.session.source import Source

FILES = ("cri3/geometry_48.npz",)
ROWS_KEPT = METRIC.stop
"""First rows kept: all but curvature and moment, which vanish with PT, and the products that follow from the others."""
PRECISION = 1e-9
"""How far a wave vector may be from a stored one [1/angstrom], and a probe from the stored one, relatively."""


@dataclass(frozen=True, eq=False)
class Shipped:
    """What one file holds. axis : (2, 2), the operation on k. k, path, values ready to hand out."""

    probe: Floats
    mesh: BandGeometry
    path: BandGeometry


_probes: WeakKeyDictionary[Hamiltonian, Floats] = WeakKeyDictionary()


def probe(h: LatticeHamiltonian) -> Floats:
    """Numbers that tell one Hamiltonian from another to rounding: overlaps with random matrices, sizes, rules."""
    found = _probes.get(h)
    if found is None:
        random = np.random.Generator(np.random.PCG64(7))
        numbers: list[float] = [
            *h.cell.ravel(),
            *h.positions.ravel(),
            h.degeneracy_tolerance,
            float(h.kramers_pairs),
        ]
        numbers += h.vectors.ravel().tolist()
        for matrices in (h.hoppings, h.dipoles):
            if matrices is None:
                numbers.append(0.0)
                continue
            flat = matrices.reshape(-1).view(float)
            numbers += [float(flat @ random.standard_normal(flat.size)), float(flat @ flat)]
        found = _probes[h] = np.array(numbers)
    return found


def shipped_geometry(h: Hamiltonian, k: Floats) -> BandGeometry | None:
    """The shipped geometry of every band of h at k (2, K), in this order; None where there is none."""
    if not isinstance(h, LatticeHamiltonian):
        return None
    for name in FILES:
        file = _shipped(name)
        if file is None or file.mesh.values.shape[1] != h.size:
            continue
        for g in (file.mesh, file.path):
            if g.k.shape == k.shape and np.abs(g.k - k).max() < PRECISION and _same(probe(h), file.probe):
                return BandGeometry(k, g.values, g.groups)
    return None


def shipped_mesh(h: Hamiltonian) -> int | None:
    """Points a side of the mesh that ships for h, or None."""
    if isinstance(h, LatticeHamiltonian):
        for name in FILES:
            file = _shipped(name)
            if file is not None and file.mesh.values.shape[1] == h.size and _same(probe(h), file.probe):
                return math.isqrt(file.mesh.k.shape[1])
    return None


def _same(a: Floats, b: Floats) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=PRECISION, atol=PRECISION))


@lru_cache(maxsize=4)
def _shipped(name: str) -> Shipped | None:
    try:
        return read_compact(assets.path(name))
    except FileNotFoundError:
        return None


def read_compact(path: Path) -> Shipped:
    """A compact file, unfolded."""
    with np.load(path) as file:
        n, axis, reciprocal = int(file["n"]), file["axis"], file["reciprocal"]
        k, image, own = _orbits(n, axis, reciprocal)
        kept, kept_groups = _spread(file["mesh"], file["mesh_groups"])
        values = np.empty((ROW_COUNT, kept.shape[1], n * n))
        groups = np.empty(values.shape[1:], dtype=np.int64)
        values[..., image[own]], groups[:, image[own]] = _transformed(kept, axis), kept_groups
        values[..., own], groups[:, own] = kept, kept_groups
        mesh = BandGeometry(k, values, groups)
        path_bands = BandGeometry(file["path_k"], *_spread(file["path"], file["path_groups"]))
        for g in (mesh, path_bands):
            g.values.flags.writeable = g.groups.flags.writeable = False
        return Shipped(file["probe"], mesh, path_bands)


def write_compact(
    source: Source,
    n: int,
    line: Floats,
    path: Path,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> None:
    """Compute and write a compact file of an n x n mesh and of the wave vectors of a path, line (2, K) [1/angstrom].

    Raises ValueError for a source that has not PT (all bands in pairs, no curvature) and a twofold axis in the plane.
    """
    h, zone = source.hamiltonian, zone_of(source.hamiltonian)
    operations = source.model.symmetries()
    axes = [s.rotation for s in operations if not s.antiunitary and np.linalg.det(s.rotation) < 0]
    pairs = any(s.antiunitary and np.allclose(s.rotation, -np.eye(2)) for s in operations)
    if isinstance(zone, Disc) or not isinstance(h, LatticeHamiltonian) or not axes or not pairs:
        raise ValueError(
            f"{source.name} lacks PT or an axis in the plane: only such crystals have a compact geometry"
        )
    axis = np.asarray(axes[0], dtype=float)
    k, _, own = _orbits(n, axis, zone.reciprocal)
    g = band_geometry(h, np.concatenate([k[:, own], line], axis=1), pool=pool, progress=progress)
    if np.abs(g.berry_curvature).max() > 1e-5:
        raise ValueError(f"{source.name} has a Berry curvature: its pairs are split, or no pairs")
    packed = _packed(g.values[:ROWS_KEPT, ::2])
    groups = g.groups.astype(np.uint8)
    with replaced(path) as draft, draft.open("wb") as file:
        np.savez_compressed(
            file,
            n=n,
            axis=axis,
            reciprocal=zone.reciprocal,
            probe=probe(h),
            path_k=line,
            mesh=packed[..., : own.size],
            path=packed[..., own.size :],
            mesh_groups=groups[:, : own.size],
            path_groups=groups[:, own.size :],
        )


def _orbits(n: int, axis: Floats, reciprocal: Floats) -> tuple[Floats, Integers, Integers]:
    """The mesh k (2, n*n), the index of each point's image, and the points of which one of an orbit is kept."""
    s, t = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    whole = np.stack([s.ravel(), t.ravel()])
    k = (whole.T / n @ reciprocal).T
    turned = np.linalg.inv(reciprocal.T) @ axis @ reciprocal.T  # on fractional coordinates, whole numbers
    i, j = np.rint(turned @ whole).astype(int) % n
    image = i * n + j
    return k, image, np.flatnonzero(np.arange(n * n) <= image)


def _transformed(values: Floats, axis: Floats) -> Floats:
    """Values (ROW_COUNT, N, K) at the images of their wave vectors under a unitary operation with a diagonal matrix."""
    if not np.allclose(axis, np.diag(np.diag(axis))):
        raise ValueError("the axis of a compact geometry lies along x or y")
    return carried(values, axis, antiunitary=False)


def _packed(values: Floats) -> np.ndarray:
    """Bytes (4, 10, N / 2, K) of single-precision numbers, sorted by significance: so they compress."""
    single = values.astype(">f4")
    return np.ascontiguousarray(np.moveaxis(single.view(np.uint8).reshape(*single.shape, 4), -1, 0))


def _spread(packed: np.ndarray, groups: np.ndarray) -> tuple[Floats, Integers]:
    """Values (ROW_COUNT, N, K) and groups from one band of each pair, whose two members have one slope."""
    single = np.ascontiguousarray(np.moveaxis(packed, 0, -1)).view(">f4")[..., 0]
    values = np.zeros((ROW_COUNT, 2 * single.shape[1], single.shape[2]))
    values[:ROWS_KEPT, ::2] = values[:ROWS_KEPT, 1::2] = single
    fill_products(values)
    return values, groups.astype(np.int64)
