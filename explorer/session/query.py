"""The state in a URL, and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from explorer.session.quantities import BY_KEY, DENSITY, MU, PARAMETER_MARK, parameter_key, parameter_of
from explorer.session.ranges import bounds_of, reaching
from explorer.session.source_name import SourceName
from explorer.session.state import COLOURS, NEAREST, State, band_count, default_state, source_model

NEAREST_KEY = "nearest"
"""How an address names the band nearest mu."""


def to_query(state: State) -> dict[str, str]:
    """The state as URL keys; what stands at its default is left out."""
    plain = default_state(state.source)
    query = {"model": str(SourceName.parse(state.source).written)}
    for key, quantity in BY_KEY.items():
        value = quantity.of(state)
        if value is not None and value != quantity.of(plain):
            query[key] = f"{value:.10g}"
    if state.density is not None:
        query.pop(MU.key, None)
    defaults = dict(plain.parameters)
    query |= {parameter_key(n): f"{v:.10g}" for n, v in state.parameters if v != defaults.get(n)}
    if state.band != plain.band:
        query["band"] = NEAREST_KEY if state.band == NEAREST else str(state.band)
    if state.colour != plain.colour:
        query["colour"] = state.colour
    return query


def from_query(
    query: Mapping[str, str], state: State | None = None, admit: Callable[[str], None] = lambda source: None
) -> tuple[State, list[str]]:
    """The state that a URL asks for, and one sentence for each value that was refused.

    Keys: model, mu, n (carriers held, 1e13/cm2; mu follows), T, E, E_angle, gradT, gradT_angle, tau, band, colour,
    and the model's parameters by name, after `p.` where it is one of these keys. A URL that names a model is the
    whole state; another changes `state`. What is refused keeps the value it had. admit : raises ValueError for a
    source that is not to be opened.
    """
    refused: list[str] = []
    state = state or default_state()
    if "model" in query:  # as of `to_query`: what is left out stands at that model's default
        try:
            if query["model"] != str(SourceName.parse(state.source).written):
                admit(query["model"])
            state = reaching(default_state(query["model"]))
        except ValueError as error:
            refused.append(str(error))
        except OSError as error:
            refused.append(f"{query['model']}: {error.strerror or error}")
    quantities = source_model(state.source).quantities()
    for key, text in query.items():
        if key in ("model", "theme", "view"):
            continue
        if key == "colour":
            if text in COLOURS:
                state = replace(state, colour=text)
            else:
                refused.append(f"colour={text}: must be one of {', '.join(COLOURS)}")
            continue
        if key == "band" and text == NEAREST_KEY:
            state = replace(state, band=NEAREST)
            continue
        parameter = parameter_of(key, quantities)
        if key not in BY_KEY and parameter is None and key != "band":
            hint = (
                f"; {PARAMETER_MARK}{key} is the model's"
                if parameter_of(PARAMETER_MARK + key, quantities)
                else ""
            )
            refused.append(
                f"{key}={text}: {SourceName.parse(state.source).written!s} has no such parameter{hint}"
            )
            continue
        try:
            value = float(text)
        except ValueError:
            refused.append(f"{key}={text}: not a number")
            continue
        if key == "band":
            if value.is_integer() and 0 <= value <= band_count(state.source, state.parameters):
                state = replace(state, band=int(value))
            else:
                refused.append(
                    f"band={text}: must be 0 (occupied sum), {NEAREST_KEY} or the number of a band"
                )
            continue
        chosen = BY_KEY.get(key)
        own = bounds_of(chosen, state.source) if chosen else quantities[str(parameter)].bounds
        low, high = (
            fallback if b is None else b for b, fallback in zip(own, (-math.inf, math.inf), strict=True)
        )
        folded = chosen.folded(value) if chosen and math.isfinite(value) else value
        if not (math.isfinite(folded) and low <= folded <= high):
            unit = chosen.unit if chosen else quantities[str(parameter)].unit
            refused.append(f"{key}={text}: must lie between {low:g} and {high:g} {unit}".rstrip())
        elif chosen is None:
            state = state.with_parameter(str(parameter), value)
        else:
            if chosen is MU and DENSITY.key not in query:
                state = replace(state, density=None)
            state = chosen.set(state, value)
    return reaching(state), refused


def as_of_now(state: State, admit: Callable[[str], None] = lambda source: None) -> tuple[State, list[str]]:
    """The same state on the file as it is now, and one sentence for each value that does not fit it any more."""
    found, refused = from_query(to_query(state), state, admit)
    kept = {name: getattr(state, name) for name in ("degeneracy_tolerance", "kramers_pairs", "k")}
    return replace(found, **kept), refused
