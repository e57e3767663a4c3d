"""Bands along the path and maps over the zone, from one source: results with their inputs inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.occupations import fermi
from explorer.physics.progress import Progress
from explorer.physics.zone.domain import Zone, zone_of
from explorer.physics.zone.path import SampledPath, sample_path
from explorer.results.temperatures import check_numbers
from explorer.session.map_band import nearest_band
from explorer.session.source import Source
from explorer.threads import Sharing


@dataclass(frozen=True, eq=False)
class Bands:
    """Geometry of every band along the model's path."""

    source: Source
    path: SampledPath
    geometry: BandGeometry


def bands_along_path(source: Source, count: int = 301, *, progress: Progress | None = None) -> Bands:
    """Energies and geometry at about `count` points of the source's path."""
    path = sample_path(source.path(), count)
    return Bands(source, path, band_geometry(source.hamiltonian, path.k, progress=progress))


@dataclass(frozen=True, eq=False)
class LambdaMap:
    r"""L_i(k) of (11) over the zone, summed over the occupied states or of one band.

    mu [eV], temperature [K]: of the occupations. mesh : points a side. band : None for the occupied sum.
    geometry : at mesh x mesh points, first index slow. nearest : the band was chosen as the one nearest mu.
    """

    source: Source
    zone: Zone
    mu: float
    temperature: float
    mesh: int
    band: int | None
    geometry: BandGeometry
    nearest: bool = False

    @property
    def words(self) -> str:
        """What was summed, or which band, counted as on the page and in the data."""
        if self.band is None:
            return "sum over occupied states"
        words = f"band {self.band + 1} of {self.source.hamiltonian.size} (index {self.band})"
        return f"{words}, nearest mu" if self.nearest else words

    @property
    def values(self) -> Floats:
        r"""$\sum_n f_0(\epsilon_n)\,L_i^n$, or $L_i^n$ of the band, (2, mesh, mesh) [e/hbar angstrom^3]."""
        if self.band is not None:
            chosen = self.geometry.lambda_of(self.band)
        else:
            weight = fermi(self.geometry.energy, self.mu, self.temperature)
            chosen = np.einsum("nk,cnk->ck", weight, self.geometry.lambda_)
        return np.asarray(chosen.reshape(2, self.mesh, self.mesh))


def lambda_map(
    source: Source,
    mu: float,
    temperature: float,
    *,
    mesh: int,
    band: int | Literal["nearest"] | None = None,
    progress: Progress | None = None,
) -> LambdaMap:
    """The map of L_x and L_y on the mesh of the zone.

    band : counted from 0; "nearest" for the one nearest mu on this mesh (`nearest_band`); None for the occupied sum.

    Raises ValueError for numbers that are not finite, a temperature not above zero, no point a side, or a band that is
    not there.
    """
    check_numbers(np.atleast_1d(mu).astype(float), "mu")
    check_numbers(np.atleast_1d(temperature).astype(float), "temperature")
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0 K, got {temperature:g}")
    if isinstance(band, int) and not 0 <= band < source.hamiltonian.size:
        raise ValueError(f"{source.name} has bands 0 to {source.hamiltonian.size - 1}, got {band}")
    if mesh < 1:
        raise ValueError(f"a map needs 1 point a side or more, got {mesh}")
    zone = zone_of(source.hamiltonian)
    k, _ = zone.mesh(mesh)
    with Sharing() as pool:
        g = band_geometry(source.hamiltonian, k, pool=pool, progress=progress)
    nearest = band == "nearest"
    chosen = nearest_band(g.energy, mu) if band == "nearest" else band
    return LambdaMap(source, zone, mu, temperature, mesh, chosen, g, nearest)
