"""The sparse npz form of a Wannier model, as the pipeline of bilayer CrI3 writes it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from models.errors import InputError
from models.wannier90.data import WannierData

REQUIRED = ("R", "cell", "tau", "hR", "hi", "hj", "h")


def read_npz(path: Path) -> WannierData:
    """Read `R, cell, tau` and the sparse `h[hR, hi, hj]` and, where present, `r[rR, rv, ri, rj]`.

    Units eV and angstrom; ndegen is 1. Raises `InputError` where a key is missing or an entry unusable.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as problem:
        raise InputError(f"not a readable npz archive ({problem})", path) from problem
    missing = [name for name in REQUIRED if name not in data]
    if missing:
        raise InputError(f"keys missing: {', '.join(missing)}; a model has {', '.join(REQUIRED)}", path)
    vectors = np.zeros((len(data["R"]), 3), dtype=np.int64)
    vectors[:, : data["R"].shape[1]] = data["R"]
    n = len(data["tau"])
    try:
        hoppings = np.zeros((len(vectors), n, n), complex)
        hoppings[data["hR"], data["hi"], data["hj"]] = data["h"]
        positions = None
        if "r" in data:
            positions = np.zeros((len(vectors), 3, n, n), complex)
            positions[data["rR"], data["rv"], data["ri"], data["rj"]] = data["r"]
    except (KeyError, IndexError, ValueError) as problem:
        what = f"sparse entries do not fit {len(vectors)} vectors and {n} functions ({problem})"
        raise InputError(what, path) from problem
    if not np.isfinite(hoppings).all() or (positions is not None and not np.isfinite(positions).all()):
        raise InputError("an entry is not a finite number", path)
    cell, centres = np.asarray(data["cell"], float), np.asarray(data["tau"], float)
    return WannierData(cell, vectors, hoppings, positions, centres, path.name)
