"""What the page has drawn, for saving: the curves of a frame beside its bands and maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from explorer.export.datasets import (
    axis_labels,
    dataset,
    geometry_dataset,
    provenance,
    table,
)
from explorer.export.formats import format_of
from explorer.export.pictures import LAMBDA_LABEL, coloured_bands, draw
from explorer.export.screen_style import (
    MU_COLOUR,
    PALE,
    X_COLOUR,
    Y_COLOUR,
    bar_of,
    caption,
    colour_end,
    plain_ticks,
)
from explorer.live.frame import Frame
from explorer.models.kit.arrays import Bools, Floats
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.observables.induced_magnetization import induced_magnetization
from explorer.physics.units import MOMENT_UNIT
from explorer.physics.zone.domain import Disc
from explorer.results.bands_and_maps import Bands, LambdaMap, lambda_map
from explorer.session.map_band import shown_band
from explorer.session.ranges import mu_bounds
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


@dataclass(frozen=True, eq=False)
class DrawnBands:
    """The bands of a frame, and what its page draws beside them."""

    frame: Frame
    bands: Bands


def bands(frame: Frame) -> DrawnBands:
    """Bands along the path with their geometry."""
    m = frame.geometry
    return DrawnBands(frame, Bands(m.source, m.path, m.path_bands))


@dataset.register
def _(result: DrawnBands) -> xr.Dataset:
    return dataset(result.bands)


@table.register
def _(result: DrawnBands) -> tuple[list[str], Floats]:
    return table(result.bands)


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
    for i, (axis, colour, dash, mark) in enumerate((("x", X_COLOUR, "-", "o"), ("y", Y_COLOUR, "--", "s"))):
        style = {"color": colour, "lw": 1.4, "ls": dash}
        for axes, line, spread, label in (
            (left, c.chi, c.chi_spread, f"$\\chi_{axis}$"),
            (right, c.alpha_mott, c.alpha_spread, f"$\\alpha_{axis}$ (12)"),
        ):
            _settling(axes, c.mu, line[:, i], spread[:, i], c.settled, label, style)
        right.plot(c.mu, c.alpha_low[:, i], color=colour, lw=0.9, ls=":", label=f"$\\alpha_{axis}$ (13)")
        for axes, values, errors, label in (
            (left, c.chi_direct, c.chi_error, f"$\\chi_{axis}$ (8)"),
            (right, c.alpha_direct, c.alpha_error, f"$\\alpha_{axis}$ (9)"),
        ):
            if c.adaptive:
                at = c.at, values[:, i], errors[:, i]
                axes.errorbar(*at, fmt=mark, ms=3, mfc="none", color=colour, label=label)
    for axes, label in ((left, r"$\chi$ (nm/$\Omega$)"), (right, r"$\alpha$ (nA nm/K)")):
        axes.axvline(frame.state.mu, color=MU_COLOUR, lw=1)
        axes.set(xlabel=r"$\mu$ (eV)", ylabel=label)
        axes.set_xlim(c.mu[0], c.mu[-1])
        axes.legend(fontsize=7)
        plain_ticks(axes)
    _caption(frame, figure, "pale: not settled" if not c.settled.all() else "")


def _settling(
    axes: Axes, mu: Floats, line: Floats, spread: Floats, settled: Bools, label: str, style: dict[str, Any]
) -> None:
    """A curve, pale and with its band where it may still move."""
    if settled.all():
        axes.plot(mu, line, label=label, **style)
        return
    known = np.isfinite(spread) & ~settled
    if known.any():
        wide = np.where(known, spread, np.nan)
        axes.fill_between(mu, line - wide, line + wide, color=style["color"], alpha=0.14, lw=0)
    axes.plot(mu, line, label=label, alpha=PALE, **style)
    axes.plot(mu, np.where(settled, line, np.nan), **style)


def _caption(frame: Frame, figure: Figure, more: str = "") -> None:
    """Where a picture of the page comes from, with the stage at which it stood."""
    how = {"draft": "coarse mesh", "mesh": "mesh", "sharp": "adaptive at mu, mesh"}[frame.stage]
    method = f"{how} of {frame.geometry.mesh} × {frame.geometry.mesh}" + (f"; {more}" if more else "")
    caption(figure, frame.geometry.source, frame.state.mu, frame.state.temperature, method)


@draw.register
def _(result: DrawnBands, figure: Figure) -> None:
    frame, found = result.frame, result.bands
    state = frame.state
    values = band_colour(found.geometry, state.colour)
    low, high = mu_bounds(state.source)
    energy = found.geometry.energy
    shown = (energy.max(axis=1) > low) & (energy.min(axis=1) < high)
    limit, clipped = (1.0, ("", "neither")) if values is None else colour_end(values[shown])
    figure.suptitle(found.source.model.title)
    axes = figure.subplots()
    lines = coloured_bands(axes, found, values, limit)
    axes.set_ylim(low, high)
    axes.axhline(state.mu, color=MU_COLOUR, lw=1)
    axes.set_ylabel("energy (eV)")
    if values is not None:
        bar_of(figure, lines, axes, BAND_LABELS[state.colour] + clipped[0], limit, clipped[1])
    _caption(frame, figure)


BAND_LABELS = {
    "lambda_x": LAMBDA_LABEL.format("x"),
    "lambda_y": LAMBDA_LABEL.format("y"),
    "berry_curvature": "Berry curvature (Å²)",
    "orbital_moment": "orbital moment ($\\mu_B$)",
}
"""What the lines are coloured by."""


def band_colour(g: BandGeometry, colour: str) -> Floats | None:
    """What the lines of the page are coloured by, (N, K), in the unit of `BAND_LABELS`; None for plain lines."""
    if colour in ("lambda_x", "lambda_y"):
        return np.asarray(g.lambda_["xy".index(colour[-1])])
    if colour == "berry_curvature":
        return g.berry_curvature
    return g.orbital_moment * MOMENT_UNIT if colour == "orbital_moment" else None
