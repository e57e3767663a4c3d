"""TBmodels files and PythTB objects against their own definitions of H(k)."""

from __future__ import annotations

from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from explorer.models.files.source import open_source
from explorer.models.files.tbmodels_and_pythtb import from_pythtb
from explorer.models.files.wannier90 import WannierOptions
from explorer.models.kit.errors import InputError
from explorer.models.kit.hamiltonian import LatticeHamiltonian

K = np.random.default_rng(3).uniform(-1, 1, (4, 2))
CELL = np.array([[2.5, 0.0], [1.25, 2.165]])
POSITIONS = np.array([[0.0, 0.1], [1 / 3, 1 / 3]])


def at(h: LatticeHamiltonian, k: np.ndarray) -> np.ndarray:
    phase = np.exp(1j * h.positions @ k)
    H = np.tensordot(np.exp(1j * (h.vectors @ h.cell) @ k), h.hoppings, axes=1)
    return phase.conj()[:, None] * H * phase


def halves(seed=0):
    """R and matrix as TBmodels stores them: half of H(0), one of R and -R."""
    rng = np.random.default_rng(seed)
    for R in ((0, 0), (1, 0), (0, 1), (2, -1)):
        m = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
        yield R, m + m.conj().T if R == (0, 0) else m


def save(path, *, sparse=False, dim=2, leave_out=()):
    with h5py.File(path, "w") as file:
        cell, positions = np.eye(dim), np.zeros((2, dim))
        cell[:2, :2], positions[:, :2] = CELL, POSITIONS
        values = {"uc": cell, "occ": 1, "size": 2, "dim": dim, "pos": positions, "sparse": sparse}
        for name, value in values.items():
            if name not in leave_out:
                file[name] = value
        for i, (R, m) in enumerate(halves()):
            group = file.create_group(f"hop/{i}")
            group["R"] = [*R, *[0] * (dim - 2)]
            if sparse:
                group["data"], group["indices"], group["indptr"] = m.ravel(), [0, 1, 0, 1], [0, 2, 4]
                group["shape"] = [2, 2]
            else:
                group["mat"] = m
    return path


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("dim", [2, 3])
def test_tbmodels(tmp_path, sparse, dim):
    model = open_source(str(save(tmp_path / "m.hdf5", sparse=sparse, dim=dim)))
    h = model.hamiltonian()
    for k in K:
        expected = np.zeros((2, 2), complex)
        for R, m in halves():
            d = (np.array(R) + POSITIONS[None] - POSITIONS[:, None]) @ CELL
            expected += np.exp(1j * d @ k) * m
        assert np.abs(at(h, k) - expected - expected.conj().T).max() < 1e-12
    model.energy_shift = 0.5
    assert np.trace(at(model.hamiltonian(), K[0]) - at(h, K[0])).real == pytest.approx(1.0)


def test_tbmodels_errors(tmp_path):
    with pytest.raises(InputError, match=r"m\.hdf5: not a TBmodels model: uc, pos missing"):
        open_source(str(save(tmp_path / "m.hdf5", leave_out=("uc", "pos"))))
    (tmp_path / "n.hdf5").write_bytes(b"text")
    with pytest.raises(InputError, match=r"n\.hdf5: cannot be read"):
        open_source(str(tmp_path / "n.hdf5"), WannierOptions())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"uc": np.full((2, 2), np.nan)}, "not a finite number in the lattice"),
        ({"uc": np.ones((2, 2))}, "span no volume"),
        ({"uc": np.eye(3)}, "do not fit 2 orbitals"),
        ({"pos": np.zeros((3, 2))}, "do not fit 2 orbitals"),
        ({"size": 10**9}, "1000000000 orbitals"),
        ({"size": "two"}, "cannot be read as a TBmodels model"),
        ({"size": [2, 2]}, "cannot be read as a TBmodels model"),
        ({"dim": 1}, "in 1 dimensions"),
        ({"hop/0/R": np.zeros(3)}, "/hop/0/R should be 2 whole numbers"),
        ({"hop/0/R": np.array([0.5, 0.0])}, "/hop/0/R should be 2 whole numbers"),
        ({"hop/0/mat": np.eye(3)}, r"/hop/0/mat is \(3, 3\), the model has 2 orbitals"),
        ({"hop/0/mat": np.full((2, 2), np.nan)}, "not a finite number in H"),
    ],
)
def test_tbmodels_that_do_not_fit_together(tmp_path, change, message):
    path = save(tmp_path / "m.hdf5")
    with h5py.File(path, "r+") as file:
        group = file.get("tb_model", file)
        for key, value in change.items():
            del group[key]
            group[key] = value
    with pytest.raises(InputError, match=rf"m\.hdf5: .*{message}"):
        open_source(str(path))


