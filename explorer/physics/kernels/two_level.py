r"""Equation (11) in closed form where the spectrum has two levels, theory (2.13).

$H = h_0 + \sum_a h_a\Gamma_a$ with $\{\Gamma_a,\Gamma_b\} = 2\delta_{ab}$: every two-band Hamiltonian,
and four bands in Kramers pairs (up to five Dirac matrices). Levels $e_\pm = h_0 \pm |h|$, each N/2-fold; with
$n = h/|h|$, per band

$$G_{ij} = \tfrac14\,n_i\cdot n_j,\qquad T_{1,i} = \pm(h_{0,x}G_{iy} - h_{0,y}G_{ix})/|h|,$$
$$T_{2,x} = \tfrac18(n_{xx}\cdot n_y - n_x\cdot n_{xy}),\qquad
  T_{2,y} = \tfrac18(n_y\cdot n_{xy} - n_x\cdot n_{yy}),$$
$$\Omega = \mp\tfrac{c}{2}\,n\cdot(n_x\times n_y)\ \text{for three matrices},\quad
  c = \mathrm{tr}(\Gamma_1\Gamma_2\Gamma_3)/iN,\qquad
  \mathrm{Im}\langle n_x|(H-e)|n_y\rangle = \pm|h|\,\Omega .$$
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from explorer.models.kit.arrays import Bools, Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian, PolynomialHamiltonian
from explorer.physics.compiled import njit
from explorer.physics.kernels.fourier_series import (
    FIELDS,
    Series,
    aligned,
    basis,
    compressed,
    real_function,
    room,
    second_weights,
)
from explorer.physics.kernels.rows import ROW_COUNT, ROWS
from explorer.physics.simd.lanes import (
    LANES,
    Lanes,
    fma,
    load,
    select,
    splat,
    square_root,
    store,
    store_integers,
    store_pair,
)

ENERGY, V_Y = (ROWS[name] for name in ("energy", "v_y"))
T1_X, T1_Y, T2_X, T2_Y = (ROWS[name] for name in ("t1_x", "t1_y", "t2_x", "t2_y"))
G_XX, G_XY, G_YY, CURVATURE, MOMENT = (ROWS[name] for name in ("g_xx", "g_xy", "g_yy", "curvature", "moment"))
SURFACE_X, SURFACE_Y, FLUX_X, FLUX_Y = (ROWS[name] for name in ("surface_x", "surface_y", "flux_x", "flux_y"))

ROUNDING_SHARE = 1e-13
"""Relative size below which a matrix component is rounding, not physics."""


class TwoLevel(NamedTuple):
    """h_0 and h_a as functions of k, and what the kernel needs besides.

    series : the functions h_0, h_1 .. h_d. matrices : d. chirality : tr(G1 G2 G3)/(i N), zero unless d = 3.
    """

    series: Series
    matrices: int
    chirality: float


def two_level(h: Hamiltonian) -> TwoLevel | None:
    """H = h_0 + h.Gamma with mutually anticommuting Gamma, or None where it has no such form."""
    if h.size not in (2, 4) or (isinstance(h, LatticeHamiltonian) and h.dipoles is not None):
        return None
    if isinstance(h, PolynomialHamiltonian):
        found = _dirac_matrices(h.matrices)
        if found is None:
            return None
        gamma, parts = found
        powers = np.column_stack([h.powers, np.zeros(len(h.powers), dtype=np.int64)])
        empty = np.zeros((len(powers), 5))
        series = _series(True, np.eye(2), powers, np.zeros((1, 2)), empty, parts.T[:, :, None])
        return TwoLevel(series, len(gamma), _chirality(gamma))
    steps, shifts, displacement, blocks = _displacement_blocks(h)
    # M exp(ik.D) + h.c. = (M + M^+) cos k.D + i (M - M^+) sin k.D
    adjoint = blocks.conj().swapaxes(1, 2)
    waves = np.concatenate([(blocks + adjoint) / 2, 1j * (blocks - adjoint) / 2])
    found = _dirac_matrices(waves)
    if found is None:
        return None
    gamma, parts = found
    cosine, sine = parts[: len(blocks)], parts[len(blocks) :]
    table = np.stack([cosine.T, sine.T], axis=2)
    series = _series(False, h.cell, steps, shifts, second_weights(displacement), table)
    return TwoLevel(series, len(gamma), _chirality(gamma))


def _series(
    polynomial: bool, cell: Floats, steps: Integers, shifts: Floats, weights: Floats, table: Floats
) -> Series:
    # Every component decides for itself which basis functions are rounding.
    table = np.where(np.abs(table) > ROUNDING_SHARE * np.abs(table).max(initial=0.0), table, 0.0)
    start, index, terms = compressed(table)
    none, nothing = np.zeros(len(table) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return Series(
        polynomial,
        np.ascontiguousarray(cell, dtype=float),
        np.ascontiguousarray(steps, dtype=np.int64),
        shifts,
        np.abs(steps[:, :2]).max(axis=0, initial=0),
        weights,
        start,
        index,
        terms,
        none,
        nothing,
        np.zeros((0, 8)),
        np.zeros((len(table), 2)),
    )


class _Waves(NamedTuple):
    """Which elements of the hoppings make which wave exp(ik.D): the part that knows no amplitude.

    element : three arrays (E,), hoppings[element] is what stands in the waves. row, column, wave : (E,) where it goes,
    as its conjugate where `lower`. steps, shifts, displacement : of each wave (R1, R2, shift), the shifts, and D.
    """

    element: tuple[Integers, ...]
    row: Integers
    column: Integers
    wave: Integers
    lower: Bools
    steps: Integers
    shifts: Floats
    displacement: Floats


@lru_cache(maxsize=64)
def _waves(cell: bytes, positions: bytes, vectors: bytes, filled: bytes) -> _Waves:
    """Waves of a Hamiltonian with these arrays; kept, since a slider mostly moves amplitudes alone."""
    a, tau = np.frombuffer(cell).reshape(2, 2), np.frombuffer(positions).reshape(-1, 2)
    lattice = np.frombuffer(vectors, dtype=np.int64).reshape(-1, 2)
    size = len(tau)
    apart = tau[None, :, :] - tau[:, None, :]
    small = 1e-9 * np.abs(a).max()
    grid = np.round(apart / small).astype(np.int64)
    distinct, shift = np.unique(
        np.vstack([np.zeros((1, 2), dtype=np.int64), grid.reshape(-1, 2)]), axis=0, return_inverse=True
    )
    zero, shift = shift.ravel()[0], shift.ravel()[1:]
    order = np.concatenate([[zero], np.delete(np.arange(len(distinct)), zero)])
    rank = np.argsort(order)
    shift = rank[shift].reshape(size, size)
    shifts = np.zeros((len(distinct), 2))
    shifts[shift.ravel()] = apart.reshape(-1, 2)
    shifts[0] = 0.0
    r, i, j = np.nonzero(np.frombuffer(filled, dtype=bool).reshape(len(lattice), size, size))
    if not len(r):
        r, i, j = (np.zeros(1, dtype=np.int64) for _ in range(3))
    key = np.column_stack([lattice[r], shift[i, j]])
    # D and -D are one wave: what has the shift, or without one the R, of the lower half-plane goes to the
    # other's adjoint. So of two opposite shifts one is used.
    x, y = np.where(key[:, [2]] > 0, shifts[key[:, 2]], key[:, :2] @ a).T
    lower = (y < -small) | ((np.abs(y) <= small) & (x < -small))
    key[lower] = np.column_stack([-lattice[r], shift[j, i]])[lower]
    used = np.unique(np.append(key[:, 2], 0))
    key[:, 2] = np.searchsorted(used, key[:, 2])
    shifts = shifts[used]
    steps, which = np.unique(key, axis=0, return_inverse=True)
    return _Waves(
        (r, i, j),
        np.where(lower, j, i),
        np.where(lower, i, j),
        which.ravel(),
        lower,
        steps,
        shifts,
        steps[:, :2] @ a + shifts[steps[:, 2]],
    )


def _displacement_blocks(h: LatticeHamiltonian) -> tuple[Integers, Floats, Floats, Complexes]:
    """H by displacement D = R + tau_j - tau_i: the sum over half of them of (M exp(ik.D) + h.c.)/2.

    Returns the integers (R1, R2, shift) of each, the shifts, D itself, and M.
    """
    arrays = h.cell.astype(float), h.positions.astype(float), h.vectors.astype(np.int64), h.hoppings != 0
    waves = _waves(*(array.tobytes() for array in arrays))
    value = h.hoppings[waves.element]
    blocks = np.zeros((len(waves.steps), h.size, h.size), dtype=complex)
    np.add.at(blocks, (waves.wave, waves.row, waves.column), np.where(waves.lower, value.conj(), value))
    return waves.steps, waves.shifts, waves.displacement, blocks


def _dirac_matrices(waves: Complexes) -> tuple[Complexes, Floats] | None:
    """Anticommuting matrices (d, N, N) that span the traceless parts of Hermitian waves (W, N, N).

    Returns them with the coefficients (W, 1 + d), those of the unit matrix first; None where there are none.
    """
    n = waves.shape[-1]
    unit = np.einsum("wii->w", waves).real / n
    traceless = waves - unit[:, None, None] * np.eye(n)
    flat = traceless.reshape(len(waves), -1)
    real = np.concatenate([flat.real, flat.imag], axis=1)
    _, size, rows = np.linalg.svd(real, full_matrices=False)
    scale = np.abs(waves).max(initial=0.0)
    rows = rows[size > ROUNDING_SHARE * max(scale, np.finfo(float).tiny) * n]
    if len(rows) > (3 if n == 2 else 5):
        return None
    gamma = np.sqrt(n) * (rows[:, : n * n] + 1j * rows[:, n * n :]).reshape(-1, n, n)
    product = np.einsum("aij,bjk->abik", gamma, gamma)
    anticommutator = product + product.swapaxes(0, 1)
    expected = 2 * np.eye(len(gamma))[:, :, None, None] * np.eye(n)
    if np.abs(anticommutator - expected).max(initial=0.0) > 1e-10:
        return None
    return gamma, np.column_stack([unit, np.einsum("aij,wji->wa", gamma, traceless).real / n])


def _chirality(gamma: Complexes) -> float:
    if len(gamma) != 3:
        return 0.0
    chirality = float(np.trace(gamma[0] @ gamma[1] @ gamma[2]).imag / gamma.shape[-1])
    return chirality if abs(chirality) > 1e-10 else 0.0


def two_level_geometry(
    h: TwoLevel,
    k: Floats,
    tolerance: float,
    kramers_pairs: bool,
    values: Floats,
    groups: Integers,
    part: slice,
) -> None:
    """Fill values (ROW_COUNT, N, K) and groups (N, K), C-contiguous, at k[:, part]; rows as `ROWS`.

    The members of a level have one slope, and levels that are one group have no metric: the traces of products are
    products.
    """
    merge = kramers_pairs and values.shape[1] == 2
    _kernel(
        k,
        h.series,
        h.matrices,
        h.chirality,
        np.inf if merge else tolerance,
        room(h.series),
        values.reshape(-1),
        groups.reshape(-1),
        values.shape[1],
        part.start,
        part.stop,
    )


@njit
def _dot(w: Floats, a: int, b: int, d: int) -> Lanes:
    """Sum over the d components of fields a and b."""
    s = splat(0.0)
    for c in range(d):
        s = fma(load(w, (a + FIELDS * c) * LANES), load(w, (b + FIELDS * c) * LANES), s)
    return s


@njit
def _project(w: Floats, a: int, normal: int, d: int) -> Lanes:
    """Make field a orthogonal to the unit vector `normal`; returns the component taken away."""
    along = _dot(w, a, normal, d)
    for c in range(d):
        at = (a + FIELDS * c) * LANES
        store(w, at, fma(-along, load(w, (normal + FIELDS * c) * LANES), load(w, at)))
    return along


@njit
def _kernel(
    k: Floats,
    series: Series,
    d: int,
    chirality: float,
    tolerance: float,
    space: int,
    values: Floats,
    groups: Integers,
    bands: int,
    start: int,
    stop: int,
) -> None:
    count = k.shape[1]
    w = aligned(space + FIELDS * (d + 2) + ROW_COUNT)
    kx, ky = k[0], k[1]
    h0 = space
    h = space + FIELDS
    rows = h + FIELDS * d
    edge = aligned(2)
    for first in range(start, stop, LANES):
        full = first + LANES <= stop
        if full:
            x, y = load(kx, first), load(ky, first)
        else:
            for lane in range(LANES):
                edge[lane] = kx[min(first + lane, stop - 1)]
                edge[LANES + lane] = ky[min(first + lane, stop - 1)]
            x, y = load(edge, 0), load(edge, LANES)
        phases = basis(x, y, series, w, 0)
        for c in range(d + 1):
            real_function(series, c, w, phases, h0 + FIELDS * c)
        e0, ux, uy = load(w, h0 * LANES), load(w, (h0 + 1) * LANES), load(w, (h0 + 2) * LANES)
        size = square_root(_dot(w, h, h, d))
        apart = (e0 + size) - (e0 - size) > tolerance
        inverse = splat(1.0) / select(apart, size, splat(1.0))
        for c in range(d):
            at = (h + FIELDS * c) * LANES
            store(w, at, load(w, at) * inverse)
        px, py = _project(w, h + 1, h, d), _project(w, h + 2, h, d)
        _project(w, h + 3, h, d)
        _project(w, h + 4, h, d)
        _project(w, h + 5, h, d)
        inverse = select(apart, inverse, splat(0.0))
        px, py = select(apart, px, splat(0.0)), select(apart, py, splat(0.0))
        square = inverse * inverse
        gxx = _dot(w, h + 1, h + 1, d) * square
        gxy = _dot(w, h + 1, h + 2, d) * square
        gyy = _dot(w, h + 2, h + 2, d) * square
        # n_ij outside n is (h_ij - p_i n_j - p_j n_i)/|h|, with p_i = d_i |h|.
        xx_y = _dot(w, h + 3, h + 2, d) * square - (px + px) * gxy * inverse
        x_xy = _dot(w, h + 1, h + 4, d) * square - (px * gxy + py * gxx) * inverse
        y_xy = _dot(w, h + 2, h + 4, d) * square - (px * gyy + py * gxy) * inverse
        x_yy = _dot(w, h + 1, h + 5, d) * square - (py + py) * gxy * inverse
        curvature = splat(0.0)
        if d == 3 and chirality != 0.0:
            a, b, c = h, h + FIELDS, h + 2 * FIELDS
            for _ in range(3):
                cross = load(w, (b + 1) * LANES) * load(w, (c + 2) * LANES) - load(w, (c + 1) * LANES) * load(
                    w, (b + 2) * LANES
                )
                curvature = fma(load(w, a * LANES), cross, curvature)
                a, b, c = b, c, a
            curvature = curvature * square * (0.5 * chirality)
        t1x = (ux * gxy - uy * gxx) * inverse * 0.25
        t1y = (ux * gyy - uy * gxy) * inverse * 0.25
        t2x, t2y = (xx_y - x_xy) * 0.125, (y_xy - x_yy) * 0.125
        moment = -(size * curvature)
        for level in range(2):
            sign = 2.0 * level - 1.0
            vx, vy = fma(px, splat(sign), ux), fma(py, splat(sign), uy)
            store_pair(w, (rows + ENERGY) * LANES, fma(size, splat(sign), e0), vx)
            store(w, (rows + V_Y) * LANES, vy)
            store(w, (rows + T1_X) * LANES, t1x * sign)
            store(w, (rows + T1_Y) * LANES, t1y * sign)
            store(w, (rows + T2_X) * LANES, t2x)
            store(w, (rows + T2_Y) * LANES, t2y)
            store(w, (rows + G_XX) * LANES, gxx * 0.25)
            store(w, (rows + G_XY) * LANES, gxy * 0.25)
            store(w, (rows + G_YY) * LANES, gyy * 0.25)
            store(w, (rows + CURVATURE) * LANES, curvature * -sign)
            store(w, (rows + MOMENT) * LANES, moment)
            store(w, (rows + SURFACE_X) * LANES, (vx * gxy - vy * gxx) * 0.125)
            store(w, (rows + SURFACE_Y) * LANES, (vx * gyy - vy * gxy) * 0.125)
            store(w, (rows + FLUX_X) * LANES, vx * moment)
            store(w, (rows + FLUX_Y) * LANES, vy * moment)
            half = bands // 2
            for n in range(level * half, (level + 1) * half):
                for row in range(ROW_COUNT):
                    to = (row * bands + n) * count + first
                    if full:
                        store(values, to, load(w, (rows + row) * LANES))
                    else:
                        for lane in range(stop - first):
                            values[to + lane] = w[(rows + row) * LANES + lane]
                number = select(apart, splat(float(level)), splat(0.0))
                if full:
                    store_integers(groups, n * count + first, number)
                else:
                    store(edge, 0, number)
                    for lane in range(stop - first):
                        groups[n * count + first + lane] = int(edge[lane])
