"""Writing a Hamiltonian as SEED_tb.dat."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.disk.replaced import replaced
from explorer.models.files.wannier90.plane import PLANES
from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import LatticeHamiltonian

VACUUM = 20.0
"""Default height of the cell written [angstrom]."""


def write_tb(
    path: Path | str,
    hamiltonian: LatticeHamiltonian,
    *,
    plane: str = "xy",
    height: float = VACUUM,
    comment: str = "written by om-explorer",
) -> None:
    """Write a 2D Hamiltonian in Wannier90's text format, ndegen = 1, all digits kept.

    r is the positions on the diagonal of R = 0 plus the dipoles; the component along the normal is zero.

    Parameters
    ----------
    plane : Cartesian plane of the file in which the crystal lies.
    height : length of the third lattice vector, along the normal [angstrom]; no result depends on it.
    """
    if plane not in PLANES:
        raise InputError(f"plane {plane!r} is not one of {', '.join(PLANES)}")
    h, axes = hamiltonian, list(PLANES[plane])
    n, count = h.size, len(h.vectors)
    cell = np.zeros((3, 3))
    cell[:2, axes] = h.cell
    cell[2, 3 - sum(axes)] = height
    r = np.zeros((count, 3, n, n), complex)
    if h.dipoles is not None:
        r[:, axes] = h.dipoles
    home, each = np.flatnonzero(~h.vectors.any(axis=1)), np.arange(n)
    for axis, tau in zip(axes, h.positions.T, strict=True):
        r[home[:, None], axis, each, each] += tau
    lines = [comment.replace("\n", " ")]
    lines += [" ".join(f"{x:22.15f}" for x in row) for row in cell]
    lines += [f"{n:12d}", f"{count:12d}"]
    lines += ["    1" * min(15, count - start) for start in range(0, count, 15)]
    vectors = [f"\n{v[0]:5d}{v[1]:5d}{0:5d}" for v in h.vectors]
    for matrices in (h.hoppings[:, None], r):
        for vector, blocks in zip(vectors, matrices, strict=True):
            lines += [vector, _rows(blocks)]
    with replaced(path) as draft:
        draft.write_text("\n".join(lines) + "\n", encoding="ascii", errors="replace")


def _rows(blocks: Complexes) -> str:
    """Lines `m n Re Im ...` with m fastest, blocks (C, N, N)."""
    flat: Floats = np.swapaxes(blocks, -1, -2).reshape(len(blocks), -1).T.copy().view(float)
    n = blocks.shape[-1]
    values = " %24.16E" * flat.shape[1]
    form = "\n".join(f"{m + 1:5d}{j + 1:5d}{values}" for j in range(n) for m in range(n))
    return form % tuple(flat.ravel().tolist())
