"""How far mu and the carrier density can be moved on a source."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from explorer.physics.carriers.filling import PER_CM2, Filling, neutral_bands
from explorer.physics.cost import MANY_BANDS
from explorer.physics.geometry.bloch import energies
from explorer.physics.zone.domain import zone_of
from explorer.physics.zone.path import sample_path
from explorer.session.quantities import MU, StateQuantity
from explorer.session.source_name import SourceName
from explorer.session.state import CARRIERS_PER_CM2, State, by_content, default_state, opened, source_model

_COUNT_MESH, _COUNT_MESH_LARGE = 24, 8
"""Points per side of the mesh that the bounds of the density come from; the second beyond 32 bands."""


@by_content(maxsize=64)
def mu_bounds(source: str) -> tuple[float, float]:
    """Range of the mu slider, of the curves and of the bands shown [eV].

    The window that the source names, else the range that its model opens with, else `whole_range`.
    """
    return SourceName.parse(source).energy_window or source_model(source).mu_range or whole_range(source)


@by_content(maxsize=64)
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
    own = mu_bounds(source)
    return own if SourceName.parse(source).energy_window else _both(own, whole_range(source))


def _both(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])


def is_widened(source: str) -> bool | None:
    """Whether a source is shown over the whole range of mu; None where there is no narrower one to open with."""
    own = source_model(source).mu_range
    window = SourceName.parse(source).energy_window
    if own is None or window not in (None, _both(own, whole_range(source))):
        return None
    return window is not None


def widened(state: State, wide: bool) -> State:
    """The state over the whole range of mu, or over the one that its model opens with, mu moved into it."""
    plain = SourceName.parse(state.source).with_setting("window", None)
    low, high = mu_reach(str(plain)) if wide else mu_bounds(str(plain))
    source = str(plain.with_setting("window", f"{low:g}:{high:g}") if wide else plain)
    return replace(state, source=source, mu=min(max(state.mu, low), high))


def reaching(state: State) -> State:
    """The state, over the whole range of mu where its mu lies beyond the one that is shown."""
    low, high = mu_bounds(state.source)
    return state if low <= state.mu <= high or is_widened(state.source) is not False else widened(state, True)


@by_content(maxsize=64)
def density_bounds(source: str) -> tuple[float, float]:
    """Range of the density slider [1e13/cm2]: carriers at the ends of the mu slider, at the model's defaults."""
    found = opened(default_state(source))
    size = found.hamiltonian.size
    k, weights = zone_of(found.hamiltonian).mesh(_COUNT_MESH if size <= MANY_BANDS else _COUNT_MESH_LARGE)
    energy = energies(found.hamiltonian, k)
    stated = found.model.neutral_bands
    bands = neutral_bands(energy, weights, found.model.default_mu) if stated is None else stated
    counted = Filling(energy, weights, bands)
    low, high = counted.density(np.array(mu_bounds(source)), 300.0) * PER_CM2 / CARRIERS_PER_CM2
    unit = 10.0 ** (math.floor(math.log10(high - low)) - 2)
    # Rounded towards neutrality: what the bands cannot hold is not on offer.
    return round(math.trunc(low / unit) * unit, 10), round(math.trunc(high / unit) * unit, 10)


def bounds_of(quantity: StateQuantity, source: str) -> tuple[float, float]:
    """Bounds of what an address may ask for of a source: those declared, or those that follow from its bands."""
    if quantity is MU:
        return mu_reach(source)
    return quantity.bounds or density_bounds(source)
