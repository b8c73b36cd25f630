"""What has been asked of a ranker since it was loaded: values, numbers and scores.

A request only leaves its encoded rows here; they are counted later, many at a time, by
a thread of their own. Counts are one flat array, so that those of several processes are
added up without knowing what they mean.
"""

from collections import deque
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.batch import Batch
from fieldwise.schema import Label, Schema

__all__ = ["NUM_VALUES", "Traffic", "TrafficLayout", "score_edges"]

NUM_VALUES = 1002
"""Counted by field: unknown ones, the first thousand of the vocabulary, the rest."""
MAX_LEFT_ROWS = 200_000
"""Rows that wait to be counted; what comes beyond them is not counted."""

_PROBABILITIES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
_HIGH_PROBABILITIES = (0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_DEVIATIONS = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)

Counts = NDArray[np.float64]


def score_edges(label: Label) -> list[float]:
    """Upper ends of the buckets that scores are counted in, the last one left out.

    Args:
        label: of the scores.

    Returns:
        Probabilities, denser where they are small; of a real label, numbers around its
        mean.
    """
    if label.kind == "real":
        return [label.center + step * label.scale for step in _DEVIATIONS]
    return [*_PROBABILITIES, *_HIGH_PROBABILITIES]


@final
class TrafficLayout:
    """Where each count stands in the flat array.

    Args:
        schema: of the ranker.

    Attributes:
        fields: names of those with an index, then of those with lists.
        numbers: names of the number fields.
        edges: of the buckets of scores, by label.
        size: of the array.
    """

    def __init__(self, schema: Schema) -> None:
        looked_up = (*schema.index_fields, *schema.sequence_fields)
        self.fields = [field.name for field in looked_up]
        self.numbers = [field.name for field in schema.number_fields]
        self.edges = {label.name: score_edges(label) for label in schema.labels}
        # All buckets of a label, and the sum of its scores.
        widths = [len(edges) + 2 for edges in self.edges.values()]
        parts = [len(self.fields) * NUM_VALUES, 3 * len(self.numbers), *widths]
        self._starts = np.cumsum([0, *parts]).tolist()
        self.size = self._starts[-1]

    def values(self, counts: Counts) -> Counts:
        """Counts of values, ``(field, NUM_VALUES)``."""
        return counts[: self._starts[1]].reshape(-1, NUM_VALUES)

    def moments(self, counts: Counts) -> Counts:
        """How many numbers, their sum and that of squares, ``(3, number)``."""
        return counts[self._starts[1] : self._starts[2]].reshape(3, -1)

    def scores(self, counts: Counts, task: int) -> Counts:
        """Counts of scores by bucket, and last the sum of the scores."""
        return counts[self._starts[2 + task] : self._starts[3 + task]]


@final
class Traffic:
    """Counts what one process has scored with one version of a ranker.

    Args:
        schema: of the ranker.
        layout: of the counts.
        counts: to add to, ``(layout.size,)``.
    """

    def __init__(self, schema: Schema, layout: TrafficLayout, counts: Counts) -> None:
        self.layout = layout
        self.counts = counts
        self._offsets = np.array(schema.table_offsets, dtype=np.int64)
        self._num_indices = len(schema.index_fields)
        self._left: deque[tuple[Batch, Counts]] = deque()
        self._left_rows = 0

    def observe(self, batch: Batch, scores: Counts) -> None:
        """Leave rows to be counted.

        Args:
            batch: encoded rows.
            scores: what was said of them, ``(row, task)``.
        """
        # Two threads may both pass here: the limit is then met by a few rows less.
        if self._left_rows < MAX_LEFT_ROWS:
            self._left_rows += len(batch)
            self._left.append((batch, scores))

    def settle(self) -> None:
        """Count all rows that were left. Only one thread may call this."""
        self._left_rows = 0
        parts = [self._left.popleft() for _ in range(len(self._left))]
        if not parts:
            return
        self._count_values([batch for batch, _ in parts])
        self._count_numbers([batch for batch, _ in parts])
        scores = np.concatenate([part for _, part in parts])
        for task, edges in enumerate(self.layout.edges.values()):
            column = scores[:, task]
            buckets = np.searchsorted(edges, column, side="left")
            into = self.layout.scores(self.counts, task)
            into[:-1] += np.bincount(buckets, minlength=len(edges) + 1)
            into[-1] += column.sum()

    def _count_values(self, batches: list[Batch]) -> None:
        found = self.layout.values(self.counts)
        if self._num_indices:
            indices = np.concatenate([batch.indices.numpy() for batch in batches])
            own = indices - self._offsets[: self._num_indices]
            places = np.minimum(own, NUM_VALUES - 1)
            places += NUM_VALUES * np.arange(self._num_indices)
            counts = np.bincount(
                places.ravel(), minlength=self._num_indices * NUM_VALUES
            )
            found[: self._num_indices] += counts.reshape(-1, NUM_VALUES)
        for place in range(self._num_indices, len(self._offsets)):
            sequence = place - self._num_indices
            items = np.concatenate([_items(batch, sequence) for batch in batches])
            own = np.minimum(items - self._offsets[place], NUM_VALUES - 1)
            found[place] += np.bincount(own, minlength=NUM_VALUES)

    def _count_numbers(self, batches: list[Batch]) -> None:
        numbers = np.concatenate([batch.numbers.numpy() for batch in batches])
        present = np.isfinite(numbers)
        filled = np.where(present, numbers, 0.0).astype(np.float64)
        into = self.layout.moments(self.counts)
        into += [present.sum(axis=0), filled.sum(axis=0), (filled**2).sum(axis=0)]


def _items(batch: Batch, sequence: int) -> NDArray[np.int32]:
    ends = batch.sequence_offsets[:: len(batch)].tolist()
    items: NDArray[np.int32] = batch.sequence_indices.numpy()
    return items[ends[sequence] : ends[sequence + 1]]
