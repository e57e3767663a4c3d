"""Arguments from Python that are none: one sentence that names the argument, never numpy's words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import explorer

COMPUTE: dict[str, Any] = {"mu": 0.1, "temperature": 100, "method": "sum", "mesh": 6, "checks": "none"}
KMAP: dict[str, Any] = {"mu": 0.1, "temperature": 100, "mesh": 4}


@pytest.mark.parametrize(
    ("call", "usual", "given", "words"),
    [
        (explorer.compute, COMPUTE, {"mu": 1j}, "mu must be a real number"),
        (explorer.compute, COMPUTE, {"mu": [0.1, "x"]}, "mu must be a real number"),
        (explorer.compute, COMPUTE, {"mu": {}}, "mu must be a real number"),
        (explorer.compute, COMPUTE, {"temperature": "warm"}, "temperature must be a real number"),
        (explorer.compute, COMPUTE, {"tau": "long"}, "tau must be a real number"),
        (explorer.compute, COMPUTE, {"rtol": [1e-3, 1e-4]}, "rtol must be one number"),
        (explorer.compute, COMPUTE, {"mesh": 12.5}, "mesh must be a whole number"),
        (explorer.compute, COMPUTE, {"max_evaluations": "many"}, "max_evaluations must be a whole number"),
        (explorer.compute, COMPUTE, {"response": 3}, "response must be a name"),
        (explorer.compute, COMPUTE, {"response": ["chi", 3]}, "response must be a name"),
        (explorer.compute, COMPUTE, {"response": []}, "response names nothing"),
        (
            explorer.compute,
            COMPUTE,
            {"degeneracy_tolerance": "x"},
            "degeneracy_tolerance must be a real number",
        ),
        (explorer.compute, COMPUTE, {"parameters": 3}, "parameters must be a dictionary"),
        (explorer.kmap, KMAP, {"mesh": 0}, "a map needs 1 point"),
        (explorer.kmap, KMAP, {"mesh": 2.5}, "mesh must be a whole number"),
        (explorer.kmap, KMAP, {"band": "x"}, "band must be a whole number"),
        (explorer.kmap, KMAP, {"band": 1.5}, "band must be a whole number"),
        (explorer.kmap, KMAP, {"mu": [1, 2]}, "mu must be one number"),
        (explorer.kmap, KMAP, {"temperature": [1, 2]}, "temperature must be one number"),
        (explorer.kmap, KMAP, {"response": 3}, "response must be one name"),
        (explorer.bands, {}, {"points": "a"}, "points must be a whole number"),
        (explorer.geometry, {}, {"k": "a"}, "k must be a real number"),
    ],
)
def test_nonsense_is_named(
    call: Callable[..., object], usual: dict[str, Any], given: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        call("haldane", **{**usual, **given})


@pytest.mark.parametrize("source", [3, None, ["haldane"]])
def test_a_source_is_a_text_or_a_path(source: Any) -> None:
    with pytest.raises(ValueError, match="a source is the name of a model or the path of a file"):
        explorer.bands(source)


def test_a_path_object_is_a_source(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="missing_tb"):
        explorer.bands(tmp_path / "missing_tb.dat")
