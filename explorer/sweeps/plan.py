"""What a sweep computes: sources, varied parameters, mu or density and T, and how; the same text, the same numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from explorer.export.datasets import program_versions
from explorer.models.kit.arrays import Floats
from explorer.physics.responses import catalogue
from explorer.results.responses import chosen, inputs_of
from explorer.results.sweep import CHECKS
from explorer.session.quantities import PARAMETER_MARK
from explorer.session.source import Source, open_source
from explorer.session.source_name import SourceName

SOURCE, MU, DENSITY, TEMPERATURE = "source", "mu", "density", "temperature"
"""Names of dimensions that are no parameter's."""
TAKEN = (SOURCE, MU, DENSITY, TEMPERATURE, "direction", "status", "reason", "evaluations", "converged")
SUFFIXES = ("_error", "_converged", "_component")
"""Names in a store, and what follows a response's: a parameter that has one gets `PARAMETER_MARK` before its own."""
WANNIER = ("*_tb.dat", "*_hr.dat")
"""What a folder of sources is searched for; of one seed name the first that is there."""
POINTS_AT_MOST = 10_000_000


@dataclass(frozen=True)
class Axis:
    """One varied parameter: its name in the model, its values, its unit and what it is."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    doc: str = ""

    @property
    def dimension(self) -> str:
        """Its name in the store."""
        variables = {row.name + suffix for row in catalogue.rows() for suffix in ("", *SUFFIXES)}
        return PARAMETER_MARK + self.name if self.name in {*TAKEN, *variables} else self.name


@dataclass(frozen=True)
class PlannedSource:
    """One source: its label along the dimension `source`, where it is opened, and hashes of what it holds.

    fingerprint : of its Hamiltonian at the fixed parameters. content : SHA-256 of its file, "" for a model by name.
    """

    label: str
    text: str
    fingerprint: str
    content: str


@dataclass(frozen=True)
class Plan:
    """A sweep: every source with every combination of the axes' values.

    parameters : of the model, held fixed. options : of `open_source`. filling : "mu" [eV] or "density" [1e13/cm2], and
    its levels. temperature : [K]. responses : names of rows. how : method, form, rtol, mesh and the rest, as
    `response_sweep` takes them. versions : of the programs that compute.
    """

    sources: tuple[PlannedSource, ...]
    axes: tuple[Axis, ...]
    parameters: Mapping[str, float]
    options: Mapping[str, Any]
    filling: str
    levels: tuple[float, ...]
    temperature: tuple[float, ...]
    responses: tuple[str, ...]
    how: Mapping[str, Any]
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions of its points."""
        return (*((SOURCE,) if len(self.sources) > 1 else ()), *(a.dimension for a in self.axes))

    @property
    def shape(self) -> tuple[int, ...]:
        """How many points along each of `dimensions`."""
        own = (len(self.sources),) if len(self.sources) > 1 else ()
        return (*own, *(len(a.values) for a in self.axes))

    @property
    def count(self) -> int:
        """How many points."""
        return int(np.prod(self.shape))

    def opened(self, point: Sequence[int]) -> Source:
        """The source of one point, an index along each of `dimensions`."""
        several = len(self.sources) > 1
        source = self.sources[point[0] if several else 0]
        varied = {a.name: a.values[i] for a, i in zip(self.axes, point[several:], strict=True)}
        return open_source(source.text, {**self.parameters, **varied}, **self.options)

    def words(self, point: Sequence[int]) -> str:
        """A point in words: neel_angle = 30, exchange = 0.6."""
        several = len(self.sources) > 1
        named = [self.sources[point[0]].label] if several else []
        values = (f"{a.name} = {a.values[i]:g}" for a, i in zip(self.axes, point[several:], strict=True))
        return ", ".join([*named, *values])

    @cached_property
    def text(self) -> str:
        """All of it as JSON, which `read` takes; numbers come back with every bit."""
        return json.dumps(asdict(self))

    @staticmethod
    def read(text: str) -> Plan:
        """The plan of a text that `Plan.text` gave."""
        found = json.loads(text)
        return Plan(
            tuple(PlannedSource(**s) for s in found["sources"]),
            tuple(Axis(**{**a, "values": tuple(a["values"])}) for a in found["axes"]),
            found["parameters"],
            found["options"],
            found["filling"],
            tuple(found["levels"]),
            tuple(found["temperature"]),
            tuple(found["responses"]),
            found["how"],
            found["versions"],
        )

    def differences(self, other: Plan) -> list[str]:
        """What another plan has otherwise, in words; empty where both mean the same numbers."""
        mine, its = _stated(self), _stated(other)
        return [
            f"{name} {_short(mine.get(name))} there, {_short(its.get(name))} here"
            for name in dict.fromkeys((*mine, *its))
            if mine.get(name) != its.get(name)
        ]


