"""The sidebar: which source, its parameters, what is occupied and applied, what the pictures show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import panel as pn
import panel_material_ui as pmui

from explorer.app.counts import COUNTS
from explorer.models.kit.model import catalogue
from explorer.session.quantities import BY_KEY, PARAMETER_MARK
from explorer.session.ranges import widened
from explorer.session.source_name import SourceName
from explorer.session.state import COLOURS, NEAREST, OCCUPIED, State, band_count, default_state, source_model
from explorer.views import Session
from explorer.views.browser import Direct
from explorer.views.sidebar import model_card
from explorer.views.sidebar.open_file import FileOpener
from explorer.views.sidebar.sliders import Sliders, density_values, slider_spec, slider_values

WHOLE = {"Sum over occupied states": OCCUPIED, "Band nearest μ": NEAREST}
"""What the maps show beside single bands."""
DEFAULTS, OWN = "Defaults", "Own values"
"""Beside the presets of a model: its parameters as it comes, and parameters that are those of no preset."""


class LiveSliders(Direct, Sliders):
    """Sliders whose numbered messages, one per move, go around Panel's bookkeeping."""

    _hot = "n"


class Owner(Session, Protocol):
    """What the sidebar asks of its page."""

    def become(self, state: State, move_sliders: bool = True) -> None:
        """Show another state."""

    def found_density(self) -> float:
        """Carriers of the newest frame [1e13/cm2]."""

    def sidebar_opened(self, width: float) -> None:
        """The browser has built the sliders, in a window of this width [px]."""


class Sidebar:
    """Widgets that change the state of `owner`."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        state = owner.state
        wide = {"sizing_mode": "stretch_width"}
        self._sliders = LiveSliders(self._hear, spec=slider_spec(state), values=slider_values(state), **wide)
        known = {cls.title: key for key, cls in catalogue().items()}
        self._source = self._select("Model", known | _entry(state.source), _named(state.source), self._choose)
        self._preset = self._select("Preset", [DEFAULTS], DEFAULTS, self._choose_preset)
        self._band = self._select("Maps show", {}, None, lambda v: owner.change(band=int(v)))
        titles = ("Λx", "Λy", "Berry curvature", "orbital moment", "nothing")
        self._colour = self._select(
            "Bands coloured by",
            dict(zip(titles, COLOURS, strict=True)),
            state.colour,
            lambda v: owner.change(colour=v),
        )
        self._opener = FileOpener(owner.open, owner.toast)
        self._card = pn.pane.HTML("", margin=(2, 14), stylesheets=[model_card.STYLE], **wide)
        self._presets: dict[str, State] = {}
        self._fill(state)

    @staticmethod
    def _select(label: str, options: Any, value: Any, hear: Callable[[Any], None]) -> Any:
        widget = pmui.Select(label=label, options=options, value=value, sizing_mode="stretch_width")
        widget.param.watch(lambda e: hear(e.new), "value")
        return widget

    def parts(self) -> list[Any]:
        """From top to bottom."""
        return [
            self._source,
            self._card,
            self._preset,
            self._sliders,
            self._band,
            self._colour,
            self._opener.layout(),
        ]

    @property
    def dropped(self) -> Path | None:
        """Folder of the files that were dropped on this page, None before the first."""
        return self._opener.folder

    def close(self) -> None:
        """Remove what was uploaded."""
        self._opener.close()

    def show(self, state: State) -> None:
        """Move the sliders to a state of the same source."""
        # Said as well as set: what a hand has moved in the browser is not what was last set here.
        self._sliders.values = slider_values(state)
        self._sliders.follow(slider_values(state))
        self._name_preset(state)

    def follow(self, values: dict[str, float]) -> None:
        """Move sliders that nobody holds."""
        self._sliders.follow(values)

    def offer(self, state: State) -> None:
        """Everything that belongs to another source."""
        self._sliders.param.update(spec=slider_spec(state), values=slider_values(state))
        self._fill(state)
        name = _named(state.source)
        if name not in self._source.options.values():
            self._source.options = self._source.options | _entry(state.source)
        self._source.value = name

    def _fill(self, state: State) -> None:
        model = source_model(state.source)
        bands = range(1, max(band_count(state.source, state.parameters), state.band) + 1)
        self._presets = {name: self._with_preset(state, name) for name in (DEFAULTS, *model.presets)}
        self._preset.visible = bool(model.presets)
        self._name_preset(state)
        # Together: options without the old value would choose another by themselves.
        self._band.param.update(options=WHOLE | {f"Band {n}": n for n in bands}, value=state.band)
        self._card.object = model_card.card_html(model)

    def _choose(self, name: str) -> None:
        if name != _named(self._owner.state.source):
            self._owner.open(name)

    def _choose_preset(self, name: str) -> None:
        if name != OWN:
            self._owner.become(self._with_preset(self._owner.state, name))

    @staticmethod
    def _with_preset(state: State, name: str) -> State:
        """The state at a preset's parameters."""
        state = replace(state, parameters=default_state(state.source).parameters)
        for parameter, value in source_model(state.source).presets.get(name, {}).items():
            state = state.with_parameter(parameter, value)
        return state

    def _name_preset(self, state: State) -> None:
        """Say whose the parameters are, so that a preset that was left can be chosen again."""
        known = {name: preset.parameters == state.parameters for name, preset in self._presets.items()}
        chosen = self._preset.value
        if not known.get(chosen, chosen == OWN and not any(known.values())):
            chosen = next((name for name, same in known.items() if same), OWN)
        options = [*self._presets, *([OWN] if chosen == OWN else [])]
        if (options, chosen) != (self._preset.options, self._preset.value):
            self._preset.param.update(options=options, value=chosen)

    def _hear(self, data: dict[str, Any]) -> None:
        """What `Sliders` says: a move, a value that was refused, or that it stands."""
        if "refused" in data:
            self._owner.toast(str(data["refused"]))
        elif "opened" in data:
            self._owner.sidebar_opened(float(data["opened"]))
        else:
            self._move(str(data["name"]), float(data["value"]))

    def _move(self, name: str, value: float) -> None:
        COUNTS.ticks += 1
        state = self._owner.state
        if name == "wide":
            state = widened(state, bool(value))
        elif name in ("n", "hold"):
            # hold without a value: what the newest frame found
            held = value if name == "n" else float(f"{self._owner.found_density():.8g}") if value else None
            state = replace(state, density=held)
            self.follow(density_values(state) if name == "hold" else {"hold": 1.0})
        elif name == "mu":
            if state.density is not None:
                self.follow({"hold": 0.0})
            state = replace(state, mu=value, density=None)
        elif name in BY_KEY:
            state = BY_KEY[name].set(state, value)
        else:
            state = state.with_parameter(name.removeprefix(PARAMETER_MARK), value)
        self._owner.become(state, move_sliders=False)
        self._name_preset(state)


def _named(source: str) -> str:
    """What the list of models knows a source by: a model by its name, in whatever window of energies."""
    named = SourceName.parse(source)
    return named.name if named.is_model else str(named.written)


def _entry(source: str) -> dict[str, str]:
    return {source_model(source).title: _named(source)}
