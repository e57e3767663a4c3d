"""What can be set beside a model's own parameters: mu, density, T, the fields and their directions, tau.

Each is declared once. Sliders, addresses, the command line, the bounds that a computation refuses to leave and the
units in prose read it here, as they read a model's parameters from its `Quantity` declarations.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.session.state import State


@dataclass(frozen=True)
class StateQuantity:
    """A number of the `State` that is no parameter of the model.

    key : name in addresses and of the slider. field : name in `State`. sign, symbol : as text and in LaTeX.
    unit : as the page writes it; plain_unit : in ASCII. doc : what it is, in a phrase; label : its name.
    default : None where it follows from the source. bounds : of the slider and of what an address may ask for; None
    where they follow from the source (`ranges.bounds_of`). above : what a value must exceed wherever it comes from.
    step : of the slider, None for one that suits the bounds; log : whether the slider is logarithmic.
    periodic : a direction: a value out of bounds means the one a turn away.
    option, metavar : on the command line, where it is one.
    """

    key: str
    field: str
    sign: str
    symbol: str
    unit: str
    doc: str
    label: str
    default: float | None = None
    bounds: tuple[float, float] | None = None
    above: float | None = None
    step: float | None = None
    log: bool = False
    periodic: bool = False
    option: str = ""
    metavar: str = ""
    plain_unit: str = ""

    @property
    def limits(self) -> tuple[float, float]:
        """Its bounds where they are declared; TypeError where they follow from the source."""
        if self.bounds is None:
            raise TypeError(f"the bounds of {self.key} follow from the source")
        return self.bounds

    @property
    def initial(self) -> float:
        """Its default where it is declared; TypeError where it follows from the source."""
        if self.default is None:
            raise TypeError(f"the default of {self.key} follows from the source")
        return self.default

    def refuse(self, value: float) -> None:
        """ValueError with the bounds where a value lies out of them."""
        low, high = self.limits
        if not low <= value <= high:
            raise ValueError(f"{self.key} must lie in {low:g} ... {high:g} {self.unit}, got {value:g}")

    def of(self, state: State) -> float | None:
        """Its value in a state; None for a density where none is held."""
        value: float | None = getattr(state, self.field)
        return value

    def set(self, state: State, value: float) -> State:
        """The state with another value, a direction brought into bounds."""
        change: dict[str, object] = {self.field: self.folded(value)}
        return replace(state, **change)  # type: ignore[arg-type]

    def folded(self, value: float) -> float:
        """The value itself, or, of a direction, the one within bounds that means the same.

        >>> FIELD_ANGLE.folded(270.0), FIELD_ANGLE.folded(180.0), FIELD.folded(270.0)
        (-90.0, 180.0, 270.0)
        """
        if not self.periodic or self.limits[0] <= value <= self.limits[1]:
            return value
        turn = self.limits[1] - self.limits[0]
        return value - turn * round(value / turn)

    def words(self, value: float) -> str:
        """Sign, value to four digits and unit.

        >>> TEMPERATURE.words(300.0)
        'T = 300 K'
        """
        return f"{self.sign} = {value:.4g} {self.unit}"

    @property
    def help(self) -> str:
        """Name and unit in ASCII, for the command line."""
        return f"{self.doc.partition(';')[0].partition(':')[0].lower()} [{self.plain_unit or self.unit}]"


MU = StateQuantity(
    key="mu",
    field="mu",
    label="Chemical potential",
    sign="μ",
    symbol=r"\mu",
    unit="eV",
    doc="Chemical potential; click in a plot to set it",
    option="--mu",
    metavar="EV",
)
DENSITY = StateQuantity(
    key="n",
    field="density",
    label="Carriers",
    sign="n",
    symbol="n",
    unit="10¹³/cm²",
    plain_unit="1e13/cm2",
    doc="Carriers beyond neutrality: electrons positive, holes negative. Move it, or press hold, and mu is solved for "
    "at each temperature and parameter set; move mu to let the density go",
    option="--density",
)
TEMPERATURE = StateQuantity(
    key="T",
    field="temperature",
    label="Temperature",
    sign="T",
    symbol="T",
    unit="K",
    doc="Temperature",
    default=100.0,
    bounds=(1.0, 1000.0),
    above=0.0,
    log=True,
    option="--temperature",
    metavar="K",
)
FIELD = StateQuantity(
    key="E",
    field="field",
    label="Electric field",
    sign="E",
    symbol="E",
    unit="V/m",
    doc="Electric field in the plane",
    default=1e4,
    bounds=(0.0, 1e6),
)
FIELD_ANGLE = StateQuantity(
    key="E_angle",
    field="field_angle",
    label="Direction of E",
    sign="φ_E",
    symbol=r"\varphi_E",
    unit="°",
    doc="Direction of E from x",
    default=0.0,
    bounds=(-180.0, 180.0),
    step=1.0,
    periodic=True,
)
GRADIENT = StateQuantity(
    key="gradT",
    field="gradient",
    label="Temperature gradient",
    sign="∇T",
    symbol=r"\nabla T",
    unit="K/m",
    doc="Temperature gradient in the plane",
    default=0.0,
    bounds=(0.0, 1e8),
)
GRADIENT_ANGLE = StateQuantity(
    key="gradT_angle",
    field="gradient_angle",
    label="Direction of ∇T",
    sign="φ_T",
    symbol=r"\varphi_T",
    unit="°",
    doc="Direction of grad T from x, towards the hot side",
    default=0.0,
    bounds=(-180.0, 180.0),
    step=1.0,
    periodic=True,
)
RELAXATION_TIME = StateQuantity(
    key="tau",
    field="relaxation_time",
    label="Relaxation time",
    sign="τ",
    symbol=r"\tau",
    unit="ps",
    doc="Relaxation time: factor of the extrinsic responses (tabs Extrinsic, Spin, Experiment, Symmetry)",
    default=1.0,
    bounds=(1e-3, 100.0),
    log=True,
    option="--tau",
    metavar="PS",
)

OCCUPATION = (MU, DENSITY, TEMPERATURE)
"""What is occupied; sliders above the model's own."""
APPLIED = (FIELD, FIELD_ANGLE, GRADIENT, GRADIENT_ANGLE, RELAXATION_TIME)
"""What is applied, and how long it acts; sliders below the model's own."""
BY_KEY = {q.key: q for q in (*OCCUPATION, *APPLIED)}
"""Every quantity by its key in addresses."""

PAGE_KEYS = frozenset({"model", "band", "colour", "view", "theme", "hold", "wide", *BY_KEY})
"""What addresses and sliders mean by a word whatever the model calls its parameters."""
PARAMETER_MARK = "p."
"""Before the name of a model's parameter that is one of `PAGE_KEYS`: `?E=` is the field, `?p.E=` the parameter E."""


def parameter_key(name: str) -> str:
    """How addresses and sliders name a parameter of the model.

    >>> parameter_key("E"), parameter_key("mass")
    ('p.E', 'mass')
    """
    return PARAMETER_MARK + name if name in PAGE_KEYS else name


def parameter_of(key: str, names: Container[str]) -> str | None:
    """The parameter, one of `names`, that a key of an address or a slider means; None where it means none."""
    name = key.removeprefix(PARAMETER_MARK)
    return name if name in names and (key != name or name not in PAGE_KEYS) else None
