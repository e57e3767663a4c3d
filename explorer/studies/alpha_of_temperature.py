"""alpha against T at one mu, resolved or left out: what the temperature scaling is read from.

At low T alpha is the slope of chi(mu), of which a mesh knows nothing at the scale of k_B T: triangles give a straight
line of the right exponent and a prefactor that can be wrong a hundredfold, or in sign. So alpha comes from adaptive
quadrature; of large matrices from the mesh at hand, where half of it agrees.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from explorer.meshes.halves import curves_of_halves
from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Floats
from explorer.physics.cost import MANY_BANDS
from explorer.physics.integration.uniform.thermal_curves import thermal_curves
from explorer.physics.integration.uniform.triangles import energy_nodes
from explorer.physics.progress import Watch
from explorer.physics.responses.integrand import Integrand
from explorer.physics.zone.domain import Disc
from explorer.results.adaptive import adaptive
from explorer.studies.mesh_curves import node_count
from explorer.threads import WatchedPool

NODES = 28
"""Temperatures integrated; between them alpha/T follows a monotone cubic in ln T."""
RTOL = 0.02
MAX_WAVE_VECTORS = 300_000
"""Wave vectors at most: what vanishes band by band up to rounding would never meet a relative error."""
UNRESOLVED = 0.2
"""Error bar over |alpha| beyond which a value is left out."""
MAX_MU_PER_MESH = 8
"""Chemical potentials remembered for a mesh: sliders that only scale or choose a component need nothing new."""

_KNOWN: WeakKeyDictionary[MeshGeometry, dict[tuple[Integrand, float], Floats]] = WeakKeyDictionary()


def alpha_of_temperature(
    m: MeshGeometry, integrand: Integrand, mu: float, temperature: Floats, progress: Watch
) -> Floats:
    """alpha [unit of the integrand] of both components at mu [eV], (T, C); NaN where it is not resolved.

    temperature : (T,) ascending [K], the same at every call. progress : told the fraction done, and asked
    whether to go on.
    """
    kept = _KNOWN.setdefault(m, {})
    if (integrand, mu) not in kept:
        if integrand.only_rounding(m.corners, m.weights):
            return np.zeros((temperature.size, len(integrand.components)))
        large = m.source.hamiltonian.size > MANY_BANDS and not isinstance(m.zone, Disc)
        make = _by_halves if large else _integrated
        found = make(m, integrand, mu, temperature, progress)
        while len(kept) >= 2 * MAX_MU_PER_MESH:
            del kept[next(iter(kept))]
        kept[integrand, mu] = found
    return kept[integrand, mu]


def _integrated(
    m: MeshGeometry, integrand: Integrand, mu: float, temperature: Floats, progress: Watch
) -> Floats:
    from scipy.interpolate import PchipInterpolator  # slow to load

    nodes = np.geomspace(temperature[0], temperature[-1], NODES)
    r = adaptive(
        m.source.hamiltonian,
        integrand,
        mu,
        nodes,
        rtol=RTOL,
        max_evaluations=MAX_WAVE_VECTORS,
        pool=WatchedPool(progress.ask),
        progress=progress,
    )
    alpha, error = r.alpha[:, 0], r.alpha_error[:, 0]
    at = np.log(temperature)
    drawn = temperature[:, None] * PchipInterpolator(np.log(nodes), alpha / nodes[:, None])(at)
    lost = (error > UNRESOLVED * np.abs(alpha)).astype(float)
    beside = np.stack([np.interp(at, np.log(nodes), column) for column in lost.T], axis=1)
    return np.where(beside > 0, np.nan, drawn)


def _by_halves(
    m: MeshGeometry, integrand: Integrand, mu: float, temperature: Floats, progress: Watch
) -> Floats:
    at = np.array([mu])
    nodes = np.unique(
        np.concatenate([energy_nodes(m.corners.energy, node_count(m), at, t) for t in temperature[::8]])
    )
    pool = WatchedPool(progress.ask)
    curves = curves_of_halves(m, integrand, nodes, pool)
    progress(0.8)
    found = [np.array([thermal_curves(c, at, float(t))[1][0] for t in temperature]) for c in curves]
    if len(found) == 1:
        return np.full_like(found[0], np.nan)
    whole, half = found
    return np.where(np.abs(whole - half) > UNRESOLVED * np.abs(whole), np.nan, whole)