def test_tbmodels_of_nothing(tmp_path):
    with pytest.raises(InputError, match=r"m\.hdf5: no such file"):
        open_source(str(tmp_path / "m.hdf5"))
    (tmp_path / "m.h5").write_bytes(b"")
    with pytest.raises(InputError, match=r"m\.h5: cannot be read"):
        open_source(str(tmp_path / "m.h5"))


HOPS = [(0.3 + 0.2j, 0, 1, (0, 0)), (-0.4, 0, 1, (1, 0)), (0.1j, 1, 1, (0, 1))]
SPIN = np.array([[1.0, 0.5j], [-0.5j, -1.0]])


def pythtb_old(spin=1, per=(0, 1)):
    """Attributes of `pythtb.tb_model` 1.8."""
    site = [0.5, -0.5] if spin == 1 else [0.5 * SPIN, -0.5 * np.eye(2)]
    hops = [[t if spin == 1 else t * (SPIN + 0.2j), i, j, np.array(R)] for t, i, j, R in HOPS]
    return SimpleNamespace(
        _lat=CELL, _orb=POSITIONS, _per=list(per), _nspin=spin, _site_energies=site, _hoppings=hops
    )


def pythtb_new(spin=1):
    """Attributes of `pythtb.TBModel` 2.0; hoppings within the cell carry no vector."""
    old = pythtb_old(spin)
    hops = [
        {"amplitude": t, "from_orbital": i, "to_orbital": j}
        | ({"lattice_vector": list(R)} if R.any() else {})
        for t, i, j, R in old._hoppings
    ]
    return SimpleNamespace(
        lat_vecs=CELL,
        orb_vecs=POSITIONS,
        periodic_dirs=[0, 1],
        nspin=spin,
        onsite=old._site_energies,
        hoppings=hops,
    )


@pytest.mark.parametrize("make", [pythtb_old, pythtb_new])
@pytest.mark.parametrize("spin", [1, 2])
def test_pythtb(make, spin):
    h = from_pythtb(make(spin))
    old = pythtb_old(spin)
    for k in K:
        expected = np.zeros((2, spin, 2, spin), complex)
        for i in (0, 1):
            expected[i, :, i] += np.reshape(old._site_energies[i], (spin, spin))
        for t, i, j, R in old._hoppings:
            term = np.reshape(t, (spin, spin)) * np.exp(1j * ((R + POSITIONS[j] - POSITIONS[i]) @ CELL) @ k)
            expected[i, :, j] += term
            expected[j, :, i] += term.conj().T
        assert np.abs(at(h, k) - expected.reshape(2 * spin, 2 * spin)).max() < 1e-12


def test_pythtb_must_be_2d():
    with pytest.raises(InputError, match="periodic in 1 directions"):
        from_pythtb(pythtb_old(per=(0,)))


def test_a_hopping_matrix_given_twice_is_refused(tmp_path):
    path = save(tmp_path / "m.hdf5")
    with h5py.File(path, "a") as file:
        file.copy("hop/1", "hop/again")
    with pytest.raises(InputError, match=r"the hopping matrix of R = \[1, 0\] is given twice"):
        open_source(str(path))
