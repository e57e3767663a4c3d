"""Temperature scaling: every contribution to alpha against T on logarithmic axes, beside Table I."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from explorer.live.frame import Frame
from explorer.physics.cost import MANY_BANDS
from explorer.physics.observables.relaxation import Relaxation
from explorer.physics.observables.temperature_scaling import (
    Phonons,
    Scaling,
    linear_range,
    temperature_scaling,
)
from explorer.physics.progress import part_of
from explorer.physics.responses.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.studies.alpha_of_temperature import alpha_of_temperature
from explorer.views.figure_tab import LARGER, Dial, FigureTab, component_of, dials, text
from explorer.views.figures.layout import controls_row, note_html, row, table_html
from explorer.views.figures.plots import BLUE, GREEN, ORANGE, PURPLE, LinePlot
from explorer.views.text.numbers import scientific
from explorer.views.text.prose import minus

TEMPERATURES = np.geomspace(1.0, 1000.0, 90)
REFERENCE = 30.0
"""Temperature at which the user's prefactors of the phonon contributions hold [K]."""

LINES = {
    "intrinsic": (BLUE, "solid"),
    "extrinsic": (ORANGE, "dotdash"),
    "phonon drag": (GREEN, "dashed"),
    "phonon ang. mom.": (PURPLE, "dotted"),
}
LONG = {"phonon ang. mom.": "phonon angular momentum"}
"""Names of contributions that are too long for a legend."""


@dataclass(frozen=True)
class Options:
    """component : 0 x, 1 y, or LARGER. drag, angular_momentum : the user's sizes at REFERENCE [nA nm/K]."""

    component: int = LARGER
    relaxation: Relaxation = field(default_factory=Relaxation)
    phonons: Phonons = field(default_factory=Phonons)
    drag: float = 0.01
    angular_momentum: float = 0.01


@dataclass(frozen=True)
class Constant:
    """A slider's label and bounds in its unit, where its value goes in `Options`, and where the default is from.

    part : "relaxation", "phonons" or "" for the options themselves. factor : of the unit, in SI or as there.
    """

    name: str
    symbol: str
    unit: str
    bounds: tuple[float, float]
    part: str
    attribute: str
    factor: float
    source: str

    def of(self, options: Options) -> float:
        """The value that the options hold, in the unit of the slider."""
        return (
            float(getattr(getattr(options, self.part) if self.part else options, self.attribute))
            / self.factor
        )

    def changed(self, options: Options, value: float) -> Options:
        """The options with another value; ValueError for one that cannot be."""
        change = {self.attribute: value * self.factor}
        if not self.part:
            return replace(options, **change)  # type: ignore[arg-type]
        options = replace(options, **{self.part: replace(getattr(options, self.part), **change)})
        if self.attribute == "sound_velocity":  # one crystal, one velocity
            options = replace(options, phonons=replace(options.phonons, **change))  # type: ignore[arg-type]
        return options


CONSTANTS = (
    Constant(
        "impurity time",
        r"\tau_i",
        "ps",
        (1e-3, 1e3),
        "relaxation",
        "impurity_time",
        1e-12,
        "MoS₂ monolayer, 1020 cm²/Vs (Cui 2015); six layers: 9.3 ps",
    ),
    Constant(
        "phonon rate slope",
        r"\gamma",
        "1/(ns K)",
        (1e-3, 1e4),
        "relaxation",
        "phonon_rate",
        1e9,
        "MoS₂, acoustic (Kaasbjerg 2013)",
    ),
    Constant(
        "sound velocity",
        "v_s",
        "km/s",
        (0.1, 50.0),
        "relaxation",
        "sound_velocity",
        1e3,
        "MoS₂, TA (Kaasbjerg 2012, 2013); LA: 6.7",
    ),
    Constant(
        "Fermi wave vector",
        "k_F",
        "1/Å",
        (1e-3, 1.0),
        "relaxation",
        "fermi_wave_vector",
        1.0,
        "10¹³ per cm², fourfold",
    ),
    Constant(
        "optical phonon rate",
        r"\Gamma_{op}",
        "1/ps",
        (1e-6, 1e4),
        "relaxation",
        "optical_rate",
        1e12,
        "48 meV; 410 cm²/Vs at 300 K (Kaasbjerg 2012)",
    ),
    Constant(
        "flake size", "L", "µm", (1e-2, 1e4), "phonons", "flake_size", 1e-6, "Boundary scattering of phonons"
    ),
    Constant(
        "umklapp scale",
        r"\Theta_D",
        "K",
        (20.0, 3e3),
        "phonons",
        "debye_temperature",
        1.0,
        "MoS₂, energy of TA phonons at K (Kaasbjerg 2014), no Debye temperature",
    ),
    Constant(
        "umklapp exponent", "b", "", (0.5, 10.0), "phonons", "umklapp_exponent", 1.0, "3 is the usual choice"
    ),
    Constant(
        "phonon lifetime, 300 K",
        r"\tau_p",
        "ps",
        (0.01, 1e4),
        "phonons",
        "lifetime_at_300K",
        1e-12,
        "MoS₂, order of magnitude (Caruso 2021)",
    ),
    Constant("drag at 30 K", "", "nA nm/K", (1e-6, 1e3), "", "drag", 1.0, "Your prefactor"),
    Constant(
        "angular mom. at 30 K", "", "nA nm/K", (1e-6, 1e3), "", "angular_momentum", 1.0, "Your prefactor"
    ),
)


def exponent(value: float) -> str:
    """A local exponent to two decimals."""
    return minus(f"{round(value, 2) + 0.0:.2f}")


