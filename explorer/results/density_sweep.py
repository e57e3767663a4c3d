"""Chi and alpha at given carrier densities: mu is solved for at each temperature, then swept as any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import Any

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.carriers.adaptive_count import solved_tightly
from explorer.physics.carriers.filling import PER_CM2, Filling, neutral_bands
from explorer.physics.carriers.gap import Tails, refined_tails, tails_of
from explorer.physics.carriers.triangle_count import counted
from explorer.physics.cost import MANY_BANDS
from explorer.physics.geometry.bloch import energies
from explorer.physics.integration.uniform.triangles import zone_triangles
from explorer.physics.progress import Progress, part_of
from explorer.physics.responses import catalogue
from explorer.physics.responses.integrand import Response
from explorer.physics.responses.row import ALPHA, CHI, Row
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Zone, zone_of
from explorer.results.responses import respond
from explorer.results.settings import default_mesh
from explorer.results.sweep import Sweep, sweep
from explorer.results.temperatures import check_numbers, check_temperatures
from explorer.session.declared_symmetries import exact_operations
from explorer.session.source import Source
from explorer.session.state import CARRIERS_PER_CM2

ROUGH = 1e-2
"""Tolerance of what an error of mu moves a response by..."""
ROUGH_STEP = 0.25
"""... and the step of mu from which it is read where the error is smaller, in k_B T."""


@dataclass(frozen=True, eq=False)
class ChemicalPotentials:
    """mu of each density at each temperature.

    density : (D,) [1e13/cm2] beyond `bands` filled ones. temperature : (T,) [K].
    mu, error : (T, D) [eV]; error is the error bar of mu, and is part of the bars of responses.
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
    """Solve n(mu, T) = density by triangles on two nested meshes, extrapolated; then on an adaptive count.

    Of many bands by the triangles alone.

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
        error[t] = [count.mu_error(x, kelvin) for x in mu[t]]
        if h.size <= MANY_BANDS:
            mu[t], error[t] = solved_tightly(
                h, wanted, float(kelvin), mu[t], error[t], bands, operations=exact_operations(h)
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

    parts = [
        sweep(
            source,
            solved.mu[t],
            solved.temperature[t : t + 1],
            mesh=mesh,
            progress=part_of(progress, t / count, (t + 1) / count),
            **options,
        )
        for t in range(count)
    ]
    rows = [catalogue.row(CHI), catalogue.row(ALPHA)]
    for t, part in enumerate(parts):
        r = part.response
        moved = bars_of_mu(source, rows, {CHI: r.chi, ALPHA: r.alpha}, solved, t, options)
        parts[t] = replace(part, response=with_bars(r, moved[CHI], moved[ALPHA], part.rtol))
    return DensitySweep(solved, tuple(parts))


def with_bars(r: Response, chi: Floats, alpha: Floats, rtol: float) -> Response:
    """A response of one temperature with what the error of mu adds to its bars, (1, D, C) each."""
    chi_error, alpha_error = r.chi_error + chi, r.alpha_error + alpha
    met = np.all(
        [
            error.max(axis=2) <= rtol * np.abs(value).max()
            for value, error, added in ((r.chi, chi_error, chi), (r.alpha, alpha_error, alpha))
            if added.any()
        ],
        axis=0,
    )
    return replace(r, chi_error=chi_error, alpha_error=alpha_error, converged=r.converged & met)


def bars_of_mu(
    source: Source,
    rows: Sequence[Row],
    values: Mapping[str, Floats],
    solved: ChemicalPotentials,
    t: int,
    options: Mapping[str, Any],
) -> dict[str, Floats]:
    """What the error of mu may move responses by, (1, D, C) each by name, at one of the temperatures.

    From rough values a step of mu to either side, as far as its error reaches or a quarter of k_B T.

    values : the responses at mu, (1, D, C). options : as of `sweep`; those that concern the crystal are kept.
    """
    mu, error, kelvin = solved.mu[t], solved.error[t], float(solved.temperature[t])
    if not error.any():
        return {row.name: np.zeros_like(values[row.name]) for row in rows}
    step = np.maximum(error, ROUGH_STEP * K_B * kelvin)
    kept = {name: options[name] for name in ("relaxation_time", "whole_zone") if name in options}
    beside = respond(source, rows, np.concatenate([mu - step, mu + step]), kelvin, rtol=ROUGH, **kept)
    found = {}
    for row in rows:
        v = beside[row.name]
        shape = (2, 1, mu.size, v.value.shape[2])
        around, bars = (np.moveaxis(a.reshape(1, 2, *shape[2:]), 1, 0) for a in (v.value, v.error))
        away = (np.abs(around - values[row.name]) + bars).max(axis=0)
        found[row.name] = away * (error / step)[None, :, None]
    return found
