"""Any response over mu at one temperature with its error bars, for the tabs.

A mesh's curve knows nothing of chi(mu) at the scale of k_B T once that is finer than the mesh resolves: at low
temperature its alpha is noise, and looks like any other curve. So what is drawn at rest comes from adaptive quadrature;
of large matrices from the mesh at hand on energies that resolve k_B T, with what every other of its points makes of it
as error. Till then the mesh's curve is shown as what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from explorer.meshes.halves import curves_of_halves
from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Bools, Floats
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.cost import MANY_BANDS
from explorer.physics.integration.expected_size import uncancelled_size
from explorer.physics.integration.uniform.thermal_curves import thermal_curves
from explorer.physics.integration.uniform.triangles import (
    energy_nodes,
)
from explorer.physics.progress import Watch
from explorer.physics.responses.integrand import ROUNDING_SHARE, Integrand
from explorer.physics.units import K_B
from explorer.physics.zone.domain import Disc
from explorer.results.adaptive import adaptive
from explorer.studies.mesh_curves import mesh_curve, node_count
from explorer.threads import WatchedPool

RTOL = 3e-3
"""Error wanted of a curve, relative to its largest value."""
MAX_WAVE_VECTORS = 500_000
"""Wave vectors at most: lines along which bands cross, and what vanishes only in the sum, want more."""
UNRESOLVED = 0.1
"""Error bar over a curve's largest value beyond which a value is left out."""
ANY_SIZE = 1e30
"""Size of alpha, in its unit, that a tolerance refers to where nobody asks for alpha: any error will do."""
MAX_CURVES_PER_MESH = 64
"""Curves remembered for a mesh."""
NODES_PER_KT = 16


@dataclass(frozen=True, eq=False)
class ResponseCurve:
    """chi and alpha of one integrand over mu (M,) [eV], with their errors, (M, C) each in its units.

    method : "mesh" (errors NaN: not known), "halves" of a mesh, "adaptive", or "zero" band by band.
    """

    mu: Floats
    chi: Floats
    alpha: Floats
    chi_error: Floats
    alpha_error: Floats
    method: str

    @property
    def known(self) -> bool:
        """Whether the errors are known."""
        return self.method != "mesh"

    def scaled(self, chi: float, alpha: float, components: Sequence[int] | None = None) -> ResponseCurve:
        """The curve in other units, of some of the components."""
        kept = slice(None) if components is None else list(components)
        return replace(
            self,
            chi=chi * self.chi[:, kept],
            alpha=alpha * self.alpha[:, kept],
            chi_error=abs(chi) * self.chi_error[:, kept],
            alpha_error=abs(alpha) * self.alpha_error[:, kept],
        )


_KNOWN: WeakKeyDictionary[MeshGeometry, dict[tuple[object, ...], ResponseCurve]] = WeakKeyDictionary()


def response_curve(
    m: MeshGeometry,
    integrand: Integrand,
    mu: Floats,
    temperature: float,
    progress: Watch | None = None,
    *,
    rtol: float = RTOL,
    alpha: bool = True,
    operations: Sequence[Symmetry] | None = None,
) -> ResponseCurve:
    """The response over mu (M,) [eV], resolved where it is known or `progress` is there, else of the mesh alone.

    progress : told the fraction done, and asked whether to go on. alpha : whether alpha is to
    meet the tolerance too, which at low temperature is most of the work. operations : as of `results.adaptive`; the
    densities of spin are no function of the geometry, and want ().
    """
    kept = _KNOWN.setdefault(m, {})
    key = integrand, mu.tobytes(), temperature, rtol, operations is None
    if (*key, True) in kept:
        return kept[*key, True]
    if (*key, alpha) not in kept:
        if progress is None:
            return _of_mesh(m, integrand, mu, temperature)
        if integrand.only_rounding(m.corners, m.weights):
            nothing = np.zeros((mu.size, len(integrand.components)))
            found = ResponseCurve(mu, nothing, nothing, nothing, nothing, "zero")
        elif m.source.hamiltonian.size > MANY_BANDS and not isinstance(m.zone, Disc):
            found = _by_halves(m, integrand, mu, temperature, progress)
        else:
            found = _integrated(m, integrand, mu, temperature, progress, rtol, alpha, operations)
        while len(kept) >= MAX_CURVES_PER_MESH:
            kept.pop(next(iter(kept)), None)  # other pages share the mesh
        kept[*key, alpha] = found
    return kept[*key, alpha]


