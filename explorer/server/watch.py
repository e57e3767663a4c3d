"""What tells how a server fares: `/healthz`, and `/metrics` for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from tornado.web import RequestHandler

from explorer.app.counts import COUNTS
from explorer.session.uploads import held_bytes


def resident_bytes() -> int:
    """Memory of this process that is in use; 0 where the system does not say."""
    try:
        status = Path("/proc/self/statm").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(status.split()[1]) * 4096


class Figures(Collector):
    """Read when they are asked for. sessions, waiting : how many pages are open, and in the queue."""

    def __init__(self, sessions: Callable[[], int], waiting: Callable[[], int]) -> None:
        self._sessions, self._waiting = sessions, waiting

    def collect(self) -> list[Metric]:
        """All of them."""
        from explorer.meshes.cache import SHARED  # loads the physics, which the first page does not wait for

        gauges = {
            "sessions": ("Pages that are open", self._sessions()),
            "queue": ("Visitors who wait for a page", self._waiting()),
            "memory_bytes": ("Resident memory of the process", resident_bytes()),
            "cache_bytes": ("Geometries in memory", SHARED.held_bytes),
            "uploads_bytes": ("Files that visitors have sent", held_bytes()),
        }
        counters = {
            "ticks": ("Moves of sliders that were heard", COUNTS.ticks),
            "frames": ("Frames that were sent", COUNTS.frames),
            "pages": ("Pages that were made", COUNTS.pages),
            "refusals": ("Sources and files that were refused", COUNTS.refusals),
        }
        found: list[Metric] = [
            GaugeMetricFamily(f"om_explorer_{name}", words, value=value)
            for name, (words, value) in gauges.items()
        ]
        found += [
            CounterMetricFamily(f"om_explorer_{name}", words, value=value)
            for name, (words, value) in counters.items()
        ]
        return found


class Health(RequestHandler):
    """`/healthz`: the loop answers."""

    def get(self) -> None:
        """Say so."""
        self.set_header("Cache-Control", "no-store")
        self.write({"status": "ok"})


class Metrics(RequestHandler):
    """`/metrics`: figures as Prometheus reads them."""

    def initialize(self, registry: CollectorRegistry) -> None:
        """Keep the registry."""
        self._registry = registry

    def get(self) -> None:
        """All figures."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.set_header("Cache-Control", "no-store")
        self.write(generate_latest(self._registry))


def patterns(sessions: Callable[[], int], waiting: Callable[[], int]) -> list[Any]:
    """Both addresses with their handlers."""
    registry = CollectorRegistry()
    registry.register(Figures(sessions, waiting))
    return [(r"/healthz", Health), (r"/metrics", Metrics, {"registry": registry})]
