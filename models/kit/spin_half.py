"""Spin 1/2 on the sites of a crystal: orbitals are ordered site by site, up then down."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats

PAULI: Complexes = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)
"""sigma_x, sigma_y, sigma_z, (3, 2, 2)."""
TIME_REVERSAL: Complexes = 1j * PAULI[1]
"""Matrix of time reversal on spin 1/2, to be followed by complex conjugation."""


def direction(polar: float, azimuth: float) -> Floats:
    """Unit vector at the angle `polar` from z, its projection at `azimuth` from x, (3,); angles in degrees."""
    theta, phi = np.radians(polar), np.radians(azimuth)
    vector = [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)]
    return np.round(vector, 15)  # what an axis forbids is exactly zero


def site_terms(energies: Floats, fields: Floats) -> Complexes:
    """The part of H on the sites, E_i + m_i.sigma, (2n, 2n) [eV], from energies (n,) and fields (n, 3) [eV]."""
    count = len(energies)
    blocks = np.asarray(energies)[:, None, None] * np.eye(2) + np.tensordot(fields, PAULI, axes=1)
    matrix = np.zeros((count, 2, count, 2), complex)
    matrix[np.arange(count), :, np.arange(count), :] = blocks
    return matrix.reshape(2 * count, 2 * count)


def spin_of_sites(count: int) -> Complexes:
    """Pauli matrices on the orbitals of that many sites, (3, 2n, 2n)."""
    return np.array([np.kron(np.eye(count), s) for s in PAULI])
