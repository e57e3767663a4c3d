"""What the user has chosen: an immutable `State`, its form in a URL, and the sliders' bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from explorer.paths import sample_path
from explorer.physics.bloch import energies
from explorer.physics.density import PER_CM2, Filling, neutral_bands
from explorer.physics.units import MAGNETIZATION_UNIT
from explorer.physics.work import LARGE
from explorer.physics.zone import zone_of
from explorer.source import Source, energy_window, open_source, with_setting
from models.arrays import Floats
from models.base import Model, catalogue

TEMPERATURE_BOUNDS = (1.0, 1000.0)
FIELD_BOUNDS = (0.0, 1e6)
GRADIENT_BOUNDS = (0.0, 1e8)
RELAXATION_BOUNDS = (1e-3, 100.0)
COLOURS = ("lambda_x", "lambda_y", "berry_curvature", "orbital_moment", "none")
"""What the lines of the band structure can be coloured by."""
OCCUPIED, NEAREST = 0, -1
"""`State.band` of the sum over occupied states, and of the band nearest mu; 1, 2, ... are single bands from below."""
NEAREST_KEY = "nearest"
"""The second in URLs."""

DEFAULT_SOURCE = "cumnas"


DENSITY_UNIT = 1e13
"""Carriers per cm2 of one unit of `State.density`, of the URL key n, and of the slider."""
_COUNT_MESH, _COUNT_MESH_LARGE = 24, 8
"""Points per side of the mesh that the bounds of the density come from; the second beyond 32 bands."""


@dataclass(frozen=True)
class State:
    """Everything that determines what is on screen.

    source : key of a model, or path of a Wannier file. parameters : (name, value) pairs in order of
    declaration. density : carriers beyond neutrality that are held [1e13/cm2], for which mu is then solved; None
    leaves mu free. mu [eV]; temperature [K]; field [V/m] and gradient [K/m] with their angles from x [degrees].
    relaxation_time [ps] : tau of the extrinsic responses.
    band : OCCUPIED, NEAREST, or the number of one band from 1. colour : one of `COLOURS`.
    k : wave vector picked on a map [1/angstrom], or None.
    degeneracy_tolerance [eV], None for the model's own; kramers_pairs : force pairs.
    """

    source: str
    parameters: tuple[tuple[str, float], ...] = ()
    mu: float = 0.0
    density: float | None = None
    temperature: float = 100.0
    field: float = 1e4
    field_angle: float = 0.0
    gradient: float = 0.0
    gradient_angle: float = 0.0
    relaxation_time: float = 1.0
    band: int = OCCUPIED
    colour: str = "lambda_x"
    k: tuple[float, float] | None = None
    degeneracy_tolerance: float | None = None
    kramers_pairs: bool = False

    def with_parameter(self, name: str, value: float) -> State:
        """The same with one model parameter changed."""
        return replace(self, parameters=tuple((n, value if n == name else v) for n, v in self.parameters))

    @property
    def geometry_key(self) -> tuple[object, ...]:
        """What the geometry depends on: no mu, no temperature, no fields."""
        return (self.source, self.parameters, self.degeneracy_tolerance, self.kramers_pairs)

    def magnetization(self, chi: Floats, alpha: Floats) -> float:
        """Induced magnetization (7), chi . E - alpha . grad T, in mu_B/nm^2.

        chi : (2,) [nm/ohm]; alpha : (2,) [nA nm/K].
        """
        field = self.field * _direction(self.field_angle)
        gradient = self.gradient * _direction(self.gradient_angle)
        return float(1e-9 * chi @ field - 1e-18 * alpha @ gradient) / MAGNETIZATION_UNIT


def _direction(degrees: float) -> Floats:
    angle = math.radians(degrees)
    return np.array([math.cos(angle), math.sin(angle)])


_NUMBERS = {
    "mu": "mu",
    "T": "temperature",
    "E": "field",
    "E_angle": "field_angle",
    "gradT": "gradient",
    "gradT_angle": "gradient_angle",
    "tau": "relaxation_time",
}
"""URL keys (and accessible names) of the numbers beside the model's parameters."""


@lru_cache(maxsize=64)
def source_model(source: str) -> Model:
    """The model (or Wannier file) a source names, at its defaults; read only. ValueError for an unknown
    one."""
    return open_source(source).model


