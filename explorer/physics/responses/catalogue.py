"""Every response, one row each: what the command line, Python, the page, Table I, the checks and files read.

A new response is a file of densities beside this one and a row here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.equilibrium_moment import STREDA
from explorer.physics.responses.extrinsic import extrinsic
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.responses.kubo import KUBO, static
from explorer.physics.responses.nonlinear import berry_dipole, nonlinear_hall
from explorer.physics.responses.row import ALPHA, CHI, PICOSECOND, POINTS, POTENTIAL, SPIN, TAU, Inputs, Row
from explorer.physics.responses.spin_edelstein import COMPONENTS, SpinEdelstein, known_spin_edelstein
from explorer.physics.symmetry.allowed_components import ResponseKind

SEA_SURFACE, MOTT, FILLED = "sea = surface form", "Mott (12)", "all bands filled"
FORBIDDEN, OCCUPATIONS, KUBO_TENSOR = "forbidden by symmetry", "occupations", "Kubo at finite q (6.6)"
"""Names of the checks of `explorer.validation`."""

_EDELSTEIN = tuple(f"s_{i} E_{j}" for i in "xyz" for j in "xy")

INTRINSIC_KIND = ResponseKind(
    "intrinsic", ("x", "y"), "δM_z of E or ∇T, independent of τ", axial_z=True, polar=1
)
EXTRINSIC_KIND = replace(
    INTRINSIC_KIND, name="extrinsic", meaning="δM_z of E or ∇T, proportional to τ", time_odd=False
)
MAGNETIZATION_KIND = ResponseKind("equilibrium magnetization", ("z",), "M_z without any field", axial_z=True)
HALL_KIND = ResponseKind("anomalous Hall and Nernst", ("xy",), "σ_xy without a magnetic field", axial_z=True)
SPIN_KIND = ResponseKind("equilibrium spin", ("x", "y", "z"), "spin moment without any field", spin=True)
SPIN_INTRINSIC_KIND = ResponseKind(
    "spin, intrinsic", _EDELSTEIN, "spin moment of E, independent of τ", spin=True, polar=1
)
SPIN_EXTRINSIC_KIND = replace(
    SPIN_INTRINSIC_KIND, name="spin, extrinsic", meaning="spin moment of E, proportional to τ", time_odd=False
)
NONLINEAR_KIND = ResponseKind(
    "nonlinear Hall", ("xyx", "xyy"), "j of E², independent of τ", axial_z=True, polar=1
)
DIPOLE_KIND = ResponseKind(
    "Berry dipole", ("x", "y"), "j of E², proportional to τ", axial_z=True, polar=1, time_odd=False
)


def _of_moments(inputs: Inputs) -> Integrand:
    return extrinsic(inputs.relaxation_time * PICOSECOND)


def _spins(inputs: Inputs) -> SpinEdelstein:
    if inputs.spin is None:
        raise ValueError("the orbitals of this source carry no spin matrices")
    return known_spin_edelstein(inputs.hamiltonian, inputs.spin)


def _of_shifted_spins(inputs: Inputs) -> Integrand:
    one, tau = _spins(inputs).extrinsic, inputs.relaxation_time
    return replace(one, chi_unit=tau * one.chi_unit, alpha_unit=tau * one.alpha_unit)


_VECTOR = ("x", "y")
_SPIN_CHI, _SPIN_ALPHA = "mu_B/nm2 per V/m", "mu_B/nm2 per K/m"

CATALOGUE: tuple[Row, ...] = (
    Row(
        name="chi",
        label="χ",
        latex=r"\chi",
        title="orbital magnetization of an electric field, intrinsic",
        unit="nm/ohm",
        components=_VECTOR,
        kind=INTRINSIC_KIND,
        integrand=lambda _: INTRINSIC,
        coefficient=CHI,
        equation="(8)",
        checks=(SEA_SURFACE, FILLED, FORBIDDEN),
    ),
    Row(
        name="alpha",
        label="α",
        latex=r"\alpha",
        title="orbital magnetization of a negative temperature gradient, intrinsic",
        unit="nA nm/K",
        components=_VECTOR,
        kind=INTRINSIC_KIND,
        integrand=lambda _: INTRINSIC,
        coefficient=ALPHA,
        equation="(9)",
        checks=(MOTT,),
    ),
    Row(
        name="potential",
        label="Φ",
        latex=r"\Phi",
        title="thermodynamic potential whose slopes are chi and alpha",
        unit="nA nm",
        components=_VECTOR,
        kind=INTRINSIC_KIND,
        integrand=lambda _: INTRINSIC,
        coefficient=POTENTIAL,
        equation="(3.1)",
        checks=(OCCUPATIONS,),
    ),
    Row(
        name="chi_kubo",
        label="χ^K",
        latex=r"\chi^K",
        title="chi by another multipole convention of the same Kubo response: its second term with 2/3",
        unit="nm/ohm",
        components=_VECTOR,
        kind=INTRINSIC_KIND,
        integrand=lambda _: KUBO,
        coefficient=CHI,
        equation="(6.3)",
        checks=(KUBO_TENSOR, FILLED),
    ),
    Row(
        name="alpha_kubo",
        label="α^K",
        latex=r"\alpha^K",
        title="alpha with the weights of chi_kubo, by the Mott relation",
        unit="nA nm/K",
        components=_VECTOR,
        kind=INTRINSIC_KIND,
        integrand=lambda _: KUBO,
        coefficient=ALPHA,
        equation="(6.3)",
        checks=(KUBO_TENSOR,),
    ),
    Row(
        name="chi_static",
        label="χ^st",
        latex=r"\chi^{st}",
        title="orbital magnetization that a static potential induces in equilibrium",
        unit="nm/ohm",
        components=_VECTOR,
        kind=INTRINSIC_KIND,
        integrand=lambda inputs: static(inputs.hamiltonian),
        coefficient=CHI,
        equation="(6.4)",
        checks=(FILLED,),
        needs=(POINTS,),
        from_geometry=False,
    ),
    Row(
        name="chi_extrinsic",
        label="χ^ext",
        latex=r"\chi^{ext}",
        title="orbital magnetization of an electric field, proportional to tau",
        unit="nm/ohm",
        components=_VECTOR,
        kind=EXTRINSIC_KIND,
        integrand=_of_moments,
        coefficient=CHI,
        equation="(4.6)",
        checks=(FORBIDDEN,),
        needs=(TAU,),
    ),
    Row(
        name="alpha_extrinsic",
        label="α^ext",
        latex=r"\alpha^{ext}",
        title="orbital magnetization of a negative temperature gradient, proportional to tau",
        unit="nA nm/K",
        components=_VECTOR,
        kind=EXTRINSIC_KIND,
        integrand=_of_moments,
        coefficient=ALPHA,
        equation="(4.6)",
        checks=(FORBIDDEN,),
        needs=(TAU,),
    ),
    Row(
        name="magnetization",
        label="M",
        latex="M",
        title="equilibrium orbital magnetization per area",
        unit="mu_B/nm2",
        components=("z",),
        kind=MAGNETIZATION_KIND,
        integrand=lambda _: STREDA,
        coefficient=POTENTIAL,
        factor=-1.0,
        equation="(4.2)",
        checks=(OCCUPATIONS, FORBIDDEN),
    ),
    Row(
        name="hall",
        label="σ",
        latex=r"\sigma_{xy}",
        title="anomalous Hall conductivity",
        unit="e2/h",
        components=("xy",),
        kind=HALL_KIND,
        integrand=lambda _: HALL,
        coefficient=CHI,
        equation="(4.3)",
        checks=(FILLED, FORBIDDEN),
    ),
    Row(
        name="nernst",
        label="α^A",
        latex=r"\alpha^A_{xy}",
        title="anomalous Nernst coefficient, j_x of -dT/dy",
        unit="nA/K",
        components=("xy",),
        kind=HALL_KIND,
        integrand=lambda _: HALL,
        coefficient=ALPHA,
        equation="(4.4)",
        checks=(FORBIDDEN,),
    ),
    Row(
        name="spin_equilibrium",
        label="⟨s⟩",
        latex=r"\langle s\rangle",
        title="equilibrium spin moment per area",
        unit="mu_B/nm2",
        components=("x", "y", "z"),
        kind=SPIN_KIND,
        integrand=lambda inputs: _spins(inputs).equilibrium,
        coefficient=CHI,
        equation="(4.9)",
        checks=(FORBIDDEN,),
        needs=(SPIN,),
        from_geometry=False,
    ),
    Row(
        name="spin",
        label="χ^s",
        latex=r"\chi^s",
        title="spin moment (first index) of an electric field (second), intrinsic",
        unit=_SPIN_CHI,
        components=COMPONENTS,
        kind=SPIN_INTRINSIC_KIND,
        integrand=lambda inputs: _spins(inputs).intrinsic,
        coefficient=CHI,
        equation="(4.8)",
        checks=(FORBIDDEN,),
        needs=(SPIN,),
        from_geometry=False,
    ),
    Row(
        name="alpha_spin",
        label="α^s",
        latex=r"\alpha^s",
        title="spin moment of a negative temperature gradient, intrinsic",
        unit=_SPIN_ALPHA,
        components=COMPONENTS,
        kind=SPIN_INTRINSIC_KIND,
        integrand=lambda inputs: _spins(inputs).intrinsic,
        coefficient=ALPHA,
        equation="(4.8)",
        checks=(FORBIDDEN,),
        needs=(SPIN,),
        from_geometry=False,
    ),
    Row(
        name="spin_extrinsic",
        label="χ^s,ext",
        latex=r"\chi^{s,ext}",
        title="spin moment (first index) of an electric field (second), proportional to tau",
        unit=_SPIN_CHI,
        components=COMPONENTS,
        kind=SPIN_EXTRINSIC_KIND,
        integrand=_of_shifted_spins,
        coefficient=CHI,
        equation="(4.8)",
        checks=(FORBIDDEN,),
        needs=(SPIN, TAU),
        from_geometry=False,
    ),
    Row(
        name="alpha_spin_extrinsic",
        label="α^s,ext",
        latex=r"\alpha^{s,ext}",
        title="spin moment of a negative temperature gradient, proportional to tau",
        unit=_SPIN_ALPHA,
        components=COMPONENTS,
        kind=SPIN_EXTRINSIC_KIND,
        integrand=_of_shifted_spins,
        coefficient=ALPHA,
        equation="(4.8)",
        checks=(FORBIDDEN,),
        needs=(SPIN, TAU),
        from_geometry=False,
    ),
    Row(
        name="nonlinear_hall",
        label="χ^NLH",
        latex=r"\chi^{NLH}",
        title="intrinsic nonlinear Hall current j_x of E_x E_y and of E_y squared",
        unit="uA nm/V2",
        components=("xyx", "xyy"),
        kind=NONLINEAR_KIND,
        integrand=lambda inputs: nonlinear_hall(inputs.hamiltonian),
        coefficient=CHI,
        equation="section 7",
        checks=(FORBIDDEN,),
        from_geometry=False,
    ),
    Row(
        name="berry_dipole",
        label="D",
        latex="D",
        title="dipole of the Berry curvature",
        unit="angstrom",
        components=_VECTOR,
        kind=DIPOLE_KIND,
        integrand=lambda inputs: berry_dipole(inputs.hamiltonian),
        coefficient=CHI,
        equation="section 7",
        checks=(FORBIDDEN,),
        from_geometry=False,
    ),
)
"""In the order in which they are listed."""

ALL = "all"
"""The name that stands for every response a source can have."""


def rows() -> tuple[Row, ...]:
    """Every row; consumers ask here, when they need them."""
    return CATALOGUE


def row(name: str) -> Row:
    """The row of a name; ValueError that lists the names there are."""
    known = {r.name: r for r in rows()}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"no response {name}{hint} (responses: {', '.join(known)}; or {ALL})")
    return known[name]


def kinds() -> tuple[ResponseKind, ...]:
    """Lines of Table I, each once, in the order of the rows."""
    return tuple(dict.fromkeys(r.kind for r in rows()))


def judged_by(check: str) -> tuple[Row, ...]:
    """Rows that a check of `explorer.validation` judges."""
    return tuple(r for r in rows() if check in r.checks)


def available(inputs: Inputs) -> tuple[tuple[Row, ...], tuple[tuple[Row, str], ...]]:
    """Rows that a source can have, and the others with what it lacks for them."""
    lacking = [(r, r.missing(inputs)) for r in rows()]
    return tuple(r for r, why in lacking if not why), tuple((r, why) for r, why in lacking if why)


def selected(names: Iterable[str]) -> tuple[Row, ...]:
    """Rows by name, each once, in the order asked for; "all" for all of them. ValueError for an unknown name."""
    found: dict[str, Row] = {}
    for name in names:
        found |= {r.name: r for r in (rows() if name == ALL else (row(name),))}
    return tuple(found.values())
