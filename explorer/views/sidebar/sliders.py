"""The sidebar's sliders: one per quantity of the model, and those of mu, T and the applied fields."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import panel as pn
import param

from explorer import assets
from explorer.session.quantities import (
    APPLIED,
    BY_KEY,
    DENSITY,
    MU,
    OCCUPATION,
    PAGE_KEYS,
    StateQuantity,
    parameter_key,
)
from explorer.session.ranges import bounds_of, is_widened, mu_bounds, mu_reach
from explorer.session.state import State, default_state, source_model
from explorer.views.browser import script

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Gamma": "Γ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Omega": "Ω",
    "Phi": "Φ",
    "hbar": "ħ",
    "perp": "⊥",
    "parallel": "∥",
    "nabla": "∇",
    "prime": "′",
}


def symbol_html(latex: str) -> str:
    r"""A short LaTeX symbol such as `\theta_n` or `t'` as HTML, so that no label waits for a typesetter."""
    text = re.sub(r"\\(?:mathrm|text|rm)\s*\{([^}]*)\}", r"\1", latex)
    text = re.sub(r"\\([A-Za-z]+)\s*", lambda m: GREEK.get(m[1], m[1]), text)
    text = escape(text.replace("'", "′"), quote=False)
    text = re.sub(r"_(?:\{([^}]*)\}|(.))", lambda m: f"<sub>{m[1] or m[2]}</sub>", text)
    text = re.sub(r"\^(?:\{([^}]*)\}|(.))", lambda m: f"<sup>{m[1] or m[2]}</sup>", text)
    return text.replace("{", "").replace("}", "")


def nice_step(low: float, high: float, steps: int = 200) -> float:
    """A step of 1, 2 or 5 times a power of ten, so that the bounds are about `steps` apart."""
    rough = (high - low) / steps
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(f * power for f in (1, 2, 5, 10) if f * power >= rough * 0.999))


def slider_item(
    name: str,
    symbol: str,
    unit: str,
    doc: str,
    bounds: tuple[float, float],
    value: float,
    default: float,
    step: float | None = None,
    log: bool = False,
    label: str = "",
) -> dict[str, Any]:
    """A slider as `Sliders` takes it: name, label and hint; bounds, value, default and step in its unit.

    label : what a person reads instead of the name; the hint then says by which name addresses know it.
    """
    low, high = bounds
    return {
        "name": name,
        "symbol": symbol_html(symbol),
        "unit": unit,
        "label": label or name,
        "doc": escape(f"{doc}. In addresses: {name}" if label and label != name else doc, quote=True),
        "min": low,
        "max": high,
        "step": step or (0.01 if log else nice_step(low, high)),
        "value": value,
        "default": default,
        "log": log,
    }


def mu_range(source: str) -> dict[str, Any]:
    """What the slider of mu takes beyond its ends, and whether these are those of all energies: a button there."""
    return {"reach": mu_reach(source), "wide": is_widened(source)}


def state_slider(quantity: StateQuantity, state: State) -> dict[str, Any]:
    """The slider of a quantity that is no parameter of the model; mu's takes what lies beyond its ends, too."""
    bounds = mu_bounds(state.source) if quantity is MU else bounds_of(quantity, state.source)
    default = quantity.of(default_state(state.source))
    item = slider_item(
        quantity.key,
        quantity.symbol,
        quantity.unit,
        quantity.doc,
        bounds,
        quantity.of(state) or 0.0,
        default or 0.0,
        quantity.step,
        quantity.log,
        quantity.label,
    )
    more = {MU.key: mu_range(state.source), DENSITY.key: {"hold": True}} if quantity in (MU, DENSITY) else {}
    return item | more.get(quantity.key, {})


def slider_spec(state: State) -> list[dict[str, Any]]:
    """Groups of sliders for a state's source, with the state's values."""
    default = dict(default_state(state.source).parameters)
    chosen = dict(state.parameters)
    model = [
        slider_item(
            parameter_key(name),
            q.symbol,
            q.unit,
            q.doc or name,
            q.bounds,
            chosen[name],
            default[name],
            q.step,
            label=q.label,
        )
        | ({"label": f"{name} of the model"} if name in PAGE_KEYS else {})
        for name, q in source_model(state.source).quantities().items()
    ]
    groups = [
        ("Occupation", [state_slider(q, state) for q in OCCUPATION]),
        ("Model parameters", model),
        ("Applied field and gradient", [state_slider(q, state) for q in APPLIED]),
    ]
    return [{"title": title, "items": items} for title, items in groups if items]


def density_values(state: State) -> dict[str, float]:
    """Whether a density is held, and which [1e13/cm2]; where none is, the slider waits for a frame's."""
    return {"hold": 0.0} if state.density is None else {"hold": 1.0, "n": state.density}


def slider_values(state: State) -> dict[str, float]:
    """Values of all sliders by name."""
    values = {key: q.of(state) for key, q in BY_KEY.items()}
    numbers = {key: value for key, value in values.items() if value is not None}
    own = {parameter_key(name): value for name, value in state.parameters}
    return own | numbers | density_values(state)


class Sliders(pn.custom.JSComponent):
    """Native range inputs with number boxes; a move is one message, the newest only."""

    spec = param.List(default=[])
    values = param.Dict(default={})

    _esm = script("keys", "controls")
    _stylesheets = [Path(assets.path("live/controls.css")).read_text(encoding="utf-8")]  # noqa: RUF012

    def __init__(self, hear: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._hear = hear

    def follow(self, values: dict[str, float]) -> None:
        """Move sliders that nobody holds, without a round trip: mu at a held density, else the density."""
        self._send_msg({"follow": values})

    def _handle_msg(self, data: dict[str, Any]) -> None:
        """`{name, value, n}`, `{refused: text}` or `{opened: width of the window}` from the browser.

        The next move comes once this one is heard.
        """
        self._hear(data)
        if "n" in data:
            self._send_msg({"heard": data["n"]})
