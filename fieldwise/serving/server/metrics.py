"""What Prometheus reads: requests, rows, values, scores, drift."""

import os
from functools import cache
from typing import Any, final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

__all__ = ["METRICS_TYPE", "SHARED", "RequestMetrics", "forget_process"]

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (
    0.001,
    0.002,
    0.003,
    0.005,
    0.0075,
    0.01,
    0.02,
    0.03,
    0.05,
    0.1,
    0.3,
    1,
    3,
    10,
)
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder in which several processes count together."""


@final
class RequestMetrics:
    """Counts requests.

    Several processes count in files of a folder that the environment names, and each
    of them answers for all.

    Attributes:
        registry: whoever tells of more registers here.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        own = None if SHARED in os.environ else self.registry
        labels = ("ranker", "endpoint")
        self._seconds = Histogram(
            "fieldwise_request_seconds",
            "Seconds from the head of a request to its answer.",
            labels,
            buckets=SECONDS,
            registry=own,
        )
        self._requests = Counter(
            "fieldwise_requests",
            "Requests by the status of their answer.",
            (*labels, "status"),
            registry=own,
        )
        self._rows = Counter(
            "fieldwise_rows", "Rows that were scored.", labels, registry=own
        )
        self._open = Gauge(
            "fieldwise_requests_in_progress",
            "Requests that wait for their answer.",
            multiprocess_mode="livesum",
            registry=own,
        )
        if own is None:
            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
        self._child = cache(self._children)

    def _children(self, ranker: str, endpoint: str, status: int) -> tuple[Any, ...]:
        return (
            self._seconds.labels(ranker, endpoint),
            self._requests.labels(ranker, endpoint, str(status)),
            self._rows.labels(ranker, endpoint),
        )

    def begin(self) -> None:
        """Count a request that waits for its answer."""
        self._open.inc()

    def end(
        self, ranker: str, endpoint: str, status: int, *, seconds: float, num_rows: int
    ) -> None:
        """Count a request that was answered.

        Args:
            ranker: that was asked; empty for none.
            endpoint: that was asked; none but those there are.
            status: of the answer.
            seconds: it took.
            num_rows: rows that were scored.
        """
        self._open.dec()
        took, requests, rows = self._child(ranker, endpoint, status)
        took.observe(seconds)
        requests.inc()
        if num_rows:
            rows.inc(num_rows)

    def text(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self.registry)


def forget_process(number: int) -> None:
    """Leave a process that died out of what is counted of living ones.

    Args:
        number: of the process.
    """
    mark_process_dead(number)  # type: ignore[no-untyped-call]
