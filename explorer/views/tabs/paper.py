"""The paper's Figs. 1 and 2 from our own bilayer CrI3, live in mu and T, and what agrees and what does not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import panel as pn
import panel_material_ui as pmui
from bokeh.models import ColumnDataSource, Span
from bokeh.plotting import figure

from explorer import assets
from explorer.live.frame import Frame
from explorer.meshes.mesh import MeshGeometry
from explorer.physics.responses.integrand import Response
from explorer.studies.crystal import read_xyz
from explorer.studies.paper import (
    CONDUCTION,
    DIFFERENT,
    LOW,
    MU,
    WHOLE,
    PaperNumbers,
    Setting,
    SharpNumbers,
    claims,
    paper_numbers,
    sharp_curve,
    sharp_inset,
)
from explorer.views.figure_tab import FigureTab
from explorer.views.figures.crystal_plot import projection
from explorer.views.figures.layout import boxed, controls_row, note_html, row
from explorer.views.figures.plots import BLUE, GREY, ORANGE, LinePlot, MapPlot, Raster, styled
from explorer.views.text.numbers import with_error
from explorer.views.text.prose import prose

MODELS = (WHOLE, CONDUCTION)
WINDOW = (-1.0, 1.6)
"""Energies of the band structure shown [eV]."""
VERDICTS = {True: "agrees", False: "differs", None: "beyond the paper"}
OPEN = "open until converged"


@dataclass(frozen=True)
class Options:
    """setting : of the tab's own sliders. maps : the model whose maps are shown.

    sharpen : the setting for which the adaptive curves are wanted.
    """

    setting: Setting = field(default_factory=Setting)
    maps: str = CONDUCTION
    sharpen: Setting | None = None


class Stale(Exception):  # noqa: N818 - not an error
    """A slider moved while the adaptive quadrature ran."""


class PaperView(FigureTab):
    """Structure, bands, chi, alpha and Lambda of bilayer CrI3 laid out as the paper does."""

    key = "paper"
    intro = (
        "Bilayer CrI₃ as in the paper's Figs. 1 and 2, from this project's own first-principles calculation. "
        "<i>cri3</i> is the whole manifold of 112 functions, on a mesh that ships with the explorer; <i>cri3-eg</i>, "
        "its lowest conduction bands (8 functions), gets adaptive quadrature to 1 % of the curve's maximum at "
        "each μ and T. The sliders below are this tab's own; those of the sidebar move the model of the other tabs. "
        "e &lt; 0; δM = χ·E − α·∇T."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()
        self._follows = False
        self._kept: dict[tuple[object, ...], Response] = {}
        self._rasters: WeakKeyDictionary[MeshGeometry, Raster] = WeakKeyDictionary()

    # -- what is asked for ---------------------------------------------------------------------------------------

    def controls(self) -> list[Any]:
        """mu, T, position matrices, which maps."""
        mu = pmui.FloatSlider(
            label="μ [eV]", start=float(MU[0]), end=float(MU[-1]), step=0.0025, value=0.9, width=300
        )
        kelvin = pmui.FloatSlider(label="T [K]", start=1.0, end=1000.0, step=1.0, value=100.0, width=260)
        mu.param.watch(lambda e: self._move(mu=float(e.new)), "value")
        kelvin.param.watch(lambda e: self._move(temperature=float(e.new)), "value")
        positions = pmui.Switch(label="Position matrices (off: orbitals as points)", value=True)
        positions.param.watch(lambda e: self._move(positions=bool(e.new)), "value")
        maps = pmui.Select(
            label="Maps of",
            value=CONDUCTION,
            width=260,
            options={"cri3-eg: occupied conduction states": CONDUCTION, "cri3: all occupied states": WHOLE},
        )
        maps.param.watch(lambda e: self._ask(replace(self.options, maps=e.new)), "value")
        self._mu, self._kelvin = mu, kelvin
        return [controls_row(mu, kelvin, positions, maps)]

    def _move(self, **changes: Any) -> None:
        if all(getattr(self.options.setting, name) == value for name, value in changes.items()):
            return
        setting = replace(self.options.setting, **changes)
        self._ask(replace(self.options, setting=setting, sharpen=None))
        here = {name: value for name, value in changes.items() if name != "positions"}
        if self._follows and here:
            self.session.change(**here)

    def _ask(self, options: Options) -> None:
        self.options = options
        self.refresh()

    def _setting(self, frame: Frame) -> Setting:
        """The sidebar's mu and T while the page is on CrI3, else those of the tab."""
        setting: Setting = self.options.setting
        if frame.state.source in MODELS:
            mu = float(np.clip(frame.state.mu, MU[0], MU[-1]))
            setting = replace(setting, mu=mu, temperature=frame.state.temperature)
        return setting

    # -- numbers -------------------------------------------------------------------------------------------------

    def compute(self, frame: Frame) -> tuple[PaperNumbers, SharpNumbers | None, bool]:
        """Mesh numbers at once; the adaptive ones when they were asked for, or are known; and whether given up."""
        options, setting, follows = self.options, self._setting(frame), frame.state.source in MODELS
        numbers = paper_numbers(setting)

        def ask() -> None:
            if self.options is not options or (follows and self.session.state != frame.state):
                raise Stale

        curve_key = (setting.temperature, setting.positions)
        inset_key = (setting.mu, setting.positions)
        if options.sharpen == setting:
            try:
                if curve_key not in self._kept:
                    self._kept[curve_key] = sharp_curve(setting, ask)
                if inset_key not in self._kept:
                    self._kept[inset_key] = sharp_inset(setting, ask)
            except Stale:
                return numbers, None, True
        curve, inset = self._kept.get(curve_key), self._kept.get(inset_key)
        known = None if curve is None or inset is None else SharpNumbers(curve, inset)
        return numbers, known, False

    # -- pictures ------------------------------------------------------------------------------------------------

    def build(self) -> list[Any]:
        """Fig. 1: structure and bands. Fig. 2: curves, inset, maps. Then the table."""
        crystal = read_xyz(assets.path("cri3/cri3_bilayer.xyz"))
        top = projection(crystal, 0, 1, "Structure from above (2 × 2 cells)")
        side = projection(crystal, 0, 2, "From the side: Cr ▲ up, ▼ down; I ●")
        self._bands = _BandPlot()
        whole, conduction = "cri3, mesh", "cri3-eg, mesh"
        lines = {whole: (GREY, "solid"), conduction: (BLUE, "dashed")}
        self._chi = LinePlot("χx(μ)", "μ [eV]", "χx [nm/Ω]", lines)
        self._alpha = LinePlot("αx(μ)", "μ [eV]", "αx [nA nm/K]", lines)
        self._inset = LinePlot(
            "αx(T) at μ", "T [K]", "αx [nA nm/K]", {"cri3-eg, mesh": (BLUE, "dashed")}, marker=False
        )
        self._points = {
            name: _points(plot)
            for name, plot in (("chi", self._chi), ("alpha", self._alpha), ("inset", self._inset))
        }
        self._x, self._y = MapPlot("Λx(k)", "e/ħ Å³"), MapPlot("Λy(k)", "e/ħ Å³")
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        self._here = pn.pane.HTML("", sizing_mode="stretch_width")
        heading = "<h3 style='margin:10px 2px 0'>{}</h3>".format
        return [
            pn.pane.HTML(heading("Fig. 1: structure and bands")),
            _three(top, side, self._bands.pane),
            pn.pane.HTML(heading("Fig. 2: responses and Λ at the marked μ")),
            row(self._chi.pane, self._alpha.pane, self._inset.pane, self._here),
            row(self._x.pane, self._y.pane),
            pn.pane.HTML(heading("What agrees with the paper, and what does not")),
            self._table,
        ]

    def show(self, frame: Frame, result: tuple[PaperNumbers, SharpNumbers | None, bool]) -> None:
        """Replace the data; then ask for the adaptive curves, once."""
        r, sharp, given_up = result
        self._follows = frame.state.source in MODELS
        if self._follows:
            self.options = replace(self.options, setting=r.setting)
            self._mu.value, self._kelvin.value = r.setting.mu, r.setting.temperature
        self._bands.show(r)
        mu = r.setting.mu
        for plot, whole, conduction in (
            (self._chi, r.chi_whole, r.chi_conduction),
            (self._alpha, r.alpha_whole, r.alpha_conduction),
        ):
            plot.show(MU, {"cri3, mesh": whole[:, 0], "cri3-eg, mesh": conduction[:, 0]}, mu)
        self._inset.show(LOW, {"cri3-eg, mesh": r.inset[:, 0]})
        self._show_points(sharp)
        m, values = (
            (r.whole, r.lambda_whole) if self.options.maps == WHOLE else (r.conduction, r.lambda_conduction)
        )
        if m not in self._rasters:
            self._rasters[m] = Raster(m)
        raster = self._rasters[m]
        self._x.show(raster, values[0], "Λx(k) [e/ħ Å³], occupied states")
        self._y.show(raster, values[1], "Λy(k) [e/ħ Å³], occupied states")
        self._here.object, self._table.object = _here(r, sharp), _table(r, sharp)
        if sharp is None and not given_up and self.options.sharpen != r.setting:
            self._ask(replace(self.options, sharpen=r.setting))

    def _show_points(self, sharp: SharpNumbers | None) -> None:
        nothing = np.zeros(0)
        shown = dict.fromkeys(self._points, (nothing, nothing, nothing))
        if sharp is not None:
            c, low = sharp.curve, sharp.inset
            shown = {
                "chi": (c.mu, c.chi[0, :, 0], c.chi_error[0, :, 0]),
                "alpha": (c.mu, c.alpha[0, :, 0], c.alpha_error[0, :, 0]),
                "inset": (low.temperature, low.alpha[:, 0, 0], low.alpha_error[:, 0, 0]),
            }
        for name, (x, y, error) in shown.items():
            self._points[name].data = {"x": x, "y": y, "low": y - error, "high": y + error}


