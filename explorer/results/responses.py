"""The one place where a response of a source becomes a number with its error bar, at any mu and T."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from explorer.meshes.reachable_bands import bands_in_use
from explorer.meshes.shipped import shipped_mesh
from explorer.models.kit.arrays import Bools, Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.potential import potential_integrand, potential_of, potential_parts
from explorer.physics.occupations import fermi, grand_potential
from explorer.physics.progress import Pool, Progress, part_of
from explorer.physics.responses import catalogue
from explorer.physics.responses.integrand import Integrand, Response
from explorer.physics.responses.intrinsic import FORMS
from explorer.physics.responses.row import ALPHA, CHI, POTENTIAL, Inputs, Row
from explorer.physics.units import K_B
from explorer.physics.zone.domain import zone_of
from explorer.results.adaptive import ON_DISK, adaptive
from explorer.results.settings import WAVE_VECTORS_OF_A_COMMAND, check_settings, default_mesh
from explorer.results.uniform import check_size, uniform_responses
from explorer.session.declared_symmetries import exact_operations
from explorer.session.quantities import RELAXATION_TIME
from explorer.session.source import Source
from explorer.threads import Sharing

LOOK = 24
"""Points a side of the mesh that tells the size of a potential, and whether densities are rounding."""
RUNS = 3
"""Times that a potential is integrated at most: each run refers to the size that the one before found."""
NEXT_TO_NOTHING = 1e-3
"""Share of what a potential would be if no two wave vectors cancelled, to which its tolerance refers at least."""


@dataclass(frozen=True, eq=False)
class ResponseValue:
    """One response of a source over chemical potentials and temperatures.

    row : which. mu : (M,) [eV]. temperature : (T,) [K]. value, error : (T, M, C) in `row.unit`, components as
    `row.components`; error is the error bar. converged : (T, M), whether the tolerance asked for was met.
    evaluations : wave vectors computed for it, and for what was integrated with it.
    """

    row: Row
    mu: Floats
    temperature: Floats
    value: Floats
    error: Floats
    converged: Bools
    evaluations: int


@dataclass(frozen=True, eq=False)
class _How:
    """Settings of the integrators, as of `respond`."""

    method: str
    mesh: int
    rtol: float
    max_evaluations: int | None
    whole_zone: bool
    exact: bool
    pool: Pool | None


def inputs_of(source: Source, relaxation_time: float = 1.0) -> Inputs:
    """What densities may need of a source; relaxation_time : tau [ps].

    Raises ValueError for a tau out of the bounds of its slider.
    """
    RELAXATION_TIME.refuse(relaxation_time)
    return Inputs(source.hamiltonian, source.model.spin(), relaxation_time)


def chosen(source: Source, names: Iterable[str]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Rows by name, and sentences on those that "all" leaves out because the source cannot have them.

    Raises ValueError for an unknown name, and for a response asked for by name that the source cannot have.
    """
    names, inputs = list(names), inputs_of(source)
    found, lacking = [], dict[str, list[str]]()
    for row in catalogue.selected(names):
        why = row.missing(inputs)
        if not why:
            found.append(row)
        elif row.name in names:
            raise ValueError(f"{source.name} has no response {row.name}: {why}")
        else:
            lacking.setdefault(why, []).append(row.name)
    left_out = (f"left out of {source.name}: {', '.join(rows)} ({why})" for why, rows in lacking.items())
    return tuple(found), tuple(left_out)


