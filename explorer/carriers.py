"""Chi and alpha at given carrier densities: mu is solved for at each temperature, then swept as any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from explorer.physics.bloch import bloch_matrices
from explorer.physics.density import PER_CM2, Filling, neutral_bands
from explorer.physics.geometry import blocks
from explorer.physics.integrand import Integrand
from explorer.physics.thermal import ZeroTemperatureCurve
from explorer.physics.triangles import add_triangles, energy_nodes, zone_triangles
from explorer.physics.zone import zone_of
from explorer.session import DENSITY_UNIT
from explorer.source import Source
from explorer.sweep import Sweep, default_mesh, sweep
from models.arrays import Floats

NODES = 2000
COUNT = Integrand(
    "electrons",
    ("n",),
    lambda g: np.ones((1, *g.energy.shape)),
    None,
    1.0,
    1.0,
    "electrons_per_A2",
    "entropy_per_A2",
)
r"""$\int d^2k/(2\pi)^2\sum_nf_0$ [1/angstrom^2], all bands counted."""


@dataclass(frozen=True, eq=False)
class ChemicalPotentials:
    """mu of each density at each temperature.

    density : (D,) [1e13/cm2] beyond `bands` filled ones. temperature : (T,) [K].
    mu, error : (T, D) [eV]; error is the change from a mesh half as fine.
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
        """The worst residual of all temperatures, by name."""
        return {name: max(p.checks[name] for p in self.parts) for name in self.parts[0].checks}


def chemical_potentials(
    source: Source, density: Floats, temperature: Floats, mesh: int | None = None
) -> ChemicalPotentials:
    """Solve n(mu, T) = density by triangles with the exact thermal convolution.

    Parameters
    ----------
    density : (D,) carriers beyond neutrality [1e13/cm2], negative for holes. temperature : (T,) [K].
    mesh : points a side, None by the number of bands.

    Raises
    ------
    ValueError : a density that the bands cannot hold, or a temperature not above zero.
    """
    density, temperature = np.atleast_1d(density).astype(float), np.atleast_1d(temperature).astype(float)
    size = default_mesh(source.hamiltonian) if mesh is None else mesh
    coarse, _ = _solved(source, density, temperature, max(4, (size + 1) // 2))
    fine, bands = _solved(source, density, temperature, size)
    return ChemicalPotentials(density, temperature, fine, np.abs(fine - coarse), bands)


def _solved(source: Source, density: Floats, temperature: Floats, mesh: int) -> tuple[Floats, int]:
    h = source.hamiltonian
    k, triangles, weights = zone_triangles(zone_of(h), mesh)
    parts = blocks(k.shape[1], max(8, 400_000 // h.size**2))
    bands = [np.linalg.eigvalsh(bloch_matrices(h, k[:, part]).H) for part in parts]
    energy = np.ascontiguousarray(np.concatenate(bands).T)
    share = np.repeat(weights / 3, 3)
    corner: Floats = np.bincount(triangles.ravel(), share, minlength=k.shape[1]).astype(float)
    stated = source.model.neutral_bands
    filled = neutral_bands(energy, corner, source.model.default_mu) if stated is None else stated
    counted, one = Filling(energy, corner, filled), np.ones((1, k.shape[1]))
    wanted = density * DENSITY_UNIT / PER_CM2
    mu = np.zeros((temperature.size, density.size))
    for t, kelvin in enumerate(temperature):
        mu[t] = [counted.chemical_potential(n, kelvin) for n in wanted]
        nodes = energy_nodes(energy, NODES, mu[t], kelvin)
        inside, steps = np.zeros((2, nodes.size, 1))
        for band in energy:
            add_triangles(band, one, triangles, weights, nodes, inside, steps)
        below = (inside + np.cumsum(steps, axis=0)).T
        curve = ZeroTemperatureCurve(COUNT, nodes, below, np.zeros_like(below))
        for d, n in enumerate(wanted):
            mu[t, d] = _root(curve, n + filled * float(weights.sum()), kelvin, mu[t, d])
    return mu, filled


def _root(curve: ZeroTemperatureCurve, electrons: float, kelvin: float, near: float) -> float:
    """Where the curve counts that many electrons, next to the plain sum's answer; that answer where it is flat."""

    def excess(mu: float) -> float:
        return float(curve.chi(np.array([mu]), np.array([kelvin]))[0, 0, 0]) - electrons

    step = 0.5 * (curve.nodes[-1] - curve.nodes[0]) / np.sqrt(curve.nodes.size)
    low, high = near - step, near + step
    if not excess(low) < 0 < excess(high):
        return near
    return float(brentq(excess, low, high, xtol=1e-10))


def density_sweep(
    source: Source,
    density: Floats,
    temperature: Floats,
    *,
    mesh: int | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> DensitySweep:
    """Chi and alpha at densities [1e13/cm2] instead of chemical potentials; options as of `sweep`."""
    solved = chemical_potentials(source, density, temperature, mesh)
    count = solved.temperature.size

    def share(t: int) -> Callable[[float], None] | None:
        return None if progress is None else lambda f: progress((t + f) / count)

    parts = tuple(
        sweep(source, solved.mu[t], solved.temperature[t : t + 1], mesh=mesh, progress=share(t), **options)
        for t in range(count)
    )
    return DensitySweep(solved, parts)
