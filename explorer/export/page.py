"""What the page has drawn, for saving: the curves of a frame beside its bands and maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from explorer.export.datasets import (
    axis_labels,
    dataset,
    geometry_dataset,
    provenance,
    table,
)
from explorer.export.formats import format_of
from explorer.export.pictures import draw
from explorer.live.frame import Frame
from explorer.models.kit.arrays import Floats
from explorer.physics.observables.induced_magnetization import induced_magnetization
from explorer.physics.zone.domain import Disc
from explorer.results.bands_and_maps import Bands, LambdaMap, lambda_map
from explorer.session.map_band import shown_band
from explorer.session.state import NEAREST

ALPHA, CHI = "nA nm/K", "nm/ohm"
QUANTITIES = {
    "chi": (CHI, "chi (8), triangles"),
    "alpha_mott": (ALPHA, "alpha by the Mott integral (12) of the mesh"),
    "alpha_low": (ALPHA, "alpha by (13)"),
}
DIRECT = {
    "chi_direct": (CHI, "chi (8), adaptive"),
    "chi_error": (CHI, "error bar of chi_direct"),
    "alpha_direct": (ALPHA, "alpha (9), adaptive"),
    "alpha_error": (ALPHA, "error bar of alpha_direct"),
    "alpha_integral": (ALPHA, "alpha by the Mott integral (12), refined on its own"),
    "integral_error": (ALPHA, "error bar of alpha_integral"),
}
AXES = "xy"


@dataclass(frozen=True, eq=False)
class DrawnCurves:
    """The curves of a frame and the numbers under them."""

    frame: Frame


def curves(frame: Frame) -> DrawnCurves:
    """Chi and alpha over mu."""
    return DrawnCurves(frame)


def bands(frame: Frame) -> Bands:
    """Bands along the path with their geometry."""
    return Bands(frame.geometry.source, frame.geometry.path, frame.geometry.path_bands)


def zone_map(frame: Frame) -> LambdaMap:
    """Lambda over the zone, of the occupied states or of one band as the page shows it."""
    m, state = frame.geometry, frame.state
    band, follows = shown_band(state.band, m.picture.energy, state.mu), state.band == NEAREST
    if isinstance(m.zone, Disc):  # the page's picture is a square around the disc
        drawn = lambda_map(m.source, state.mu, state.temperature, mesh=m.mesh, band=band)
        return replace(drawn, nearest=follows)
    return LambdaMap(m.source, m.zone, state.mu, state.temperature, m.mesh, band, m.picture, follows)


def saved(result: Any, suffix: str) -> bytes:
    """A result as the bytes of a file of that ending, one of `formats.ENDINGS`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"result{suffix}"
        format_of(path).write(result, path)
        return path.read_bytes()


def mesh_netcdf(frame: Frame) -> bytes:
    """The geometry of every band on the whole mesh, as NetCDF."""
    m = frame.geometry
    with TemporaryDirectory() as folder:
        path = Path(folder) / "geometry.nc"
        geometry_dataset(m.source, m.corners).assign_attrs(mesh=m.mesh).to_netcdf(path, engine="h5netcdf")
        return path.read_bytes()


def _attributes(frame: Frame) -> dict[str, Any]:
    """Where the page stands, and its numbers there."""
    s, p = frame.state, frame.point
    numbers: dict[str, Any] = {
        "stage": frame.stage,
        "mesh": frame.geometry.mesh,
        "mu_eV": s.mu,
        "mu_error_eV": p.mu_error,
        "temperature_K": s.temperature,
        "field_V_per_m": s.field,
        "field_angle_deg": s.field_angle,
        "gradient_K_per_m": s.gradient,
        "gradient_angle_deg": s.gradient_angle,
        "carrier_density_per_cm2": p.density,
        "magnetization_muB_per_nm2": induced_magnetization(p.chi, p.alpha, *s.fields).in_muB_per_nm2,
        "point_converged": int(p.converged),
    }
    for c, axis in enumerate(AXES):
        for name, unit in (("chi", "nm_per_ohm"), ("alpha", "nA_nm_per_K")):
            numbers[f"point_{name}_{axis}_{unit}"] = float(getattr(p, name)[c])
            numbers[f"point_{name}_{axis}_error_{unit}"] = float(getattr(p, f"{name}_error")[c])
    return numbers


@dataset.register
def _(result: DrawnCurves) -> xr.Dataset:
    c = result.frame.curves
    values: dict[str, Any] = {}
    for dim, names in (("mu", QUANTITIES), ("mu_direct", DIRECT)):
        for name, (unit, what) in names.items():
            values[name] = ((dim, "direction"), getattr(c, name), {"units": unit, "long_name": what})
    values["converged"] = (("mu_direct",), c.converged, {"units": "1", "long_name": "error bars meet rtol"})
    coords = {
        "mu": ("mu", c.mu, {"units": "eV", "long_name": "chemical potential"}),
        "mu_direct": ("mu_direct", c.at, {"units": "eV", "long_name": "chemical potential, direct side"}),
        "direction": axis_labels(AXES, "direction", "direction of E or grad T"),
    }
    return xr.Dataset(values, coords, provenance(result.frame.geometry.source) | _attributes(result.frame))


@table.register
def _(result: DrawnCurves) -> tuple[list[str], Floats]:
    c = result.frame.curves
    head, columns = ["mu_eV"], [c.mu]
    at = np.searchsorted(c.mu, c.at)
    for names, places in ((QUANTITIES, None), (DIRECT, at)):
        for name, (unit, _) in names.items():
            for i, axis in enumerate(AXES):
                column = np.full(c.mu.size, np.nan)
                column[slice(None) if places is None else places] = getattr(c, name)[:, i]
                head.append(f"{name}_{axis}_{unit.replace('/', '_per_').replace(' ', '_')}")
                columns.append(column)
    return head, np.stack(columns, axis=1)


@draw.register
def _(result: DrawnCurves, figure: Figure) -> None:
    frame, c = result.frame, result.frame.curves
    figure.suptitle(f"{frame.geometry.source.model.title}, T = {frame.state.temperature:g} K")
    left, right = figure.subplots(1, 2)
    for i, (axis, colour) in enumerate(zip(AXES, ("tab:blue", "tab:orange"), strict=True)):
        left.plot(c.mu, c.chi[:, i], color=colour, lw=1, label=f"$\\chi_{axis}$, mesh")
        left.errorbar(
            c.at,
            c.chi_direct[:, i],
            c.chi_error[:, i],
            fmt="o",
            ms=3,
            color=colour,
            label=f"$\\chi_{axis}$, adaptive",
        )
        right.plot(c.mu, c.alpha_mott[:, i], color=colour, lw=1, label=f"$\\alpha_{axis}$ (12)")
        right.plot(c.mu, c.alpha_low[:, i], color=colour, lw=1, ls=":", label=f"$\\alpha_{axis}$ (13)")
        right.errorbar(
            c.at,
            c.alpha_direct[:, i],
            c.alpha_error[:, i],
            fmt="o",
            ms=3,
            color=colour,
            label=f"$\\alpha_{axis}$ (9)",
        )
    for axes, label in ((left, r"$\chi$ (nm/$\Omega$)"), (right, r"$\alpha$ (nA nm/K)")):
        axes.axvline(frame.state.mu, color="0.5", ls=":", lw=1)
        axes.set(xlabel=r"$\mu$ (eV)", ylabel=label)
        axes.legend(fontsize=7)