def respond(
    source: Source,
    rows: Sequence[Row],
    mu: Floats | float,
    temperature: Floats | float,
    *,
    relaxation_time: float = 1.0,
    method: str = "adaptive",
    mesh: int | None = None,
    rtol: float = 1e-3,
    max_evaluations: int | None = None,
    whole_zone: bool = False,
    exact: bool = False,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Mapping[str, ResponseValue]:
    """Responses of a source at every mu and T, each with its error bar, by name.

    Rows that are coefficients of the same densities (chi and alpha, hall and nernst) come from one integration, always
    of both: a row has the same value whatever else is asked for with it.

    Parameters
    ----------
    source : what `open_source` returned.
    rows : of the catalogue (`catalogue.row`, or `chosen` here for names).
    mu, temperature : (M,) [eV] and (T,) [K > 0].
    relaxation_time : tau [ps] of the extrinsic responses.
    method : "adaptive", "triangle" or "sum"; the error of the last two is the change from the mesh half as fine.
    mesh : points a side of the last two; None chooses by the number of bands.
    rtol : wanted error, relative to each response's largest value over mu at each temperature; where it next to
        vanishes, to a thousandth of what it would be if no two wave vectors cancelled.
    max_evaluations : wave vectors of an adaptive integral; None: what takes minutes.
    whole_zone : integrate the whole zone also where operations of the crystal give it from a part.
    exact : no group of bands, interpolated, stands for all of a large crystal.
    pool : threads that share the work; None makes its own.
    progress : called with the finished fraction; an exception it raises cancels.

    Raises
    ------
    ValueError : an unknown method, a temperature or rtol not above zero, a tau out of bounds, a mesh too small or too
        large, a response that the source cannot have.
    """
    mu, temperature = np.atleast_1d(mu).astype(float), np.atleast_1d(temperature).astype(float)
    h = source.hamiltonian
    check_settings(source.hamiltonian, method, rtol, max_evaluations, mu, temperature)
    inputs = inputs_of(source, relaxation_time)
    for row in rows:
        if why := row.missing(inputs):
            raise ValueError(f"{source.name} has no response {row.name}: {why}")
    size = default_mesh(h) if mesh is None else mesh
    check_size(h, size)
    if not rows:
        return {}
    # A row's key is the integration it comes from.
    keys = {row.name: (row.integrand(inputs), row.coefficient == POTENTIAL) for row in rows}
    reducible = {keys[row.name]: row.from_geometry for row in rows}
    with threadpool_limits(1, "blas"), nullcontext(pool) if pool else Sharing() as threads:
        how = _How(method, size, rtol, max_evaluations, whole_zone, exact, threads)
        found = _integrals(source, reducible, mu, temperature, how, progress)
    return {row.name: _read(row, keys[row.name][0], found[keys[row.name]]) for row in rows}


_Key = tuple[Integrand, bool]
"""Densities, and whether their potential is wanted instead of chi and alpha."""


@dataclass(frozen=True, eq=False)
class _Integral:
    """chi and alpha, or Phi in both places, with errors (T, M, C) in units of the integrand; of Phi eV times them."""

    mu: Floats
    temperature: Floats
    values: Mapping[str, tuple[Floats, Floats]]
    converged: Bools
    evaluations: int


def _read(row: Row, integrand: Integrand, found: _Integral) -> ResponseValue:
    value, error = found.values[row.coefficient]
    factor = row.factor
    if row.coefficient == POTENTIAL:
        factor *= integrand.alpha_unit / K_B
    return ResponseValue(
        row,
        found.mu,
        found.temperature,
        factor * value + 0.0,  # no minus before a zero
        abs(factor) * error,
        found.converged,
        found.evaluations,
    )


def _integrals(
    source: Source,
    wanted: Mapping[_Key, bool],
    mu: Floats,
    temperature: Floats,
    how: _How,
    progress: Progress | None,
) -> dict[_Key, _Integral]:
    """Every integration asked for; wanted : by key, whether operations may reduce it and bands be left out."""
    found: dict[_Key, _Integral] = {}
    left: list[_Key] = []
    look: tuple[BandGeometry, Floats] | None = None
    for key in wanted:
        # What (8) and (9) give where nothing but rounding is left of them is shown as it comes.
        if key[1] or key[0] not in FORMS.values():
            look = _look(source.hamiltonian, how.pool) if look is None else look
            if key[0].only_rounding(*look):
                found[key] = _nothing(key, mu, temperature)
                continue
        left.append(key)
    if how.method != "adaptive":
        return found | _uniform(source, left, mu, temperature, how, progress)
    for n, key in enumerate(left):
        share = part_of(progress, n / len(left), (n + 1) / len(left))
        if key[1]:
            assert look is not None
            found[key] = _adaptive_potential(source, key[0], look, mu, temperature, how, wanted[key], share)
        else:
            found[key] = _both(_adaptive(source, key[0], mu, temperature, how, wanted[key], share))
    return found


def _look(h: Hamiltonian, pool: Pool | None) -> tuple[BandGeometry, Floats]:
    """Every band on a coarse mesh, and the weights of its points."""
    k, weights = zone_of(h).mesh(shipped_mesh(h) or LOOK)
    return ON_DISK.mesh(h, k, pool=pool), np.asarray(weights)


def _nothing(key: _Key, mu: Floats, temperature: Floats) -> _Integral:
    zero = np.zeros((temperature.size, mu.size, len(key[0].components)))
    met = np.ones(zero.shape[:2], dtype=bool)
    return _Integral(mu, temperature, dict.fromkeys((CHI, ALPHA, POTENTIAL), (zero, zero)), met, 0)


def _both(r: Response) -> _Integral:
    values = {CHI: (r.chi, r.chi_error), ALPHA: (r.alpha, r.alpha_error)}
    return _Integral(r.mu, r.temperature, values, r.converged, r.evaluations)


def _adaptive(
    source: Source,
    integrand: Integrand,
    mu: Floats,
    temperature: Floats | float,
    how: _How,
    from_geometry: bool,
    progress: Progress | None,
    scale: tuple[float, float] | None = None,
    rtol: float | None = None,
) -> Response:
    h = source.hamiltonian
    run = partial(adaptive, patience=WAVE_VECTORS_OF_A_COMMAND, exact=how.exact)
    if not from_geometry:
        # Its densities are known for all bands from the lowest, at each wave vector by itself.
        run = partial(adaptive_response, geometry=ON_DISK.points)  # type: ignore[assignment]
    return run(
        h,
        integrand,
        mu,
        temperature,
        rtol=how.rtol if rtol is None else rtol,
        scale=scale,
        max_evaluations=how.max_evaluations,
        pool=how.pool,
        progress=progress,
        operations=() if how.whole_zone or not from_geometry else exact_operations(h),
    )


def _window(mu: Floats, temperature: Floats | float) -> tuple[float, float]:
    """zero and width of `potential_integrand`."""
    low, high = float(mu.min()), float(mu.max())
    return (low + high) / 2, max((high - low) / 2, K_B * float(np.max(temperature)))


def _adaptive_potential(
    source: Source,
    base: Integrand,
    look: tuple[BandGeometry, Floats],
    mu: Floats,
    temperature: Floats,
    how: _How,
    from_geometry: bool,
    progress: Progress | None,
) -> _Integral:
    """Phi at one temperature after the other, as its pieces have sizes that depend on it."""
    done: list[tuple[Floats, Floats, Bools, int]] = []
    for t, kelvin in enumerate(temperature):
        share = part_of(progress, t / temperature.size, (t + 1) / temperature.size)
        done.append(_potential_at(source, base, look, mu, float(kelvin), how, from_geometry, share))
    value, error, met = (np.concatenate([d[i] for d in done]) for i in range(3))
    return _Integral(mu, temperature, {POTENTIAL: (value, error)}, met, sum(d[3] for d in done))


def _potential_at(
    source: Source,
    base: Integrand,
    look: tuple[BandGeometry, Floats],
    mu: Floats,
    kelvin: float,
    how: _How,
    from_geometry: bool,
    progress: Progress | None,
) -> tuple[Floats, Floats, Bools, int]:
    at = np.array([kelvin])
    zero, width = _window(mu, kelvin)
    integrand, spent = potential_integrand(base, zero, width), 0
    rough = np.add(*potential_parts(*look, base, mu, at))
    floor = NEXT_TO_NOTHING * _uncancelled_potential(*look, base, mu, kelvin)
    size = max(float(np.abs(rough).max()), floor) or 1.0
    for _ in range(RUNS):
        # Four pieces, whose errors add up.
        scale = size, size * width / (K_B * kelvin)
        r = _adaptive(source, integrand, mu, kelvin, how, from_geometry, progress, scale, how.rtol / 4)
        spent += r.evaluations
        value = potential_of(r.chi, r.alpha, mu, at, zero, width)
        error = potential_of(r.chi_error, r.alpha_error, mu, at, zero, width, errors=True)
        size = max(float(np.abs(value).max()), floor) or 1.0
        met = error.max(axis=2) <= how.rtol * size
        if met.all() or not r.converged.all():
            break
    return value, error, met & r.converged, spent


def _uncancelled_potential(
    g: BandGeometry, weights: Floats, base: Integrand, mu: Floats, kelvin: float
) -> float:
    """What Phi would be if no two wave vectors cancelled, the larger component and mu."""
    sea, surface = base.densities(g)
    some = mu[np.linspace(0, mu.size - 1, min(mu.size, 12)).astype(int)]
    sums = [
        (grand_potential(g.energy, level, kelvin) * sea - fermi(g.energy, level, kelvin) * surface).sum(
            axis=1
        )
        for level in some
    ]
    return max(float((np.abs(s) @ weights).max()) for s in sums)


def _uniform(
    source: Source,
    keys: Sequence[_Key],
    mu: Floats,
    temperature: Floats,
    how: _How,
    progress: Progress | None,
) -> dict[_Key, _Integral]:
    """All integrations on one mesh."""
    if not keys:
        return {}
    zero, width = _window(mu, temperature)
    integrands = [potential_integrand(base, zero, width) if phi else base for base, phi in keys]
    found = uniform_responses(
        source.hamiltonian,
        integrands,
        mu,
        temperature,
        mesh=how.mesh,
        method=how.method,
        rtol=how.rtol,
        bands=bands_in_use(source, mu, temperature),
        pool=how.pool,
        progress=progress,
    )
    out: dict[_Key, _Integral] = {}
    for key, r in zip(keys, found, strict=True):
        if not key[1]:
            out[key] = _both(r)
            continue
        value = potential_of(r.chi, r.alpha, mu, temperature, zero, width)
        error = potential_of(r.chi_error, r.alpha_error, mu, temperature, zero, width, errors=True)
        met = error.max(axis=2) <= how.rtol * np.abs(value).max(axis=(1, 2))[:, None]
        out[key] = _Integral(mu, temperature, {POTENTIAL: (value, error)}, met, r.evaluations)
    return out