def default_state(source: str | None = None) -> State:
    """The state with which a source opens."""
    if source is None:
        known = catalogue()
        source = DEFAULT_SOURCE if DEFAULT_SOURCE in known else next(iter(known))
    model = source_model(source)
    values = tuple((name, float(q.default)) for name, q in model.quantities().items())
    low, high = energy_window(source) or (-math.inf, math.inf)
    band = NEAREST if model.maps_follow_mu else OCCUPIED
    return State(source, values, mu=min(max(float(model.default_mu), low), high), band=band)


def opened(state: State) -> Source:
    """The source at the state's parameters: its model and its Hamiltonian."""
    return open_source(
        state.source,
        dict(state.parameters),
        degeneracy_tolerance=state.degeneracy_tolerance,
        kramers_pairs=state.kramers_pairs,
    )


@lru_cache(maxsize=64)
def mu_bounds(source: str) -> tuple[float, float]:
    """Range of the mu slider, of the curves and of the bands shown [eV].

    The window that the source names, else the range that its model opens with, else `whole_range`.
    """
    return energy_window(source) or source_model(source).mu_range or whole_range(source)


@lru_cache(maxsize=64)
def whole_range(source: str) -> tuple[float, float]:
    """Up to six bands on either side of the model's default mu, at its defaults [eV]."""
    state = default_state(source)
    found = opened(state)
    # Sixty matrices of a hundred bands would take longer than the first picture.
    path = sample_path(found.model.path(found.hamiltonian), 60 if found.hamiltonian.size <= 32 else 20)
    energy = energies(found.hamiltonian, path.k).T
    below = int((energy < state.mu).sum(axis=1).mean().round())
    chosen = energy[:, max(0, below - 6) : below + 6]
    low, high = float(chosen.min()), float(chosen.max())
    margin = 0.05 * (high - low) or 0.1
    digits = max(0, 1 - math.floor(math.log10(high - low + 2 * margin)) + 1)
    return round(low - margin, digits), round(high + margin, digits)


def mu_reach(source: str) -> tuple[float, float]:
    """Every mu that the page takes [eV]: what lies beyond `mu_bounds` widens them."""
    return mu_bounds(source) if energy_window(source) else _both(mu_bounds(source), whole_range(source))


def _both(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])


def is_widened(source: str) -> bool | None:
    """Whether a source is shown over the whole range of mu; None where there is no narrower one to open with."""
    own = source_model(source).mu_range
    window = energy_window(source)
    if own is None or window not in (None, _both(own, whole_range(source))):
        return None
    return window is not None


def widened(state: State, wide: bool) -> State:
    """The state over the whole range of mu, or over the one that its model opens with, mu moved into it."""
    plain = with_setting(state.source, "window", None)
    low, high = mu_reach(plain) if wide else mu_bounds(plain)
    source = with_setting(plain, "window", f"{low:g}:{high:g}") if wide else plain
    return replace(state, source=source, mu=min(max(state.mu, low), high))


def reaching(state: State) -> State:
    """The same, over the whole range of mu where its mu lies beyond the one that is shown."""
    low, high = mu_bounds(state.source)
    return state if low <= state.mu <= high or is_widened(state.source) is not False else widened(state, True)


@lru_cache(maxsize=64)
def density_bounds(source: str) -> tuple[float, float]:
    """Range of the density slider [1e13/cm2]: carriers at the ends of the mu slider, at the model's defaults."""
    found = opened(default_state(source))
    size = found.hamiltonian.size
    k, weights = zone_of(found.hamiltonian).mesh(_COUNT_MESH if size <= LARGE else _COUNT_MESH_LARGE)
    energy = energies(found.hamiltonian, k)
    stated = found.model.neutral_bands
    bands = neutral_bands(energy, weights, found.model.default_mu) if stated is None else stated
    counted = Filling(energy, weights, bands)
    low, high = counted.density(np.array(mu_bounds(source)), 300.0) * PER_CM2 / DENSITY_UNIT
    unit = 10.0 ** (math.floor(math.log10(high - low)) - 2)
    # Rounded towards neutrality: what the bands cannot hold is not on offer.
    return round(math.trunc(low / unit) * unit, 10), round(math.trunc(high / unit) * unit, 10)


UNITS = {
    "mu": "eV", "n": "10¹³/cm²", "T": "K", "tau": "ps",
    "E": "V/m", "E_angle": "°", "gradT": "K/m", "gradT_angle": "°",
}  # fmt: skip
"""Of the URL keys that are not a model's parameters."""


def to_query(state: State) -> dict[str, str]:
    """The state as URL keys; what stands at its default is left out."""
    plain = default_state(state.source)
    query = {"model": state.source}
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
            if query["model"] != state.source:
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
            refused.append(f"{key}={text}: {state.source} has no such parameter")
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
