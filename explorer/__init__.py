"""Live explorer of intrinsic orbital magnetization: `explorer.compute("cumnas", mu=0.1, temperature=100)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.api import bands, compute, geometry, kmap

__all__ = ["bands", "compute", "geometry", "kmap"]


def __getattr__(name: str) -> Any:
    # xarray takes a second to import, which the command line and the page do without.
    if name in __all__:
        from explorer import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
