"""What an experiment would read, mu from a carrier density, and how firm chi is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from explorer.frames import Frame
from explorer.physics.density import PER_CM2, filling
from explorer.physics.experiment import (
    KERR_ASSUMPTION,
    FlakeReading,
    Induced,
    Sensitivity,
    flake_reading,
    induced_magnetization,
    stray_field,
    symmetric_sensitivity,
    with_tolerance,
)
from explorer.physics.units import MAGNETIZATION_UNIT
from explorer.session import State
from explorer.source import open_source
from explorer.views.figures import (
    BLUE,
    GREY,
    ORANGE,
    FigureTab,
    LinePlot,
    controls_row,
    note_html,
    row,
    table_html,
)
from explorer.views.foot import scientific
from models.arrays import Floats
from models.hamiltonian import Hamiltonian

TOLERANCE = "degeneracy tolerance"
SWEEP_MESH = 36
"""Largest mesh of the sensitivity: it is computed anew for every setting."""
SETTINGS = 13
NANO = 1e9


@dataclass(frozen=True)
class Options:
    """radius, height : [m]. density : to solve mu for [1/cm^2]; None: do not. sweep : what to vary, or ""."""

    radius: float = 5e-6
    height: float = 50e-9
    density: float | None = None
    sweep: str = ""


@dataclass(frozen=True, eq=False)
class Numbers:
    """induced, reading : at the state's fields. heights [m], stray [T]. solved : mu of the density [eV]."""

    induced: Induced
    reading: FlakeReading
    heights: Floats
    stray: Floats
    solved: float | None
    sensitivity: Sensitivity | None
    sweep: str


