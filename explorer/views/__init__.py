"""What is drawn. A view turns a `Frame` into glyph data and computes no physics of its own.

To add a view, write one module in this folder with a subclass of `View`, and give it a line in `VIEWS`; the page
loads it when its tab is first opened:

    class Hall(View):
        key = "hall"

        # Once, on the event loop, when the tab is first opened: build widgets, return one Viewable.
        def layout(self):
            self.source = ColumnDataSource(...)
            return pn.Column(...)

        # In a worker thread: arrays only, no widget, no Panel, no Bokeh, no HoloViews.
        def compute(self, frame):
            for done, part in enumerate(parts):
                self.progress(done / len(parts))
                ...

        # On the event loop, under hold: replace glyph data.
        def draw(self, frame, result):
            self.source.data = ...

The host (`explorer.views.host`) calls `compute` only while the view's tab is open, for the newest frame only,
after the live picture has been served; `live = True` asks for every draft frame too. Read inputs from
`frame.state`, never from a widget; what a widget of the view itself sets (a component, a relaxation time)
goes into `self.options`, a plain immutable value that `compute` reads, followed by `self.refresh()`.
`self.progress(fraction)` tells how much is done and ends the computation where it is no longer wanted, as
`self.progress.ask()` does where there is no news: call one of them between parts that take long, or hand it on;
`self.early(result)` draws what is there while it goes on. The layout is whole from the start: what changes later is
data, text and visibility, never the tree of models.
`self.session.change(mu=0.2)` or `change(parameters={"mass": 0.1})` moves the sliders. A ValueError raised by
`compute` becomes a toast.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from explorer.physics.progress import UNATTENDED, Watch

if TYPE_CHECKING:
    from explorer.live.frame import Frame
    from explorer.session.state import State


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

    def read(self, anchor: str) -> None:
        """Open the theory where it says more: at the anchor of an equation or section."""

    def toast(self, text: str, kind: str = "warning") -> None:
        """Tell the user something: kind "info", "warning" or "error"."""


class View:
    """One tab of the page. See the module's docstring for the contract."""

    key: ClassVar[str] = ""
    """Name in URLs (`?view=hall`)."""
    intro: ClassVar[str] = ""
    """HTML paragraph at the head of the tab: what is shown, signs, assumptions."""
    live: ClassVar[bool] = False
    """Whether draft frames of a drag are wanted too."""

    def __init__(self, session: Session, refresh: Callable[[], None]) -> None:
        self.session = session
        self.refresh = refresh
        self.options: Any = None
        self.progress: Watch = UNATTENDED

    @property
    def title(self) -> str:
        """What its tab says."""
        return next(entry.title for entry in VIEWS if entry.key == self.key)

    def early(self, result: Any) -> None:
        """Within `compute`: draw this while what takes longer is computed. The host's."""

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


@dataclass(frozen=True)
class Entry:
    """A tab: the name of its view in URLs, its title, and the module of this folder that holds the view."""

    key: str
    title: str
    module: str

    def load(self) -> type[View]:
        """The view; its module, and the physics that it needs, is imported by this."""
        module = importlib.import_module(f"{__name__}.{self.module}")
        (found,) = {
            v for v in vars(module).values() if isinstance(v, type) and getattr(v, "key", "") == self.key
        }
        return found


VIEWS = (
    Entry("paper", "Paper", "tabs.paper"),
    Entry("equilibrium", "Equilibrium", "tabs.equilibrium"),
    Entry("symmetry", "Symmetry", "tabs.symmetry"),
    Entry("extrinsic", "Extrinsic", "tabs.extrinsic"),
    Entry("scaling", "Scaling with T", "tabs.scaling"),
    Entry("decomposition", "Decomposition", "tabs.decomposition"),
    Entry("spin", "Spin", "tabs.spin"),
    Entry("experiment", "Experiment", "tabs.experiment"),
    Entry("potential", "Potential", "tabs.potential"),
    Entry("source", "Source file", "tabs.source_file"),
    Entry("convergence", "Convergence", "tabs.convergence"),
    Entry("theory", "Theory", "tabs.theory"),
    Entry("export", "Export", "tabs.export"),
)
"""The tabs in their order; the live one stands before them."""
