"""Light or dark: as the system prefers, until the switch of the page or the address says otherwise."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from explorer.views.browser import script

THEMES = ("light", "dark")
"""What the address may choose with `theme=`."""
BLANK = """
@media (prefers-color-scheme: dark) { html { background-color: #121212; color-scheme: dark; } }
"""
"""While the page is built: no white flash before a dark page."""


class Theme(pn.custom.JSComponent):
    """Keeps the page at the system's preference; see assets/live/theme.js."""

    chosen = param.Selector(
        default="", objects=["", *THEMES], doc="Where that is not what the system prefers"
    )

    _esm = script("page", "theme")

    def __init__(self, **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