def _points(plot: LinePlot) -> ColumnDataSource:
    """Adaptive points with error bars on top of a plot's lines."""
    source = ColumnDataSource({"x": [], "y": [], "low": [], "high": []})
    plot.figure.segment("x", "low", "x", "high", source=source, color=ORANGE, line_width=1.5)
    plot.figure.line("x", "y", source=source, color=ORANGE, line_width=1, alpha=0.7)
    plot.figure.scatter("x", "y", source=source, color=ORANGE, size=5, legend_label="cri3-eg, adaptive")
    return source


class _BandPlot:
    """Bands of both models along the path, with mu."""

    def __init__(self) -> None:
        self.figure = figure(
            title="Bands: cri3 (grey), cri3-eg (blue), μ (dotted)",
            y_axis_label="energy [eV]",
            height=330,
            sizing_mode="stretch_width",
            y_range=WINDOW,
            tools="pan,box_zoom,wheel_zoom,reset,save",
        )
        self._sources = {name: ColumnDataSource({"xs": [], "ys": []}) for name in MODELS}
        for name, colour, width in ((WHOLE, GREY, 2.5), (CONDUCTION, BLUE, 1.2)):
            self.figure.multi_line("xs", "ys", source=self._sources[name], color=colour, line_width=width)
        self._mark = Span(dimension="width", line_color=ORANGE, line_dash="dotted", line_width=1.5)
        self.figure.add_layout(self._mark)
        self._shown: tuple[MeshGeometry, MeshGeometry] | None = None
        styled(self.figure)
        self.pane = boxed(self.figure)

    def show(self, r: PaperNumbers) -> None:
        """Replace what changed."""
        self._mark.location = r.setting.mu
        if self._shown == (r.whole, r.conduction):
            return
        self._shown = (r.whole, r.conduction)
        for name, m in ((WHOLE, r.whole), (CONDUCTION, r.conduction)):
            energy = m.path_bands.energy[::2]
            inside = (energy.max(axis=1) > WINDOW[0]) & (energy.min(axis=1) < WINDOW[1])
            lines = energy[inside]
            self._sources[name].data = {"xs": [m.path.distance] * len(lines), "ys": list(lines)}
        path = r.whole.path
        at = [float(path.distance[i]) for i in path.corners]
        self.figure.xaxis.ticker = at
        self.figure.xaxis.major_label_overrides = dict(zip(at, path.labels, strict=True))


