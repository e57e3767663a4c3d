"""What a page opens, beside the event loop: a source, an address, the file that it shows as it is now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from explorer.app.admission import Admission
from explorer.app.counts import COUNTS
from explorer.app.loop import EventLoop
from explorer.app.opening import Opener, prepared
from explorer.session.query import as_of_now, from_query
from explorer.session.source_name import ChangedError, SourceName
from explorer.session.state import State, default_state, source_model
from explorer.views.tabs.source_file import SourceReportView, file_name, is_wannier_file, without_folder


class Owner(Protocol):
    """What is asked of the page. refused : source that could not be opened, or None."""

    state: State
    refused: str | None

    @property
    def tab(self) -> str:
        """Key of the open tab."""

    @property
    def dropped(self) -> Path | None:
        """Folder of the files that were dropped on this page."""

    def become(self, state: State) -> None:
        """Show another state."""

    def wait_for(self, state: State) -> None:
        """It is the state that was waited for."""

    def keep(self) -> None:
        """Show again what is on screen."""

    def toast(self, text: str, kind: str = "warning") -> None:
        """Tell the user something."""

    def offer(self, text: str, label: str, act: Callable[[], None]) -> None:
        """The same with a button."""


class Sources:
    """Opens what `owner` shows. told : hears what is being opened, "" at rest."""

    def __init__(
        self, owner: Owner, loop: EventLoop, admission: Admission, told: Callable[[str], None]
    ) -> None:
        self._owner, self._loop, self._admission = owner, loop, admission
        self._opener = Opener(loop, told)
        self._told: str | None = None
        self._looking = False

    @property
    def opening(self) -> bool:
        """Whether something is being opened."""
        return self._opener.busy

    def close(self) -> None:
        """Forget what was to be opened."""
        self._opener.close()

    def open(self, source: str) -> None:
        """Show another source; why it cannot be opened is told as a toast."""
        named = SourceName.parse(source).written
        source, owner = str(named), self._owner

        def work() -> State | None:
            self._admit(source)
            return None if str(named.current) == owner.state.source else prepared(default_state(source))

        def become(state: State | None) -> None:
            if state is not None:
                owner.become(state)
                owner.refused = None
                self._tell_cautions()

        self._opener.open(file_name(source), work, become, partial(self._refuse, source))

    def _tell_cautions(self) -> None:
        """What must be known of a file before its numbers are cited, where its report is not in sight."""
        told = source_model(self._owner.state.source).cautions
        if told and self._owner.tab != SourceReportView.key:
            more = f" And {len(told) - 1} more:" if len(told) > 1 else ""
            self._owner.toast(f"{told[0]}{more} (see the tab Source file)")

    def _admit(self, source: str) -> None:
        self._admission.check(source, self._owner.dropped)

    def _refuse(self, source: str, error: Exception) -> None:
        """Say why a source cannot be opened; what is on screen stays."""
        COUNTS.refusals += 1
        try:
            self._admit(source)
        except (ValueError, OSError):  # nothing of it is shown, in the tab Source file neither
            self._owner.toast(str(error), "error")
            self._owner.keep()
            return
        self._owner.refused = source
        read = is_wannier_file(source) and SourceName.parse(source).path.exists()
        hint = " (see the tab Source file)" if read else ""
        # Where the report is in sight it says the rest, and is not to be covered.
        full = f"{without_folder(str(error), source)}{hint}"
        short = f"{file_name(source)} could not be opened as it is"
        self._owner.toast(short if read and self._owner.tab == SourceReportView.key else full, "error")
        self._owner.keep()

    def go(
        self, query: dict[str, str], base: State | None, then: Callable[[State], None] | None = None
    ) -> None:
        """Show what an address asks for; then : shows the state in place of the page's `become`."""

        def arrived(found: tuple[State, list[str]]) -> None:
            state, refused = found
            self._owner.wait_for(state)
            (then or self._owner.become)(state)
            if refused:
                self._owner.toast("; ".join(refused))

        self._opener.open(
            file_name(query.get("model", "")), partial(self._asked, query, base), arrived, self._fail
        )

    def reload(self) -> None:
        """Show the source as its file is now, with parameters, mu and fields as far as they still fit."""
        owner, before = self._owner, self._owner.state

        def arrived(found: tuple[State, list[str]]) -> None:
            state, refused = found
            if state.source != owner.state.source:
                owner.become(state)
            if refused:
                owner.toast("; ".join(refused), "error" if state.source == owner.state.source else "warning")

        def work() -> tuple[State, list[str]]:
            state, refused = as_of_now(before, self._admit)
            return prepared(state), refused

        self._opener.open(file_name(before.source), work, arrived, self._fail)

    def _asked(self, query: dict[str, str], base: State | None) -> tuple[State, list[str]]:
        state, refused = from_query(query, base, self._admit)
        return prepared(state), refused

    def _fail(self, problem: Exception) -> None:
        self._owner.toast(str(problem), "error")
        self._owner.wait_for(self._owner.state)

    # -- files that change while they are shown

    def look(self) -> None:
        """Whether the file that is shown is still the one on disk: asked in another thread, disks may be slow."""
        source = self._owner.state.source
        if self._looking or not self._loop.watched or SourceName.parse(source).version is None:
            return
        self._looking = True

        def look() -> None:
            try:
                SourceName.parse(source).require_current()
            except ChangedError as changed:
                self._loop.later(partial(self._offer, source, changed))
            finally:
                self._looking = False

        threading.Thread(target=look, name="look", daemon=True).start()

    def changed(self, changed: ChangedError) -> None:
        """Say so, though it may have been said: a slider was moved."""
        self._told = None
        self._offer(self._owner.state.source, changed)

    def _offer(self, source: str, changed: ChangedError) -> None:
        """Say once of each version that a file has changed, with a button that shows the file as it is now."""
        if source != self._owner.state.source or self._told == changed.version:
            return
        self._told = changed.version
        if changed.gone:
            self._owner.toast(f"{changed}: what is on screen stays, but parameters of the file do nothing.")
            return
        said = f"{str(changed).partition(':')[0]}; what is on screen is still of the file as it was."
        self._owner.offer(said, "Reload", self.reload)
