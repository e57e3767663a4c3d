"""One crystal in random forms of files: the same chi within the bars, or a refusal that says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pythtb import tb_model

from explorer.models.files.tbmodels_and_pythtb import from_pythtb
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian
from explorer.models.kit.model import Model
from explorer.results.sweep import sweep
from explorer.session.source import Source, open_source
from tests.models.files.forms import (
    FILES,
    PLANES,
    Crystal,
    basis_of,
    crystal,
    images,
    in_basis,
    in_space,
    rotated,
    toml,
)

MU, KELVIN = 0.1, 1500.0
MESH = 48
KINDS = (*FILES, "toml", "pythtb")


def chi_of(source: Source) -> tuple[Floats, Floats]:
    """chi and its bar on the file's axes, (2,) each [nm/ohm]; at this temperature a plain sum converges fast."""
    r = sweep(source, MU, KELVIN, method="sum", mesh=MESH, rtol=1e-6, checks="none").response
    return r.chi[0, 0], r.chi_error[0, 0]


def plain(h: Hamiltonian) -> Source:
    class Given(Model):
        def hamiltonian(self) -> Hamiltonian:
            return h

    return Source("given", Given(), h, "given")


def directly(c: Crystal) -> LatticeHamiltonian:
    """The crystal as it was made, no file between."""
    return LatticeHamiltonian(c.cell, c.centres[:, :2], np.array(list(c.H)), np.array(list(c.H.values())))


def by_pythtb(c: Crystal) -> LatticeHamiltonian:
    fractions = c.centres[:, :2] @ np.linalg.inv(c.cell)
    model = tb_model(2, 2, c.cell.tolist(), fractions.tolist())
    model.set_onsite(c.H[0, 0].diagonal().real.tolist())
    done: set[tuple[int, ...]] = set()
    for R, m in c.H.items():
        for i, j in np.argwhere(m != 0).tolist():
            if (R == (0, 0) and i == j) or (-R[0], -R[1], j, i) in done:
                continue
            done.add((*R, i, j))
            model.set_hop(complex(m[i, j]), i, j, list(R))
    return from_pythtb(model)


@pytest.fixture(scope="module")
def right() -> tuple[Crystal, Floats, Floats]:
    c = crystal(11)
    return c, *chi_of(plain(directly(c)))


def try_form(seed: int, folder: Path, right: tuple[Crystal, Floats, Floats]) -> str:
    """One random form; what became of it, in a word."""
    c, chi, bar = right
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    cell, basis = basis_of(rng)
    c = in_basis(c, basis)
    if rng.integers(2):
        c = rotated(c, float(rng.uniform(0, 2 * np.pi)))
    if rng.integers(2):
        c = images(c, rng.integers(-1, 2, (c.size, 2)))
    what = f"seed {seed}: {kind if isinstance(kind, str) else kind.__name__}, {cell}, {basis.tolist()}"
    message = ""
    if kind == "toml":
        source = open_source(str(toml(folder / "a.toml", c)))
    elif kind == "pythtb":
        source = plain(by_pythtb(c))
    else:
        assert not isinstance(kind, str)
        m = in_space(c, str(rng.choice(list(PLANES))), rng.permutation(3).tolist())
        path, message = kind(folder, m, rng)
        if message:
            with pytest.raises(ValueError, match=message):
                open_source(str(path))
            return "refused"
        source = open_source(str(path))
    mine, own_bar = chi_of(source)
    apart = np.abs(mine - c.turned @ chi)
    allowed = (
        own_bar + np.abs(c.turned) @ bar + 2e-6 * np.abs(chi).max()
    )  # centres of a .wout have six digits
    assert np.all(apart <= allowed), f"{what}: chi {mine} for {c.turned @ chi}, bars {allowed}"
    return "read"


def tried(seeds: range, folder: Path, right: tuple[Crystal, Floats, Floats]) -> list[str]:
    """What became of each."""
    became = []
    for seed in seeds:
        (folder / str(seed)).mkdir()
        became.append(try_form(seed, folder / str(seed), right))
    return became


def test_two_hundred_forms_of_one_crystal(tmp_path: Path, right: tuple[Crystal, Floats, Floats]) -> None:
    became = tried(range(1000, 1200), tmp_path, right)
    assert len(became) == 200
    assert became.count("read") > 150
    assert became.count("refused") > 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_a_thousand_forms_of_other_crystals(seed: int, tmp_path: Path) -> None:
    c = crystal(20 + seed, 2 + seed % 2)
    became = tried(range(2000 + 200 * seed, 2200 + 200 * seed), tmp_path, (c, *chi_of(plain(directly(c)))))
    assert became.count("read") > 150


def test_the_bars_tell_forms_apart(right: tuple[Crystal, Floats, Floats]) -> None:
    """A centre a lattice vector away is another crystal: its chi lies far outside what is allowed above."""
    c, chi, bar = right
    moved = c.centres.copy()
    moved[0, :2] += c.cell[0]
    other, own = chi_of(plain(directly(Crystal(c.cell, moved, c.H, c.turned))))
    assert np.abs(other - chi).max() > 1e3 * (bar + own).max()
