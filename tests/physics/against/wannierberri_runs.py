"""The same Hamiltonian on the same wave vectors in WannierBerri and here.

Lattice models go through a _tb.dat written here, k.p and plane-wave models as the callables of its `SystemKP`.

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
import wannierberri
from wannierberri.calculators import static, tabulate
from wannierberri.data_K import get_data_k_class_from_system
from wannierberri.formula import covariant

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian, PolynomialHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.occupations import fermi, fermi_slope
from explorer.physics.units import ELEMENTARY_CHARGE, PLANCK_REDUCED_J

HEIGHT = 20.0
"""Third lattice vector [angstrom]."""
SHIFT = np.array([0.013, 0.021, 0.0])
"""Of the mesh, off symmetry, in reciprocal vectors."""
TAU = 1e-12
GME_TO_CHI = -ELEMENTARY_CHARGE * TAU / PLANCK_REDUCED_J * HEIGHT * 1e-10 * 1e9
"""From K [A] to chi_ext [nm/ohm]: (e tau/hbar) K, e < 0, times the height of the cell."""


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


def _through_a_file(h: LatticeHamiltonian, folder: Path) -> Any:
    path = folder / "model_tb.dat"
    write_tb(h, path)
    return wannierberri.System_R.from_tb_file(str(path), berry=True)


def _through_callables(h: PolynomialHamiltonian) -> Any:
    """SystemKP on the plane-wave model's zone, or on the square inscribed in the disc of a valley."""
    powers = [tuple(int(p) for p in row) for row in h.powers]

    def derivative(k: Floats, along: tuple[int, ...]) -> Complexes:
        """d/dk_a d/dk_b ... of sum k_x^p k_y^q M, term by term; zero along z."""
        x, y = np.asarray(h.nearest_image(np.asarray(k, float)[:2, None]))[:, 0]
        total = np.zeros(h.matrices.shape[1:], complex)
        for (p, q), matrix in zip(powers, h.matrices, strict=True):
            factor, left = 1.0, [p, q]
            for axis in along:
                if axis == 2:
                    return np.zeros_like(total)
                factor *= left[axis]
                left[axis] = max(left[axis] - 1, 0)
            total += factor * x ** left[0] * y ** left[1] * matrix
        return total

    def tensor(order: int) -> Callable[[Floats], Complexes]:
        def at(k: Floats) -> Complexes:
            shape = (3,) * order
            parts = [derivative(k, along) for along in np.ndindex(*shape)]
            return np.moveaxis(np.array(parts).reshape(*shape, h.size, h.size), (-2, -1), (0, 1))

        return at

    side = h.reciprocal if h.cell is not None else np.sqrt(2.0) * h.cutoff * np.eye(2)
    lattice = np.zeros((3, 3))
    lattice[:2, :2], lattice[2, 2] = side, 2 * np.pi / HEIGHT
    return wannierberri.system.SystemKP(
        Ham=tensor(0),
        derHam=tensor(1),
        der2Ham=tensor(2),
        der3Ham=tensor(3),
        kmax=None,
        recip_lattice=lattice,
        finite_diff_dk=1.0,  # not used, but its stencil is looked for, and not found where it is tiny
    )


