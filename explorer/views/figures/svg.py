"""A tool of every figure that saves it as SVG: the browser draws it once more, as vectors."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bokeh.models import CustomAction, CustomJS, HoverTool

_DRAWN = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='24' height='24' viewBox='0 0 24 24' fill='none' stroke='#a1a6a9' "
    "stroke-width='2' stroke-linecap='round' stroke-linejoin='round'><path d='M4 17l5-9 6 9 5-9'/>"
    "<path d='M12 3v7m-3-3l3 3 3-3' transform='translate(0 11)'/></svg>"
)
ICON = "data:image/svg+xml," + quote(_DRAWN)
SAVE = """
const [view] = cb_context.index.query((v) => v.model.toolbar?.tools?.includes(cb_obj))
view.export("svg").to_blob().then((blob) => {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = (view.model.title.text || "figure").replace(/[^\\p{L}\\p{N}.-]+/gu, "_") + ".svg"
  link.click()
  URL.revokeObjectURL(link.href)
})
"""


def add_svg_tool(figure: Any) -> None:
    """Put the tool beside the one that saves a PNG, in the room of the button that turns hovering off."""
    for tool in figure.select(HoverTool):
        tool.visible = False
    figure.add_tools(CustomAction(icon=ICON, description="Save as SVG", callback=CustomJS(code=SAVE)))
