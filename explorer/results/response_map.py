"""Where in the zone a response comes from: what each wave vector contributes to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.progress import Progress
from explorer.physics.responses.row import Row
from explorer.results.bands_and_maps import LambdaMap, lambda_map
from explorer.results.responses import inputs_of
from explorer.session.source import Source


@dataclass(frozen=True, eq=False)
class ResponseMap:
    r"""The density of a response over the zone, of all bands at their occupation or of one of them.

    row : which response. zone_map : the mesh, its bands, mu, T, and which band. relaxation_time : tau [ps].
    values : (C, mesh, mesh) in `unit`; the response is $\int\frac{d^2k}{(2\pi)^2}$ of the sum over bands.
    """

    row: Row
    zone_map: LambdaMap
    relaxation_time: float
    values: Floats

    @property
    def source(self) -> Source:
        """What it is a map of."""
        return self.zone_map.source

    @property
    def unit(self) -> str:
        """Unit of the values: the response's times an area."""
        return f"{self.row.unit} angstrom2"


def response_map(
    source: Source,
    row: Row,
    mu: float,
    temperature: float,
    *,
    mesh: int,
    band: int | Literal["nearest"] | None = None,
    relaxation_time: float = 1.0,
    progress: Progress | None = None,
) -> ResponseMap:
    """What each wave vector of a mesh contributes to a response at mu [eV] and T [K].

    band : counted from 0, or "nearest", for what that band contributes; None for all of them.

    Raises
    ------
    ValueError : a response that the source cannot have, a tau [ps] out of bounds, and what `lambda_map` raises.
    """
    inputs = inputs_of(source, relaxation_time)
    if why := row.missing(inputs):
        raise ValueError(f"{source.name} has no response {row.name}: {why}")
    found = lambda_map(source, mu, temperature, mesh=mesh, band=band, progress=progress)
    density = row.at_each_k(found.geometry, inputs, mu, temperature)
    chosen = density.sum(axis=1) if found.band is None else density[:, found.band]
    return ResponseMap(row, found, relaxation_time, np.asarray(chosen.reshape(-1, mesh, mesh)))
