"""Files of spinors without centres: which functions share an orbital's site is read from the hoppings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.models.files.wannier90 import WannierFile, read_report
from explorer.models.files.wannier90.spin_order import ALTERNATING, HALVES, order_in
from explorer.models.kit.errors import InputError
from tests.models.files.wannier90.wannier_files import RandomModel, hr_lines, random_model, save, win_lines

ATOMS = ["begin atoms_cart", "ang", "C 1 0 5", "N 0 2 5", "end atoms_cart"]
PROJECTIONS = ["spinors = .true.", *ATOMS, "begin projections", "C:l=1", "N:s", "end projections"]
SITES = np.array([[1.0, 0.0]] * 3 + [[0.0, 2.0]])
PLACES = {ALTERNATING: np.repeat(SITES, 2, axis=0), HALVES: np.concatenate([SITES, SITES])}


def spinful(order: str, *, exchange: float = 0.0, coupling: float = 0.1, seed: int = 3) -> RandomModel:
    """Random orbitals, the same for both spins but for an exchange field and weak spin-orbit coupling."""
    orbitals, model = random_model(n=4, seed=seed), random_model(n=8, seed=seed)
    up = np.arange(4) * 2 if order == ALTERNATING else np.arange(4)
    down = up + (1 if order == ALTERNATING else 4)
    for R, h in model.H.items():
        h *= coupling
        h[np.ix_(up, up)] += orbitals.H[R].real
        h[np.ix_(down, down)] += orbitals.H[R].real
        if not any(R):
            h[up, up] += exchange * np.arange(4)
            h[down, down] -= exchange * np.arange(4)
    return model


@pytest.mark.parametrize("exchange", [0.0, 2.0])
@pytest.mark.parametrize("order", [ALTERNATING, HALVES])
def test_projections_follow_the_order_of_the_hoppings(order: str, exchange: float, tmp_path: Path) -> None:
    """Wannier90 1.2 and older VASP list all of spin up first, later versions let the spins alternate."""
    model = spinful(order, exchange=exchange)
    save(tmp_path / "a.win", win_lines(model, more=PROJECTIONS))
    path = save(tmp_path / "a_hr.dat", hr_lines(model))
    np.testing.assert_allclose(WannierFile(path).hamiltonian().positions, PLACES[order], atol=1e-12)
    report = read_report(path)
    assert f"Spinors: {order}, as the hoppings show." in report.notes
    assert order in report.spinor_order


def test_hoppings_that_do_not_tell() -> None:
    assert order_in(random_model(n=8, seed=1).H[1, 0, 0][None]) is None
    assert order_in(np.zeros((1, 8, 8), complex)) is None
    assert order_in(np.ones((1, 3, 3), complex)) is None


@pytest.mark.parametrize("order", [ALTERNATING, HALVES])
def test_two_like_layers_are_not_two_spins(order: str, tmp_path: Path) -> None:
    """A ferromagnetic bilayer, one layer listed after the other: what hops not at all between the layers tells."""
    orbitals, coupling = random_model(n=2, seed=7), random_model(n=4, seed=7)
    model = random_model(n=8, seed=7)
    sites = np.array([[1.0, 0, 5], [0, 2, 5], [1, 0, 12], [0, 2, 12]])
    up, down = (
        (np.arange(0, 8, 2), np.arange(1, 8, 2)) if order == ALTERNATING else (np.arange(4), np.arange(4, 8))
    )
    for R, h in model.H.items():
        layer = 0.05 * coupling.H[R] + np.kron(np.eye(2), orbitals.H[R].real)
        layer += np.diag([1.0, 1.0, -1.0, -1.0]) if not any(R) else 0.0
        h[:] = 0
        for half in (slice(0, 2), slice(2, 4)):
            functions = [*up[half], *down[half]]
            h[np.ix_(functions, functions)] = layer
    more = ["spinors = T", "begin projections", *(f"c={x},{y},{z}:s" for x, y, z in sites), "end projections"]
    save(tmp_path / "a.win", win_lines(model, more=more))
    path = save(tmp_path / "a_hr.dat", hr_lines(model))
    places = np.empty((8, 2))
    places[up] = places[down] = sites[:, :2]
    np.testing.assert_allclose(WannierFile(path).hamiltonian().positions, places, atol=1e-12)


def tools_input(model: RandomModel, *more: str, head: str = "Hrfile = 'a_hr.dat'") -> list[str]:
    """A `wt.in` of WannierTools for the sites above."""
    cell = [" ".join(map(str, row)) for row in model.cell]
    rows = ["&TB_FILE", head, "/", "&SYSTEM", "SOC = 1", "/", "LATTICE", "Angstrom", *cell]
    rows += [
        "ATOM_POSITIONS",
        "2",
        "Cartisen",
        "C 1 0 5",
        "N 0 2 5",
        "PROJECTORS",
        "3 1",
        "C px py pz",
        "N s",
    ]
    return [*rows, *more]


@pytest.mark.parametrize("package", ["VASP", "QE", "VASP6", "OPENMX"])
def test_the_package_of_wanniertools_names_the_order(package: str, tmp_path: Path) -> None:
    """Where the hoppings do not tell; where they do, they are believed whatever the package."""
    order = ALTERNATING if package in ("QE", "VASP6") else HALVES
    model = random_model(n=8, seed=1)
    path = save(tmp_path / "a_hr.dat", hr_lines(model))
    head = f"Hrfile = 'a_hr.dat'\nPackage = '{package}'  ! from it"
    save(tmp_path / "wt.in", tools_input(model, head=head))
    np.testing.assert_allclose(WannierFile(path).hamiltonian().positions, PLACES[order], atol=1e-12)
    for shown in (ALTERNATING, HALVES):
        save(path, hr_lines(spinful(shown)))
        np.testing.assert_allclose(WannierFile(path).hamiltonian().positions, PLACES[shown], atol=1e-12)


@pytest.mark.parametrize("package", ["VASP", "QE"])
@pytest.mark.parametrize("unit", ["Direct", "Cartesian"])
def test_centres_of_wanniertools(unit: str, package: str, tmp_path: Path) -> None:
    """The card WANNIER_CENTRES stands before the atoms, in WannierTools' order: all up, then all down."""
    model = spinful(ALTERNATING if package == "QE" else HALVES)
    centres = model.centres
    listed = np.concatenate([centres[::2], centres[1::2]]) if package == "QE" else centres
    rows = listed @ np.linalg.inv(model.cell) if unit == "Direct" else listed
    card = ["WANNIER_CENTRES", unit, *(" ".join(f"{x:.15f}" for x in row) for row in rows)]
    head = f"hrfile = \"a_hr.dat\" package = '{package}'"
    text = tools_input(model, *card, head=head)
    path = save(tmp_path / "a_hr.dat", hr_lines(model))
    save(tmp_path / "wt.in", text)
    np.testing.assert_allclose(WannierFile(path).hamiltonian().positions, centres[:, :2], atol=1e-12)


def test_defaults_of_wanniertools(tmp_path: Path) -> None:
    """No Hrfile is wannier90_hr.dat; cards are known in small letters."""
    model = spinful(HALVES)
    path = save(tmp_path / "wannier90_hr.dat", hr_lines(model))
    text = tools_input(model, head="")
    save(tmp_path / "wt.in", [line.lower() if line.isupper() else line for line in text])
    np.testing.assert_allclose(WannierFile(path).hamiltonian().positions, PLACES[HALVES], atol=1e-12)
    other = save(tmp_path / "b_hr.dat", hr_lines(model))
    with pytest.raises(InputError, match="no lattice beside"):  # the wt.in is that of the file beside it
        WannierFile(other)
    path.unlink()  # renamed
    np.testing.assert_allclose(WannierFile(other).hamiltonian().positions, PLACES[HALVES], atol=1e-12)
