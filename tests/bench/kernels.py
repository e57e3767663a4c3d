"""The geometry kernels against LAPACK, plain numpy, WannierBerri and themselves on more threads."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
from numba import njit
from scipy.linalg.lapack import zheevd

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.model import catalogue
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.equation_11_gauge_free import geometry_block
from explorer.physics.kernels.dispatch import kernel_of
from explorer.physics.zone.domain import zone_of
from explorer.threads import Sharing
from tests.bench.ratios import Row, ratio
from tests.physics.random_hamiltonians import random_hamiltonian

MESH = 201


def model(key: str, **values: float) -> LatticeHamiltonian:
    """A model's Hamiltonian."""
    h = catalogue()[key](**values).hamiltonian()
    assert isinstance(h, LatticeHamiltonian)
    return h


def mesh(h: Hamiltonian, n: int = MESH) -> Floats:
    """The n x n mesh over the zone of h."""
    return zone_of(h).mesh(n)[0]


def over_eigh(name: str, h: Hamiltonian, target: float | None, count: int = MESH * MESH) -> Row:
    """All of the geometry over numpy.linalg.eigh of the same matrices, one thread each."""
    k = np.ascontiguousarray(mesh(h)[:, :count])
    H = bloch_matrices(h, k).H
    what = f"{name} ({kernel_of(h).name}) / eigh"
    shares = (k.shape[1], k.shape[1])
    return ratio(what, lambda: band_geometry(h, k), lambda: np.linalg.eigh(H), target=target, shares=shares)


def against_lapack() -> Iterator[Row]:
    """Targets of the live explorer: per k over batched eigh."""
    yield over_eigh("N = 2, Haldane", model("haldane"), 0.15)
    yield over_eigh("N = 2, tilted Dirac k.p", catalogue()["tilted-dirac"]().hamiltonian(), 0.15)
    yield over_eigh("N = 4, CuMnAs in Kramers pairs", model("cumnas"), 0.3)
    yield over_eigh("N = 4, CuMnAs, PT broken", model("cumnas", staggering=0.2), 1.0)
    yield over_eigh("N = 8, honeycomb antiferromagnet", model("honeycomb-afm"), 1.5, 8192)
    yield over_eigh("N = 8, random", random_hamiltonian(8, 1), 1.5, 8192)
    yield over_eigh("N = 8, cri3-eg, 51 R, position matrices", model("cri3-eg"), None, 8192)
    yield over_eigh("N = 16, random", random_hamiltonian(16, 1), 2.0, 2048)
    yield over_eigh("N = 24, random", random_hamiltonian(24, 1), None, 512)
    yield over_eigh("N = 32, random", random_hamiltonian(32, 1), None, 256)
    yield over_eigh("N = 112, cri3, diagonal positions", replace(model("cri3"), dipoles=None), 4.0, 32)


def first_principles() -> Iterator[Row]:
    """One wave vector of bilayer CrI3 over zheevd of the same matrix."""
    full = model("cri3")
    k = np.ascontiguousarray(mesh(full)[:, 100:132])
    H = bloch_matrices(full, k[:, :1]).H[0]
    for name, h, target in (
        ("position matrices", full, 6.0),
        ("diagonal positions", replace(full, dipoles=None), 4.0),
    ):
        yield ratio(
            f"N = 112, cri3, {name} / zheevd",
            lambda h=h: band_geometry(h, k),
            lambda: zheevd(H),
            target=target,
            shares=(k.shape[1], 1),
        )


def against_plain_numpy() -> Iterator[Row]:
    """The same picture by `equation_11_gauge_free`."""
    for name, h in (
        ("N = 2, Haldane", model("haldane")),
        ("N = 4, CuMnAs", model("cumnas")),
        ("N = 8, honeycomb antiferromagnet", model("honeycomb-afm")),
    ):
        k = np.ascontiguousarray(mesh(h)[:, :4096])

        def plain(h: Hamiltonian = h, k: Floats = k) -> None:
            for start in range(0, k.shape[1], 512):
                geometry_block(bloch_matrices(h, k[:, start : start + 512]), h.degeneracy_tolerance, False)

        yield ratio(
            f"plain numpy / {name}",
            plain,
            lambda h=h, k=k: band_geometry(h, k),
            target=None,
            at_most=False,
            shares=(k.shape[1], k.shape[1]),
            repeats=5,
        )


