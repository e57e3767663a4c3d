"""One crystal in every form that the readers know: other cells and axes of it, and the files of each program."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from explorer.models.files.wannier90.beside.win import BOHR
from explorer.models.kit.arrays import Complexes, Floats, Integers
from tests.models.files.wannier90.wannier_files import (
    RandomModel,
    centres_lines,
    hr_lines,
    r_lines,
    save,
    sparse_lines,
    tb_lines,
    win_lines,
)

HEIGHT = 17.0
PLANES = {"xy": [0, 1, 2], "yz": [1, 2, 0], "zx": [2, 0, 1]}


@dataclass(frozen=True, eq=False)
class Crystal:
    """cell (2, 2), centres (N, 3) [angstrom], H[R] = <0|H|R> [eV]; `turned` by this from the axes it was made on."""

    cell: Floats
    centres: Floats
    H: dict[tuple[int, int], Complexes]
    turned: Floats

    @property
    def size(self) -> int:
        return len(self.centres)


def crystal(seed: int, size: int = 2) -> Crystal:
    """A random one, without any symmetry, two or three bands a few eV wide."""
    rng = np.random.default_rng(seed)
    cell = np.array([[3.1, 0.0], [0.7, 2.7]])
    half = [(0, 0), (1, 0), (0, 1), (1, 1)]
    H: dict[tuple[int, int], Complexes] = {}
    for R in half:
        strength = 0.25 if any(R) else 0.5
        m = strength * (rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
        H[R] = m if any(R) else 0.5 * (m + m.conj().T) + np.diag(np.linspace(-1.5, 1.5, size))
        H[-R[0], -R[1]] = H[R].conj().T
    centres = np.column_stack([rng.uniform(0, 1, (size, 2)) @ cell, 6 + rng.uniform(0, 3, size)])
    return Crystal(cell, centres, H, np.eye(2))


def in_basis(c: Crystal, basis: Integers) -> Crystal:
    """On the lattice vectors `basis @ cell`: another cell of the same size, or a supercell."""
    count = round(abs(np.linalg.det(basis)))
    inverse = np.linalg.inv(basis)
    reach = range(-8, 9)
    sites = [
        np.array((i, j))
        for i in reach
        for j in reach
        if np.all(np.floor(np.array((i, j)) @ inverse + 1e-9) == 0)
    ]
    assert len(sites) == count
    at = {tuple(site.tolist()): n for n, site in enumerate(sites)}
    n = c.size
    H: dict[tuple[int, int], Complexes] = {}
    for a, site in enumerate(sites):
        for R, m in c.H.items():
            there = site + np.array(R)
            step = np.floor(there @ inverse + 1e-9).astype(int)
            b = at[tuple((there - step @ basis).tolist())]
            block = H.setdefault((int(step[0]), int(step[1])), np.zeros((n * count, n * count), complex))
            block[a * n : (a + 1) * n, b * n : (b + 1) * n] += m
    shifts = np.array([[*(site @ c.cell), 0.0] for site in sites])
    centres = (shifts[:, None] + c.centres[None]).reshape(-1, 3)
    return Crystal(basis @ c.cell, centres, H, c.turned)


def rotated(c: Crystal, angle: float) -> Crystal:
    """All of it turned in its plane."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centres = c.centres.copy()
    centres[:, :2] = centres[:, :2] @ turn.T
    return Crystal(c.cell @ turn.T, centres, c.H, turn @ c.turned)


def images(c: Crystal, steps: Integers) -> Crystal:
    """The same with function j taken `steps[j]` lattice vectors further: centres and H together."""
    H: dict[tuple[int, int], Complexes] = {}
    for R, m in c.H.items():
        for i, j in np.argwhere(m != 0):
            there = np.array(R) - steps[j] + steps[i]
            H.setdefault(tuple(there.tolist()), np.zeros_like(m))[i, j] = m[i, j]
    H.setdefault((0, 0), np.zeros((c.size, c.size), complex))
    centres = c.centres.copy()
    centres[:, :2] += steps @ c.cell
    return Crystal(c.cell, centres, H, c.turned)