@dataclass(frozen=True)
class Both:
    """One Hamiltonian on one shifted mesh, in both codes."""

    h: Hamiltonian
    data: Any
    geometry: BandGeometry
    weights: Floats

    @property
    def dipoles(self) -> bool:
        """Whether there are position matrices."""
        return isinstance(self.h, LatticeHamiltonian) and self.h.dipoles is not None

    @property
    def cell_area(self) -> float:
        """[angstrom^2]; of the box for a valley."""
        return float(self.data.system.cell_volume / HEIGHT)

    @property
    def groups(self) -> dict[str, Any]:
        """Which levels are one, as WannierBerri's calculators take it."""
        return {"degen_thresh": self.h.degeneracy_tolerance, "degen_Kramers": self.h.kramers_pairs}

    def table(self, calculator: Callable[..., Any], *, external: bool, **rest: Any) -> Floats:
        """A tabulated quantity as (..., N, K), Cartesian components first."""
        made = calculator(
            kwargs_formula={"external_terms": external}, print_comment=False, **self.groups, **rest
        )
        return np.moveaxis(made(self.data).data, (0, 1), (-1, -2))

    def integral(self, calculator: Callable[..., Any], mu: Floats, *, external: bool = False) -> Floats:
        """A static calculator at equidistant Fermi levels mu, (M, ...)."""
        made = calculator(Efermi=mu, kwargs_formula={"external_terms": external}, **self.groups)
        return np.asarray(made(self.data).data)

    def metric(self) -> Floats:
        """G_xx, G_xy, G_yy, (3, N, K) [angstrom^2], internal terms."""
        found = self.table(tabulate.Tabulator, external=False, Formula=covariant.QuantumMetric_ab)
        return np.array([found[0, 0], found[0, 1], found[1, 1]])

    def moment(self) -> Floats:
        """Orbital moment, (N, K) [mu_B], internal terms."""
        return self.table(tabulate.OrbitalMoment, external=False)[2]

    def wannier_space(self) -> tuple[Floats, Floats]:
        """Metric (3, N, K) and Im <n_x|(H - e)|n_y> (N, K) from WannierBerri's D and A matrices, per band of a group.

        G_ij = Re sum A_i^{nm} A_j^{mn}, Im <n_x|(H - e)|n_y> = Im sum A_x^{nm}(e_m - e_n) A_y^{mn}.
        """
        data, groups = self.data, self.geometry.groups.T
        a = 1j * data.D_H  # <m|i d|n>
        if self.dipoles:
            a = a + data.Xbar("AA")
        apart = groups[:, :, None] != groups[:, None, :]
        a_x, a_y = (np.where(apart, a[..., i], 0.0) for i in (0, 1))
        gap = data.E_K[:, :, None] - data.E_K[:, None, :]  # e_m - e_n

        def trace(left: Complexes, right: Complexes) -> Complexes:
            """Group mean of sum_m left_nm right_mn, (N, K)."""
            bands = np.einsum("knm,kmn->kn", left, right)
            return np.asarray(np.einsum("knm,km->nk", ~apart, bands) / (~apart).sum(axis=2).T)

        metric = np.array([trace(p, q).real for p, q in ((a_x, a_x), (a_x, a_y), (a_y, a_y))])
        return metric, trace(a_x, gap * a_y).imag

    def hall(self, mu: Floats, *, external: bool) -> Floats:
        """sigma_xy of the sheet, (M,) [S]."""
        return self.integral(static.AHC, mu, external=external)[:, 2] * HEIGHT * 1e-10

    def magnetization(self, mu: Floats) -> Floats:
        """Equilibrium magnetization at T = 0, (M,) [mu_B/nm^2]."""
        return self.integral(static.Morb, mu)[:, 2] * 100 / self.cell_area


def load(h: Hamiltonian, folder: Path, mesh: int = 12) -> Both:
    """Both codes on mesh x mesh points shifted off symmetry."""
    system = _through_a_file(h, folder) if isinstance(h, LatticeHamiltonian) else _through_callables(h)
    grid = wannierberri.Grid(system=system, NK=1, NKFFT=(mesh, mesh, 1))
    data = get_data_k_class_from_system(system)(system, grid=grid, dK=SHIFT)
    fraction = data.kpoints_all
    if isinstance(h, PolynomialHamiltonian):
        fraction = (fraction + 0.5) % 1 - 0.5  # the box of `SystemKP`
    k = (fraction @ system.recip_lattice)[:, :2].T
    area = float(system.cell_volume / HEIGHT)
    return Both(h, data, band_geometry(h, k), np.full(k.shape[1], 1 / (area * k.shape[1])))


def deviation(computed: Floats, expected: Floats) -> float:
    """Largest difference over the largest expected value."""
    return float(np.abs(computed - expected).max() / np.abs(expected).max())


def levels_between(g: BandGeometry, count: int = 12) -> Floats:
    """Chemical potentials between levels of the mesh, equidistant as WannierBerri's bins want."""
    return np.linspace(g.energy.min(), g.energy.max(), count + 2)[1:-1]


def thermal(density: Floats, both: Both, mu: Floats, temperature: float, slope: bool) -> Floats:
    """int f0 or -f0' times a density (C, N, K), (M, C)."""
    weigh = fermi_slope if slope else fermi
    return np.array(
        [(weigh(both.geometry.energy, m, temperature) * density * both.weights).sum(axis=(1, 2)) for m in mu]
    )
