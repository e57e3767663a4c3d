"""One point of a sweep: what `compute` gives at its parameters, as arrays by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from explorer.export.datasets import dataset
from explorer.results.reduction import nothing_kept
from explorer.results.response_sweep import ResponsesAtDensities, response_sweep, responses_at_densities
from explorer.sweeps.plan import MU, Plan

OF_EACH_POINT = (
    "evaluations",
    "zone_reduced_by",
    "interpolated_from",
    "mott_residual",
    "sea_surface_residual",
)
"""Attributes of one point's dataset that differ from point to point: variables of a sweep."""
MEANING = {
    "evaluations": "wave vectors computed for chi and alpha",
    "zone_reduced_by": "operations by which the zone was reduced",
    "interpolated_from": "points a side of the mesh from which a group of bands was interpolated",
    "mott_residual": "misfit of the Mott relation (12), relative to the largest alpha",
    "sea_surface_residual": "misfit of the two forms of (11), relative to the largest chi",
}
OF_CHECKS = ("mott_complete", "forms_known", "mott_residual", "sea_surface_residual")
"""What is known only where checks were asked for."""
OF_THE_SOURCE = ("source_sha256", "parameters", "degeneracy_tolerance_eV", "kramers_pairs", "source")
"""Attributes that a sweep states for all its points in its own way."""


@dataclass(frozen=True)
class Variable:
    """A variable of the store: dimensions and shape beyond the points', type, and attributes with its unit."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    attrs: Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """What every point of a sweep has: its variables, coordinates as (dims, values, attributes), attributes."""

    variables: Mapping[str, Variable]
    coordinates: Mapping[str, tuple[tuple[str, ...], list[Any], dict[str, Any]]]
    attrs: Mapping[str, Any]


Values = Mapping[str, npt.NDArray[Any]]
"""Arrays of one point by variable."""


def compute_point(plan: Plan, point: Sequence[int]) -> tuple[Values, xr.Dataset]:
    """Every variable at one point, an index along each of the plan's dimensions, and the dataset it comes from.

    Chi, alpha and every other response at all mu and T share the geometry of the point. Raises what `compute` does.
    """
    opened = plan.opened(point)
    run = response_sweep if plan.filling == MU else responses_at_densities
    with nothing_kept():  # the same bits whatever this machine computed before
        found: Any = run(
            opened, plan.responses, np.array(plan.levels), np.array(plan.temperature), **plan.how
        )
    data = dataset(found)
    if isinstance(found, ResponsesAtDensities) and found.intrinsic is not None:
        data.attrs["evaluations"] = sum(part.response.evaluations for part in found.intrinsic.parts)
    if plan.how["checks"] == "none":
        data = data.drop_vars([name for name in OF_CHECKS if name in data])
        data.attrs = {name: value for name, value in data.attrs.items() if not name.startswith(OF_CHECKS)}
    values = {str(name): np.asarray(variable.values) for name, variable in data.data_vars.items()}
    for name in OF_EACH_POINT:
        if name in data.attrs:
            value = data.attrs[name]
            values[name] = np.asarray(str(value) if name == "interpolated_from" else value)
    return values, data


def template(values: Values, data: xr.Dataset) -> Template:
    """What is common to all points, from one of them."""
    variables = {}
    for name, array in values.items():
        own = name in data
        dims = tuple(map(str, data[name].dims)) if own else ()
        attrs = dict(data[name].attrs) if own else {"units": "1", "long_name": MEANING[name]}
        kind = "str" if array.dtype.kind == "U" else array.dtype.str
        variables[name] = Variable(dims, array.shape, kind, attrs)
    coordinates = {
        str(name): (tuple(map(str, c.dims)), c.values.tolist(), dict(c.attrs))
        for name, c in data.coords.items()
    }
    left_out = (*OF_EACH_POINT, *OF_THE_SOURCE)
    return Template(variables, coordinates, {k: v for k, v in data.attrs.items() if k not in left_out})


def failure(problem: BaseException) -> str:
    """Why a point failed, in one line."""
    words = " ".join(str(problem).split())
    return (
        words
        if isinstance(problem, ValueError) and words
        else f"{type(problem).__name__}: {words}".rstrip(": ")
    )
