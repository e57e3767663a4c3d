"""The explorer for notebooks: the numbers of the page and of the command line, as xarray.

>>> import explorer
>>> data = explorer.compute("haldane", mu=[0.1], temperature=100, method="sum", mesh=24)
>>> data.chi.attrs["units"]
'nm/ohm'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from explorer.export.datasets import dataset, geometry_dataset
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.responses import catalogue
from explorer.results.arguments import names, number, numbers, whole
from explorer.results.bands_and_maps import bands_along_path, lambda_map
from explorer.results.response_map import response_map
from explorer.results.response_sweep import default_names, response_sweep, responses_at_densities
from explorer.session.source import Source, open_source

SOURCE_OPTIONS = ("degeneracy_tolerance", "kramers_pairs", "plane", "hermitise")


def _opened(source: str | PathLike[str], settings: dict[str, Any]) -> Source:
    options = {name: settings.pop(name) for name in SOURCE_OPTIONS if name in settings}
    own = settings.pop("parameters", {})
    if not isinstance(source, str | PathLike):
        raise ValueError(f"a source is the name of a model or the path of a file, got {source!r}")
    if not isinstance(own, Mapping):
        raise ValueError(f"parameters must be a dictionary of values by name, got {own!r}")
    if options.get("degeneracy_tolerance") is not None:
        options["degeneracy_tolerance"] = number(options["degeneracy_tolerance"], "degeneracy_tolerance")
    return open_source(fspath(source), {**settings, **own}, **options)


def compute(
    source: str | PathLike[str],
    *,
    mu: npt.ArrayLike | None = None,
    density: npt.ArrayLike | None = None,
    temperature: npt.ArrayLike,
    response: str | Sequence[str] | None = None,
    tau: float = 1.0,
    method: str = "adaptive",
    form: str = "surface",
    mesh: int | None = None,
    rtol: float = 1e-3,
    max_evaluations: int | None = None,
    whole_zone: bool = False,
    checks: str = "quick",
    exact: bool = False,
    **settings: Any,
) -> xr.Dataset:
    """Responses with error bars, by default chi [nm/ohm] and alpha [nA nm/K], (8), (9): `om-explorer compute`.

    Each response is a variable of its name, with `<name>_error` and `<name>_converged` (chi, alpha: `converged`).

    Parameters
    ----------
    source : name of a model, or path of a Wannier file.
    mu, temperature : one or several [eV], [K].
    density : instead of mu, carriers beyond neutrality [1e13/cm2]; mu is then solved for at each temperature.
    response : names as of `responses`, in a list or divided by commas, or "all"; None: chi and alpha.
    tau : relaxation time of the extrinsic ones [ps].
    method, form, mesh, rtol, max_evaluations, whole_zone, checks, exact : as in `explorer.results.sweep.sweep`.
    settings : the model's parameters by name, and degeneracy_tolerance [eV], kramers_pairs, plane, hermitise. A
        parameter named as one of the arguments goes into a dictionary: parameters={"tau": 0.2}.

    Raises
    ------
    ValueError : what `om-explorer` would print.
    """
    if (mu is None) == (density is None):
        raise ValueError("give either mu or density")
    counts = {"mesh": mesh, "max_evaluations": max_evaluations}
    mesh, max_evaluations = (None if n is None else whole(n, name) for name, n in counts.items())
    listed = list(default_names()) if response is None else names(response, "response")
    if not listed:
        raise ValueError("response names nothing: leave it out for chi and alpha")
    kelvin, opened = numbers(temperature, "temperature"), _opened(source, settings)
    how: dict[str, Any] = {
        "relaxation_time": number(tau, "tau"),
        "method": method,
        "form": form,
        "mesh": mesh,
        "rtol": number(rtol, "rtol"),
        "max_evaluations": max_evaluations,
        "whole_zone": whole_zone,
        "checks": checks,
        "exact": exact,
    }
    if density is not None:
        return dataset(responses_at_densities(opened, listed, numbers(density, "density"), kelvin, **how))
    assert mu is not None
    return dataset(response_sweep(opened, listed, numbers(mu, "mu"), kelvin, **how))


def sweep(
    source: str | Sequence[str],
    vary: Mapping[str, npt.ArrayLike] | None = None,
    *,
    out: str | Path,
    mu: npt.ArrayLike | None = None,
    density: npt.ArrayLike | None = None,
    temperature: npt.ArrayLike,
    response: str | Sequence[str] | None = None,
    tau: float = 1.0,
    method: str = "adaptive",
    form: str = "surface",
    mesh: int | None = None,
    rtol: float = 1e-3,
    max_evaluations: int | None = None,
    whole_zone: bool = False,
    checks: str = "none",
    exact: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    **settings: Any,
) -> xr.Dataset:
    """Responses over parameters of a model, or over several files, kept in a Zarr store: `om-explorer sweep`.

    Variables as of `compute`, with one dimension more for each varied parameter, and `source` where there are several;
    `status` (0 not done, 1 done, 2 failed) and `reason` say which points failed, and why. What is returned reads the
    store when a value is asked for; so does `xarray.open_zarr(out)`.

    Parameters
    ----------
    source : name of a model, path of a Wannier file or of a folder of them, or several of these.
    vary : values of parameters by name, in the order of the dimensions.
    out : the store. resume : go on with it where it is of the same sweep. overwrite : begin anew.
    mu, density, temperature, response, tau, method, form, mesh, rtol, max_evaluations, whole_zone, exact, checks :
        as of `compute`.
    workers : processes of this machine that compute, None: as many as cores. scheduler : address of a Dask scheduler
        whose workers compute instead.
    settings : as of `compute`, parameters that are held fixed among them.

    Raises
    ------
    ValueError, OSError : what `om-explorer` would print.
    """
    from explorer.sweeps.plan import plan
    from explorer.sweeps.run import run

    options = {name: settings.pop(name) for name in SOURCE_OPTIONS if name in settings}
    own = settings.pop("parameters", {})
    planned = plan(
        [source] if isinstance(source, str) else source,
        {name: numbers(values, name) for name, values in (vary or {}).items()},
        mu=None if mu is None else numbers(mu, "mu"),
        density=None if density is None else numbers(density, "density"),
        temperature=numbers(temperature, "temperature"),
        response=list(default_names()) if response is None else names(response, "response"),
        parameters=settings | own,
        options=options,
        relaxation_time=tau,
        method=method,
        form=form,
        mesh=mesh,
        rtol=rtol,
        max_evaluations=max_evaluations,
        whole_zone=whole_zone,
        checks=checks,
        exact=exact,
    )
    how: dict[str, Any] = {
        "workers": workers,
        "scheduler": scheduler,
        "resume": resume,
        "overwrite": overwrite,
    }
    return run(planned, Path(out), **how).dataset()


def responses() -> dict[str, dict[str, Any]]:
    """What `compute` knows, by name: unit, components, symmetry, needs, checks: `om-explorer responses`."""
    return {row.name: row.description() for row in catalogue.rows()}


def geometry(source: str | PathLike[str], k: npt.ArrayLike, **settings: Any) -> xr.Dataset:
    """Everything of (11) at wave vectors k, (K, 2) or (2,) [1/angstrom]: `om-explorer geometry`."""
    points = np.atleast_2d(numbers(k, "k"))
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"k must be (K, 2), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("k must be finite numbers")
    opened = _opened(source, settings)
    return geometry_dataset(opened, band_geometry(opened.hamiltonian, points.T))


def bands(source: str | PathLike[str], points: int = 301, **settings: Any) -> xr.Dataset:
    """Energies and geometry along the model's path: `om-explorer bands`."""
    return dataset(bands_along_path(_opened(source, settings), whole(points, "points")))


def kmap(
    source: str | PathLike[str],
    *,
    mu: float,
    temperature: float,
    mesh: int = 201,
    band: int | Literal["nearest"] | None = None,
    response: str | None = None,
    tau: float = 1.0,
    **settings: Any,
) -> xr.Dataset:
    """Lambda_x and Lambda_y over the zone [e/hbar angstrom^3], or the density of a response: `om-explorer kmap`.

    response : name as of `responses`; what each wave vector, or one band there, contributes to it at mu and T.
    tau : relaxation time of an extrinsic one [ps].
    band : counted from 0; "nearest" for the one nearest mu; None for the sum over occupied states.
    """
    mu, temperature = number(mu, "mu"), number(temperature, "temperature")
    mesh = whole(mesh, "mesh")
    band = band if band is None or band == "nearest" else whole(band, "band")
    opened = _opened(source, settings)
    if response is None:
        return dataset(lambda_map(opened, mu, temperature, mesh=mesh, band=band))
    if not isinstance(response, str):
        raise ValueError(f"response must be one name, got {response!r}")
    row = catalogue.row(response)
    return dataset(
        response_map(opened, row, mu, temperature, mesh=mesh, band=band, relaxation_time=number(tau, "tau"))
    )
