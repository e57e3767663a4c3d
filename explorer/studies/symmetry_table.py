"""Table I of one source: its operations, what they leave of each response, and the numbers beside it.

Operations and numbers share nothing: the operations are verified on H(k), the numbers are sums over a mesh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from explorer.meshes.mesh import MeshGeometry
from explorer.models.files.wannier90.beside.crystal import read_structure
from explorer.models.files.wannier90.model import WannierFile
from explorer.models.kit.arrays import Floats
from explorer.models.kit.model import Model
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.potential import potential_parts
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.equilibrium_moment import DENSITY_UNIT, STREDA
from explorer.physics.responses.extrinsic import extrinsic
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.responses.spin_edelstein import COMPONENTS, SPIN_CHI_UNIT, SpinGeometry, spin_geometry
from explorer.physics.symmetry.atoms import StructureEvidence, structure_evidence
from explorer.physics.symmetry.report import SymmetryReport, symmetry_report
from explorer.physics.units import HBAR
from explorer.physics.zone.domain import Disc
from explorer.session.state import State, opened

PICOSECOND = 1e-12
SPIN_WORK = 2e6
"""Wave vectors times bands cubed that the spin responses may cost at once, about a tenth of a second..."""
SPIN_POINTS = 144
"""... and wave vectors that they get at least."""
ROUNDING = 1e-9
"""Share of the sum of moduli below which a response has vanished."""


@dataclass(frozen=True, eq=False)
class Operations:
    """What is known of a source's symmetry at its present parameters.

    report : every operation tried, with its residual, and what those that hold leave of each response.
    structure : for a Wannier file, what its atoms say; None where nothing is known of them.
    """

    report: SymmetryReport
    structure: StructureEvidence | None = None

    @property
    def declared(self) -> bool:
        """Whether the operations were verified with their matrices on the orbitals."""
        return bool(self.report.checks)


@dataclass(frozen=True, eq=False)
class Amount:
    """Components of one response (C,), its unit, and the sum of the moduli, the largest of them, (C,)."""

    value: Floats
    size: Floats
    unit: str

    @property
    def share(self) -> Floats:
        """|value| over the sum of moduli: 0 for what symmetry forbids, up to rounding."""
        return np.abs(self.value) / np.where(self.size > 0, self.size, 1.0)


def candidates(model: Model) -> tuple[Symmetry, ...]:
    """Operations worth testing: those of the present parameters, the defaults and the presets, each once.

    What holds somewhere in the model is tried everywhere, so that a broken operation shows by how much.
    """
    size = model.hamiltonian().size
    others = [type(model)(**values) for values in ({}, *model.presets.values())]
    found: dict[tuple[object, ...], Symmetry] = {}
    for instance in (model, *others):
        for s in instance.symmetries():
            key = (s.name, s.antiunitary, *np.round(s.rotation, 6).ravel())
            if s.matrix.shape == (size, size):
                found.setdefault(key, s)
    return tuple(found.values())


def operations(state: State) -> Operations:
    """Operations at a state's parameters; mu, T and fields play no part."""
    return _operations(opened_key(state))


def opened_key(state: State) -> State:
    """The state with everything at rest that H(k) does not depend on."""
    return State(
        state.source,
        state.parameters,
        degeneracy_tolerance=state.degeneracy_tolerance,
        kramers_pairs=state.kramers_pairs,
    )


@lru_cache(maxsize=128)
def _operations(state: State) -> Operations:
    source = opened(state)
    model, h = source.model, source.hamiltonian
    if isinstance(model, WannierFile):
        report = symmetry_report(h, ())
        structure = read_structure(model)
        return Operations(report, None if structure is None else structure_evidence(h, structure))
    known = candidates(model) if model.symmetries.__func__ is not Model.symmetries else ()  # type: ignore[attr-defined]
    return Operations(symmetry_report(h, known, model.spin()))