def _table(r: PaperNumbers, sharp: SharpNumbers | None) -> str:
    rows = "".join(
        f"<tr><td style='padding:3px 10px'>{prose(escape(c.statement))}</td>"
        f"<td style='padding:3px 10px'>{prose(escape(c.found))}</td>"
        f"<td style='padding:3px 10px;font-weight:600'>{OPEN if c.open else VERDICTS[c.holds]}</td></tr>"
        for c in claims(r, sharp)
    )
    head = "".join(
        f"<th scope=col style='text-align:left;padding:3px 10px'>{h}</th>"
        for h in ("The paper", "Here", "Verdict")
    )
    return f"<table style='border-collapse:collapse'><tr>{head}</tr>{rows}</table>{note_html(prose(escape(DIFFERENT)))}"


def _here(r: PaperNumbers, sharp: SharpNumbers | None) -> str:
    """The numbers at the marked mu."""
    where = f"At μ = {r.setting.mu:.4g} eV, T = {r.setting.temperature:.4g} K"
    if sharp is None:
        return note_html(f"{where}: adaptive quadrature of cri3-eg is under way; lines are those of meshes.")
    c, low = sharp.curve, sharp.inset
    near = int(np.abs(c.mu - r.setting.mu).argmin())
    chi, alpha = (
        with_error(float(value[0, near, 0]), float(error[0, near, 0]))
        for value, error in ((c.chi, c.chi_error), (c.alpha, c.alpha_error))
    )
    return note_html(
        f"{where}, cri3-eg by adaptive quadrature, nearest point of the curve ({c.mu[near]:.4g} eV):<br>"
        f"χ<sub>x</sub> = {chi} nm/Ω<br>α<sub>x</sub> = {alpha} nA nm/K<br>"
        f"{int(c.converged.sum())} of {c.converged.size} points of the curve and {int(low.converged.sum())} of "
        f"{low.converged.size} of the inset meet 1 % of their maximum, with {c.evaluations + low.evaluations} wave "
        "vectors. Lines are those of meshes, which miss the near-crossings of the e<sub>g</sub> pairs."
    )


def _three(*items: Any) -> Any:
    """Up to three figures side by side, as the paper has them."""
    columns = "repeat(auto-fit, minmax(min(100%, max(300px, 30%)), 1fr))"
    style = {"display": "grid", "grid-template-columns": columns, "gap": "12px", "align-items": "start"}
    return pn.Column(*items, sizing_mode="stretch_width", styles=style)
