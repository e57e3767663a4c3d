"""Levels without derivatives, and the matrices H(k) they come from, against sums written out."""

from __future__ import annotations

import cmath

import numpy as np
import pytest

from explorer.models.haldane import Haldane
from explorer.models.tilted_dirac import TiltedDirac
from explorer.physics.geometry import bloch
from explorer.physics.geometry.bloch import bloch_matrices, energies
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian, random_wave_vectors


@pytest.mark.parametrize("bands", [1, 3, 6])
def test_levels_are_those_of_the_sum_with_all_phases(bands: int) -> None:
    """H_ij = sum_R H_R exp(i k.(R + tau_j - tau_i)), term by term; position matrices leave the levels alone."""
    h = random_hamiltonian(bands, seed=5, dipoles=True)
    k = random_wave_vectors(h, 7, seed=6)
    found = energies(h, k)
    assert found.shape == (bands, 7)
    for at, (kx, ky) in enumerate(k.T):
        matrix = np.zeros((bands, bands), complex)
        for vector, hopping in zip(h.vectors, h.hoppings, strict=True):
            for i in range(bands):
                for j in range(bands):
                    way = vector @ h.cell + h.positions[j] - h.positions[i]
                    matrix[i, j] += hopping[i, j] * cmath.exp(1j * (kx * way[0] + ky * way[1]))
        np.testing.assert_allclose(found[:, at], np.linalg.eigh(matrix)[0], rtol=0, atol=1e-12)


def test_portions_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wave vectors taken a few at a time give the very numbers of one go, in the same order."""
    h = in_kramers_pairs(random_hamiltonian(3, seed=7), seed=8)
    k = random_wave_vectors(h, 11, seed=9)
    whole = energies(h, k)
    monkeypatch.setattr(bloch, "AT_ONCE", 4 * h.size**2)
    np.testing.assert_allclose(energies(h, k), whole, rtol=0, atol=1e-13)
    monkeypatch.setattr(bloch, "AT_ONCE", 1)
    np.testing.assert_allclose(energies(h, k), whole, rtol=0, atol=1e-13)


def test_levels_of_a_polynomial() -> None:
    """The tilted Dirac cone: tilt plus or minus the square root, by hand."""
    model = TiltedDirac()
    k = np.array([[0.0, 0.03, -0.02], [0.0, 0.01, 0.05]])
    tilt, cone = model.tilt * k[0], np.sqrt((model.v_x * k[0]) ** 2 + (model.v_y * k[1]) ** 2 + model.mass**2)
    np.testing.assert_allclose(energies(model.hamiltonian(), k), [tilt - cone, tilt + cone], rtol=1e-12)


def test_derivatives_of_the_matrices() -> None:
    """H_x and H_y agree with finite differences of H once the common phases are put back."""
    h = Haldane().hamiltonian()
    k, step = np.array([[0.31], [0.17]]), 1e-5

    def whole(at: np.ndarray) -> np.ndarray:
        phase = np.exp(1j * h.positions @ at[:, 0])
        return np.asarray(phase.conj()[:, None] * bloch_matrices(h, at).H[0] * phase)

    phase = np.exp(1j * h.positions @ k[:, 0])
    for axis in range(2):
        moved = np.zeros((2, 1))
        moved[axis] = step
        difference = (whole(k + moved) - whole(k - moved)) / (2 * step)
        first = phase.conj()[:, None] * bloch_matrices(h, k).first[axis, 0] * phase
        np.testing.assert_allclose(first, difference, rtol=0, atol=1e-8)
