"""Against WannierBerri, on the same Hamiltonians and the same wave vectors, through a _tb.dat written here.

Signs and units. WannierBerri's charge is -|e| throughout, as here (e < 0). Its Berry curvature is
-2 Im <n_x|n_y> [angstrom^2], its orbital moment is in mu_B with our sign; `AHC` is O_z = sigma_xy in S/m,
times the height of the cell per layer; `Morb` is the moment per cell in mu_B, at T = 0; `GME_orb_FermiSurf`
is K = int [dk] d_i e m (-f0') in A, so that chi_ext = (e tau/hbar) K per height. From _tb.dat neither code
has <r r> and <r H r>, so metric and moment are compared without external terms for point orbitals;
the Wannier-space parts with position matrices are put together from WannierBerri's own D and A matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wannierberri
from wannierberri.calculators import static, tabulate
from wannierberri.data_K import get_data_k_class_from_system
from wannierberri.formula import covariant

from explorer.physics.equilibrium import HALL, magnetization
from explorer.physics.extrinsic import extrinsic
from explorer.physics.geometry import BandGeometry, band_geometry
from explorer.physics.occupations import fermi, fermi_slope
from explorer.physics.sums import plain_sum
from explorer.physics.units import (
    BOHR_MAGNETON,
    ELEMENTARY_CHARGE,
    HBAR,
    MOMENT_UNIT,
    PLANCK_REDUCED_J,
)
from models.arrays import Floats
from models.cumnas import CuMnAs
from models.haldane import Haldane
from models.hamiltonian import LatticeHamiltonian
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian

HEIGHT = 20.0
"""Third lattice vector of the files [angstrom]."""
MESH = 12
EXACT = 1e-10
"""Relative to the largest entry, where no constant of nature enters."""
CONSTANTS = 1e-7
"""The same, where SciPy's constants (newer than CODATA 2018) enter."""

HAMILTONIANS = {
    "haldane": Haldane().hamiltonian(),
    "cumnas": CuMnAs(neel_angle=20.0).hamiltonian(),
    "random-2": random_hamiltonian(2, seed=71),
    "random-5": random_hamiltonian(5, seed=72, reach=2),
    "random-pairs": in_kramers_pairs(random_hamiltonian(3, seed=73), seed=73),
    "random-3-dipoles": random_hamiltonian(3, seed=74, dipoles=True),
    "random-6-dipoles": random_hamiltonian(6, seed=75, dipoles=True, reach=2),
    "random-pairs-dipoles": in_kramers_pairs(random_hamiltonian(2, seed=76, dipoles=True), seed=76),
}