def in_space(c: Crystal, plane: str, order: list[int]) -> RandomModel:
    """As a file in three dimensions has it: in a Cartesian plane, its lattice vectors in some order and handedness."""
    axes = PLANES[plane]  # of the file, for x, y, z of the crystal
    cell, centres = np.zeros((3, 3)), np.zeros((c.size, 3))
    cell[:2, axes[:2]] = c.cell
    cell[2, axes[2]] = HEIGHT
    centres[:, axes] = c.centres
    H = {tuple(int((*R, 0)[o]) for o in order): m for R, m in c.H.items()}
    r = {R: np.zeros((3, c.size, c.size), complex) for R in H}
    for axis in range(3):
        r[0, 0, 0][axis][np.diag_indices(c.size)] = centres[:, axis]
    return RandomModel(
        cell[order], dict(sorted(H.items())), dict(sorted(r.items())), dict.fromkeys(sorted(H), 1)
    )


def wout_lines(model: RandomModel, unit: float) -> list[str]:
    name = "Ang" if unit == 1.0 else "Bohr"
    lines = [f"                              Lattice Vectors ({name})"]
    lines += [
        f"   a_{i + 1} {' '.join(f'{x / unit:12.6f}' for x in row)}" for i, row in enumerate(model.cell)
    ]
    lines += [f"  |  Length Unit                               :  {name}                |", " Final State"]
    for i, centre in enumerate(model.centres):
        lines.append(
            f"  WF centre and spread {i + 1:4d}  ( {', '.join(f'{x / unit:.6f}' for x in centre)} ) 1.0"
        )
    return lines


def projections(model: RandomModel, rng: np.random.Generator) -> list[str]:
    fractions = model.centres @ np.linalg.inv(model.cell)
    return [
        "begin projections",
        *(f"f={','.join(f'{x:.12f}' for x in f)}:s" for f in fractions),
        "end projections",
    ]


def moved_home(model: RandomModel) -> list[str]:
    """The _centres.xyz that translate_home_cell leaves."""
    fractions = model.centres @ np.linalg.inv(model.cell)
    home = (fractions - np.floor(fractions)) @ model.cell
    return ["0", "moved", *(f"X {' '.join(f'{x:.10f}' for x in row)}" for row in home)]


def weighted(model: RandomModel, rng: np.random.Generator) -> RandomModel:
    """With Ndegen other than 1, as Wannier90 lists what is shared among images."""
    weight: dict[tuple[int, int, int], int] = {}
    for R in model.H:
        back = tuple(-x for x in R)
        weight[R] = weight.get(back, int(rng.integers(1, 5)) if any(R) else 1)
    return RandomModel(
        model.cell,
        {R: weight[R] * m for R, m in model.H.items()},
        {R: weight[R] * m for R, m in model.r.items()},
        weight,
    )


def by_wsvec(model: RandomModel, rng: np.random.Generator) -> tuple[RandomModel, list[str]]:
    """Each function listed at some image of it, with the _wsvec.dat that brings every pair back."""
    steps = rng.integers(-1, 2, (len(model.centres), 3)) * np.array(
        [1 if abs(v).max() < HEIGHT - 1 else 0 for v in model.cell]
    )
    listed: dict[tuple[int, int, int], Complexes] = {}
    for R, m in model.H.items():
        for i, j in np.argwhere(m != 0):
            there = tuple((np.array(R) - steps[j] + steps[i]).tolist())
            listed.setdefault(there, np.zeros_like(m))[i, j] = m[i, j]
    listed.setdefault((0, 0, 0), np.zeros_like(next(iter(model.H.values()))))
    lines = ["## written with use_ws_distance = .true."]
    for R in sorted(listed):
        for i in range(len(steps)):
            for j in range(len(steps)):
                lines += [f"{R[0]:5d}{R[1]:5d}{R[2]:5d}{i + 1:5d}{j + 1:5d}", "    1"]
                lines.append("".join(f"{x:5d}" for x in steps[j] - steps[i]))
    zero = np.zeros((3, len(steps), len(steps)), complex)
    r = {R: model.r[0, 0, 0] if not any(R) else zero for R in sorted(listed)}
    return RandomModel(model.cell, dict(sorted(listed.items())), r, dict.fromkeys(sorted(listed), 1)), lines


