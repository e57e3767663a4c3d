"""The sparse npz form of a Wannier model, as the pipeline of bilayer CrI3 writes it."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from explorer.models.files.wannier90.data import WannierData, verified
from explorer.models.kit.errors import InputError

REQUIRED = ("R", "cell", "tau", "hR", "hi", "hj", "h")


def read_npz(path: Path) -> WannierData:
    """Read `R, cell, tau` and the sparse `h[hR, hi, hj]` and, where present, `r[rR, rv, ri, rj]`.

    Units eV and angstrom; ndegen is 1. Raises `InputError` where a key is missing or an entry unusable.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
    except (
        OSError,
        ValueError,
        EOFError,
        AttributeError,
        TypeError,
        zlib.error,
        zipfile.BadZipFile,
    ) as problem:
        raise InputError(f"not a readable npz archive ({problem})", path) from problem
    missing = [name for name in REQUIRED if name not in data]
    if missing:
        raise InputError(f"keys missing: {', '.join(missing)}; a model has {', '.join(REQUIRED)}", path)
    for name, columns in (("R", (2, 3)), ("tau", (3,))):
        if data[name].ndim != 2 or data[name].shape[1] not in columns:
            raise InputError(
                f"{name} should be a table of {columns[0]} columns, found {data[name].shape}", path
            )
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
    except (KeyError, IndexError, ValueError, TypeError, MemoryError) as problem:
        what = f"sparse entries do not fit {len(vectors)} vectors and {n} functions ({problem})"
        raise InputError(what, path) from problem
    cell, centres = np.asarray(data["cell"], float), np.asarray(data["tau"], float)
    return verified(WannierData(cell, vectors, hoppings, positions, centres, path.name), path)
