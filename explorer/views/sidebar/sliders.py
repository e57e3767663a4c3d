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
    FIELD_BOUNDS,
    GRADIENT_BOUNDS,
    RELAXATION_BOUNDS,
    TEMPERATURE_BOUNDS,
    UNITS,
)
from explorer.session.ranges import density_bounds, is_widened, mu_bounds, mu_reach
from explorer.session.state import State, default_state, source_model
from explorer.views.browser import script

DENSITY_DOC = (
    "Carriers beyond neutrality: electrons positive, holes negative. Move it, or press hold, and mu is solved for "
    "at each temperature and parameter set; move mu to let the density go"
)
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
) -> dict[str, Any]:
    """A slider as `Sliders` takes it: name, label and hint; bounds, value, default and step in its unit."""
    low, high = bounds
    return {
        "name": name,
        "symbol": symbol_html(symbol),
        "unit": unit,
        "doc": escape(doc, quote=True),
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


def slider_spec(state: State) -> list[dict[str, Any]]:
    """Groups of sliders for a state's source, with the state's values."""
    plain = default_state(state.source)
    default = dict(plain.parameters)
    chosen = dict(state.parameters)
    here = [
        slider_item(
            "mu",
            r"\mu",
            UNITS["mu"],
            "Chemical potential; click in a plot to set it",
            mu_bounds(state.source),
            state.mu,
            plain.mu,
        )
        | mu_range(state.source),
        slider_item(
            "n", "n", UNITS["n"], DENSITY_DOC, density_bounds(state.source), state.density or 0.0, 0.0
        )
        | {"hold": True},
        slider_item(
            "T",
            "T",
            UNITS["T"],
            "Temperature",
            TEMPERATURE_BOUNDS,
            state.temperature,
            plain.temperature,
            log=True,
        ),
    ]
    model = [
        slider_item(name, q.symbol, q.unit, q.doc or name, q.bounds, chosen[name], default[name], q.step)
        for name, q in source_model(state.source).quantities().items()
    ]
    fields = [
        slider_item(
            "E", "E", UNITS["E"], "Electric field in the plane", FIELD_BOUNDS, state.field, plain.field
        ),
        slider_item(
            "E_angle",
            r"\varphi_E",
            UNITS["E_angle"],
            "Direction of E from x",
            (-180.0, 180.0),
            state.field_angle,
            0.0,
            1.0,
        ),
        slider_item(
            "gradT",
            r"\nabla T",
            UNITS["gradT"],
            "Temperature gradient in the plane",
            GRADIENT_BOUNDS,
            state.gradient,
            plain.gradient,
        ),
        slider_item(
            "gradT_angle",
            r"\varphi_T",
            UNITS["gradT_angle"],
            "Direction of grad T from x, towards the hot side",
            (-180.0, 180.0),
            state.gradient_angle,
            0.0,
            1.0,
        ),
        slider_item(
            "tau",
            r"\tau",
            UNITS["tau"],
            "Relaxation time: factor of the extrinsic responses (tabs Extrinsic, Spin, Experiment, Symmetry)",
            RELAXATION_BOUNDS,
            state.relaxation_time,
            plain.relaxation_time,
            log=True,
        ),
    ]
    groups = [("Occupation", here), ("Model parameters", model), ("Applied field and gradient", fields)]
    return [{"title": title, "items": items} for title, items in groups if items]


def density_values(state: State) -> dict[str, float]:
    """Whether a density is held, and which [1e13/cm2]; where none is, the slider waits for a frame's."""
    return {"hold": 0.0} if state.density is None else {"hold": 1.0, "n": state.density}


def slider_values(state: State) -> dict[str, float]:
    """Values of all sliders by name."""
    return (
        dict(state.parameters)
        | density_values(state)
        | {
            "mu": state.mu,
            "T": state.temperature,
            "E": state.field,
            "E_angle": state.field_angle,
            "gradT": state.gradient,
            "gradT_angle": state.gradient_angle,
            "tau": state.relaxation_time,
        }
    )


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
