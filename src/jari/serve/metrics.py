"""What the server counts, for Prometheus. Each worker process counts for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_TOGETHER: Final = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Counters and histograms of one app, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("jari_requests", "Requests answered.", ["route", "status"], registry=self._registry)
        self._seconds = Histogram(
            "jari_request_seconds",
            "Seconds until an answer was complete.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._together = Histogram(
            "jari_batch_questions", "Questions that were answered together.", buckets=_TOGETHER, registry=self._registry
        )
        self.running = Gauge("jari_requests_running", "Requests that are being answered.", registry=self._registry)
        # labels() takes a lock and makes tuples: 3 µs that a dictionary saves
        self._counters: dict[tuple[str, int], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        counter = self._counters.get((route, status))
        if counter is None:
            counter = self._counters[route, status] = self._requests.labels(route, str(status))
        histogram = self._histograms.get(route)
        if histogram is None:
            histogram = self._histograms[route] = self._seconds.labels(route)
        counter.inc()
        histogram.observe(seconds)

    def batch(self, questions: int) -> None:
        """Count a batch."""
        self._together.observe(questions)

    def items(self, sizes: Callable[[], Iterable[tuple[str, str, int]]]) -> None:
        """Ask for names, kinds and sizes of things whenever somebody reads the figures."""

        class Items(Collector):
            def collect(self) -> Iterable[GaugeMetricFamily]:
                family = GaugeMetricFamily("jari_items", "Keys of each thing on the shelf.", labels=["name", "kind"])
                for name, kind, size in sizes():
                    family.add_metric([name, kind], size)
                yield family

        self._registry.register(Items())

    def text(self) -> bytes:
        """All figures, in Prometheus's text format."""
        return generate_latest(self._registry)