def write_tb(h: LatticeHamiltonian, path: Path) -> None:
    """Wannier90's _tb.dat, all digits; positions and dipoles together are the position matrices."""
    n = h.size
    r = np.zeros((len(h.vectors), 3, n, n), complex)
    if h.dipoles is not None:
        r[:, :2] = h.dipoles
    home = int(np.flatnonzero(~h.vectors.any(axis=1))[0])
    r[home][:2, range(n), range(n)] += h.positions.T
    pairs = [(i, j) for j in range(n) for i in range(n)]
    lines = ["written by a test", *(f"{x:.17e} {y:.17e} 0.0" for x, y in h.cell), f"0.0 0.0 {HEIGHT}"]
    lines += [str(n), str(len(h.vectors))]
    lines += [" ".join(["1"] * len(row)) for row in np.array_split(h.vectors, -(-len(h.vectors) // 15))]
    for (r1, r2), t in zip(h.vectors, h.hoppings, strict=True):
        lines += ["", f"{r1} {r2} 0"]
        lines += [f"{i + 1} {j + 1} {t[i, j].real:.17e} {t[i, j].imag:.17e}" for i, j in pairs]
    for (r1, r2), xyz in zip(h.vectors, r, strict=True):
        lines += ["", f"{r1} {r2} 0"]
        lines += [
            f"{i + 1} {j + 1} " + " ".join(f"{c[i, j].real:.17e} {c[i, j].imag:.17e}" for c in xyz)
            for i, j in pairs
        ]
    path.write_text("\n".join(lines) + "\n")


@dataclass(frozen=True)
class Both:
    """One Hamiltonian on one shifted mesh, in both codes."""

    h: LatticeHamiltonian
    data: Any
    geometry: BandGeometry
    weights: Floats

    def table(self, calculator: Callable[..., Any], *, external: bool, **rest: Any) -> Floats:
        """A tabulated quantity as (..., N, K), Cartesian components first."""
        made = calculator(kwargs_formula={"external_terms": external}, print_comment=False, **rest)
        return np.moveaxis(made(self.data).data, (0, 1), (-1, -2))


def load(h: LatticeHamiltonian, folder: Path, mesh: int = MESH) -> Both:
    """Both codes on mesh x mesh points shifted off symmetry."""
    path = folder / "model_tb.dat"
    write_tb(h, path)
    system = wannierberri.System_R.from_tb_file(str(path), berry=True)
    grid = wannierberri.Grid(system=system, NK=1, NKFFT=(mesh, mesh, 1))
    data = get_data_k_class_from_system(system)(system, grid=grid, dK=np.array([0.013, 0.021, 0.0]))
    k = h.reciprocal.T @ data.kpoints_all[:, :2].T
    weights = np.full(k.shape[1], 1 / (h.cell_area * k.shape[1]))
    return Both(h, data, band_geometry(h, k), weights)


@pytest.fixture(params=HAMILTONIANS.values(), ids=HAMILTONIANS)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Both:
    return load(request.param, tmp_path)


@pytest.fixture(params=[x for x in HAMILTONIANS if "dipoles" not in x])
def points(request: pytest.FixtureRequest, tmp_path: Path) -> Both:
    return load(HAMILTONIANS[request.param], tmp_path)


def deviation(computed: Floats, expected: Floats) -> float:
    return float(np.abs(computed - expected).max() / np.abs(expected).max())


# --- band by band


def test_energies_and_velocities(both: Both) -> None:
    energy = np.moveaxis(tabulate.Energy(print_comment=False)(both.data).data, 0, -1)
    assert deviation(both.geometry.energy, energy) < EXACT
    assert deviation(both.geometry.velocity, both.table(tabulate.Velocity, external=False)[:2]) < EXACT


def test_berry_curvature_position_matrices_included(both: Both) -> None:
    expected = both.table(tabulate.BerryCurvature, external=both.h.dipoles is not None)[2]
    scale = max(np.abs(expected).max(), np.abs(both.geometry.metric).max())  # zero where PT holds
    assert np.abs(both.geometry.berry_curvature - expected).max() < EXACT * scale


def test_metric_and_moment_of_point_orbitals(points: Both) -> None:
    metric = points.table(tabulate.Tabulator, external=False, Formula=covariant.QuantumMetric_ab)
    expected = np.array([metric[0, 0], metric[0, 1], metric[1, 1]])
    assert deviation(points.geometry.metric, expected) < EXACT
    moment = points.table(tabulate.OrbitalMoment, external=False)[2]
    scale = max(np.abs(moment).max(), MOMENT_UNIT * np.abs(points.geometry.metric).max())
    assert np.abs(MOMENT_UNIT * points.geometry.orbital_moment - moment).max() < CONSTANTS * scale


def test_wannier_space_metric_and_moment_from_their_matrices(both: Both) -> None:
    """G_ij = Re sum A_i^{nm} A_j^{mn}, Im <n_x|(H - e)|n_y> = Im sum A_x^{nm}(e_m - e_n) A_y^{mn}."""
    data, groups = both.data, both.geometry.groups.T
    a = 1j * data.D_H  # <m|i d|n>
    if both.h.dipoles is not None:
        a = a + data.Xbar("AA")
    apart = groups[:, :, None] != groups[:, None, :]
    a_x, a_y = (np.where(apart, a[..., i], 0.0) for i in (0, 1))
    gap = data.E_K[:, :, None] - data.E_K[:, None, :]  # e_m - e_n

    def trace(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Group mean of sum_m left_nm right_mn, (N, K)."""
        bands = np.einsum("knm,kmn->kn", left, right)
        same = ~apart
        return np.asarray(np.einsum("knm,km->nk", same, bands) / same.sum(axis=2).T)

    metric = np.array([trace(p, q).real for p, q in ((a_x, a_x), (a_x, a_y), (a_y, a_y))])
    assert deviation(both.geometry.metric, metric) < EXACT
    moment = trace(a_x, gap * a_y).imag
    scale = max(np.abs(moment).max(), np.abs(metric).max())
    assert np.abs(both.geometry.orbital_moment - moment).max() < EXACT * scale


# --- responses on the same mesh


def chemical_potentials(g: BandGeometry) -> Floats:
    """Between levels of the mesh, equidistant as WannierBerri's bins want."""
    return np.linspace(g.energy.min(), g.energy.max(), 14)[1:-1]


COLD = np.array([1e-4])
"""[K]: a step function between the levels of a mesh."""


def calculate(both: Both, calculator: Callable[..., Any], mu: Floats) -> Floats:
    made = calculator(Efermi=mu, kwargs_formula={"external_terms": False})
    return np.asarray(made(both.data).data)


def test_anomalous_hall_conductivity(both: Both) -> None:
    mu = chemical_potentials(both.geometry)
    formula = {"external_terms": both.h.dipoles is not None}
    made = static.AHC(Efermi=mu, kwargs_formula=formula, print_comment=False)
    sheet = made(both.data).data[:, 2] * HEIGHT * 1e-10  # S
    quantum = ELEMENTARY_CHARGE**2 / (2 * np.pi * PLANCK_REDUCED_J)
    sigma, _ = plain_sum(both.geometry, both.weights, HALL, mu, COLD)
    scale = max(np.abs(sigma).max(), 1e-3)  # zero where PT holds
    assert np.abs(sigma[0, :, 0] - sheet / quantum).max() < CONSTANTS * scale


def test_equilibrium_magnetization(points: Both) -> None:
    mu = chemical_potentials(points.geometry)
    per_cell = calculate(points, static.Morb, mu)[:, 2]
    computed = magnetization(points.geometry, points.weights, mu, COLD).total[0]
    scale = max(np.abs(computed).max(), 1e-3)
    assert np.abs(computed - 100 * per_cell / points.h.cell_area).max() < CONSTANTS * scale


TAU = 1e-12
GME_TO_CHI = -ELEMENTARY_CHARGE * TAU / PLANCK_REDUCED_J * HEIGHT * 1e-10 * 1e9
"""From K [A] to chi_ext [nm/ohm]: (e tau/hbar) K, e < 0, times the height of the cell."""


def test_kinetic_response_on_a_window(tmp_path: Path) -> None:
    """The Fermi-surface GME as WannierBerri bins it: an average over E_F +- dE.

    It weighs states off E_F by H + G - 2 E_F Omega, in our unit Im <n_x|(H - e)|n_y> - (e - E_F) Omega: the
    second part is taken from our own curvature.
    """
    both = load(random_hamiltonian(3, seed=77), tmp_path, mesh=24)
    g, mu = both.geometry, np.linspace(-1.0, 1.0, 6)
    step = mu[1] - mu[0]
    expected = calculate(both, static.GME_orb_FermiSurf, mu)[:, :2, 2] * GME_TO_CHI
    response = extrinsic(TAU)
    assert response.surface is not None

    def window(density: Floats, unit: float) -> Floats:
        inside = (g.energy > mu[:, None, None] - step) & (g.energy <= mu[:, None, None] + step)
        return np.asarray(np.einsum("mnk,cnk,k->mc", inside, density, both.weights) * unit / (2 * step))

    computed = window(response.surface(g), response.chi_unit)
    off_level = np.array([
        window(g.velocity * (g.energy - e) * g.berry_curvature, response.chi_unit)[i]
        for i, e in enumerate(mu)
    ])  # fmt: skip
    assert deviation(computed - off_level, expected) < CONSTANTS
    assert deviation(computed, expected) > 1e-3


def thermal(density: Floats, both: Both, mu: Floats, temperature: float, slope: bool) -> Floats:
    """int f0 or -f0' times a density (C, N, K), (M, C)."""
    weigh = fermi_slope if slope else fermi
    return np.array([
        (weigh(both.geometry.energy, m, temperature) * density * both.weights).sum(axis=(1, 2)) for m in mu
    ])  # fmt: skip


@pytest.mark.parametrize("name", ["haldane", "random-2", "random-5", "random-pairs"])  # PT forbids the rest
def test_kinetic_response_at_a_temperature(name: str, tmp_path: Path) -> None:
    """chi_ext and alpha_ext from WannierBerri's velocities and moments, in SI, against our integrand."""
    both = load(HAMILTONIANS[name], tmp_path)
    velocity = both.table(tabulate.Velocity, external=False)[:2]
    flux = velocity * both.table(tabulate.OrbitalMoment, external=False)[2] * BOHR_MAGNETON
    mu, kelvin = np.linspace(-1.0, 1.0, 5), 700.0
    chi, alpha = plain_sum(both.geometry, both.weights, extrinsic(TAU), mu, np.array([kelvin]))
    k_area = thermal(flux, both, mu, kelvin, slope=True) * 1e10  # A per m of height
    assert deviation(chi[0], k_area * GME_TO_CHI / (HEIGHT * 1e-10)) < CONSTANTS
    above = [(both.geometry.energy - m) * flux for m in mu]
    heat = np.concatenate([
        thermal(density, both, mu[[i]], kelvin, slope=True) for i, density in enumerate(above)
    ])  # fmt: skip
    # (tau/T) int (e - mu) (-f0') v m with v = d_i e/hbar: from A m^2/(angstrom K) to nA nm/K.
    assert deviation(alpha[0], heat * TAU / HBAR / kelvin * 1e28) < CONSTANTS


def test_kinetic_response_from_the_sea(tmp_path: Path) -> None:
    """-int f0 d_i m of WannierBerri's covariant derivative of the moment: our surface form by parts."""
    both = load(random_hamiltonian(2, seed=71), tmp_path, mesh=28)
    slope = both.table(tabulate.DerOrbitalMoment, external=False)[2, :2]  # d_i m_z
    mu, kelvin = np.linspace(-1.5, 1.5, 5), 3000.0
    unit = BOHR_MAGNETON * 1e10 * GME_TO_CHI / (HEIGHT * 1e-10)
    expected = thermal(slope, both, mu, kelvin, slope=False) * unit
    computed, _ = plain_sum(both.geometry, both.weights, extrinsic(TAU), mu, np.array([kelvin]))
    assert deviation(computed[0], expected) < 1e-6
