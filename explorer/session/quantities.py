"""What can be set beside a model's own parameters: mu, T, fields, tau; bounds, units, URL keys."""

from __future__ import annotations

TEMPERATURE_BOUNDS = (1.0, 1000.0)


FIELD_BOUNDS = (0.0, 1e6)


GRADIENT_BOUNDS = (0.0, 1e8)


RELAXATION_BOUNDS = (1e-3, 100.0)


_NUMBERS = {
    "mu": "mu",
    "T": "temperature",
    "E": "field",
    "E_angle": "field_angle",
    "gradT": "gradient",
    "gradT_angle": "gradient_angle",
    "tau": "relaxation_time",
}
"""URL keys (and accessible names) of the numbers beside the model's parameters."""


UNITS = {
    "mu": "eV",
    "n": "10¹³/cm²",
    "T": "K",
    "tau": "ps",
    "E": "V/m",
    "E_angle": "°",
    "gradT": "K/m",
    "gradT_angle": "°",
}
"""Of the URL keys that are not a model's parameters."""
