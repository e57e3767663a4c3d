r"""What a response is: one row of the catalogue.

Every response of the theory is a coefficient of a pair of densities (`Integrand`) and of the potential that both its
coefficients follow from (theory section 3),

$$\Phi=\int\frac{d^2k}{(2\pi)^2}\sum_n[g_0a_n-f_0b_n],\qquad \chi\propto-\partial_\mu\Phi,\quad
  \alpha\propto-\partial_T\Phi .$$

So a row names its densities and which of the three it is, and every consumer (integrators, command line, page, Table I,
checks, maps, files) can do the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.occupations import entropy, entropy_slope, fermi, fermi_slope, grand_potential
from explorer.physics.responses.integrand import Integrand
from explorer.physics.symmetry.allowed_components import ResponseKind
from explorer.physics.units import K_B

CHI, ALPHA, POTENTIAL = "chi", "alpha", "potential"
"""The coefficients: -dPhi/dmu, which answers fields; -dPhi/dT, which answers -grad T; and Phi itself."""
SPIN, TAU, POINTS = "spin", "tau", "points"
"""What a row may need beyond H(k): spin matrices on the orbitals, a relaxation time, orbitals that are points."""
PICOSECOND = 1e-12
"""[s]"""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What densities may need of a source beside the geometry of its bands.

    spin : (3, N, N) Pauli matrices on the orbitals of `hamiltonian`, None where these carry none.
    relaxation_time : tau [ps].
    """

    hamiltonian: Hamiltonian
    spin: Complexes | None = None
    relaxation_time: float = 1.0


@dataclass(frozen=True)
class Row:
    """One response.

    name : on the command line, in JSON, in files and in Python.
    label, latex : symbol in text (`x^y` and `x_y` raise and lower) and in LaTeX.
    title : what it is, in words.
    unit : of its values, in ASCII.
    components : names of its C components. kind : how they transform, the line of Table I that it belongs to.
    integrand : its densities for a source, the same object at each call for the same inputs where it can be.
    coefficient : CHI, ALPHA or POTENTIAL of these densities.
    factor : of the coefficient, whose own unit is that of `Integrand` (a potential's: `alpha_unit` over k_B).
    equation : number in the theory (assets/theory), "(4.2)", or its section, "section 4".
    needs : SPIN, TAU, POINTS or nothing.
    checks : names of the checks in `explorer.validation` that judge it, the sharpest first.
    from_geometry : whether its densities are functions of the rows of a `BandGeometry` alone, so that operations of
        the crystal give those at the image of a wave vector, and bands may be left out.
    """

    name: str
    label: str
    latex: str
    title: str
    unit: str
    components: tuple[str, ...]
    kind: ResponseKind
    integrand: Callable[[Inputs], Integrand]
    coefficient: str
    equation: str
    checks: tuple[str, ...]
    needs: tuple[str, ...] = ()
    factor: float = 1.0
    from_geometry: bool = True

    @property
    def printed_unit(self) -> str:
        """The unit as it is printed: nm/Ω, μ_B/nm², e²/h."""
        text = (
            self.unit.replace("ohm", "Ω").replace("mu_B", "μ_B").replace("angstrom", "Å").replace("uA", "μA")
        )
        return text.replace("nm2", "nm²").replace("e2/", "e²/").replace("V2", "V²")

    @property
    def plain_label(self) -> str:
        """The symbol in ASCII: chi, sigma_xy."""
        return self.latex.replace("\\", "").replace("{", "").replace("}", "")

    @property
    def unit_in_names(self) -> str:
        """The unit as column names carry it: nm_per_ohm, muB_per_nm2_per_V_per_m."""
        return (
            self.unit.replace("mu_B", "muB").replace("/", "_per_").replace(" per ", "_per_").replace(" ", "_")
        )

    def missing(self, inputs: Inputs) -> str:
        """What a source lacks for this response, in words; "" where it can be computed."""
        if SPIN in self.needs and inputs.spin is None:
            return "the orbitals of this source carry no spin matrices"
        if POINTS in self.needs and not inputs.hamiltonian.point_orbitals:
            return "this source has position matrices, with which the response is not known"
        return ""

    def description(self) -> dict[str, Any]:
        """The row in plain values; the two signs are those of the coefficient under inversion and time reversal."""
        return {
            "name": self.name,
            "title": self.title,
            "label": self.label,
            "latex": self.latex,
            "unit": self.unit,
            "components": self.components,
            "equation": self.equation,
            "kind": self.kind.name,
            "inversion": -1 if self.kind.inversion_odd else 1,
            "time_reversal": -1 if self.kind.time_odd else 1,
            "symmetry": self.kind.needs,
            "needs": self.needs,
            "checks": self.checks,
        }

    def at_each_k(self, g: BandGeometry, inputs: Inputs, mu: float, temperature: float) -> Floats:
        r"""What each band contributes at each wave vector, (C, N, K) in `unit` times angstrom^2.

        The response is $\int\frac{d^2k}{(2\pi)^2}\sum_n$ of it, at mu [eV] and T [K].
        """
        integrand = self.integrand(inputs)
        sea, surface = integrand.densities(g)
        at = g.energy, mu, temperature
        if self.coefficient == CHI:
            unit, found = integrand.chi_unit, fermi(*at) * sea + fermi_slope(*at) * surface
        elif self.coefficient == ALPHA:
            unit, found = integrand.alpha_unit, entropy(*at) * sea + entropy_slope(*at) * surface
        else:
            unit, found = integrand.alpha_unit / K_B, grand_potential(*at) * sea - fermi(*at) * surface
        return np.asarray(self.factor * unit * found)
