"""What is drawn. A view turns a `Frame` into glyph data and computes no physics of its own.

To add a view, write one module in this folder with a subclass of `View`; the page finds it and gives it a
tab:

    class Hall(View):
        key, title, order = "hall", "Equilibrium and Hall", 20

        # Once, on the event loop, when the tab is first opened: build widgets, return one Viewable.
        def layout(self):
            self.source = ColumnDataSource(...)
            return pn.Column(...)

        # In a worker thread: arrays only, no widget, no Panel, no Bokeh, no HoloViews.
        def compute(self, frame):
            for done, part in enumerate(parts):
                self.ask(done / len(parts))
                ...

        # On the event loop, under hold: replace glyph data.
        def draw(self, frame, result):
            self.source.data = ...

The host (`explorer.views.host`) calls `compute` only while the view's tab is open, for the newest frame only,
after the live picture has been served; `live = True` asks for every draft frame too. Read inputs from
`frame.state`, never from a widget; what a widget of the view itself sets (a component, a relaxation time)
goes into `self.options`, a plain immutable value that `compute` reads, followed by `self.refresh()`.
`self.ask(fraction)` tells how much is done and ends the computation where it is no longer wanted: ask between
parts that take long. The layout is whole from the start: what changes later is data, text and visibility, never
the tree of models.
`self.session.change(mu=0.2)` or `change(parameters={"mass": 0.1})` moves the sliders. A ValueError raised by
`compute` becomes a toast.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from explorer.frames import Frame
    from explorer.session import State


class Session(Protocol):
    """What a view may ask of the page it is on."""

    state: State
    """What is chosen now; a long computation may see here that its frame is out of date."""

    refused: str | None
    """The source that could not be opened last, until another one is."""

    def open(self, source: str) -> None:
        """Show another source; why it cannot be opened is told as a toast."""

    def change(self, **changes: Any) -> None:
        """Set fields of the state (mu, temperature, field, band, ...; parameters={name: value})."""

    def toast(self, text: str, kind: str = "warning") -> None:
        """Tell the user something: kind "info", "warning" or "error"."""


class View:
    """One tab of the page. See the module's docstring for the contract."""

    key: ClassVar[str] = ""
    """Name in URLs (`?view=hall`)."""
    title: ClassVar[str] = ""
    intro: ClassVar[str] = ""
    """HTML paragraph at the head of the tab: what is shown, signs, assumptions."""
    order: ClassVar[int] = 100
    """Tabs stand in this order; the live view has 0."""
    live: ClassVar[bool] = False
    """Whether draft frames of a drag are wanted too."""

    def __init__(self, session: Session, refresh: Callable[[], None]) -> None:
        self.session = session
        self.refresh = refresh
        self.options: Any = None

    def ask(self, done: float) -> None:
        """Within `compute`: so much is done, 0 ... 1, or NaN for no news; ends what is not wanted. The host's."""

    def layout(self) -> Any:
        """The tab's content, built once."""
        raise TypeError(f"{type(self).__name__} must define layout()")

    def compute(self, frame: Frame) -> Any:
        """Numbers for `draw`, in a worker thread."""
        return None

    def draw(self, frame: Frame, result: Any) -> None:
        """Show them, on the event loop."""

    def explain(self, why: str) -> None:
        """Say in the tab why there are no new numbers, on the event loop."""


def views() -> list[type[View]]:
    """Every view with a key, in order of the tabs: found by importing the modules of this folder.

    Packages are left out: `elements` loads HoloViews, which the page does without.
    """
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            continue
        importlib.import_module(f"{__name__}.{module.name}")

    def below(of: type[View]) -> dict[type[View], None]:
        return {v: None for part in of.__subclasses__() for v in (part, *below(part))}

    return sorted((v for v in below(View) if v.key), key=lambda v: (v.order, v.key))
