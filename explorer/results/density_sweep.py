"""Chi and alpha at given carrier densities: mu is solved for at each temperature, then swept as any other."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.carriers.filling import PER_CM2, Filling, neutral_bands
from explorer.physics.carriers.gap import Tails, refined_tails, tails_of
from explorer.physics.carriers.triangle_count import counted
from explorer.physics.geometry.bloch import energies
from explorer.physics.integration.uniform.triangles import zone_triangles
from explorer.physics.progress import Progress, part_of
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Zone, zone_of
from explorer.results.settings import default_mesh
from explorer.results.sweep import Sweep, sweep
from explorer.results.temperatures import check_numbers, check_temperatures
from explorer.session.source import Source
from explorer.session.state import CARRIERS_PER_CM2


@dataclass(frozen=True, eq=False)
class ChemicalPotentials:
    """mu of each density at each temperature.

    density : (D,) [1e13/cm2] beyond `bands` filled ones. temperature : (T,) [K].
    mu, error : (T, D) [eV]; error is what the extrapolation from the mesh half as fine moves mu by.
    """

    density: Floats
    temperature: Floats
    mu: Floats
    error: Floats
    bands: int


@dataclass(frozen=True, eq=False)
class DensitySweep:
    """A sweep at given densities: `parts` has one `Sweep` per temperature, over the mu of that temperature."""

    solved: ChemicalPotentials
    parts: tuple[Sweep, ...]

    @property
    def checks(self) -> dict[str, float]:
        """The worst residual of all temperatures at which there is one, by name; else NaN."""
        return {
            name: max((p.checks[name] for p in self.parts if isfinite(p.checks[name])), default=nan)
            for name in self.parts[0].checks
        }


def chemical_potentials(
    source: Source, density: Floats, temperature: Floats, mesh: int | None = None
) -> ChemicalPotentials:
    """Solve n(mu, T) = density by triangles on two nested meshes, extrapolated, as the page counts.

    Parameters
    ----------
    density : (D,) carriers beyond neutrality [1e13/cm2], negative for holes. temperature : (T,) [K].
    mesh : points a side (an odd number is raised by one), None by the number of bands.

    Raises
    ------
    ValueError : a density that the bands cannot hold, or what `check_numbers` and `check_temperatures` refuse.
    """
    density, temperature = np.atleast_1d(density).astype(float), np.atleast_1d(temperature).astype(float)
    check_numbers(density, "density")
    check_temperatures(source.hamiltonian, temperature)
    size = default_mesh(source.hamiltonian) if mesh is None else mesh
    h, zone = source.hamiltonian, zone_of(source.hamiltonian)
    n = max(4, size + size % 2)
    k, triangles, weights = zone_triangles(zone, n)
    energy = energies(h, k)
    corner: Floats = np.bincount(triangles.ravel(), np.repeat(weights / 3, 3), minlength=k.shape[1]).astype(
        float
    )
    stated = source.model.neutral_bands
    bands = neutral_bands(energy, corner, source.model.default_mu) if stated is None else stated
    wanted = density * CARRIERS_PER_CM2 / PER_CM2
    plain, tails = Filling(energy, corner, bands), tails_of(energy, corner, bands)
    mu, error = np.zeros((2, temperature.size, density.size))
    for t, kelvin in enumerate(temperature):
        rough = np.array([plain.chemical_potential(x, kelvin) for x in wanted])
        window = float(rough.min()), float(rough.max())
        count = counted(energy, zone, n, bands, window, kelvin)
        mu[t] = [count.chemical_potential(x, kelvin, near) for x, near in zip(wanted, rough, strict=True)]
        step = K_B * kelvin
        slope = (count.density(mu[t] + step, kelvin) - count.density(mu[t] - step, kelvin)) / (2 * step)
        # On a plateau any mu is a solution: what is not known there is less than the width of the bands.
        error[t] = np.minimum(
            count.error(mu[t], kelvin) / np.maximum(slope, 1e-300), float(np.ptp(energy)) or step
        )
        _balance_in_gap(h, zone, bands, tails, wanted, kelvin, mu[t], error[t])
    return ChemicalPotentials(density, temperature, mu, error, bands)


def _balance_in_gap(
    h: Hamiltonian,
    zone: Zone,
    bands: int,
    tails: Tails,
    density: Floats,
    kelvin: float,
    mu: Floats,
    error: Floats,
) -> None:
    """Where mu lies in a gap, set it and its error by the tails of the carriers (`gap`): no count sees these."""
    inside = [d for d, x in enumerate(density) if tails.balance(float(x), kelvin) is not None]
    if not inside:
        return
    finer, change = refined_tails(h, zone, bands, kelvin)
    for d in inside:
        found = finer.balance(float(density[d]), kelvin)
        if found is not None:
            mu[d], error[d] = found, change


def density_sweep(
    source: Source,
    density: Floats,
    temperature: Floats,
    *,
    mesh: int | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> DensitySweep:
    """Chi and alpha at densities [1e13/cm2] instead of chemical potentials; options as of `sweep`."""
    solved = chemical_potentials(source, density, temperature, mesh)
    count = solved.temperature.size

    parts = tuple(
        sweep(
            source,
            solved.mu[t],
            solved.temperature[t : t + 1],
            mesh=mesh,
            progress=part_of(progress, t / count, (t + 1) / count),
            **options,
        )
        for t in range(count)
    )
    return DensitySweep(solved, parts)