def tools_input(model: RandomModel, rng: np.random.Generator, more: str = "") -> list[str]:
    direct = bool(rng.integers(2))
    places = model.centres @ np.linalg.inv(model.cell) if direct else model.centres
    rows = [" ".join(f"{x:.12f}" for x in row) for row in model.cell]
    return [
        *("&TB_FILE", "Hrfile = 'a_hr.dat'", more, "/", "LATTICE", "Angstrom"),
        *rows,
        *("", "WANNIER_CENTRES", "Direct" if direct else "Cartesian"),
        *(" ".join(f"{x:.12f}" for x in row) for row in places),
    ]


Written = tuple[Path, str]
"""The file to open, and what its refusal says; "" where it is to be read."""
Writer = Callable[[Path, RandomModel, np.random.Generator], Written]


def tb(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    return save(folder / "a_tb.dat", tb_lines(weighted(m, rng))), ""


def tb_packed(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    plain = save(folder / "a_tb.dat", tb_lines(m))
    raw = plain.read_bytes()
    kind = rng.choice(["gz", "bz2", "xz", "zip", "tar.gz", "folder"])
    if kind == "folder":
        return folder, ""
    plain.unlink()
    path = folder / (f"a_tb.dat.{kind}" if kind in ("gz", "bz2", "xz") else f"a.{kind}")
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("run/a_tb.dat", raw)
    elif kind == "tar.gz":
        plain.write_bytes(raw)
        with tarfile.open(path, "w:gz") as packed:
            packed.add(plain, "a_tb.dat")
        plain.unlink()
    else:
        path.write_bytes({"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[kind](raw))
    return (folder if rng.integers(2) and kind in ("zip", "tar.gz") else path), ""


def tb_without_r(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    lines = tb_lines(m)
    save(folder / "a_centres.xyz", centres_lines(m))
    return save(folder / "a_tb.dat", lines[: -len(m.r) * (2 + len(m.centres) ** 2)]), ""


def tb_off_its_wout(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    """The diagonal of r on a wrong branch; the .wout knows."""
    save(folder / "a.wout", wout_lines(m, 1.0))
    wrong = RandomModel(m.cell, m.H, {R: r.copy() for R, r in m.r.items()}, m.weight)
    wrong.r[0, 0, 0][:, 0, 0] += 0.25 * m.cell[int(rng.integers(2))]
    return save(folder / "a_tb.dat", tb_lines(wrong)), ""


def hr(folder: Path, m: RandomModel) -> Path:
    return save(folder / "a_hr.dat", hr_lines(m))


def hr_win_xyz(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    save(folder / "a.win", win_lines(m, bohr=bool(rng.integers(2))))
    save(folder / "a_centres.xyz", centres_lines(m))
    return hr(folder, weighted(m, rng)), ""


def hr_wout(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    save(folder / "a.wout", wout_lines(m, BOHR if rng.integers(2) else 1.0))
    if rng.integers(2):
        save(folder / "a.win", win_lines(m, bohr=bool(rng.integers(2))))
    return hr(folder, m), ""


def hr_moved_xyz(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    save(folder / "a_centres.xyz", moved_home(m))
    by = rng.choice(["wout", "projections", "nothing"])
    if by == "wout":
        save(folder / "a.wout", wout_lines(m, BOHR if rng.integers(2) else 1.0))
    more = ["translate_home_cell = true", *(projections(m, rng) if by == "projections" else [])]
    save(folder / "a.win", win_lines(m, more=more))
    return hr(folder, m), "translate_home_cell in the .win" if by == "nothing" else ""


def hr_projections(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    save(folder / "a.win", win_lines(m, more=projections(m, rng)))
    save(folder / "wannier90_hr.dat", hr_lines(m))  # another run's files, which are none of ours
    save(folder / "wannier90_centres.xyz", moved_home(m))
    return hr(folder, m), ""


def hr_r(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    save(folder / "a.win", win_lines(m))
    save(folder / "a_r.dat", r_lines(m, counted=bool(rng.integers(2))))
    return hr(folder, m), ""


def hr_poscar(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    save(folder / "a_centres.xyz", centres_lines(m))
    rows = ["  ".join(f"{x / 1.7:.15f}" for x in row) for row in m.cell]
    save(folder / "POSCAR", ["crystal", "1.7", *rows, "X", "1", "Direct", "0 0 0"])
    return hr(folder, m), ""


def hr_wsvec(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    listed, lines = by_wsvec(m, rng)
    save(folder / "a_wsvec.dat", lines)
    if rng.integers(2):
        return save(folder / "a_tb.dat", tb_lines(listed)), ""
    save(folder / "a.win", win_lines(m))
    save(folder / "a_centres.xyz", centres_lines(m))
    return hr(folder, listed), ""


def sparse_wt(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    more = str(rng.choice(["", "", "", "Particle = 'phonon'", "Add_Zeeman_Field = T"]))
    save(folder / "wt.in", tools_input(m, rng, more))
    lines = sparse_lines(m) if rng.integers(2) else hr_lines(m)
    return save(folder / "a_hr.dat", lines), more.partition(" ")[0]


def headless(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    return save(folder / "a_hr.dat", hr_lines(m)[-len(m.H) * len(m.centres) ** 2 :]), "without its header"


def npz(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    vectors = np.array(list(m.H))
    H = np.array(list(m.H.values()))
    where = np.argwhere(H != 0)
    np.savez(
        folder / "a.npz",
        R=vectors, cell=m.cell, tau=m.centres, hR=where[:, 0], hi=where[:, 1], hj=where[:, 2], h=H[tuple(where.T)],
    )  # fmt: skip
    return folder / "a.npz", ""


def tbmodels(folder: Path, m: RandomModel, rng: np.random.Generator) -> Written:
    with h5py.File(folder / "a.hdf5", "w") as file:
        places = m.centres @ np.linalg.inv(m.cell)
        for name, value in {
            "uc": m.cell,
            "occ": 1,
            "size": len(places),
            "dim": 3,
            "pos": places,
            "sparse": False,
        }.items():
            file[name] = value
        done = set()
        for n, (R, matrix) in enumerate(m.H.items()):
            if tuple(-x for x in R) in done:
                continue
            done.add(R)
            group = file.create_group(f"hop/{n}")
            group["R"], group["mat"] = R, matrix if any(R) else 0.5 * matrix
    return folder / "a.hdf5", ""


FILES: tuple[Writer, ...] = (
    tb, tb_packed, tb_without_r, tb_off_its_wout, hr_win_xyz, hr_wout, hr_moved_xyz, hr_projections, hr_r, hr_poscar,
    hr_wsvec, sparse_wt, headless, npz, tbmodels,
)  # fmt: skip
"""Of three dimensions."""


def toml(path: Path, c: Crystal) -> Path:
    """A lattice model for users to write."""
    fractions = c.centres[:, :2] @ np.linalg.inv(c.cell)
    lines = ["[lattice]", *(f"a{i + 1} = [{row[0]!r}, {row[1]!r}]" for i, row in enumerate(c.cell.tolist()))]
    for i, (place, level) in enumerate(
        zip(fractions.tolist(), c.H[0, 0].diagonal().real.tolist(), strict=True)
    ):
        lines += [
            "[[orbitals]]",
            f'name = "o{i}"',
            f"position = [{place[0]!r}, {place[1]!r}]",
            f"energy = {level!r}",
        ]
    done: set[tuple[int, ...]] = set()
    for R, m in c.H.items():
        for i, j in np.argwhere(m != 0).tolist():
            if (R == (0, 0) and i == j) or (-R[0], -R[1], j, i) in done:
                continue
            done.add((*R, i, j))
            value = f"{float(m[i, j].real)!r} + ({float(m[i, j].imag)!r})*i"
            lines += ["[[hoppings]]", f'from = "o{i}"', f'to = "o{j}"', f"cells = [[{R[0]}, {R[1]}]]"]
            lines.append(f'value = "{value}"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def basis_of(rng: np.random.Generator) -> tuple[str, Integers]:
    """Primitive, unreduced, or one of the supercells of two and three cells, unreduced or not."""
    kind = str(rng.choice(["primitive", "unreduced", "supercell"], p=[0.4, 0.35, 0.25]))
    basis = np.eye(2, dtype=int)
    if kind == "supercell":
        count = int(rng.choice([2, 2, 3]))
        basis = np.array([[count, 0], [int(rng.integers(count)), 1]])
    if kind != "primitive":
        for _ in range(2):
            i = int(rng.integers(2))
            basis[i] += int(rng.integers(-1, 2)) * basis[1 - i]
    return kind, basis