class ScalingView(FigureTab):
    """alpha_i(T) by contribution, local exponents, and the comparison with Table I."""

    key = "scaling"
    intro = (
        "Intrinsic and extrinsic α are computed from the bands at this μ. For <b>phonon drag</b> and <b>phonon angular "
        "momentum</b> theory gives a proportionality only: their shapes follow from the constants below, their sizes "
        "at 30 K are <b>yours</b>. The material constants start at values of MoS₂ (sources in their hints); they are "
        "not derived from the bands shown. Here τ follows T; the τ of the sidebar plays no part."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()

    def controls(self) -> list[Any]:
        """Component, material constants and the two sizes."""
        found = [Dial(c.name, c.symbol, c.unit, c.bounds, c.of(self.options), c.source) for c in CONSTANTS]
        part = self.one_of("component", "Component", {"larger": LARGER, "αx": 0, "αy": 1})
        return [controls_row(part), dials(found, self.move)]

    def move(self, name: str, value: float) -> None:
        """Set one of `CONSTANTS` by its name."""
        constant = next(c for c in CONSTANTS if c.name == name)
        try:
            self.options = constant.changed(self.options, value)
        except ValueError as error:
            self.session.toast(str(error), "error")
            return
        self.refresh()

    def compute(self, frame: Frame) -> tuple[Scaling, int]:
        """alpha(T) of both electronic contributions, where it is resolved."""
        o, found = self.options, {}
        for done, (name, integrand) in enumerate(
            (("intrinsic", INTRINSIC), ("extrinsic", EXTRINSIC_PER_PICOSECOND))
        ):
            share = part_of(self.progress, done / 2, (done + 1) / 2)
            found[name] = alpha_of_temperature(frame.geometry, integrand, frame.state.mu, TEMPERATURES, share)
        component = component_of(o.component, found["intrinsic"])
        found = {name: alpha[:, component] for name, alpha in found.items()}
        scaling = temperature_scaling(
            TEMPERATURES,
            found["intrinsic"],
            found["extrinsic"],
            o.relaxation,
            o.phonons,
            drag_size=o.drag,
            angular_momentum_size=o.angular_momentum,
            reference_temperature=REFERENCE,
            intrinsic_limit=linear_range(TEMPERATURES, found["intrinsic"]),
            extrinsic_limit=linear_range(TEMPERATURES, found["extrinsic"]),
        )
        return scaling, component

    def build(self) -> list[Any]:
        """Sizes, exponents, tau(T) and the table."""
        self._sizes = LinePlot("Contributions", "T [K]", "|α| [nA nm/K]", LINES, log=True, height=360)
        self._exponents = LinePlot(
            "Local exponent", "T [K]", "d ln|α| / d ln T", LINES, log_x=True, height=360
        )
        self._tau = LinePlot(
            "Relaxation time of the electrons", "T [K]", "τ [ps]", {"τ": (BLUE, "solid")}, log=True
        )
        self._table = text()
        return [row(self._sizes.pane, self._exponents.pane), row(self._tau.pane, self._table)]

    def show(self, frame: Frame, result: tuple[Scaling, int]) -> None:
        """Replace the data."""
        scaling, component = result
        kelvin, axis = frame.state.temperature, "xy"[component]
        found = {n: scaling.contributions[LONG.get(n, n)] for n in LINES}
        # a logarithmic axis has no zero: what vanishes, up to rounding, is left out
        top = max(float(np.nanmax(np.abs(v), initial=0.0)) for v in found.values())
        seen = {n: np.abs(v) > 1e-9 * top for n, v in found.items()}
        sizes = {n: np.where(seen[n], np.abs(v), np.nan) for n, v in found.items()}
        self._sizes.show(scaling.temperature, sizes, kelvin)
        self._sizes.figure.title.text = minus(f"Contributions to α{axis} at μ = {frame.state.mu:.4g} eV")
        slopes = scaling.exponents()
        exponents = {n: slopes[LONG.get(n, n)] for n in LINES}
        exponents = {n: np.where(seen[n] & (np.abs(v) < 12), v, np.nan) for n, v in exponents.items()}
        self._exponents.show(scaling.temperature, exponents, kelvin)
        self._tau.show(scaling.temperature, {"τ": 1e12 * scaling.relaxation_time}, kelvin)
        missing = [LONG.get(n, n) for n in LINES if not seen[n].any()]
        rows = [
            (
                r.contribution,
                f"{scientific(r.low, 3)} – {scientific(r.high, 3)}",
                f"{r.exponent:.0f}",
                exponent(median),
                "" if r.degenerate else "k<sub>B</sub>T not small against χ(μ)",
            )
            for r, median in scaling.compared()
            if r.contribution not in missing
        ]
        words = (
            f"<b>No {' and no '.join(missing)} part of α<sub>{axis}</sub></b>: it vanishes at this μ, by symmetry "
            "or because no state is near (tab Symmetry), or is not resolved. "
            if missing
            else ""
        )
        how = (
            f"Mesh of {frame.geometry.mesh}² points, left out where half of it differs by a fifth."
            if frame.geometry.source.hamiltonian.size > MANY_BANDS
            else "Intrinsic and extrinsic by adaptive quadrature to 2 %, left out where their error bar is above "
            "a fifth."
        )
        self._table.object = table_html(
            ("contribution", "T [K]", "Table I", "found (median)", "remark"),
            rows,
            "Exponents n of α ~ Tⁿ against Table I",
        ) + note_html(
            f"{words}{how} The range of α ~ T ends where α leaves the line through its value at the lowest T by 10 %. "
            "Optical phonons, which Table I leaves out, rule τ from about 200 K. The row T⁰ is given while they are "
            "below a twentieth of the acoustic ones, and these above five times the impurities, as in cleaner samples "
            "(six layers of MoS₂: 9.3 ps)."
        )
