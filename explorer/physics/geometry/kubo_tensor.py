r"""The conductivity at finite wave vector, theory (6.5), from the current correlation: no wave packets.

With $|n_i\rangle$ and S of theory section 2, per group,

$$Y_{ijl}=2\,\mathrm{Re}\sum_n\Big\{\langle n_i|(H_lS+SH_l)|n_j\rangle-v_i\langle n_l|S|n_j\rangle
  -v_j\langle n_i|S|n_l\rangle+\tfrac12\langle n_i|SH_{jl}|n\rangle+\tfrac12\langle n_j|SH_{il}|n\rangle\Big\}$$

is what multiplies $-i(e^2/\hbar)f_0$ in $s_{ijl}$, found by expanding the Kubo formula in q, and equals the braces of
theory (6.5). So T1 and T2 are judged by a calculation that knows neither. It holds for orbitals that are points: with
position matrices the expansion in q has further terms.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_mean
from explorer.physics.geometry.equation_11_gauge_free import Perturbed, perturbed

LEVI_CIVITA = np.array([[0.0, 1.0], [-1.0, 0.0]])


def _traced(p: Perturbed, left: Complexes, right: Complexes) -> Floats:
    """Re <left_n|right_n>, mean over the group, (N, K)."""
    return group_mean(np.einsum("kmn,kmn->nk", left.conj(), right).real, p.groups)


def kubo_tensor(h: Hamiltonian, k: Floats) -> Floats:
    """Y_ijl of the current correlation at k (2, K), per band of a group, (2, 2, 2, N, K) [angstrom^3]."""
    p = perturbed(bloch_matrices(h, k), h.degeneracy_tolerance, h.kramers_pairs)
    found = np.empty((2, 2, 2, *p.groups.shape))
    for i, j, n in np.ndindex(2, 2, 2):
        found[i, j, n] = 2 * (
            _traced(p, p.X[i], p.B[n] @ p.Z[j])
            + _traced(p, p.Z[i], p.B[n] @ p.X[j])
            - _traced(p, p.Z[n], p.X[j] @ p.V[i])
            - _traced(p, p.Z[i], p.X[n] @ p.V[j])
            + 0.5 * _traced(p, p.Z[i], p.second[j, n])
            + 0.5 * _traced(p, p.Z[j], p.second[i, n])
        )
    return found


def multipole_tensor(h: Hamiltonian, k: Floats, term1: Floats, term2: Floats) -> Floats:
    r"""The braces of theory (6.5), $\frac12(\partial_iG_{jl}+\partial_jG_{il})-\epsilon_{il}L_j-\epsilon_{jl}L_i$.

    k (2, K); term1, term2 (2, N, K) at them; as `kubo_tensor`.
    """
    p = perturbed(bloch_matrices(h, k), h.degeneracy_tolerance, h.kramers_pairs)
    slope = np.empty((2, 2, 2, *p.groups.shape))
    for a, j, n in np.ndindex(2, 2, 2):
        slope[a, j, n] = _traced(p, p.ket[a, j], p.Z[n]) + _traced(p, p.Z[j], p.ket[a, n])
    of_quadrupole = 0.5 * (slope + slope.swapaxes(0, 1))
    moment = np.einsum("il,jnk->ijlnk", LEVI_CIVITA, term1 + term2)
    return np.asarray(of_quadrupole - moment - moment.swapaxes(0, 1))


def multipole_density(tensor: Floats) -> Floats:
    r"""What $\chi^K$ integrates over the sea, from Y by theory (6.6): $(Y_{xyx}-Y_{xxy})/3$ and $(Y_{yyx}-Y_{xyy})/3$.

    tensor (2, 2, 2, N, K); (2, N, K) [angstrom^3]. It equals T1 + 2/3 T2.
    """
    return np.array([tensor[0, 1, 0] - tensor[0, 0, 1], tensor[1, 1, 0] - tensor[0, 1, 1]]) / 3
