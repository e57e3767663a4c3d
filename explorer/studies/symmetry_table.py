"""Table I of one source: its operations, what they leave of each response, and the numbers beside it.

Operations and numbers share nothing: the operations are verified on H(k), the numbers are sums over a mesh.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from explorer.physics.progress import Progress
from explorer.physics.responses.catalogue import kinds, rows
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.row import ALPHA, POTENTIAL, Inputs, Row
from explorer.physics.responses.spin_edelstein import known_spin_edelstein
from explorer.physics.symmetry.allowed_components import ResponseKind
from explorer.physics.symmetry.atoms import StructureEvidence, structure_evidence
from explorer.physics.symmetry.report import SymmetryReport, symmetry_report
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc
from explorer.results.responses import inputs_of
from explorer.session.state import State, opened

SPIN_WORK = 2e6
"""Wave vectors times bands cubed that the spin responses may cost at once, about a tenth of a second..."""
SPIN_POINTS = 144
"""... and wave vectors that they get at least."""
VANISHED_SHARE = 1e-9
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
    return _operations(opened_key(state), kinds())


def opened_key(state: State) -> State:
    """The state with everything at rest that H(k) does not depend on."""
    return State(
        state.source,
        state.parameters,
        degeneracy_tolerance=state.degeneracy_tolerance,
        kramers_pairs=state.kramers_pairs,
    )


@lru_cache(maxsize=128)
def _operations(state: State, lines: tuple[ResponseKind, ...]) -> Operations:
    source = opened(state)
    model, h = source.model, source.hamiltonian
    if isinstance(model, WannierFile):
        report = symmetry_report(h, lines, ())
        structure = read_structure(model)
        return Operations(report, None if structure is None else structure_evidence(h, structure, lines))
    known = candidates(model) if model.symmetries.__func__ is not Model.symmetries else ()  # type: ignore[attr-defined]
    return Operations(symmetry_report(h, lines, known, model.spin()))


def amounts(
    m: MeshGeometry,
    mu: float,
    temperature: float,
    relaxation_time: float = 1.0,
    progress: Progress | None = None,
) -> Mapping[str, Amount]:
    """The first response of each line of Table I by the line's name, at mu [eV] and T [K], by sums over the mesh.

    The mesh contains what symmetry makes of each of its points, so what symmetry forbids cancels to rounding.
    relaxation_time [ps], a factor of the extrinsic ones. progress : as of `spin_geometry`, which takes longest.
    """
    inputs = inputs_of(m.source, relaxation_time)
    found: dict[str, Amount] = {}
    for kind in kinds():
        row = next(r for r in rows() if r.kind == kind)
        if not row.missing(inputs):
            g, weights = (m.corners, m.weights) if row.from_geometry else _fewer(m, inputs, progress)
            found[kind.name] = _summed(g, weights, row, inputs, mu, temperature)
    return found


def _summed(
    g: BandGeometry, weights: Floats, row: Row, inputs: Inputs, mu: float, temperature: float
) -> Amount:
    """A row on the points of a geometry, and what it would be if nothing cancelled."""
    integrand = row.integrand(inputs)
    sizes = (np.broadcast_to(s, (len(row.components), *s.shape)) for s in integrand.natural_sizes(g))
    sea, surface = sizes
    bound = replace(integrand, sea=lambda _: sea, surface=lambda _: surface)
    parts, largest = (
        _pieces(g, weights, i, row.coefficient, np.array([mu]), np.array([temperature]))
        for i in (integrand, bound)
    )
    value, size = row.factor * np.sum(parts, axis=0), abs(row.factor) * np.abs(largest).sum(axis=0)
    return Amount(value, np.full_like(size, size.max()), row.printed_unit)


def _pieces(
    g: BandGeometry, weights: Floats, integrand: Integrand, coefficient: str, mu: Floats, temperature: Floats
) -> list[Floats]:
    """Terms that add up to a coefficient, (C,) each, in the integrand's units."""
    if coefficient == POTENTIAL:
        unit = integrand.alpha_unit / K_B
        return [unit * p[0, 0] for p in potential_parts(g, weights, integrand, mu, temperature)]
    return [plain_sum(g, weights, integrand, mu, temperature)[coefficient == ALPHA][0, 0]]


_FEWER: WeakKeyDictionary[MeshGeometry, tuple[BandGeometry, Floats]] = WeakKeyDictionary()


def _fewer(m: MeshGeometry, inputs: Inputs, progress: Progress | None) -> tuple[BandGeometry, Floats]:
    """The mesh, or a coarser one within it where there are many bands, with what is known of its spins."""
    if m not in _FEWER:
        g, weights = m.corners, m.weights
        if not isinstance(m.zone, Disc):
            most = max(SPIN_POINTS, SPIN_WORK / g.values.shape[1] ** 3)
            divisors = (s for s in range(1, m.mesh + 1) if m.mesh % s == 0)
            step = next(s for s in divisors if (m.mesh // s) ** 2 <= most)
            index = np.arange(m.mesh**2).reshape(m.mesh, m.mesh)[::step, ::step].ravel()
            g = BandGeometry(g.k[:, index], np.ascontiguousarray(g.values[:, :, index]), g.groups[:, index])
            weights = np.full(index.size, weights.sum() / index.size)
        if inputs.spin is not None:
            known_spin_edelstein(inputs.hamiltonian, inputs.spin).prepare(g, progress)
        _FEWER[m] = (g, weights)
    return _FEWER[m]
