"""Every constant of a model or a material has a row in assets/docs/constants.md, with the value that the code has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest
from scipy import constants

from explorer import assets, models
from explorer.models.kit.model import catalogue
from explorer.physics import units
from explorer.physics.observables import experiment
from explorer.physics.observables.relaxation import Relaxation
from explorer.physics.observables.temperature_scaling import Phonons

ROW = re.compile(r"^\| `([\w.-]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)
TABLE = {
    name: (float(value), unit, source, how)
    for name, value, unit, source, how in ROW.findall(
        assets.path("docs/constants.md").read_text(encoding="utf-8")
    )
}
KINDS = ("read there", "audited", "recalled", "computed", "chosen", "test against", "exact")


def names_assigned(module: ast.Module) -> Iterator[str]:
    """Upper-case names at a module's top that are numbers, alone or several at once."""
    for entry in module.body:
        if isinstance(entry, ast.Assign):
            for target in entry.targets:
                several = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from (n.id for n in several if isinstance(n, ast.Name) and n.id.isupper())


def of_the_models() -> dict[str, tuple[float, str]]:
    found = {}
    for key, cls in catalogue().items():
        for name, quantity in cls().quantities().items():
            found[f"{key}.{name}"] = float(quantity.default), quantity.unit or "1"
    return found


def of_modules() -> dict[str, float]:
    found = {}
    for folder in models.__path__:
        for file in sorted(Path(folder).glob("*.py")):
            module = import_module(f"explorer.models.{file.stem}")
            for name in names_assigned(ast.parse(file.read_text(encoding="utf-8"))):
                value = getattr(module, name)
                if isinstance(value, (int, float)):
                    found[f"{file.stem}.{name}"] = float(value)
    return found


def of_materials() -> dict[str, float]:
    found = {
        f"{type(m).__name__}.{f.name}": float(getattr(m, f.name))
        for m in (Relaxation(), Phonons())
        for f in fields(m)
    }
    for name in ("VACUUM_PERMEABILITY", "KERR_PER_MAGNETIZATION"):
        found[f"experiment.{name}"] = getattr(experiment, name)
    for name in ("ELEMENTARY_CHARGE", "BOLTZMANN_J", "PLANCK_REDUCED_J", "ELECTRON_MASS"):
        found[f"units.{name}"] = getattr(units, name)
    return found


def test_every_default_of_a_model_has_its_row() -> None:
    wanted = of_the_models()
    assert not {name for name in wanted if name not in TABLE}
    for name, (value, unit) in wanted.items():
        assert TABLE[name][0] == pytest.approx(value, rel=1e-9, abs=1e-15), name
        assert TABLE[name][1] == unit, name


def test_every_constant_beside_them_has_its_row() -> None:
    wanted = of_modules() | of_materials()
    assert len(of_modules()) > 12
    assert not {name for name in wanted if name not in TABLE}
    for name, value in wanted.items():
        assert TABLE[name][0] == pytest.approx(value, rel=1e-9, abs=0), name


def test_no_row_is_of_something_that_is_gone_or_says_not_how_it_is_known() -> None:
    assert set(TABLE) == set(of_the_models()) | set(of_modules()) | set(of_materials())
    assert not {
        name for name, (_, _, source, how) in TABLE.items() if not source.strip() or not how.startswith(KINDS)
    }


def test_physical_constants_are_those_of_scipy_within_their_uncertainty() -> None:
    """e, k_B and h are exact; the others may differ by what CODATA learned since."""
    assert constants.e == units.ELEMENTARY_CHARGE
    assert constants.k == units.BOLTZMANN_J
    assert constants.hbar == pytest.approx(units.PLANCK_REDUCED_J, rel=1e-15)
    assert constants.m_e == pytest.approx(units.ELECTRON_MASS, rel=2e-9)
    assert constants.mu_0 == pytest.approx(experiment.VACUUM_PERMEABILITY, rel=2e-9)
    assert constants.value("Bohr magneton") == pytest.approx(units.BOHR_MAGNETON, rel=2e-9)
