"""The passes over memory of `large_matrices`: perturbed states, and overlaps column by column."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.physics.compiled import njit
from explorer.physics.kernels.group_slopes import NEGLIGIBLE, PRODUCTS
from explorer.physics.kernels.rows import ROWS

ENERGY, V_X, V_Y, T1_X = ROWS["energy"], ROWS["v_x"], ROWS["v_y"], ROWS["t1_x"]


@njit
def _group_mean(value: Floats, number: Integers, out: Floats) -> None:
    """Mean over each group of consecutive bands."""
    n = len(value)
    start = 0
    while start < n:
        stop = start
        total = 0.0
        while stop < n and number[stop] == number[start]:
            total += value[stop]
            stop += 1
        for i in range(start, stop):
            out[i] = total / (stop - start)
        start = stop


@njit
def level_groups(energy: Floats, tolerance: float, pairs: bool) -> Integers:
    """Group numbers (N,) as `degenerate_groups.group_levels`."""
    number = np.zeros(len(energy), dtype=np.int64)
    for i in range(1, len(energy)):
        paired = pairs and i % 2 == 1
        number[i] = number[i - 1] + (0 if paired or not energy[i] - energy[i - 1] > tolerance else 1)
    return number


@njit
def perturbed_states(
    energy: Floats, number: Integers, B: Complexes, first: int, offset: int, X: Complexes, Z: Complexes
) -> Floats:
    """S B_i, theory (2.1), to X, S S B_i to Z, both (N, 2, C), for C bands from `first`; returns their velocities.

    B (2 or more, N, ..) : B_i in the band basis, the band `first` in its column `offset`.
    """
    n, columns = X.shape[0], X.shape[2]
    mean = np.empty(n)
    _group_mean(energy, number, mean)
    velocity = np.empty((2, columns))
    diagonal = np.empty(columns)
    for a in range(2):
        for j in range(columns):
            diagonal[j] = B[a, first + j, offset + j].real
        _group_mean(diagonal, number[first : first + columns], velocity[a])
    s = np.empty(columns)
    for m in range(n):
        for j in range(columns):
            band = first + j
            s[j] = 0.0 if number[band] == number[m] else 1.0 / (mean[band] - mean[m])
        for a in range(2):
            for j in range(columns):
                x = B[a, m, offset + j] * s[j]
                X[m, a, j] = x
                Z[m, a, j] = x * s[j]
    return velocity


@njit
def _add_real(a: Floats, b: Floats, out: Floats) -> None:
    """Real part of conj(a) b, its two summands side by side; three vectors of 2 N numbers."""
    for i in range(len(out)):
        out[i] += a[i] * b[i]


@njit
def _add_imaginary(a: Complexes, b: Complexes, out: Floats) -> None:
    """Imaginary part of conj(a) b."""
    for i in range(len(out)):
        out[i] += a[i].real * b[i].imag - a[i].imag * b[i].real


@njit
def _overlaps_real(X: Floats, Z: Floats, WZ: Floats, BX: Floats, UZ: Floats, right: Floats) -> Floats:
    """Seventeen kinds of Re <a_n|b_n> of each column n, (17, C); arguments: real views of complex arrays.

    Z, WZ and UZ are the same vectors in the bases of X, BX and right.
    """
    n, columns = X.shape[0], X.shape[2] // 2
    sums = np.zeros((17, 2 * columns))
    for m in range(n):
        _add_real(WZ[m, 1], BX[0, m, 0], sums[0])
        _add_real(WZ[m, 0], BX[0, m, 1], sums[1])
        _add_real(WZ[m, 1], BX[0, m, 1], sums[2])
        _add_real(WZ[m, 0], BX[1, m, 0], sums[3])
        _add_real(WZ[m, 1], BX[1, m, 0], sums[4])
        _add_real(WZ[m, 0], BX[1, m, 1], sums[5])
        for a in range(2):
            for j in range(2):
                _add_real(Z[m, a], X[m, j], sums[6 + 2 * a + j])
                if j >= a:
                    _add_real(X[m, a], X[m, j], sums[10 + a + j])
        _add_real(UZ[m, 1], right[0, m], sums[13])
        _add_real(UZ[m, 0], right[1, m], sums[14])
        _add_real(UZ[m, 1], right[1, m], sums[15])
        _add_real(UZ[m, 0], right[2, m], sums[16])
    out = np.empty((17, columns))
    for row in range(17):
        for j in range(columns):
            out[row, j] = sums[row, 2 * j] + sums[row, 2 * j + 1]
    return out


@njit
def _add_group_slopes(
    number: Integers,
    velocity: Floats,
    bands: Complexes,
    first: int,
    offset: int,
    X: Complexes,
    Z: Complexes,
    traced: Floats,
) -> None:
    """Add to T1, T2 and the traces of products what slopes inside a group add to their mean, as `group_slopes`."""
    n, columns = X.shape[0], X.shape[2]
    limit = NEGLIGIBLE * np.abs(velocity).max()
    for j in range(columns):
        for p in range(columns):
            if number[first + j] != number[first + p]:
                continue
            dx, dy = bands[0, first + p, offset + j], bands[1, first + p, offset + j]
            if p == j:
                dx, dy = dx - velocity[0, j], dy - velocity[1, j]
            if abs(dx.real) + abs(dx.imag) + abs(dy.real) + abs(dy.imag) <= limit:
                continue
            for a in range(2):
                cx, cy = 0.0j, 0.0j
                for m in range(n):
                    z = Z[m, a, j].conjugate()
                    cx += z * X[m, 0, p]
                    cy += z * X[m, 1, p]
                xx, xy, yx, yy = (cx * dx).real, (cx * dy).real, (cy * dx).real, (cy * dy).real
                traced[a, j] += yx - xy
                traced[2, j] += 0.5 * (xy + yx) if a == 0 else -xx
                traced[3, j] += yy if a == 0 else -0.5 * (xy + yx)
            xx, xy, yy, moment = 0.0j, 0.0j, 0.0j, 0.0j
            for m in range(n):
                jx, jy = X[m, 0, j].conjugate(), X[m, 1, j].conjugate()
                xx += jx * X[m, 0, p]
                xy += 0.5 * (jx * X[m, 1, p] + jy * X[m, 0, p])
                yy += jy * X[m, 1, p]
                moment += 0.5j * (jx * bands[1, m, offset + p] - jy * bands[0, m, offset + p])
            traced[PRODUCTS, j] += 0.5 * (dx * xy - dy * xx).real
            traced[PRODUCTS + 1, j] += 0.5 * (dx * yy - dy * xy).real
            traced[PRODUCTS + 2, j] += (dx * moment).real
            traced[PRODUCTS + 3, j] += (dy * moment).real


@njit
def band_overlaps(
    energy: Floats,
    number: Integers,
    velocity: Floats,
    bands: Complexes,
    first: int,
    offset: int,
    X: Complexes,
    Z: Complexes,
    WZ: Complexes,
    BX: Complexes,
    UZ: Complexes,
    right: Complexes,
    values: Floats,
    at: int,
) -> None:
    """Write the `ROWS` of a geometry at one wave vector; beyond the first for C bands from `first`.

    bands: B_x, B_y and F where there is one, in the band basis, band `first` in column `offset`; velocity (2, C);
    X, Z (N, 2, C) in the band basis; BX[i, :, j] = D_iH|n_j> in any basis and WZ (N, 2, C) the Z in that one;
    UZ and right = D_x D_x H U, D_x D_y H U, D_y D_y H U in the orbital basis.
    """
    n, columns = X.shape[0], X.shape[2]
    last = first + columns
    view = np.float64
    curved = len(bands) > 2
    s = _overlaps_real(
        X.view(view), Z.view(view), WZ.view(view), BX.view(view), UZ.view(view), right.view(view)
    )
    curvature, moment = np.zeros(columns), np.zeros(columns)
    twist = np.zeros((2, columns))
    for m in range(n):
        _add_imaginary(X[m, 0], X[m, 1], curvature)
        _add_imaginary(X[m, 0], bands[1, m, offset : offset + columns], moment)
        if curved:
            for a in range(2):
                for j in range(columns):
                    # Re <Z_a| i [F, H]>
                    z, f = Z[m, a, j], bands[2, m, offset + j]
                    twist[a, j] -= (z.real * f.imag - z.imag * f.real) * (energy[first + j] - energy[m])
    traced = np.empty((PRODUCTS + 4, columns))
    for j in range(columns):
        band = first + j
        vx, vy = velocity[0, j], velocity[1, j]
        # za_ij = <Z_a|B_i X_j>, za_j = <Z_a|X_j>
        zy_xx, zx_xy, zy_xy, zx_yx, zy_yx, zx_yy = s[0, j], s[1, j], s[2, j], s[3, j], s[4, j], s[5, j]
        zx_x, zx_y, zy_x, zy_y = s[6, j], s[7, j], s[8, j], s[9, j]
        traced[0, j] = zx_xy - zx_yx + vx * zx_y - vy * zx_x
        traced[1, j] = zy_xy - zy_yx + vx * zy_y - vy * zy_x
        traced[2, j] = (
            zy_xx
            - vx * zy_x
            - 0.5 * (zx_xy + zx_yx - vx * zx_y - vy * zx_x)
            + 0.5 * (s[13, j] - s[14, j])
            - twist[0, j]
        )
        traced[3, j] = (
            0.5 * (zy_xy + zy_yx - vx * zy_y - vy * zy_x)
            - (zx_yy - vy * zx_y)
            + 0.5 * (s[15, j] - s[16, j] - twist[1, j])
        )
        traced[4, j], traced[5, j], traced[6, j] = s[10, j], s[11, j], s[12, j]
        traced[7, j] = -2 * curvature[j] + (bands[2, band, offset + j].real if curved else 0.0)
        traced[8, j] = -moment[j]
        traced[PRODUCTS, j] = 0.5 * (vx * s[11, j] - vy * s[10, j])
        traced[PRODUCTS + 1, j] = 0.5 * (vx * s[12, j] - vy * s[11, j])
        traced[PRODUCTS + 2, j], traced[PRODUCTS + 3, j] = -vx * moment[j], -vy * moment[j]
    _add_group_slopes(number, velocity, bands, first, offset, X, Z, traced)
    mean = np.empty(columns)
    for row in range(PRODUCTS + 4):
        _group_mean(traced[row], number[first:last], mean)
        values[T1_X + row, first:last, at] = mean
    values[ENERGY, :, at] = energy
    values[V_X, first:last, at] = velocity[0]
    values[V_Y, first:last, at] = velocity[1]
