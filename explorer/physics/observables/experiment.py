r"""What an experiment would read: magnetization (7), total moment, stray field, Kerr rotation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.progress import Pool, Progress
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import BOHR_MAGNETON, MAGNETIZATION_UNIT
from explorer.physics.zone.domain import zone_of

VACUUM_PERMEABILITY = 1.25663706212e-6
"""mu_0 [N/A^2] (CODATA 2018)."""

SENSITIVITY_RTOL, SENSITIVITY_POINTS = 0.01, 100_000
"""Error wanted of chi at each setting, relative to its size, and wave vectors at most."""

KERR_PER_MAGNETIZATION = 5e-3 / (2 * 3.0 / 0.4084)
"""Kerr rotation per magnetization [rad per mu_B/nm^2]: 3.4e-4.

Taken as 5 mrad for a monolayer of CrI3, whose rotation is of the order of milliradians (B. Huang et al.,
Nature 546, 270 (2017)) and changes tenfold with wavelength and substrate (F. Hendriks, M. H. D. Guimaraes,
arXiv:2101.02091); 3 mu_B on each of the two Cr of a cell of 0.4084 nm^2 (assets/cri3).
"""
KERR_ASSUMPTION = (
    "Order of magnitude only: assumes the rotation per magnetization of a monolayer of CrI3, taken as 5 mrad at "
    "14.7 μ_B/nm². No optics is computed; wavelength, resonances, substrate, and the difference between an "
    "orbital and a spin moment change it by factors of ten."
)


@dataclass(frozen=True)
class FlakeReading:
    """A uniformly magnetised circular flake.

    radius [m]. moment [A m^2]. moment_muB : the moment in mu_B. height [m], field : on the axis at that height [T].
    kerr : rotation [rad], see `KERR_ASSUMPTION`.
    """

    radius: float
    moment: float
    height: float
    field: float
    kerr: float

    @property
    def moment_muB(self) -> float:
        """[mu_B]"""
        return self.moment / BOHR_MAGNETON


def stray_field(magnetization: float, radius: float, height: Floats | float) -> Floats:
    r"""B_z on the axis of a thin disc [T], $\mu_0MR^2/2(R^2+z^2)^{3/2}$: that of its edge current M.

    magnetization : moment per area M [A]. radius R, height z : [m].
    """
    if not radius > 0:
        raise ValueError(f"the flake's radius must be above 0 m, got {radius}")
    z = np.asarray(height, dtype=float)
    return np.asarray(VACUUM_PERMEABILITY * magnetization * radius**2 / (2 * (radius**2 + z**2) ** 1.5))


def flake_reading(magnetization: float, radius: float, height: float) -> FlakeReading:
    """What a disc of magnetization [A] and radius [m] shows a magnetometer at a height [m], and to light."""
    return FlakeReading(
        radius,
        magnetization * np.pi * radius**2,
        height,
        float(stray_field(magnetization, radius, height)),
        KERR_PER_MAGNETIZATION * magnetization / MAGNETIZATION_UNIT,
    )


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """chi and alpha against one setting.

    setting : (P,) tolerance or size of the breaking, usually [eV]. chi, alpha and chi's error : (P, C) in the
        integrand's units.
    groups : (P,) mean number of degenerate groups per k, which tells where the tolerance merges or splits
        levels.
    """

    setting: Floats
    chi: Floats
    alpha: Floats
    chi_error: Floats
    groups: Floats


def symmetric_sensitivity(
    build: Callable[[float], Hamiltonian],
    settings: Sequence[float] | Floats,
    mu: float,
    temperature: float,
    *,
    mesh: int = 48,
    integrand: Integrand = INTRINSIC,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """chi and alpha for each setting, by adaptive quadrature; groups are counted on a mesh x mesh grid.

    Parameters
    ----------
    build : from a setting to a Hamiltonian; e.g. `with_tolerance(h)`, or one that adds a small PT-breaking
        term while the tolerance stays (below it pairs are one group, above it two bands with terms between
        them: two different physical cases, see theory section 2).
    mu [eV], temperature [K].
    """
    rows, counts = list[Response](), list[float]()
    for done, setting in enumerate(settings, start=1):
        h = build(float(setting))
        k, _ = zone_of(h).mesh(mesh)
        counts.append(float(band_geometry(h, k, pool=pool).groups[-1].mean()) + 1)
        rows.append(
            adaptive_response(
                h,
                integrand,
                mu,
                temperature,
                rtol=SENSITIVITY_RTOL,
                max_evaluations=SENSITIVITY_POINTS,
                pool=pool,
            )
        )
        if progress:
            progress(done / len(settings))
    chi, alpha, error = (
        np.array([getattr(r, name)[0, 0] for r in rows]) for name in ("chi", "alpha", "chi_error")
    )
    return Sensitivity(np.asarray(settings, dtype=float), chi, alpha, error, np.array(counts))


def with_tolerance(h: Hamiltonian) -> Callable[[float], Hamiltonian]:
    """The same Hamiltonian at each degeneracy tolerance [eV], for `symmetric_sensitivity`."""
    return lambda tolerance: replace(h, degeneracy_tolerance=tolerance)