def plan(
    sources: Sequence[str],
    vary: Mapping[str, Floats],
    *,
    temperature: Floats,
    mu: Floats | None = None,
    density: Floats | None = None,
    response: Sequence[str],
    parameters: Mapping[str, float] | None = None,
    options: Mapping[str, Any] | None = None,
    **how: Any,
) -> Plan:
    """A sweep whose every point can be opened.

    Parameters
    ----------
    sources : as `open_source` takes them, or folders of Wannier files.
    vary : values of parameters, in the order of their dimensions.
    mu, density : levels of one of them, [eV] or [1e13/cm2]. temperature : [K].
    response : names of rows; "all" for every one that all sources can have.
    parameters : of the model, held fixed. options : of `open_source`. how : as of `response_sweep`.

    Raises
    ------
    ValueError : nothing varies, a value out of the bounds of its parameter, no such source, parameter or response.
    """
    if (mu is None) == (density is None):
        raise ValueError("give either mu or density")
    if how["checks"] not in CHECKS:
        raise ValueError(f"no checks {how['checks']}; one of {', '.join(CHECKS)}")
    fixed = dict(parameters or {})
    options = {name: value for name, value in (options or {}).items() if value not in (None, False)}
    for name in vary:
        if name in fixed:
            raise ValueError(f"{name} is both varied and set")
    texts = [found for text in sources for found in listed_sources(text)]
    if len(texts) == 1 and not vary:
        raise ValueError("nothing varies: name a parameter, or several sources (compute does one point)")
    planned, names, axes = [], None, tuple[Axis, ...]()
    labels = _labels(texts)
    for text, label in zip(texts, labels, strict=True):
        opened = open_source(text, fixed, **options)
        found = _axes(opened, text, fixed, vary, options)
        axes = axes or found
        content = "" if SourceName.parse(text).is_model else content_of(SourceName.parse(text).path)
        planned.append(PlannedSource(label, text, opened.fingerprint, content))
        own = [row.name for row in chosen(opened, response)[0]]
        names = own if names is None else [name for name in names if name in own]
        inputs_of(opened, how["relaxation_time"])
    if not names:
        raise ValueError(f"no response that all of {', '.join(labels)} can have")
    levels = np.atleast_1d(np.asarray(density if mu is None else mu, float))
    kelvin = np.atleast_1d(np.asarray(temperature, float))
    whole = Plan(
        tuple(planned),
        axes,
        fixed,
        options,
        DENSITY if mu is None else MU,
        tuple(map(float, levels)),
        tuple(map(float, kelvin)),
        tuple(names),
        how,
        dict(program_versions()),
    )
    if whole.count > POINTS_AT_MOST:
        raise ValueError(f"{whole.count} points are more than the {POINTS_AT_MOST} that a sweep takes")
    return whole


def listed_sources(text: str) -> list[str]:
    """The Wannier files of a folder, in the order of their names, or what is no folder itself; paths are whole.

    Of one seed name with both files the _tb.dat counts. Raises ValueError for a folder without any.
    """
    name = SourceName.parse(text)
    if name.is_model:
        return [text]
    if not name.path.is_dir():
        return [text.replace(name.name, str(name.path.absolute()), 1)]
    seeds: dict[str, Path] = {}
    for pattern in WANNIER:
        for path in sorted(name.path.absolute().rglob(pattern)):
            seeds.setdefault(str(path)[: -len(pattern) + 1], path)
    if not seeds:
        raise ValueError(f"{text} holds no {' and no '.join(p[1:] for p in WANNIER)}")
    mark, settings = ("#", text.partition("#")[2]) if name.settings else ("", "")
    return [f"{seeds[seed]}{mark}{settings}" for seed in sorted(seeds)]


def _labels(texts: Sequence[str]) -> list[str]:
    """Names along the dimension `source`: of a file its own, or its path where two files have one name."""
    names = [t if SourceName.parse(t).is_model else SourceName.parse(t).path.name for t in texts]
    labels = names if len(set(names)) == len(names) else list(texts)
    if len(set(labels)) < len(labels):
        raise ValueError("the same source is named twice")
    return labels


def _axes(
    opened: Source,
    text: str,
    fixed: Mapping[str, float],
    vary: Mapping[str, Floats],
    options: Mapping[str, Any],
) -> tuple[Axis, ...]:
    """The axes over a source's parameters; opens it at their ends, which says what is wrong with them."""
    found = []
    for name, values in vary.items():
        values = np.atleast_1d(np.asarray(values, float))
        if not all(map(isfinite, values)):
            raise ValueError(f"values of {name} must be finite numbers")
        if len(set(values.tolist())) < values.size:
            raise ValueError(f"{name} takes the same value twice")
        for end in (values.min(), values.max()):
            open_source(text, {**fixed, name: float(end)}, **options)
        quantity = opened.model.quantities()[name]
        found.append(Axis(name, tuple(map(float, values)), quantity.unit, quantity.doc or ""))
    return tuple(found)


def content_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stated(whole: Plan) -> dict[str, Any]:
    """What the numbers of a plan depend on, by the name a user knows it under; not where its files lie."""
    return {
        "sources": [s.label for s in whole.sources],
        "content of the sources": [(s.fingerprint, s.content) for s in whole.sources],
        **{f"values of {a.name}": a.values for a in whole.axes},
        "order of the axes": [a.name for a in whole.axes],
        **{f"parameter {name}": value for name, value in whole.parameters.items()},
        **dict(whole.options),
        whole.filling: whole.levels,
        "temperature": whole.temperature,
        "responses": whole.responses,
        **dict(whole.how),
        **{f"version of {name}": number for name, number in whole.versions.items()},
    }


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