class ExperimentView(FigureTab):
    """Moment, stray field, Kerr rotation; mu from a density; sensitivity to tolerance and parameters."""

    key, title, order = "experiment", "Experiment", 70
    intro = (
        "The induced magnetization δM = χ·(E − ∇μ/e) − α·∇T of the fields set in the sidebar "
        "(intrinsic part), read by "
        "a magnetometer above a circular flake and by light. Give a carrier density to have μ solved "
        "for it. Below: "
        "how χ depends on the degeneracy tolerance, and on a small change of a parameter that breaks PT."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()

    def controls(self) -> list[Any]:
        """Flake, height, density, and what to vary."""

        def number(label: str, value: float, low: float, high: float, hear: Any) -> Any:
            widget = pmui.FloatInput(label=label, value=value, start=low, end=high, width=250)
            widget.param.watch(lambda e: hear(float(e.new)) if e.new is not None else None, "value")
            return widget

        self._sweep = pmui.Select(label="Sensitivity of χ to", options={"(nothing)": ""}, value="", width=250)
        self._sweep.param.watch(lambda e: self._set(sweep=e.new or ""), "value")
        density = pmui.TextInput(
            label="Carrier density [10¹² cm⁻²], sets μ", placeholder="e.g. 1.5", width=320
        )
        density.param.watch(lambda e: self._wish(e.new), "value")
        return [controls_row(
            number("Flake radius [µm]", 5.0, 1e-3, 1e5, lambda v: self._set(radius=v * 1e-6)),
            number("Height of the probe [nm]", 50.0, 0.0, 1e7, lambda v: self._set(height=v / NANO)),
            density,
            self._sweep,
        )]  # fmt: skip

    def _wish(self, text: str | None) -> None:
        if not (text or "").strip():
            return
        try:
            self._set(density=float(str(text).replace(",", ".").replace("−", "-")) * 1e12)
        except ValueError:
            self.session.toast(f"a carrier density is a number in 10¹² per cm², got {text!r}", "error")

    def _set(self, **changes: Any) -> None:
        self.options = replace(self.options, **changes)
        self.refresh()

    def compute(self, frame: Frame) -> Numbers:
        """Readings from the frame's own chi and alpha; the sensitivity on meshes of its own."""
        state, o = frame.state, self.options
        induced = induced_magnetization(
            frame.point.chi, frame.point.alpha,
            _vector(state.field, state.field_angle), _vector(state.gradient, state.gradient_angle),
        )  # fmt: skip
        heights = np.geomspace(1e-9, 1e-4, 80)
        solved = None
        if o.density is not None:
            m = frame.geometry
            counted = filling(m.corners, m.weights, m.filled_bands)
            solved = counted.chemical_potential(o.density / PER_CM2, state.temperature)
        sensitivity = None
        if o.sweep:
            build, settings = _sweep(frame, o.sweep)
            sensitivity = symmetric_sensitivity(
                build, settings, state.mu, state.temperature, mesh=min(SWEEP_MESH, frame.geometry.mesh)
            )
        return Numbers(
            induced, flake_reading(induced.total, o.radius, o.height), heights,
            stray_field(induced.total, o.radius, heights), solved, sensitivity, o.sweep,
        )  # fmt: skip

    def build(self) -> list[Any]:
        """Readings, field against height, sensitivity."""
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        self._stray = LinePlot(
            "Field on the axis", "height [nm]", "|B| [nT]", {"|B|": (BLUE, "solid")}, log=True
        )
        lines = {"χx": (BLUE, "solid"), "χy": (ORANGE, "solid")}
        self._chi = LinePlot("Sensitivity of χ", "setting", "χ [nm/Ω]", lines, log_x=True)
        self._groups = LinePlot(
            "Degenerate groups", "setting", "groups per k", {"groups": (GREY, "solid")}, log_x=True
        )
        self._sweeps = pn.Column(sizing_mode="stretch_width")
        self._pair = row(self._chi.pane, self._groups.pane)
        return [row(self._table, self._stray.pane), self._sweeps]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data; a solved mu moves the slider once."""
        self._offer(frame)
        r, i = result.reading, result.induced
        rows = [
            (
                "δM<sub>z</sub> of E",
                scientific(i.electric / MAGNETIZATION_UNIT),
                "μ_B/nm²",
            ),
            (
                "δM<sub>z</sub> of ∇T",
                scientific(i.thermal / MAGNETIZATION_UNIT + 0.0),
                "μ_B/nm²",
            ),
            ("δM<sub>z</sub>", scientific(i.in_muB_per_nm2), "μ_B/nm²"),
            ("", scientific(i.total * NANO), "nA"),
            ("moment of the flake", scientific(r.moment_muB), "μ_B"),
            ("", scientific(r.moment), "A m²"),
            (f"B<sub>z</sub> at {r.height * NANO:.4g} nm above the centre", scientific(r.field * NANO), "nT"),
            ("Kerr rotation, order of", scientific(r.kerr * NANO, 1), "nrad"),
            ("carriers", scientific(frame.point.density, 3), "cm⁻²"),
        ]
        self._table.object = table_html(
            ("", "", "unit"), rows, f"Flake of radius {r.radius * 1e6:.4g} µm, uniformly magnetised"
        ) + note_html(KERR_ASSUMPTION)
        size = np.abs(result.stray) * NANO
        self._stray.show(
            result.heights * NANO, {"|B|": np.where(size > 0, size, np.nan)}, max(r.height * NANO, 1e-3)
        )
        self._sweeps[:] = [self._pair] if result.sensitivity is not None else []
        if result.sensitivity is not None:
            s = result.sensitivity
            label = "tolerance [eV]" if result.sweep == TOLERANCE else f"change of {result.sweep}"
            for plot in (self._chi, self._groups):
                plot.figure.xaxis.axis_label = label
            self._chi.show(s.setting, {"χx": s.chi[:, 0], "χy": s.chi[:, 1]})
            self._groups.show(s.setting, {"groups": s.groups})
            at = frame.geometry.source.hamiltonian.degeneracy_tolerance
            for plot in (self._chi, self._groups):
                plot.mark.visible = result.sweep == TOLERANCE
                plot.mark.location = at
        if result.solved is not None and self.options.density is not None:
            self.options = replace(self.options, density=None)
            self.session.change(mu=float(f"{result.solved:.8g}"))

    def _offer(self, frame: Frame) -> None:
        choices = ["", TOLERANCE, *(name for name, _ in frame.state.parameters)]
        labels = {c or "(nothing)": c for c in choices}
        if self._sweep.options != labels:
            if self._sweep.value not in choices:
                self._sweep.value = ""
            self._sweep.options = labels


def _vector(size: float, degrees: float) -> Floats:
    angle = np.radians(degrees)
    return size * np.array([np.cos(angle), np.sin(angle)])


def _sweep(frame: Frame, name: str) -> tuple[Callable[[float], Hamiltonian], Floats]:
    """What makes the Hamiltonian for each setting, and the settings."""
    h = frame.geometry.source.hamiltonian
    if name == TOLERANCE:
        scale = h.degeneracy_tolerance or 1e-6
        return with_tolerance(h), scale * np.geomspace(1e-4, 1e5, SETTINGS)
    state: State = frame.state
    chosen = dict(state.parameters)
    low, high = frame.geometry.source.model.quantities()[name].bounds
    span = high - low
    sign = 1.0 if chosen[name] + 0.1 * span <= high else -1.0

    def build(change: float) -> Hamiltonian:
        changed = chosen | {name: chosen[name] + sign * change}
        source = open_source(
            state.source, changed, degeneracy_tolerance=state.degeneracy_tolerance,
            kramers_pairs=state.kramers_pairs,
        )  # fmt: skip
        return source.hamiltonian

    return build, span * np.geomspace(1e-8, 1e-1, SETTINGS)
