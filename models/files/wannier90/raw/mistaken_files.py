"""Files that lie beside those with matrices and are opened in their place: what each is, and what to open or do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.models.kit.errors import InputError

_BESIDE = (
    "a file that holds no H(R): open the SEED_tb.dat or SEED_hr.dat of the same run, which `write_tb = true` or "
    "`write_hr = true` in SEED.win writes"
)
_PROGRAM = (
    "a program, not what it computes: run it, and pass a PythTB model to explorer.from_pythtb or write a _tb.dat "
    "(TBmodels: an .hdf5)"
)
_BY_NAME = (
    (r"\.(win|wout|nnkp|mmn|amn|eig|spn|uhu|chk|chk\.fmt)$|_(wsvec|r|band)\.dat$|_centres\.xyz$", _BESIDE),
    (r"^wt\.in|^(poscar|contcar)|\.(cif|xsf|vasp)$", _BESIDE),
    (r"\.(py|ipynb|m|jl|f90)$", _PROGRAM),
    (
        r"\+hamdata$",
        "FPLO's +hamdata: turn it into a _tb.dat, for instance with WannierBerri: "
        "system = System_R.from_fplo(hamdata=FILE); system.to_tb_file('SEED_tb.dat'); and list its "
        "wannier_centers_cart in SEED_centres.xyz",
    ),
    (
        r"\.hwr$",
        "OpenMX's HWR: turn it into an _hr.dat, for instance with WannierTools, which writes one when it reads it",
    ),
    (
        r"\.csr$",
        "matrices of ABACUS between local orbitals, which are not orthogonal: run Wannier90 and open its _tb.dat",
    ),
    (
        r"\.(json|msgpack|mat|fdf|hsx|tshs|nc)$",
        "not a format that is read: write a _tb.dat of Wannier90, or an .hdf5 of TBmodels",
    ),
)
"""What the name of a file, in small letters, tells."""


@contextmanager
def named_otherwise(path: Path) -> Iterator[None]:
    """Within, a file that cannot be read is refused for what its name says that it is, where it says so."""
    try:
        yield
    except InputError as problem:
        if problem.path is None or Path(problem.path) != path:
            raise
        name = path.name.lower()
        for pattern, what in _BY_NAME:
            if re.search(pattern, name):
                raise InputError(what, path, problem.line) from problem
        raise
