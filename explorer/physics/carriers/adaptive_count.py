r"""The chemical potential of a carrier density, solved on an adaptive count of the electrons.

Triangles on a mesh know mu to a fraction of k_B T at low temperature, which moves chi by many of its error bars. From
there Newton's method on $n(\mu,T)=\int\sum_nf_0$, integrated as a response is, takes two or three steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.carriers.triangle_count import COUNT
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.progress import Pool, Watch
from explorer.physics.units import K_B
from explorer.physics.zone.domain import ReciprocalCell, zone_of

MU_RTOL = 1e-3
"""Error wanted of mu, in k_B T."""
STEPS = 4
"""Newton steps at most."""
FLAT = 1e-9
"""Change of n over k_B T, in electrons per cell, below which mu lies in a gap and any will do."""
ANY_SIZE = 1e30
"""Size of the entropy that a tolerance refers to: nobody asks for it."""


def solved_tightly(
    h: Hamiltonian,
    density: Floats,
    temperature: float,
    mu: Floats,
    error: Floats,
    bands: int,
    *,
    operations: Sequence[Symmetry] = (),
    pool: Pool | None = None,
    watch: Watch | None = None,
) -> tuple[Floats, Floats]:
    """mu (D,) [eV] at which the density (D,) [1/angstrom^2] beyond `bands` filled ones is met, and its error.

    Parameters
    ----------
    mu, error : (D,) [eV] where the search begins, and how far that may be off: kept where mu lies in a gap, or where
        the steps do not settle. A disc's are kept, too: its count is one of the mesh.
    operations, pool, watch : as of `adaptive_response`; what the watch raises ends the work.
    """
    zone, kT = zone_of(h), K_B * temperature
    mu, error = mu.astype(float).copy(), error.astype(float).copy()
    if not isinstance(zone, ReciprocalCell):
        return mu, error
    cell = abs(float(np.linalg.det(zone.reciprocal))) / (2 * np.pi) ** 2  # one band's states per area
    begun, settled = mu.copy(), np.zeros(mu.size, dtype=bool)
    slope = np.zeros(mu.size)
    for _ in range(STEPS):
        left = np.flatnonzero(~settled)
        if not left.size:
            break
        pairs = np.concatenate([mu[left] - 0.05 * kT, mu[left], mu[left] + 0.05 * kT])
        # n changes by n' k_B T over k_B T, and what is wanted is a thousandth of that; the flattest decides.
        rough = _counted(h, pairs, temperature, 1e-4 * cell, operations, pool, watch)[0].reshape(3, -1)
        slope[left] = (rough[2] - rough[0]) / (0.1 * kT)
        clear = slope[left] * kT > FLAT * cell
        left = left[clear]
        if not left.size:
            break
        wanted = MU_RTOL * kT * float(slope[left].min())
        found, bar = _counted(h, mu[left], temperature, max(wanted, 1e-12 * cell), operations, pool, watch)
        step = (found - bands * cell - density[left]) / slope[left]
        mu[left] -= np.clip(step, -3 * error[left] - kT, 3 * error[left] + kT)
        bars = bar / slope[left] + 0.1 * np.abs(step)
        near = np.abs(step) <= 10 * MU_RTOL * kT
        settled[left[near]] = True
        error[left[near]] = bars[near]
        if not clear.all() and near.all():
            break
    return np.where(settled, mu, begun), error


def _counted(
    h: Hamiltonian,
    mu: Floats,
    temperature: float,
    wanted: float,
    operations: Sequence[Symmetry],
    pool: Pool | None,
    watch: Watch | None,
) -> tuple[Floats, Floats]:
    """Electrons of all bands at mu (M,) and the error bar, to an error wanted, (M,) each [1/angstrom^2]."""
    r = adaptive_response(
        h,
        COUNT,
        mu,
        temperature,
        rtol=1e-3,
        scale=(1e3 * wanted, ANY_SIZE),
        pool=pool,
        progress=None if watch is None else lambda _: watch.ask(),
        operations=operations,
    )
    return r.chi[0, :, 0], r.chi_error[0, :, 0]
