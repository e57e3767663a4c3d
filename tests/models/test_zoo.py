"""What the zoo's models have in common: declared symmetries hold, and what they forbid vanishes."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.kit.model import Model, catalogue
from explorer.models.kit.symmetry import Symmetry
from tests.models.symmetry_checks import allowed, assert_symmetries_hold, residual, responses

ZOO = ("rashba", "mos2", "mnbi2te4", "honeycomb-afm", "tbg", "blank")
PRESETS = [(key, name) for key in ZOO for name in ("", *catalogue()[key].presets)]
MESH = {"tbg": 11}


def preset(key: str, name: str) -> Model:
    values = dict(catalogue()[key].presets[name]) if name else {}
    if key == "tbg":
        values.setdefault("shells", 2.0)
    return catalogue()[key](**values)


def random_model(key: str, seed: int) -> Model:
    """Half of the parameters anywhere within their bounds, the others as they are by default."""
    rng = np.random.default_rng(seed)
    cls = catalogue()[key]
    values = {
        n: float(rng.uniform(*q.bounds))
        for n, q in cls.quantities().items()
        if n != "shells" and rng.random() < 0.5
    }
    if key == "tbg":
        values["shells"] = float(rng.integers(1, 3))
    return cls(**values)


@pytest.mark.parametrize(("key", "name"), PRESETS)
def test_declared_symmetries_hold_and_kill_what_they_should(key: str, name: str) -> None:
    model = preset(key, name)
    assert_symmetries_hold(model, tolerance=1e-12)
    total, _ = responses(model, MESH.get(key, 24), model.default_mu, 300.0)
    # Absolute, for responses of 1e-3 to 1 angstrom (intrinsic), 1e-3 to 1e-2 eV angstrom (extrinsic). Nearly
    # touching remote bands of the plane-wave model cost digits.
    rounding = 1e-6 if key == "tbg" else 1e-8
    for kind, even in (("intrinsic", False), ("extrinsic", True)):
        projector = allowed(model, time_even=even)
        forbidden = total[kind] - projector @ total[kind]
        assert np.abs(forbidden).max() < rounding, (kind, total[kind])


@pytest.mark.parametrize("key", ZOO)
def test_defaults_show_an_effect(key: str) -> None:
    total, _ = responses(preset(key, ""), MESH.get(key, 24), catalogue()[key].default_mu, 300.0)
    kind = "extrinsic" if key == "mos2" else "intrinsic"
    assert np.abs(total[kind]).max() > 1e-3  # angstrom; 2.4e-8 nm/ohm in chi


@pytest.mark.parametrize("key", ZOO)
@pytest.mark.parametrize("seed", range(3))
def test_symmetries_at_random_parameters(key: str, seed: int) -> None:
    assert_symmetries_hold(random_model(key, seed))


@pytest.mark.long
@pytest.mark.parametrize("key", ZOO)
def test_symmetries_at_many_random_parameters(key: str) -> None:
    for seed in range(3, 60):
        assert_symmetries_hold(random_model(key, seed))


@pytest.mark.parametrize("key", ZOO)
def test_spin_matrices_are_pauli_matrices(key: str) -> None:
    model = preset(key, "")
    spin, size = model.spin(), model.hamiltonian().size
    if spin is None:
        assert key == "tbg"
        return
    assert spin.shape == (3, size, size)
    assert np.allclose(spin[0] @ spin[1] - spin[1] @ spin[0], 2j * spin[2])
    for s in spin:
        assert np.allclose(s @ s, np.eye(size))


def test_the_check_itself_sees_a_wrong_operation() -> None:
    model = preset("honeycomb-afm", "")
    s = model.symmetries()[0]
    wrong = Symmetry(s.name, s.rotation, np.eye(8, dtype=complex), s.antiunitary)
    assert residual(model.hamiltonian(), wrong) > 1e-3
