"""A SOURCE as users write it, a model's name or the path of a file, opened as a model."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from explorer.models.files.tbmodels_and_pythtb import ForeignModel
from explorer.models.files.wannier90.model import WannierFile
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.files.wannier90.raw.unpacking import PACKINGS
from explorer.models.kit.errors import InputError
from explorer.models.kit.model import Model, catalogue

WANNIER_ENDINGS = (".dat", ".npz", *(f".dat{tail}" for tail in PACKINGS), ".tar.gz", ".tgz", ".zip")
HDF5_ENDINGS = (".hdf5", ".h5")


def is_file(text: str) -> bool:
    """Whether a SOURCE is meant as a path: it exists, has a folder in it, or ends as our files do."""
    name = text.lower()
    ends = name.endswith((*WANNIER_ENDINGS, *HDF5_ENDINGS, ".toml"))
    return ends or "/" in text or "\\" in text or Path(text).expanduser().exists()


def open_source(text: str, options: WannierOptions | None = None) -> Model:
    """The model that a SOURCE names, at its defaults.

    Parameters
    ----------
    text : a key of `catalogue()`, or the path of a `_tb.dat` or `_hr.dat` (plain or packed, or of its folder), `.npz`,
        TBmodels `.hdf5`, or lattice model `.toml`.
    options : for files; a plane for a model by name is refused. Level rules of a model by name and of
        a `.toml` are set on their Hamiltonian (`with_levels`).

    Raises
    ------
    InputError : no such model or file (the nearest name is suggested), or a file that cannot be used.
    """
    options = options or WannierOptions()
    known = catalogue()
    if text in known:
        if options.plane is not None:
            raise InputError(f"a plane is for Wannier files; {text} is a model of a 2D crystal already")
        return known[text]()
    if not is_file(text):
        near = get_close_matches(text, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"no model or file named {text}{hint} (models: {', '.join(known)})")
    path = Path(text).expanduser()
    name = path.name.lower()
    if name.endswith(".toml"):
        if options.plane is not None:
            raise InputError("a plane is for Wannier files; this is a 2D lattice model already", path)
        from explorer.models.files.lattice_file import load_lattice_file

        model: Model = load_lattice_file(path)
        return model
    if name.endswith(HDF5_ENDINGS):
        return ForeignModel(path, options)
    return WannierFile(path, options)
