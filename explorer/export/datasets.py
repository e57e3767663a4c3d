"""Results as xarray datasets, NetCDF and CSV: every number with its unit and where it came from."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from functools import cache, singledispatch
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from explorer.disk.replaced import replaced
from explorer.models.kit.arrays import Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.responses.row import TAU
from explorer.physics.units import MOMENT_UNIT
from explorer.results.bands_and_maps import Bands, LambdaMap
from explorer.results.density_sweep import ChemicalPotentials, DensitySweep
from explorer.results.response_map import ResponseMap
from explorer.results.response_sweep import INTRINSIC_PAIR, ResponsesAtDensities, ResponseSweep
from explorer.results.responses import ResponseValue
from explorer.results.sweep import Sweep
from explorer.session.source import Source

CONVENTIONS = (
    "electron charge e < 0; dM = chi (E - grad(mu)/e) - alpha grad(T), M per area of the plane along z"
)
LAMBDA_UNIT = "e hbar^-1 angstrom^3"
K_UNIT = "angstrom^-1"


@cache
def program_versions() -> Mapping[str, str]:
    """Versions of the programs that numbers depend on, by name."""
    return MappingProxyType({name: version(name) for name in ("om-explorer", "numpy", "numba", "scipy")})


def provenance(source: Source) -> dict[str, Any]:
    """What the numbers depend on: the source, its content, its parameters, and the versions that computed."""
    h = source.hamiltonian
    return {
        "source": source.name,
        "title": source.model.title,
        "source_sha256": source.fingerprint,
        "parameters": json.dumps(source.parameters),
        "degeneracy_tolerance_eV": h.degeneracy_tolerance,
        "kramers_pairs": int(h.kramers_pairs),
        "versions": json.dumps(dict(program_versions())),
        "conventions": CONVENTIONS,
    } | ({"cautions": "\n".join(source.model.cautions)} if source.model.cautions else {})


def axis_labels(labels: Sequence[str], dim: str, what: str) -> tuple[Any, ...]:
    """A coordinate of words, such as the directions x and y."""
    return dim, list(labels), {"units": "1", "long_name": what}


def _quantity(dims: tuple[str, ...], values: Any, unit: str, name: str) -> tuple[Any, ...]:
    return dims, values, {"units": unit, "long_name": name}


@singledispatch
def dataset(result: Any) -> xr.Dataset:
    """A result as an xarray dataset with units on every variable and its provenance in the attributes."""
    raise TypeError(f"cannot export {type(result).__name__}")


@dataset.register
def _(result: Sweep) -> xr.Dataset:
    r, shape = result.response, ("temperature", "mu", "direction")
    unit = {"chi": "nm/ohm", "alpha": "nA nm/K"}
    what = {
        "chi": "induced magnetization per electric field, intrinsic",
        "alpha": "induced magnetization per negative temperature gradient, intrinsic",
    }
    values = {name: _quantity(shape, getattr(r, name), unit[name], what[name]) for name in unit}
    errors = {
        f"{name}_error": _quantity(shape, getattr(r, f"{name}_error"), unit[name], f"error bar of {name}")
        for name in unit
    }
    met = {
        "converged": _quantity(shape[:2], r.converged, "1", "whether the error bars meet rtol"),
        "mott_complete": _quantity(
            shape[:2], result.mott_complete, "1", "whether the integral (12) is resolved"
        ),
        "forms_known": _quantity(
            shape[:2], result.forms_known, "1", "whether chi is known in its sea and its surface form"
        ),
    }
    coords = {
        "temperature": _quantity(("temperature",), r.temperature, "K", "temperature"),
        "mu": _quantity(("mu",), r.mu, "eV", "chemical potential"),
        "direction": axis_labels("xy", "direction", "direction of E or grad T"),
    }
    uniform = {} if result.method == "adaptive" else {"mesh": result.mesh}
    how = {
        "method": result.method,
        "form": result.form,
        **uniform,
        "rtol": result.rtol,
        "zone_reduced_by": ", ".join(result.reduced_by) or "nothing",
        "interpolated_from": result.interpolated_from or "nothing",
        "evaluations": r.evaluations,
        **result.checks,
        **{f"{name}_missing": why for name, why in result.unknown.items()},
    }
    return xr.Dataset(values | errors | met, coords, provenance(result.source) | how)


@dataset.register
def _(result: Bands) -> xr.Dataset:
    path = result.path
    coords = {"distance": _quantity(("k",), path.distance, K_UNIT, "length along the path")}
    corners = {"corners": path.corners, "corner_labels": " ".join(path.labels)}
    return (
        _geometry(result.geometry, ("k",))
        .assign_coords(coords)
        .assign_attrs(provenance(result.source) | corners)
    )


@dataset.register
def _(result: LambdaMap) -> xr.Dataset:
    g, square = result.geometry, (result.mesh, result.mesh)
    values = {
        f"lambda_{axis}": _quantity(
            ("i", "j"), component, LAMBDA_UNIT, f"Lambda_{axis} of (11), {result.words}"
        )
        for axis, component in zip("xy", result.values, strict=True)
    }
    energy = g.energy.reshape(-1, *square)
    values["energy"] = _quantity(("band", "i", "j"), energy, "eV", "band energy")
    coords = {
        f"k{axis}": _quantity(("i", "j"), component.reshape(square), K_UNIT, f"k_{axis}")
        for axis, component in zip("xy", g.k, strict=True)
    }
    at = {"mu_eV": result.mu, "temperature_K": result.temperature, "mesh": result.mesh}
    return xr.Dataset(values, coords, provenance(result.source) | at)


@dataset.register
def _(result: ResponseMap) -> xr.Dataset:
    found, row, axis = dataset(result.zone_map), result.row, f"{result.row.name}_component"
    found = found.drop_vars(["lambda_x", "lambda_y"]).assign(
        {
            row.name: _quantity(
                (axis, "i", "j"), result.values, result.unit, f"{row.title}: density over the zone"
            )
        }
    )
    tau = {"tau_ps": result.relaxation_time} if TAU in row.needs else {}
    return found.assign_coords(
        {axis: axis_labels(row.components, axis, f"component of {row.name}")}
    ).assign_attrs({"bands": result.zone_map.words, **tau})


def _geometry(g: BandGeometry, points: tuple[str, ...]) -> xr.Dataset:
    """Energies and geometry of all bands at a list of wave vectors."""
    each, vector = ("band", *points), ("direction", "band", *points)
    return xr.Dataset(
        {
            "energy": _quantity(each, g.energy, "eV", "band energy"),
            "group": _quantity(each, g.groups, "1", "degenerate group"),
            "lambda": _quantity(vector, g.lambda_, LAMBDA_UNIT, "Lambda of (11)"),
            "term1": _quantity(vector, g.term1, LAMBDA_UNIT, "first term of (11)"),
            "term2": _quantity(vector, g.term2, LAMBDA_UNIT, "second term of (11)"),
            "metric": _quantity(("component", *each), g.metric, "angstrom^2", "quantum metric"),
            "berry_curvature": _quantity(each, g.berry_curvature, "angstrom^2", "Berry curvature"),
            "orbital_moment": _quantity(each, MOMENT_UNIT * g.orbital_moment, "mu_B", "orbital moment"),
        },
        {
            "direction": axis_labels("xy", "direction", "direction of E or grad T"),
            "component": axis_labels(("xx", "xy", "yy"), "component", "component of the quantum metric"),
            "kx": _quantity(points, g.k[0], K_UNIT, "k_x"),
            "ky": _quantity(points, g.k[1], K_UNIT, "k_y"),
        },
    )


def geometry_dataset(source: Source, g: BandGeometry) -> xr.Dataset:
    """Energies and geometry at a list of wave vectors, with provenance."""
    return _geometry(g, ("k",)).assign_attrs(provenance(source))


def write_netcdf(result: Any, path: Path) -> None:
    """Write the dataset of a result as NetCDF 4."""
    data = dataset(result)
    # NetCDF knows no booleans.
    flags = {name: v.astype("int8") for name, v in data.data_vars.items() if v.dtype == bool}
    with replaced(path) as draft:
        data.assign(flags).to_netcdf(draft, engine="h5netcdf")


@singledispatch
def table(result: Any) -> tuple[list[str], Floats]:
    """A result as columns: names that end in the unit, and rows."""
    raise TypeError(f"{type(result).__name__} has no table")


@table.register
def _(result: Sweep) -> tuple[list[str], Floats]:
    r = result.response
    temperature, mu = np.meshgrid(r.temperature, r.mu, indexing="ij")
    head, columns = ["temperature_K", "mu_eV"], [temperature, mu]
    for name, unit in (("chi", "nm_per_ohm"), ("alpha", "nA_nm_per_K")):
        for c, axis in enumerate("xy"):
            for suffix in ("", "_error"):
                head.append(f"{name}_{axis}{suffix}_{unit}")
                columns.append(getattr(r, name + suffix)[..., c])
    head.append("converged")
    columns.append(r.converged.astype(float))
    return head, np.stack([column.ravel() for column in columns], axis=1)


@table.register
def _(result: Bands) -> tuple[list[str], Floats]:
    g = result.geometry
    head, columns = (
        ["distance_inv_angstrom", "kx_inv_angstrom", "ky_inv_angstrom"],
        [result.path.distance, *g.k],
    )
    for n in range(g.energy.shape[0]):
        head += [f"energy_{n}_eV", f"lambda_x_{n}_A3", f"lambda_y_{n}_A3"]
        columns += [g.energy[n], *g.lambda_[:, n]]
    return head, np.stack(columns, axis=1)


@table.register
def _(result: LambdaMap) -> tuple[list[str], Floats]:
    head = ["kx_inv_angstrom", "ky_inv_angstrom", "lambda_x_A3", "lambda_y_A3"]
    return head, np.concatenate([result.geometry.k, result.values.reshape(2, -1)]).T


@table.register
def _(result: ResponseMap) -> tuple[list[str], Floats]:
    unit = f"{result.row.unit_in_names}_A2"
    head = ["kx_inv_angstrom", "ky_inv_angstrom"]
    head += [f"{result.row.name}_{component}_{unit}" for component in result.row.components]
    k = result.zone_map.geometry.k
    return head, np.concatenate([k, result.values.reshape(len(result.values), -1)]).T


@dataset.register
def _(result: DensitySweep) -> xr.Dataset:
    return _at_densities(result.solved, [dataset(part) for part in result.parts], result.checks)


def _at_densities(
    solved: ChemicalPotentials, parts: Sequence[xr.Dataset], checks: Mapping[str, float]
) -> xr.Dataset:
    """One dataset over temperatures and densities from one per temperature over its own mu."""
    found = []
    for t, part in enumerate(parts):
        coordinate = (
            "density",
            solved.density,
            {"units": "1e13 cm^-2", "long_name": "carrier density"},
        )
        data = part.rename(mu="density").assign_coords(density=coordinate)
        of_mu = {
            "mu": (solved.mu, "chemical potential"),
            "mu_error": (solved.error, "error bar of mu"),
        }
        for name, (values, what) in of_mu.items():
            data[name] = _quantity(("temperature", "density"), values[t : t + 1], "eV", what)
        found.append(data)
    whole = xr.concat(found, "temperature", combine_attrs="override")
    return whole.assign_attrs({**checks, "neutral_bands": solved.bands})


@table.register
def _(result: DensitySweep) -> tuple[list[str], Floats]:
    return _table_at_densities(result.solved, [table(part) for part in result.parts])


def _table_at_densities(
    solved: ChemicalPotentials, parts: Sequence[tuple[list[str], Floats]]
) -> tuple[list[str], Floats]:
    """Tables of several temperatures, one below the other, with the density and the error of mu ahead."""
    extra = [np.stack([solved.density, error], axis=1) for error in solved.error]
    joined = [np.concatenate([e, rows], axis=1) for e, (_, rows) in zip(extra, parts, strict=True)]
    return ["density_1e13_per_cm2", "mu_error_eV", *parts[0][0]], np.concatenate(joined)


@dataset.register
def _(result: ResponseSweep) -> xr.Dataset:
    found = dataset(result.intrinsic) if result.intrinsic else _without_intrinsic(result)
    tau = {"tau_ps": result.relaxation_time} if result.needs_tau else {}
    return found.assign(_variables(result)).assign_coords(_labels(result)).assign_attrs(tau)


def _without_intrinsic(result: ResponseSweep) -> xr.Dataset:
    """Axes and provenance alone."""
    coords = {
        "temperature": _quantity(("temperature",), result.temperature, "K", "temperature"),
        "mu": _quantity(("mu",), result.mu, "eV", "chemical potential"),
    }
    uniform = {} if result.method == "adaptive" else {"mesh": result.mesh}
    how = {"method": result.method, **uniform, "rtol": result.rtol}
    return xr.Dataset({}, coords, provenance(result.source) | how)


def _component_axis(v: ResponseValue) -> str:
    """The dimension of a response's components; directions of a field share one."""
    return "direction" if v.row.components == ("x", "y") else f"{v.row.name}_component"


