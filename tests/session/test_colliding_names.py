"""Parameters of a user's model that are named as the page's own keys: each reaches what it names, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.app import ExplorerPage
from explorer.models.kit.model import catalogue
from explorer.session.quantities import BY_KEY, PAGE_KEYS
from explorer.session.query import from_query, to_query
from explorer.session.source import open_source
from explorer.session.state import State, default_state
from explorer.views.sidebar.sliders import slider_spec, slider_values
from tests.e2e.test_changed_files import write

NAMES = (*BY_KEY, "model", "band", "colour", "view", "theme", "hold", "wide")


@pytest.fixture(params=NAMES)
def state(request: pytest.FixtureRequest, tmp_path: Path) -> State:
    """Of a model whose only parameter has that name; it stands at 0.3."""
    return default_state(str(write(tmp_path / "mine.toml", name=request.param)))


def test_an_address_tells_the_parameter_from_the_pages_own(state: State) -> None:
    ((name, value),) = state.parameters
    assert value == 0.3
    moved = state.with_parameter(name, 0.7)
    query = to_query(moved)
    assert query == {"model": query["model"], f"p.{name}": "0.7"}
    assert from_query(query) == (moved, [])
    if name in BY_KEY and name != "n":  # an old link means what it meant
        old, refused = from_query({"model": query["model"], name: "0.0" if "gradT" in name else "1.5"})
        assert not refused
        assert old.parameters == state.parameters
    elif name in ("hold", "wide"):
        _, refused = from_query({"model": query["model"], name: "0.7"})
        assert refused[0].endswith(f"has no such parameter; p.{name} is the model's")


def test_a_slider_moves_its_own(state: State) -> None:
    ((name, _),) = state.parameters
    items = [item for group in slider_spec(state) for item in group["items"]]
    keys = [item["name"] for item in items]
    assert len(set(keys)) == len(keys) == len(BY_KEY) + 1
    labels = [item.get("label", item["name"]) for item in items]
    assert len(set(labels)) == len(labels)
    assert slider_values(state)[f"p.{name}"] == 0.3


@pytest.fixture
def page(state: State) -> Iterator[ExplorerPage]:
    found = ExplorerPage(state)
    yield found
    found.close()


def test_a_move_reaches_the_parameter(page: ExplorerPage) -> None:
    ((name, _),) = page.state.parameters
    before = {key: q.of(page.state) for key, q in BY_KEY.items()}
    page._sidebar._hear({"name": f"p.{name}", "value": 0.9})
    assert page.state.parameters == ((name, 0.9),)
    assert {key: q.of(page.state) for key, q in BY_KEY.items()} == before


def test_python_takes_a_dictionary_for_them(tmp_path: Path) -> None:
    file = str(write(tmp_path / "mine.toml", name="tau"))
    found = explorer.geometry(file, [(0.3, 0.2)], parameters={"tau": 0.9})
    assert np.array_equal(found.energy, explorer.geometry(file, [(0.3, 0.2)], tau=0.9).energy)
    sums = {"method": "sum", "mesh": 8, "mu": 0.5, "temperature": 300, "checks": "none"}
    assert float(explorer.compute(file, parameters={"tau": 0.9}, **sums).attrs["parameters"][8:-1]) == 0.9
    assert open_source(file, {"tau": 0.9}).parameters == {"tau": 0.9}


def test_no_model_of_ours_needs_it() -> None:
    assert not {name for cls in catalogue().values() for name in cls().quantities()} & PAGE_KEYS
