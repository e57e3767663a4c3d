"""Live explorer of intrinsic orbital magnetization: `explorer.compute("cumnas", mu=0.1, temperature=100)`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.api import bands, compute, geometry, kmap, responses, sweep
    from explorer.models.files.tbmodels_and_pythtb import from_pythtb

__all__ = ["bands", "compute", "from_pythtb", "geometry", "kmap", "responses", "sweep"]

if not os.path.isdir(os.path.join(__path__[0], "models")):
    # A checkout without symbolic links (git on Windows): the folders models and assets stand beside this one.
    __path__.append(os.path.dirname(__path__[0]))


def __getattr__(name: str) -> Any:
    # xarray takes a second to import, which the command line and the page do without.
    if name == "from_pythtb":
        from explorer.models.files.tbmodels_and_pythtb import from_pythtb

        return from_pythtb
    if name in __all__:
        from explorer import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
