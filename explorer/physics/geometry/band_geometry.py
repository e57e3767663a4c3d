"""BandGeometry: everything about the bands that knows neither mu nor T. The expensive first stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, PolynomialHamiltonian
from explorer.physics.kernels.dispatch import kernel_of
from explorer.physics.kernels.rows import FLUX, METRIC, ROW_COUNT, ROWS, SURFACE, TERM1, TERM2, VELOCITY
from explorer.physics.progress import Pool, Progress
from explorer.physics.simd.lanes import LANES


@dataclass(frozen=True, eq=False)
class BandGeometry:
    """Geometry of N bands at K wave vectors, theory (2.3) and both terms of (11); immutable.

    k : (2, K) [1/angstrom].
    values : (ROW_COUNT, N, K), rows as `kernels.rows.ROWS`.
    groups : (N, K) degenerate groups numbered from 0.
    """

    k: Floats
    values: Floats
    groups: Integers

    @property
    def energy(self) -> Floats:
        """Raw eigenvalues, ascending, (N, K) [eV]."""
        return np.asarray(self.values[ROWS["energy"]])

    @property
    def velocity(self) -> Floats:
        """de/dk, group mean, (2, N, K) [eV angstrom]."""
        return self.values[VELOCITY]

    @property
    def term1(self) -> Floats:
        """First term of (11), (2, N, K) [e/hbar angstrom^3]."""
        return self.values[TERM1]

    @property
    def term2(self) -> Floats:
        """Second term of (11), half the curl of the metric, (2, N, K) [e/hbar angstrom^3]."""
        return self.values[TERM2]

    @property
    def lambda_(self) -> Floats:
        """L_i of (11), (2, N, K) [e/hbar angstrom^3]."""
        return self.values[TERM1] + self.values[TERM2]

    def lambda_of(self, band: int) -> Floats:
        """L_i of one band, (2, K), without the sum for all others."""
        return self.values[TERM1, band] + self.values[TERM2, band]

    @property
    def metric(self) -> Floats:
        """Quantum metric G_xx, G_xy, G_yy, (3, N, K) [angstrom^2]."""
        return self.values[METRIC]

    @property
    def berry_curvature(self) -> Floats:
        """Omega = -2 Im <n_x|n_y>, (N, K) [angstrom^2]."""
        return np.asarray(self.values[ROWS["curvature"]])

    @property
    def orbital_moment(self) -> Floats:
        """Im <n_x|(H - e_n)|n_y>, (N, K) [eV angstrom^2]; the moment m_n is -e/hbar times it."""
        return np.asarray(self.values[ROWS["moment"]])

    @property
    def surface_density(self) -> Floats:
        r"""$\frac12\epsilon_{jl}\,\mathrm{Tr}(V_jG_{il})$ of the group, per band, (2, N, K) [eV angstrom^3].

        What multiplies $-f_0'$ in the surface form of the second term, theory (2.7).
        """
        return self.values[SURFACE]

    @property
    def moment_flux(self) -> Floats:
        r"""$\mathrm{Tr}(V_i\,\mathrm{Im}\langle n_x|(H-\epsilon)|n_y\rangle)$, per band, (2, N, K) [eV^2 angstrom^3].

        Slope times moment of a single band; what the extrinsic response weighs, theory (4.6).
        """
        return self.values[FLUX]


SHARES = 6
"""Least number of pieces into which a mesh is cut for a pool of threads."""


def blocks(count: int, size: int) -> Iterator[slice]:
    """Slices of at most `size` that cover range(count)."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def band_geometry(
    h: Hamiltonian,
    k: Floats,
    *,
    pool: Pool | None = None,
    progress: Progress | None = None,
    bands: slice | None = None,
) -> BandGeometry:
    """Geometry of every band at k, or of a range of bands.

    Parameters
    ----------
    h : the Hamiltonian.
    k : (2, K) Cartesian wave vectors [1/angstrom].
    pool : threads that share the blocks; None computes in the caller's thread.
    progress : called with the finished fraction after each block; an exception it raises stops the work.
    bands : start and stop of the bands to keep; the sums over intermediate states run over all. Saves memory,
        and of a large matrix up to half the time. Groups are numbered from the first band kept.
    """
    k = np.ascontiguousarray(k, dtype=float)
    kernel = kernel_of(h)
    images = h.nearest_image(k) if isinstance(h, PolynomialHamiltonian) else k
    window = slice(0, h.size) if bands is None else slice(*bands.indices(h.size)[:2])
    if window.stop <= window.start:
        raise ValueError(
            f"no bands from {window.start} to {window.stop} among the {h.size} of this Hamiltonian"
        )
    values = np.empty((ROW_COUNT, window.stop - window.start, k.shape[1]))
    groups = np.empty(values.shape[1:], dtype=np.int64)

    def one(part: slice) -> None:
        if bands is None:
            kernel.fill(images, values, groups, part, window)
            return
        count = part.stop - part.start
        every, numbers = np.empty((ROW_COUNT, h.size, count)), np.empty((h.size, count), dtype=np.int64)
        kernel.fill(np.ascontiguousarray(images[:, part]), every, numbers, slice(0, count), window)
        values[..., part] = every[:, window]
        groups[:, part] = numbers[window] - numbers[window.start]

    # Pieces fine enough that threads end together.
    share = -(-k.shape[1] // (SHARES * LANES)) * LANES
    parts = list(blocks(k.shape[1], min(kernel.block, max(share, LANES)) if pool else kernel.block))
    with kernel.guard():
        for done, _ in enumerate(pool.map(one, parts) if pool else map(one, parts), start=1):
            if progress:
                progress(done / len(parts))
    return BandGeometry(k, values, groups)