def unresolved(values: Floats, errors: Floats) -> Bools:
    """Where an error bar is too large beside the largest value that is known, of all components."""
    sure = np.abs(values)[errors <= 0.5 * np.abs(values)].max(initial=0.0)
    return np.asarray((errors > UNRESOLVED * sure) & (errors > 0))


def vanishes(m: MeshGeometry, integrand: Integrand, mu: Floats, temperature: float) -> bool:
    """Whether a response is nothing but rounding at every mu: band by band, or in the sum over the mesh.

    Beside what its densities would come to if no two wave vectors cancelled.
    """
    if integrand.only_rounding(m.corners, m.weights):
        return True
    sea, surface = (float((np.abs(part) * m.weights).sum()) for part in integrand.densities(m.corners))
    uncancelled = sea + surface / (float(np.ptp(m.corners.energy)) or 1.0)
    chi = _of_mesh(m, integrand, mu, temperature).chi
    return float(np.abs(chi).max()) <= ROUNDING_SHARE * abs(integrand.chi_unit) * uncancelled


def _of_mesh(m: MeshGeometry, integrand: Integrand, mu: Floats, temperature: float) -> ResponseCurve:
    chi, alpha, _ = thermal_curves(mesh_curve(m, integrand), mu, temperature)
    unknown = np.full(chi.shape, np.nan)
    return ResponseCurve(mu, chi, alpha, unknown, unknown, "mesh")


def _by_halves(
    m: MeshGeometry, integrand: Integrand, mu: Floats, temperature: float, progress: Watch
) -> ResponseCurve:
    pool = WatchedPool(progress.ask)
    nodes = thermal_nodes(m.corners.energy, node_count(m), mu, temperature)
    curves = curves_of_halves(m, integrand, nodes, pool)
    progress(0.8)
    whole, *half = (thermal_curves(c, mu, temperature)[:2] for c in curves)
    if not half:
        unknown = np.full(whole[0].shape, np.inf)
        return ResponseCurve(mu, *whole, unknown, unknown, "halves")
    chi_error, alpha_error = (np.abs(a - b) for a, b in zip(whole, half[0], strict=True))
    return ResponseCurve(mu, *whole, chi_error, alpha_error, "halves")


def thermal_nodes(energy: Floats, count: int, mu: Floats, temperature: float) -> Floats:
    """`energy_nodes` around every mu, thinned to the steps of k_B T where the windows of neighbours overlap."""
    step = K_B * temperature / NODES_PER_KT
    near = np.unique(np.rint(energy_nodes(energy, 2, mu, temperature) / step)) * step
    low, high = float(energy.min()), float(energy.max())
    nodes = np.unique(np.concatenate([energy_nodes(energy, count), near[(near > low) & (near < high)]]))
    return np.asarray(nodes[np.concatenate([[True], np.diff(nodes) > 1e-12 * max(1.0, high - low)])])


def _integrated(
    m: MeshGeometry,
    integrand: Integrand,
    mu: Floats,
    temperature: float,
    progress: Watch,
    rtol: float,
    alpha: bool,
    operations: Sequence[Symmetry] | None,
) -> ResponseCurve:
    scale = None
    if not alpha:
        # Warm enough for a mesh to know the size.
        warm = max(temperature, 300.0)
        size = float(np.abs(thermal_curves(mesh_curve(m, integrand), mu, warm)[0]).max())
        terms = float(uncancelled_size(m.corners, m.weights, integrand, mu[:: -(-mu.size // 12)], warm)[0])
        # Of what cancels no share of the rest is asked for.
        scale = (size if size > ROUNDING_SHARE * terms else terms, ANY_SIZE * abs(integrand.alpha_unit))
    r = adaptive(
        m.source.hamiltonian,
        integrand,
        mu,
        temperature,
        rtol=rtol,
        scale=scale,
        max_evaluations=MAX_WAVE_VECTORS,
        pool=WatchedPool(progress.ask),
        progress=progress,
        operations=operations,
    )
    return ResponseCurve(mu, r.chi[0], r.alpha[0], r.chi_error[0], r.alpha_error[0], "adaptive")
