"""The vector type and what is built directly on it: arithmetic, sines, rotations of eight matrices."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from explorer.models.kit.arrays import Complexes, Floats
from explorer.physics.kernels.fourier_series import aligned, cos_sin
from explorer.physics.kernels.jacobi import diagonalise
from explorer.physics.simd.lanes import (
    LANES,
    add_conjugate_product,
    add_product,
    anywhere,
    breadth,
    fma,
    load,
    magnitude,
    nearest,
    pair,
    select,
    splat,
    square_root,
    store,
    store_pair,
    with_sign,
)


def arithmetic(a, b, out):  # type: ignore[no-untyped-def]
    x, y = load(a, 0), load(b, 0)
    store(out, 0, fma(x, y, splat(2.0)) - y * 3.0 + 1.0 / (4.0 + x * x))
    store(out, 8, select((x < y) & (x > -0.5), x, -y))
    store(out, 16, square_root(magnitude(x)) + nearest(3.0 * y) + with_sign(x, y))
    store(out, 24, select(x == x, splat(1.0 if anywhere(x > 100.0) else 0.0), y))
    p, q = pair(a, 0)
    r, s = add_product(p, q, x, y, y, x)
    t, u = add_conjugate_product(p, q, x, y, y, x)
    store_pair(out, 32, r - t, s + u)


def test_compiled_lanes_are_numpy_on_eight_numbers() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=16), rng.normal(size=16)
    compiled, plain = np.zeros(48), np.zeros(48)
    njit(arithmetic)(a, b, compiled)
    arithmetic(a, b, plain)
    np.testing.assert_allclose(compiled, plain, rtol=1e-14, atol=1e-15)
    z, c = a[:8] + 1j * a[8:], b[:8] + 1j * a[:8]
    w = a[:8] + 1j * b[:8]
    expected = (z * w + c).real - (z.conj() * w + c).real, (z * w + c).imag + (z.conj() * w + c).imag
    np.testing.assert_allclose(plain[32:], np.concatenate(expected), atol=1e-14)


@njit
def _all_angles(x, w, cosine, sine):  # type: ignore[no-untyped-def]
    for i in range(0, len(x), LANES):
        cos_sin(load(x, i), w, 0)
        store(cosine, i, load(w, 0))
        store(sine, i, load(w, LANES))


def test_sine_and_cosine_to_the_last_place() -> None:
    turns = np.arange(-64, 64) * np.pi / 4
    x = np.concatenate([np.random.default_rng(1).uniform(-300, 300, 20000), turns, np.nextafter(turns, 100)])
    out = np.empty((2, len(x)))
    _all_angles(x, aligned(2), out[0], out[1])
    assert np.abs(out - [np.cos(x), np.sin(x)]).max() < 2.3e-16


def test_sine_of_nothing_is_nothing() -> None:
    out = np.empty((2, LANES))
    _all_angles(np.array([np.nan, 0, 1, np.inf, 2, 3, 4, 5]), aligned(2), out[0], out[1])
    assert np.array_equal(np.isnan(out[0]), [True, False, False, True, False, False, False, False])


def eigenvectors(matrices: Complexes) -> tuple[Floats, Complexes]:
    """Eigenvalues (8, n) and eigenvectors (8, n, n) by the rotations."""
    n = matrices.shape[1]
    size = 2 * n * breadth(n)
    w = aligned(2 * size + n)
    rows = w[: 2 * size * LANES].reshape(2, n, breadth(n), 2, LANES)
    rows[0, :, :n] = np.stack([matrices.real, matrices.imag], axis=-1).transpose(1, 2, 3, 0)
    diagonalise(w, 0, size, 2 * size, n)
    u = rows[1, :, :n].transpose(3, 0, 1, 2)
    size *= LANES
    return w[2 * size :].reshape(n, LANES).T.copy(), u[..., 0] + 1j * u[..., 1]


def _hermitian(n: int, seed: int) -> Complexes:
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(LANES, n, n)) + 1j * rng.normal(size=(LANES, n, n))
    return np.asarray(raw + raw.conj().swapaxes(1, 2))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8, 14, 16, 24, 32])
def test_rotations_find_eigenvectors_and_order_them(n: int) -> None:
    H = _hermitian(n, seed=n)
    if n > 1:
        H[1] = 0.0
        H[2] = np.eye(n)
        H[3] = np.diag(np.arange(n)[::-1])
        H[4] *= 1e-30
        H[5] = np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    if n % 2 == 0:
        H[6] = np.kron(H[6, : n // 2, : n // 2], np.eye(2))
    e, U = eigenvectors(H)
    scale = np.abs(H).max(axis=(1, 2)) + 1e-300
    assert (np.abs(H @ U - U * e[:, None, :]).max(axis=(1, 2)) < 2e-14 * n * scale).all()
    assert np.abs(U.conj().swapaxes(1, 2) @ U - np.eye(n)).max() < 1e-14 * n
    assert (np.diff(e, axis=1) >= 0).all()


def test_a_matrix_of_nan_spoils_its_own_lane_only() -> None:
    H = _hermitian(5, seed=3)
    alone, _ = eigenvectors(H)
    H[2, 1, 3] = np.nan
    e, _ = eigenvectors(H)
    others = np.arange(LANES) != 2
    np.testing.assert_allclose(e[others], alone[others], atol=1e-13)
    assert np.isnan(e[2]).any()
