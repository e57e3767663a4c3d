"""Bilayer CrI3: Kramers pairs, gap, symmetry of the stored matrices, spin, and the numbers of its README."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import assets
from explorer.models.cri3 import GAP, CrI3, CrI3Conduction
from explorer.models.files.wannier90 import WannierFile
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.models.kit.model import catalogue

K = np.random.default_rng(4).uniform(-0.9, 0.9, (6, 2))


def with_positions(h: LatticeHamiltonian, matrices: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Fourier sum with the phases of the orbital positions, straight from the definition."""
    phase = np.exp(1j * h.positions @ k)
    return np.einsum("r,r...->...", np.exp(1j * (h.vectors @ h.cell) @ k), matrices) * (
        phase.conj()[:, None] * phase
    )


@pytest.fixture(params=[CrI3, CrI3Conduction], ids=["cri3", "cri3-eg"])
def model(request):
    return request.param()


def test_catalogue_offers_both():
    assert {"cri3", "cri3-eg"} <= set(catalogue())


def test_bands_are_kramers_pairs(model):
    h = model.hamiltonian()
    for k in K:
        E = np.linalg.eigvalsh(with_positions(h, h.hoppings, k))
        assert np.ptp(E.reshape(-1, 2), axis=1).max() < 1e-7 < h.degeneracy_tolerance == 1e-4


def test_gap_at_gamma():
    E = np.linalg.eigvalsh(CrI3().hamiltonian().hoppings.sum(axis=0))
    assert E[84] - E[83] == pytest.approx(GAP, abs=3e-4)
    lowest = np.linalg.eigvalsh(CrI3Conduction().hamiltonian().hoppings.sum(axis=0))[0]
    assert lowest == pytest.approx(GAP, abs=3e-4)
    assert GAP < CrI3.default_mu < 1.4


def test_conduction_model_agrees_with_the_whole():
    whole, part = CrI3().hamiltonian(), CrI3Conduction().hamiltonian()
    for k in K:
        E = np.linalg.eigvalsh(with_positions(whole, whole.hoppings, k))[84:92]
        assert np.abs(E - np.linalg.eigvalsh(with_positions(part, part.hoppings, k))).max() < 2.5e-3


def test_declared_operations_hold(model):
    h = model.hamiltonian()
    names = {s.name for s in model.symmetries()}
    assert names == {"C2y", "PT", "M_y T"}
    for s in model.symmetries():
        U = s.matrix
        assert np.abs(U @ U.conj().T - np.eye(h.size)).max() == 0
        for k in K[:3]:
            before, after = (with_positions(h, h.hoppings, q) for q in (k, s.image(k)))
            A, image = (
                np.array([with_positions(h, h.dipoles[:, v], q) for v in (0, 1)]) for q in (k, s.image(k))
            )
            if s.antiunitary:
                before, A = before.conj(), A.conj()
            assert np.abs(U @ before @ U.conj().T - after).max() < 1e-6
            turned = np.tensordot(s.rotation, U @ A @ U.conj().T, axes=1)
            assert np.abs(turned - image).max() < 1e-6


def test_axis_along_y_reverses_kx():
    (axis,) = (s for s in CrI3().symmetries() if s.name == "C2y")
    assert axis.image(np.array([0.3, 0.2])).tolist() == [-0.3, 0.2]


def test_position_matrices_switch(model):
    full = model.hamiltonian()
    half = type(model)(position_matrices=0.5).hamiltonian()
    points = type(model)(position_matrices=0.0).hamiltonian()
    assert points.dipoles is None
    assert np.abs(half.dipoles - 0.5 * full.dipoles).max() == 0
    assert points.positions is full.positions
    # the diagonal at R = 0 is in the positions
    home = np.flatnonzero(~full.vectors.any(axis=1))[0]
    assert np.abs(np.diagonal(full.dipoles[home], axis1=-2, axis2=-1)).max() == 0


def test_spin_matrices(model):
    x, y, z = model.spin()
    n = model.hamiltonian().size
    assert np.abs(z @ z - np.eye(n)).max() == 0
    assert np.trace(z) == 0
    if isinstance(model, CrI3Conduction):  # the partner of each function has the other spin's bands left out
        assert not x.any()
    else:
        assert np.abs(x @ y - 1j * z).max() == 0
        (pt,) = (s for s in model.symmetries() if s.name == "PT")
        for sigma in (x, y, z):  # spin is odd under PT
            assert np.abs(pt.matrix @ sigma.conj() @ pt.matrix.conj().T + sigma).max() == 0


def test_model_is_loaded_once(model):
    assert model.hamiltonian() is type(model)().hamiltonian()


def test_conduction_model_is_the_text_file():
    from_text = WannierFile(assets.path("cri3/cri3_bilayer_eg_tb.dat")).hamiltonian()
    h = CrI3Conduction().hamiltonian()
    assert np.array_equal(h.hoppings, from_text.hoppings)
    assert np.array_equal(h.dipoles, from_text.dipoles)
    archive = WannierFile(assets.path("cri3/cri3_bilayer_eg_all.npz")).hamiltonian()
    assert np.abs(archive.hoppings - h.hoppings).max() < 2e-7
    assert np.abs(archive.dipoles - h.dipoles).max() < 2e-7


def test_conduction_bands_alone_are_neutral_when_empty() -> None:
    assert CrI3Conduction().neutral_bands == 0
    assert CrI3().neutral_bands is None  # the gap tells
