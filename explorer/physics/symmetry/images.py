"""Geometry from fewer wave vectors: those that verified operations of the crystal do not give from others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.kernels.rows import FLUX, METRIC, ROWS, SURFACE, TERM1, TERM2, VELOCITY

GRID = 10**8
"""Fractional coordinates that agree to this many parts are one wave vector."""


def reduced_geometry(
    h: LatticeHamiltonian,
    k: Floats,
    operations: Sequence[Symmetry],
    compute: Callable[[Floats], BandGeometry],
) -> BandGeometry:
    r"""Geometry at k (2, K), computed at one wave vector of each set of images and carried to the others.

    $v\to gv$, $G\to gGg^T$, $\Omega\to\pm\det(g)\,\Omega$, $m\to\pm\det(g)\,m$ and
    $\Lambda\to\pm\det(g)\,g\Lambda$, theory (4.10), g acting on k, with the upper sign for unitary operations.

    Parameters
    ----------
    operations : operations that hold (`symmetry.verify`); the identity is added. A set that is no group saves less.
    compute : the geometry at wave vectors (2, U).
    """
    rotations = [np.eye(2), *(s.rotation for s in operations)]
    signs = np.array([1.0, *(-1.0 if s.antiunitary else 1.0 for s in operations)])
    names = np.stack([_names(h, sign * g @ k) for g, sign in zip(rotations, signs, strict=True)])
    best = names.argmin(axis=0)
    _, first, back = np.unique(names.min(axis=0), return_index=True, return_inverse=True)
    at = np.stack(
        [signs[o] * rotations[o] @ k[:, p] for p, o in zip(first, best[first], strict=True)], axis=1
    )
    g = compute(np.ascontiguousarray(at))
    values, groups = np.empty((*g.values.shape[:2], k.shape[1])), g.groups[:, back]
    for o, (rotation, sign) in enumerate(zip(rotations, signs, strict=True)):
        own = np.flatnonzero(best == o)
        values[..., own] = carried(g.values[..., back[own]], rotation.T, antiunitary=sign < 0)
    return BandGeometry(k, values, groups)


def carried(values: Floats, rotation: Floats, antiunitary: bool) -> Floats:
    """Values (ROW_COUNT, N, K) at the images of their wave vectors; rotation (2, 2) acts on positions."""
    sign = -1.0 if antiunitary else 1.0
    turn = float(np.linalg.det(rotation)) * sign  # of what points along z and changes sign with time
    xx, xy, yy = values[METRIC]
    tensor = np.einsum("ab,bc...,dc->ad...", rotation, np.array([[xx, xy], [xy, yy]]), rotation)
    out = np.empty_like(values)
    out[ROWS["energy"]] = values[ROWS["energy"]]
    # The slope changes sign with time, T1, T2 and slope times metric are vectors times M_z, slope times moment is both.
    for rows, factor in (
        (VELOCITY, sign),
        (TERM1, turn),
        (TERM2, turn),
        (SURFACE, turn),
        (FLUX, sign * turn),
    ):
        out[rows] = factor * np.tensordot(rotation, values[rows], axes=1)
    out[METRIC] = tensor[0, 0], tensor[0, 1], tensor[1, 1]
    for name in ("curvature", "moment"):
        out[ROWS[name]] = turn * values[ROWS[name]]
    return out


def _names(h: LatticeHamiltonian, k: Floats) -> Integers:
    """One number for each wave vector of the reciprocal cell, the same for those a lattice vector apart."""
    fraction = h.cell @ k / (2 * np.pi)
    i, j = np.rint(fraction * GRID).astype(np.int64) % GRID
    return np.asarray(i * GRID + j)
