"""A random Wannier model and the files Wannier90 would write of it, made the slow and obvious way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class RandomModel:
    """H[R][m, n] = <m0|H|nR> and r[R][axis, m, n], before division by weight[R]."""

    cell: np.ndarray
    H: dict[tuple[int, int, int], np.ndarray]
    r: dict[tuple[int, int, int], np.ndarray]
    weight: dict[tuple[int, int, int], int]

    @property
    def centres(self) -> np.ndarray:
        return np.diagonal(self.r[0, 0, 0], axis1=1, axis2=2).real.T

    def at(self, k: np.ndarray, shifts=None) -> tuple[np.ndarray, np.ndarray]:
        """H(k) and A(k), 3D Cartesian k, phases of the lattice vectors alone; shifts[R, m, n] as in wsvec."""
        n = len(self.centres)
        H, A = np.zeros((n, n), complex), np.zeros((3, n, n), complex)
        for R, w in self.weight.items():
            if shifts is None:
                phase = np.exp(1j * k @ (np.array(R) @ self.cell)) * np.ones((n, n))
            else:
                phase = np.array(
                    [
                        [
                            np.mean(
                                [np.exp(1j * k @ ((np.array(R) + T) @ self.cell)) for T in shifts[R, m, j]]
                            )
                            for j in range(n)
                        ]
                        for m in range(n)
                    ]
                )
            H += phase * self.H[R] / w
            A += phase * self.r[R] / w
        return H, A


def random_model(n=3, seed=0, *, stacking_reach=0, weights=True, cell=None) -> RandomModel:
    """Random Hermitian matrices on a few lattice vectors; R3 = 0 unless `stacking_reach`."""
    rng = np.random.default_rng(seed)
    cell = np.array([[3.0, 0.0, 0.0], [-1.2, 2.8, 0.0], [0.0, 0.0, 17.0]]) if cell is None else cell
    half = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, -1, 0), (2, 1, 0)]
    half += [(0, 0, s) for s in range(1, stacking_reach + 1)]
    model = RandomModel(cell, {}, {}, {})

    def gauss(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    for R in half:
        back = tuple(-x for x in R)
        h, r = gauss(n, n), 0.2 * gauss(3, n, n)
        if not any(R):
            h, r = h + h.conj().T, r + r.conj().transpose(0, 2, 1)
            for axis in range(3):
                r[axis][np.diag_indices(n)] = rng.uniform(-1, 1, n)
        model.H[R], model.r[R] = h, r
        model.H[back], model.r[back] = h.conj().T, r.conj().transpose(0, 2, 1)
        model.weight[R] = model.weight[back] = int(rng.integers(1, 4)) if weights and any(R) else 1
    for name in ("H", "r", "weight"):
        setattr(model, name, dict(sorted(getattr(model, name).items())))
    return model


def head(model: RandomModel, *, extra_weight=False, remark="") -> list[str]:
    w = list(model.weight.values()) + ([1, 1] if extra_weight else [])
    rows = [w[i : i + 4] for i in range(0, len(w), 4)]
    return [
        f"  {len(model.centres)} {remark}",
        f"  {len(model.weight)} {remark}",
        *("".join(f"{x:5d}" for x in row) for row in rows),
    ]


def tb_lines(model: RandomModel, **options) -> list[str]:
    n = len(model.centres)
    lines = [" written on 1Jan2026 at 00:00:00"]
    lines += ["  ".join(f"{x:.12f}" for x in row) for row in model.cell]
    lines += head(model, **options)
    for blocks, width in ((model.H, 1), (model.r, 3)):
        for R, b in blocks.items():
            b = b.reshape(width, n, n)
            lines += ["", "".join(f"{x:5d}" for x in R)]
            for j in range(n):
                for m in range(n):
                    row = "".join(f" {b[v, m, j].real:.15E} {b[v, m, j].imag:.15E}" for v in range(width))
                    lines.append(f"{m + 1:5d}{j + 1:5d}{row}")
    return lines


def hr_lines(model: RandomModel, *, digits=15, **options) -> list[str]:
    n = len(model.centres)
    lines = [" written on 1Jan2026 at 00:00:00", *head(model, **options)]
    for R, b in model.H.items():
        for j in range(n):
            for m in range(n):
                lines.append(
                    f"{R[0]:5d}{R[1]:5d}{R[2]:5d}{m + 1:5d}{j + 1:5d} "
                    f"{b[m, j].real:.{digits}f} {b[m, j].imag:.{digits}f}"
                )
    return lines


def r_lines(model: RandomModel, *, counted=True) -> list[str]:
    """SEED_r.dat; Wannier90 2 leaves the number of lattice vectors out."""
    n = len(model.centres)
    lines = [" written on 1Jan2026 at 00:00:00", f"  {n}", *([f"  {len(model.r)}"] if counted else [])]
    for R, b in model.r.items():
        for j in range(n):
            for m in range(n):
                numbers = "".join(f" {b[v, m, j].real:.15f} {b[v, m, j].imag:.15f}" for v in range(3))
                lines.append(f"{R[0]:5d}{R[1]:5d}{R[2]:5d}{m + 1:5d}{j + 1:5d}{numbers}")
    return lines


def sparse_lines(model: RandomModel) -> list[str]:
    """WannierTools' sparse _hr.dat: weights divided out."""
    rows = [
        f"{R[0]:5d}{R[1]:5d}{R[2]:5d}{m + 1:5d}{j + 1:5d} {(b / model.weight[R])[m, j].real:.15f}"
        f" {(b / model.weight[R])[m, j].imag:.15f}"
        for R, b in model.H.items()
        for m, j in np.argwhere(b != 0)
    ]
    return ["! sparse", f"  {len(rows)} ! lines", f"  {len(model.centres)} ! functions", *rows]


def centres_lines(model: RandomModel) -> list[str]:
    rows = [f"X  {x:.15f} {y:.15f} {z:.15f}" for x, y, z in model.centres]
    return [f"  {len(rows) + 1}", " Wannier centres, written by Wannier90", *rows, "C  0.0 0.0 0.0"]


def win_lines(model: RandomModel, *, bohr=False, more=()) -> list[str]:
    scale = 1 / 0.52917721067 if bohr else 1.0
    rows = ["  ".join(f"{scale * x:.15f}" for x in row) for row in model.cell]
    return [
        f"num_wann = {len(model.centres)}  ! functions",
        "Begin Unit_Cell_Cart",
        "Bohr" if bohr else "Ang",
        *rows,
        "End Unit_Cell_Cart",
        *more,
    ]


def save(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def without_tau(h, matrices: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Fourier sum of a LatticeHamiltonian's matrices at 2D k with the phases of the lattice vectors alone."""
    return np.tensordot(np.exp(1j * (h.vectors @ h.cell) @ k), matrices, axes=1)
