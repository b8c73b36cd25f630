"""What has been asked of the rankers, for Prometheus."""

import logging
import os
import time
from collections.abc import Iterator
from threading import Thread, get_native_id
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from fieldwise.serving.server.served import Served
from fieldwise.serving.server.shared_counts import total_counts
from fieldwise.serving.server.shelf import NICE, Shelf
from fieldwise.serving.server.value_drift import FieldMovement, movements

__all__ = ["TrafficMetrics"]

_LOG = logging.getLogger("fieldwise.serving")
SETTLE_SECONDS = 1.0
DRIFT_SECONDS = 30.0
"""Between two comparisons with training; the first one comes with the first rows."""

Counts: TypeAlias = NDArray[np.float64]
Family: TypeAlias = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


@final
class TrafficMetrics:
    """Counts and compares in a thread of its own, and tells when it is asked.

    Args:
        shelf: the rankers.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._compared: dict[str, tuple[str, float, dict[str, FieldMovement]]] = {}

    def start(self) -> None:
        """Count from now on."""
        Thread(target=self._work, name="fieldwise-traffic", daemon=True).start()

    def _work(self) -> None:
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), NICE)
        while True:
            time.sleep(SETTLE_SECONDS)
            for name in self._shelf.names:
                try:
                    self.settle(self._shelf.get(name))
                except Exception:
                    _LOG.exception("counting failed", extra={"told": {"ranker": name}})

    def settle(self, served: Served) -> None:
        """Count what was asked of a ranker, and compare it with training if it is time.

        Args:
            served: the ranker.
        """
        served.traffic.settle()
        version, when, _ = self._compared.get(served.name, ("", 0.0, {}))
        now = time.monotonic()
        if version == served.version and now - when < DRIFT_SECONDS:
            return
        layout = served.traffic.layout
        values = layout.values(_total(served)).astype(np.int64)
        if values.any():
            after = dict(zip(layout.fields, values, strict=True))
            moved = movements(served.training, after)
            self._compared[served.name] = (served.version, now, moved)

    def collect(self) -> Iterator[Family]:
        """Tell.

        Yields:
            Families of metrics.
        """
        found = [self._shelf.get(name) for name in self._shelf.names]
        counted = [(served, _total(served)) for served in found]
        yield from _versions(self._shelf, found)
        yield from _values(counted)
        yield from _numbers(counted)
        yield _scores(counted)
        yield from self._drift(found)

    def _drift(self, found: list[Served]) -> Iterator[Family]:
        labels = ("ranker", "field")
        divergence = GaugeMetricFamily(
            "fieldwise_drift_divergence",
            "Jensen-Shannon divergence of values from training, nats.",
            labels=labels,
        )
        chance = GaugeMetricFamily(
            "fieldwise_drift_chance",
            "What chance alone makes of that divergence, at most.",
            labels=labels,
        )
        index = GaugeMetricFamily(
            "fieldwise_drift_stability_index",
            "Population stability index of values against training, nats.",
            labels=labels,
        )
        for served in found:
            version, _, moved = self._compared.get(served.name, ("", 0.0, {}))
            if version != served.version:
                continue
            for name, movement in moved.items():
                divergence.add_metric([served.name, name], movement.divergence)
                chance.add_metric([served.name, name], movement.chance)
                index.add_metric([served.name, name], movement.stability_index)
        yield from (divergence, chance, index)


def _total(served: Served) -> Counts:
    return total_counts(served.name, served.version, served.traffic.counts)


def _versions(shelf: Shelf, found: list[Served]) -> Iterator[Family]:
    info = GaugeMetricFamily(
        "fieldwise_ranker_info", "The version served.", labels=("ranker", "version")
    )
    loaded = GaugeMetricFamily(
        "fieldwise_ranker_loaded_timestamp_seconds",
        "When this process loaded it.",
        labels=("ranker",),
    )
    swaps = CounterMetricFamily(
        "fieldwise_ranker_swaps",
        "New versions that this process took over or refused.",
        labels=("ranker", "outcome"),
    )
    for served in found:
        info.add_metric([served.name, served.version], 1.0)
        loaded.add_metric([served.name], served.loaded_at)
        swaps.add_metric([served.name, "taken"], shelf.swaps[served.name])
        swaps.add_metric([served.name, "refused"], shelf.refusals[served.name])
    yield from (info, loaded, swaps)


def _values(counted: list[tuple[Served, Counts]]) -> Iterator[Family]:
    labels = ("ranker", "field")
    values = CounterMetricFamily(
        "fieldwise_values", "Values asked about, by field.", labels=labels
    )
    unknown = CounterMetricFamily(
        "fieldwise_unknown_values", "Those the ranker does not know.", labels=labels
    )
    at_fit = GaugeMetricFamily(
        "fieldwise_unknown_share_at_fit",
        "Share of unknown values in the rows the ranker was validated on.",
        labels=labels,
    )
    for served, counts in counted:
        layout = served.traffic.layout
        table = layout.values(counts)
        for name, row in zip(layout.fields, table, strict=True):
            values.add_metric([served.name, name], float(row.sum()))
            unknown.add_metric([served.name, name], float(row[0]))
        shares = served.ranker.info.get("unknown_shares", {}).get("valid", {})
        for name, share in shares.items():
            at_fit.add_metric([served.name, name], float(share))
    yield from (values, unknown, at_fit)


def _numbers(counted: list[tuple[Served, Counts]]) -> Iterator[Family]:
    labels = ("ranker", "field")
    mean = GaugeMetricFamily(
        "fieldwise_number_mean",
        "Mean of standardised numbers; it was 0 in training.",
        labels=labels,
    )
    deviation = GaugeMetricFamily(
        "fieldwise_number_deviation",
        "Standard deviation of standardised numbers; it was 1 in training.",
        labels=labels,
    )
    for served, counts in counted:
        layout = served.traffic.layout
        for name, (count, total, squares) in zip(
            layout.numbers, layout.moments(counts).T.tolist(), strict=True
        ):
            if count:
                center = total / count
                spread = max(0.0, squares / count - center**2) ** 0.5
                mean.add_metric([served.name, name], center)
                deviation.add_metric([served.name, name], spread)
    yield from (mean, deviation)


def _scores(counted: list[tuple[Served, Counts]]) -> HistogramMetricFamily:
    scores = HistogramMetricFamily(
        "fieldwise_scores",
        "Probabilities, or values of a real label.",
        labels=("ranker", "label"),
    )
    for served, counts in counted:
        layout = served.traffic.layout
        for task, (label, edges) in enumerate(layout.edges.items()):
            *found, total = layout.scores(counts, task).tolist()
            ends = [*map(str, edges), "+Inf"]
            sums: list[Any] = np.cumsum(found).tolist()
            buckets = list(zip(ends, sums, strict=True))
            scores.add_metric([served.name, label], buckets, total)
    return scores
