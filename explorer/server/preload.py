"""The browser is told which files a page needs before the page is made, and fetches them meanwhile.

The page is made on the event loop, which sends nothing for that time; a browser that asks for the files only then
has waited for both.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import panel_material_ui as pmui
from bokeh.resources import Resources
from bokeh.server.views.static_handler import StaticHandler
from panel.io.resources import bundle_resources
from panel.io.server import DocHandler

HEAD_START_SECONDS = 0.1
"""What the browser is given to fetch them [s]."""


@lru_cache(maxsize=1)
def link() -> str:
    """The header `Link` that names every page's files: a browser fetches six at a time, so scripts come first."""
    served = Resources(mode="server", root_url="/", path_versioner=StaticHandler.append_version)
    bundle = bundle_resources([], served)
    # As Panel names it to the browser; tested.
    module = pmui.Page._render_esm(server=True).removeprefix("./")  # noqa: SLF001
    asked = {str(url).removeprefix("/"): "rel=preload; as=script" for url in bundle.js_files}
    asked[module] = "rel=preload; as=fetch; crossorigin=anonymous"  # Panel reads it, and imports what it read
    asked |= {str(url).removeprefix("/"): "rel=preload; as=style" for url in bundle.css_files}
    return ", ".join(f"<{quote(url, safe='/?=&@.')}>; {kind}" for url, kind in asked.items())


def give() -> None:
    """Let the server send the head of each answer at once, with that header."""
    get = DocHandler.get

    async def prompt(handler: DocHandler, *args: Any, **kwargs: Any) -> None:
        handler.set_header("Link", link())
        # What Panel sets, too late now: a page holds a token of its own session.
        handler.set_header("Cache-Control", "no-store")
        await handler.flush()
        await asyncio.sleep(HEAD_START_SECONDS)
        await get(handler, *args, **kwargs)

    DocHandler.get = prompt
