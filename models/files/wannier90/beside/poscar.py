"""The lattice of a POSCAR: VASP writes one beside every run, and Wannier90's input need not have come along."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.raw.number_text import REMARK, NumberText, beside, named, real
from explorer.models.kit.arrays import Floats
from explorer.models.kit.errors import InputError


def find_poscar(path: Path) -> Path | None:
    """SEED.vasp, POSCAR or CONTCAR in the folder of a matrix file, else the only .vasp there; None without."""
    known = beside(path, ".vasp") or named(path, "POSCAR") or named(path, "CONTCAR")
    others = sorted(path.parent.glob("*.vasp"))
    return known or (others[0] if len(others) == 1 else None)


def read_poscar(path: Path) -> Floats:
    """Lattice vectors, (3, 3) as rows [angstrom].

    The second line scales them: one number is a factor or, where negative, less the volume of the cell; three
    numbers are factors of x, y and z. Raises `InputError` with file and line.
    """
    text = NumberText(path)
    text.next_line("a comment")
    words = REMARK.sub("", text.next_line("the scale of the lattice")).split()
    try:
        scale = np.array([real(w) for w in words[: 3 if len(words) >= 3 else 1]])
    except ValueError:
        scale = np.array([])
    if (
        scale.size == 0
        or not np.isfinite(scale).all()
        or not scale.all()
        or (scale.size > 1 and scale.min() < 0)
    ):
        raise text.error(f"the scale of the lattice expected, found {' '.join(words)[:40]!r}")
    cell = np.array([text.reals(3, "a lattice vector, three numbers in angstrom,") for _ in range(3)])
    volume = abs(np.linalg.det(cell))
    if volume < 1e-9:
        raise InputError("the lattice vectors span no volume", path)
    return np.asarray(cell * ((-scale / volume) ** (1 / 3) if scale[0] < 0 else scale))
