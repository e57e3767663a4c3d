"""What every model owes its slider, label, tooltip, URL key and command-line option."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from explorer.models.kit.hamiltonian import LatticeHamiltonian, PolynomialHamiltonian
from explorer.models.kit.model import Model, catalogue
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.responses.catalogue import kinds
from explorer.physics.symmetry.operations import sample_wave_vectors, verify
from explorer.physics.symmetry.report import symmetry_report

MODELS = catalogue()
EACH = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


def test_the_first_models_are_there() -> None:
    assert {"tilted-dirac", "haldane", "cumnas", "cri3", "cri3-eg"} <= set(MODELS)


@EACH
def test_a_model_explains_itself(model: type[Model]) -> None:
    for text in (model.title, model.formula, model.physics, model.reference):
        assert text.strip()
    assert len(model.physics) > 100
    assert model.__doc__
    assert model.key == model.key.lower()
    assert " " not in model.key


@EACH
def test_parameters_have_bounds_and_words(model: type[Model]) -> None:
    for name, q in model.quantities().items():
        low, high = q.bounds
        assert math.isfinite(low), name
        assert math.isfinite(high), name
        assert low < high, name
        assert low <= q.default <= high, name
        assert isinstance(q.unit, str), name
        assert q.doc, name
        assert q.symbol, name


@EACH
def test_presets_name_parameters_and_stay_within_bounds(model: type[Model]) -> None:
    quantities = model.quantities()
    for title, values in model.presets.items():
        assert title
        assert set(values) <= set(quantities), title
        model(**values)  # param refuses what is out of bounds


@EACH
def test_hamiltonian_is_hermitian(model: type[Model]) -> None:
    h = model().hamiltonian()
    k = sample_wave_vectors(h, 3)
    m = bloch_matrices(h, k)
    for matrix in (m.H, *m.first, *m.second):
        scale = max(float(np.abs(matrix).max()), 1e-12)
        assert np.abs(matrix - np.conj(np.swapaxes(matrix, -1, -2))).max() <= 1e-9 * scale


@EACH
def test_declared_symmetries_hold(model: type[Model]) -> None:
    instance = model()
    for check in verify(instance.hamiltonian(), instance.symmetries(), samples=2):
        assert check.holds, (check.symmetry.name, check.residual)
        assert check.connection_residual < 1e-4, check.symmetry.name


@EACH
def test_the_page_opens_with_mu_among_the_bands(model: type[Model]) -> None:
    h = model().hamiltonian()
    assert isinstance(h, LatticeHamiltonian | PolynomialHamiltonian)
    energies = np.linalg.eigvalsh(bloch_matrices(h, sample_wave_vectors(h, 24)).H)
    assert energies.min() < model.default_mu < energies.max()
    assert len(model().path()) >= 2


def in_words(model: Model) -> str:
    """What symmetry leaves of the orbital responses, as the README's table says it."""
    report = symmetry_report(model.hamiltonian(), kinds(), model.symmetries(), model.spin())
    words = []
    for kind in ("intrinsic", "extrinsic"):
        line = report.row(kind)
        alive = [axis for axis, there in zip("xy", line.allowed, strict=True) if there]
        words += [" ".join([kind, *alive])] if alive else []
    return ", ".join([*words, "Hall"] if report.row("anomalous Hall and Nernst").rank else words)


def test_the_readme_lists_every_model() -> None:
    text = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    table = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    listed = {}
    for names, _, bands, alive in table:
        for key, size in zip(names.replace("`", "").split(", "), bands.split(", "), strict=True):
            listed[key] = (size, alive)
    assert set(listed) == set(MODELS)
    for key in set(MODELS) - {"cri3"}:  # read from a large file, and of the same symmetry as cri3-eg
        model = MODELS[key]()
        size, alive = listed[key]
        per_layer = model.values().get("layers", 1.0) if size.endswith(" a layer") else 1.0
        assert model.hamiltonian().size == float(size.split()[0]) * per_layer, key
        assert alive == in_words(model), key


SPINFUL = [c for c in MODELS.values() if c().spin() is not None]


@pytest.mark.parametrize("model", SPINFUL, ids=[c.key for c in SPINFUL])
def test_spin_matrices_are_in_units_of_half_hbar(model: type[Model]) -> None:
    """Pauli matrices, or their projection onto a part of the orbitals (then smaller)."""
    instance = model()
    spin = instance.spin()
    assert spin is not None
    size = instance.hamiltonian().size
    assert spin.shape == (3, size, size)
    assert np.allclose(spin, np.conj(np.swapaxes(spin, -1, -2)))
    norms = np.linalg.norm(spin, ord=2, axis=(1, 2))
    assert norms.max() == pytest.approx(1.0, abs=1e-9)