def _labels(result: ResponseSweep) -> dict[str, Any]:
    return {
        _component_axis(v): axis_labels(
            v.row.components,
            _component_axis(v),
            "direction of E or grad T" if _component_axis(v) == "direction" else f"component of {v.row.name}",
        )
        for v in result.values.values()
    }


def _variables(result: ResponseSweep) -> dict[str, Any]:
    """One variable a response, its error and where it converged; those of a sweep of chi and alpha are there."""
    found: dict[str, Any] = {}
    for name, v in result.values.items():
        if result.intrinsic and name in INTRINSIC_PAIR:
            continue
        axes = ("temperature", "mu", _component_axis(v))
        found[name] = _quantity(axes, v.value, v.row.unit, v.row.title)
        found[f"{name}_error"] = _quantity(axes, v.error, v.row.unit, f"error bar of {name}")
        found[f"{name}_converged"] = _quantity(axes[:2], v.converged, "1", "whether the error bars meet rtol")
    return found


@table.register
def _(result: ResponseSweep) -> tuple[list[str], Floats]:
    if result.intrinsic:
        head, rows = table(result.intrinsic)
    else:
        temperature, mu = np.meshgrid(result.temperature, result.mu, indexing="ij")
        head, rows = ["temperature_K", "mu_eV"], np.stack([temperature.ravel(), mu.ravel()], axis=1)
    columns = list(rows.T)
    for name, v in result.values.items():
        if result.intrinsic and name in INTRINSIC_PAIR:
            continue
        for c, component in enumerate(v.row.components):
            head += [f"{name}_{component}{suffix}_{v.row.unit_in_names}" for suffix in ("", "_error")]
            columns += [v.value[..., c].ravel(), v.error[..., c].ravel()]
        head.append(f"{name}_converged")
        columns.append(v.converged.astype(float).ravel())
    return head, np.stack(columns, axis=1)


@dataset.register
def _(result: ResponsesAtDensities) -> xr.Dataset:
    checks = result.intrinsic.checks if result.intrinsic else {}
    return _at_densities(result.solved, [dataset(part) for part in result.parts], checks)


@table.register
def _(result: ResponsesAtDensities) -> tuple[list[str], Floats]:
    return _table_at_densities(result.solved, [table(part) for part in result.parts])


def write_csv(result: Any, path: Path) -> None:
    """Write the table of a result: comment lines of provenance, a row of names with units, then numbers."""
    head, rows = table(result)
    with replaced(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        for name, value in dataset(result).attrs.items():
            file.write(f"# {name}: {value}\n")
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([f"{value:.12g}" for value in row] for row in rows)
