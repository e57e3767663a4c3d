"""What a model's truncation does to chi: the plane waves of a continuum model, the disc of a k.p expansion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.model import Quantity
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.progress import Progress
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.zone.domain import zone_of
from explorer.session.source import open_source
from explorer.session.state import State, opened

SMALL, FINE, COARSE = 8, 60, 12
"""Up to SMALL bands the sums take FINE points a side of the mesh, beyond it COARSE."""
STEPS = 9
"""Settings of a truncation that is not a whole number, over a factor of 4 to either side."""


@dataclass(frozen=True, eq=False)
class Truncation:
    """chi at one mu and T for several settings of the quantity that cuts a model off.

    name, unit : of the quantity. present : where the model stands. settings : (P,) ascending.
    bands : (P,) sizes of H. chi : (P, 2) [nm/ohm], plain sums over the same `mesh` points a side.
    """

    name: str
    unit: str
    present: float
    settings: Floats
    bands: Integers
    chi: Floats
    mesh: int

    @property
    def change(self) -> float:
        """Largest difference of chi from the present setting to the widest, over the widest one's largest entry."""
        here = int(np.abs(self.settings - self.present).argmin())
        return float(np.abs(self.chi[here] - self.chi[-1]).max() / np.abs(self.chi[-1]).max())


def settings_of(quantity: Quantity, present: float) -> Floats:
    """Settings worth trying: every one of a stepped quantity, else `STEPS` about the present one."""
    low, high = quantity.bounds
    if quantity.step:
        return np.arange(low, high + quantity.step / 2, quantity.step)
    return np.geomspace(max(low, present / 4), min(high, 4 * present), STEPS)


def truncation(state: State, progress: Progress | None = None) -> Truncation | None:
    """Chi at a state's mu and T against the truncation of its model; None where there is nothing to cut.

    Parameters
    ----------
    progress : called with the finished fraction; an exception it raises stops the work.
    """
    model = opened(state).model
    name = model.truncation
    if not name:
        return None
    quantity, present = model.quantities()[name], dict(state.parameters)[name]
    settings = settings_of(quantity, present)
    at = (np.array([state.mu]), np.array([state.temperature]))
    chi, bands, mesh = [], [], 0
    for done, value in enumerate(settings, start=1):
        changed = state.with_parameter(name, float(value))
        geometry, weights, mesh = _geometry(
            state.source, changed.parameters, state.degeneracy_tolerance, state.kramers_pairs
        )
        chi.append(plain_sum(geometry, weights, INTRINSIC, *at)[0][0, 0])
        bands.append(geometry.energy.shape[0])
        if progress:
            progress(done / len(settings))
    return Truncation(name, quantity.unit, present, settings, np.array(bands), np.array(chi), mesh)


@lru_cache(maxsize=24)
def _geometry(
    source: str, parameters: tuple[tuple[str, float], ...], tolerance: float | None, kramers_pairs: bool
) -> tuple[BandGeometry, Floats, int]:
    """Bands of a source on a mesh, its weights and points a side; kept, so that mu and T are free."""
    h = open_source(
        source, dict(parameters), degeneracy_tolerance=tolerance, kramers_pairs=kramers_pairs
    ).hamiltonian
    mesh = FINE if h.size <= SMALL else COARSE
    k, weights = zone_of(h).mesh(mesh)
    return band_geometry(h, k), weights, mesh
