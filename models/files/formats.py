"""Every kind of file by its name: what is opened and by which reader, what is read beside it, what is refused and why.

One table for the reader, the open dialog, the Source tab and the refusals. A format that is new is a row here and its
reader. assets/docs/files.md shows the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PACKINGS = (".gz", ".bz2", ".xz", ".tgz", ".tar", ".zip")
"""What may follow the name of a packed text."""
MATRIX_ENDINGS = ("_tb.dat", "_hr.dat")
"""How the names of files with matrices end; before it is the SEED that names the files beside it."""
BARE_NAMES = ("tb.dat", "hr.dat")
"""Names without a SEED, as some give them."""

WANNIER = "explorer.models.files.wannier90.model:WannierFile"
TBMODELS = "explorer.models.files.tbmodels_and_pythtb:ForeignModel"
LATTICE = "explorer.models.files.lattice_file:open_lattice_file"


@dataclass(frozen=True)
class Format:
    """Files that are opened.

    name : for people. endings : of the file's name, in small letters. holds : what is in it. reader : `module:function`
    of a path and `WannierOptions`, loaded when it is called for. packed : whether `PACKINGS` may follow. alone :
    recognised where it is opened by itself, not picked among several files that are dropped together.
    """

    name: str
    endings: tuple[str, ...]
    holds: str
    reader: str = WANNIER
    packed: bool = False
    alone: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The endings with what may follow them."""
        tails = ("", *PACKINGS) if self.packed else ("",)
        return tuple(ending + tail for ending in self.endings for tail in tails)


OPENED = (
    Format("Wannier90, SEED_tb.dat", ("_tb.dat",), "lattice, H(R), position matrices", packed=True),
    Format("Wannier90 and WannierTools, SEED_hr.dat", ("_hr.dat",), "H(R), whole or sparse", packed=True),
    Format("lattice model", (".toml",), "cell, orbitals, hoppings, sliders; written by hand", LATTICE),
    Format("NumPy archive", (".npz",), "R, cell, tau, sparse h, perhaps r"),
    Format(
        "archive of a run",
        (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar", ".zip"),
        "one _tb.dat or _hr.dat; of what else is in it nothing is read",
    ),
    Format(
        "TBmodels",
        (".hdf5", ".h5"),
        "cell, positions, half of the H(R), of two or three dimensions",
        TBMODELS,
    ),
    Format("matrices without a SEED", BARE_NAMES, "as _tb.dat and _hr.dat", packed=True),
    Format(
        "any other .dat",
        (".dat",),
        "as _tb.dat and _hr.dat, told apart by its lines",
        packed=True,
        alone=True,
    ),
)
"""In the order in which one of several is taken: positions are in a _tb.dat."""


@dataclass(frozen=True)
class Companion:
    """Files that are read beside one with matrices. ending : after its SEED, or, with `whole`, the whole name."""

    ending: str
    holds: str
    whole: bool = False


BESIDE = (
    Companion(".win", "lattice, atoms, projections, spinors, Fermi level, translate_home_cell"),
    Companion(".wout", "lattice, final centres and spreads, in angstrom or bohr"),
    Companion("_centres.xyz", "centres, moved home where translate_home_cell is set"),
    Companion("_r.dat", "position matrices, beside an _hr.dat"),
    Companion("_wsvec.dat", "lattice vectors to the nearest images of each pair"),
    Companion("wt.in", "WannierTools: lattice, centres or atoms, Fermi level", whole=True),
    Companion("POSCAR", "VASP: lattice (or CONTCAR, SEED.vasp, the only .vasp)", whole=True),
)


@dataclass(frozen=True)
class Mistaken:
    """Files that are opened in place of others. pattern : of the name in small letters. instead : what to do."""

    pattern: str
    instead: str


_HOLDS_NO_H = (
    "a file that holds no H(R): open the SEED_tb.dat or SEED_hr.dat of the same run, which `write_tb = true` or "
    "`write_hr = true` in SEED.win writes"
)
MISTAKEN = (
    Mistaken(
        r"\.(win|wout|nnkp|mmn|amn|eig|spn|uhu|chk|chk\.fmt)$|_(wsvec|r|band)\.dat$|_centres\.xyz$",
        _HOLDS_NO_H,
    ),
    Mistaken(r"^wt\.in|^(poscar|contcar)|\.(cif|xsf|vasp)$", _HOLDS_NO_H),
    Mistaken(
        r"\.(py|ipynb|m|jl|f90)$",
        "a program, not what it computes: run it, and pass a PythTB model to explorer.from_pythtb or write a _tb.dat "
        "(TBmodels: an .hdf5)",
    ),
    Mistaken(
        r"\+hamdata$",
        "FPLO's +hamdata: turn it into a _tb.dat, for instance with WannierBerri: "
        "system = System_R.from_fplo(hamdata=FILE); system.to_tb_file('SEED_tb.dat'); and list its "
        "wannier_centers_cart in SEED_centres.xyz",
    ),
    Mistaken(
        r"\.hwr$",
        "OpenMX's HWR: turn it into an _hr.dat, for instance with WannierTools, which writes one when it reads it",
    ),
    Mistaken(
        r"\.csr$",
        "matrices of ABACUS between local orbitals, which are not orthogonal: run Wannier90 and open its _tb.dat",
    ),
    Mistaken(
        r"\.(json|msgpack|mat|fdf|hsx|tshs|nc)$",
        "not a format that is read: write a _tb.dat of Wannier90, or an .hdf5 of TBmodels",
    ),
)


def format_of(name: str) -> Format | None:
    """The row of a file's name; None where no ending is known."""
    return next((row for row in OPENED if name.lower().endswith(row.names)), None)


def pick(names: list[str]) -> str | None:
    """Of files that are dropped together the one to open: the first in the order of the table.

    A file by itself is opened whatever its name: its reader says what it is.
    """
    endings = (ending for row in OPENED if not row.alone for ending in row.names)
    known = (name for ending in endings for name in names if name.lower().endswith(ending))
    return next(known, names[0] if len(names) == 1 else None)


def archives(names: list[str]) -> list[str]:
    """Those of the names that are archives, of text or of arrays."""
    endings = (*next(row for row in OPENED if ".zip" in row.endings).endings, ".npz")
    return [name for name in names if name.lower().endswith(endings)]


def instead_of(name: str) -> str | None:
    """What a file of that name is, and what to open or do instead; None where the name tells nothing."""
    return next((row.instead for row in MISTAKEN if re.search(row.pattern, name.lower())), None)
