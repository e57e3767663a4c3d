"""The state in a URL, and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from explorer.session.quantities import (
    _NUMBERS,
    FIELD_BOUNDS,
    GRADIENT_BOUNDS,
    RELAXATION_BOUNDS,
    TEMPERATURE_BOUNDS,
    UNITS,
)
from explorer.session.ranges import density_bounds, mu_reach, reaching
from explorer.session.source_name import unversioned
from explorer.session.state import COLOURS, NEAREST, State, default_state, opened, source_model

NEAREST_KEY = "nearest"
"""The second in URLs."""


def to_query(state: State) -> dict[str, str]:
    """The state as URL keys; what stands at its default is left out."""
    plain = default_state(state.source)
    query = {"model": unversioned(state.source)}
    for key, name in _NUMBERS.items():
        if getattr(state, name) != getattr(plain, name):
            query[key] = f"{getattr(state, name):.10g}"
    if state.density is not None:
        query.pop("mu", None)
        query["n"] = f"{state.density:.10g}"
    defaults = dict(plain.parameters)
    query |= {n: f"{v:.10g}" for n, v in state.parameters if v != defaults.get(n)}
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
    and the model's parameters by name. A URL that names a model is the whole state; another changes `state`. What
    is refused keeps the value it had. admit : raises ValueError for a source that is not to be opened.
    """
    refused: list[str] = []
    state = state or default_state()
    if "model" in query:  # as of `to_query`: what is left out stands at that model's default
        try:
            if query["model"] != unversioned(state.source):
                admit(query["model"])
            state = default_state(query["model"])
        except ValueError as error:
            refused.append(str(error))
    quantities = source_model(state.source).quantities()
    bounds: dict[str, tuple[float | None, float | None]] = {n: q.bounds for n, q in quantities.items()}
    bounds |= {
        "mu": mu_reach(state.source),
        "T": TEMPERATURE_BOUNDS,
        "E": FIELD_BOUNDS,
        "gradT": GRADIENT_BOUNDS,
        "E_angle": (-360.0, 360.0),
        "gradT_angle": (-360.0, 360.0),
        "tau": RELAXATION_BOUNDS,
    }
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
        if key == "n":
            bounds[key] = density_bounds(state.source)
        if key not in bounds and key != "band":
            refused.append(f"{key}={text}: {unversioned(state.source)} has no such parameter")
            continue
        try:
            value = float(text)
        except ValueError:
            refused.append(f"{key}={text}: not a number")
            continue
        if key == "band":
            if value == int(value) and 0 <= value <= opened(state).hamiltonian.size:
                state = replace(state, band=int(value))
            else:
                refused.append(
                    f"band={text}: must be 0 (occupied sum), {NEAREST_KEY} or the number of a band"
                )
            continue
        low, high = bounds[key]
        low, high = -math.inf if low is None else low, math.inf if high is None else high
        if not (math.isfinite(value) and low <= value <= high):
            unit = UNITS[key] if key in UNITS else quantities[key].unit
            refused.append(f"{key}={text}: must lie between {low:g} and {high:g} {unit}".rstrip())
        elif key == "n":
            state = replace(state, density=value)
        elif key in _NUMBERS:
            if key == "mu" and "n" not in query:
                state = replace(state, density=None)
            state = replace(state, **{_NUMBERS[key]: value})  # type: ignore[arg-type]
        else:
            state = state.with_parameter(key, value)
    return reaching(state), refused
