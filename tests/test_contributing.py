"""What CONTRIBUTING.md tells a newcomer to write works as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODEL, DENSITIES, ROW, TAB = re.findall(r"```python\n(.*?)```", TEXT, flags=re.S)

RUN = """
import json, sys
from types import SimpleNamespace
import numpy as np
import explorer
from explorer.models.kit.model import Model
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.responses import catalogue
from explorer.results import responses

model, densities, row, tab = json.loads(sys.stdin.read())
here, there = {"__name__": "example"}, {"__name__": "densities"}
exec(model, here)
k = np.array([[0.3, -1.1, 2.0], [0.7, 0.2, -2.5]])
bands = here["SquareChern"](mass=0.8, tilt=0.2).hamiltonian()
exec(densities, there)
catalogue.CATALOGUE += (eval(row, vars(catalogue) | there),)
found = explorer.compute("haldane", mu=0.9, temperature=600, response="drude", method="sum", mesh=24)
exec(tab, here)
view = here["GapView"](None, lambda: None)
view.layout()
g = band_geometry(bands, k)
view.draw(None, view.compute(SimpleNamespace(geometry=SimpleNamespace(corners=g))))
print(json.dumps({
    "energy": g.energy.tolist(),
    "drude": np.asarray(found.drude).ravel().tolist(),
    "listed": [r.name for r in catalogue.rows()],
    "gap": view.words.object,
}))
"""


@pytest.fixture(scope="module")
def made() -> dict[str, object]:
    """The examples executed in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN],
        input=json.dumps([MODEL, DENSITIES, ROW, TAB]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_model_has_the_bands_of_its_formula(made: dict[str, object]) -> None:
    x, y = np.array([[0.3, -1.1, 2.0], [0.7, 0.2, -2.5]])
    size = np.sqrt(np.sin(x) ** 2 + np.sin(y) ** 2 + (0.8 + np.cos(x) + np.cos(y)) ** 2)
    assert np.array(made["energy"]) == pytest.approx(
        0.2 * np.sin(x) + np.array([-1, 1])[:, None] * size, abs=1e-13
    )
    assert made["gap"] == f"{2 * size.min():.4g} eV"


def test_the_response_is_listed_and_has_the_value_of_its_formula(made: dict[str, object]) -> None:
    """Against velocities by differences of the levels, and the occupation written out."""
    from explorer.models.haldane import Haldane
    from explorer.physics.geometry.bloch import energies
    from explorer.physics.zone.domain import zone_of

    assert "drude" in made["listed"]  # type: ignore[operator]
    h, mu, kT = Haldane().hamiltonian(), 0.9, 8.617333262e-5 * 600
    k, weights = zone_of(h).mesh(24)
    step = 1e-4
    v = np.array(
        [(energies(h, k + d[:, None]) - energies(h, k - d[:, None])) / (2 * step) for d in step * np.eye(2)]
    )
    slope = 1 / (4 * kT * np.cosh((energies(h, k) - mu) / (2 * kT)) ** 2)
    weight = np.einsum("ink,jnk,nk,k->ij", v, v, slope, weights)
    unit = 1.602176634e-19 / 6.582119569e-16**2
    assert np.reshape(made["drude"], (2, 2)) == pytest.approx(unit * weight, rel=1e-6, abs=1e-9 * unit)


def test_every_folder_and_file_named_exists() -> None:
    named = re.findall(r"`([\w./]+/[\w./]*|[\w]+/[\w./]+\.(?:py|md|json))`", TEXT)
    assert len(named) > 15
    missing = []
    for name in named:
        inside = [
            name,
            f"explorer/{name}",
            f"explorer/physics/{name}",
            f"models/{name}",
            f"assets/{name}",
            f"explorer/views/{name}",
        ]
        if not any((ROOT / place).exists() for place in inside):
            missing.append(name)
    assert not missing


def test_every_module_to_run_exists() -> None:
    for module in re.findall(r"python -m ([\w.]+)", TEXT):
        place = ROOT.joinpath(*module.split("."))
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module
