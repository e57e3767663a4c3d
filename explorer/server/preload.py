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

from explorer.server.queue import COOKIE, Full, Queue

HEAD_START = 0.1
"""What the browser is given to fetch them [s]."""


@lru_cache(maxsize=1)
def link(prefix: str = "") -> str:
    """The header `Link` that names every page's files: a browser fetches six at a time, so scripts come first."""
    root = f"{prefix}/"
    served = Resources(mode="server", root_url=root, path_versioner=StaticHandler.append_version)
    bundle = bundle_resources([], served)
    # As Panel names it to the browser; tested.
    module = pmui.Page._render_esm(server=True).removeprefix("./")  # noqa: SLF001

    def below(url: object) -> str:
        return str(url).removeprefix(prefix).removeprefix("/")

    asked = {below(url): "rel=preload; as=script" for url in bundle.js_files}
    asked[module] = "rel=preload; as=fetch; crossorigin=anonymous"  # Panel reads it, and imports what it read
    asked |= {below(url): "rel=preload; as=style" for url in bundle.css_files}
    return ", ".join(f"<{quote(url, safe='/?=&@.')}>; {kind}" for url, kind in asked.items())


def give(queue: Queue | None = None, prefix: str = "") -> None:
    """Let the server send the head of each page at once, with that header; or, where there is a queue, its answer."""
    get = DocHandler.get

    async def prompt(handler: DocHandler, *args: Any, **kwargs: Any) -> None:
        # What Panel sets, too late for us: a page holds a token of its own session.
        handler.set_header("Cache-Control", "no-store")
        if queue is None:
            await made(handler, *args, **kwargs)
            return
        ticket = queue.ticket(handler.get_cookie(COOKIE, "") or "")
        try:
            with queue.turn(ticket):
                await made(handler, *args, **kwargs)
        except Full as full:
            handler.set_status(full.status)
            handler.set_header("Retry-After", str(full.seconds))
            handler.set_cookie(COOKIE, ticket, path=f"{prefix}/", max_age=60, httponly=True, samesite="Lax")
            handler.finish(full.html)

    async def made(handler: DocHandler, *args: Any, **kwargs: Any) -> None:
        if handler.current_user is not None or not handler.application.auth_provider.get_user:
            handler.set_header("Link", link(prefix))
            await handler.flush()
            await asyncio.sleep(HEAD_START)
        await get(handler, *args, **kwargs)

    DocHandler.get = prompt