def against_wannierberri() -> Iterator[Row]:
    """WannierBerri tabulating Berry curvature and orbital moment alone, over all of the geometry."""
    import wannierberri
    from wannierberri.calculators import tabulate
    from wannierberri.data_K import get_data_k_class_from_system

    from tests.physics.against.wannierberri_runs import write_tb

    points = 100
    for name, h in (
        ("N = 2, Haldane", model("haldane")),
        ("N = 4, CuMnAs", model("cumnas")),
        ("N = 4, CuMnAs, PT broken", model("cumnas", staggering=0.2)),
    ):
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            path = Path(folder) / "model_tb.dat"
            write_tb(h, path)
            system = wannierberri.System_R.from_tb_file(str(path), berry=True)
        grid = wannierberri.Grid(system=system, NK=1, NKFFT=(points, points, 1))
        options = {"kwargs_formula": {"external_terms": False}, "print_comment": False}
        tables = tabulate.BerryCurvature(**options), tabulate.OrbitalMoment(**options)

        def theirs(system: object = system, grid: object = grid, tables: tuple = tables) -> None:
            data = get_data_k_class_from_system(system)(system, grid=grid, dK=np.zeros(3))
            for table in tables:
                table(data)

        k = mesh(h, points)
        yield ratio(
            f"WannierBerri / {name}, {points} x {points}",
            theirs,
            lambda h=h, k=k: band_geometry(h, k),
            target=200.0,
            at_most=False,
            shares=(k.shape[1], k.shape[1]),
            repeats=3,
        )


@njit(nogil=True, fastmath=True)
def _multiply(x: Floats, times: int) -> None:
    for _ in range(times):
        for i in range(x.size):
            x[i] = 0.999999 * x[i] + 1e-9


@njit(nogil=True)
def _fill(x: Floats) -> None:
    for i in range(x.size):
        x[i] = i


def machine() -> Iterator[Row]:
    """What a second thread brings here to work that shares nothing: cores may be two halves of one.

    Vector arithmetic on numbers in the innermost cache, and writing to memory; the kernels do both.
    """
    small, large = [np.ones(64), np.ones(64)], [np.empty(8_000_000), np.empty(8_000_000)]
    for what, work in (
        ("arithmetic", [lambda x=x: _multiply(x, 500_000) for x in small]),
        ("writing to memory", [lambda x=x: _fill(x) for x in large]),
    ):
        with Sharing() as pool:
            yield ratio(
                f"one thread / two, wall, this machine: {what}",
                lambda work=work: [part() for part in work],
                lambda work=work, pool=pool: list(pool.map(lambda part: part(), work)),
                target=None,
                repeats=15,
                clock=time.perf_counter,
                unit="ms",
            )


def threads() -> Iterator[Row]:
    """Two threads against one: by the wall clock, which needs an idle machine, and by processor time.

    The second counts what sharing adds to the work (caches, dispatch), not the waiting for other programs.
    """
    with Sharing() as pool:
        for name, h in (
            ("N = 2, Haldane", model("haldane")),
            ("N = 4, CuMnAs", model("cumnas")),
            ("N = 4, CuMnAs, PT broken", model("cumnas", staggering=0.2)),
            ("N = 8, honeycomb antiferromagnet", model("honeycomb-afm")),
        ):
            k = mesh(h)
            for clock, what, share in (
                (time.perf_counter, "wall", 1),
                (time.process_time, "2 x processor", 2),
            ):
                yield ratio(
                    f"one thread / two, {what}, {name}",
                    lambda h=h, k=k: band_geometry(h, k),
                    lambda h=h, k=k: band_geometry(h, k, pool=pool),
                    target=1.8,
                    at_most=False,
                    repeats=15,
                    clock=clock,
                    shares=(1, share),
                    unit="ms",
                )


def whole_mesh() -> Row:
    """Bilayer CrI3 with everything on 96 x 96 points, two threads, seconds."""
    h = model("cri3")
    k = mesh(h, 96)
    with ThreadPoolExecutor(2) as pool:
        start = time.perf_counter()
        band_geometry(h, k, pool=pool)
        seconds = time.perf_counter() - start
    return Row("cri3, 96 x 96, two threads, s", 60.0, True, seconds, seconds, seconds)


def rows(whole: bool) -> Iterator[Row]:
    """Every row; the 96 x 96 mesh of CrI3 only where asked."""
    yield from against_lapack()
    yield from first_principles()
    yield from against_plain_numpy()
    yield from against_wannierberri()
    yield from machine()
    yield from threads()
    if whole:
        yield whole_mesh()
