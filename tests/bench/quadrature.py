"""How long chi and alpha take at 10 K with an error bar of 1e-3 of the curve's maximum.

Over the zone's irreducible part, as the command and the page's curves; one mu over the whole zone, too, as the page
shows it beside its sliders.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.session.declared_symmetries import exact_operations
from explorer.session.ranges import mu_bounds
from explorer.session.source import open_source
from explorer.threads import Sharing
from tests.bench.ratios import Row

TEMPERATURE = 10.0
POINT, CURVE = 0.3, 3.0
"""Seconds that one mu and 200 mu may take."""


def seconds(work: object, repeats: int = 3) -> tuple[float, float, float]:
    """Quartiles of the wall time of a call [s]."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()  # type: ignore[operator]
        times.append(time.perf_counter() - start)
    low, middle, high = np.percentile(times, (25, 50, 75))
    return float(low), float(middle), float(high)


def adaptive_rows(models: tuple[str, ...] = ("haldane", "cumnas", "cri3-eg")) -> Iterator[Row]:
    """One mu (the worst of five) and 200 mu over the slider's range, on all cores, wall seconds."""
    with Sharing() as pool:
        for key in models:
            h = open_source(key).hamiltonian
            operations = exact_operations(h)
            mu = np.linspace(*mu_bounds(key), 200)

            def curve(h: object = h, mu: object = mu, operations: object = operations) -> object:
                return adaptive_response(
                    h,
                    INTRINSIC,
                    mu,
                    TEMPERATURE,
                    rtol=1e-3,
                    pool=pool,
                    operations=operations,  # type: ignore[arg-type]
                )

            found = curve()
            scale = (float(np.abs(found.chi).max()), float(np.abs(found.alpha).max()))  # type: ignore[attr-defined]

            def worst(
                part: object, h: object = h, mu: Floats = mu, scale: object = scale
            ) -> tuple[float, ...]:
                def at(one: float) -> object:
                    return adaptive_response(
                        h,
                        INTRINSIC,
                        one,
                        TEMPERATURE,
                        rtol=1e-3,
                        scale=scale,
                        pool=pool,
                        operations=part,  # type: ignore[arg-type]
                    )

                return max((seconds(lambda one=one: at(one)) for one in mu[20::40]), key=lambda t: t[1])

            name = f"chi, alpha at 10 K, {key}, {{}} mu{{}} [s]"
            for part, where in ((operations, ""), ((), ", whole zone")):
                low, middle, high = worst(part)
                yield Row(name.format(1, where), None if where else POINT, True, middle, low, high)
            low, middle, high = seconds(curve)
            whole = bool(found.converged.all())  # type: ignore[attr-defined]
            yield Row(name.format(200, ""), CURVE, True, middle, low, high, "" if whole else "NOT CONVERGED")
