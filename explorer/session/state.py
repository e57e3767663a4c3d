"""What the user has chosen: an immutable `State`, its form in a URL, and the sliders' bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from typing import TypeVar

from explorer.models.kit.arrays import Floats
from explorer.models.kit.model import Model, catalogue
from explorer.physics.observables.induced_magnetization import in_plane
from explorer.session.quantities import (
    FIELD,
    FIELD_ANGLE,
    GRADIENT,
    GRADIENT_ANGLE,
    RELAXATION_TIME,
    TEMPERATURE,
)
from explorer.session.source import Source, open_source
from explorer.session.source_name import SourceName

COLOURS = ("lambda_x", "lambda_y", "berry_curvature", "orbital_moment", "none")
"""What the lines of the band structure can be coloured by."""
OCCUPIED, NEAREST = 0, -1
"""`State.band` of the sum over occupied states, and of the band nearest mu; 1, 2, ... are single bands from below."""

DEFAULT_SOURCE = "cumnas"

Known = TypeVar("Known")
"""What a function of a SOURCE tells of it."""


CARRIERS_PER_CM2 = 1e13
"""Carriers per cm2 of one unit of `State.density`, of the URL key n, and of the slider."""


@dataclass(frozen=True)
class State:
    """Everything that determines what is on screen.

    source : key of a model, or path of a file with the version it was opened in (`versioned`). parameters :
    (name, value) pairs in order of declaration. density : carriers beyond neutrality that are held [1e13/cm2], for
    which mu is then solved; None leaves mu free. mu [eV]; temperature [K]; field [V/m] and gradient [K/m] with their
    angles from x [degrees]. relaxation_time [ps] : tau of the extrinsic responses.
    band : OCCUPIED, NEAREST, or the number of one band from 1. colour : one of `COLOURS`.
    k : wave vector picked on a map [1/angstrom], or None.
    degeneracy_tolerance [eV], None for the model's own; kramers_pairs : force pairs.
    """

    source: str
    parameters: tuple[tuple[str, float], ...] = ()
    mu: float = 0.0
    density: float | None = None
    temperature: float = TEMPERATURE.initial
    field: float = FIELD.initial
    field_angle: float = FIELD_ANGLE.initial
    gradient: float = GRADIENT.initial
    gradient_angle: float = GRADIENT_ANGLE.initial
    relaxation_time: float = RELAXATION_TIME.initial
    band: int = OCCUPIED
    colour: str = "lambda_x"
    k: tuple[float, float] | None = None
    degeneracy_tolerance: float | None = None
    kramers_pairs: bool = False

    def with_parameter(self, name: str, value: float) -> State:
        """The state with one model parameter changed."""
        return replace(self, parameters=tuple((n, value if n == name else v) for n, v in self.parameters))

    @property
    def geometry_key(self) -> tuple[object, ...]:
        """What the geometry depends on: no mu, no temperature, no fields."""
        return (self.source, self.parameters, self.degeneracy_tolerance, self.kramers_pairs)

    @property
    def fields(self) -> tuple[Floats, Floats]:
        """E [V/m] and grad T [K/m] as vectors of the plane, (2,) each."""
        return in_plane(self.field, self.field_angle), in_plane(self.gradient, self.gradient_angle)


def by_content(maxsize: int) -> Callable[[Callable[[str], Known]], Callable[[str], Known]]:
    """As `lru_cache`, for functions of a SOURCE: what is known of a file is known of its content, not of its path."""

    def wrap(function: Callable[[str], Known]) -> Callable[[str], Known]:
        kept = lru_cache(maxsize)(function)
        return wraps(function)(lambda source: kept(str(SourceName.parse(source).current)))

    return wrap


@by_content(maxsize=64)
def source_model(source: str) -> Model:
    """The model (or Wannier file) a source names, at its defaults; read only. ValueError for an unknown
    one."""
    return open_source(source).model


def default_state(source: str | None = None) -> State:
    """The state with which a source opens."""
    if source is None:
        known = catalogue()
        source = DEFAULT_SOURCE if DEFAULT_SOURCE in known else next(iter(known))
    source = str(SourceName.parse(source).current)
    model = source_model(source)
    values = tuple((name, float(q.default)) for name, q in model.quantities().items())
    low, high = SourceName.parse(source).energy_window or (-math.inf, math.inf)
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


@lru_cache(maxsize=256)
def band_count(source: str, parameters: tuple[tuple[str, float], ...]) -> int:
    """Number of bands of a source at these parameters."""
    return open_source(source, dict(parameters)).hamiltonian.size
