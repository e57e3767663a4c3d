"""What is shown of a state, stage by stage: each frame is finer than the one before.

    draft (coarse mesh, at once) -> mesh (final meshes) -> sharp (adaptive, with error bars)

Stages after the draft start when the hand rests, and a newer state cancels them through their progress callback.
mu, T and the fields never recompute geometry: when the final mesh is cached their first frame is already of stage
"mesh".
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import numpy as np

from explorer.live.frame import (
    Curves,
    Frame,
    at_density,
    at_density_tightly,
    integral_curves,
    mesh_curves,
    mesh_point,
    sharp_curves,
    sharp_point,
    spread_curves,
)
from explorer.live.run import Run
from explorer.live.turns import DRAFTS, REFINEMENTS, SHARPENING
from explorer.meshes.cache import SHARED, GeometryCache
from explorer.meshes.mesh import COARSE_START_BANDS, LADDER, MeshGeometry
from explorer.session.state import State, opened

MAX_DRAFT_SECONDS = 0.01
"""What a frame on a coarse mesh may cost while a parameter is dragged: as much again is the browser's."""
MAX_MESH_SECONDS = 20.0
"""What the finest mesh of a large model may cost."""
SECONDS_BEFORE_MESH = 0.06
"""Rest of the hand before the final mesh is begun [s]."""
SECONDS_BEFORE_ADAPTIVE = 0.35
"""Rest before the adaptive quadrature is begun [s]."""


class Stages:
    """The stages of one session's states.

    cache : where geometries are kept.
    """

    def __init__(self, cache: GeometryCache = SHARED) -> None:
        self._cache = cache
        self._curves: tuple[MeshGeometry, Curves] | None = None
        self._draft_rates: dict[str, float] = {}

    def show(self, state: State, run: Run) -> None:
        """Go through all stages; Superseded where the run ends before."""
        first = self._finest_cached(state)
        coarse = self._draft_mesh(state) if first is None else first.mesh
        with run.turn(DRAFTS):
            begun = time.perf_counter()
            fleeting = self._draft_seconds(state, coarse) <= MAX_DRAFT_SECONDS
            fleeting &= self._next_mesh(state, coarse) != coarse
            geometry = first or self._cache.get(state, coarse, run.first_progress("draft"), keep=not fleeting)
            final = self._cache_is_final(state, geometry)
            state = at_density(geometry, state, draft=not final)
            frame = self._frame(state, geometry, "mesh" if final else "draft")
            if first is None:
                self._note_draft(state.source, (time.perf_counter() - begun) / coarse**2)
        run.publish(frame)
        while not self._cache_is_final(state, geometry):
            run.rest(SECONDS_BEFORE_MESH)
            finer = self._next_mesh(state, geometry.mesh)
            with run.turn(REFINEMENTS):
                geometry = self._cache.get(state, finer, run.progress("mesh"))
                state = at_density(geometry, state)
                frame = self._frame(state, geometry, "mesh")
            run.publish(frame)
        if not frame.curves.adaptive and not np.isfinite(frame.curves.chi_spread).any():
            run.rest(SECONDS_BEFORE_MESH)
            with run.turn(REFINEMENTS):
                curves = spread_curves(geometry, frame.curves)
            self._curves = (geometry, curves)
            frame = replace(frame, curves=curves)
            run.publish(frame)
        run.rest(SECONDS_BEFORE_ADAPTIVE)
        with run.turn(SHARPENING):
            progress = run.progress("point")
            state, mu_error = at_density_tightly(geometry, state, progress)
            point = sharp_point(geometry, state, frame.curves, frame.point, progress, mu_error)
        frame = replace(frame, state=state, point=point, stage="sharp")
        run.publish(frame)
        if not frame.curves.adaptive:
            with run.turn(SHARPENING):
                curves = sharp_curves(geometry, state, frame.curves, run.progress("curve", behind=True))
            self._curves = (geometry, curves)
            frame = replace(frame, curves=curves)
            run.publish(frame)
        if not np.isfinite(frame.curves.alpha_integral).all():
            with run.turn(SHARPENING):
                progress = run.progress("integral", behind=True)
                work = partial(integral_curves, geometry, state, frame.curves, progress)
                curves = run.aside(work)
            self._curves = (geometry, curves)
            run.publish(replace(frame, curves=curves))

    def _frame(self, state: State, geometry: MeshGeometry, stage: str) -> Frame:
        kept = self._curves
        if kept is None or kept[0] is not geometry or kept[1].temperature != state.temperature:
            kept = (geometry, mesh_curves(geometry, state))
            self._curves = kept
        picture, point = mesh_point(geometry, state, quick=True)
        return Frame(state, stage, geometry, picture, kept[1], point)

    def _finest_cached(self, state: State) -> MeshGeometry | None:
        return next((m for n in reversed(LADDER) if (m := self._cache.peek(state, n))), None)

    def _draft_mesh(self, state: State) -> int:
        stored = self._cache.stored(state)
        if stored is not None:
            return stored
        if self._cache.seconds(state, 1) is None:
            return 24 if opened(state).hamiltonian.size < COARSE_START_BANDS else LADDER[0]
        fitting = [n for n in LADDER[:6] if self._draft_seconds(state, n) <= MAX_DRAFT_SECONDS]
        return fitting[-1] if fitting else LADDER[0]

    def _draft_seconds(self, state: State, n: int) -> float:
        """Expected time of a frame on a coarse mesh: as measured, before that twice the geometry's."""
        rate = self._draft_rates.get(state.source)
        return 2 * (self._cache.seconds(state, n) or MAX_DRAFT_SECONDS) if rate is None else rate * n * n

    def _note_draft(self, source: str, rate: float) -> None:
        # The first may hold a compilation, and a part does not grow with the mesh: down at once, up slowly.
        before = self._draft_rates.get(source, rate)
        self._draft_rates[source] = min(rate, 0.9 * before + 0.1 * rate)

    def _next_mesh(self, state: State, n: int) -> int:
        """The finest mesh where that takes no time, else the next one of four times the points."""
        stored = self._cache.stored(state)
        if stored is not None and stored > n:
            return stored
        if self._cache.seconds(state, 1) is None:
            self._cache.measure(state)
        affordable = [
            m for m in LADDER if m > n and (self._cache.seconds(state, m) or 0.0) <= MAX_MESH_SECONDS
        ]
        quick = [m for m in affordable if (self._cache.seconds(state, m) or 0.0) <= 0.5]
        if quick:
            return quick[-1]
        return next((m for m in affordable if m >= 2 * n), n)

    def _cache_is_final(self, state: State, geometry: MeshGeometry) -> bool:
        return self._next_mesh(state, geometry.mesh) == geometry.mesh
