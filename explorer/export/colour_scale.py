"""Where the colours of a signed quantity end and how they are spread, alike on the page and on saved pictures."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats

SHARPNESS = 50.0
"""Sharpness of the colour scale asinh(SHARPNESS v / limit): linear below limit / 50, logarithmic beyond; as in
panels.js."""


def colour_bytes(values: Floats, limit: float) -> np.ndarray:
    """Values on the diverging scale of a limit: 1 ... 255, zero at 128."""
    shade = np.arcsinh(values * (SHARPNESS / limit), dtype=np.float32)
    shade *= 127.0 / np.arcsinh(SHARPNESS)
    np.clip(shade, -127, 127, out=shade)
    return (shade + 128.5).astype(np.uint8)


NOISE = 1e-7
"""Size below which a map or a line has no colours: of Lambda, curvature and moment alike, in their units, rounding."""


class ColourScale:
    """Limit of a diverging scale: 1, 2 or 5 times a power of ten, steady while it still suits the values."""

    def __init__(self) -> None:
        self.limit = 0.0

    def follow(self, values: Floats) -> float:
        """The limit for these values: their largest few outliers left out."""
        size = np.abs(values).ravel()
        size = size[:: max(1, size.size // 20_000)]
        keep = max(1, int(0.995 * size.size)) - 1
        wanted = float(np.partition(size, keep)[keep]) or float(size.max(initial=0.0))
        if wanted < NOISE:
            wanted = 1.0
        if not 0.3 * self.limit <= wanted <= 1.25 * self.limit:
            power = 10.0 ** np.floor(np.log10(wanted))
            self.limit = float(next(f * power for f in (1, 2, 5, 10) if f * power >= wanted * 0.999))
        return self.limit
