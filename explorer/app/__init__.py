"""The page: a session of the explorer, from the sliders through the engine to the views.

`page` holds the state and joins the parts: `sidebar`, `tabs`, `work` (progress and cancel), `toasts`, `address`.
"""

from explorer.app.loop import DEBOUNCE_MILLISECONDS, quicken_widgets
from explorer.app.page import ExplorerPage, page
from explorer.app.sidebar import LiveSliders

__all__ = ["DEBOUNCE_MILLISECONDS", "ExplorerPage", "LiveSliders", "page", "quicken_widgets"]