def amounts(
    m: MeshGeometry,
    mu: float,
    temperature: float,
    relaxation_time: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> Mapping[str, Amount]:
    """Every response of `tensor_symmetry` by its name there, at mu [eV] and T [K], by plain sums of the mesh.

    The mesh contains what symmetry makes of each of its points, so what symmetry forbids cancels to rounding.
    relaxation_time [ps], a factor of the extrinsic ones. progress : as of `spin_geometry`, which takes longest.
    """
    g, weights = m.corners, m.weights

    at, tau = (mu, temperature), relaxation_time * PICOSECOND
    found = {
        "intrinsic": _summed(g, weights, INTRINSIC, *at, unit="nm/Ω"),
        "extrinsic": _summed(g, weights, extrinsic(tau), *at, unit="nm/Ω", modulus=_flux_bound),
        "equilibrium magnetization": _magnetization(g, weights, *at),
        "anomalous Hall and Nernst": _summed(g, weights, HALL, *at, unit="e²/h", modulus=_curvature_bound),
    }
    spins = _spins(m, progress)
    if spins is not None:
        g, weights, s = spins
        scale, unit = tau / HBAR, "μ_B/nm² per V/m"
        expected = Integrand("spin", ("x", "y", "z"), lambda _: s.expectation, None, -100.0, 1.0, "", "")
        inner = Integrand("spin", COMPONENTS, lambda _: s.interband, None, SPIN_CHI_UNIT, 1.0, "", "")
        outer = Integrand("spin", COMPONENTS, None, lambda _: s.flux, scale * SPIN_CHI_UNIT, 1.0, "", "")
        found |= {
            "equilibrium spin": _summed(g, weights, expected, *at, unit="μ_B/nm²", modulus=_one_bound),
            "spin, intrinsic": _summed(g, weights, inner, *at, unit=unit, modulus=_mixing_bound),
            "spin, extrinsic": _summed(g, weights, outer, *at, unit=unit, modulus=_speed_bound),
        }
    return found


Moduli = Callable[[BandGeometry], tuple[Floats | None, Floats | None]]
"""Bounds of |a| and |b|, (C, N, K) or None for nothing, where the densities may vanish at each k."""


def _summed(
    g: BandGeometry,
    weights: Floats,
    integrand: Integrand,
    mu: float,
    temperature: float,
    *,
    unit: str,
    modulus: Moduli | None = None,
) -> Amount:
    at, kelvin = np.array([mu]), np.array([temperature])
    value = plain_sum(g, weights, integrand, at, kelvin)[0][0, 0]
    sea, surface = (np.abs(d) for d in integrand.densities(g)) if modulus is None else modulus(g)
    bound = replace(integrand, sea=_constant(sea), surface=_constant(surface))
    size = np.abs(plain_sum(g, weights, bound, at, kelvin)[0][0, 0])
    return Amount(value, np.full_like(size, size.max()), unit)


def _stretch(g: BandGeometry) -> Floats:
    """Trace of the metric, (N, K) [angstrom^2]: no curvature of a band is larger."""
    xx, _, yy = g.metric
    return np.asarray(xx + yy)


def _curvature_bound(g: BandGeometry) -> tuple[Floats, None]:
    return _stretch(g)[None], None


def _flux_bound(g: BandGeometry) -> tuple[None, Floats]:
    """|v_i| times the band width times the trace of the metric, which no moment exceeds."""
    return None, np.abs(g.velocity) * (np.ptp(g.energy) * _stretch(g))


def _one_bound(g: BandGeometry) -> tuple[Floats, None]:
    return np.ones((3, *g.energy.shape)), None


def _mixing_bound(g: BandGeometry) -> tuple[Floats, None]:
    """sqrt(tr g) over the band width: of the order of a spin's mixing by a field, and never nothing."""
    return np.repeat(2 * np.sqrt(_stretch(g))[None] / np.ptp(g.energy), 6, axis=0), None


def _speed_bound(g: BandGeometry) -> tuple[None, Floats]:
    return None, np.repeat(np.abs(g.velocity)[None], 3, axis=0).reshape(6, *g.energy.shape)


def _constant(values: Floats | None) -> Callable[[BandGeometry], Floats] | None:
    return None if values is None else lambda _: values


def _magnetization(g: BandGeometry, weights: Floats, mu: float, temperature: float) -> Amount:
    at, kelvin = np.array([mu]), np.array([temperature])
    value = potential_parts(g, weights, STREDA, at, kelvin)
    metric = _stretch(g)[None]
    bound = replace(STREDA, sea=_constant(metric), surface=_constant(np.ptp(g.energy) * metric))
    size = potential_parts(g, weights, bound, at, kelvin)
    total, largest = sum(p[0, 0] for p in value), sum(np.abs(p[0, 0]) for p in size)
    return Amount(-DENSITY_UNIT * total, DENSITY_UNIT * largest, "μ_B/nm²")


_KNOWN_SPINS: WeakKeyDictionary[MeshGeometry, tuple[BandGeometry, Floats, SpinGeometry]] = WeakKeyDictionary()


def _spins(
    m: MeshGeometry, progress: Callable[[float], None] | None
) -> tuple[BandGeometry, Floats, SpinGeometry] | None:
    """Spin of the bands on the mesh, or on a coarser one within it where there are many bands."""
    spin = m.source.model.spin()
    if spin is None:
        return None
    if m not in _KNOWN_SPINS:
        g, weights = m.corners, m.weights
        if not isinstance(m.zone, Disc):
            most = max(SPIN_POINTS, SPIN_WORK / g.values.shape[1] ** 3)
            divisors = (s for s in range(1, m.mesh + 1) if m.mesh % s == 0)
            step = next(s for s in divisors if (m.mesh // s) ** 2 <= most)
            index = np.arange(m.mesh**2).reshape(m.mesh, m.mesh)[::step, ::step].ravel()
            g = BandGeometry(g.k[:, index], np.ascontiguousarray(g.values[:, :, index]), g.groups[:, index])
            weights = np.full(index.size, weights.sum() / index.size)
        _KNOWN_SPINS[m] = (g, weights, spin_geometry(m.source.hamiltonian, spin, g.k, progress))
    return _KNOWN_SPINS[m]
